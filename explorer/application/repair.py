"""Repairing a stream: a plan first, to be looked at, then its commands, carried out by the rules like anybody's.

History is never edited. A repair is more events behind it, whose causation says what they repair.
"""

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from explorer.application.handle import Desk
from explorer.application.history import FieldChange, changes, state_of, value_at
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.application.since import set_since
from explorer.domain.decider import AnyDecider, DomainEvent, Facts
from explorer.domain.event import Event, Json, Metadata
from explorer.domain.privacy import check_subject
from explorer.errors import BadInput, Conflict, Missing, Refused
from explorer.store.codec import Record

LISTED = 5
"""Fields named that no repair leads to."""


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
    """See `in_words`."""


def plan_restore(session: Session, stream: str, version: int) -> Plan:
    """What leads back to the state that the stream had at a version.

    Raises Missing for a version that is not there, Refused with the rule that a step would break.
    """
    return plan_towards(session, stream, version, state_of(session, stream, version))


def plan_towards(session: Session, stream: str, repaired: int, wanted: Any) -> Plan:
    """What leads to a state that somebody thought out, as a repair of the event at version `repaired`."""

    def towards(decider: AnyDecider, record: Record, now: Any) -> Step:
        commands = tuple(decider.restore(now, wanted))
        return Step(record, commands, *outcome(session, decider, now, commands))

    return _plan(session, stream, repaired, towards, wanted)


def plan_undo(session: Session, stream: str, version: int) -> Plan:
    """What takes back what one event did. Raises as `plan_restore`, and Damaged for an event that cannot be read."""
    return _plan(session, stream, version, lambda decider, record, now: step_back(session, decider, record, now))


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


def outcome(
    session: Session,
    decider: AnyDecider,
    state: Any,
    commands: Sequence[object],
    others: MutableMapping[str, Any] | None = None,
) -> Outcome:
    """Decides commands one upon the other, with what the other streams are now. Raises Refused with the rule.

    `others` are those streams' states as far as they are known, by what is planned for them, too; what is looked up is
    added.
    """
    events: list[DomainEvent] = []
    others = {} if others is None else others
    for command in commands:
        needed = decider.needs(command)
        for name in needed:
            if name not in others:
                others[name] = state_of(session, name, session.store.version_of(name))
        for event in decider.decide(command, state, Facts(session.world.clock(), {n: others[n] for n in needed})):
            if event.personal:
                check_subject(decider.subject(state))
            state = decider.evolve(state, event)
            events.append(event)
    return Outcome(state, tuple(events))


class Step(NamedTuple):
    """Commands that are carried out together, the state and the events that they lead to; `repaired` is None where they
    repair no certain event.
    """

    repaired: Record | None
    commands: tuple[object, ...]
    state: Any
    events: tuple[DomainEvent, ...]


def step_back(
    session: Session,
    decider: AnyDecider,
    record: Record,
    state: Any,
    others: MutableMapping[str, Any] | None = None,
    undone: Collection[int] = (),
) -> Step:
    """What takes one event back, from a state as it is now; see `outcome`. Raises as `plan_undo`.

    `undone` are versions that are taken back before it.
    """
    commands = tuple(decider.undo(session.store.codec.domain_event(record), state))
    later = set_since(session, record, undone)
    if commands and later is not None:
        raise Refused(
            f"Version {later.version:,} ({later.type}, {later.actor}) has set the same again since: undo that first."
        )
    found = outcome(session, decider, state, commands, others)
    if commands and not found.events:
        raise Refused("By today's rules nothing leads back to before this event; a price, for one, is today's price.")
    return Step(record, commands, *found)


def in_words(decider: AnyDecider, events: Sequence[DomainEvent]) -> tuple[tuple[str, str], ...]:
    """The events' types, each with its summary."""
    return tuple((type(event).__name__, decider.summary(event)) for event in events)


def _plan(
    session: Session,
    stream: str,
    version: int,
    step_from: Callable[[AnyDecider, Record, Any], Step],
    wanted: Any = None,
) -> Plan:
    repaired = _event(session, stream, version)
    decider, latest = session.decider(stream), session.store.version_of(stream)
    now = state_of(session, stream, latest)
    step = step_from(decider, repaired, now)
    before, after = decider.document(now), decider.document(step.state)
    left = _left_of(session, repaired, before, after) if wanted is None else changes(after, decider.document(wanted))
    if wanted is not None and left and not step.events:
        fields = ", ".join(change.path for change in left[:LISTED])
        more = f" and {len(left) - LISTED:,} more" if len(left) > LISTED else ""
        raise Refused(f"By today's rules nothing leads there: {fields}{more}. A price, for one, is today's price.")
    currency = after.get("currency") or before.get("currency")
    return Plan(
        stream,
        latest,
        repaired,
        step.commands,
        step.events,
        tuple(changes(before, after)),
        tuple(left),
        currency if isinstance(currency, str) else "",
        in_words(decider, step.events),
    )


def _left_of(session: Session, record: Record, now: Mapping[str, Json], after: Mapping[str, Json]) -> list[FieldChange]:
    """Of what an event did to fields that nobody has set since, what differs all the same when it is undone."""
    decider = session.decider(record.stream)
    was, became = (decider.document(state_of(session, record.stream, record.version - back)) for back in (1, 0))
    touched = [
        change.path for change in changes(was, became) if value_at(now, change.path) == value_at(became, change.path)
    ]
    return [
        change
        for change in changes(after, was)
        if any(change.path == path or change.path.startswith((f"{path}.", f"{path}[")) for path in touched)
    ]


def _event(session: Session, stream: str, version: int) -> Record:
    latest = session.store.version_of(stream)
    if latest == 0:
        raise Missing(f"There is no stream {stream!r} in {session.path}.")
    record = next(session.store.stream_records(stream, version, version), None) if version > 0 else None
    if record is None:
        raise Missing(f"{stream} has the versions 1 to {latest:,}; there is no version {version:,}.")
    return record
