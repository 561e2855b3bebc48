"""What a frame asks of the disk: SQLite's own plans say that nothing is scanned that grows with the log."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.application.event_list import EventFilter
from explorer.application.history import state_at
from explorer.application.session import Session
from explorer.application.timeline import Viewport
from explorer.application.view import Question, answer
from explorer.domain.event import Metadata
from explorer.store import engine
from explorer.store.engine import driver
from tests.application.shop import NOW, SECOND, Clock, long_cart, note, open_cart, opened, record, stock

SMALL = ("facet", "checkpoint", "poison", "head", "source", "held", "wanted", "own", "(subquery", "CONSTANT", "(SELECT")
"""What may be read from end to end: it does not grow with the log, or is what a page has chosen already."""
WALKS = (" ORDER BY position LIMIT 1", " ORDER BY position DESC LIMIT 1")
"""The first or the last row of a table in its own order is one look-up, which SQLite calls a scan."""

CONNECT: Any = driver.connect
Asked = list[tuple[str, str]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Every statement that is carried out, with its file."""
    statements: Asked = []

    def traced(file: str, /, **options: Any) -> Any:
        connection = CONNECT(file, **options)

        def note_down(sql: str) -> None:
            statements.append((file, sql))

        connection.set_trace_callback(note_down)
        return connection

    monkeypatch.setattr(engine.driver, "connect", traced)
    return statements


@pytest.fixture
def shop(tmp_path: Path, asked: Asked) -> Iterator[Session]:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session, "cart-1")
        long_cart(session, 300)
        record(session, "parcel-1", *(note({"text": "hay"}, at=NOW + n * SECOND) for n in range(60)))
        session.catch_up()
        asked.clear()
        yield session


def scans(asked: Asked) -> list[str]:
    """What is read from end to end, by the plans of all statements."""
    found: list[str] = []
    for uri, sql in dict.fromkeys(asked):
        if not sql.lstrip().upper().startswith(("SELECT", "WITH")) or sql.endswith(WALKS):
            continue
        connection = CONNECT(uri, uri=True)
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        connection.close()
        steps = [row[3] for row in plan]
        found += [f"{step}: {sql}" for step in steps if step.startswith("SCAN") and not step[5:].startswith(SMALL)]
    return found


FILTERS = {
    "everything": EventFilter(),
    "a stream": EventFilter(stream="cart-long"),
    "a type": EventFilter(type="ItemQuantityChanged"),
    "an actor": EventFilter(actor="Ann"),
    "a type and an actor": EventFilter(type="NoteTaken", actor="Ann"),
    "a stream, a type and words": EventFilter(stream="cart-long", type="ItemAdded", where="mug"),
    "words": EventFilter(where="hay"),
}


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_a_frame_is_answered_by_look_ups(shop: Session, asked: Asked, wanted: EventFilter) -> None:
    question = Question(stream="cart-long", filter=wanted)
    first = answer(shop, question)
    for as_of in (0, 1, 7, 150, 250):
        first = answer(shop, replace(question, as_of=as_of), first)
    answer(shop, replace(question, viewport=Viewport(NOW, NOW + SECOND), cart_status="open", shift=3, top=9), first)
    answer(shop, replace(question, at_time=NOW + 20 * SECOND, cart_words="leeds", product_words="mug"), first)
    assert len(asked) > 50
    assert scans(asked) == []


@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_no_question_counts_or_skips_rows(shop: Session, asked: Asked, wanted: EventFilter) -> None:
    answer(shop, Question(stream="cart-long", filter=wanted, as_of=200, shift=-3, top=90))
    assert asked
    assert not [sql for _, sql in asked if "OFFSET" in sql.upper().replace("OFFSETS", "") or "COUNT(" in sql.upper()]


def test_catching_up_and_appending_look_up_what_they_need(shop: Session, asked: Asked) -> None:
    record(shop, "cart-long", note({}))
    shop.catch_up()
    assert shop.store.streams("cart-1", 2) == ["cart-long", "coupon-TEN"]
    state_at(shop, "cart-long", 250)
    shop.store.append("cart-long", 301, [note({}, about=Metadata("Bob"))])
    assert scans(asked) == []


def test_a_scan_would_be_seen(shop: Session, asked: Asked) -> None:
    with shop.asking() as connection:
        connection.exec_driver_sql("SELECT time FROM moment WHERE time + 1 > 5").fetchall()
    assert len(scans(asked)) == 1
