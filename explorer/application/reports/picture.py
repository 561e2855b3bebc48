"""Charts as shapes on a sheet: the page draws them as SVG, the PDF on its canvas, both the same.

Lengths are in points of a sheet of WIDTH × HEIGHT, from its upper left corner. Colours are left to who draws; lines are
told apart by their dashes as well.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import NamedTuple

from explorer.application.audit import AuditReport
from explorer.application.charts import Activity, Course
from explorer.application.reports.shown import time_text
from explorer.application.ticks import Ticks, ticks
from explorer.application.timeline import Viewport
from explorer.domain.money import DIGITS, formatted

WIDTH, HEIGHT = 720.0, 190.0
CHARACTER = 6.0
"""Width of one, at the size of a label."""
TEXT = 10.0
_BOTTOM, _RIGHT = 38.0, 14.0
_KEY, _NO_KEY = 30.0, 10.0
"""Room above the uppermost line."""
_LINES = 4
"""Lines across the sheet, about."""
LONGEST_NAME = 60


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Rule(NamedTuple):
    """A thin line; `strong` for the axis itself."""

    x1: float
    y1: float
    x2: float
    y2: float
    strong: bool


class Label(NamedTuple):
    """A text on its base line; `anchor` tells which of its ends is at x: start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str


class Stroke(NamedTuple):
    """A line through points; `series` 0, 1 or 2 chooses colour and dashes."""

    points: tuple[tuple[float, float], ...]
    series: int


class Picture(NamedTuple):
    """One chart. `description` says in words what it shows; `key` names each series."""

    title: str
    description: str
    key: tuple[Label, ...]
    samples: tuple[Stroke, ...]
    rules: tuple[Rule, ...]
    labels: tuple[Label, ...]
    bars: tuple[Bar, ...]
    strokes: tuple[Stroke, ...]


def pictures(report: AuditReport) -> list[Picture]:
    """The charts of a report: its activity, then how its sums went. None for a report without events."""
    found = [_activity(report.activity)] if report.activity.counts else []
    return found + [_course(course) for course in report.courses if course.times and course.lines]


class _Sheet:
    """Where a value and a moment lie on the sheet, and the axes."""

    def __init__(self, start: int, end: int, values: Sequence[int], currency: str, top: float) -> None:
        self._top = top
        self._view = Viewport(start, max(end, start + 1))
        self._low, self._high = min(0, *values), max(0, *values)
        step = _round_step(self._high - self._low)
        self._low, self._high = self._low // step * step, max(-(-self._high // step), 1) * step
        texts = {value: _amount(value, step, currency) for value in range(self._low, self._high + 1, step)}
        self.left = round(max(map(len, texts.values())) * CHARACTER + 12, 1)
        self.rules = tuple(
            Rule(self.left, self.y(value), WIDTH - _RIGHT, self.y(value), strong=value == 0) for value in texts
        )
        self.labels = tuple(
            Label(self.left - 6, self.y(value) + TEXT * 0.35, text, "end") for value, text in texts.items()
        )

    def x(self, time: int) -> float:
        return round(self.left + (time - self._view.start) / self._view.span * (WIDTH - _RIGHT - self.left), 1)

    def y(self, value: int) -> float:
        return round(
            HEIGHT - _BOTTOM - (value - self._low) / (self._high - self._low) * (HEIGHT - _BOTTOM - self._top), 1
        )

    def calendar(self) -> tuple[tuple[Rule, ...], tuple[Label, ...]]:
        found = ticks(self._view, round(WIDTH - _RIGHT - self.left), CHARACTER, UTC)
        base = HEIGHT - _BOTTOM
        marks = [Rule(self.x(tick.time), base, self.x(tick.time), base + 4, strong=True) for tick in found.minor]
        return tuple(marks), (*self._row(found, base + 15), *self._second_row(found, base + 29))

    def _row(self, found: Ticks, y: float) -> Iterator[Label]:
        for tick in found.minor:
            half = len(tick.label) * CHARACTER / 2
            if self.left - half <= self.x(tick.time) <= WIDTH - half:
                yield Label(self.x(tick.time), y, tick.label, "middle")

    def _second_row(self, found: Ticks, y: float) -> Iterator[Label]:
        free = WIDTH
        for tick in reversed(found.major):
            x, width = self.x(tick.time), len(tick.label) * CHARACTER
            if x + width <= free:
                free = x - CHARACTER
                yield Label(x, y, tick.label, "start")
        name = next((name for name in found.context if self.left + len(name) * CHARACTER <= free), None)
        if name is not None:
            yield Label(self.left, y, name, "start")


def _activity(activity: Activity) -> Picture:
    most, counts = max(activity.counts), activity.counts
    sheet = _Sheet(activity.start, activity.end, counts, "", _NO_KEY)
    bars: list[Bar] = []
    for number, count in enumerate(counts):
        left = sheet.x(activity.start + number * activity.width)
        right = sheet.x(activity.start + (number + 1) * activity.width)
        gap = 0.2 * min(right - left, 5)
        if count:
            top = min(sheet.y(count), sheet.y(0) - 0.7)  # one event among thousands is seen too
            width = min(right - left - gap, 60.0)
            bars.append(Bar(round(left, 1), top, round(max(width, 0.5), 1), round(sheet.y(0) - top, 1)))
    peak = time_text(activity.start + counts.index(most) * activity.width)
    description = (
        f"Events per {activity.in_words()}, from {time_text(activity.start)} to {time_text(activity.end)}: "
        f"{sum(counts):,} in all, most, {most:,}, in the {activity.in_words()} from {peak}."
    )
    if activity.untimed:
        description += f" {activity.untimed:,} more have no time that could be shown."
    rules, labels = sheet.calendar()
    title = f"Activity: events per {activity.in_words()}"
    return Picture(title, description, (), (), (*sheet.rules, *rules), (*sheet.labels, *labels), tuple(bars), ())


def _course(course: Course) -> Picture:
    money, start, end = course.currency, course.times[0], course.times[-1]
    if start == end:
        # A single moment: its value stands for a minute, in the middle of which it was.
        start, end = start - 30_000_000, end + 30_000_000
    values = [value for line in course.lines for value in line.values]
    sheet = _Sheet(start, end, values, money, _KEY)
    strokes = tuple(
        Stroke(tuple(_steps(sheet, course.times, line.values, end)), series) for series, line in enumerate(course.lines)
    )
    x, key, samples = sheet.left, list[Label](), list[Stroke]()
    for series, line in enumerate(course.lines):
        name = _short(line.name)
        samples.append(Stroke(((round(x, 1), 12.0), (round(x + 22, 1), 12.0)), series))
        key.append(Label(round(x + 27, 1), 15.5, name, "start"))
        x += 27 + len(name) * CHARACTER + 24
    described = "; ".join(
        f"{_short(line.name)} from {_value(line.values[0], money)} to {_value(line.values[-1], money)}"
        for line in course.lines
    )
    span = f"From {time_text(course.times[0])} to {time_text(course.times[-1])}"
    rules, labels = sheet.calendar()
    return Picture(
        f"{_short(course.title)} over time", f"{span}: {described}.", tuple(key), tuple(samples),
        (*sheet.rules, *rules), (*sheet.labels, *labels), (), strokes,
    )  # fmt: skip


def _short(name: str) -> str:
    return f"{name[: LONGEST_NAME - 1]}…" if len(name) > LONGEST_NAME else name


def _steps(sheet: _Sheet, times: Sequence[int], values: Sequence[int], end: int) -> Iterator[tuple[float, float]]:
    """A value holds until the next one: a line sloping through a quiet week would tell of what never was."""
    before: float | None = None
    for time, value in zip(times, values, strict=True):
        y = sheet.y(value)
        if before is not None and y != before:
            yield sheet.x(time), before
        if y != before:
            yield sheet.x(time), y
        before = y
    if before is not None:
        yield sheet.x(end), before


def _round_step(span: int) -> int:
    """A round distance between lines; of 1, 2 and 5 times a power of ten."""
    step = 1
    while True:
        for size in (1, 2, 5):
            if span <= size * step * _LINES:
                return size * step
        step *= 10


def _amount(value: int, step: int, currency: str) -> str:
    if not currency:
        return f"{value:,}"
    unit = 10 ** DIGITS.get(currency, 2)
    return formatted(value, currency) if step % unit else f"{value // unit:,}"


def _value(value: int, currency: str) -> str:
    return f"{formatted(value, currency)} {currency}" if currency else f"{value:,}"
