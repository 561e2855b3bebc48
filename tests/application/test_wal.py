"""Whoever reads for long reads in short transactions: the log's and the cache's WAL can be merged at any time."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.application.audit import audit_report, resolve_scope
from explorer.application.event_list import EventFilter, matching
from explorer.application.session import Session
from explorer.store.engine import driver
from tests.application.shop import Clock, long_cart, note, opened, record

Reader = Callable[[Session], Iterator[Any]]


def report_entries(session: Session) -> Iterator[Any]:
    yield from audit_report(session, resolve_scope(session)).entries


READERS: dict[str, Reader] = {
    "a stream": lambda session: session.store.read_stream("cart-long"),
    "all that passes": lambda session: matching(session, EventFilter(), 0, 2_600),
    "a type": lambda session: matching(session, EventFilter(type="ItemQuantityChanged"), 0, 2_600),
    "words": lambda session: matching(session, EventFilter(where="mug"), 0, 2_600),
    "a report": report_entries,
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Session]:
    with opened(tmp_path, Clock()) as session:
        long_cart(session, 2_500)
        session.catch_up()
        yield session


def merged(path: Path) -> bool:
    """Whether all of a WAL could be merged and cut off: nobody is reading in it."""
    connection = driver.connect(str(path), isolation_level=None, timeout=0)
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    return not busy


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_reader_in_the_middle_of_his_reading_holds_nothing_back(shop: Session, reader: Reader) -> None:
    events = reader(shop)
    assert next(events)
    record(shop, "parcel-1", note({}))
    shop.catch_up()
    assert merged(shop.path)
    assert merged(shop.cache.path)
    assert next(events)


def test_a_cursor_that_is_left_open_would_be_seen(shop: Session) -> None:
    connection = driver.connect(str(shop.path), isolation_level=None)
    cursor = connection.execute("SELECT position FROM events")
    assert cursor.fetchone()
    record(shop, "parcel-1", note({}))
    assert not merged(shop.path)
    connection.close()
