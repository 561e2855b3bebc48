"""Is the log whole and unaltered, is it the one that was signed, and does the read side say what the log says?

Everything is read in short pages, in memory that does not grow with the log, up to a head that is fixed at the start:
who appends meanwhile disturbs nothing. First in order of position (`log_check`), then the index of streams
(`version_check`), then what is held against the log (`checkpoint_check`); for a report also stream by stream: every
event readable, and its fold what the cache shows.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from explorer.application.cache_check import CacheCheck
from explorer.application.checkpoint_check import checkpoint_checks
from explorer.application.checkpoints import Known, known_checkpoints
from explorer.application.faults import Check, Faults, counted
from explorer.application.keys import known_keys
from explorer.application.log_check import LogCheck, Reached
from explorer.application.log_reading import envelope_fault
from explorer.application.session import Session
from explorer.application.version_check import VersionCheck
from explorer.domain.event import category_of
from explorer.errors import Damaged
from explorer.projections.runner import Progress, no_progress
from explorer.proof import merkle
from explorer.proof.note import Key
from explorer.store.codec import Record, leaf_bytes
from explorer.store.event_store import PAGE, Head

STREAMS = 200
"""Names of streams fetched at a time: each is a look-up, and a Cancel waits for them."""


class Verdict(NamedTuple):
    """The outcome of all checks of a log of `events` events whose Merkle root is `root`.

    The first `read_before` of them were read before the verification was stopped, and not again. `time` is the log's.
    """

    events: int
    root: bytes
    checks: tuple[Check, ...]
    read_before: int = 0
    time: int = 0

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    @property
    def damaged(self) -> tuple[int, ...]:
        """The positions that checks have named, the first of many, in order."""
        return tuple(sorted({position for check in self.checks for position in check.positions if position > 0}))

    @property
    def reasons(self) -> tuple[str, ...]:
        """What is wrong with each of the `damaged`, as the first check that named it says."""
        named = [pair for check in self.checks for pair in zip(check.positions, check.reasons, strict=True)]
        first = dict(reversed(named))
        return tuple(first[position] for position in self.damaged)

    def in_words(self) -> str:
        """A sentence without its first capital and full stop: faces set it behind a colon."""
        failed = [check for check in self.checks if not check.ok]
        if not failed:
            passed = f"{counted(self.events, 'event')}, {len(self.checks)} checks passed"
            if self.read_before:
                passed += f"; the first {self.read_before:,} as they were before the stop"
            return f"the log is complete and unaltered ({passed})"
        first = min(failed, key=lambda check: (check.position is None, check.position or 0))
        return f"the log did NOT pass {len(failed)} of {len(self.checks)} checks. {first.detail.rstrip('.')}"


class Witnesses(NamedTuple):
    """What is held against the log: checkpoints of it, whatever they are kept in, and the keys whose word counts."""

    checkpoints: Sequence[Known] = ()
    keys: Sequence[Key] = ()


def witnesses(session: Session, checkpoints: Sequence[Known] = (), keys: Sequence[Key] = ()) -> Witnesses:
    """The checkpoints beside the store and the given ones; the user's own keys and the given ones."""
    own, beside = known_keys(session.store.store_id), known_checkpoints(session.path)
    there = {one.data for one in beside}
    others = [key for key in keys if key not in own]
    return Witnesses([*beside, *(one for one in checkpoints if one.data not in there)], [*others, *own])


def _nothing(record: Record) -> None:
    del record


def verify(
    session: Session,
    held: Witnesses,
    *,
    begun: Reached | None = None,
    stopped: Callable[[Reached], None] | None = None,
    progress: Progress = no_progress,
) -> Verdict:
    """Checks the log alone: schema, hashes, positions, versions, root, and every checkpoint that is held against it.

    `progress` may raise Cancelled; `stopped` is then told where a later verification may begin (`begun`).
    """
    head = session.store.head()
    log = LogCheck(session.store, head, [known.size for known in held.checkpoints], begun)
    try:
        log.walk(_nothing, lambda done: progress(done, 2 * head.size))
    except BaseException:
        reached = log.reached(session.world.clock())
        if stopped is not None and reached is not None:
            stopped(reached)
        raise
    versions = VersionCheck(session.store, head.size)
    versions.walk(lambda done: progress(head.size + done, 2 * head.size))
    versions.compare(log.seen, log.places)
    progress(2 * head.size, 2 * head.size)
    read_before = begun.position if begun else 0
    return Verdict(head.size, head.root, _log_checks(session, head, log, versions, held), read_before, head.time)


def examine(
    session: Session,
    head: Head,
    moments: Sequence[int],
    each: Callable[[Record], None] = _nothing,
    progress: Progress = no_progress,
    held: Witnesses | None = None,
) -> Verdict:
    """As `verify`, up to `head`; and whether every event can be read, and the cache says as of `moments` the same.

    `moments` are positions up to the head, at least one. `each` is called with every event in order of position, so
    that who wants to count need not read again. `progress` counts each event twice, once for each reading, and may
    raise Cancelled.
    """
    held = held or witnesses(session)
    log = LogCheck(session.store, head, [known.size for known in held.checkpoints])
    log.walk(each, lambda done: progress(done, 2 * head.size))
    cache = CacheCheck(session, sorted({*moments}))
    streams = _ByStream(session, head.size, cache, lambda done: progress(head.size + done, 2 * head.size))
    streams.walk()
    versions = VersionCheck(session.store, head.size)
    versions.walk(lambda _: progress(2 * head.size, 2 * head.size))
    versions.compare(log.seen, log.places)
    checks = _log_checks(session, head, log, versions, held)
    return Verdict(head.size, head.root, (*checks, *streams.checks()), time=head.time)


def _log_checks(
    session: Session, head: Head, log: LogCheck, versions: VersionCheck, held: Witnesses
) -> tuple[Check, ...]:
    schema = Faults("schema", "The file lets nobody change or remove an event by accident")
    for fault in session.store.schema_faults():
        schema.add(fault)
    passed = schema.check("All tables, indexes and triggers of the store are there, and no others.")
    signed = checkpoint_checks(session, head, log, held.checkpoints, held.keys)
    return (passed, *log.checks(), versions.check(), *signed)


class _ByStream:
    """Reads the log stream by stream, in order of version."""

    def __init__(self, session: Session, size: int, cache: CacheCheck, progress: Callable[[int], None]) -> None:
        self._session, self._size, self._cache, self._progress = session, size, cache, progress
        self._readable = Faults("readable", "Every event can be read")
        self._seen = 0

    def walk(self) -> None:
        after = ""
        try:
            while names := self._session.store.streams(after, STREAMS):
                for name in names:
                    self._take(name)
                after = names[-1]
        except Damaged as error:
            self._readable.add(f"The streams behind {after!r} cannot be told ({error})")
        self._cache.finish(lambda: self._progress(self._size))

    def _take(self, stream: str) -> None:
        fold, last = _Fold(self._session, stream, self._cache), None
        try:
            for record in self._session.store.stream_records(stream):
                if record.position > self._size:
                    break
                self._count()
                if self._is_astray(stream, record):
                    continue
                self._fold(fold, record)
                last = record
        except Damaged as error:
            self._readable.add(f"{stream} cannot be read behind event {last.position if last else 0:,} ({error})")
            return
        if last is not None:
            fold.finish()

    def _count(self) -> None:
        self._seen += 1
        if self._seen % PAGE == 0:
            self._progress(self._seen)

    def _is_astray(self, stream: str, record: Record) -> bool:
        """Whether the index of streams leads to another event than the log has: that is told, and it is not folded.

        A row that was altered in the log itself has been told by the reading in order.
        """
        if record.stream == stream:
            if merkle.leaf_hash(leaf_bytes(record)) == record.leaf:
                return False
            if self._session.store.records_at([record.position]) == [record]:
                return False
        self._readable.add(f"The index of streams leads astray to event {record.position:,} for {stream}",
                           record.position)  # fmt: skip
        return True

    def _fold(self, fold: "_Fold", record: Record) -> None:
        event, fault = None, envelope_fault(record)
        try:
            event = self._session.store.codec.domain_event(record)
        except Damaged as error:
            fault = str(error).rstrip(".")
        if fault:
            self._readable.add(fault, record.position)
        fold.take(record, event)

    def checks(self) -> tuple[Check, ...]:
        carts = counted(self._cache.carts, "cart")
        as_of = self._cache.moments[-1]
        return (
            self._readable.check(f"{counted(self._seen, 'event')} decoded by the schema of their type."),
            self._cache.faults.check(f"{carts} and the totals, as of event {as_of:,}, folded anew from their events."),
        )


class _Fold:
    """One stream's state, folded from its events alone; tells the cache's check of it at each moment."""

    def __init__(self, session: Session, stream: str, cache: CacheCheck) -> None:
        self._decider = session.store.codec.deciders.get(category_of(stream))
        self._state = self._decider.initial if self._decider else None
        self._cache, self._moments = cache, iter(cache.moments)
        self._moment = next(self._moments, None)
        self._first: Record | None = None
        self._last: Record | None = None

    def take(self, record: Record, event: Any) -> None:
        """`event` is the typed event, None if it cannot be read: then it leaves the state as it was."""
        while self._moment is not None and self._moment < record.position:
            self._tell(self._moment)
        if self._decider is None or self._moment is None:
            return
        if event is not None:
            self._state = self._decider.evolve(self._state, event)
        self._first, self._last = self._first or record, record
        self._cache.snapshot(self._decider, record, self._state)

    def finish(self) -> None:
        while self._moment is not None:
            self._tell(self._moment)

    def _tell(self, moment: int) -> None:
        if self._decider is not None:
            self._cache.moment(moment, self._state, self._first, self._last)
        self._moment = next(self._moments, None)
