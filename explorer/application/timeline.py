"""The timeline's arithmetic, without Qt: which stretch of time is shown, and where in it things are.

Times are whole microseconds since 1970 in UTC; widths, gaps and x are pixels. After speedscope's `lib/math.ts`: views
ask, and draw. The calendar below it is in `explorer.application.ticks`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.application.kinds import KINDS, Kind
from explorer.projections.log import SECOND, WIDTHS

WIDTH_NAMES = (
    "second", "5 seconds", "30 seconds", "2 minutes", "10 minutes", "hour", "4 hours", "day", "week", "4 weeks",
    "20 weeks", "100 weeks", "500 weeks",
)  # fmt: skip
"""What a bucket at each level of the activity pyramid is called."""
MIN_SPAN = 1_000
"""Microseconds: two events closer than that cannot be told apart."""
MAX_SPAN = 1_000 * 31_557_600 * SECOND
"""A thousand years."""
MAX_BARS = 350
LEAST_BAR = 4
"""Pixels of a bar, on average."""
MARGIN = 50
"""The fitted view has a margin of a 50th of its span at either end."""
LEAST_MARGIN = 30 * SECOND


@dataclass(frozen=True, slots=True)
class Viewport:
    """What is shown: start <= time < end; never empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"A viewport from {self.start} to {self.end} shows nothing.")

    @property
    def span(self) -> int:
        return self.end - self.start

    @staticmethod
    def fitted(first: int | None, last: int | None) -> "Viewport":
        """All from the first to the last event, with a margin; a minute round a single moment.

        Without events, the first minute of 1970: something has to stand there, and nobody is shown it.
        """
        first, last = first or 0, last or 0
        margin = max((last - first) // MARGIN, LEAST_MARGIN)
        return Viewport(first - margin, last + margin)

    def panned(self, share: float) -> "Viewport":
        """Moved by a share of the span: 1 is a whole screen later, -0.5 half a screen earlier."""
        by = round(self.span * share)
        return Viewport(self.start + by, self.end + by)

    def zoomed(self, about: int, factor: float) -> "Viewport":
        """With `factor` times the span, about a time that stays where it is. Below 1 zooms in."""
        span = min(MAX_SPAN, max(MIN_SPAN, round(self.span * factor)))
        # Rounded, not floored: at a span of a millisecond a microsecond is more than a pixel.
        before = (2 * (about - self.start) * span + self.span) // (2 * self.span)
        return Viewport(about - before, about - before + span)

    def clamped(self, within: "Viewport") -> "Viewport":
        """Moved, and shrunk if need be, so that nothing beyond `within` is shown."""
        span = min(self.span, within.span)
        start = max(within.start, min(self.start, within.end - span))
        return Viewport(start, start + span)

    def x_of(self, time: int, width: int) -> float:
        """Where a time is, 0 being the left edge."""
        return (time - self.start) * width / self.span

    def time_at(self, x: float, width: int) -> int:
        """The time at a pixel; the edges beyond the view are cut off."""
        fraction = max(0.0, min(1.0, x / max(1, width)))
        return self.start + round(self.span * fraction)

    def contains(self, time: int) -> bool:
        return self.start <= time < self.end


# Bars


def level_for(viewport: Viewport, width: int) -> int:
    """The finest level of the pyramid whose bars are not too many to tell apart."""
    bars = max(1, min(MAX_BARS, width // LEAST_BAR))
    for level, seconds in enumerate(WIDTHS):
        if viewport.span <= bars * seconds * SECOND:
            return level
    return len(WIDTHS) - 1


@dataclass(frozen=True, slots=True)
class Activity:
    """Events counted by bucket and kind.

    `buckets` are the times at which buckets begin, rising; `counts` has for each kind one number a bucket. A bucket
    without events may be left out.
    """

    width_us: int
    buckets: Sequence[int]
    counts: Mapping[Kind, Sequence[int]]

    @staticmethod
    def of(width_us: int, rows: Iterable[tuple[int, Kind, int]]) -> "Activity":
        """Of (bucket's start, kind, events) in any order; the same bucket and kind may come again."""
        found: dict[int, dict[Kind, int]] = {}
        for start, kind, events in rows:
            bucket = found.setdefault(start, {})
            bucket[kind] = bucket.get(kind, 0) + events
        buckets = sorted(found)
        counts: dict[Kind, tuple[int, ...]] = {
            kind: tuple(found[start].get(kind, 0) for start in buckets)
            for kind in KINDS
            if any(kind in bucket for bucket in found.values())
        }
        return Activity(width_us, tuple(buckets), counts)

    def by_kind(self) -> list[tuple[Kind, Sequence[int]]]:
        """The counts in the order in which they are stacked, from the ground."""
        return [(kind, self.counts[kind]) for kind in KINDS if kind in self.counts]

    def totals(self) -> tuple[int, ...]:
        """All events of each bucket."""
        return tuple(map(sum, zip(*self.counts.values(), strict=True)))

    def bucket_at(self, time: int) -> int | None:
        """The index of the bucket that a time falls into, if there is one."""
        index = bisect_right(self.buckets, time) - 1
        return index if index >= 0 and time < self.buckets[index] + self.width_us else None

    def counted(self, index: int) -> tuple[tuple[Kind, int], ...]:
        """What a bucket holds, from the ground."""
        return tuple((kind, counts[index]) for kind, counts in self.by_kind() if counts[index])


NO_ACTIVITY = Activity(SECOND, (), {})


Box = tuple[int, int, int, int]
"""Left, top, width and height in whole pixels, from the upper left corner."""
HAIRLINE_FROM = 4
"""Pixels of height from which a part of a bar is set off from the next."""


def stacked(activity: Activity, viewport: Viewport, width: int, height: int, line: int = 1) -> dict[Kind, list[Box]]:
    """The bars in view, which stand on whole pixels, so that all gaps are alike; the highest fills the height.

    Where there is room, `line` pixels are left between bars and between the parts of a bar: not every eye tells their
    colours apart. A bar has at least a pixel, however few its events.
    """
    first = max(0, bisect_left(activity.buckets, viewport.start - activity.width_us + 1))
    last = bisect_left(activity.buckets, viewport.end)
    totals = activity.totals()
    scale = height / max(1, max(totals[first:last], default=0))
    gap = line if activity.width_us * width >= LEAST_BAR * line * viewport.span else 0
    found: dict[Kind, list[Box]] = {kind: [] for kind, _ in activity.by_kind()}
    columns = [(counts, found[kind]) for kind, counts in activity.by_kind()]
    for index in range(first, last):
        left = round(viewport.x_of(activity.buckets[index], width))
        right = round(viewport.x_of(activity.buckets[index] + activity.width_us, width)) - gap
        _stack(columns, index, (left, max(1, right - left), height, line), scale)
    return found


def _stack(columns: list[tuple[Sequence[int], list[Box]]], index: int, place: Box, scale: float) -> None:
    """Adds one bar's parts; `place` is its left and width, the pixel below it, and the width of a line."""
    left, width, ground, line = place
    highest = round(sum(counts[index] for counts, _ in columns) * scale) or 1
    events = bottom = 0
    for counts, boxes in columns:
        if counts[index]:
            events += counts[index]
            top = round(events * scale) or 1
            tall = top - bottom
            hairline = line if tall >= HAIRLINE_FROM * line and top < highest else 0
            if tall:
                boxes.append((left, ground - top + hairline, width, tall - hairline))
            bottom = top


# Marks


class Cluster(NamedTuple):
    """Marks that stand together: those with the indexes first <= index < end, at the pixels from `left` to `right`."""

    first: int
    end: int
    left: float
    right: float

    @property
    def size(self) -> int:
        return self.end - self.first


def clusters(times: Sequence[int], viewport: Viewport, width: int, alone: int, together: int) -> list[Cluster]:
    """Which of the rising times in view stand apart, and which have to share a place.

    A mark by itself takes `alone` pixels, and a sign for several `together`; what would overlap becomes one.
    """
    found: list[Cluster] = []
    for first, end in _crowds(times, viewport, alone * viewport.span // max(1, width)):
        x, last = viewport.x_of(times[first], width), viewport.x_of(times[end - 1], width)
        cluster = Cluster(first, end, x, last)
        while found and _overlap(found[-1], cluster, alone, together):
            before = found.pop()
            cluster = Cluster(before.first, cluster.end, before.left, cluster.right)
        found.append(cluster)
    return found


def _crowds(times: Sequence[int], viewport: Viewport, gap: int) -> Iterator[tuple[int, int]]:
    """Runs of times in view of which each is less than `gap` microseconds after the one before."""
    first, end = bisect_left(times, viewport.start), bisect_left(times, viewport.end)
    for index in range(first + 1, end):
        if times[index] - times[index - 1] >= gap:
            yield first, index
            first = index
    if first < end:
        yield first, end


def _overlap(before: Cluster, after: Cluster, alone: int, together: int) -> bool:
    return _edges(before, alone, together)[1] > _edges(after, alone, together)[0]


def _edges(cluster: Cluster, alone: int, together: int) -> tuple[float, float]:
    """Where what is drawn for a cluster begins and ends."""
    half, middle = (alone if cluster.size == 1 else together) / 2, (cluster.left + cluster.right) / 2
    return min(cluster.left, middle - half), max(cluster.right, middle + half)


def runs(times: Iterable[int], viewport: Viewport, width: int) -> list[tuple[int, int]]:
    """The pixels on which rising times fall, as stretches from a first pixel to one before the second."""
    start, span = viewport.start, viewport.span
    found: list[tuple[int, int]] = []
    for time in times:
        x = (time - start) * width // span
        if not found or x > found[-1][1]:
            found.append((x, x + 1))
        elif x == found[-1][1]:
            found[-1] = (found[-1][0], x + 1)
    return found


def nearest(times: Sequence[int], time: int, reach: int) -> int | None:
    """The index of the time nearest to `time` in a sorted sequence; None if none is within `reach` microseconds."""
    place = bisect_left(times, time)
    around = [index for index in (place - 1, place) if 0 <= index < len(times)]
    best = min(around, key=lambda index: abs(times[index] - time), default=None)
    return best if best is not None and abs(times[best] - time) <= reach else None


def mark_at(times: Sequence[int], x: float, viewport: Viewport, width: int, reach: int) -> int | None:
    """The index of the mark that is hit at x: the nearest of the rising times, if it is within `reach` pixels."""
    return nearest(times, viewport.time_at(x, width), reach * viewport.span // max(1, width))
