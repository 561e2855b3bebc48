"""Carts as documents: a head row for every change, and a row for every state of every line.

Here stands together what the write side never stores together: product names, prices, totals, who was last there and
when. An invoice of a thousand lines is a thousand line rows, not a thousand copies of itself.
"""

from typing import Any

from explorer.domain.cart import Cart, ItemAdded, ItemQuantityChanged, ItemRemoved, Line
from explorer.projections.products import Products
from explorer.projections.projection import Change, Versioned

HEAD_COLUMNS = (
    "version", "status", "customer", "location", "currency", "lines", "units", "subtotal", "discount", "total",
    "coupon", "percent", "note", "actor", "time", "opened_at",
)  # fmt: skip
LINE_COLUMNS = ("sku", "name", "quantity", "unit_price", "added", "actor", "time")


class Carts:
    name = "carts"
    version = 1
    tables = (
        # One event changes one cart once, so a head row is found by the position it holds from.
        """CREATE TABLE cart (
            since INTEGER PRIMARY KEY, until INTEGER NOT NULL, stream_id INTEGER NOT NULL, version INTEGER NOT NULL,
            status TEXT NOT NULL, customer TEXT NOT NULL, location TEXT NOT NULL, currency TEXT NOT NULL,
            lines INTEGER NOT NULL, units INTEGER NOT NULL, subtotal INTEGER NOT NULL, discount INTEGER NOT NULL,
            total INTEGER NOT NULL, coupon TEXT, percent INTEGER, note TEXT NOT NULL, actor TEXT NOT NULL,
            time INTEGER NOT NULL, opened_at INTEGER NOT NULL) STRICT""",
        "CREATE INDEX cart_of_stream ON cart (stream_id, since)",
        "CREATE INDEX cart_of_status ON cart (status, since)",
        """CREATE TABLE cart_line (
            stream_id INTEGER NOT NULL, line TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
            sku TEXT NOT NULL, name TEXT NOT NULL, quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL,
            added INTEGER NOT NULL, actor TEXT NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY (stream_id, line, since)) STRICT, WITHOUT ROWID""",
    )

    def __init__(self, products: Products) -> None:
        self._products = products
        self._heads = Versioned("cart", ("stream_id",), HEAD_COLUMNS)
        self._lines = Versioned("cart_line", ("stream_id", "line"), LINE_COLUMNS)
        self._opened: dict[int, int] = {}
        self._added: dict[tuple[int, str], tuple[int, str]] = {}

    def apply(self, change: Change, cursor: Any) -> None:
        after = change.after
        if not isinstance(after, Cart):
            return
        record, key = change.record, change.stream_id
        coupon = after.coupon
        values = (
            record.version, after.status.value, after.customer, after.location, after.currency, len(after.lines),
            after.units, after.subtotal, after.discount, after.total, coupon.code if coupon else None,
            coupon.percent if coupon else None, after.note, record.actor, record.occurred_at,
            self._opened_at(change, cursor),
        )  # fmt: skip
        self._heads.put((key,), record.position, values, replaces=record.version > 1)
        match change.event:
            case ItemAdded(sku, _, _, _, line) | ItemQuantityChanged(sku, _, _, line):
                self._put_line(change, line or sku, after.lines[line or sku], cursor)
            case ItemRemoved(sku, _, line):
                self._lines.drop((key, line or sku), record.position)
                self._added.pop((key, line or sku), None)
            case _:
                pass

    def _opened_at(self, change: Change, cursor: Any) -> int:
        key = change.stream_id
        if key not in self._opened:
            found = cursor.execute("SELECT opened_at FROM cart WHERE stream_id = ? LIMIT 1", (key,)).fetchone()
            self._opened[key] = found[0] if found else change.record.occurred_at
        return self._opened[key]

    def _put_line(self, change: Change, key: str, line: Line, cursor: Any) -> None:
        record, full_key = change.record, (change.stream_id, key)
        known = change.before is not None and key in change.before.lines
        if full_key not in self._added:
            row = None
            if known:
                row = cursor.execute(
                    "SELECT added, name FROM cart_line WHERE stream_id = ? AND line = ? ORDER BY since DESC LIMIT 1",
                    full_key,
                ).fetchone()
            self._added[full_key] = row or (record.position, self._products.name_of(line.sku, cursor))
        added, name = self._added[full_key]
        values = (line.sku, name, line.quantity, line.unit_price, added, record.actor, record.occurred_at)
        self._lines.put(full_key, record.position, values, replaces=known)

    def flush(self, cursor: Any) -> None:
        self._heads.flush(cursor)
        self._lines.flush(cursor)
        # What is remembered between events is worth it within a batch only: memory does not grow with the log.
        self._opened.clear()
        self._added.clear()

    def forget(self) -> None:
        self._heads.forget()
        self._lines.forget()
        self._opened.clear()
        self._added.clear()
