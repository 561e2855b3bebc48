"""What may have happened to the demo's cart. These names and fields are stored for ever."""

from typing import ClassVar

from explorer.domain.decider import DomainEvent


class CartOpened(DomainEvent, frozen=True):
    personal: ClassVar[tuple[str, ...]] = ("customer", "location")

    customer: str
    location: str


class ItemAdded(DomainEvent, frozen=True):
    """Schema version 2: version 1 had no `currency`; the shop then sold in pounds only.

    `line` names the line where it is not the sku: an imported invoice may have one product at two prices.
    """

    schema_version: ClassVar[int] = 2

    sku: str
    quantity: int
    unit_price: int
    currency: str
    line: str = ""


class ItemQuantityChanged(DomainEvent, frozen=True):
    sku: str
    previous_quantity: int
    quantity: int
    line: str = ""


class ItemRemoved(DomainEvent, frozen=True):
    sku: str
    quantity: int
    line: str = ""


class ItemRepriced(DomainEvent, frozen=True):
    sku: str
    previous_unit_price: int
    unit_price: int
    line: str = ""
    currency: str = ""


class CouponApplied(DomainEvent, frozen=True):
    code: str
    percent: int


class CouponRemoved(DomainEvent, frozen=True):
    code: str
    percent: int


class NoteChanged(DomainEvent, frozen=True):
    personal: ClassVar[tuple[str, ...]] = ("previous_note", "note")

    previous_note: str
    note: str


class CartCheckedOut(DomainEvent, frozen=True):
    total: int
    currency: str


class CartAbandoned(DomainEvent, frozen=True):
    pass


class CartReopened(DomainEvent, frozen=True):
    pass


Edited = ItemAdded | ItemQuantityChanged | ItemRemoved | ItemRepriced | CouponApplied | CouponRemoved | NoteChanged
StatusChanged = CartOpened | CartCheckedOut | CartAbandoned | CartReopened
CartEvent = CartOpened | Edited | CartCheckedOut | CartAbandoned | CartReopened
