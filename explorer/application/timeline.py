"""The timeline's arithmetic, without Qt: which stretch of time is shown, and where in it things are.

Times are whole microseconds since 1970 in UTC; widths are pixels.
"""

from typing import NamedTuple

WIDTHS = (1, 5, 30, 120, 600, 3_600, 14_400, 86_400, 604_800)
"""Seconds of a bucket at each level of the activity pyramid that the read side keeps."""
SECOND = 1_000_000
MIN_SPAN = 1_000
MAX_BARS = 350
MARGIN = 0.02


class Viewport(NamedTuple):
    """What is shown: start <= time < end."""

    start: int
    end: int

    @property
    def span(self) -> int:
        return self.end - self.start

    @staticmethod
    def fitted(first: int, last: int) -> "Viewport":
        """All from the first to the last event, with a margin; a minute round a single moment."""
        margin = max(int((last - first) * MARGIN), 30 * SECOND)
        return Viewport(first - margin, last + margin)


def level_for(viewport: Viewport, width: int) -> int:
    """The finest level of the pyramid whose bars are not too many to tell apart."""
    bars = max(1, min(MAX_BARS, width // 4))
    for level, seconds in enumerate(WIDTHS):
        if viewport.span <= bars * seconds * SECOND:
            return level
    return len(WIDTHS) - 1
