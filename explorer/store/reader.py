"""Reading a store's file beside whoever writes to it, also from a folder that may not be written.

There SQLite can make no file of locks. While somebody writes there is one, and whoever is connected keeps it, and the
log of commits, from vanishing. While nobody does, the file is read as if nobody could: without locks, so it is looked
before and after whether it is the same still. What was read of one that is not, is thrown away.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from explorer.errors import Busy, Damaged, ReadOnly
from explorer.store.engine import Traces, is_still, open_engine, reading, traces
from explorer.store.place import Place

P = ParamSpec("P")
T = TypeVar("T")


class Disturbed(Busy):
    """Somebody began to write while the file was read as if nobody could."""


def undisturbed(read: Callable[P, T]) -> Callable[P, T]:
    """A function that reads again where it is disturbed; for those that are quick."""

    @wraps(read)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        while True:
            try:
                return read(*args, **kwargs)
            except Disturbed:
                continue

    return again


class Reader:
    """One store's. Safe to use from several threads. `engine` writes as well, unless it is `read_only`."""

    def __init__(self, path: Path, place: Place, what: str, *, read_only: bool) -> None:
        self._path, self._place, self._what, self._read_only = path, place, what, read_only
        self._lock = Lock()
        self.engine, self._still = self._opened()

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A short read transaction. Raises Disturbed at its end if nothing that it has read may be used."""
        self._place.check()
        with self._lock:
            if self._has_moved(self._still):
                self.engine.dispose()
                self.engine, self._still = self._opened()
            engine, still = self.engine, self._still
        try:
            with reading(engine, self._path, self._what) as connection:
                yield connection
        except Damaged as error:
            self._check(still, error)
            raise
        self._check(still)

    def _check(self, still: Traces | None, error: Damaged | None = None) -> None:
        if self._has_moved(still):
            raise Disturbed(f"{self._path} was written to while it was read. Try again.") from error

    def _has_moved(self, still: Traces | None) -> bool:
        return still is not None and traces(self._path) != still

    def _opened(self) -> tuple[Engine, Traces | None]:
        """An engine; and the file's traces where it is read as if nobody could write to it."""
        while True:
            found = traces(self._path)
            still = found if self._read_only and is_still(self._path) else None
            engine = open_engine(
                self._path, self._what, read_only=self._read_only, still=still is not None, create=False
            )
            if not self._read_only or self._is_connected(engine, found):
                return engine, still

    def _is_connected(self, engine: Engine, found: Traces) -> bool:
        """Whether the log of commits is held. It is not where whoever wrote last has just taken it away with him."""
        try:
            with reading(engine, self._path, self._what):
                return True
        except ReadOnly:
            engine.dispose()
            if traces(self._path) == found:
                raise
            return False
