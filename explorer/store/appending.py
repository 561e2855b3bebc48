"""What an append is: events for a stream, made into the rows that are stored and the leaves that are hashed."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from explorer.domain.event import Metadata, NewEvent
from explorer.errors import BadInput, Conflict
from explorer.proof import merkle
from explorer.store.canonical import canonical, text
from explorer.store.codec import Record, envelope
from explorer.store.rows import records

EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds of the years 1 and 9999: what every calendar library can show."""


_names = ", ".join(Record._fields)
_INSERT = f"INSERT INTO events ({_names}) VALUES ({', '.join('?' * len(Record._fields))})"
_READ_ID = f"SELECT {_names} FROM events WHERE id = ?"
_VERSION = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?"
_LOCK_HEAD = "SELECT size, time, frontier FROM head"
_MOVE_HEAD = "UPDATE head SET size = ?, time = ?, frontier = ?"


class Append(NamedTuple):
    """Events for one stream, which the writer believes to be at `expected_version` (0: new)."""

    stream: str
    expected_version: int
    events: Sequence[NewEvent]


def encoded(append: Append) -> list[bytes]:
    """The data of the events as it is stored. Raises BadInput for whatever cannot be."""
    text(append.stream, "stream name", required=True)
    if not append.events:
        return []
    about: Metadata | None = None
    for event in append.events:
        text(event.type, "event type", required=True)
        if event.metadata is not about:
            # Most appends have one author: it is looked at once.
            about = event.metadata
            text(about.actor, "actor", required=True)
            text(about.reason, "reason")
            text(about.origin, "origin")
        if event.schema_version < 1:
            raise BadInput(f"A schema version counts from 1, not {event.schema_version}.")
        if event.occurred_at is not None and not EARLIEST <= event.occurred_at <= LATEST:
            raise BadInput(
                f"occurred_at {event.occurred_at} is not a time between the years 1 and 9999 in microseconds."
            )
    return [canonical(event.data) for event in append.events]


def rows_of(
    position: int, append: Append, datas: Sequence[bytes], ids: Iterator[UUID], recorded_at: int
) -> Iterator[Record]:
    """The rows of one append, behind `position`."""
    stream, version, events = append
    for event, data, id_ in zip(events, datas, ids, strict=False):
        position, version = position + 1, version + 1
        about = event.metadata
        occurred_at = recorded_at if event.occurred_at is None else event.occurred_at
        leaf = merkle.leaf_hash(
            envelope(
                position, stream, version, id_, event.type, event.schema_version, occurred_at, recorded_at, data,
                about.actor, about.reason, about.correlation_id, about.causation_id, about.origin,
            )
        )  # fmt: skip
        yield Record(
            position, stream, version, id_.bytes, event.type, event.schema_version, occurred_at, recorded_at, data,
            about.actor, about.reason, about.correlation_id.bytes if about.correlation_id else None,
            about.causation_id.bytes if about.causation_id else None, about.origin, leaf,
        )  # fmt: skip


def insert_all(
    cursor: Any, appends: Sequence[Append], data: Sequence[Sequence[bytes]], ids: Sequence[UUID], recorded_at: int
) -> list[Record]:
    """Writes the events of several appends behind the head and moves it, in the caller's transaction.

    Raises Conflict where a stream is not at its expected version, and BadInput for a clock beyond the years 1 to 9999.
    """
    size, time, stored_frontier = cursor.execute(_LOCK_HEAD).fetchone()
    versions, rows, next_id = dict[str, int](), list[Record](), iter(ids)
    if not EARLIEST <= recorded_at <= LATEST:
        raise BadInput(
            f"This computer's clock says {recorded_at:,} microseconds since 1970, outside of the years 1 to 9999. "
            "Set the clock and try again; nothing was saved."
        )
    for append, datas in zip(appends, data, strict=True):
        version = versions.get(append.stream)
        if version is None:
            version = version_in(cursor, append.stream)
        if version != append.expected_version:
            raise Conflict(append.stream, append.expected_version, version)
        if datas:
            rows += rows_of(size + len(rows), append, datas, next_id, recorded_at)
            versions[append.stream] = version + len(datas)
    frontier = merkle.unpacked(stored_frontier)
    merkle.extend(frontier, size, [record.leaf for record in rows])
    latest = max([record.occurred_at for record in rows])
    # The driver binds a plain tuple faster than a named one: a tenth of the whole.
    if len(rows) == 1:
        cursor.execute(_INSERT, tuple(rows[0]))
    else:
        cursor.executemany(_INSERT, map(tuple, rows))
    cursor.execute(_MOVE_HEAD, (size + len(rows), max(time, latest) if size else latest, merkle.packed(frontier)))
    return rows


def by_id(cursor: Any, ids: Collection[bytes]) -> list[Record]:
    """The events with these ids, in order of position; those that do not exist are left out."""
    found = (cursor.execute(_READ_ID, (id_,)).fetchone() for id_ in ids)
    return sorted(records(row for row in found if row is not None))


def version_in(cursor: Any, stream: str) -> int:
    return cursor.execute(_VERSION, (stream,)).fetchone()[0]
