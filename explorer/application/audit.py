"""The audit report: a frozen value that says what was asked, of which log, whether that log is whole, and what happened.

Everything in it comes from the log and its head, nothing from the clock: the same log and the same question give the
same report.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from explorer.application.entries import Entries, Entry
from explorer.application.history import FieldChange, changes
from explorer.application.scope import Range, Scope, caught_up, resolve_scope
from explorer.application.session import Session
from explorer.application.verdict import Verdict, examine
from explorer.domain.event import Json
from explorer.projections.runner import Progress, no_progress
from explorer.store.event_store import Head

__all__ = ["AuditReport", "Entry", "Scope", "audit_report", "resolve_scope"]


class Moment(NamedTuple):
    """A position and its time (µs UTC): the greatest occurred_at up to it; None before the first event."""

    position: int
    time: int | None


class StateThen(NamedTuple):
    """A document as of a moment: the stream's, or the shop's totals if the report is about the whole store."""

    at: Moment
    state: dict[str, Json]


class Totals(NamedTuple):
    """What the report's events come to. `by_type` and `by_actor`: names and numbers, the most frequent first."""

    events: int
    streams_begun: int
    earliest: int | None
    latest: int | None
    by_type: tuple[tuple[str, int], ...]
    by_actor: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`entries` may be iterated again and again; each time the log is read anew, without holding it in memory.

    `at_start` is just before the range's first event, `at_end` just after its last. `store_path` is there so that
    nobody writes a report over the store; it is never shown.
    """

    scope: Scope
    within: Range
    store_file: str
    store_path: Path
    head: Head
    first: Moment
    last: Moment
    as_of: Moment
    totals: Totals
    verdict: Verdict
    at_start: StateThen
    at_end: StateThen
    entries: Iterable[Entry]

    @property
    def generated_at(self) -> int:
        """The moment the report speaks of (µs UTC): the time of the log's head, or when the empty log was made."""
        return self.head.time if self.head.size else self.head.created_at

    @property
    def is_selection(self) -> bool:
        """Whether events before the moment it is made as of are left out."""
        return self.totals.events < self.within.as_of

    def state_changes(self) -> list[FieldChange]:
        """What differs between the start and the end of the range."""
        return changes(self.at_start.state, self.at_end.state)


def audit_report(session: Session, scope: Scope | None = None, progress: Progress = no_progress) -> AuditReport:
    """Checks the whole log and sums the scope up; its events are read when the report is written.

    The head is fixed at the start: what is appended meanwhile is not in the report. `progress` may raise Cancelled.
    Raises BadInput for a range that ends before it begins.
    """
    scope = scope or Scope()
    head = session.store.head()
    within = scope.within(head.size)
    caught_up(session, progress)
    tally = _Tally(scope, within)
    moments = (within.first - 1, within.last, within.as_of)
    verdict = examine(session, head, moments, tally.take, progress)
    at_start, first, last, as_of = tally.moments()
    if scope.stream is None:
        states = [_totals_at(session, moment.position) for moment in (at_start, last)]
    else:
        states = _stream_states(session, scope.stream, (at_start.position, last.position))
    return AuditReport(
        scope, within, session.path.name, session.path, head, first, last, as_of, tally.totals(), verdict,
        StateThen(at_start, states[0]), StateThen(last, states[1]), Entries(session, scope, within),
    )  # fmt: skip
