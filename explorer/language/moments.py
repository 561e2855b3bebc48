"""Dates and times as they are written: each is a span, as long as it is exact, in whole microseconds since 1970 UTC.

`2011-01-05` is the whole day, so that it ends where a reader thinks that it ends: `time <= 2011-01-05` has all of it.
"""

import re
from functools import lru_cache
from typing import NamedTuple

SECOND = 1_000_000
DAY = 86_400 * SECOND
PATTERN = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?"
_PARTS = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?:Z|([+-])(\d\d):(\d\d))?)?", re.ASCII
)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Span(NamedTuple):
    """The microseconds `start <= µs < end`."""

    start: int
    end: int


def instant(microseconds: int) -> Span:
    return Span(microseconds, microseconds + 1)


@lru_cache(maxsize=1_024)
def moment(text: str) -> Span | None:
    """The span that ISO 8601 text names, UTC without an offset; None for what is no date or time."""
    found = _PARTS.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= _days_in(year, month)):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    start = _days_since_1970(year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * SECOND
    fraction, sign, hours, minutes = found.groups()[6:]
    start += int((fraction or "").ljust(6, "0"))
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            return None
        start -= (int(hours) * 60 + int(minutes)) * 60 * SECOND * (1 if sign == "+" else -1)
    return Span(start, start + _length(found))


def _length(found: "re.Match[str]") -> int:
    _, _, _, hour, _, second, fraction = found.groups()[:7]
    if fraction is not None:
        return 10 ** (6 - len(fraction))
    if second is not None:
        return SECOND
    return DAY if hour is None else 60 * SECOND


def _days_in(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _DAYS[month - 1]


def _days_since_1970(year: int, month: int, day: int) -> int:
    # Years that begin in March: the leap day is their last.
    year -= month <= 2
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + of_year - 719_468
