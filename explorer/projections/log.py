"""What is asked of the log itself, whatever its domain: streams, times, types and actors, activity over time.

Time here is the *time of a position*, the greatest occurred_at so far: it never runs backwards, so every stretch of
time is a stretch of positions.
"""

from collections import Counter
from typing import Any

from explorer.projections.projection import Change

WIDTHS = (1, 5, 30, 120, 600, 3_600, 14_400, 86_400, 604_800)
"""Seconds of a bucket at each level of the activity pyramid."""
SECOND = 1_000_000


class Streams:
    """Every stream by name and by the position of its first event, which is its id."""

    name = "streams"
    version = 1
    tables = (
        "CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL) STRICT",
        "CREATE INDEX stream_of_category ON stream (category, id)",
    )

    def __init__(self) -> None:
        self._new: list[tuple[int, str, str]] = []

    def apply(self, change: Change, cursor: Any) -> None:
        del cursor
        if change.stream_id == change.record.position:
            self._new.append((change.record.position, change.record.stream, change.category))

    def flush(self, cursor: Any) -> None:
        cursor.executemany("INSERT INTO stream VALUES (?, ?, ?)", self._new)
        self._new.clear()

    def forget(self) -> None:
        self._new.clear()


class Facets:
    """Which positions have a type or an actor: the filters of the event list."""

    name = "facets"
    version = 1
    tables = (
        "CREATE TABLE facet (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, value)) "
        "STRICT",
        "CREATE TABLE mark (facet INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (facet, position)) "
        "STRICT, WITHOUT ROWID",
    )

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], int] = {}
        self._marks: list[tuple[int, int]] = []

    def id_of(self, kind: str, value: str, cursor: Any) -> int:
        key = kind, value
        if key not in self._ids:
            cursor.execute("INSERT OR IGNORE INTO facet (kind, value) VALUES (?, ?)", key)
            self._ids[key] = cursor.execute("SELECT id FROM facet WHERE kind = ? AND value = ?", key).fetchone()[0]
        return self._ids[key]

    def apply(self, change: Change, cursor: Any) -> None:
        record = change.record
        for kind, value in (("type", record.type), ("actor", record.actor)):
            self._marks.append((self.id_of(kind, value, cursor), record.position))

    def flush(self, cursor: Any) -> None:
        self._marks.sort()
        cursor.executemany("INSERT INTO mark VALUES (?, ?)", self._marks)
        self._marks.clear()

    def forget(self) -> None:
        self._ids.clear()
        self._marks.clear()


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
        self._new: list[tuple[int, int]] = []

    def apply(self, change: Change, cursor: Any) -> None:
        if self._last is None:
            found = cursor.execute("SELECT time FROM moment ORDER BY position DESC LIMIT 1").fetchone()
            self._last = found[0] if found else None
        if self._last is None or change.time > self._last:
            self._last = change.time
            self._new.append((change.record.position, change.time))

    def flush(self, cursor: Any) -> None:
        cursor.executemany("INSERT INTO moment VALUES (?, ?)", self._new)
        self._new.clear()

    def forget(self) -> None:
        self._last = None
        self._new.clear()


class Activity:
    """How many events of each type in each bucket of time, at several widths: a picture costs pixels, not events."""

    name = "activity"
    version = 1
    tables = (
        """CREATE TABLE activity (
            level INTEGER NOT NULL, bucket INTEGER NOT NULL, type INTEGER NOT NULL, events INTEGER NOT NULL,
            PRIMARY KEY (level, bucket, type)) STRICT, WITHOUT ROWID""",
    )

    def __init__(self, facets: Facets) -> None:
        self._facets = facets
        self._counts: Counter[tuple[int, int]] = Counter()

    def apply(self, change: Change, cursor: Any) -> None:
        self._counts[change.time // SECOND, self._facets.id_of("type", change.record.type, cursor)] += 1

    def flush(self, cursor: Any) -> None:
        for level, width in enumerate(WIDTHS):
            sums: Counter[tuple[int, int]] = Counter()
            for (second, type_id), events in self._counts.items():
                sums[second // width, type_id] += events
            cursor.executemany(
                "INSERT INTO activity VALUES (?, ?, ?, ?) "
                "ON CONFLICT (level, bucket, type) DO UPDATE SET events = events + excluded.events",
                [(level, bucket, type_id, events) for (bucket, type_id), events in sums.items()],
            )
        self._counts.clear()

    def forget(self) -> None:
        self._counts.clear()
