"""What an append is: events for a stream, made into the rows that are stored and the leaves that are hashed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from explorer.domain.event import Metadata, NewEvent
from explorer.errors import BadInput
from explorer.proof import merkle
from explorer.store.codec import Record, canonical, envelope, text

EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds of the years 1 and 9999: what every calendar library can show."""


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
