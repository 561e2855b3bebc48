"""Widths of texts, for tables that are painted anew with every frame.

They are added up from the widths of the characters, which is four times as fast as shaping the text; where that is off
by a pixel, the cell's edge cuts.
"""

from bisect import bisect_right
from itertools import accumulate
from math import ceil

from PySide6.QtGui import QFont, QFontMetricsF

_REMEMBERED = 20_000
"""Texts whose cut is remembered."""

_TAIL = 8
"""Characters behind the `…` of a text that is cut already, at most."""


class Ruler:
    """Cuts texts to the width there is."""

    def __init__(self, font: QFont) -> None:
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}
        self._known: dict[tuple[str, int], tuple[str, int]] = {}

    def fitted(self, text: str, room: int) -> tuple[str, int]:
        """The text, or its beginning and `…`, and its width.

        What is cut already, as the names of streams are, gets no second `…` but is cut before the first.
        """
        known = self._known.get((text, room))
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = self._known[text, room] = self._cut(text, room)
        return known

    def fitted_time(self, text: str, room: int) -> tuple[str, int]:
        """`Tue 7 Dec 2010 14:03:22` without weekday, year or day, as the width has it."""
        parts = text.split(" ")
        for shorter in (text, " ".join(parts[1:]), " ".join((*parts[1:-2], parts[-1]))):
            width = self._ends(shorter)[-1]
            if width <= room:
                return shorter, ceil(width)
        return self.fitted(parts[-1], room)

    def _cut(self, text: str, room: int) -> tuple[str, int]:
        ends = self._ends(text)
        if not ends or ends[-1] <= room:
            return text, ceil(ends[-1]) if ends else 0
        head, _, tail = text.rpartition("…")
        if not head or len(tail) > _TAIL:
            head, tail = text, ""
        left = room - self._width("…") - sum(map(self._width, tail))
        if left < 0:
            left, tail = left + sum(map(self._width, tail)), ""
        kept = bisect_right(ends, left, hi=len(head))
        return f"{head[:kept].rstrip(' …')}…{tail}", room

    def _ends(self, text: str) -> list[float]:
        widths = self._widths
        try:
            return list(accumulate(map(widths.__getitem__, text)))
        except KeyError:
            return list(accumulate(map(self._width, text)))

    def _width(self, character: str) -> float:
        if character not in self._widths:
            self._widths[character] = self._metrics.horizontalAdvance(character)
        return self._widths[character]
