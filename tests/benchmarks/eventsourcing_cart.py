"""The cart as `eventsourcing` (the Python library, 9.5) would have it: aggregate, application, and a table of carts.

Import it only where the library is installed. Written as its documentation teaches: events as nested classes that
apply themselves, snapshots taken by the application, a projection that records rows and tracking in one transaction.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from explorer.domain.cart import CartCheckedOut, CartEvent, CartOpened, ItemAdded, ItemQuantityChanged, ItemRemoved
from explorer.domain.event import Json

application: Any = import_module("eventsourcing.application")
domain: Any = import_module("eventsourcing.domain")
persistence: Any = import_module("eventsourcing.persistence")
sqlite: Any = import_module("eventsourcing.sqlite")
PAGE = 1_000


class Cart(domain.Aggregate):
    """`lines` has for each line its sku, quantity and unit price."""

    lines: dict[str, list[Any]]
    status: str
    customer: str
    location: str

    class Opened(domain.Aggregate.Created):
        customer: str
        location: str

    class ItemAdded(domain.Aggregate.Event):
        sku: str
        quantity: int
        unit_price: int
        currency: str
        line: str

        def apply(self, aggregate: "Cart") -> None:
            aggregate.lines[self.line or self.sku] = [self.sku, self.quantity, self.unit_price]

    class ItemQuantityChanged(domain.Aggregate.Event):
        sku: str
        previous_quantity: int
        quantity: int
        line: str

        def apply(self, aggregate: "Cart") -> None:
            aggregate.lines[self.line or self.sku][1] = self.quantity

    class ItemRemoved(domain.Aggregate.Event):
        sku: str
        quantity: int
        line: str

        def apply(self, aggregate: "Cart") -> None:
            del aggregate.lines[self.line or self.sku]

    class CheckedOut(domain.Aggregate.Event):
        total: int
        currency: str

        def apply(self, aggregate: "Cart") -> None:
            aggregate.status = "checked_out"

    def __init__(self, customer: str, location: str) -> None:
        self.customer, self.location = customer, location
        self.status, self.lines = "open", {}

    def happen(self, event: CartEvent) -> None:
        """The same event, in this library's form."""
        match event:
            case ItemAdded() | ItemQuantityChanged() | ItemRemoved():
                self.trigger_event(getattr(Cart, type(event).__name__), **msgspec.structs.asdict(event))
            case CartCheckedOut(total, currency):
                self.trigger_event(Cart.CheckedOut, total=total, currency=currency)
            case _:
                raise TypeError(f"{type(event).__name__} is not part of the compared history.")

    def change_quantity(self, line: str, quantity: int) -> None:
        """The command of the appends that are measured, with our cart's rules."""
        if self.status != "open" or line not in self.lines or not 1 <= quantity <= 99_999:
            raise ValueError("Refused.")
        sku, before, _ = self.lines[line]
        if before != quantity:
            self.trigger_event(Cart.ItemQuantityChanged, sku=sku, previous_quantity=before, quantity=quantity, line="")

    def figures(self) -> dict[str, Json]:
        """Of our document what this cart knows too."""
        return {
            "status": self.status,
            "customer": self.customer,
            "location": self.location,
            "lines": [[key, *line] for key, line in self.lines.items()],
            "total": sum(quantity * price for _, quantity, price in self.lines.values()),
        }


class Shop(application.Application):
    """All carts. With `IS_SNAPSHOTTING_ENABLED` it reads from the snapshots that were taken."""

    def change_quantity(self, cart_id: Any, line: str, quantity: int) -> None:
        cart = self.repository.get(cart_id)
        cart.change_quantity(line, quantity)
        self.save(cart)

    def put(self, events: Sequence[CartEvent], batch: int = PAGE) -> Any:
        """A cart with this history, saved so many events at a time; its id."""
        opened, *rest = events
        assert isinstance(opened, CartOpened)
        cart = Cart(customer=opened.customer, location=opened.location)
        for number, event in enumerate(rest, 2):
            cart.happen(event)
            if number % batch == 0:
                self.save(cart)
        self.save(cart)
        return cart.id

    def everything(self) -> Iterator[tuple[int, Any]]:
        """All events with their numbers, in order."""
        start = 1
        while page := self.recorder.select_notifications(start, PAGE):
            for notification in page:
                yield notification.id, self.mapper.to_domain_event(notification)
            start = page[-1].id + 1


def opened(path: Path, *, snapshots: bool) -> Any:
    """A Shop. To pyright its bases are unknown, and so would be all that is asked of it."""
    return Shop(env=_environment(path) | ({"IS_SNAPSHOTTING_ENABLED": "y"} if snapshots else {}))


def _environment(path: Path) -> dict[str, str]:
    return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}


class CartTable(sqlite.SQLiteTrackingRecorder):
    """A row for each cart: its lines and units."""

    def construct_create_table_statements(self) -> list[str]:
        made: Any = super()
        return [
            *made.construct_create_table_statements(),
            "CREATE TABLE IF NOT EXISTS cart (id TEXT PRIMARY KEY, units INTEGER, events INTEGER)",
        ]

    def count(self, cart_id: Any, units: int, tracking: Any) -> None:
        row = "INSERT INTO cart VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET units = units + ?, events = events + 1"
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(row, (str(cart_id), units, units))
            self._insert_tracking(cursor, tracking)


def project(shop: Shop, path: Path, events: int) -> None:
    """Builds the table of carts from the first events, as a runner would feed it: one durable transaction for each."""
    factory = persistence.InfrastructureFactory.construct(persistence.Environment("view", _environment(path)))
    table = factory.tracking_recorder(CartTable)
    for number, event in islice(shop.everything(), events):
        units = getattr(event, "quantity", 0) - getattr(event, "previous_quantity", 0)
        table.count(event.originator_id, units, persistence.Tracking("shop", number))
    factory.close()
