"""Every rule of the cart as given / when / then."""

import pytest

from explorer.domain.cart import (
    Abandon,
    AddItem,
    ApplyCoupon,
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
    OpenCart,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    Reprice,
    SetNote,
    needs,
)
from explorer.domain.cart_decider import CART
from explorer.domain.catalogue import Product
from explorer.domain.decider import Facts
from tests.domain import shop
from tests.domain.specification import Specification

cart = Specification(CART, shop.TODAY)

OPENED = CartOpened("Ann", "Leeds")
TWO_MUGS = ItemAdded("mug", 2, 399, "GBP")
TWO_MUGS_REMOVED = ItemRemoved("mug", 2)
DEARER_MUG = ItemAdded("mug", 1, 450, "GBP", line="mug at 450")
TEN_PERCENT = CouponApplied("TEN", 10)
NOTED = NoteChanged("", "Ring twice.")
CHECKED_OUT = CartCheckedOut(798, "GBP")
ABANDONED = CartAbandoned()
REOPENED = CartReopened()
FULL = (OPENED, *(ItemAdded(f"mug {n}", 1, 399, "GBP") for n in range(1_999)), TWO_MUGS)

EDITS: tuple[CartCommand, ...] = (
    AddItem("mug", 1),
    ChangeQuantity("mug", 3),
    RemoveItem("mug"),
    Reprice("mug"),
    ApplyCoupon("TEN"),
    RemoveCoupon(),
    SetNote("Ring twice."),
    CheckOut(),
    Abandon(),
)

TOO_FEW = "A quantity must be at least 1; to take an item out, remove it."
TOO_MANY = "A quantity may be at most 99,999; 100,000 is more."
QUANTITIES_OUT_OF_BOUNDS = [(-1, TOO_FEW), (0, TOO_FEW), (100_000, TOO_MANY)]


# Which commands a cart takes in which status.


def test_edits_are_all_commands_but_the_two_that_open() -> None:
    assert {OpenCart, Reopen, *map(type, EDITS)} == set(CART.commands)


@pytest.mark.parametrize("command", EDITS)
@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ((), "There is no such cart: open it first."),
        ((OPENED, TWO_MUGS, CHECKED_OUT), "This cart is checked out and cannot be changed any more."),
        ((OPENED, TWO_MUGS, ABANDONED), "This cart is abandoned: reopen it before you change it."),
    ],
    ids=["new", "checked out", "abandoned"],
)
def test_only_an_open_cart_can_be_edited(history: tuple[CartEvent, ...], reason: str, command: CartCommand) -> None:
    cart.given(*history).when(command).then_refused_because(reason)


@pytest.mark.parametrize("end", [(), (TWO_MUGS, CHECKED_OUT), (ABANDONED,), (ABANDONED, REOPENED)])
def test_a_cart_is_opened_once(end: tuple[CartEvent, ...]) -> None:
    cart.given(OPENED, *end).when(OpenCart("Bob", "York")).then_refused_because("This cart has been opened already.")


def test_an_abandoned_cart_is_reopened() -> None:
    cart.given(OPENED, TWO_MUGS, ABANDONED).when(Reopen()).then(REOPENED)


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ((), "Only an abandoned cart can be reopened."),
        ((OPENED,), "Only an abandoned cart can be reopened."),
        ((OPENED, ABANDONED, REOPENED), "Only an abandoned cart can be reopened."),
        ((OPENED, TWO_MUGS, CHECKED_OUT), "This cart is checked out and cannot be changed any more."),
    ],
    ids=["new", "open", "reopened", "checked out"],
)
def test_only_an_abandoned_cart_is_reopened(history: tuple[CartEvent, ...], reason: str) -> None:
    cart.given(*history).when(Reopen()).then_refused_because(reason)


def test_a_reopened_cart_goes_on_where_it_was_abandoned() -> None:
    (
        cart.given(OPENED, TWO_MUGS, TEN_PERCENT, ABANDONED, REOPENED)
        .when(ChangeQuantity("mug", 5))
        .then(ItemQuantityChanged("mug", 2, 5))
    )


@pytest.mark.parametrize("history", [(OPENED,), (OPENED, TWO_MUGS)], ids=["empty", "with items"])
def test_an_open_cart_is_abandoned(history: tuple[CartEvent, ...]) -> None:
    cart.given(*history).when(Abandon()).then(ABANDONED)


# Opening.


@pytest.mark.parametrize("location", ["Leeds", "", "x" * 200])
def test_a_cart_is_opened_for_a_customer_at_a_location_if_known(location: str) -> None:
    cart.given().when(OpenCart("Ann", location)).then(CartOpened("Ann", location))


@pytest.mark.parametrize("customer", ["", " ", "\t\n"])
def test_a_cart_needs_a_customer(customer: str) -> None:
    cart.given().when(OpenCart(customer, "Leeds")).then_refused_because(
        "A cart needs a customer: type a name.", beside="customer"
    )


def test_a_customer_may_have_at_most_200_characters() -> None:
    cart.given().when(OpenCart("x" * 200, "")).then(CartOpened("x" * 200, ""))
    cart.given().when(OpenCart("x" * 201, "")).then_refused_because(
        "The customer may have at most 200 characters; this one has 201.", beside="customer"
    )


def test_a_location_may_have_at_most_200_characters() -> None:
    cart.given().when(OpenCart("Ann", "x" * 1_201)).then_refused_because(
        "The location may have at most 200 characters; this one has 1,201.", beside="location"
    )


# Adding items.


@pytest.mark.parametrize("quantity", [1, 2, 99_999])
def test_an_item_is_added_at_its_price(quantity: int) -> None:
    cart.given(OPENED).when(AddItem("mug", quantity)).then(ItemAdded("mug", quantity, 399, "GBP"))


def test_an_item_in_the_cart_already_is_added_to_its_quantity() -> None:
    cart.given(OPENED, TWO_MUGS).when(AddItem("mug", 3)).then(ItemQuantityChanged("mug", 2, 5))


def test_an_item_that_was_removed_is_added_anew() -> None:
    cart.given(OPENED, TWO_MUGS, TWO_MUGS_REMOVED).when(AddItem("mug", 1)).then(ItemAdded("mug", 1, 399, "GBP"))


@pytest.mark.parametrize("history", [(OPENED,), (OPENED, TWO_MUGS)], ids=["new line", "line there already"])
@pytest.mark.parametrize(("quantity", "reason"), QUANTITIES_OUT_OF_BOUNDS)
def test_added_quantities_have_bounds(history: tuple[CartEvent, ...], quantity: int, reason: str) -> None:
    cart.given(*history).when(AddItem("mug", quantity)).then_refused_because(reason, beside="quantity")


def test_what_is_added_up_has_the_same_bound_and_the_refusal_says_what_is_there() -> None:
    cart.given(OPENED, TWO_MUGS).when(AddItem("mug", 99_997)).then(ItemQuantityChanged("mug", 2, 99_999))
    cart.given(OPENED, TWO_MUGS).when(AddItem("mug", 99_998)).then_refused_because(
        "There are 2 of mug in this cart; with 99,998 more it would be above 99,999.", beside="quantity"
    )


@pytest.mark.parametrize("states", [{}, {"product-ghost": Product()}], ids=["not known", "never listed"])
def test_an_unknown_product_cannot_be_added(states: dict[str, object]) -> None:
    shop_without = Specification(CART, Facts(shop.NOW, states))
    shop_without.given(OPENED).when(AddItem("ghost", 1)).then_refused_because(
        "There is no product 'ghost'.", beside="sku"
    )


def test_a_full_cart_takes_no_new_line() -> None:
    cart.given(*FULL[:-1]).when(AddItem("mug", 2)).then(TWO_MUGS)
    cart.given(*FULL).when(AddItem("pen", 1)).then_refused_because(
        "A cart may have at most 2,000 lines, and this one is full.", beside="sku"
    )


def test_a_full_cart_still_takes_more_of_what_it_has() -> None:
    cart.given(*FULL).when(AddItem("mug", 1)).then(ItemQuantityChanged("mug", 2, 3))


def test_a_cart_has_one_currency() -> None:
    cart.given(OPENED, TWO_MUGS).when(AddItem("vase", 1)).then_refused_because(
        "This cart is in GBP, vase is sold in EUR.", beside="sku"
    )


def test_an_emptied_cart_may_take_another_currency() -> None:
    cart.given(OPENED, TWO_MUGS, TWO_MUGS_REMOVED).when(AddItem("vase", 1)).then(ItemAdded("vase", 1, 2_500, "EUR"))


# Changing and removing lines.


@pytest.mark.parametrize("quantity", [1, 3, 99_999])
def test_a_changed_quantity_records_the_previous_and_the_new_one(quantity: int) -> None:
    cart.given(OPENED, TWO_MUGS).when(ChangeQuantity("mug", quantity)).then(ItemQuantityChanged("mug", 2, quantity))


def test_the_same_quantity_changes_nothing() -> None:
    cart.given(OPENED, TWO_MUGS).when(ChangeQuantity("mug", 2)).then_nothing_happened()


@pytest.mark.parametrize(("quantity", "reason"), QUANTITIES_OUT_OF_BOUNDS)
def test_a_changed_quantity_has_bounds(quantity: int, reason: str) -> None:
    cart.given(OPENED, TWO_MUGS).when(ChangeQuantity("mug", quantity)).then_refused_because(reason, beside="quantity")


def test_a_removed_item_records_how_many_there_were() -> None:
    cart.given(OPENED, TWO_MUGS, ItemQuantityChanged("mug", 2, 7)).when(RemoveItem("mug")).then(ItemRemoved("mug", 7))


@pytest.mark.parametrize("command", [ChangeQuantity("pen", 1), RemoveItem("pen")])
@pytest.mark.parametrize(
    "history",
    [(), (TWO_MUGS,), (ItemAdded("pen", 2, 25, "GBP"), ItemRemoved("pen", 2))],
    ids=["empty", "other", "gone"],
)
def test_what_is_not_in_the_cart_cannot_be_changed(history: tuple[CartEvent, ...], command: CartCommand) -> None:
    cart.given(OPENED, *history).when(command).then_refused_because("pen is not in this cart.", beside="sku")


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (ChangeQuantity("mug at 450", 4), ItemQuantityChanged("mug", 1, 4, line="mug at 450")),
        (RemoveItem("mug at 450"), ItemRemoved("mug", 1, line="mug at 450")),
        (ChangeQuantity("mug", 4), ItemQuantityChanged("mug", 2, 4)),
        (RemoveItem("mug"), ItemRemoved("mug", 2)),
    ],
)
def test_a_product_at_two_prices_has_two_lines_that_change_apart(command: CartCommand, event: CartEvent) -> None:
    cart.given(OPENED, TWO_MUGS, DEARER_MUG).when(command).then(event)


# Coupons.


def test_a_coupon_is_applied_with_its_percentage() -> None:
    cart.given(OPENED).when(ApplyCoupon("TEN")).then(TEN_PERCENT)


@pytest.mark.parametrize(
    ("history", "code", "reason"),
    [
        ((), "NONE", "There is no coupon 'NONE'."),
        ((), "ten", "There is no coupon 'ten'."),
        ((), "OLD", "Coupon OLD has expired."),
        ((TEN_PERCENT,), "TEN", "Coupon TEN is already applied: a cart takes one coupon once."),
        ((TEN_PERCENT,), "FREE", "Coupon FREE is not possible beside TEN: a cart takes one coupon once."),
    ],
    ids=["unknown", "other case", "expired", "twice", "beside another"],
)
def test_a_coupon_is_refused(history: tuple[CartEvent, ...], code: str, reason: str) -> None:
    cart.given(OPENED, *history).when(ApplyCoupon(code)).then_refused_because(reason, beside="coupon")


def test_a_coupon_is_good_until_the_microsecond_it_expires() -> None:
    a_microsecond_on = Specification(CART, shop.facts(shop.TEN.expires_at, shop.TEN))
    a_microsecond_on.given(OPENED).when(ApplyCoupon("TEN")).then_refused_because(
        "Coupon TEN has expired.", beside="coupon"
    )


def test_a_removed_coupon_is_recorded_and_makes_room_for_another() -> None:
    cart.given(OPENED, TEN_PERCENT).when(RemoveCoupon()).then(CouponRemoved("TEN", 10))
    cart.given(OPENED, TEN_PERCENT, CouponRemoved("TEN", 10)).when(ApplyCoupon("FREE")).then(CouponApplied("FREE", 100))


def test_a_cart_without_a_coupon_has_none_to_remove() -> None:
    cart.given(OPENED).when(RemoveCoupon()).then_refused_because("This cart has no coupon.", beside="coupon")


# The note.


@pytest.mark.parametrize("note", ["Ring once.", "", "x" * 1_000])
def test_a_changed_note_records_the_previous_one(note: str) -> None:
    cart.given(OPENED, NOTED).when(SetNote(note)).then(NoteChanged("Ring twice.", note))


@pytest.mark.parametrize(("history", "note"), [((OPENED,), ""), ((OPENED, NOTED), "Ring twice.")])
def test_the_same_note_changes_nothing(history: tuple[CartEvent, ...], note: str) -> None:
    cart.given(*history).when(SetNote(note)).then_nothing_happened()


def test_a_note_may_have_at_most_1000_characters() -> None:
    cart.given(OPENED).when(SetNote("x" * 1_001)).then_refused_because(
        "A note may have at most 1,000 characters; this one has 1,001.", beside="note"
    )


# Checking out.


@pytest.mark.parametrize(
    ("history", "total"),
    [
        ((TWO_MUGS,), 798),
        ((TWO_MUGS, DEARER_MUG), 1_248),
        ((TWO_MUGS, TEN_PERCENT), 718),
        ((ItemAdded("pen", 1, 25, "GBP"), TEN_PERCENT), 22),
        ((TWO_MUGS, CouponApplied("FREE", 100)), 0),
        ((TWO_MUGS, TEN_PERCENT, CouponRemoved("TEN", 10)), 798),
        ((TEN_PERCENT, TWO_MUGS, ItemQuantityChanged("mug", 2, 1)), 359),
    ],
    ids=["plain", "two prices", "10 %", "2.5 off rounds up to 3", "100 %", "coupon removed", "coupon before item"],
)
def test_a_cart_is_checked_out_at_its_total(history: tuple[CartEvent, ...], total: int) -> None:
    cart.given(OPENED, *history).when(CheckOut()).then(CartCheckedOut(total, "GBP"))


@pytest.mark.parametrize("history", [(), (TWO_MUGS, TWO_MUGS_REMOVED), (TEN_PERCENT, NOTED)])
def test_an_empty_cart_cannot_be_checked_out(history: tuple[CartEvent, ...]) -> None:
    cart.given(OPENED, *history).when(CheckOut()).then_refused_because(
        "An empty cart cannot be checked out: add an item first."
    )


# Taking today's price.

CHEAP_MUG = ItemAdded("mug", 2, 299, "GBP")


def test_a_line_takes_today_s_price() -> None:
    cart.given(OPENED, CHEAP_MUG).when(Reprice("mug")).then(ItemRepriced("mug", 299, 399, currency="GBP"))
    cart.given(OPENED, DEARER_MUG).when(Reprice("mug at 450", "mug")).then(
        ItemRepriced("mug", 450, 399, "mug at 450", "GBP")
    )
    cart.given(OPENED, CHEAP_MUG).when(Reprice("mug", only_at=399)).then(ItemRepriced("mug", 299, 399, currency="GBP"))


def test_a_line_that_has_today_s_price_keeps_it_as_does_one_that_wants_another() -> None:
    cart.given(OPENED, TWO_MUGS).when(Reprice("mug")).then_nothing_happened()
    cart.given(OPENED, CHEAP_MUG).when(Reprice("mug", only_at=350)).then_nothing_happened()


def test_a_price_is_taken_for_a_line_that_is_there_of_a_product_that_is_sold() -> None:
    cart.given(OPENED).when(Reprice("mug")).then_refused_because("mug is not in this cart.", "sku")
    cart.given(OPENED, DEARER_MUG).when(Reprice("mug at 450")).then_refused_because(
        "The line mug at 450 is of product mug, not of mug at 450: name that one with it.", "sku"
    )
    cart.given(OPENED, ItemAdded("ghost", 1, 5, "GBP")).when(Reprice("ghost")).then_refused_because(
        "There is no product 'ghost'.", "sku"
    )
    cart.given(OPENED, ItemAdded("vase", 1, 5, "GBP")).when(Reprice("vase")).then_refused_because(
        "This cart is in GBP, vase is sold in EUR.", "sku"
    )


# What a decision must know.


def test_a_decision_needs_only_the_product_or_the_coupon_that_it_is_about() -> None:
    commands: tuple[CartCommand, ...] = (OpenCart("Ann", ""), Reopen(), *EDITS)
    assert {command: needs(command) for command in commands if needs(command)} == {
        AddItem("mug", 1): ("product-mug",),
        Reprice("mug"): ("product-mug",),
        ApplyCoupon("TEN"): ("coupon-TEN",),
    }


@pytest.mark.parametrize("mark", ["⟨erased⟩", "⟨key missing⟩"])
def test_nobody_types_what_an_unreadable_text_is_shown_as(mark: str) -> None:
    reason = f"{mark} is how a text is shown that cannot be read any more; type something else."
    cart.given().when(OpenCart(mark, "")).then_refused_because(reason, "customer")
    cart.given().when(OpenCart("Ann", mark)).then_refused_because(reason, "location")
    cart.given(OPENED).when(SetNote(mark)).then_refused_because(reason, "note")
    cart.given(OPENED).when(SetNote(f"{mark}!")).then(NoteChanged("", f"{mark}!"))
