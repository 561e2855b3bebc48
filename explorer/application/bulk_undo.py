"""Bulk undo: every event for which a filter holds is taken back; looked at first, then all or nothing.

Within a stream the newest is undone first, so that each meets what it has left. The streams come in the order in which
they were hit: what others depend on (a product's price) was mostly changed before them, and is put right before them.
"""

from collections.abc import MutableMapping, Sequence
from typing import Any

from explorer.application.bulk_repair import BulkPlan, Staying, StreamPlan, Undoing, stream_plan
from explorer.application.event_list import matching
from explorer.application.filtering import EventFilter
from explorer.application.history import state_of
from explorer.application.repair import Step, outcome, step_back
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.word_search import STRETCH
from explorer.domain.decider import AnyDecider
from explorer.errors import BadInput, Damaged, Refused
from explorer.projections.causes import effects_of
from explorer.projections.runner import Progress, no_progress
from explorer.store.codec import Record

WINDOW = 8 * STRETCH
"""Positions sought before it is told how far that is."""
MOST = 100_000
"""Events that one piece of work takes back: all of them are appended in one transaction."""
TELL_EVERY = 20
"""Events planned before it is told."""


def plan_bulk_undo(session: Session, text: str, progress: Progress = no_progress) -> BulkPlan:
    """What undoing each event that passes a filter would do to each stream.

    Raises NotUnderstood for the filter, BadInput for one that lets everything pass, or too much. `progress` tells of
    positions while they are sought, then of the events that were found, and may raise Cancelled.
    """
    wanted = EventFilter.parse(text)
    if wanted.is_empty:
        raise BadInput('Say which events are to be undone, such as actor == "import" and time >= 2011-01-05.')
    caught_up(session)
    return _planned(session, Undoing(wanted.text), _found(session, wanted, progress), progress)


def plan_undo_of(session: Session, positions: Sequence[int], progress: Progress = no_progress) -> BulkPlan:
    """What undoing these very events would do, as if a filter had found them."""
    caught_up(session)
    found = dict[str, list[int]]()
    for record in session.store.records_at(positions):
        found.setdefault(record.stream, []).append(record.position)
    return _planned(session, Undoing(f"position in ({', '.join(map(str, positions))})"), found, progress)


def _planned(session: Session, deed: Undoing, found: dict[str, list[int]], progress: Progress) -> BulkPlan:
    events, plans, done = sum(map(len, found.values())), list[StreamPlan](), 0
    others: dict[str, Any] = {}
    for stream, positions in found.items():
        undoing = _Undoing(session, stream, others)
        for position in reversed(positions):
            if done % TELL_EVERY == 0:
                progress(done, events)
            undoing.take_back(session.store.records_at([position])[0])
            done += 1
        plans.append(undoing.plan())
    progress(events, events)
    return BulkPlan(deed, tuple(plans), events)


def _found(session: Session, wanted: EventFilter, progress: Progress) -> dict[str, list[int]]:
    """The positions of the events that pass, by stream, in their order."""
    head, found, events = session.store.head().size, dict[str, list[int]](), 0
    for after in range(0, head, WINDOW):
        until = min(head, after + WINDOW)
        for record in matching(session, wanted, after, until, lambda: progress(after, head)):  # noqa: B023 - used at once
            found.setdefault(record.stream, []).append(record.position)
            events += 1
        if events > MOST:
            raise BadInput(f"More than {MOST:,} events pass that filter, which is too many for one repair. Narrow it.")
        progress(until, head)
    return found


class _Undoing:
    """What is planned for one stream, the newest event first."""

    def __init__(self, session: Session, stream: str, others: MutableMapping[str, Any]) -> None:
        self._session, self._stream, self._others = session, stream, others
        self._decider: AnyDecider = session.decider(stream)
        self._version = session.store.version_of(stream)
        self._before = self._state = state_of(session, stream, self._version)
        self._steps, self._stays = list[Step](), list[Staying]()
        self._undone: set[int] = set()

    def take_back(self, record: Record) -> None:
        """An event that is taken back already is left alone, even where its undoing could be decided once more."""
        by = taken_back_by(self._session, record)
        if by is not None:
            self._leave(record, f"It is taken back already, by event {by:,}.", is_needless=True)
            return
        try:
            step = step_back(self._session, self._decider, record, self._state, self._others, self._undone)
        except (Refused, Damaged) as refusal:
            self._leave(record, str(refusal))
            return
        if step.events:
            self._steps.append(step)
            self._undone.add(record.version)
            self._state = step.state
        else:
            self._leave(record, "It has changed nothing.", is_needless=True)

    def _leave(self, record: Record, why: str, *, is_needless: bool = False) -> None:
        self._stays.append(Staying(record.version, record.type, why, is_needless))

    def plan(self) -> StreamPlan:
        return stream_plan(
            self._session, self._stream, self._version, self._before, self._steps, self._stays, self._others
        )


def taken_back_by(session: Session, record: Record) -> int | None:
    """The position of the event that has undone another, as long as that has not been undone itself.

    Not everything that names an event as its cause has undone it, so it is looked whether that is what undoing it would
    have done at the time.
    """
    with session.asking() as connection:
        effects = effects_of(connection, [record.id]).get(record.id, [])
    for effect in reversed(session.store.records_at(effects)):
        if effect.stream == record.stream and effect.version > record.version and _undoes(session, effect, record):
            return effect.position if taken_back_by(session, effect) is None else None
    return None


def _undoes(session: Session, effect: Record, record: Record) -> bool:
    decider, codec = session.decider(record.stream), session.store.codec
    before = state_of(session, record.stream, effect.version - 1)
    try:
        commands = decider.undo(codec.domain_event(record), before)
        return codec.domain_event(effect) in outcome(session, decider, before, commands).events
    except (Refused, Damaged):
        return False
