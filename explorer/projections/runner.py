"""The projector: follows the log and keeps the cache caught up, whoever calls it first.

A batch takes the cache's write lock, reads where the cache really is, applies the next events and commits rows and
checkpoints together. So it is idempotent, and two processes may both call it: one finds nothing left to do.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from explorer.domain.privacy import STREAM, SubjectErased
from explorer.errors import Busy, Cancelled, Damaged
from explorer.projections.cache import Cache, Discarded
from explorer.projections.projection import Change, Projection
from explorer.projections.rebuilding import Rebuild, claim, nothing_collected, under_way
from explorer.projections.states import States
from explorer.projections.tables import projections
from explorer.store.codec import Essence
from explorer.store.event_store import EventStore
from explorer.store.protection import Protection

BATCH = 2_000
"""Events of one transaction while others may wait for the lock."""
CHUNK = 500
"""Events that all projections are given before the next ones: as many as stay in the processor's own cache."""
STUCK = 3.0
"""Seconds that another may hold the lock without getting any further; then he stands still, and is left behind."""

Progress = Callable[[int, int], None]
"""Called with (events done, events in all) after each batch; may raise Cancelled to stop between two batches."""


class Checkpoint(NamedTuple):
    """The last position applied and the leaf hash of its event."""

    position: int
    leaf: bytes


def no_progress(done: int, total: int) -> None:
    del done, total


class Applier:
    """Applies records to the tables behind a cursor. Knows nothing of files, locks and transactions."""

    def __init__(self, store: EventStore) -> None:
        self._codec = store.codec
        self._projections: tuple[Projection, ...] = tuple(projections())
        self._states = States(store)
        self.reached: int | None = None
        self._time: int | None = None

    def apply(self, records: list[Essence], cursor: Any) -> None:
        """Applies consecutive records that begin behind the checkpoint, and moves it."""
        if self.reached != records[0].position - 1:
            self.forget()
        for start in range(0, len(records), CHUNK):
            self._apply(records[start : start + CHUNK], cursor)

    def _apply(self, records: list[Essence], cursor: Any) -> None:
        poison: list[tuple[int, str]] = []
        changes = [self._change(record, poison, cursor) for record in records]
        for projection in self._projections:
            projection.apply(changes, cursor)
        self._states.flush(cursor)
        cursor.executemany("INSERT INTO poison VALUES (?, ?)", poison)
        last = records[-1]
        cursor.executemany(
            "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, ?)",
            [(projection.name, projection.version, last.position, last.leaf) for projection in self._projections],
        )
        self.reached = last.position

    def forget(self) -> None:
        """Drops what is remembered of the tables: they have moved on without us, or a transaction failed."""
        for projection in self._projections:
            projection.forget()
        self._states.forget()
        self._time = self.reached = None

    def _change(self, record: Essence, poison: list[tuple[int, str]], cursor: Any) -> Change:
        known, time = self._states.before(record, cursor), self._time
        if time is None or record.occurred_at > time:
            time = self._time = self._time_of(record, cursor)
        if known.decider is None:
            return Change(record, known.category, known.id, time, None, None, None)
        before = after = known.state
        event = None
        try:
            event = self._codec.typed(record, known.category)
            after = known.decider.evolve(before, event)
        except Damaged as error:
            poison.append((record.position, str(error)))
        self._states.reached(known, record, after)
        return Change(record, known.category, known.id, time, event, before, after)

    def _time_of(self, record: Essence, cursor: Any) -> int:
        """The greatest occurred_at up to and including `record`."""
        reached = self._time
        if reached is None:
            row = cursor.execute("SELECT time FROM moment ORDER BY position DESC LIMIT 1").fetchone()
            reached = row[0] if row else record.occurred_at
        return max(reached, record.occurred_at)


class _Erased(Exception):
    """The log tells of an erasure since the tables were begun: they may hold what was erased."""


class Projector:
    """Keeps one cache caught up with one store.

    An erasure is an event too: a cache that comes to one is thrown away, whosever it is, and made anew without the key.
    """

    def __init__(
        self,
        store: EventStore,
        cache: Cache,
        protection: Protection,
        own_id: UUID,
        clock: Callable[[], int],
    ) -> None:
        self._store, self._cache, self._protection = store, cache, protection
        self._clock, self._id = clock, own_id
        self._applier = Applier(store)
        self._applied_to = cache.path
        self._rebuild: Rebuild | None = None
        self._blocked: tuple[object, float] | None = None

    def close(self) -> None:
        """Gives up what `catch_up` has begun to build."""
        self._give_up()

    @property
    def is_building(self) -> bool:
        """Whether `catch_up` has begun a rebuild here, and goes on with it when it is called again."""
        return self._rebuild is not None

    def others_rebuild(self) -> tuple[int, int] | None:
        """How far the rebuild of another process has come: events read, events in all. None if there is none."""
        with self._cache.reading() as connection:
            return under_way(connection, self._clock(), self._id.bytes)

    def catch_up(self, progress: Progress = no_progress) -> int:
        """Applies what is new; the number of events it applied itself. A cache that is damaged is begun anew.

        A cache of another version is built anew, by whoever comes first, while it goes on answering. Where `progress`
        raises in the midst of that, the next call goes on there.

        Raises Busy if another process is projecting: ask again later, or read what it has got to. One that holds the
        lock and stands still is left behind with a file that nobody looks at any more.
        """
        try:
            applied = self._follow(progress)
        except Discarded:
            self._applier.forget()
            applied = self._follow(progress)
        except Busy:
            if not self._is_stuck():
                raise
            if self._cache.is_stand_in:
                # A copy of it would be no more ours than it is: what takes its place is built from the events.
                self._rebuild = self._rebuild or self._begin_rebuild()
            else:
                with suppress(FileNotFoundError):
                    self._cache.take_over()
            applied = self._follow(progress)
        self._blocked = None
        return applied

    def _is_stuck(self) -> bool:
        """Whether whoever holds the lock has not got any further since we first found him there, long ago."""
        reached = self._cache.path, checkpoint_of(self._cache)
        if self._blocked is None or self._blocked[0] != reached:
            self._blocked = reached, monotonic()
        return monotonic() - self._blocked[1] >= STUCK

    def _follow(self, progress: Progress) -> int:
        if self._cache.refresh():
            self._applier.forget()
        if self._cache.is_stand_in:
            if self._cache.erasures == self._erasures() and not self._is_other_history():
                return self._replace(progress)
            self._begin_anew()
        self._give_up()
        applied = 0
        while True:
            batch = self._batch()
            if not batch:
                return applied
            applied += batch
            progress(checkpoint_of(self._cache), self._store.head().size)

    def _batch(self) -> int:
        # Looked at before taking the lock, so that a reader with nothing to do never waits for one.
        if self._is_other_history():
            self._begin_anew()
        if checkpoint_of(self._cache) >= self._store.head().size:
            return 0
        while True:
            try:
                return self._apply_batch()
            except _Erased:
                self._begin_anew()
            except BaseException:
                self._applier.forget()
                raise

    def _replace(self, progress: Progress) -> int:
        """Builds what takes the place of a cache of another version, unless another process does."""
        if self._rebuild is None:
            if not claim(self._cache, self._id, self._clock()):
                progress(*(self.others_rebuild() or (0, self._store.head().size)))
                return 0
            self._rebuild = self._begin_rebuild()
        try:
            while self._rebuild.go_on():
                progress(self._rebuild.reached, self._store.head().size)
            self._rebuild.finish()
        except Cancelled:
            raise
        except BaseException as error:
            self._give_up()
            if not isinstance(error, _Erased | FileNotFoundError):
                raise
            return self._follow(progress)
        applied, self._rebuild = self._rebuild.reached, None
        self._applier.forget()
        return applied

    def _give_up(self) -> None:
        if self._rebuild is not None:
            self._rebuild.close()
            self._rebuild = None

    def _begin_rebuild(self) -> Rebuild:
        applier = Applier(self._store)

        def apply(records: list[Essence], reached: int, cursor: Any) -> None:
            self._check_erasures(records, reached, cursor, begun)
            applier.apply(records, cursor)

        begun = self._erasures()
        return Rebuild(self._store, self._cache, self._id, self._clock, begun, apply)

    def _begin_anew(self) -> None:
        self._cache.begin_anew(self._erasures())
        self._applier.forget()

    def _apply_batch(self) -> int:
        with self._cache.writing() as cursor, nothing_collected():
            if self._cache.path != self._applied_to:
                # Another process has swapped its own in meanwhile.
                self._applier.forget()
                self._applied_to = self._cache.path
            reached = _checkpoint(cursor).position
            records = self._store.essences(reached, BATCH)
            if records:
                self._check_erasures(records, reached, cursor, self._cache.erasures)
                self._applier.apply(records, cursor)
        return len(records)

    def _erasures(self) -> int:
        self._protection.refresh()
        return self._protection.erasures

    def _check_erasures(self, records: Sequence[Essence], reached: int, cursor: Any, begun: int) -> None:
        """Before records are applied behind a position: raises _Erased where they tell of a new erasure.

        Or where nothing is applied yet and more are known than were when the file was `begun`: by its name others see
        what it may hold, and it is their swap that removes what was begun before.
        """
        if reached == 0 and self._erasures() != begun:
            raise _Erased
        told = [record for record in records if record.stream == STREAM]
        if told:
            # Also where protection begins here: what follows is sealed.
            self._protection.refresh()
            (known,) = cursor.execute("SELECT erasures FROM source").fetchone()
            if any(record.version > known and record.type == SubjectErased.__name__ for record in told):
                raise _Erased
            cursor.execute("UPDATE source SET keys = ?", (self._protection.key_file_name,))

    def _is_other_history(self) -> bool:
        """Whether the log has not the event this cache was last caught up with: restored, replaced, rolled back.

        Or the key file was taken away since, or is back, or another.
        """
        with self._cache.reading() as connection:
            cursor = connection.connection.cursor()
            checkpoint = _checkpoint(cursor)
            (keys,) = cursor.execute("SELECT keys FROM source").fetchone()
        if checkpoint.position == 0:
            return False
        if keys not in ("", self._protection.key_file_name):
            return True
        found = self._store.essences(checkpoint.position - 1, 1)
        return not found or found[0].leaf != checkpoint.leaf

    def rebuild(self, progress: Progress = no_progress) -> int:
        """Builds a new cache file from the first event on and swaps it in; the old one answers meanwhile.

        Returns the number of events. On Cancelled (raised by `progress`) or any failure nothing has changed.
        """
        while True:
            rebuild = self._begin_rebuild()
            try:
                while rebuild.go_on():
                    progress(rebuild.reached, self._store.head().size)
                rebuild.finish()
            except BaseException as error:
                rebuild.close()
                if not isinstance(error, _Erased | FileNotFoundError):
                    raise
                continue  # somebody was erased meanwhile; another process may have cleared this one away already
            self._applier.forget()
            return rebuild.reached


def _checkpoint(cursor: Any) -> Checkpoint:
    """The least advanced projection's; they move together."""
    row = cursor.execute("SELECT position, leaf FROM checkpoint ORDER BY position LIMIT 1").fetchone()
    return Checkpoint(*row) if row else Checkpoint(0, b"")


def checkpoint_of(cache: Cache) -> int:
    """The position up to which the cache answers."""
    with cache.reading() as connection:
        return _checkpoint(connection.connection.cursor()).position
