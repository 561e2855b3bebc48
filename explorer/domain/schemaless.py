"""State for a category nobody wrote a decider for, so that any log can be explored.

Every event's data is merged over what was known: the latest value of each field wins. Beside the fields stands how many
events of each type there were. No commands: such a stream can be read, rewound and proved, not edited.
"""

from collections.abc import Mapping

import msgspec

from explorer.domain.decider import Decider, Facts, short
from explorer.domain.event import Event, Json
from explorer.errors import Refused


class Merged(msgspec.Struct, frozen=True):
    fields: Mapping[str, Json] = {}
    events: Mapping[str, int] = {}


def evolve(state: Merged, event: Event) -> Merged:
    return Merged(
        {**state.fields, **event.data},
        {**state.events, event.type: state.events.get(event.type, 0) + 1},
    )


def document(state: Merged) -> dict[str, Json]:
    """The state as JSON, copied to the last list: whoever changes it changes nothing else."""
    return msgspec.to_builtins(state)


def summary(event: Event) -> str:
    """The first few fields that are not nested, as `name value`."""
    plain = [short(f"{name} {value}") for name, value in event.data.items() if not isinstance(value, dict | list)]
    return " · ".join(plain[:4])


def decide(command: object, state: Merged, facts: Facts) -> list[Event]:
    """Always Refused."""
    del command, state, facts
    raise Refused("This stream can be read but not edited: nobody wrote rules for its category.")


SCHEMALESS: Decider[object, Merged, Event] = Decider(
    category="",
    initial=Merged(),
    events=(),
    commands=(),
    decide=decide,
    evolve=evolve,
    document=document,
    summary=summary,
    needs=lambda _: (),
    rising=frozenset({"events.*"}),
)
