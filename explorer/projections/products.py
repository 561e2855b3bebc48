"""Product figures: units in open carts now, sold, removed, and what was earned.

`revenue` is quantity times price of checked-out lines, before coupons; coupons stand in the shop's totals, so that
the products' revenues less the shop's discounts are the shop's revenue. What a product is called changes seldom and
what it sells all the time, so the two stand in tables of their own.
"""

from collections.abc import Sequence
from typing import Any

from explorer.domain.cart import Cart, ItemAdded, ItemQuantityChanged, ItemRemoved, ItemRepriced, Line, Status
from explorer.domain.catalogue import Product
from explorer.projections.projection import Change, insertion

ITEM_EVENTS = (ItemAdded, ItemQuantityChanged, ItemRemoved, ItemRepriced)
"""What concerns one line of a cart. A tuple: making a union of types anew takes longer than asking it."""

_KNOWN = """SELECT product.id, figures.in_carts, figures.sold, figures.removed, figures.revenue
    FROM product LEFT JOIN product_figures AS figures ON figures.product = product.id AND figures.since =
        (SELECT max(since) FROM product_figures WHERE product = product.id)
    WHERE product.sku = ?"""
_NAME = "SELECT name FROM product_name WHERE product = ? ORDER BY since DESC LIMIT 1"


class _Figures:
    """One product's current figures. `names` are what it was called from which position on, the last one last."""

    __slots__ = ("id", "in_carts", "names", "removed", "revenue", "sold")

    def __init__(self, id_: int, name: str = "", numbers: Sequence[int | None] = (0, 0, 0, 0)) -> None:
        self.id, self.names = id_, [(0, name)]
        self.in_carts, self.sold, self.removed, self.revenue = (number or 0 for number in numbers)

    def count(self, sign: int, status: Status, line: Line) -> None:
        """Adds (or with sign -1 takes back) what a line in a cart of this status means."""
        if status is Status.OPEN:
            self.in_carts += sign * line.quantity
        elif status is Status.CHECKED_OUT:
            self.sold += sign * line.quantity
            self.revenue += sign * line.total

    def row(self, position: int) -> tuple[int, ...]:
        return self.id, position, self.in_carts, self.sold, self.removed, self.revenue


class Products:
    name = "products"
    version = 3
    tables = (
        # The position at which a product is first heard of is its id, too.
        "CREATE TABLE product (id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE) STRICT",
        """CREATE TABLE product_name (
            product INTEGER NOT NULL, since INTEGER NOT NULL, name TEXT NOT NULL, unit_price INTEGER NOT NULL,
            currency TEXT NOT NULL, PRIMARY KEY (product, since)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE product_figures (
            product INTEGER NOT NULL, since INTEGER NOT NULL, in_carts INTEGER NOT NULL, sold INTEGER NOT NULL,
            removed INTEGER NOT NULL, revenue INTEGER NOT NULL, PRIMARY KEY (product, since)) STRICT, WITHOUT ROWID""",
    )
    _insert = insertion("product_figures", ("product", "since", "in_carts", "sold", "removed", "revenue"))

    def __init__(self) -> None:
        self._figures: dict[str, _Figures] = {}
        self._renamed: list[_Figures] = []
        self._new: list[tuple[int, str]] = []

    def name_of(self, sku: str, position: int, cursor: Any) -> str:
        """What the product was called at a position of the batch applied last; empty if it was never listed."""
        names = self._of(sku, position, cursor).names
        if len(names) == 1:
            return names[0][1]
        return next(name for since, name in reversed(names) if since <= position)

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        for figures in self._renamed:
            del figures.names[:-1]
        self._renamed.clear()
        names: list[tuple[Any, ...]] = []
        rows: list[tuple[int, ...]] = []
        for change in changes:
            after = change.after
            if type(after) is Cart:
                self._apply_cart(change, rows, cursor)
            elif isinstance(after, Product) and after.sku:
                figures = self._of(after.sku, change.position, cursor)
                figures.names.append((change.position, after.name))
                self._renamed.append(figures)
                names.append((figures.id, change.position, after.name, after.unit_price, after.currency))
        cursor.executemany("INSERT INTO product VALUES (?, ?)", self._new)
        self._new.clear()
        cursor.executemany("INSERT INTO product_name VALUES (?, ?, ?, ?, ?)", names)
        # In the table's order: a page is then written once, not once for each of its rows.
        rows.sort()
        cursor.executemany(self._insert, rows)

    def _apply_cart(self, change: Change, rows: list[tuple[int, ...]], cursor: Any) -> None:
        before, after = change.before, change.after
        event = change.event
        if isinstance(event, ITEM_EVENTS):
            self._apply_line(change, event.line or event.sku, rows, cursor)
        elif before.status is not after.status:
            self._apply_status(change, rows, cursor)

    def _apply_line(self, change: Change, key: str, rows: list[tuple[int, ...]], cursor: Any) -> None:
        before: Cart = change.before
        after: Cart = change.after
        old, new, position = before.lines.get(key), after.lines.get(key), change.position
        if new is not None and before.status is after.status is Status.OPEN and (old is None or old.sku == new.sku):
            # Most events, in as few steps as it takes.
            figures = self._figures.get(new.sku) or self._of(new.sku, position, cursor)
            figures.in_carts += new.quantity - (old.quantity if old is not None else 0)
            rows.append((figures.id, position, figures.in_carts, figures.sold, figures.removed, figures.revenue))
            return
        if old is not None:
            figures = self._of(old.sku, position, cursor)
            figures.count(-1, before.status, old)
            if new is None:
                figures.removed += old.quantity
            if new is None or new.sku != old.sku:
                rows.append(figures.row(position))
        if new is not None:
            figures = self._of(new.sku, position, cursor)
            figures.count(1, after.status, new)
            rows.append(figures.row(position))

    def _apply_status(self, change: Change, rows: list[tuple[int, ...]], cursor: Any) -> None:
        before: Cart = change.before
        after: Cart = change.after
        old, new, position, known = before.status, after.status, change.position, self._figures
        in_carts = (new is Status.OPEN) - (old is Status.OPEN)
        sold = (new is Status.CHECKED_OUT) - (old is Status.CHECKED_OUT)
        changed: dict[int, _Figures] = {}
        for line in after.lines.values():
            figures = known.get(line.sku) or self._of(line.sku, position, cursor)
            quantity = line.quantity
            figures.in_carts += in_carts * quantity
            figures.sold += sold * quantity
            figures.revenue += sold * quantity * line.unit_price
            # Two lines of one cart may be of one product: it is one row all the same.
            changed[figures.id] = figures
        rows += [(f.id, position, f.in_carts, f.sold, f.removed, f.revenue) for f in changed.values()]

    def _of(self, sku: str, position: int, cursor: Any) -> _Figures:
        figures = self._figures.get(sku)
        if figures is None:
            row = cursor.execute(_KNOWN, (sku,)).fetchone()
            if row is None:
                self._new.append((position, sku))
                figures = _Figures(position)
            else:
                id_, *numbers = row
                found = cursor.execute(_NAME, (id_,)).fetchone()
                figures = _Figures(id_, found[0] if found else "", numbers)
            self._figures[sku] = figures
        return figures

    def forget(self) -> None:
        self._figures.clear()
        self._renamed.clear()
        self._new.clear()
