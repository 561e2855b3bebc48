"""Bulk repair: one command for every stream of which a condition holds now; looked at first, then all or nothing."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from explorer.application.finding import Where
from explorer.application.handle import Desk
from explorer.application.hinting import states_of, understood
from explorer.application.history import FieldChange, changes
from explorer.application.outside import new_id
from explorer.application.repair import Outcome, outcome
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.domain.decider import AnyDecider, DomainEvent
from explorer.domain.event import Event, Json, Metadata
from explorer.errors import BadInput, Conflict, Refused
from explorer.projections import queries
from explorer.projections.runner import Progress, no_progress
from explorer.projections.states import folded

PAGE = 500
"""Streams looked up at a time."""


class StreamPlan(NamedTuple):
    """What the command would do to a stream at `version`, or the rule by which it is `refused` ("": it is not)."""

    stream: str
    version: int
    events: tuple[DomainEvent, ...]
    words: tuple[tuple[str, str], ...]
    changes: tuple[FieldChange, ...]
    refused: str = ""


class BulkPlan(NamedTuple):
    """The streams, of `looked_at`, of which the condition held; those that the command would leave as they are are not
    among them.
    """

    condition: str
    command: object
    category: str
    plans: tuple[StreamPlan, ...]
    looked_at: int

    @property
    def events(self) -> int:
        return sum(len(plan.events) for plan in self.plans)

    @property
    def streams(self) -> int:
        """How many streams would be changed."""
        return len(self.plans) - self.refusals

    @property
    def refusals(self) -> int:
        return sum(bool(plan.refused) for plan in self.plans)


def command_names(session: Session, category: str) -> list[str]:
    """What can be done to streams of a category; nothing where nobody wrote rules for it."""
    return [command.__name__ for command in session.decider(f"{category}-").commands]


def plan_bulk(
    session: Session,
    condition: str,
    command: str,
    fields: dict[str, Json],
    category: str = "cart",
    progress: Progress = no_progress,
) -> BulkPlan:
    """What a command would do to each stream of a category whose state, as it is now, meets a condition.

    Raises NotUnderstood for the condition, BadInput for a command that the category does not know or that the fields do
    not make. `progress` tells of streams, and may raise Cancelled.
    """
    wanted = understood(condition, states_of(session, Where(category=category)))
    order = _command(session.decider(f"{category}-"), command, fields)
    decider = session.decider(f"{category}-")
    caught_up(session)
    plans, looked_at = list[StreamPlan](), 0
    names = list(_streams(session, category))
    for looked_at, stream in enumerate(names, 1):
        version, state = _latest(session, decider, stream)
        if wanted.holds(decider.document(state), {}):
            plan = _plan(session, stream, version, state, order)
            if plan.events or plan.refused:
                plans.append(plan)
        if looked_at % 50 == 0 or looked_at == len(names):
            progress(looked_at, len(names))
    return BulkPlan(condition, order, category, tuple(plans), looked_at)


def carry_out_bulk(
    session: Session, plan: BulkPlan, actor: str, reason: str, origin: str = "", *, skip_refused: bool = False
) -> list[Event]:
    """Carries a plan out in one transaction, as one piece of work; the events recorded.

    Raises BadInput without a reason, Refused where the plan has refusals that are not to be left out, Conflict if a
    stream has moved on since the plan was made: nothing was appended then.
    """
    if not reason.strip():
        raise BadInput("A repair needs a reason, which is recorded with it. Say why.")
    if plan.refusals and not skip_refused:
        first = next(one for one in plan.plans if one.refused)
        raise Refused(
            f"{plan.refusals:,} of {len(plan.plans):,} streams are refused, the first {first.stream}: {first.refused} "
            "Narrow the condition, or leave the refused ones out."
        )
    about, desk = Metadata(actor, reason, new_id(), None, origin), Desk(session)
    for one in plan.plans:
        if not one.refused:
            happened = desk.decide(one.stream, plan.command, about, expected_version=one.version)
            if tuple(happened) != one.events:
                raise Conflict(one.stream, one.version, one.version)
    return desk.append()


def _command(decider: AnyDecider, name: str, fields: dict[str, Json]) -> object:
    known = {command.__name__: command for command in decider.commands}
    if name not in known:
        what = f"It knows: {', '.join(known)}." if known else "Nobody has written rules for it."
        raise BadInput(f"{decider.category or 'This category'} knows no command {name!r}. {what}")
    kind: Any = known[name]
    unknown = [field for field in fields if field not in kind.__struct_fields__]
    if unknown:
        has = ", ".join(kind.__struct_fields__) or "none"
        raise BadInput(f"{name} has no field {unknown[0]!r}. Its fields: {has}.")
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"These fields make no {name}: {error}.") from error


def _streams(session: Session, category: str) -> Iterator[str]:
    head, before = session.store.head().size, None
    while True:
        with session.asking() as connection:
            page = queries.streams(connection, head, category=category, before=before, limit=PAGE)
        yield from (row.name for row in page)
        if len(page) < PAGE:
            return
        before = page[-1].id


def _latest(session: Session, decider: AnyDecider, stream: str) -> tuple[int, Any]:
    version = session.store.version_of(stream)
    with session.asking() as connection:
        return version, folded(session.store, connection.connection.cursor(), decider, stream, version)


def _plan(session: Session, stream: str, version: int, state: Any, command: object) -> StreamPlan:
    decider = session.decider(stream)
    try:
        found: Outcome = outcome(session, decider, state, [command])
    except Refused as refusal:
        return StreamPlan(stream, version, (), (), (), str(refusal))
    words = tuple((type(event).__name__, decider.summary(event)) for event in found.events)
    return StreamPlan(stream, version, found.events, words, tuple(_changes(decider, state, found.state)))


def _changes(decider: AnyDecider, before: Any, after: Any) -> Sequence[FieldChange]:
    return changes(decider.document(before), decider.document(after))
