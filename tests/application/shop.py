"""Stores with something in them, and what is needed to write to them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from explorer.application.handle import Desk, handle, new_event
from explorer.application.outside import Outside, new_id
from explorer.application.session import Session
from explorer.domain.cart import (
    AddItem,
    ApplyCoupon,
    CartEvent,
    CartOpened,
    ChangeQuantity,
    CheckOut,
    ItemAdded,
    ItemQuantityChanged,
    OpenCart,
)
from explorer.domain.catalogue import IssueCoupon, ListProduct
from explorer.domain.event import Event, Json, Metadata, NewEvent
from explorer.store.engine import open_engine, writing

SECOND = 1_000_000
NOW = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z."""
ANN = Metadata("Ann")
BOB = Metadata("Bob", "correction")


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> int:
        return self.time


def opened(folder: Path, clock: Clock) -> Session:
    """The store `shop.events` of a folder, made where there is none, with its cache beside it."""
    return Session(folder / "shop.events", cache=folder / "cache", create=True, world=Outside(clock, new_id))


def stock(session: Session) -> None:
    """A shop that sells mugs, pens and vases, and has issued a coupon for a day: positions 1 to 4."""
    desk = Desk(session)
    for sku, name, price in (("mug", "Mug, white", 399), ("pen", "Pen, blue", 25), ("vase", "Vase", 2_500)):
        desk.decide(f"product-{sku}", ListProduct(sku, name, price, "GBP"), ANN)
    desk.decide("coupon-TEN", IssueCoupon("TEN", 10, session.world.clock() + 86_400 * SECOND), ANN)
    desk.append()


def open_cart(session: Session, stream: str = "cart-1", *, mugs: int = 2) -> None:
    """A cart of Ann's with mugs in it."""
    handle(session, stream, OpenCart("Ann", "Leeds"), ANN)
    if mugs:
        handle(session, stream, AddItem("mug", mugs), ANN)


def happened(session: Session, stream: str, *events: CartEvent, about: Metadata = ANN, at: int | None = None) -> None:
    """Records typed events behind the rules' back, as an importer does."""
    record(session, stream, *(new_event(event, about, at) for event in events))


def record(session: Session, stream: str, *events: NewEvent) -> Sequence[Event]:
    return session.store.append(stream, session.store.version_of(stream), events)


def note(data: dict[str, Json], kind: str = "NoteTaken", about: Metadata = ANN, at: int | None = None) -> NewEvent:
    """An event of a kind that no decider knows."""
    return NewEvent(kind, data, about, occurred_at=at)


def long_cart(session: Session, versions: int, stream: str = "cart-long") -> None:
    """A cart whose quantity of mugs at version n is n, from version 2 on."""
    changes = [ItemQuantityChanged("mug", n - 1, n) for n in range(3, versions + 1)]
    happened(session, stream, CartOpened("Ann", "Leeds"), ItemAdded("mug", 2, 399, "GBP"), *changes)


def spoil(path: Path, position: int) -> None:
    """What no program does by accident: another text in the place of an event's data."""
    engine = open_engine(path, "an event store")
    with writing(engine, path, "an event store") as connection:
        connection.exec_driver_sql("DROP TRIGGER events_are_never_updated")
        connection.exec_driver_sql("UPDATE events SET data = ? WHERE position = ?", (b"{spoilt", position))
    engine.dispose()


def two_carts(session: Session, clock: Clock) -> None:
    """Every event a second after the one before it, so that position N has the time NOW + N seconds.

    1 to 4 the catalogue (in one second), 5 and 6 open cart-1 with two mugs, 7 gives it the coupon, 8 and 9 open cart-2
    with three mugs, 10 makes of cart-1's two mugs five, 11 checks it out.
    """
    steps: list[Callable[[], object]] = [
        lambda: open_cart(session, mugs=0),
        lambda: handle(session, "cart-1", AddItem("mug", 2), ANN),
        lambda: handle(session, "cart-1", ApplyCoupon("TEN"), ANN),
        lambda: open_cart(session, "cart-2", mugs=0),
        lambda: handle(session, "cart-2", AddItem("mug", 3), ANN),
        lambda: handle(session, "cart-1", ChangeQuantity("mug", 5), BOB),
        lambda: handle(session, "cart-1", CheckOut(), ANN),
    ]
    clock.time = NOW + 4 * SECOND
    stock(session)
    for step in steps:
        clock.time += SECOND
        step()
    session.catch_up()
