"""What is asked of the log itself, whatever its domain: streams, times, types and actors, activity over time.

Time here is the *time of a position*, the greatest occurred_at so far: it never runs backwards, so every stretch of
time is a stretch of positions.
"""

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from explorer.projections.projection import Change

DAY = 86_400
WIDTHS = (1, 5, 30, 120, 600, 3_600, 14_400, DAY, 7 * DAY, 28 * DAY, 140 * DAY, 700 * DAY, 3_500 * DAY)
"""Seconds of a bucket at each level of the activity pyramid: a second to ten years."""
SECOND = 1_000_000


class Streams:
    """Every stream by name and by the position of its first event, which is its id."""

    name = "streams"
    version = 2
    tables = (
        "CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL) STRICT",
        "CREATE INDEX stream_of_category ON stream (category, id)",
    )

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        begun = [(c.position, c.record.stream, c.category) for c in changes if c.stream_id == c.position]
        cursor.executemany("INSERT INTO stream VALUES (?, ?, ?)", begun)

    def forget(self) -> None:
        pass


class Facets:
    """Which positions have a type or an actor: the filters of the event list.

    A row lists the positions of one value in one chunk of the log, as 16-bit offsets in order: two bytes an event, and
    what a chunk does not have is skipped by its absence.
    """

    name = "facets"
    version = 2
    CHUNK = 1_024
    """Positions in a chunk; position 1 is in chunk 0."""
    VALUES = 2**31
    """`mark.id` is facet * VALUES + chunk, so that a value's chunks lie together in order."""
    tables = (
        "CREATE TABLE facet (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, value)) "
        "STRICT",
        "CREATE TABLE mark (id INTEGER PRIMARY KEY, offsets BLOB NOT NULL) STRICT",
    )

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}

    def id_of(self, kind: str, value: str, cursor: Any) -> int:
        key = kind, value
        if key not in self._ids:
            cursor.execute("INSERT OR IGNORE INTO facet (kind, value) VALUES (?, ?)", key)
            self._ids[key] = cursor.execute("SELECT id FROM facet WHERE kind = ? AND value = ?", key).fetchone()[0]
        return self._ids[key]

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        types: defaultdict[str, list[int]] = defaultdict(list)
        actors: defaultdict[str, list[int]] = defaultdict(list)
        for change in changes:
            record, position = change.record, change.position
            types[record.type].append(position)
            actors[record.actor].append(position)
        for kind, marks in (("type", types), ("actor", actors)):
            for value, positions in marks.items():
                self._mark(self.id_of(kind, value, cursor), positions, cursor)

    def _mark(self, facet: int, positions: list[int], cursor: Any) -> None:
        """Adds rising positions, the first chunk's to those that are there already."""
        start, rows = 0, list[tuple[int, bytes]]()
        while start < len(positions):
            chunk = (positions[start] - 1) // self.CHUNK
            first = chunk * self.CHUNK + 1
            end = bisect_left(positions, first + self.CHUNK, start)
            offsets = array("H", [position - first for position in positions[start:end]]).tobytes()
            rows.append((facet * self.VALUES + chunk, offsets))
            start = end
        row, offsets = rows[0]
        known = cursor.execute("SELECT offsets FROM mark WHERE id = ?", (row,)).fetchone()
        if known:
            rows[0] = row, known[0] + offsets
        cursor.executemany("INSERT OR REPLACE INTO mark VALUES (?, ?)", rows)

    def forget(self) -> None:
        self._ids.clear()


class Moments:
    """The position at which each new time was first reached."""

    name = "moments"
    version = 1
    tables = (
        "CREATE TABLE moment (position INTEGER PRIMARY KEY, time INTEGER NOT NULL) STRICT",
        "CREATE UNIQUE INDEX moment_of_time ON moment (time)",
    )

    def __init__(self) -> None:
        self._last: int | None = None

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        last = self._last
        if last is None:
            found = cursor.execute("SELECT time FROM moment ORDER BY position DESC LIMIT 1").fetchone()
            last = found[0] if found else changes[0].time - 1
        rows: list[tuple[int, int]] = []
        for change in changes:
            if change.time > last:
                last = change.time
                rows.append((change.position, last))
        cursor.executemany("INSERT INTO moment VALUES (?, ?)", rows)
        self._last = last

    def forget(self) -> None:
        self._last = None


class Activity:
    """How many events of each type in each bucket of time, at several widths: a picture costs pixels, not events."""

    name = "activity"
    version = 2
    tables = (
        """CREATE TABLE activity (
            level INTEGER NOT NULL, bucket INTEGER NOT NULL, type INTEGER NOT NULL, events INTEGER NOT NULL,
            PRIMARY KEY (level, bucket, type)) STRICT, WITHOUT ROWID""",
    )

    def __init__(self, facets: Facets) -> None:
        self._facets = facets

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        counts: Counter[tuple[int, str]] = Counter()
        # Events of one type come in runs, and often in one second.
        for (time, kind), run in groupby((change.time, change.record.type) for change in changes):
            counts[time // SECOND, kind] += sum(1 for _ in run)
        for level, width in enumerate(WIDTHS):
            # Each level is counted up from the finer one: the widths divide one another.
            sums: Counter[tuple[int, str]] = Counter()
            for (second, kind), events in counts.items():
                sums[second // width * width, kind] += events
            counts = sums
            cursor.executemany(
                "INSERT INTO activity VALUES (?, ?, ?, ?) "
                "ON CONFLICT (level, bucket, type) DO UPDATE SET events = events + excluded.events",
                sorted(
                    (level, second // width, self._facets.id_of("type", kind, cursor), events)
                    for (second, kind), events in sums.items()
                ),
            )

    def forget(self) -> None:
        pass
