"""What the rules of a store have found, as a window shows it: the rules, a list, and marks in what is in view."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explorer.application.rules import Rules, in_order
from explorer.application.session import Session
from explorer.application.timeline import Viewport
from explorer.application.watching import RuleStanding, by_severity, standings, turn
from explorer.domain.rule import SEVERITIES
from explorer.projections import queries
from explorer.projections.findings import Finding

PLACES = 100
"""Findings of each severity in view of the timeline, at most."""


class FoundRow(NamedTuple):
    """An event at which a rule's condition became true; `time` is that of its position, µs UTC."""

    position: int
    time: int
    stream: str
    version: int
    rule: str
    name: str
    severity: str
    condition: str


class Rulings(NamedTuple):
    """The rules, the worst first, and how much each has found."""

    rules: tuple[RuleStanding, ...] = ()
    is_behind: bool = False
    """Whether there are events that some rule has not been watched on."""

    @property
    def in_force(self) -> list[RuleStanding]:
        return [one for one in self.rules if one.stored.rule.is_in_force]

    @property
    def counts(self) -> Mapping[str, int]:
        """Findings by severity, the worst first."""
        return by_severity(self.in_force)


NO_RULES = Rulings()
NO_PLACES: Mapping[int, tuple[FoundRow, ...]] = {}


def rulings_stamp(session: Session, reader: Rules) -> tuple[object, ...]:
    """What changes whenever a rule does, or something may have been found."""
    turn(session)
    return tuple((one.stream, one.version) for one in reader.all()), session.findings.stamp()


def rulings(session: Session, reader: Rules, head: int) -> Rulings:
    rules = tuple(standings(session, in_order(reader.all())))
    is_behind = any(one.stored.is_watched and one.watched < head for one in rules)
    return Rulings(rules, is_behind) if rules else NO_RULES


def found_rows(session: Session, known: Rulings, limit: int, rule: str | None, now: int) -> tuple[FoundRow, ...]:
    """The first findings, of one rule or of all; those that the read models have come to."""
    return _rows(session, known, session.findings.following(0, now, limit, rule) if limit else ())


def found_marks(session: Session, known: Rulings, viewport: Viewport, now: int) -> tuple[FoundRow, ...]:
    """Some of the findings in view, evenly spread, in the order of their positions."""
    if not known.rules:
        return ()
    with session.asking() as connection:
        first = queries.position_at(connection, viewport.start - 1) + 1
        last = min(now, queries.position_at(connection, viewport.end - 1))
    return _rows(session, known, session.findings.spread(first, last, PLACES) if first <= last else ())


def found_at(session: Session, known: Rulings, positions: Sequence[int]) -> Mapping[int, tuple[FoundRow, ...]]:
    """What was found at these events."""
    found: dict[int, tuple[FoundRow, ...]] = {}
    if known.rules and positions:
        for row in _rows(session, known, session.findings.at(positions)):
            found[row.position] = (*found.get(row.position, ()), row)
    return found or NO_PLACES


def _rows(session: Session, known: Rulings, found: Sequence[Finding]) -> tuple[FoundRow, ...]:
    rules = {one.stored.stream: one.stored.rule for one in known.rules}
    found = [one for one in found if one.rule in rules]
    with session.asking() as connection:
        times = queries.times_at(connection, [one.position for one in found])
    return tuple(
        FoundRow(
            one.position,
            time,
            one.stream,
            one.version,
            one.rule,
            rules[one.rule].name,
            SEVERITIES[one.severity],
            rules[one.rule].condition,
        )
        for one, time in zip(found, times, strict=True)
    )
