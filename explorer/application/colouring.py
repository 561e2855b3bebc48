"""Colour rules: named conditions on events, each with a colour and a letter; the first that holds counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import msgspec

from explorer.application.filtering import EventFilter
from explorer.application.session import Session
from explorer.errors import BadInput

COLOURS = ("blue", "orange", "green", "purple", "sky")
"""Of the Okabe-Ito set, without those that are near the past's amber and damage's red."""
MOST = 20


class _Stored(msgspec.Struct):
    name: str
    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`text` is a filter; raises NotUnderstood where it is none."""

    name: str
    wanted: EventFilter
    colour: str

    @property
    def letter(self) -> str:
        """What stands in the bar, so that nothing is said by colour alone."""
        return self.name[:1].upper()


class Coloured(NamedTuple):
    """What a rule that holds gives an event."""

    name: str
    letter: str
    colour: str


Colours: TypeAlias = "dict[int, Coloured]"


def rule(name: str, text: str, colour: str) -> Rule:
    """A rule from what somebody typed. Raises BadInput, and NotUnderstood for the condition."""
    name = " ".join(name.split())
    if not name or not name[0].isprintable():
        raise BadInput("Give the rule a name; its first letter marks the rows.")
    wanted = EventFilter.parse(text)
    if wanted.is_empty:
        raise BadInput("Say which events are coloured, such as data.quantity > 100.")
    return Rule(name, wanted, colour if colour in COLOURS else COLOURS[0])


def colours(session: Session, rules: Sequence[Rule], positions: Sequence[int]) -> Colours:
    """What the rules say of the events at some positions."""
    found: Colours = {}
    if not rules:
        return found
    for record in session.store.records_at(positions):
        first = next((one for one in rules if one.wanted.passes_all(record, session.store.codec)), None)
        if first is not None:
            found[record.position] = Coloured(first.name, first.letter, first.colour)
    return found


def as_text(rules: Sequence[Rule]) -> str:
    """Rules as they are kept."""
    return msgspec.json.encode([_Stored(one.name, one.wanted.text, one.colour) for one in rules]).decode()


def from_text(text: str) -> tuple[Rule, ...]:
    """Rules as they were kept; what is none is left out."""
    try:
        stored = msgspec.json.decode(text, type=list[_Stored])
    except msgspec.DecodeError:
        return ()
    found: list[Rule] = []
    for one in stored[:MOST]:
        try:
            found.append(rule(one.name, one.text, one.colour))
        except BadInput:
            continue
    return tuple(found)
