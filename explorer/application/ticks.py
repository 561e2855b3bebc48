"""The calendar under the timeline: which moments get a tick and what is written there. Without Qt.

Times are whole microseconds since 1970 in UTC; ticks stand where the wall clock of a time zone is round, whatever
daylight saving does. A zone of None is the system's own.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, NamedTuple

from explorer.application.timeline import Viewport

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not the locale's: Qt sets it as it likes, and the rest of the window is in English."""
GAP = 2
"""Characters of room between two labels."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime(600, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""What Python's calendar can say in any time zone, and five hundred years before and after it."""
_SECOND = 1_000_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3_600 * _SECOND, 86_400 * _SECOND

Unit = Literal["clock", "day", "month", "year"]


class Tick(NamedTuple):
    """A moment and what is written at it."""

    time: int
    label: str


class Ticks(NamedTuple):
    """Two rows of ticks, both rising and within the view.

    `minor` are the fine ones; `major` begin the larger units (the days above hours, the months above days); `context`
    names the larger unit in which the view begins, in ever fewer words.
    """

    minor: tuple[Tick, ...]
    major: tuple[Tick, ...]
    context: tuple[str, ...]


class Step(NamedTuple):
    """A distance between ticks. `size` is in microseconds where the unit is the clock, else in units."""

    unit: Unit
    size: int

    @property
    def span(self) -> int:
        """Microseconds, about."""
        return self.size * {"clock": 1, "day": _DAY, "month": 30 * _DAY, "year": 365 * _DAY}[self.unit]


STEPS: tuple[Step, ...] = (
    *(Step("clock", size * 10**power) for power in range(6) for size in (1, 2, 5)),
    *(Step("clock", size * _SECOND) for size in (1, 2, 5, 10, 15, 30)),
    *(Step("clock", size * _MINUTE) for size in (1, 2, 5, 10, 15, 30)),
    *(Step("clock", size * _HOUR) for size in (1, 2, 3, 6, 12)),
    *(Step("day", size) for size in (1, 2, 7, 14)),
    *(Step("month", size) for size in (1, 3, 6)),
    *(Step("year", size) for size in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
)
_ABOVE: dict[Unit, Unit | None] = {"clock": "day", "day": "month", "month": "year", "year": None}


def ticks(viewport: Viewport, width: int, character: float, zone: tzinfo | None = None) -> Ticks:
    """As many ticks as can be labelled in `width` pixels, at `character` pixels a character."""
    start, end = max(viewport.start, _FIRST), min(viewport.end, _LAST)
    if start >= end or width <= 0:
        return Ticks((), (), ())
    pixel = viewport.span / width
    step = next((step for step, room in _ROOM if step.span >= room * character * pixel), STEPS[-1])
    minor = tuple(Tick(moment, _label(step, local(moment, zone))) for moment in _moments(step, start, end, zone))
    above = _ABOVE[step.unit]
    if above is None:
        return Ticks(minor, (), ())
    room = Step(above, 1).span / pixel / character - GAP
    name = _name(above, room)
    major = tuple(Tick(moment, name(local(moment, zone))) for moment in _moments(Step(above, 1), start, end, zone))
    return Ticks(minor, major, tuple(name(local(start, zone)) for name in _names(above)))


def local(moment: int, zone: tzinfo | None) -> datetime:
    """A moment on the wall clock of a zone."""
    return (_EPOCH + timedelta(microseconds=moment)).astimezone(zone)


def spelled(moment: int, zone: tzinfo | None = None) -> str:
    """`Tue 7 Dec 2010 14:03:22`; a moment beyond the calendar by its microseconds."""
    if not _FIRST <= moment <= _LAST:
        return f"{moment:,} µs"
    at = local(moment, zone)
    return f"{_day(at)} {_clock(at)}"


def _label(step: Step, at: datetime) -> str:
    match step.unit:
        case "clock" if step.size < _SECOND:
            digits = 7 - len(str(step.size))
            return f"{_clock(at)}.{at.microsecond:06d}"[: 9 + digits]
        case "clock":
            return _clock(at) if step.size < _MINUTE else _clock(at)[:5]
        case "day":
            return f"{DAYS[at.weekday()]} {at.day}"
        case "month":
            return MONTHS[at.month - 1]
        case "year":
            return str(at.year)


def _clock(at: datetime) -> str:
    return f"{at.hour:02d}:{at.minute:02d}:{at.second:02d}"


def _day(at: datetime) -> str:
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def _names(unit: Unit) -> tuple[Callable[[datetime], str], ...]:
    """How a larger unit is named, the longest first."""
    if unit == "day":
        return (_day, lambda at: f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}")
    if unit == "month":
        return (lambda at: f"{MONTHS[at.month - 1]} {at.year}", lambda at: MONTHS[at.month - 1])
    return (lambda at: str(at.year),)


def _name(unit: Unit, room: float) -> Callable[[datetime], str]:
    names = _names(unit)
    return next((name for name in names if len(name(_LONGEST)) <= room), names[-1])


_LONGEST = datetime(2010, 12, 29, 23, 59, 59, 999_999, tzinfo=UTC)
_ROOM = tuple((step, len(_label(step, _LONGEST)) + GAP) for step in STEPS)
"""The characters that a label of each step takes."""


# Where ticks stand


def _moments(step: Step, start: int, end: int, zone: tzinfo | None) -> Iterator[int]:
    """The moments of start <= moment < end at which the zone's wall clock shows a multiple of the step."""
    if step.unit == "clock":
        moment = _next_round(start - 1, step.size, zone)
        while moment < end:
            yield moment
            moment = _next_round(moment, step.size, zone)
        return
    day = _floor(local(start, zone).date(), step)
    moment = _midnight(day, zone)
    last = start - 1
    while moment < end:
        if moment > last:  # Samoa had no 30 December 2011
            yield moment
            last = moment
        day = _after(day, step)
        moment = _midnight(day, zone)


def _next_round(moment: int, size: int, zone: tzinfo | None) -> int:
    """The first moment after `moment` at which the wall clock is a multiple of `size`, which divides a day."""
    while True:
        offset = _offset(moment, zone)
        ahead = ((moment + offset) // size + 1) * size - offset
        # The clock may be put forward or back in between: then the same wall time is a different moment.
        for candidate in (ahead, ahead + offset - _offset(ahead, zone)):
            if candidate > moment and (candidate + _offset(candidate, zone)) % size == 0:
                return candidate
        moment = ahead  # a wall time that was left out


def _offset(moment: int, zone: tzinfo | None) -> int:
    """Microseconds by which the zone's wall clock is ahead of UTC."""
    offset = local(moment, zone).utcoffset()
    return offset // _MICROSECOND if offset is not None else 0


def _floor(day: date, step: Step) -> date:
    match step.unit:
        case "year":
            return date(day.year - day.year % step.size, 1, 1)
        case "month":
            return date(day.year, day.month - (day.month - 1) % step.size, 1)
        case _:
            return date.fromordinal(day.toordinal() - (day.toordinal() - 1) % step.size)  # the first day was a Monday


def _after(day: date, step: Step) -> date:
    match step.unit:
        case "year":
            return date(day.year - day.year % step.size + step.size, 1, 1)
        case "month":
            months = day.year * 12 + day.month - 1 + step.size
            return date(months // 12, months % 12 + 1, 1)
        case _:
            return day + timedelta(days=step.size)


def _midnight(day: date, zone: tzinfo | None) -> int:
    """When a day begins; where the clock is put forward at midnight, its first moment."""
    wall = datetime.combine(day, time())
    begins = wall.astimezone() if zone is None else wall.replace(tzinfo=zone)
    return (begins.astimezone(UTC) - _EPOCH) // _MICROSECOND
