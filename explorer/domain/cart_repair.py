"""How a cart is brought back: the commands that lead to an earlier state, take back one event, or would cause it.

They are decided by the same rules as anybody's: what those refuse cannot be repaired so.
"""

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
    OpenCart,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    Reprice,
    SetNote,
    Status,
)
from explorer.domain.cart_commands import Edit
from explorer.domain.cart_events import Edited
from explorer.errors import Refused


def restore(now: Cart, then: Cart) -> list[CartCommand]:
    """The commands that lead from a cart as it is now to what it was; none where it is that.

    A price comes back where it is today's. A product that is put in again comes at today's, and behind the others. What
    differs then is the caller's to tell.
    """
    if then.status == Status.NEW:
        raise Refused("A cart that was opened cannot become one that never was. Abandon it instead.")
    edits = [*_lines(now, then), *_coupon(now, then)]
    if now.note != then.note:
        edits.append(SetNote(then.note))
    if now.status == Status.CHECKED_OUT and (edits or then.status != now.status):
        raise Refused("This cart is checked out and cannot be changed any more.")
    if not edits and now.status == then.status:
        return []
    opened: list[CartCommand] = [Reopen()] if now.status == Status.ABANDONED else []
    match then.status:
        case Status.ABANDONED:
            return [*opened, *edits, Abandon()]
        case Status.CHECKED_OUT:
            return [*opened, *edits, CheckOut()]
        case _:
            return [*opened, *edits]


def _lines(now: Cart, then: Cart) -> list[Edit]:
    commands: list[Edit] = [RemoveItem(key) for key in now.lines if key not in then.lines]
    for key, line in then.lines.items():
        before = now.lines.get(key)
        if before is None:
            commands.append(AddItem(line.sku, line.quantity))
            continue
        if before.quantity != line.quantity:
            commands.append(ChangeQuantity(key, line.quantity))
        if before.unit_price != line.unit_price:
            commands.append(_back_at(key, line.sku, line.unit_price))
    return commands


def _coupon(now: Cart, then: Cart) -> list[Edit]:
    if now.coupon == then.coupon:
        return []
    away: list[Edit] = [RemoveCoupon()] if now.coupon else []
    return [*away, ApplyCoupon(then.coupon.code)] if then.coupon else away


def undo(event: CartEvent, now: Cart) -> list[CartCommand]:
    """The commands that take back what an event did, as long as nothing has changed the same since."""
    match event:
        case CartOpened():
            raise Refused("A cart that was opened cannot become one that never was. Abandon it instead.")
        case CartCheckedOut():
            raise Refused("A checked out cart cannot be changed any more, so that cannot be undone.")
        case CartAbandoned():
            return [Reopen()]
        case CartReopened():
            return [Abandon()]
        case _:
            return _undo_edit(event, now)


def _undo_edit(event: Edited, now: Cart) -> list[CartCommand]:
    match event:
        case ItemAdded() | ItemQuantityChanged() | ItemRemoved():
            return [_undo_item(event, now)]
        case ItemRepriced():
            return [_undo_price(event, now)]
        case CouponApplied(code):
            if now.coupon is None or now.coupon.code != code:
                raise Refused(f"Coupon {code} is not on this cart any more: there is nothing to undo.", "coupon")
            return [RemoveCoupon()]
        case CouponRemoved(code):
            return [ApplyCoupon(code)]
        case NoteChanged(previous_note, note):
            if now.note != note:
                raise Refused("The note was changed again since: undo that first, or type another.", "note")
            return [SetNote(previous_note)]


def _undo_item(event: ItemAdded | ItemQuantityChanged | ItemRemoved, now: Cart) -> CartCommand:
    key = event.line or event.sku
    line = now.lines.get(key)
    if isinstance(event, ItemRemoved):
        if line is not None:
            raise Refused(f"{key} is in this cart again: there is nothing to undo.", "sku")
        return AddItem(event.sku, event.quantity)
    if line is None:
        raise Refused(f"{key} is not in this cart any more: there is nothing to undo.", "sku")
    if line.quantity != event.quantity:
        raise Refused(
            f"The quantity of {key} was changed again since: this event made it {event.quantity:,}, and now it is "
            f"{line.quantity:,}. Undo that first, or change it.",
            "quantity",
        )
    if isinstance(event, ItemAdded):
        return RemoveItem(key)
    return ChangeQuantity(key, event.previous_quantity)


def _undo_price(event: ItemRepriced, now: Cart) -> CartCommand:
    key = event.line or event.sku
    line = now.lines.get(key)
    if line is None:
        raise Refused(f"{key} is not in this cart any more: there is nothing to undo.", "sku")
    if line.unit_price != event.unit_price:
        raise Refused(f"The price of {key} was changed again since: undo that first.", "sku")
    return _back_at(key, event.sku, event.previous_unit_price)


def _back_at(key: str, sku: str, price: int) -> Reprice:
    return Reprice(key, "" if key == sku else sku, price)


def caused_by(event: CartEvent, state: Cart) -> CartCommand:
    """The command that would have caused an event; see `Decider.command`."""
    del state
    match event:
        case CartOpened(customer, location):
            return OpenCart(customer, location)
        case CartCheckedOut():
            return CheckOut()
        case CartAbandoned():
            return Abandon()
        case CartReopened():
            return Reopen()
        case _:
            return _edit_of(event)


def _edit_of(event: Edited) -> Edit:
    match event:
        case ItemAdded() | ItemQuantityChanged() | ItemRemoved() | ItemRepriced():
            return _item_edit_of(event)
        case CouponApplied(code):
            return ApplyCoupon(code)
        case CouponRemoved():
            return RemoveCoupon()
        case NoteChanged(_, note):
            return SetNote(note)


def _item_edit_of(event: ItemAdded | ItemQuantityChanged | ItemRemoved | ItemRepriced) -> Edit:
    key = event.line or event.sku
    match event:
        case ItemAdded(sku, quantity):
            return AddItem(sku, quantity)
        case ItemQuantityChanged(_, _, quantity):
            return ChangeQuantity(key, quantity)
        case ItemRemoved():
            return RemoveItem(key)
        case ItemRepriced():
            return Reprice(key, event.sku if event.line else "")
