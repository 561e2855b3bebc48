"""What a projection is, and the one kind of table that lets it be asked about any moment.

A projection is fed one `Change` after another in order of position. Its rows and its checkpoint are committed together
(eventsourcing, `sqlite.py`); raising its `version`, or changing its tables, means that it is rebuilt.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from explorer.store.codec import Record

FOREVER = 2**63 - 1
"""`until` of a row that still holds."""


class Change:
    """One event and what it did to its stream. `event`, `before` and `after` are None for a category without decider.

    `stream_id` is the position of the stream's first event: a number that needs no table to be given out.
    """

    __slots__ = ("after", "before", "category", "event", "record", "stream_id", "time")

    def __init__(
        self, record: Record, category: str, stream_id: int, time: int, event: Any, before: Any, after: Any
    ) -> None:
        self.record, self.category, self.stream_id, self.time = record, category, stream_id, time
        self.event, self.before, self.after = event, before, after


class Projection(Protocol):
    """Keeps between batches only what it can read again: `forget` drops it when another process was quicker."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def tables(self) -> Sequence[str]: ...

    def apply(self, change: Change, cursor: Any) -> None: ...

    def flush(self, cursor: Any) -> None: ...

    def forget(self) -> None: ...


class Versioned:
    """Rows that hold from position `since` up to, not including, `until`: "as of P" is `since <= P AND P < until`.

    Rows of one batch are completed in memory, so that a row which lived and died within it is written once.
    """

    def __init__(self, table: str, key: Sequence[str], columns: Sequence[str]) -> None:
        names = (*key, "since", "until", *columns)
        self._insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        of_key = " AND ".join(f"{name} = ?" for name in key)
        self._close = (
            f"UPDATE {table} SET until = ? WHERE {of_key} AND until = {FOREVER} "
            f"AND since = (SELECT max(since) FROM {table} WHERE {of_key})"
        )
        self._open: dict[tuple[Any, ...], tuple[int, Sequence[Any]]] = {}
        self._closed: list[tuple[Any, ...]] = []
        self._closing: list[tuple[Any, ...]] = []

    def put(self, key: tuple[Any, ...], since: int, values: Sequence[Any], *, replaces: bool) -> None:
        """From `since` on the row of `key` has these values. `replaces`: there is one that held until now."""
        self._end(key, since, replaces)
        self._open[key] = since, values

    def drop(self, key: tuple[Any, ...], since: int) -> None:
        """From `since` on there is no row of `key`."""
        self._end(key, since, replaces=True)

    def _end(self, key: tuple[Any, ...], until: int, replaces: bool) -> None:  # noqa: FBT001 - private, always named
        held = self._open.pop(key, None)
        if held is None:
            if replaces:
                self._closing.append((until, *key, *key))
        elif held[0] < until:
            self._closed.append((*key, held[0], until, *held[1]))

    def flush(self, cursor: Any) -> None:
        # Closing first: a key closed here may have been opened anew in this batch.
        if self._closing:
            cursor.executemany(self._close, self._closing)
        cursor.executemany(self._insert, self._closed)
        cursor.executemany(self._insert, self._still_open())
        self.forget()

    def _still_open(self) -> Iterable[tuple[Any, ...]]:
        return [(*key, since, FOREVER, *values) for key, (since, values) in self._open.items()]

    def forget(self) -> None:
        self._open.clear()
        self._closed.clear()
        self._closing.clear()
