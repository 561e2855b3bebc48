"""The timeline's arithmetic, without Qt: which stretch of time is shown, and where in it things are.

Times are whole microseconds since 1970 in UTC; widths and x are pixels. After speedscope's `lib/math.ts`: views ask,
and draw.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

WIDTHS = (1, 5, 30, 120, 600, 3_600, 14_400, 86_400, 604_800)
"""Seconds of a bucket at each level of the activity pyramid that the read side keeps."""
WIDTH_NAMES = (
    "1 second", "5 seconds", "30 seconds", "2 minutes", "10 minutes", "1 hour", "4 hours", "1 day", "1 week"
)  # fmt: skip
SECOND = 1_000_000
MIN_SPAN = 1_000
"""Microseconds: two events closer than that cannot be told apart."""
MAX_BARS = 350
MARGIN = 50
"""The fitted view has a margin of a 50th of its span at either end."""
LEAST_MARGIN = 30 * SECOND


class Viewport(NamedTuple):
    """What is shown: start <= time < end; never empty."""

    start: int
    end: int

    @property
    def span(self) -> int:
        return self.end - self.start

    @staticmethod
    def fitted(first: int, last: int) -> "Viewport":
        """All from the first to the last event, with a margin; a minute round a single moment."""
        margin = max((last - first) // MARGIN, LEAST_MARGIN)
        return Viewport(first - margin, last + margin)

    def panned(self, by: int) -> "Viewport":
        """Moved by some microseconds; positive is later."""
        return Viewport(self.start + by, self.end + by)

    def zoomed(self, about: int, factor: float) -> "Viewport":
        """With `factor` times the span, about a time that stays where it is. Below 1 zooms in."""
        span = max(MIN_SPAN, round(self.span * factor))
        start = about - (about - self.start) * span // self.span
        return Viewport(start, start + span)

    def clamped(self, within: "Viewport") -> "Viewport":
        """Moved, and shrunk if need be, so that nothing beyond `within` is shown."""
        span = min(self.span, within.span)
        start = max(within.start, min(self.start, within.end - span))
        return Viewport(start, start + span)

    def centred(self, time: int) -> "Viewport":
        """The same span about a time."""
        return self.panned(time - self.start - self.span // 2)

    def x_of(self, time: int, width: int) -> float:
        """Where a time is, 0 being the left edge."""
        return (time - self.start) * width / self.span

    def time_at(self, x: float, width: int) -> int:
        """The time at a pixel; the edges beyond the view are cut off."""
        fraction = max(0.0, min(1.0, x / max(1, width)))
        return self.start + round(self.span * fraction)

    def contains(self, time: int) -> bool:
        return self.start <= time < self.end


def level_for(viewport: Viewport, width: int) -> int:
    """The finest level of the pyramid whose bars are not too many to tell apart."""
    bars = max(1, min(MAX_BARS, width // 4))
    for level, seconds in enumerate(WIDTHS):
        if viewport.span <= bars * seconds * SECOND:
            return level
    return len(WIDTHS) - 1


def nearest(times: Sequence[int], time: int, reach: int) -> int | None:
    """The index of the time nearest to `time` in a sorted sequence; None if none is within `reach` microseconds."""
    place = bisect_left(times, time)
    around = [index for index in (place - 1, place) if 0 <= index < len(times)]
    best = min(around, key=lambda index: abs(times[index] - time), default=None)
    return best if best is not None and abs(times[best] - time) <= reach else None


def are_apart(times: Sequence[int], viewport: Viewport, width: int, gap: int) -> bool:
    """Whether the marks in view are few enough to be told apart: on average `gap` pixels of width for each."""
    inside = bisect_left(times, viewport.end) - bisect_left(times, viewport.start)
    return inside * gap <= width
