"""Which events belong to one piece of work, and which follow from one cause.

A row lists the positions of one id in one chunk of the log, as 16-bit offsets in order. The events of a piece of work
lie close together, so it has a row or two however many there are; and an event that nothing caused has none. Ids are
UUIDv7 as a rule, which rise with time: their rows are written to the end of the table.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from explorer.projections.asking import all_of
from explorer.projections.projection import Change

CHUNK = 4_096
"""Positions in a chunk; position 1 is in chunk 0."""
MOST = 1_000_000
"""Effects of one cause that are told at most."""
ID = 16
"""Bytes of an id. One that damage has left longer or shorter leads nowhere."""


class Causes:
    name = "causes"
    version = 1
    tables = (
        """CREATE TABLE work (
            correlation BLOB NOT NULL, chunk INTEGER NOT NULL, offsets BLOB NOT NULL,
            PRIMARY KEY (correlation, chunk)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE effect (
            cause BLOB NOT NULL, chunk INTEGER NOT NULL, offsets BLOB NOT NULL,
            PRIMARY KEY (cause, chunk)) STRICT, WITHOUT ROWID""",
    )

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        works: defaultdict[bytes, list[int]] = defaultdict(list)
        effects: defaultdict[bytes, list[int]] = defaultdict(list)
        for change in changes:
            record = change.record
            if (correlation := record.correlation_id) is not None:
                works[correlation].append(record.position)
            if (cause := record.causation_id) is not None:
                effects[cause].append(record.position)
        for table, key, found in (("work", "correlation", works), ("effect", "cause", effects)):
            cursor.executemany(
                # What `||` makes of two blobs is their bytes, called a text.
                f"INSERT INTO {table} VALUES (?, ?, ?) ON CONFLICT ({key}, chunk) DO UPDATE "
                "SET offsets = CAST(offsets || excluded.offsets AS BLOB)",
                [row for id_ in sorted(found) if len(id_) == ID for row in _rows(id_, found[id_])],
            )

    def forget(self) -> None:
        pass


def work_of(connection: Connection, correlation_id: bytes, limit: int, after: int = 0) -> list[int]:
    """The positions of a piece of work's events behind `after`, in order; at most `limit`."""
    rows = all_of(
        connection,
        "SELECT chunk, offsets FROM work WHERE correlation = ? AND chunk >= ? ORDER BY chunk LIMIT ?",
        correlation_id,
        after // CHUNK,
        limit + 1,
    )
    return [position for position in _positions(rows) if position > after][:limit]


def effects_of(connection: Connection, ids: Collection[bytes], limit: int = MOST) -> dict[bytes, list[int]]:
    """The positions of what each of these events or commands has caused, in order, at most `limit` of each.

    Those that caused nothing are left out.
    """
    wanted = msgspec.json.encode([id_.hex() for id_ in ids]).decode()
    sql = (
        "SELECT cause, chunk, offsets FROM json_each(?) AS wanted "
        "CROSS JOIN effect ON effect.cause = unhex(wanted.value) ORDER BY cause, chunk"
    )
    found: dict[bytes, list[int]] = {}
    for cause, chunk, offsets in all_of(connection, sql, wanted):
        known = found.setdefault(cause, [])
        known += _positions([(chunk, offsets)])[: limit - len(known)]
    return found


def _rows(id_: bytes, positions: list[int]) -> Iterator[tuple[bytes, int, bytes]]:
    """Rising positions, a row for each chunk."""
    for chunk in range((positions[0] - 1) // CHUNK, (positions[-1] - 1) // CHUNK + 1):
        first = chunk * CHUNK + 1
        offsets = array("H", [position - first for position in positions if 0 <= position - first < CHUNK])
        if offsets:
            yield id_, chunk, offsets.tobytes()


def _positions(rows: Sequence[tuple[int, bytes]]) -> list[int]:
    return [chunk * CHUNK + offset + 1 for chunk, offsets in rows for offset in array("H", offsets)]
