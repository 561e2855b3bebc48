"""What a check of a log found: nothing, or the first fault and how many there are."""

from typing import NamedTuple

NAMED = 1_000
"""Positions that one check names at most."""


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


class Check(NamedTuple):
    """One claim about the log, and whether it holds.

    `position` is that of the first event it does not hold for, `positions` those of the first NAMED of them, `reasons`
    what is wrong with each.
    """

    name: str
    claim: str
    ok: bool
    detail: str
    position: int | None = None
    positions: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()


class Faults:
    """Gathers the faults of one check; keeps the first by position, however many are added."""

    def __init__(self, name: str, claim: str) -> None:
        self.name, self.claim, self.count = name, claim, 0
        self.first: int | None = None
        self._reasons: dict[int, str] = {}
        self._words = ""

    def add(self, words: str, position: int | None = None) -> None:
        """`words` is a sentence without its full stop."""
        self.count += 1
        sooner = position is not None and (self.first is None or position < self.first)
        if self.count == 1 or sooner:
            self.first, self._words = position, words
        if position is not None and len(self._reasons) < NAMED:
            self._reasons.setdefault(position, words)

    def check(self, passed: str) -> Check:
        """The outcome; `passed` says what was looked at."""
        if not self.count:
            return Check(self.name, self.claim, ok=True, detail=passed)
        more = f"; and {self.count - 1:,} more like it" if self.count > 1 else ""
        named = sorted(self._reasons)
        return Check(self.name, self.claim, ok=False, detail=f"{self._words}{more}.", position=self.first,
                     positions=tuple(named), reasons=tuple(map(self._reasons.__getitem__, named)))  # fmt: skip
