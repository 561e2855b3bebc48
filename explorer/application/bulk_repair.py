"""Bulk repair: one command for every stream of which a condition holds now; looked at first, then all or nothing."""

from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from explorer.application.blame import blame
from explorer.application.finding import Where
from explorer.application.handle import Desk
from explorer.application.hinting import doubts, states_of, understood
from explorer.application.history import FieldChange, changes, state_of
from explorer.application.outside import new_id
from explorer.application.repair import Step, in_words, outcome
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.domain.decider import AnyDecider, DomainEvent
from explorer.domain.event import Event, Json, Metadata
from explorer.errors import BadInput, Conflict, Refused
from explorer.projections import queries
from explorer.projections.runner import Progress, no_progress
from explorer.store.codec import Record

PAGE = 500
"""Streams looked up at a time."""


class Staying(NamedTuple):
    """What is left as it is, and why: by a rule, or since there is nothing to do (`is_needless`).

    `version` and `type` are those of an event that is not undone; 0 and the command's name where none is meant.
    """

    version: int
    type: str
    why: str
    is_needless: bool = False


class StreamPlan(NamedTuple):
    """What would be done to a stream at `version`, step by step, and what would not."""

    stream: str
    version: int
    steps: tuple[Step, ...]
    words: tuple[tuple[str, str], ...]
    changes: tuple[FieldChange, ...]
    stays: tuple[Staying, ...] = ()

    @property
    def events(self) -> tuple[DomainEvent, ...]:
        return tuple(event for step in self.steps for event in step.events)

    @property
    def refusals(self) -> int:
        return sum(not one.is_needless for one in self.stays)

    @property
    def refused(self) -> str:
        """The first rule that refuses something; "" if none does."""
        return next((one.why for one in self.stays if not one.is_needless), "")


class OneCommand(NamedTuple):
    """A command for each stream of a category of which a condition holds."""

    condition: str
    command: object
    category: str

    noun = "stream"
    counsel = "Narrow the condition, or leave the refused ones out."


class Undoing(NamedTuple):
    """Every event for which a filter holds is undone."""

    filter: str

    noun = "event"
    counsel = "Narrow the filter, or leave the refused ones out."


class BulkPlan(NamedTuple):
    """What would be done to which streams; those that would be left as they are for no reason worth telling are not
    among them. `looked_at` counts the streams, or the events that were found; `met` those of which the condition holds.
    """

    deed: OneCommand | Undoing
    plans: tuple[StreamPlan, ...]
    looked_at: int
    met: int = 0

    @property
    def events(self) -> int:
        return sum(len(plan.events) for plan in self.plans)

    @property
    def streams(self) -> int:
        """How many streams would be changed."""
        return sum(bool(plan.steps) for plan in self.plans)

    @property
    def refusals(self) -> int:
        return sum(plan.refusals for plan in self.plans)

    @property
    def needless(self) -> int:
        return sum(len(plan.stays) - plan.refusals for plan in self.plans)


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
    states = states_of(session, Where(category=category))
    wanted = understood(condition, states)
    if wanted.looks_back:
        raise BadInput("A bulk repair looks at states as they are now: event.… and was.… mean nothing there. Say which "
                       "states are wrong now, such as lines[*].unit_price < 100.")  # fmt: skip
    order = _command(session.decider(f"{category}-"), command, fields)
    for doubt in doubts(wanted.condition, states):
        # Negated, a name that nothing has would mean every stream.
        raise BadInput(f"{doubt.words} Nothing is repaired by a condition that means no field.")
    decider = session.decider(f"{category}-")
    caught_up(session)
    plans, looked_at, met = list[StreamPlan](), 0, 0
    others: dict[str, Any] = {}
    names = list(_streams(session, category))
    for looked_at, stream in enumerate(names, 1):
        version = session.store.version_of(stream)
        state = state_of(session, stream, version)
        if wanted.holds(decider.document(state), {}):
            met += 1
            plan = _plan(session, stream, version, state, order, others)
            if plan.steps or plan.stays:
                plans.append(plan)
        if looked_at % 50 == 0 or looked_at == len(names):
            progress(looked_at, len(names))
    return BulkPlan(OneCommand(condition, order, category), tuple(plans), looked_at, met)


def carry_out_bulk(
    session: Session,
    plan: BulkPlan,
    actor: str,
    reason: str,
    origin: str = "",
    *,
    skip_refused: bool = False,
    progress: Progress = no_progress,
) -> list[Event]:
    """Carries a plan out in one transaction, as one piece of work; the events recorded. What takes an event back has
    that as its cause.

    Raises BadInput without a reason, Refused where the plan has refusals that are not to be left out, Conflict if a
    stream has moved on since the plan was made; `progress` tells of streams, and may raise Cancelled: nothing was
    appended then.
    """
    if not reason.strip():
        raise BadInput("A repair needs a reason, which is recorded with it. Say why.")
    if plan.refusals and not skip_refused:
        raise Refused(_refusals(plan))
    about, desk = Metadata(actor, reason, new_id(), None, origin), Desk(session)
    for done, one in enumerate(plan.plans):
        progress(done, len(plan.plans))
        version = one.version
        for step in one.steps:
            happened = _decide(desk, one, step, about, version)
            if tuple(happened) != step.events:
                raise Conflict(one.stream, one.version, one.version)
            version += len(happened)
    progress(len(plan.plans), len(plan.plans))
    return desk.append()


def _decide(desk: Desk, one: StreamPlan, step: Step, about: Metadata, version: int) -> list[DomainEvent]:
    if step.repaired is not None:
        about = msgspec.structs.replace(about, causation_id=UUID(bytes=step.repaired.id))
    happened: list[DomainEvent] = []
    for command in step.commands:
        happened += desk.decide(one.stream, command, about, expected_version=version + len(happened))
    return happened


def _refusals(plan: BulkPlan) -> str:
    first = next(one for one in plan.plans if one.refused)
    noun, of = plan.deed.noun, len(plan.plans) if isinstance(plan.deed, OneCommand) else plan.looked_at
    return (
        f"{plan.refusals:,} of {of:,} {noun}s are refused, the first {first.stream}: {first.refused} "
        f"{plan.deed.counsel}"
    )


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


def _plan(
    session: Session, stream: str, version: int, state: Any, command: object, others: MutableMapping[str, Any]
) -> StreamPlan:
    decider = session.decider(stream)
    try:
        found = outcome(session, decider, state, [command], others)
    except Refused as refusal:
        return StreamPlan(stream, version, (), (), (), (Staying(0, type(command).__name__, str(refusal)),))
    differs = changes(decider.document(state), decider.document(found.state))
    cause = _cause(session, stream, differs) if found.events else None
    steps = (Step(cause, (command,), *found),) if found.events else ()
    return stream_plan(session, stream, version, state, steps, (), others)


def _cause(session: Session, stream: str, differs: Sequence[FieldChange]) -> Record:
    """What is repaired: the event that has set the first field that would be changed, else the stream's last one."""
    path = differs[0].path if differs else ""
    setters = (one.record for one in blame(session, stream) if one.path == path or one.path.startswith(f"{path}."))
    return next(setters, None) or session.store.latest([stream])[stream]


def stream_plan(
    session: Session,
    stream: str,
    version: int,
    state: Any,
    steps: Sequence[Step],
    stays: Sequence[Staying],
    others: MutableMapping[str, Any],
) -> StreamPlan:
    """The plan for a stream in a state; what is planned for others after it is decided upon the state it leads to."""
    decider = session.decider(stream)
    after = steps[-1].state if steps else state
    if steps:
        others[stream] = after
    events = [event for step in steps for event in step.events]
    differs = changes(decider.document(state), decider.document(after))
    return StreamPlan(stream, version, tuple(steps), in_words(decider, events), tuple(differs), tuple(stays))
