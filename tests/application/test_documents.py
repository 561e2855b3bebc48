"""What other programs read: times, events, carts and totals as JSON."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.documents import cart_document, event_document, iso, microseconds, totals_document
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ApplyCoupon, ItemAdded
from explorer.domain.catalogue import RenameProduct
from explorer.domain.event import Event, Metadata
from explorer.errors import BadInput
from explorer.projections import cart_queries
from explorer.projections.totals import Sums
from explorer.store.appending import EARLIEST, LATEST
from tests.application.shop import ANN, BOB, NOW, SECOND, Clock, happened, open_cart, stock
from tests.domain.stored_form import through_json

# Times.

TIMES = [
    (0, "1970-01-01T00:00:00.000000Z"),
    (1, "1970-01-01T00:00:00.000001Z"),
    (-1, "1969-12-31T23:59:59.999999Z"),
    (-1_000_000, "1969-12-31T23:59:59.000000Z"),
    (1_291_730_602_000_000, "2010-12-07T14:03:22.000000Z"),
    (NOW, "2026-01-01T00:00:00.000000Z"),
    (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z"),
    (EARLIEST, "0001-01-01T00:00:00.000000Z"),
    (LATEST, "9999-12-31T23:59:59.999999Z"),
]

times = st.integers(EARLIEST, LATEST)


@pytest.mark.parametrize(("time", "text"), TIMES)
def test_a_time_is_iso_8601_in_utc_with_microseconds_and_back(time: int, text: str) -> None:
    assert iso(time) == text
    assert microseconds(text) == time


@given(times)
def test_every_time_is_written_and_read_back_exactly(time: int) -> None:
    assert microseconds(iso(time)) == time
    assert len(iso(time)) == 27


@given(times, times)
def test_later_times_are_later_texts(one: int, other: int) -> None:
    assert (iso(one) < iso(other)) == (one < other)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-01", NOW),
        ("2026-01-01T00", NOW),
        ("2026-01-01 00:00", NOW),
        ("2026-01-01T00:00:01.5", NOW + SECOND * 3 // 2),
        ("2026-01-01T00:00:00Z", NOW),
        ("2026-01-01T01:00+01:00", NOW),
        ("2025-12-31T19:00-05:00", NOW),
        ("1969-12-31T23:59:59.999999", -1),
        ("0001-01-01T01:00+01:00", EARLIEST),
    ],
)
def test_a_time_may_be_written_shorter_and_elsewhere(text: str, time: int) -> None:
    assert microseconds(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "now",
        "12",
        "2026-13-01",
        "2026-02-30",
        "01/02/2026",
        "2026-01-01T25:00",
        "2026-01-01T00:00 CET",
        "10000-01-01",
        "0000-01-01",
        "0001-01-01T00:00+01:00",
        "9999-12-31T23:00-05:00",
    ],
)
def test_what_is_no_time_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        microseconds(text)
    assert str(refusal.value) == (
        f"{text!r} is neither a position nor a time; write a number, or a time like 2010-12-07T14:03."
    )


@given(st.text(max_size=30) | st.datetimes().map(str) | st.from_regex(r"\d{4}-\d\d-\d\d([T ][\d:.+-]{0,20})?"))
def test_whatever_is_typed_is_a_time_between_the_years_1_and_9999_or_refused(text: str) -> None:
    try:
        time = microseconds(text)
    except BadInput:
        return
    assert EARLIEST <= time <= LATEST
    assert datetime.fromisoformat(iso(time)).tzinfo == UTC


# Events.

EVENT = Event(
    7,
    "cart-1",
    2,
    UUID(int=1),
    "ItemAdded",
    2,
    NOW,
    NOW + 1,
    {"sku": "mug", "quantity": 2},
    Metadata("Zoë", "she rang", UUID(int=2), UUID(int=3), "window"),
)


def test_an_event_is_written_with_all_that_is_known_of_it() -> None:
    document = event_document(EVENT)
    assert document == {
        "position": 7,
        "stream": "cart-1",
        "version": 2,
        "id": "00000000-0000-0000-0000-000000000001",
        "type": "ItemAdded",
        "schema_version": 2,
        "occurred_at": "2026-01-01T00:00:00.000000Z",
        "recorded_at": "2026-01-01T00:00:00.000001Z",
        "data": {"sku": "mug", "quantity": 2},
        "metadata": {
            "actor": "Zoë",
            "reason": "she rang",
            "correlation_id": "00000000-0000-0000-0000-000000000002",
            "causation_id": "00000000-0000-0000-0000-000000000003",
            "origin": "window",
        },
    }
    assert list(document) == [
        *("position", "stream", "version", "id", "type", "schema_version"),
        *("occurred_at", "recorded_at", "data", "metadata"),
    ]
    assert through_json(document) == document


def test_ids_that_an_event_does_not_have_are_null() -> None:
    assert event_document(msgspec.structs.replace(EVENT, metadata=ANN))["metadata"] == {
        "actor": "Ann",
        "reason": "",
        "correlation_id": None,
        "causation_id": None,
        "origin": "",
    }


# Totals.


def test_totals_count_carts_over_all_currencies_and_money_by_currency() -> None:
    pounds, euros = Sums(1, 2, 3, 4, 500, 6, 700, 80), Sums(10, 20, 30, 40, 5_000, 60, 7_000, 800)
    document = totals_document({"": Sums(carts_open=5), "EUR": euros, "GBP": pounds})
    assert document == {
        "carts": {"open": 16, "checked_out": 22, "abandoned": 33},
        "units_in_carts": 44,
        "units_sold": 66,
        "money": {
            "EUR": {"in_carts": 5_000, "revenue": 7_000, "discounts": 800},
            "GBP": {"in_carts": 500, "revenue": 700, "discounts": 80},
        },
    }


def test_a_shop_without_carts_has_totals_too() -> None:
    assert totals_document({}) == {
        "carts": {"open": 0, "checked_out": 0, "abandoned": 0},
        "units_in_carts": 0,
        "units_sold": 0,
        "money": {},
    }


# Carts.


def test_a_cart_is_written_with_what_the_write_side_never_stores_together(session: Session, clock: Clock) -> None:
    stock(session)
    open_cart(session)
    happened(session, "cart-1", ItemAdded("mug", 1, 450, "GBP", line="mug at 450"))
    handle(session, "product-pen", RenameProduct("Pen, red"), ANN)
    clock.time += SECOND
    handle(session, "cart-1", AddItem("pen", 4), BOB)
    handle(session, "cart-1", ApplyCoupon("TEN"), BOB)
    session.catch_up()
    with session.asking() as connection:
        cart, lines = cart_queries.cart(connection, "cart-1", 10), cart_queries.cart_lines(connection, "cart-1", 10)
    assert cart is not None
    document = cart_document(cart, lines)
    assert document == {
        "stream": "cart-1",
        "version": 5,
        "status": "open",
        "customer": "Ann",
        "location": "Leeds",
        "currency": "GBP",
        "lines": [
            {"sku": "mug", "name": "Mug, white", "quantity": 2, "unit_price": 399, "line_total": 798},
            {"sku": "mug", "name": "Mug, white", "quantity": 1, "unit_price": 450, "line_total": 450},
            {"sku": "pen", "name": "Pen, red", "quantity": 4, "unit_price": 25, "line_total": 100},
        ],
        "units": 7,
        "subtotal": 1_348,
        "coupon": {"code": "TEN", "percent": 10},
        "discount": 135,
        "total": 1_213,
        "note": "",
        "opened_at": "2026-01-01T00:00:00.000000Z",
        "last_actor": "Bob",
        "last_time": "2026-01-01T00:00:01.000000Z",
    }
    assert through_json(document) == document


def test_a_cart_without_a_coupon_has_none(session: Session) -> None:
    open_cart(session, mugs=0)
    session.catch_up()
    with session.asking() as connection:
        cart = cart_queries.cart(connection, "cart-1", 1)
    assert cart is not None
    assert cart_document(cart, [])["coupon"] is None
