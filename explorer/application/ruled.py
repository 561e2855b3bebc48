"""What rules find among the events of a report: from the events themselves, not from what is kept of findings."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from explorer.application.becoming import Becoming, Wanted
from explorer.application.rules import Rules, StoredRule, in_order
from explorer.application.session import Session
from explorer.domain.rule import SEVERITIES, Rule
from explorer.errors import Damaged
from explorer.store.codec import Record

MOST_LISTED = 1_000
"""Findings that a report lists, the first of them; all are counted."""
TOGETHER = 500
"""Events that are looked at together."""


class RuleTally(NamedTuple):
    """A rule in force, and how many of the report's events it finds. `fault`: why its condition cannot be read."""

    rule: Rule
    found: int
    fault: str = ""


class RuleFinding(NamedTuple):
    """One of the report's events, with which a rule's condition became true."""

    position: int
    occurred_at: int
    stream: str
    version: int
    type: str
    actor: str
    rule: Rule


class Ruled(NamedTuple):
    """The rules in force at the log's head, the worst first, and the first of what they find. `fault`: why it ends."""

    rules: tuple[RuleTally, ...] = ()
    listed: tuple[RuleFinding, ...] = ()
    fault: str = ""

    @property
    def found(self) -> int:
        return sum(one.found for one in self.rules)


NO_RULES = Ruled()


class RuledTally:
    """Told every event of a range in the order of positions, finds what the rules do among those that are asked for."""

    def __init__(self, session: Session, head: int, is_asked: Callable[[Record], bool]) -> None:
        self._is_asked = is_asked
        self._rules = [one for one in in_order(Rules(session, head).all()) if one.rule.is_in_force]
        self._watched: list[StoredRule] = [one for one in self._rules if one.is_watched]
        wanted = [Wanted(one.condition, one.rule.category) for one in self._watched if one.condition is not None]
        self._becoming = Becoming(session, wanted)
        self._pending: list[Record] = []
        self._counts = [0] * len(self._watched)
        self._listed: list[RuleFinding] = []
        self._fault = ""

    def take(self, record: Record) -> None:
        if self._watched and not self._fault:
            self._pending.append(record)
            if len(self._pending) >= TOGETHER:
                self._look()

    def _look(self) -> None:
        records, self._pending = self._pending, []
        try:
            became = self._becoming.among(records)
        except Damaged as error:
            # The report goes on: that the log or the read models are damaged is for its verdict to say.
            self._fault = f"Not looked for from event {records[0].position:,} on: {error}"
            return
        for record, bits in became:
            if self._is_asked(record):
                self._add(record, [place for place in range(len(self._watched)) if bits >> place & 1])

    def _add(self, record: Record, places: Sequence[int]) -> None:
        for place in places:
            self._counts[place] += 1
            if len(self._listed) < MOST_LISTED:
                about = (record.occurred_at, record.stream, record.version, record.type, record.actor)
                self._listed.append(RuleFinding(record.position, *about, self._watched[place].rule))

    def ruled(self) -> Ruled:
        """To be called once all events were told."""
        self._look()
        counts = {one.stream: count for one, count in zip(self._watched, self._counts, strict=True)}
        tallies = [RuleTally(one.rule, counts.get(one.stream, 0), one.fault) for one in self._rules]
        return Ruled(tuple(tallies), tuple(self._listed), self._fault)


def severities(ruled: Ruled) -> dict[str, int]:
    """How much was found of each severity, the worst first."""
    return {
        severity: sum(one.found for one in ruled.rules if one.rule.severity == severity)
        for severity in reversed(SEVERITIES)
    }
