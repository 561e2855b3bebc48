"""The log read in order of position: nothing missing, every event as it was hashed, all hashes together the head's.

And what the roots were at the sizes that somebody has signed. Memory does not grow with the log.
"""

import hashlib
from collections.abc import Callable, Iterable
from itertools import pairwise

import msgspec

from explorer.application.faults import Check, Faults, counted
from explorer.application.log_reading import log_pages
from explorer.errors import Damaged
from explorer.proof import merkle
from explorer.store.codec import Record, leaf_bytes
from explorer.store.event_store import EventStore, Head


class Reached(msgspec.Struct):
    """How far a reading has come without a fault, so that it can go on after a stop; at what time, µs UTC."""

    store_id: str
    at: int
    position: int
    time: int
    frontier: list[bytes]


class LogCheck:
    """Reads the log by position, up to a head that was fixed before; from where an earlier reading had got to."""

    def __init__(self, store: EventStore, head: Head, sizes: Iterable[int] = (), begun: Reached | None = None) -> None:
        self._store, self._head = store, head
        self._positions = Faults("positions", "No event is missing")
        self._hashes = Faults("hashes", "Every event is as it was recorded")
        self._root = Faults("root", "All events together have the hash that the log's head has")
        self._begun = begun
        self._reached = self.seen = begun.position if begun else 0
        self._time = begun.time if begun else 0
        self._frontier = list(begun.frontier) if begun else []
        self._settled = self._reached, self._time, [*self._frontier]
        self._unreadable: set[int] = set()
        self._ahead = sorted({size for size in sizes if self._reached < size <= head.size}, reverse=True)
        self.roots: dict[int, bytes] = {}
        """The root of the first n events, for the sizes n that were asked for and reached without a gap."""
        self.places: int | None = None if begun else 0
        """A sum over stream, version and position of all events, comparable within this process."""

    def walk(self, each: Callable[[Record], None], progress: Callable[[int], None]) -> None:
        """Reads on. `each` is called with every event, `progress` with the position reached; it may raise Cancelled."""
        for page in log_pages(self._store, self._reached, self._head.size, self._cannot_read):
            leaves = list(map(self._leaf, page))
            self._grow(page, leaves)
            for record in page:
                each(record)
            # At once: a keyboard interrupt may come anywhere.
            self._settled = self._reached, self._time, [*self._frontier]
            progress(self._reached)
        self._skip_to(self._head.size + 1)
        self._compare_head()
        self._look_behind()

    def reached(self, at: int) -> Reached | None:
        """What a later reading may go on from; None if a fault was found, which it would not see."""
        if self._positions.count or self._hashes.count:
            return None
        return Reached(str(self._head.store_id), at, *self._settled)

    def _leaf(self, record: Record) -> bytes:
        leaf = hashlib.sha256(b"\x00" + leaf_bytes(record)).digest()
        if leaf != record.leaf:
            self._hashes.add(
                f"Event {record.position:,} was altered: its hash is not that of what it says", record.position
            )
        return leaf

    def _grow(self, page: list[Record], leaves: list[bytes]) -> None:
        first, last = page[0].position, page[-1].position
        if first != self._reached + 1 or last - first + 1 != len(page):
            for before, record in pairwise([None, *page]):
                assert record is not None
                if record.position != (before.position if before else self._reached) + 1:
                    self._reached = before.position if before else self._reached
                    self._skip_to(record.position)
        if self.is_unbroken:
            self._extend(first - 1, leaves)
        self._reached = last
        self.seen += len(page)
        latest = max([record.occurred_at for record in page])
        self._time = max(self._time, latest) if first > 1 else latest
        if self.places is not None:
            self.places += sum([hash((record[1], record[2], record[0])) for record in page])

    def _extend(self, size: int, leaves: list[bytes]) -> None:
        start = 0
        while self._ahead and self._ahead[-1] <= size + len(leaves):
            wanted = self._ahead.pop()
            merkle.extend(self._frontier, size + start, leaves[start : wanted - size])
            start = wanted - size
            self.roots[wanted] = merkle.root(self._frontier)
        merkle.extend(self._frontier, size + start, leaves[start:])

    @property
    def is_unbroken(self) -> bool:
        """Whether every event so far could be read."""
        return not self._positions.count and not self._unreadable

    @property
    def first_fault(self) -> int | None:
        """The first event that is missing or altered."""
        found = [faults.first for faults in (self._positions, self._hashes) if faults.first is not None]
        return min(found, default=None)

    def _cannot_read(self, position: int, error: Damaged) -> None:
        self._unreadable.add(position)
        self._hashes.add(f"Event {position:,} cannot be read ({error})", position)

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
        if not self.is_unbroken:
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
        span = f"{counted(size, 'event')}, positions 1 to {size:,} without a gap." if size else "The log is empty."
        hashes = f"{self.seen:,} hashes computed anew, each equal to the one recorded."
        if self._begun:
            hashes += f" The first {self._begun.position:,} of them were computed before the stop."
        return (
            self._positions.check(span),
            self._hashes.check(hashes),
            self._root.check(f"The Merkle root over {counted(size, 'event')}, computed anew, is the head's."),
        )
