"""given / when / then for a decider, with "nothing happened" and "refused because" as first-class endings.

After emmett's `testing/deciderSpecification.ts`. Refusals are pinned word by word: the reason is what the user reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Generic

from explorer.domain.decider import C, Decider, E, Facts, S
from explorer.errors import Refused


@dataclass(frozen=True, slots=True)
class Outcome(Generic[E]):
    """What came of a command: events, none of them, or a refusal."""

    events: Sequence[E]
    refusal: Refused | None = None

    def then(self, first: E, *more: E) -> None:
        assert (list(self.events), self.refusal) == ([first, *more], None)

    def then_nothing_happened(self) -> None:
        assert (list(self.events), self.refusal) == ([], None)

    def then_refused_because(self, reason: str, beside: str = "") -> None:
        """`beside` names the input that the reason is shown next to."""
        assert self.refusal is not None, f"not refused: {self.events}"
        assert (str(self.refusal), self.refusal.field) == (reason, beside)


@dataclass(frozen=True, slots=True)
class Specification(Generic[C, S, E]):
    """`given(*events).when(command)` ends in one of three ways: see `Outcome`."""

    decider: Decider[C, S, E]
    facts: Facts
    history: tuple[E, ...] = ()

    def given(self, *history: E) -> "Specification[C, S, E]":
        return replace(self, history=history)

    def when(self, command: C) -> Outcome[E]:
        state = reduce(self.decider.evolve, self.history, self.decider.initial)
        try:
            return Outcome(self.decider.decide(command, state, self.facts))
        except Refused as refusal:
            return Outcome((), refusal)
