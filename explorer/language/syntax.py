"""What a condition is made of. Each part is a frozen value; equal conditions are equal, wherever in a text they stand.

Paths and values know their place in the text that they were read from: from `start` to `end`.
"""

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from explorer.errors import BadInput


class NotUnderstood(BadInput):
    """A text that is no condition. `start` and `end` are the offsets of the part that is wrong in the `text`."""

    text = ""

    def __init__(self, reason: str, start: int, end: int) -> None:
        super().__init__(reason)
        self.start, self.end = start, end

    def __reduce__(self) -> "tuple[type[NotUnderstood], tuple[str, int, int]]":
        return NotUnderstood, (str(self), self.start, self.end)


ENVELOPE = (
    "type", "actor", "stream", "category", "reason", "origin", "time", "recorded", "position", "version", "schema",
    "id", "correlation", "causation",
)  # fmt: skip
"""What is known of every event beside its data."""
DATA = "data"
WAS, EVENT = "was", "event"


class Dialect(Enum):
    """What the names of a condition are about."""

    EVENTS = "events"
    """Of an event: its envelope and `data.…`; a bare name on the right is a text, a bare word is sought."""
    STATES = "states"
    """Of a state: paths into its document, `was.…` the one before the event, `event.…` the event."""


@dataclass(frozen=True, slots=True)
class Name:
    """Into the field of an object."""

    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Into an item of a list: 0 is the first, -1 the last."""

    index: int


@dataclass(frozen=True, slots=True)
class Every:
    """Into each item of a list: a path then has several values."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """Into the objects of a list whose field has a value, written as text."""

    name: str
    value: str


Step: TypeAlias = Name | Place | Every | Keyed


@dataclass(frozen=True, slots=True)
class Path:
    """Where a value is: a root (`type`, `data`, `was`, `event.actor`; empty for the state itself), and on from it."""

    root: str
    steps: tuple[Step, ...] = ()
    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it is written: a text, a number, true, false or null."""

    value: "str | Fraction | bool | None"
    start: int = field(default=0, compare=False, repr=False)
    end: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`sign` is one of + - * /."""

    sign: str
    left: "Operand"
    right: "Operand"


@dataclass(frozen=True, slots=True)
class Count:
    """How many items there are at a path."""

    path: Path


Operand: TypeAlias = Path | Literal | Moment | Arithmetic | Count


@dataclass(frozen=True, slots=True)
class Comparison:
    """`sign` is one of == != < <= > >= ~ !~."""

    sign: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Among:
    """`left in (…)`, or not in it."""

    left: Operand
    values: tuple[Operand, ...]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """Occurs in the event."""

    text: str


@dataclass(frozen=True, slots=True)
class There:
    """The path is there, and not null, false, 0 or empty."""

    path: Path


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; without any it always does."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    parts: "tuple[Condition, ...]"


Condition: TypeAlias = Comparison | Among | Word | There | Not | And | Or
ALWAYS = And(())
