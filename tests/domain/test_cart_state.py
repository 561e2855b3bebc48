"""What a cart is after its events: how it folds, how it is shown, and what old events have become."""

from collections.abc import Iterable
from functools import reduce
from typing import Any, cast

import msgspec
import pytest

from explorer.domain.cart import (
    MAX_LINES,
    MAX_QUANTITY,
    Cart,
    CartAbandoned,
    CartCheckedOut,
    CartEvent,
    CartOpened,
    CartReopened,
    CouponApplied,
    ItemAdded,
    ItemQuantityChanged,
    ItemRemoved,
    ItemRepriced,
    Line,
    NoteChanged,
    evolve,
)
from explorer.domain.cart_decider import CART, document
from explorer.domain.catalogue import MAX_PRICE
from explorer.domain.event import Json

OPENED = CartOpened("Ann", "Leeds")
TWO_MUGS = ItemAdded("mug", 2, 399, "GBP")
TWO_MUGS_REMOVED = ItemRemoved("mug", 2)
DEARER_MUG = ItemAdded("mug", 1, 450, "GBP", line="mug at 450")
TEN_PERCENT = CouponApplied("TEN", 10)
NOTED = NoteChanged("", "Ring twice.")
CHECKED_OUT = CartCheckedOut(798, "GBP")
ABANDONED = CartAbandoned()
REOPENED = CartReopened()


def fold(history: Iterable[CartEvent]) -> Cart:
    return reduce(evolve, history, Cart())


def test_the_document_shows_everything_and_the_lines_in_the_order_they_were_added() -> None:
    history = (
        OPENED,
        TWO_MUGS,
        ItemAdded("pen", 1, 25, "GBP"),
        DEARER_MUG,
        TWO_MUGS_REMOVED,
        TWO_MUGS,
        TEN_PERCENT,
        NOTED,
    )
    assert document(fold(history)) == {
        "status": "open",
        "customer": "Ann",
        "location": "Leeds",
        "currency": "GBP",
        "lines": [
            {"sku": "pen", "quantity": 1, "unit_price": 25, "line_total": 25},
            {"sku": "mug", "quantity": 1, "unit_price": 450, "line_total": 450, "line": "mug at 450"},
            {"sku": "mug", "quantity": 2, "unit_price": 399, "line_total": 798},
        ],
        "units": 4,
        "subtotal": 1_273,
        "coupon": {"code": "TEN", "percent": 10},
        "discount": 127,
        "total": 1_146,
        "note": "Ring twice.",
    }


def test_a_document_shares_nothing_that_could_be_changed() -> None:
    state = fold((OPENED, TWO_MUGS, TEN_PERCENT))
    shown, spoilt = document(state), cast(Any, document(state))
    spoilt["lines"][0]["quantity"] = 7
    spoilt["coupon"]["percent"] = 99
    assert document(state) == shown


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ((), "new"),
        ((OPENED,), "open"),
        ((OPENED, TWO_MUGS, CHECKED_OUT), "checked_out"),
        ((OPENED, ABANDONED), "abandoned"),
        ((OPENED, ABANDONED, REOPENED), "open"),
    ],
)
def test_the_status_has_a_name_that_other_programs_may_rely_on(history: tuple[CartEvent, ...], status: str) -> None:
    assert document(fold(history))["status"] == status


def test_an_emptied_cart_has_no_currency_and_no_total() -> None:
    emptied = fold((OPENED, TWO_MUGS, DEARER_MUG, ItemRemoved("mug", 1, "mug at 450"), TWO_MUGS_REMOVED))
    assert emptied == fold((OPENED,))


def test_what_is_recorded_has_happened_even_against_the_rules() -> None:
    broken = fold(
        (TWO_MUGS, TWO_MUGS, ItemQuantityChanged("pen", 1, 3), ItemRemoved("vase", 1), ItemRepriced("jar", 1, 2))
    )
    assert broken.lines == {"mug": Line("mug", 2, 399), "pen": Line("pen", 3, 0)}
    assert (broken.units, broken.subtotal) == (5, 798)


def test_a_line_that_is_repriced_keeps_its_place_and_its_quantity() -> None:
    history = (OPENED, TWO_MUGS, ItemAdded("pen", 1, 25, "GBP"), ItemRepriced("mug", 399, 450, currency="GBP"))
    cart = fold(history)
    assert list(cart.lines.items()) == [("mug", Line("mug", 2, 450)), ("pen", Line("pen", 1, 25))]
    assert (cart.units, cart.subtotal, cart.currency) == (3, 925, "GBP")


def test_the_dearest_cart_still_has_a_total_that_json_carries_exactly() -> None:
    assert MAX_LINES * MAX_QUANTITY * MAX_PRICE < 2**53


def test_an_item_added_before_there_were_currencies_was_sold_in_pounds() -> None:
    version_1: dict[str, Json] = {"sku": "mug", "quantity": 2, "unit_price": 399}
    upcast = CART.upcasters["ItemAdded", 1](version_1)
    assert msgspec.convert(upcast, ItemAdded) == TWO_MUGS
    assert "currency" not in version_1
