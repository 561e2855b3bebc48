"""The cart's decider, and how a cart and its events are shown to people and programs that know nothing of carts."""

from typing import assert_never

from explorer.domain.cart import (
    Abandon,
    AddItem,
    ApplyCoupon,
    Cart,
    CartAbandoned,
    CartCheckedOut,
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
    Line,
    NoteChanged,
    OpenCart,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    Reprice,
    SetNote,
    StatusChanged,
    decide,
    evolve,
    needs,
)
from explorer.domain.cart_repair import caused_by, restore, undo
from explorer.domain.decider import Decider, short
from explorer.domain.event import Json
from explorer.domain.money import formatted


def _line_document(key: str, line: Line) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "line_total": line.total,
    }
    return entry if key == line.sku else {**entry, "line": key}


def document(state: Cart) -> dict[str, Json]:
    """The state as JSON. Lines are in the order they were added; `line` appears where not the sku."""
    return {
        "status": state.status.value,
        "customer": state.customer,
        "location": state.location,
        "currency": state.currency,
        "lines": [_line_document(key, line) for key, line in state.lines.items()],
        "units": state.units,
        "subtotal": state.subtotal,
        "coupon": {"code": state.coupon.code, "percent": state.coupon.percent} if state.coupon else None,
        "discount": state.discount,
        "total": state.total,
        "note": state.note,
    }


def summary(event: CartEvent) -> str:
    """One line for a list of events."""
    match event:
        case ItemAdded(sku, quantity, unit_price, currency):
            return f"{quantity:,} × {sku} at {formatted(unit_price, currency)} {currency}"
        case ItemQuantityChanged(sku, previous_quantity, quantity):
            return f"{sku}: {previous_quantity:,} → {quantity:,}"
        case ItemRemoved(sku, quantity):
            return f"{quantity:,} × {sku}"
        case ItemRepriced(sku, previous_unit_price, unit_price, _, currency):
            return f"{sku}: {formatted(previous_unit_price, currency)} → {formatted(unit_price, currency)} {currency}"
        case CouponApplied(code, percent) | CouponRemoved(code, percent):
            return f"{code} −{percent} %"
        case NoteChanged(_, note):
            return f"“{short(note)}”" if note else "(cleared)"
        case _:
            return _status_summary(event)


def _status_summary(event: StatusChanged) -> str:
    match event:
        case CartOpened(customer, location):
            return short(f"{customer}, {location}" if location else customer)
        case CartCheckedOut(total, currency):
            return f"{formatted(total, currency)} {currency}"
        case CartAbandoned() | CartReopened():
            return ""
        case _:
            assert_never(event)


def add_currency(data: dict[str, Json]) -> dict[str, Json]:
    """ItemAdded 1 → 2: before there was a currency, every price was in pounds."""
    return {**data, "currency": "GBP"}


CART = Decider(
    category="cart",
    initial=Cart(),
    events=(
        CartOpened,
        ItemAdded,
        ItemQuantityChanged,
        ItemRemoved,
        ItemRepriced,
        CouponApplied,
        CouponRemoved,
        NoteChanged,
        CartCheckedOut,
        CartAbandoned,
        CartReopened,
    ),
    commands=(
        OpenCart,
        AddItem,
        ChangeQuantity,
        RemoveItem,
        Reprice,
        ApplyCoupon,
        RemoveCoupon,
        SetNote,
        CheckOut,
        Abandon,
        Reopen,
    ),
    decide=decide,
    evolve=evolve,
    document=document,
    summary=summary,
    needs=needs,
    upcasters={("ItemAdded", 1): add_currency},
    subject=lambda cart: cart.customer,
    restore=restore,
    undo=undo,
    command=caused_by,
)
