"""Repairing a stream: a plan first, to be looked at, then its commands, carried out by the rules like anybody's.

History is never edited. A repair is more events behind it, whose causation says what they repair.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from explorer.application.handle import Desk
from explorer.application.history import FieldChange, changes
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.domain.decider import AnyDecider, DomainEvent, Facts
from explorer.domain.event import Event, Metadata
from explorer.errors import BadInput, Conflict, Missing, Refused
from explorer.projections.states import folded
from explorer.store.codec import Record


class Plan(NamedTuple):
    """What a repair of a stream would do. It holds for `version`, the stream's latest when it was made.

    `repaired` is the event that is undone, or whose state is restored. `events` are what the commands cause by the
    rules, `changes` what they do to the state, `left` what differs from what was wanted all the same (before: after the
    repair; after: as it was).
    """

    stream: str
    version: int
    repaired: Record
    commands: tuple[object, ...]
    events: tuple[DomainEvent, ...]
    changes: tuple[FieldChange, ...]
    left: tuple[FieldChange, ...] = ()
    currency: str = ""
    words: tuple[tuple[str, str], ...] = ()
    """The events' types, each with its summary."""


def plan_restore(session: Session, stream: str, version: int) -> Plan:
    """What leads back to the state that the stream had at a version.

    Raises Missing for a version that is not there, Refused with the rule that a step would break.
    """
    wanted = _state(session, stream, version)
    return _plan(session, stream, version, lambda decider, now: decider.restore(now, wanted), wanted)


def plan_towards(session: Session, stream: str, repaired: int, wanted: Any) -> Plan:
    """What leads to a state that somebody thought out, as a repair of the event at version `repaired`."""
    return _plan(session, stream, repaired, lambda decider, now: decider.restore(now, wanted), wanted)


def plan_undo(session: Session, stream: str, version: int) -> Plan:
    """What takes back what one event did. Raises as `plan_restore`, and Damaged for an event that cannot be read."""
    record = _event(session, stream, version)
    event = session.store.codec.domain_event(record)
    return _plan(session, stream, version, lambda decider, now: decider.undo(event, now))


def carry_out(session: Session, plan: Plan, actor: str, reason: str, origin: str = "") -> list[Event]:
    """Carries out a plan in one transaction; the events recorded.

    Raises BadInput without a reason, Conflict if the stream has moved on since the plan was made or something else than
    was planned would come of it, Refused if a rule has changed its mind meanwhile: nothing was appended then.
    """
    if not reason.strip():
        raise BadInput("A repair needs a reason, which is recorded with it. Say why.")
    about = Metadata(actor, reason, new_id(), UUID(bytes=plan.repaired.id), origin)
    desk = Desk(session)
    happened: list[DomainEvent] = []
    for command in plan.commands:
        happened += desk.decide(plan.stream, command, about, expected_version=plan.version + len(happened))
    if tuple(happened) != plan.events:
        raise Conflict(plan.stream, plan.version, plan.version)
    return desk.append()


class Outcome(NamedTuple):
    """What commands lead to: the state behind them, and the events by which it comes about."""

    state: Any
    events: tuple[DomainEvent, ...]


def outcome(session: Session, decider: AnyDecider, state: Any, commands: Sequence[object]) -> Outcome:
    """Decides commands one upon the other, with what the other streams are now. Raises Refused with the rule."""
    events: list[DomainEvent] = []
    for command in commands:
        needed = {name: _state(session, name, session.store.version_of(name)) for name in decider.needs(command)}
        for event in decider.decide(command, state, Facts(session.world.clock(), needed)):
            state = decider.evolve(state, event)
            events.append(event)
    return Outcome(state, tuple(events))


def _plan(
    session: Session,
    stream: str,
    version: int,
    commands_for: Callable[[AnyDecider, Any], Sequence[object]],
    wanted: Any = None,
) -> Plan:
    repaired = _event(session, stream, version)
    decider, latest = session.decider(stream), session.store.version_of(stream)
    now = _state(session, stream, latest)
    commands = tuple(commands_for(decider, now))
    state, events = outcome(session, decider, now, commands)
    if commands and not events and wanted is None:
        raise Refused("By today's rules nothing leads back to before this event; a price, for one, is today's price.")
    before, after = decider.document(now), decider.document(state)
    left = () if wanted is None else tuple(changes(after, decider.document(wanted)))
    currency = after.get("currency") or before.get("currency")
    words = tuple((type(event).__name__, decider.summary(event)) for event in events)
    return Plan(
        stream,
        latest,
        repaired,
        commands,
        events,
        tuple(changes(before, after)),
        left,
        currency if isinstance(currency, str) else "",
        words,
    )


def _event(session: Session, stream: str, version: int) -> Record:
    latest = session.store.version_of(stream)
    if latest == 0:
        raise Missing(f"There is no stream {stream!r} in {session.path}.")
    record = next(session.store.stream_records(stream, version, version), None) if version > 0 else None
    if record is None:
        raise Missing(f"{stream} has the versions 1 to {latest:,}; there is no version {version:,}.")
    return record


def _state(session: Session, stream: str, version: int) -> Any:
    decider = session.decider(stream)
    if version == 0:
        return decider.initial
    with session.asking() as connection:
        return folded(session.store, connection.connection.cursor(), decider, stream, version)
