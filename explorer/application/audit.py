"""The audit report: a frozen value. What was asked, of which log, whether that log is whole, and what happened.

Everything in it comes from the log and its head, nothing from the clock: the same log and the same question give the
same report.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from explorer.application.bookmarks import Marks
from explorer.application.charts import Activity, ActivityTally, Course, FactsTally, moments_between, money_courses
from explorer.application.documents import totals_document
from explorer.application.entries import Entries, Entry
from explorer.application.history import FieldChange, changes
from explorer.application.log_reading import stream_pages
from explorer.application.ruled import NO_RULES, Ruled, RuledTally
from explorer.application.scope import Range, Scope, caught_up, resolve_scope
from explorer.application.session import Session
from explorer.application.verdict import Verdict, Witnesses, examine
from explorer.domain.event import Json
from explorer.projections import queries
from explorer.projections.bookmarks import BookmarkRow
from explorer.projections.runner import Progress, no_progress
from explorer.projections.states import evolved
from explorer.proof.checkpoint import SignedCheckpoint
from explorer.store.codec import Codec, Record
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
    nobody writes a report over the store; it is never shown. `activity` counts the report's events, `courses` follow
    the shop's money over the range, or the stream's numbers. `bookmarks` are those of moments in the range as they were
    at `as_of`; they may be iterated again and again, too. `ruled` is what the store's rules find in it. `seal` is the
    log's signed checkpoint; None where nobody has signed.
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
    activity: Activity
    courses: tuple[Course, ...]
    bookmarks: Iterable[BookmarkRow] = ()
    seal: SignedCheckpoint | None = None
    ruled: Ruled = NO_RULES

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


def audit_report(
    session: Session,
    scope: Scope | None = None,
    progress: Progress = no_progress,
    *,
    head: Head | None = None,
    held: Witnesses | None = None,
) -> AuditReport:
    """Checks the whole log and sums the scope up; its events are read when the report is written.

    The head is fixed at the start: what is appended meanwhile is not in the report. `held` are the checkpoints that the
    log is to continue; without it, those beside the store. `progress` may raise Cancelled.
    Raises BadInput for a range that ends before it begins.
    """
    scope = scope or Scope()
    head = head or session.store.head()
    within = scope.within(head.size)
    caught_up(session, progress)
    codec = session.store.codec
    tally = _Tally(scope, within, codec, lambda is_asked: RuledTally(session, head.size, is_asked))
    moments = (within.first - 1, within.last, within.as_of)
    verdict = examine(session, head, moments, tally.take, progress, held)
    at_start, first, last, as_of = tally.moments()
    if scope.stream is None:
        states = [_totals_at(session, moment.position) for moment in (at_start, last)]
        courses = _courses_of_totals(session, first, last)
    else:
        states, courses = _stream_states(session, scope.stream, (at_start.position, last.position))
    return AuditReport(
        scope, within, session.path.name, session.path, head, first, last, as_of, tally.totals(), verdict,
        StateThen(at_start, states[0]), StateThen(last, states[1]), Entries(session, scope, within),
        tally.activity(), courses, Marks(session, within.first, within.last, within.as_of, scope.stream),
        ruled=tally.rules.ruled(),
    )  # fmt: skip


class _Tally:
    """Counts a scope's events while the verdict reads the log, and notes the times of the moments that matter."""

    def __init__(
        self, scope: Scope, within: Range, codec: Codec, rules: Callable[[Callable[[Record], bool]], RuledTally]
    ) -> None:
        self._scope, self._within, self._codec = scope, within, codec
        self.rules = rules(self._is_asked)
        self._positions = (within.first - 1, within.first, within.last, within.as_of)
        self._times: dict[int, int | None] = {}
        self._ahead = sorted({*self._positions}, reverse=True)
        self._time: int | None = None
        self._begun = 0
        self._earliest: int | None = None
        self._latest: int | None = None
        self._types: Counter[str] = Counter()
        self._actors: Counter[str] = Counter()
        self._activity = ActivityTally()

    def take(self, record: Record) -> None:
        while self._ahead and self._ahead[-1] < record.position:
            self._times[self._ahead.pop()] = self._time
        self._time = record.occurred_at if self._time is None else max(self._time, record.occurred_at)
        if self._within.first <= record.position <= self._within.last:
            if self._is_asked(record):
                self._count(record)
            if self._scope.stream in (None, record.stream):
                self.rules.take(record)  # of others' events, too: a state is what all of them have made it

    def _is_asked(self, record: Record) -> bool:
        return self._scope.has(record, self._codec)

    def _count(self, record: Record) -> None:
        self._types[record.type] += 1
        self._actors[record.actor] += 1
        self._begun += record.version == 1
        time = record.occurred_at
        self._activity.add(time)
        self._earliest = time if self._earliest is None else min(time, self._earliest)
        self._latest = time if self._latest is None else max(time, self._latest)

    def moments(self) -> list[Moment]:
        """Just before the range, its first event, its last, and the moment the report is made as of."""
        return [Moment(position, self._times.get(position, self._time)) for position in self._positions]

    def activity(self) -> Activity:
        return self._activity.activity()

    def totals(self) -> Totals:
        return Totals(
            self._types.total(), self._begun, self._earliest, self._latest, _ranked(self._types), _ranked(self._actors)
        )


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    # Equal numbers by name: the order in which they were met is no order a reader can see.
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _totals_at(session: Session, position: int) -> dict[str, Json]:
    with session.asking() as connection:
        return totals_document(queries.totals(connection, position))


def _courses_of_totals(session: Session, first: Moment, last: Moment) -> tuple[Course, ...]:
    if first.position > last.position or first.time is None or last.time is None:
        return ()
    times = moments_between(first.time, last.time)
    with session.asking() as connection:
        positions = [min(queries.position_at(connection, time), last.position) for time in times]
        return money_courses(times, [queries.totals(connection, position) for position in positions])


def _stream_states(
    session: Session, stream: str, positions: tuple[int, int]
) -> tuple[list[dict[str, Json]], tuple[Course, ...]]:
    """The stream's documents as of positions that rise, folded from its events alone, and how it went in between."""
    decider = session.decider(stream)
    state: Any = decider.initial
    documents, ahead = list[dict[str, Json]](), [*positions]
    facts = FactsTally()
    for record in chain.from_iterable(stream_pages(session.store, stream, 0, positions[-1])):
        while ahead and ahead[0] < record.position:
            del ahead[0]
            documents.append(decider.document(state))
        state = evolved(session.store, decider, state, record)
        if record.position <= positions[0]:
            continue
        if facts.wants_next():
            facts.take(record.occurred_at, decider.document(state))
        else:
            facts.skip(record.occurred_at)
    documents += [decider.document(state) for _ in ahead]
    facts.end(documents[-1])
    currency = documents[-1].get("currency")
    return documents, facts.courses(currency if isinstance(currency, str) else "")
