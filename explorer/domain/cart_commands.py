"""What somebody may want of the demo's cart."""

import msgspec


class OpenCart(msgspec.Struct, frozen=True):
    customer: str
    location: str


class AddItem(msgspec.Struct, frozen=True):
    """Adds to the quantity, at the price of the first time, where the product is in the cart already."""

    sku: str
    quantity: int


class ChangeQuantity(msgspec.Struct, frozen=True):
    line: str
    quantity: int


class RemoveItem(msgspec.Struct, frozen=True):
    line: str


class Reprice(msgspec.Struct, frozen=True):
    """Takes today's price of the line's product; `sku` names it where the line is not named after it.

    With `only_at`, a price, nothing happens unless it is today's.
    """

    line: str
    sku: str = ""
    only_at: int = 0


class ApplyCoupon(msgspec.Struct, frozen=True):
    code: str


class RemoveCoupon(msgspec.Struct, frozen=True):
    pass


class SetNote(msgspec.Struct, frozen=True):
    note: str


class CheckOut(msgspec.Struct, frozen=True):
    pass


class Abandon(msgspec.Struct, frozen=True):
    pass


class Reopen(msgspec.Struct, frozen=True):
    pass


Edit = AddItem | ChangeQuantity | RemoveItem | Reprice | ApplyCoupon | RemoveCoupon | SetNote
"""A command about what is in the cart; the others are about its status."""
CartCommand = OpenCart | Edit | CheckOut | Abandon | Reopen
