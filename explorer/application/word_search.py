"""What has no index, sought in ten million events: a stretch at a time, nearest first, and never twice.

There is no index of words, nor of what events say: SQLite reads some millions of events a second, so what is near the
moment is there at once and the whole log within seconds. An index of every three letters (FTS5, measured) would add 121
bytes to an event of 270 and halve the pace of a rebuild. History does not change, so what was found in a stretch is
remembered; a search that is called off goes on where it was.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from explorer.application.filtering import condition_of, sieve_of
from explorer.application.reach import Reach, reach_of
from explorer.application.session import Session

STRETCH = 16_384
"""Positions sought in one go: a few milliseconds, so that nobody waits for a search that is no longer wanted."""
SLOWER = 8
"""A stretch is so much shorter where SQL cannot tell alone what passes."""
LOOKED_AT = 64
"""Events read at a time to be looked at."""

GoOn = Callable[[int], bool]
"""Whether to seek in another stretch after so many."""


class Wanted(NamedTuple):
    """A condition, as text of the language; None lets every type and actor pass."""

    where: str
    type: str | None = None
    actor: str | None = None


class Sought(NamedTuple):
    """How far a search is: positions looked at, of how many, and the events found so far."""

    searched: int
    of: int
    found: int

    @property
    def is_done(self) -> bool:
        return self.searched == self.of


class Search:
    """What one search has found. A stretch is what it is called by its number: 0 begins with position 1."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted, self.stretch = wanted, STRETCH
        self._condition = condition_of(wanted.where)
        self._reach: Reach | None = None
        self._erasures = 0
        self._found: dict[int, array[int]] = {}
        self._until: dict[int, int] = {}

    def go_on(self, session: Session, around: int, head: int, may_go_on: GoOn) -> Sought:
        """Seeks on, a stretch at a time, those nearest to a position first; at least in its own."""
        around = max(1, min(around, head))
        self._begin(session, head)
        for done, number in enumerate(self._nearest(around, head)):
            if number != (around - 1) // self.stretch and not may_go_on(done):
                break
            self._seek(session, number, head)
        return self.sought(head)

    def _begin(self, session: Session, head: int) -> None:
        codec = session.store.codec
        if self._reach is None or self._erasures != codec.erasures:
            # What was erased meanwhile says something else now.
            self._found, self._until, self._erasures = {}, {}, codec.erasures
            self._reach = reach_of(session, self._condition.condition)
            if not sieve_of(self.wanted.where, codec).is_exact:
                self.stretch = max(1, STRETCH // SLOWER)
        # Where nothing can be, nothing is sought.
        for number in range((head - 1) // self.stretch + 1):
            first, last = number * self.stretch + 1, min((number + 1) * self.stretch, head)
            if last < self._reach.first or first > self._reach.last:
                self._found.setdefault(number, array("Q"))
                self._until[number] = last

    def sought(self, head: int) -> Sought:
        searched = sum(until - number * self.stretch for number, until in self._until.items())
        return Sought(searched, head, sum(map(len, self._found.values())))

    def _nearest(self, around: int, head: int) -> Iterator[int]:
        own, last = (around - 1) // self.stretch, (head - 1) // self.stretch
        for distance in range(max(own, last - own) + 1):
            for number in dict.fromkeys((own + distance, own - distance)):
                if 0 <= number <= last and self._until.get(number, 0) < min((number + 1) * self.stretch, head):
                    yield number

    def _seek(self, session: Session, number: int, head: int) -> None:
        # The last stretch grows with the log: what was sought in it is not sought again.
        after, until = self._until.get(number, number * self.stretch), min((number + 1) * self.stretch, head)
        where, kind, actor = self.wanted
        sieve = sieve_of(where, session.store.codec)
        found = session.store.search(sieve, after, until, type_=kind, actor=actor)
        self._found.setdefault(number, array("Q")).extend(self._passing(session, found))
        self._until[number] = until

    def _passing(self, session: Session, found: Sequence[tuple[int, int]]) -> list[int]:
        """What surely passes, and what does when it is looked at."""
        passing = {position for position, is_sure in found if is_sure}
        doubtful = [position for position, is_sure in found if not is_sure]
        for start in range(0, len(doubtful), LOOKED_AT):
            for record in session.store.records_at(doubtful[start : start + LOOKED_AT]):
                if self._condition.passes(record, session.store.codec):
                    passing.add(record.position)
        return sorted(passing)

    # What has been found, as far as it was sought without a gap.

    def behind(self, position: int) -> Iterator[int]:
        """The positions found behind `position`, in order; ends where it has not been sought yet."""
        position = max(0, position)
        number = position // self.stretch
        while (until := self._until.get(number)) is not None:
            found = self._found[number]
            yield from islice(found, bisect_left(found, position + 1), None)
            if until < (number + 1) * self.stretch:
                return
            number += 1

    def before(self, position: int) -> Iterator[int]:
        """The positions found before `position`, the last first; ends where it has not been sought yet."""
        number, wanted = (position - 2) // self.stretch, position - 1
        while number >= 0 and self._until.get(number, 0) >= wanted:
            found = self._found[number]
            yield from (found[index] for index in range(bisect_left(found, position) - 1, -1, -1))
            wanted = number * self.stretch
            number -= 1

    def bounds(self) -> tuple[int, int]:
        """The first and the last position found so far; (0, 0) if there is none."""
        numbers = sorted(number for number, found in self._found.items() if found)
        return (self._found[numbers[0]][0], self._found[numbers[-1]][-1]) if numbers else (0, 0)
