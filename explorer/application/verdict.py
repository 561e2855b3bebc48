"""Is the log whole and unaltered, and does the read side say what the log says?

Two readings of the log, each in short pages and in memory that does not grow with it. In order of position: no position
missing, every event's hash its own, all hashes together the head's. Then stream by stream: no version missing, every
event readable, and its fold what the cache shows. Everything is looked at up to a head that is fixed at the start: who
appends meanwhile disturbs nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from explorer.application.cache_check import CacheCheck
from explorer.application.faults import Check, Faults
from explorer.application.log_reading import envelope_fault, log_pages
from explorer.application.session import Session
from explorer.domain.event import category_of
from explorer.errors import Damaged
from explorer.projections.runner import Progress, no_progress
from explorer.proof import merkle
from explorer.store.codec import Record, leaf_bytes
from explorer.store.event_store import PAGE, Head

STREAMS = 200
"""Names of streams fetched at a time: each is a look-up, and a Cancel waits for them."""


class Verdict(NamedTuple):
    """The outcome of all checks of a log of `events` events."""

    events: int
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    def in_words(self) -> str:
        """A sentence without its first capital and full stop: faces set it behind a colon."""
        failed = [check for check in self.checks if not check.ok]
        if not failed:
            return (
                f"the log is complete and unaltered ({_number(self.events, 'event')}, {len(self.checks)} checks passed)"
            )
        return f"the log did NOT pass {len(failed)} of {len(self.checks)} checks. {failed[0].detail.rstrip('.')}"


def _nothing(record: Record) -> None:
    del record


def examine(
    session: Session,
    head: Head,
    moments: Sequence[int],
    each: Callable[[Record], None] = _nothing,
    progress: Progress = no_progress,
) -> Verdict:
    """Checks the log up to `head`, and the cache as of `moments` (positions up to the head, at least one).

    `each` is called with every event in order of position, so that who wants to count need not read again. `progress`
    counts each event twice, once for each reading, and may raise Cancelled.
    """
    log = _InOrder(session, head)
    log.walk(each, lambda done: progress(done, 2 * head.size))
    cache = CacheCheck(session, sorted({*moments}))
    streams = _ByStream(session, head.size, cache, lambda done: progress(head.size + done, 2 * head.size))
    streams.walk()
    streams.compare_number(log.seen)
    progress(2 * head.size, 2 * head.size)
    return Verdict(head.size, (*log.checks(), *streams.checks()))


class _InOrder:
    """Reads the log by position."""

    def __init__(self, session: Session, head: Head) -> None:
        self._store, self._head = session.store, head
        self._positions = Faults("positions", "No event is missing")
        self._hashes = Faults("hashes", "Every event is as it was recorded")
        self._root = Faults("root", "All events together have the hash that the log's head has")
        self._reached, self.seen = 0, 0
        self._unreadable: set[int] = set()
        self._frontier: list[bytes] = []
        self._time = 0

    def walk(self, each: Callable[[Record], None], progress: Callable[[int], None]) -> None:
        for page in log_pages(self._store, 0, self._head.size, self._cannot_read):
            for record in page:
                self._take(record)
                each(record)
            self.seen += len(page)
            progress(self._reached)
        self._skip_to(self._head.size + 1)
        self._compare_head()
        self._look_behind()

    def _cannot_read(self, position: int, error: Damaged) -> None:
        self._unreadable.add(position)
        self._hashes.add(f"Event {position:,} cannot be read ({error})", position)

    def _take(self, record: Record) -> None:
        position = record.position
        if position != self._reached + 1:
            self._skip_to(position)
        leaf = merkle.leaf_hash(leaf_bytes(record))
        if leaf != record.leaf:
            self._hashes.add(f"Event {position:,} was altered: its hash is not that of what it says", position)
        if self.seen_all:
            merkle.push(self._frontier, position - 1, leaf)
        self._time = max(self._time, record.occurred_at) if position > 1 else record.occurred_at
        self._reached = position

    @property
    def seen_all(self) -> bool:
        return not self._positions.count and not self._unreadable

    def _skip_to(self, position: int) -> None:
        gap = range(self._reached + 1, position)
        missing = len(gap) - sum(1 for unread in self._unreadable if unread in gap)
        if missing > 0:
            first = next(place for place in gap if place not in self._unreadable)
            more = f", and {missing - 1:,} more behind it" if missing > 1 else ""
            self._positions.add(f"Event {first:,} is missing{more}", first)
        self._reached = position - 1

    def _look_behind(self) -> None:
        """Events that the head does not know of. Head and events move together, so it is asked after they are read."""
        behind = self._store.records(self._head.size, 1)
        if behind and behind[0].position > self._store.head().size:
            position = behind[0].position
            self._positions.add(f"Event {position:,} lies behind the end that the head tells", position)

    def _compare_head(self) -> None:
        if not self.seen_all:
            self._root.add("It cannot be computed, since not every event could be read")
            return
        root = merkle.root(self._frontier)
        if root != self._head.root:
            self._root.add(
                f"The events have the hash {root.hex()}, the head has {self._head.root.hex()}: "
                "one of the two was replaced"
            )
        elif self._time != self._head.time:
            self._root.add("The head tells another time than its events")

    def checks(self) -> tuple[Check, ...]:
        size = self._head.size
        span = f"{_number(size, 'event')}, positions 1 to {size:,} without a gap." if size else "The log is empty."
        return (
            self._positions.check(span),
            self._hashes.check(f"{self.seen:,} hashes computed anew, each equal to the one recorded."),
            self._root.check(f"The Merkle root over {_number(size, 'event')}, computed anew, is the head's."),
        )


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


class _ByStream:
    """Reads the log stream by stream, in order of version."""

    def __init__(self, session: Session, size: int, cache: CacheCheck, progress: Callable[[int], None]) -> None:
        self._session, self._size, self._cache, self._progress = session, size, cache, progress
        self._versions = Faults("versions", "No version of a stream is missing")
        self._readable = Faults("readable", "Every event can be read")
        self._seen = self._streams = 0

    def walk(self) -> None:
        after = ""
        try:
            while names := self._session.store.streams(after, STREAMS):
                for name in names:
                    self._take(name)
                after = names[-1]
        except Damaged as error:
            self._readable.add(f"The streams behind {after!r} cannot be told ({error})")
        self._cache.finish()

    def _take(self, stream: str) -> None:
        fold, last = _Fold(self._session, stream, self._cache), None
        try:
            for record in self._session.store.stream_records(stream):
                if record.position > self._size:
                    break
                self._count()
                if self._is_astray(stream, record):
                    continue
                self._check_version(record, last)
                self._fold(fold, record)
                last = record
        except Damaged as error:
            self._readable.add(f"{stream} cannot be read behind event {last.position if last else 0:,} ({error})")
            return
        if last is not None:
            self._streams += 1
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
        self._versions.add(f"The index of streams leads astray to event {record.position:,} for {stream}",
                           record.position)  # fmt: skip
        return True

    def _check_version(self, record: Record, last: Record | None) -> None:
        expected = last.version + 1 if last else 1
        if record.version != expected:
            self._versions.add(
                f"{record.stream} has no version {expected:,}: event {record.position:,} is version {record.version:,}",
                record.position,
            )
        elif last and record.position < last.position:
            self._versions.add(f"Event {record.position:,} lies before the version it follows", record.position)

    def _fold(self, fold: "_Fold", record: Record) -> None:
        event, fault = None, envelope_fault(record)
        try:
            event = self._session.store.codec.domain_event(record)
        except Damaged as error:
            fault = str(error).rstrip(".")
        if fault:
            self._readable.add(fault, record.position)
        fold.take(record, event)

    def compare_number(self, by_position: int) -> None:
        """Whether both readings found the same events: the second finds them by an index of its own."""
        if self._seen != by_position:
            self._versions.add(f"{by_position:,} events are in the log, but {self._seen:,} in its streams")

    def checks(self) -> tuple[Check, ...]:
        streams, carts = _number(self._streams, "stream"), _number(self._cache.carts, "cart")
        as_of = self._cache.moments[-1]
        return (
            self._versions.check(f"{streams}, each with versions from 1 on without a gap."),
            self._readable.check(f"{_number(self._seen, 'event')} decoded by the schema of their type."),
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
