"""Which streams have events between two positions, the last changed first, without reading all that lies between.

Positions have no gaps, so counting tells what need not be read: where the events of a few streams are as many as the
positions of a stretch, it holds nothing else. A stream that goes on behind a stretch does not end in it, so a stretch
that a few busy streams fill is passed over, however long it is.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from explorer.store.reader import Reader, undisturbed
from explorer.store.rows import typed

LEAST, MOST = 256, 4_096
"""Positions that are read in one go: few first, more where few streams are found."""
CROWDED = 32
"""A stretch is crowded where it has so many events to a stream: then it may go on like that for long."""

_LAST_IN = """SELECT found.position, found.stream, found.version, EXISTS (SELECT 1 FROM events AS later
        WHERE later.stream = found.stream AND later.version = found.version + 1 AND later.position <= ?)
    FROM (SELECT max(position) AS position, stream, version FROM events
        WHERE position > ? AND position <= ? GROUP BY stream) AS found
    ORDER BY found.position DESC"""
_UP_TO = "SELECT version, position FROM events WHERE stream = ? AND version <= ? ORDER BY version DESC LIMIT 1"
_LATEST = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?"

T = TypeVar("T")


class Touched(NamedTuple):
    """A stream and its last event of those looked at."""

    position: int
    stream: str
    version: int


class _Crowd(NamedTuple):
    """A position, and the versions that some streams have there."""

    position: int
    versions: Sequence[int]

    def fills(self, later: "_Crowd") -> bool:
        """Whether all events from here to there are these streams'."""
        return sum(later.versions) - sum(self.versions) == later.position - self.position


def touched(
    reader: Reader, after: int, until: int, before: int, limit: int, check: Callable[[], None]
) -> list[Touched]:
    """At most `limit` streams with events at after < position <= until, by their last such event, newest first.

    Only those whose last one is before position `before`. `check` is called now and then and may raise Cancelled.
    """
    found: list[Touched] = []
    place, size = min(until, before - 1), LEAST
    while place > after and len(found) < limit:
        check()
        low = max(after, place - size)
        bounds = (until, low, place)
        rows = _asked(reader, lambda cursor, bounds=bounds: cursor.execute(_LAST_IN, bounds).fetchall())
        streams = typed(rows, tuple[int, str, int, int])
        found += [Touched(position, stream, version) for position, stream, version, goes_on in streams if not goes_on]
        is_crowded = place - low == MOST and len(streams) * CROWDED <= MOST
        place, size = low, min(MOST, 2 * size)
        if is_crowded and place > after:
            place = _behind_crowd(reader, [stream for _, stream, _, _ in streams], after, place, check)
    return found[:limit]


def _behind_crowd(reader: Reader, streams: Sequence[str], after: int, place: int, check: Callable[[], None]) -> int:
    """The last position behind `after` and up to `place` whose event is of none of these streams; else `after`."""

    def counted(position: int, least: _Crowd | None, most: _Crowd | None) -> _Crowd:
        check()
        lows = least.versions if least else [0] * len(streams)
        highs = most.versions if most else [None] * len(streams)
        bounds = [*zip(streams, lows, highs, strict=True)]
        return _Crowd(position, _asked(reader, lambda cursor: [_bisected(cursor, position, *one) for one in bounds]))

    here, step = counted(place, None, None), MOST
    there = counted(max(after, place - step), None, here)
    while there.fills(here):
        if there.position == after:
            return after
        here, step = there, 2 * step
        there = counted(max(after, here.position - step), None, here)
    # Between the two is a stranger; the last one is at `here` when nothing is left between them.
    while here.position - there.position > 1:
        middle = counted((here.position + there.position) // 2, there, here)
        there, here = (there, middle) if middle.fills(here) else (middle, here)
    return here.position


def versions_at(reader: Reader, streams: Sequence[str], position: int) -> list[int]:
    """The version of each stream's last event at or before a position; 0 where there was none yet.

    Versions rise with positions, so this bisects: 20 look-ups in a stream of a million.
    """
    return _asked(reader, lambda cursor: [_bisected(cursor, position, stream, 0, None) for stream in streams])


def _bisected(cursor: Any, position: int, stream: str, low: int, high: int | None) -> int:
    """The version at a position, which is known to be from `low` to `high`."""
    most: int = high if high is not None else cursor.execute(_LATEST, (stream,)).fetchone()[0]
    while low < most:
        middle = (low + most + 1) // 2
        found = cursor.execute(_UP_TO, (stream, middle)).fetchone()
        if found is None or found[1] <= position:
            low = middle
        else:
            most = found[0] - 1
    found = cursor.execute(_UP_TO, (stream, low)).fetchone()
    return int(found[0]) if found else 0


@undisturbed
def _asked(reader: Reader, ask: Callable[[Any], T]) -> T:
    """One short read transaction."""
    with reader.reading() as connection:
        return ask(connection.connection.cursor())
