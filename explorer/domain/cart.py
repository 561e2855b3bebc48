"""The demo's cart: its state, `decide` and `evolve`, by its commands and events.

Refusals are sentences for the person at the cart. Events are small: a line carries the product's number and price,
never its name; names, places and times are added by the read side.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

import msgspec
from msgspec.structs import replace

from explorer.domain.cart_commands import (
    Abandon,
    AddItem,
    ApplyCoupon,
    CartCommand,
    ChangeQuantity,
    CheckOut,
    Edit,
    OpenCart,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    Reprice,
    SetNote,
)
from explorer.domain.cart_events import (
    CartAbandoned,
    CartCheckedOut,
    CartEvent,
    CartOpened,
    CartReopened,
    CouponApplied,
    CouponRemoved,
    ItemAdded,
    ItemQuantityChanged,
    ItemRemoved,
    ItemRepriced,
    NoteChanged,
    StatusChanged,
)
from explorer.domain.catalogue import Coupon, Product, coupon_stream, product_stream
from explorer.domain.decider import Facts
from explorer.domain.money import percentage
from explorer.domain.privacy import check_typed
from explorer.errors import Refused

MAX_QUANTITY = 99_999
MAX_LINES = 2_000
MAX_NOTE = 1_000
MAX_NAME = 200


class Status(StrEnum):
    """A cart that nobody opened is `new`."""

    NEW = "new"
    OPEN = "open"
    CHECKED_OUT = "checked_out"
    ABANDONED = "abandoned"


class Line(msgspec.Struct, frozen=True, gc=False):
    sku: str
    quantity: int
    unit_price: int

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price


class Discount(msgspec.Struct, frozen=True, gc=False):
    code: str
    percent: int


class Cart(msgspec.Struct, frozen=True):
    """The state of a cart. `units` and `subtotal` are kept with the lines, so that a fold never sums them up again."""

    status: Status = Status.NEW
    customer: str = ""
    location: str = ""
    currency: str = ""
    lines: Mapping[str, Line] = {}
    units: int = 0
    subtotal: int = 0
    coupon: Discount | None = None
    note: str = ""

    @property
    def discount(self) -> int:
        return percentage(self.subtotal, self.coupon.percent) if self.coupon else 0

    @property
    def total(self) -> int:
        return self.subtotal - self.discount


def needs(command: CartCommand) -> tuple[str, ...]:
    """The streams whose states a decision about `command` must know."""
    match command:
        case AddItem(sku):
            return (product_stream(sku),)
        case Reprice(line, sku):
            return (product_stream(sku or line),)
        case ApplyCoupon(code):
            return (coupon_stream(code),)
        case _:
            return ()


def decide(command: CartCommand, state: Cart, facts: Facts) -> list[CartEvent]:
    """The events that `command` causes; an empty list if nothing changes. Raises Refused with the rule it breaks."""
    if not isinstance(command, (OpenCart, Reopen)):
        _check_open(state)
    match command:
        case OpenCart(customer, location):
            return _open(customer, location, state)
        case CheckOut():
            return _check_out(state)
        case Abandon():
            return [CartAbandoned()]
        case Reopen():
            return _reopen(state)
        case _:
            return _edit(command, state, facts)


def _edit(command: Edit, state: Cart, facts: Facts) -> list[CartEvent]:
    match command:
        case AddItem(sku, quantity):
            return _add(sku, quantity, state, facts)
        case ChangeQuantity(line, quantity):
            return _change(line, quantity, state)
        case RemoveItem(line):
            return _remove(line, state)
        case Reprice(line, sku, only_at):
            return _reprice(line, sku or line, only_at, state, facts)
        case ApplyCoupon(code):
            return _apply_coupon(code, state, facts)
        case RemoveCoupon():
            return _remove_coupon(state)
        case SetNote(note):
            return _set_note(note, state)
        case _:
            assert_never(command)


def _check_open(state: Cart) -> None:
    match state.status:
        case Status.NEW:
            raise Refused("There is no such cart: open it first.")
        case Status.CHECKED_OUT:
            raise Refused("This cart is checked out and cannot be changed any more.")
        case Status.ABANDONED:
            raise Refused("This cart is abandoned: reopen it before you change it.")
        case Status.OPEN:
            return


def _open(customer: str, location: str, state: Cart) -> list[CartEvent]:
    if state.status != Status.NEW:
        raise Refused("This cart has been opened already.")
    if not customer.strip():
        raise Refused("A cart needs a customer: type a name.", "customer")
    for field, text in (("customer", customer), ("location", location)):
        if len(text) > MAX_NAME:
            raise Refused(f"The {field} may have at most {MAX_NAME} characters; this one has {len(text):,}.", field)
        check_typed(text, field)
    return [CartOpened(customer, location)]


def _check_out(state: Cart) -> list[CartEvent]:
    if not state.lines:
        raise Refused("An empty cart cannot be checked out: add an item first.")
    return [CartCheckedOut(state.total, state.currency)]


def _reopen(state: Cart) -> list[CartEvent]:
    if state.status == Status.CHECKED_OUT:
        raise Refused("This cart is checked out and cannot be changed any more.")
    if state.status != Status.ABANDONED:
        raise Refused("Only an abandoned cart can be reopened.")
    return [CartReopened()]


def _check_quantity(quantity: int) -> None:
    if quantity < 1:
        raise Refused("A quantity must be at least 1; to take an item out, remove it.", "quantity")
    if quantity > MAX_QUANTITY:
        raise Refused(f"A quantity may be at most {MAX_QUANTITY:,}; {quantity:,} is more.", "quantity")


def _product(sku: str, facts: Facts) -> Product:
    product = facts.states.get(product_stream(sku))
    if not isinstance(product, Product) or not product.sku:
        raise Refused(f"There is no product {sku!r}.", "sku")
    return product


def _add(sku: str, quantity: int, state: Cart, facts: Facts) -> list[CartEvent]:
    product = _product(sku, facts)
    _check_quantity(quantity)
    if sku in state.lines:
        if state.lines[sku].quantity + quantity > MAX_QUANTITY:
            raise Refused(
                f"There are {state.lines[sku].quantity:,} of {sku} in this cart; with {quantity:,} more it would be "
                f"above {MAX_QUANTITY:,}.",
                "quantity",
            )
        return _change(sku, state.lines[sku].quantity + quantity, state)
    if len(state.lines) >= MAX_LINES:
        raise Refused(f"A cart may have at most {MAX_LINES:,} lines, and this one is full.", "sku")
    _check_currency(product, state)
    return [ItemAdded(sku, quantity, product.unit_price, product.currency)]


def _check_currency(product: Product, state: Cart) -> None:
    if state.currency and product.currency != state.currency:
        raise Refused(f"This cart is in {state.currency}, {product.sku} is sold in {product.currency}.", "sku")


def _change(line: str, quantity: int, state: Cart) -> list[CartEvent]:
    item = _line(line, state)
    _check_quantity(quantity)
    if quantity == item.quantity:
        return []
    return [ItemQuantityChanged(item.sku, item.quantity, quantity, _line_name(line, item.sku))]


def _remove(line: str, state: Cart) -> list[CartEvent]:
    item = _line(line, state)
    return [ItemRemoved(item.sku, item.quantity, _line_name(line, item.sku))]


def _reprice(line: str, sku: str, only_at: int, state: Cart, facts: Facts) -> list[CartEvent]:
    item = _line(line, state)
    if item.sku != sku:
        raise Refused(f"The line {line} is of product {item.sku}, not of {sku}: name that one with it.", "sku")
    product = _product(sku, facts)
    _check_currency(product, state)
    if product.unit_price == item.unit_price or only_at not in {0, product.unit_price}:
        return []
    return [ItemRepriced(sku, item.unit_price, product.unit_price, _line_name(line, sku), product.currency)]


def _line(line: str, state: Cart) -> Line:
    if line not in state.lines:
        raise Refused(f"{line} is not in this cart." if line else "Say which line of the cart, such as MUG-212.", "sku")
    return state.lines[line]


def _line_name(line: str, sku: str) -> str:
    return line if line != sku else ""


def _apply_coupon(code: str, state: Cart, facts: Facts) -> list[CartEvent]:
    coupon = facts.states.get(coupon_stream(code))
    if not isinstance(coupon, Coupon) or not coupon.code:
        raise Refused(f"There is no coupon {code!r}.", "coupon")
    if facts.now >= coupon.expires_at:
        raise Refused(f"Coupon {code} has expired.", "coupon")
    if state.coupon is not None:
        same = "already applied" if state.coupon.code == code else f"not possible beside {state.coupon.code}"
        raise Refused(f"Coupon {code} is {same}: a cart takes one coupon once.", "coupon")
    return [CouponApplied(coupon.code, coupon.percent)]


def _remove_coupon(state: Cart) -> list[CartEvent]:
    if state.coupon is None:
        raise Refused("This cart has no coupon.", "coupon")
    return [CouponRemoved(state.coupon.code, state.coupon.percent)]


def _set_note(note: str, state: Cart) -> list[CartEvent]:
    if len(note) > MAX_NOTE:
        raise Refused(f"A note may have at most {MAX_NOTE:,} characters; this one has {len(note):,}.", "note")
    if note == state.note:
        return []
    check_typed(note, "note")
    return [NoteChanged(state.note, note)]


def evolve(state: Cart, event: CartEvent) -> Cart:
    """The state after `event`. Knows no rules: what is recorded has happened."""
    # Every rebuild folds through here, and a pattern that unpacks takes as long as the rest: so items are not unpacked.
    match event:
        case ItemAdded():
            line = Line(event.sku, event.quantity, event.unit_price)
            return _with_line(state, event.line or event.sku, line, event.currency)
        case ItemQuantityChanged():
            before = state.lines.get(event.line or event.sku)
            line = Line(event.sku, event.quantity, before.unit_price if before else 0)
            return _with_line(state, event.line or event.sku, line, state.currency)
        case ItemRemoved():
            return _with_line(state, event.line or event.sku, None, state.currency)
        case ItemRepriced():
            return _repriced(state, event)
        case CouponApplied(code, percent):
            return replace(state, coupon=Discount(code, percent))
        case CouponRemoved():
            return replace(state, coupon=None)
        case NoteChanged(_, note):
            return replace(state, note=note)
        case _:
            return _with_status(state, event)


def _repriced(state: Cart, event: ItemRepriced) -> Cart:
    key = event.line or event.sku
    if (before := state.lines.get(key)) is None:
        return state
    return _with_line(state, key, Line(before.sku, before.quantity, event.unit_price), state.currency)


def _with_line(state: Cart, key: str, line: Line | None, currency: str) -> Cart:
    lines = dict(state.lines)
    before = lines.pop(key, None) if line is None else lines.get(key)
    units, subtotal = state.units, state.subtotal
    if before is not None:
        units, subtotal = units - before.quantity, subtotal - before.total
    if line is not None:
        lines[key] = line
        units, subtotal = units + line.quantity, subtotal + line.total
    return replace(state, lines=lines, units=units, subtotal=subtotal, currency=currency if lines else "")


def _with_status(state: Cart, event: StatusChanged) -> Cart:
    match event:
        case CartOpened(customer, location):
            return replace(state, status=Status.OPEN, customer=customer, location=location)
        case CartCheckedOut():
            return replace(state, status=Status.CHECKED_OUT)
        case CartAbandoned():
            return replace(state, status=Status.ABANDONED)
        case CartReopened():
            return replace(state, status=Status.OPEN)
        case _:
            assert_never(event)
