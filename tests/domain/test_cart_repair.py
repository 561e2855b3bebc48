"""The commands that bring a cart back, and why some cannot."""

from functools import reduce

import pytest

from explorer.domain.cart import (
    Abandon,
    AddItem,
    ApplyCoupon,
    Cart,
    CartAbandoned,
    CartCheckedOut,
    CartCommand,
    CartEvent,
    CartOpened,
    CartReopened,
    ChangeQuantity,
    CheckOut,
    CouponApplied,
    CouponRemoved,
    ItemAdded,
    ItemQuantityChanged,
    ItemRemoved,
    ItemRepriced,
    NoteChanged,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    Reprice,
    SetNote,
    evolve,
)
from explorer.domain.cart_repair import restore, undo
from explorer.domain.catalogue import (
    COUPON,
    PRODUCT,
    CouponIssued,
    IssueCoupon,
    ListProduct,
    Product,
    ProductListed,
    ProductRenamed,
    ProductRepriced,
    RenameProduct,
    RepriceProduct,
    restore_product,
    undo_product,
)
from explorer.errors import Refused

OPENED = CartOpened("Ann", "Leeds")
MUGS = ItemAdded("mug", 2, 399, "GBP")
PEN = ItemAdded("pen", 1, 25, "GBP")
DEARER = ItemAdded("mug", 1, 450, "GBP", line="mug at 450")
TEN = CouponApplied("TEN", 10)
CHEAPER = ItemRepriced("mug", 399, 299, currency="GBP")


def state(*events: CartEvent) -> Cart:
    return reduce(evolve, events, Cart())


@pytest.mark.parametrize(
    ("now", "then", "commands"),
    [
        ((OPENED, MUGS), (OPENED, MUGS), []),
        ((OPENED, MUGS, PEN), (OPENED, MUGS), [RemoveItem("pen")]),
        ((OPENED, MUGS, CHEAPER), (OPENED, MUGS), [Reprice("mug", only_at=399)]),
        (
            (OPENED, DEARER, ItemRepriced("mug", 450, 9, "mug at 450", "GBP")),
            (OPENED, DEARER),
            [Reprice("mug at 450", "mug", 450)],
        ),
        ((OPENED, MUGS), (OPENED, MUGS, PEN), [AddItem("pen", 1)]),
        ((OPENED, MUGS, ItemQuantityChanged("mug", 2, 9)), (OPENED, MUGS), [ChangeQuantity("mug", 2)]),
        ((OPENED, MUGS, DEARER), (OPENED, MUGS), [RemoveItem("mug at 450")]),
        ((OPENED, MUGS, TEN), (OPENED, MUGS), [RemoveCoupon()]),
        ((OPENED, MUGS), (OPENED, MUGS, TEN), [ApplyCoupon("TEN")]),
        ((OPENED, TEN), (OPENED, CouponApplied("TWO", 2)), [RemoveCoupon(), ApplyCoupon("TWO")]),
        ((OPENED, NoteChanged("", "b")), (OPENED, NoteChanged("", "a")), [SetNote("a")]),
        ((OPENED, CartAbandoned()), (OPENED,), [Reopen()]),
        ((OPENED, PEN, CartAbandoned()), (OPENED,), [Reopen(), RemoveItem("pen")]),
        ((OPENED,), (OPENED, CartAbandoned()), [Abandon()]),
        ((OPENED, PEN, CartAbandoned()), (OPENED, CartAbandoned()), [Reopen(), RemoveItem("pen"), Abandon()]),
        ((OPENED, PEN), (OPENED, PEN, CartCheckedOut(25, "GBP")), [CheckOut()]),
        ((OPENED, PEN, CartCheckedOut(25, "GBP")), (OPENED, PEN, CartCheckedOut(25, "GBP")), []),
    ],
)
def test_what_leads_back(now: tuple[CartEvent, ...], then: tuple[CartEvent, ...], commands: list[CartCommand]) -> None:
    assert restore(state(*now), state(*then)) == commands


@pytest.mark.parametrize(
    ("now", "then", "why"),
    [
        ((OPENED, PEN, CartCheckedOut(25, "GBP")), (OPENED, PEN), "cannot be changed any more"),
        ((OPENED, PEN, CartCheckedOut(25, "GBP")), (OPENED, CartAbandoned()), "cannot be changed any more"),
        ((OPENED,), (), "Abandon it instead"),
    ],
)
def test_what_cannot_be_restored(now: tuple[CartEvent, ...], then: tuple[CartEvent, ...], why: str) -> None:
    with pytest.raises(Refused, match=why):
        restore(state(*now), state(*then))


@pytest.mark.parametrize(
    ("history", "event", "command"),
    [
        ((OPENED, MUGS), MUGS, RemoveItem("mug")),
        ((OPENED, MUGS, CHEAPER), CHEAPER, Reprice("mug", only_at=399)),
        ((OPENED, MUGS, DEARER), DEARER, RemoveItem("mug at 450")),
        (
            (OPENED, MUGS, ItemQuantityChanged("mug", 2, 9), PEN),
            ItemQuantityChanged("mug", 2, 9),
            ChangeQuantity("mug", 2),
        ),
        ((OPENED, MUGS, ItemRemoved("mug", 2)), ItemRemoved("mug", 2), AddItem("mug", 2)),
        ((OPENED, TEN), TEN, RemoveCoupon()),
        ((OPENED, TEN, CouponRemoved("TEN", 10)), CouponRemoved("TEN", 10), ApplyCoupon("TEN")),
        ((OPENED, NoteChanged("a", "b")), NoteChanged("a", "b"), SetNote("a")),
        ((OPENED, CartAbandoned()), CartAbandoned(), Reopen()),
        ((OPENED, CartAbandoned(), CartReopened()), CartReopened(), Abandon()),
    ],
)
def test_what_takes_back_an_event(history: tuple[CartEvent, ...], event: CartEvent, command: CartCommand) -> None:
    assert undo(event, state(*history)) == [command]


@pytest.mark.parametrize(
    ("history", "event", "why"),
    [
        ((OPENED,), OPENED, "Abandon it instead"),
        ((OPENED, PEN, CartCheckedOut(25, "GBP")), CartCheckedOut(25, "GBP"), "cannot be undone"),
        ((OPENED, MUGS, ItemQuantityChanged("mug", 2, 9)), MUGS, "made it 2, and now it is 9"),
        ((OPENED, MUGS, ItemRemoved("mug", 2)), MUGS, "not in this cart any more"),
        ((OPENED, MUGS), ItemRemoved("mug", 2), "in this cart again"),
        ((OPENED,), TEN, "not on this cart any more"),
        ((OPENED,), CHEAPER, "not in this cart any more"),
        ((OPENED, MUGS), CHEAPER, "changed again since"),
        ((OPENED, CouponApplied("TWO", 2)), TEN, "not on this cart any more"),
        ((OPENED, NoteChanged("b", "c")), NoteChanged("a", "b"), "changed again since"),
    ],
)
def test_what_cannot_be_undone(history: tuple[CartEvent, ...], event: CartEvent, why: str) -> None:
    with pytest.raises(Refused, match=why):
        undo(event, state(*history))


LISTED = Product("mug", "Mug", 399, "GBP")


def test_a_product_is_brought_back() -> None:
    now = Product("mug", "Cup", 450, "GBP")
    assert restore_product(now, LISTED) == [RenameProduct("Mug"), RepriceProduct(399)]
    assert restore_product(LISTED, LISTED) == []
    assert undo_product(ProductRenamed("Mug", "Cup"), now) == [RenameProduct("Mug")]
    assert undo_product(ProductRepriced(399, 450, "GBP"), now) == [RepriceProduct(399)]
    for event in (ProductListed("mug", "Mug", 399, "GBP"), ProductRenamed("a", "b"), ProductRepriced(1, 2, "GBP")):
        with pytest.raises(Refused):
            undo_product(event, now)
    with pytest.raises(Refused):
        restore_product(now, Product())


def test_a_product_s_events_name_their_commands() -> None:
    for event, command in (
        (ProductListed("mug", "Mug", 399, "GBP"), ListProduct("mug", "Mug", 399, "GBP")),
        (ProductRenamed("Mug", "Cup"), RenameProduct("Cup")),
        (ProductRepriced(399, 450, "GBP"), RepriceProduct(450)),
    ):
        assert PRODUCT.command(event, LISTED) == command
    assert COUPON.command(CouponIssued("TEN", 10, 5), COUPON.initial) == IssueCoupon("TEN", 10, 5)
