"""Product figures: units in open carts now, sold, removed, and what was earned.

`revenue` is quantity times price of checked-out lines, before coupons; coupons stand in the shop's totals, so that
the products' revenues less the shop's discounts are the shop's revenue.
"""

from collections.abc import Iterable
from typing import Any

from explorer.domain.cart import Cart, ItemAdded, ItemQuantityChanged, ItemRemoved, Line, Status
from explorer.domain.catalogue import Product
from explorer.projections.projection import FOREVER, Change, Versioned

COLUMNS = ("name", "unit_price", "currency", "in_carts", "sold", "removed", "revenue")


class Figures:
    """One product's current figures."""

    __slots__ = ("currency", "in_carts", "is_new", "name", "removed", "revenue", "sold", "unit_price")

    def __init__(self, row: tuple[Any, ...] | None) -> None:
        self.is_new = row is None
        (self.name, self.unit_price, self.currency, self.in_carts, self.sold, self.removed, self.revenue) = row or (
            "",
            0,
            "",
            0,
            0,
            0,
            0,
        )

    def count(self, sign: int, status: Status, line: Line) -> None:
        """Adds (or with sign -1 takes back) what a line in a cart of this status means."""
        if status == Status.OPEN:
            self.in_carts += sign * line.quantity
        elif status == Status.CHECKED_OUT:
            self.sold += sign * line.quantity
            self.revenue += sign * line.total

    def values(self) -> tuple[Any, ...]:
        return (self.name, self.unit_price, self.currency, self.in_carts, self.sold, self.removed, self.revenue)


class Products:
    name = "products"
    version = 1
    tables = (
        "CREATE TABLE product (sku TEXT PRIMARY KEY, first INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        """CREATE TABLE product_figures (
            sku TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, name TEXT NOT NULL,
            unit_price INTEGER NOT NULL, currency TEXT NOT NULL, in_carts INTEGER NOT NULL, sold INTEGER NOT NULL,
            removed INTEGER NOT NULL, revenue INTEGER NOT NULL, PRIMARY KEY (sku, since)) STRICT, WITHOUT ROWID""",
    )

    def __init__(self) -> None:
        self._rows = Versioned("product_figures", ("sku",), COLUMNS)
        self._figures: dict[str, Figures] = {}
        self._new: list[tuple[str, int]] = []

    def name_of(self, sku: str, cursor: Any) -> str:
        """The product's name at the moment the projection has reached; empty if it was never listed."""
        return self._of(sku, cursor).name

    def apply(self, change: Change, cursor: Any) -> None:
        match change.after:
            case Product(sku, name, unit_price, currency) if sku:
                figures = self._of(sku, cursor)
                figures.name, figures.unit_price, figures.currency = name, unit_price, currency
                self._put(sku, figures, change.record.position)
            case Cart():
                self._apply_cart(change, cursor)
            case _:
                pass

    def _apply_cart(self, change: Change, cursor: Any) -> None:
        before: Cart = change.before
        after: Cart = change.after
        position = change.record.position
        for key in _changed_lines(change.event, before, after):
            old, new = before.lines.get(key), after.lines.get(key)
            line = new or old
            if line is None:
                continue
            figures = self._of(line.sku, cursor)
            if old:
                figures.count(-1, before.status, old)
            if new:
                figures.count(1, after.status, new)
            elif old:
                figures.removed += old.quantity
            self._put(line.sku, figures, position)

    def _of(self, sku: str, cursor: Any) -> Figures:
        figures = self._figures.get(sku)
        if figures is None:
            row = cursor.execute(
                f"SELECT {', '.join(COLUMNS)} FROM product_figures WHERE sku = ? AND until = {FOREVER} "
                "ORDER BY since DESC LIMIT 1",
                (sku,),
            ).fetchone()
            figures = self._figures[sku] = Figures(row)
        return figures

    def _put(self, sku: str, figures: Figures, position: int) -> None:
        if figures.is_new:
            self._new.append((sku, position))
        self._rows.put((sku,), position, figures.values(), replaces=not figures.is_new)
        figures.is_new = False

    def flush(self, cursor: Any) -> None:
        cursor.executemany("INSERT INTO product VALUES (?, ?)", self._new)
        self._new.clear()
        self._rows.flush(cursor)

    def forget(self) -> None:
        self._rows.forget()
        self._figures.clear()
        self._new.clear()


def _changed_lines(event: object, before: Cart, after: Cart) -> Iterable[str]:
    match event:
        case ItemAdded(sku, _, _, _, line) | ItemQuantityChanged(sku, _, _, line) | ItemRemoved(sku, _, line):
            return (line or sku,)
        case _:
            return after.lines if before.status != after.status else ()
