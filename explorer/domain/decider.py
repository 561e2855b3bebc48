"""A decider: an empty state and two pure functions, `decide` and `evolve`, for one category of streams.

After J. Chassaing's "Functional Event Sourcing Decider" and emmett's `typing/decider.ts`. The explorer knows streams,
events and deciders; which deciders there are is said in `explorer.domain.deciders`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from explorer.domain.event import Json
from explorer.errors import Refused

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


class DomainEvent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What happened, as a typed value.

    The class's name is the stored type; a changed meaning raises `schema_version`. `personal` names the texts that may
    have to be erased one day; one that was renamed is there under its old name, too.
    """

    schema_version: ClassVar[int] = 1
    personal: ClassVar[tuple[str, ...]] = ()


class Facts(msgspec.Struct, frozen=True):
    """What a decision may know besides its own state: the time (µs UTC) and the states of the streams it `needs`."""

    now: int
    states: Mapping[str, object] = {}


Upcaster = Callable[[dict[str, Json]], dict[str, Json]]
"""Turns the data of schema version n into that of n + 1."""


def _no_repair(*_: object) -> Sequence[Any]:
    raise Refused("Nobody has said how streams of this category are repaired; nothing was changed.")


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E]):
    """One category's rules. `document` is the state as JSON for people and programs that know nothing of the domain;
    it has the same fields at its top for every state.

    `subject` says whom a state's personal texts are about, so that they can be erased together; empty for nobody.
    `restore` gives the commands that lead from a state as it is now to an earlier one, `undo` those that take back what
    an event did, from a state as it is now; both raise Refused with the reason where there are none. `command` gives
    the one that would have caused an event in a state; None where there is no rule to ask.

    `rising` are the paths in the document whose number, or whose length, never falls from one event to the next.
    """

    category: str
    initial: S
    events: tuple[type[E], ...]
    commands: tuple[type[C], ...]
    decide: Callable[[C, S, Facts], Sequence[E]]
    evolve: Callable[[S, E], S]
    document: Callable[[S], dict[str, Json]]
    summary: Callable[[E], str]
    needs: Callable[[C], Sequence[str]]
    upcasters: Mapping[tuple[str, int], Upcaster] = field(default_factory=dict[tuple[str, int], Upcaster])
    subject: Callable[[S], str] = lambda _: ""
    restore: Callable[[S, S], Sequence[C]] = _no_repair
    undo: Callable[[E, S], Sequence[C]] = _no_repair
    rising: frozenset[str] = frozenset()
    command: Callable[[E, S], C | None] = lambda _, __: None


AnyDecider = Decider[Any, Any, Any]


def short(text: str, limit: int = 80) -> str:
    """Somebody's text for one line of a list: white space as blanks, cut where it is long."""
    words = " ".join(text.split())
    return words if len(words) <= limit else f"{words[: limit - 1]}…"
