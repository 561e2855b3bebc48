"""Bookmarks as of now, and as they were: a row holds from position `since` to before `until`.

They are about history, so all of today's are shown wherever one looks from; what they said then is told on request.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from explorer.domain.bookmark import CATEGORY, Bookmark
from explorer.projections.asking import all_of
from explorer.projections.projection import FOREVER, Change
from explorer.projections.queries import position_at


class BookmarkRow(NamedTuple):
    """A bookmark: `time` is that of the moment it marks, `set_at` when it was last written (both µs UTC), by `actor`.

    `since` is the position of the event that wrote it.
    """

    position: int
    time: int
    title: str
    note: str
    stream: str
    actor: str
    set_at: int
    since: int


class Bookmarks:
    name = "bookmarks"
    version = 1
    tables = (
        """CREATE TABLE bookmark (
            position INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, title TEXT NOT NULL,
            note TEXT NOT NULL, stream TEXT NOT NULL, actor TEXT NOT NULL, set_at INTEGER NOT NULL,
            PRIMARY KEY (position, since)) STRICT, WITHOUT ROWID""",
        f"CREATE INDEX bookmark_now ON bookmark (position) WHERE until = {FOREVER}",
    )

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        for change in changes:
            if change.category == CATEGORY:
                self._apply(change, cursor)

    def _apply(self, change: Change, cursor: Any) -> None:
        now = change.after
        # What was not written by the rules may mark what never happened, or change what was never set.
        if not isinstance(now, Bookmark) or change.event is None or not 1 <= now.position < change.position:
            return
        close = f"UPDATE bookmark SET until = ? WHERE position = ? AND until = {FOREVER}"
        cursor.execute(close, (change.position, now.position))
        if now.is_set:
            record = change.record
            place = now.position, change.position, FOREVER
            texts = now.title, now.note, now.stream, record.actor, record.occurred_at
            cursor.execute("INSERT INTO bookmark VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*place, *texts))

    def forget(self) -> None:
        pass


_COLUMNS = (
    "position, (SELECT time FROM moment WHERE moment.position <= bookmark.position "
    "ORDER BY moment.position DESC LIMIT 1), title, note, stream, actor, set_at, since"
)
_NOW = f"until = {FOREVER}"


def bookmarks(
    connection: Connection, *, after: int = 0, until: int = FOREVER, limit: int = 100, as_of: int | None = None
) -> list[BookmarkRow]:
    """The bookmarks of after < position <= until, in order of position; at most `limit`.

    With `as_of` those that there were at that position, as they were.
    """
    holds, at = (_NOW, ()) if as_of is None else ("since <= ? AND until > ?", (as_of, as_of))
    sql = f"SELECT {_COLUMNS} FROM bookmark WHERE position > ? AND position <= ? AND {holds} ORDER BY position LIMIT ?"
    return [BookmarkRow._make(row) for row in all_of(connection, sql, after, until, *at, limit)]


def bookmarks_between(connection: Connection, start: int, end: int, limit: int) -> list[BookmarkRow]:
    """The bookmarks of moments in a stretch of time (µs UTC, both ends included), the first of them."""
    after, until = position_at(connection, start - 1), position_at(connection, end)
    return bookmarks(connection, after=after, until=until, limit=limit)


def bookmark_before(connection: Connection, position: int) -> BookmarkRow | None:
    """The last bookmark before a position."""
    sql = f"SELECT {_COLUMNS} FROM bookmark WHERE position < ? AND {_NOW} ORDER BY position DESC LIMIT 1"
    return next((BookmarkRow._make(row) for row in all_of(connection, sql, position)), None)


def bookmarks_at(connection: Connection, positions: Collection[int]) -> dict[int, BookmarkRow]:
    """The bookmarks of these positions; those without one are left out."""
    sql = (
        f"SELECT {_COLUMNS} FROM json_each(?) AS wanted "
        f"CROSS JOIN bookmark ON bookmark.position = wanted.value AND {_NOW} ORDER BY position"
    )
    rows = all_of(connection, sql, msgspec.json.encode(sorted(positions)).decode())
    return {row[0]: BookmarkRow._make(row) for row in rows}


def number_of_bookmarks(connection: Connection, limit: int) -> int:
    """How many there are; `limit` where there are more."""
    return len(all_of(connection, f"SELECT position FROM bookmark WHERE position >= 0 AND {_NOW} LIMIT ?", limit))
