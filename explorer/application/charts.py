"""What a report's charts show, as plain numbers: how much happened when, and how the sums went.

Whatever the log's length and span, a chart has a bounded number of points, found while the log is read once.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from explorer.domain.event import Json
from explorer.domain.money import MONEY
from explorer.projections.totals import NOTHING, Sums
from explorer.store.appending import EARLIEST, LATEST

MOST_BUCKETS = 240
MOMENTS = 60
"""Steps in which sums are followed over a report's range."""
MOST_FACTS = 40
"""Numbers of one document that are looked at."""
MOST_COURSES = 4
"""Currencies of a store, or facts of a stream, that get a chart."""

_SECOND = 1_000_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3_600 * _SECOND, 86_400 * _SECOND
_WEEK = 7 * _DAY
_MONDAY = -3 * _DAY
"""A Monday, so that a bucket of a week begins with one. All widths are counted from it."""
WIDTHS = (
    *(size * _SECOND for size in (1, 5, 15)),
    *(size * _MINUTE for size in (1, 5, 15)),
    *(size * _HOUR for size in (1, 3, 6, 12)),
    _DAY,
    *(_WEEK << power for power in range(13)),
)
"""Widths of a bucket in µs. Each divides the next, so that buckets can be put together; the last is enough for all."""


class Activity(NamedTuple):
    """Numbers of events in buckets of `width` µs; the first begins at `start` (µs UTC). Empty if there were none.

    `untimed` are events whose time is none, as only a damaged file has them.
    """

    start: int
    width: int
    counts: tuple[int, ...]
    untimed: int = 0

    @property
    def end(self) -> int:
        return self.start + self.width * len(self.counts)

    def in_words(self) -> str:
        """The width of a bucket: `15 minutes`."""
        for unit, name in ((_WEEK, "week"), (_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"), (_SECOND, "second")):
            if self.width >= unit:
                number = self.width // unit
                return name if number == 1 else f"{number} {name}s"
        return ""


class Line(NamedTuple):
    """What one number was at each of its course's times."""

    name: str
    values: tuple[int, ...]


class Course(NamedTuple):
    """How some numbers went: each holds from its time (µs UTC, rising) to the next.

    They are whole minor units of `currency`; plain numbers where it is empty.
    """

    title: str
    currency: str
    times: tuple[int, ...]
    lines: tuple[Line, ...]


class ActivityTally:
    """Counts events by their time in any order; buckets grow wider as the span does."""

    def __init__(self) -> None:
        self._widths = iter(WIDTHS)
        self._width = next(self._widths)
        self._counts: dict[int, int] = {}
        self._first = self._last = 0
        self._untimed = 0

    def add(self, time: int) -> None:
        if not EARLIEST <= time <= LATEST:
            self._untimed += 1
            return
        bucket = (time - _MONDAY) // self._width
        if not self._counts:
            self._first = self._last = bucket
        self._first, self._last = min(self._first, bucket), max(self._last, bucket)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        while self._last - self._first >= MOST_BUCKETS:
            self._widen()

    def _widen(self) -> None:
        wider = next(self._widths)
        ratio, self._width = wider // self._width, wider
        narrow, self._counts = self._counts, {}
        for bucket, count in narrow.items():
            self._counts[bucket // ratio] = self._counts.get(bucket // ratio, 0) + count
        self._first, self._last = self._first // ratio, self._last // ratio

    def activity(self) -> Activity:
        if not self._counts:
            return Activity(0, self._width, (), self._untimed)
        counts = tuple(self._counts.get(bucket, 0) for bucket in range(self._first, self._last + 1))
        return Activity(self._first * self._width + _MONDAY, self._width, counts, self._untimed)


def moments_between(first: int, last: int) -> list[int]:
    """Times at even distances, both ends included; one if they are the same."""
    return sorted({first + (last - first) * step // MOMENTS for step in range(MOMENTS + 1)})


def money_courses(times: Sequence[int], totals: Sequence[Mapping[str, Sums]]) -> tuple[Course, ...]:
    """The shop's revenue and the value in its carts at each of the times, for the currencies in which there is most."""
    last = totals[-1]
    by_weight = sorted(filter(None, last), key=lambda name: (-last[name].revenue - last[name].value_in_carts, name))
    return tuple(
        _money_course(currency, times, [sums.get(currency, NOTHING) for sums in totals])
        for currency in by_weight[:MOST_COURSES]
    )


def _money_course(currency: str, times: Sequence[int], sums: Sequence[Sums]) -> Course:
    revenue = Line("revenue", tuple(each.revenue for each in sums))
    in_carts = Line("value in open carts", tuple(each.value_in_carts for each in sums))
    return Course(f"Totals in {currency}", currency, tuple(times), (revenue, in_carts))


class FactsTally:
    """Follows the numbers in a stream's documents; of many documents it keeps every second, fourth, eighth …"""

    def __init__(self) -> None:
        self._kept: list[tuple[int, dict[str, int]]] = []
        self._stride, self._seen = 1, 0
        self._time = EARLIEST

    def wants_next(self) -> bool:
        """Whether the next document will be kept: it costs something to make one."""
        return self._seen % self._stride == 0

    def skip(self, time: int) -> None:
        self._time = max(self._time, time)
        self._seen += 1

    def take(self, time: int, document: Mapping[str, Json]) -> None:
        """The document from a time on. Times that run backwards are those of the event before."""
        self.skip(time)
        self._keep(document)
        if len(self._kept) > 2 * MOMENTS:
            del self._kept[1::2]
            self._stride *= 2

    def end(self, document: Mapping[str, Json]) -> None:
        """The last document, kept whatever the stride."""
        if self._kept:
            self._keep(document)

    def _keep(self, document: Mapping[str, Json]) -> None:
        facts = dict(islice(_numbers(document), MOST_FACTS))
        if self._kept and self._kept[-1][0] == self._time:
            self._kept.pop()
        self._kept.append((self._time, facts))

    def courses(self, currency: str) -> tuple[Course, ...]:
        """A chart of the money if the stream has a currency, and one for each other number that ever changed."""
        times = tuple(time for time, _ in self._kept)
        names = dict.fromkeys(name for _, facts in self._kept for name in facts)
        lines = [Line(name, tuple(facts.get(name, 0) for _, facts in self._kept)) for name in names]
        moving = [line for line in lines if len({*line.values}) > 1] or lines[:1]
        paid = tuple(line for line in moving if currency and line.name in MONEY)
        courses = [Course(f"Money in {currency}", currency, times, paid[-3:])] if paid else []
        courses += [Course(line.name, "", times, (line,)) for line in moving if line not in paid]
        return tuple(courses[:MOST_COURSES])


def _numbers(document: Mapping[str, Json], within: str = "") -> Iterator[tuple[str, int]]:
    """Whole numbers of a document and of the documents in it, by name; not those in lists."""
    for name, value in document.items():
        if isinstance(value, dict) and not within:
            yield from _numbers(value, f"{name}.")
        elif isinstance(value, int) and not isinstance(value, bool):
            yield f"{within}{name}", value
