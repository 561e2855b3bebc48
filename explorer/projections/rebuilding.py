"""A rebuild: the next generation of a cache, made from the first event on while the present one goes on answering.

How far it has come is told in the present one's own tables, where everybody who asks it may see that. Who finds a
rebuild under way leaves it to whoever is at it, unless that one was asked for by name.
"""

import gc
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from explorer.errors import Busy
from explorer.projections.cache import WHAT, Cache, Discarded, open_building, unless_removed
from explorer.projections.generations import remove
from explorer.store.codec import Essence
from explorer.store.engine import make_shared, writing
from explorer.store.event_store import EventStore

REBUILD_BATCH = 10_000
"""Events of one transaction of a rebuild."""
COLLECT = 1_000_000
"""Events of a rebuild between two searches for cyclic garbage in all that lives: the window's may be there, too."""
REBUILD_PAGE_CACHE = 128 * 1024
"""KiB."""
SILENT = 10_000_000
"""µs without a word after which a rebuild is taken for given up."""

Apply = Callable[[list[Essence], int, Any], None]
"""Applies records behind a position to the tables behind a cursor."""


def under_way(connection: Connection, now: int, but_for: bytes = b"") -> tuple[int, int] | None:
    """How many events a rebuild has read, and of how many; None if there is none. `now` is µs UTC."""
    sql = "SELECT done, total FROM rebuild WHERE one = 1 AND builder <> ? AND abs(? - at) <= ?"
    row = connection.connection.cursor().execute(sql, (but_for, now, SILENT)).fetchone()
    return (row[0], row[1]) if row else None


class Rebuild:
    """One rebuild, from its beginning until it is swapped in or closed."""

    def __init__(
        self, store: EventStore, cache: Cache, builder: UUID, clock: Callable[[], int], erasures: int, apply: Apply
    ) -> None:
        self._store, self._cache, self._builder, self._clock = store, cache, builder.bytes, clock
        self._apply = apply
        self._path = cache.new_generation(erasures)
        self._engine = open_building(self._path, REBUILD_PAGE_CACHE)
        self.reached = 0

    def go_on(self) -> bool:
        """Reads the next batch; whether there was one. Whatever it raises, the rebuild must be closed."""
        with nothing_collected():
            records = self._store.essences(self.reached, REBUILD_BATCH)
            if not records:
                return False
            with unless_removed(self._path), writing(self._engine, self._path, WHAT) as connection:
                self._apply(records, self.reached, connection.connection.cursor())
        self.reached = records[-1].position
        # What is young is looked through soon enough; all that lives only now and then.
        gc.collect(1 if self.reached % COLLECT else 2)
        self._tell()
        return True

    def finish(self) -> None:
        """Swaps it in."""
        make_shared(self._engine, self._path, WHAT)
        self._engine.dispose()
        self._cache.swap(self._path)

    def close(self) -> None:
        """Gives it up, if it is not swapped in; does nothing where it was."""
        self._engine.dispose()
        if self._path.exists():
            remove(self._path)
            with suppress(Busy, Discarded), self._cache.writing() as cursor:
                cursor.execute("DELETE FROM rebuild WHERE builder = ?", (self._builder,))

    def _tell(self) -> None:
        # Who holds the lock just now tells something newer; the next batch comes soon.
        with suppress(Busy, Discarded), self._cache.writing() as cursor:
            told = self._builder, self.reached, self._store.head().size, self._clock()
            cursor.execute("INSERT OR REPLACE INTO rebuild VALUES (1, ?, ?, ?, ?)", told)


def claim(cache: Cache, builder: UUID, now: int) -> bool:
    """Whether the rebuild is ours to make; from now on it is. Raises Busy."""
    with cache.writing() as cursor:
        sql = "SELECT 1 FROM rebuild WHERE builder <> ? AND abs(? - at) <= ?"
        if cursor.execute(sql, (builder.bytes, now, SILENT)).fetchone():
            return False
        cursor.execute("INSERT OR REPLACE INTO rebuild VALUES (1, ?, 0, 0, ?)", (builder.bytes, now))
    return True


@contextmanager
def nothing_collected() -> Generator[None]:
    """Without the collector of cyclic garbage: a batch makes none, and is slowed by a third when it is sought there."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
