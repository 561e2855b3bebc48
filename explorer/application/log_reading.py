"""The log in pages, each a short transaction, whatever state the file is in: what is unreadable is told, not hidden."""

from collections.abc import Callable, Iterator
from itertools import islice

from explorer.errors import Damaged
from explorer.store.appending import EARLIEST, LATEST
from explorer.store.codec import Record
from explorer.store.event_store import PAGE, EventStore

Unreadable = Callable[[int, Damaged], None]
"""Told the position of a row that cannot be read, and why."""


def passed_over(position: int, error: Damaged) -> None:
    """For readers who leave it to the verdict to say what cannot be read."""
    del position, error


def log_pages(
    store: EventStore, after: int, until: int, unreadable: Unreadable = passed_over
) -> Iterator[list[Record]]:
    """The events of after < position <= until, in order.

    Where a page cannot be read its events are read one by one, so that the sound ones among them are not lost.
    """
    while after < until:
        limit = min(PAGE, until - after)
        try:
            page = [record for record in store.records(after, limit) if record.position <= until]
            after = page[-1].position if page else until
        except Damaged:
            page = list(_singly(store, range(after + 1, after + limit + 1), unreadable))
            after += limit
        if page:
            yield page


def _singly(store: EventStore, positions: range, unreadable: Unreadable) -> Iterator[Record]:
    for position in positions:
        try:
            yield from store.records_at([position])
        except Damaged as error:
            unreadable(position, error)


def stream_pages(store: EventStore, stream: str, after: int, until: int) -> Iterator[list[Record]]:
    """One stream's events of after < position <= until, in order; from the whole log if the stream cannot be read."""
    records = store.stream_records(stream)
    try:
        while page := list(islice(records, PAGE)):
            yield [record for record in page if after < record.position <= until]
            after = max(after, page[-1].position)
            if after >= until:
                return
    except Damaged:
        for whole in log_pages(store, after, until):
            yield [record for record in whole if record.stream == stream]


def envelope_fault(record: Record) -> str:
    """What about an event's envelope no append would have written; empty if nothing."""
    ids = (record.id, record.correlation_id, record.causation_id)
    if any(id_ is not None and len(id_) != 16 for id_ in ids):
        return f"Event {record.position:,} has an id that is no UUID"
    if not (EARLIEST <= record.occurred_at <= LATEST and EARLIEST <= record.recorded_at <= LATEST):
        return f"Event {record.position:,} has a time outside of the years 1 to 9999"
    return ""
