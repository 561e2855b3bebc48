"""What a projection is.

A projection is fed the events in order of position, a batch at a time. Its rows and its checkpoint are committed
together (eventsourcing, `sqlite.py`); raising its `version`, or changing its tables, means that it is rebuilt.

Rows are appended, hardly ever changed: one holds from position `since` until the next of the same key, so "as of P" is
the last row with `since <= P`, one look-up however long the log is.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from explorer.store.codec import Essence

FOREVER = 2**63 - 1
"""`until` of a row that still holds."""


class Change:
    """One event and what it did to its stream. `event`, `before` and `after` are None for a category without decider.

    `stream_id` is the position of the stream's first event: a number that needs no table to be given out.
    """

    __slots__ = ("after", "before", "category", "event", "position", "record", "stream_id", "time")

    def __init__(
        self, record: Essence, category: str, stream_id: int, time: int, event: Any, before: Any, after: Any
    ) -> None:
        self.record, self.category, self.stream_id, self.time = record, category, stream_id, time
        self.event, self.before, self.after = event, before, after
        self.position = record.position


class Projection(Protocol):
    """Keeps between batches only what it can read again: `forget` drops it when another process was quicker."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def tables(self) -> Sequence[str]: ...

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        """Writes what consecutive events mean, the next after those of the last call."""
        ...

    def forget(self) -> None: ...


def insertion(table: str, columns: Sequence[str]) -> str:
    """The statement that inserts one row."""
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
