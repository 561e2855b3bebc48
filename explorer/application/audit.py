"""The audit report: what was asked, who did what, when and why, and whether the log can be believed.

A report is a frozen value whose events are read as they are written out: memory does not grow with their number. It has
nothing of the moment it was made in: the same question to the same log gives the same bytes.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from explorer.application.documents import iso, microseconds, totals_document
from explorer.application.event_list import EventFilter, matching, summary_of
from explorer.application.history import FieldChange, changes, state_at
from explorer.application.session import Session
from explorer.application.verdict import Verdict, judge
from explorer.domain.event import Event, Json
from explorer.errors import BadInput, Damaged, Missing
from explorer.projections import queries
from explorer.projections.runner import Progress, no_progress
from explorer.projections.states import folded
from explorer.store.codec import Record

STATES_KEPT = 1_000
"""Streams whose state is kept while the events are gone through."""


class Scope(NamedTuple):
    """Which events a report covers: first <= position <= last, all as of `as_of`. None: of any stream, by anybody."""

    first: int
    last: int
    as_of: int
    stream: str | None = None
    actor: str | None = None

    def in_words(self) -> str:
        what = f"the stream {self.stream}" if self.stream else "the whole store"
        who = f", what {self.actor} did" if self.actor else ""
        return f"{what}{who}, events {self.first:,} to {self.last:,}, as of event {self.as_of:,}"


class Entry(NamedTuple):
    """One event of the report. `event` is None where it cannot be read; `record` is what is stored.

    `currency` is that of the amounts in `changes`, as far as the stream's state tells.
    """

    record: Record
    event: Event | None
    summary: str
    changes: tuple[FieldChange, ...]
    currency: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Everything but the events; those are read anew by each call of `entries`."""

    scope: Scope
    store_name: str
    store_id: str
    created_at: str
    head: int
    head_time: str | None
    root: str
    first_time: str | None
    last_time: str | None
    state_at_start: Mapping[str, Json]
    state_at_end: Mapping[str, Json]
    changes: tuple[FieldChange, ...]
    events: int
    by_type: Mapping[str, int]
    by_actor: Mapping[str, int]
    verdict: Verdict
    _session: Session

    def entries(self, progress: Progress = no_progress) -> Iterator[Entry]:
        """The events in order of position. `progress` may raise Cancelled."""
        states = _States(self._session)
        for number, record in enumerate(_records(self._session, self.scope), 1):
            yield _entry(self._session, states, record)
            if number % 500 == 0:
                progress(number, self.events)
        progress(self.events, self.events)


def resolve_scope(
    session: Session,
    *,
    stream: str | None = None,
    actor: str | None = None,
    start: str | None = None,
    end: str | None = None,
    as_of: str | None = None,
) -> Scope:
    """A scope from what a user wrote: positions, or times (ISO 8601, UTC unless an offset is given).

    A time as start is the first event after it, as end the last at or before it. Raises BadInput or Missing in words.
    """
    with session.asking() as connection:
        head = queries.checkpoint(connection)
        moment = head if as_of is None else _position(connection, as_of, head)
        last = moment if end is None else min(moment, _position(connection, end, head))
        first = 1 if start is None else _position(connection, start, head, is_start=True)
        if stream is not None and not queries.stream_exists(connection, stream, moment):
            raise Missing(f"There is no stream {stream!r} in {session.path} as of event {moment:,}.")
        if actor is not None and actor not in queries.values_of(connection, "actor"):
            raise Missing(f"Nobody called {actor!r} has done anything in {session.path}.")
    first = max(1, first)
    if first > last + 1 or (first > last and start is not None):
        raise BadInput(f"The range is empty: it begins at event {first:,} and ends at event {last:,}.")
    return Scope(first, last, moment, stream, actor)


def _position(connection: Any, text: str, head: int, *, is_start: bool = False) -> int:
    if text.isascii() and text.isdigit():
        position = int(text)
        if position > head:
            raise Missing(f"There are {head:,} events; there is no position {position:,}.")
        return position
    time = microseconds(text)
    return queries.position_at(connection, time - 1) + 1 if is_start else queries.position_at(connection, time)


def audit_report(session: Session, scope: Scope, progress: Progress = no_progress) -> AuditReport:
    """Judges the log, counts the scope's events and takes the state at both ends. The events are read when written."""
    verdict = judge(session, scope.as_of, progress)
    types: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    for record in _records(session, scope):
        types[record.type] += 1
        actors[record.actor] += 1
    head = session.store.head()
    before, after = _state(session, scope, scope.first - 1), _state(session, scope, scope.last)
    with session.asking() as connection:
        times = [queries.time_at(connection, position) for position in (scope.as_of, scope.first, scope.last)]
    as_of_time, first_time, last_time = (iso(time) if time is not None else None for time in times)
    return AuditReport(
        scope,
        session.path.name,
        str(head.store_id),
        iso(head.created_at),
        scope.as_of,
        as_of_time,
        verdict.root,
        first_time,
        last_time,
        before,
        after,
        tuple(changes(before, after)),
        types.total(),
        dict(sorted(types.items())),
        dict(sorted(actors.items())),
        verdict,
        session,
    )


def _state(session: Session, scope: Scope, position: int) -> dict[str, Json]:
    """The stream's state, or the shop's totals, at a position."""
    if scope.stream is not None:
        return state_at(session, scope.stream, position=position).state
    with session.asking() as connection:
        return totals_document(queries.totals(connection, position))


def _records(session: Session, scope: Scope) -> Iterator[Record]:
    return matching(session, EventFilter(scope.stream, actor=scope.actor), scope.first - 1, scope.last)


def _entry(session: Session, states: "_States", record: Record) -> Entry:
    before, after = states.around(record)
    try:
        event = session.store.codec.event(record)
    except Damaged:
        event = None
    currency = after.get("currency") or before.get("currency")
    found = tuple(changes(before, after))
    return Entry(record, event, summary_of(session, record), found, currency if isinstance(currency, str) else "")


class _States:
    """The documents before and after each event, folding every stream on; the least recently used are let go."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._states: OrderedDict[str, tuple[int, Any, dict[str, Json]]] = OrderedDict()

    def around(self, record: Record) -> tuple[dict[str, Json], dict[str, Json]]:
        decider = self._session.decider(record.stream)
        version, state, before = self._states.get(record.stream, (-1, None, {}))
        if version != record.version - 1:
            with self._session.asking() as connection:
                cursor = connection.connection.cursor()
                state = folded(self._session.store, cursor, decider, record.stream, record.version - 1)
            before = decider.document(state)
        after = before
        try:
            state = decider.evolve(state, self._session.store.codec.domain_event(record))
            after = decider.document(state)
        except Damaged:
            pass  # It changed nothing; the entry says that it cannot be read.
        self._states[record.stream] = record.version, state, after
        self._states.move_to_end(record.stream)
        if len(self._states) > STATES_KEPT:
            self._states.popitem(last=False)
        return before, after
