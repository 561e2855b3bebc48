"""Carts as documents: a head for every change, and a row for every state of every line.

Here stands together what the write side never stores together: product names, prices, totals, who was last there and
when. An invoice of a thousand lines is a thousand line rows, not a thousand copies of itself.

*Which carts were open as of P, the last changed first?* is a question about intervals: a head holds from `since` until
the cart's next one. Most hold for a few events only and are found by looking at the last few; the others stand in
`cart_life`, sorted into classes by how long they hold. In the class of heads that hold for 8^c to 8^(c+1) events, those
that hold as of P began within the last 8^(c+1), and all do that began within the last 8^c: so each class is read from
P backwards, and no more of it than is wanted.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from explorer.domain.cart import Cart, ItemAdded, ItemQuantityChanged, ItemRemoved
from explorer.projections.products import Products
from explorer.projections.projection import FOREVER, Change, insertion

HEAD = (
    "since", "until", "stream_id", "about", "version", "status", "currency", "lines", "units", "subtotal", "discount",
    "total", "coupon", "percent", "note", "actor", "time",
)  # fmt: skip
LINE = ("stream_id", "line", "since", "sku", "name", "quantity", "unit_price", "added", "actor", "time")
SHORT = 64
"""Heads that hold for fewer events are not in `cart_life`."""
HOLDING = 20
"""The class of those that hold to this day: any number of events from 2^60 on."""

_LATEST = """SELECT head.since, head.status, head.about, about.opened_at
    FROM cart_head AS head JOIN cart_about AS about ON about.id = head.about
    WHERE head.stream_id = ? ORDER BY head.since DESC LIMIT 1"""
_INSERT_LIFE = "INSERT INTO cart_life VALUES (?, ?, ?, ?)"
_ADDED = "SELECT added, name FROM cart_line WHERE stream_id = ? AND line = ? ORDER BY since DESC LIMIT 1"


class _Held:
    """A cart's head so far; `row` is it as long as it is not written, and an empty list afterwards."""

    __slots__ = ("about", "opened_at", "row", "since", "status")

    def __init__(self, since: int, status: str, about: int, opened_at: int) -> None:
        self.since, self.status, self.about, self.opened_at = since, status, about, opened_at
        self.row: list[Any] = []


class _Ended(NamedTuple):
    """A head of an earlier batch that holds no longer."""

    status: str
    since: int
    until: int


class Carts:
    name = "carts"
    version = 3
    tables = (
        # Whose cart it is changes once, if ever.
        """CREATE TABLE cart_about (
            id INTEGER PRIMARY KEY, stream TEXT NOT NULL, customer TEXT NOT NULL, location TEXT NOT NULL,
            opened_at INTEGER NOT NULL) STRICT""",
        # One event changes one cart once, so a head is found by the position it holds from.
        """CREATE TABLE cart_head (
            since INTEGER PRIMARY KEY, until INTEGER NOT NULL, stream_id INTEGER NOT NULL, about INTEGER NOT NULL,
            version INTEGER NOT NULL, status TEXT NOT NULL, currency TEXT NOT NULL, lines INTEGER NOT NULL,
            units INTEGER NOT NULL, subtotal INTEGER NOT NULL, discount INTEGER NOT NULL, total INTEGER NOT NULL,
            coupon TEXT, percent INTEGER, note TEXT NOT NULL, actor TEXT NOT NULL, time INTEGER NOT NULL) STRICT""",
        "CREATE INDEX cart_head_of_stream ON cart_head (stream_id, since)",
        """CREATE TABLE cart_life (
            status TEXT NOT NULL, class INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
            PRIMARY KEY (status, class, since)) STRICT, WITHOUT ROWID""",
        # A quantity of 0 says that the line was taken out.
        """CREATE TABLE cart_line (
            stream_id INTEGER NOT NULL, line TEXT NOT NULL, since INTEGER NOT NULL, sku TEXT NOT NULL,
            name TEXT NOT NULL, quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL, added INTEGER NOT NULL,
            actor TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (stream_id, line, since)) STRICT, WITHOUT ROWID""",
    )
    _insert_head = insertion("cart_head", HEAD)
    _insert_line = insertion("cart_line", LINE)

    def __init__(self, products: Products) -> None:
        self._products = products
        self._current: dict[int, _Held] = {}
        self._added: dict[tuple[int, str], tuple[int, str]] = {}

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        abouts: list[tuple[Any, ...]] = []
        heads: list[list[Any]] = []
        lines: list[tuple[Any, ...]] = []
        ended: list[_Ended] = []
        for change in changes:
            if isinstance(change.after, Cart):
                heads.append(self._head(change, abouts, ended, cursor))
                self._line(change, lines, cursor)
        cursor.executemany("INSERT INTO cart_about VALUES (?, ?, ?, ?, ?)", abouts)
        self._end(ended, cursor)
        cursor.executemany(self._insert_head, heads)
        cursor.executemany(_INSERT_LIFE, _lives(heads))
        # In the table's order: a page is then written once, not once for each of its rows.
        lines.sort()
        cursor.executemany(self._insert_line, lines)
        # What is remembered between events is worth it within a batch only: memory does not grow with the log.
        self.forget()

    def _head(self, change: Change, abouts: list[tuple[Any, ...]], ended: list[_Ended], cursor: Any) -> list[Any]:
        record, before, after, position = change.record, change.before, change.after, change.position
        held = self._current.get(change.stream_id)
        if held is None:
            held = self._current[change.stream_id] = self._found(change, cursor)
        if held.row:
            held.row[1] = position
        elif held.since != position:
            ended.append(_Ended(held.status, held.since, position))
        if held.since == position or before.customer != after.customer or before.location != after.location:
            held.about = position
            abouts.append((position, record.stream, after.customer, after.location, held.opened_at))
        coupon, subtotal = after.coupon, after.subtotal
        discount = after.discount if coupon else 0
        held.since, held.status = position, after.status.value
        held.row = [
            position, FOREVER, change.stream_id, held.about, record.version, held.status, after.currency,
            len(after.lines), after.units, subtotal, discount, subtotal - discount, coupon.code if coupon else None,
            coupon.percent if coupon else None, after.note, record.actor, record.occurred_at,
        ]  # fmt: skip
        return held.row

    def _found(self, change: Change, cursor: Any) -> _Held:
        """The head that holds until this change; one that begins here if it is the cart's first."""
        found = None
        if change.record.version > 1:
            found = cursor.execute(_LATEST, (change.stream_id,)).fetchone()
        return _Held(*found) if found else _Held(change.position, "", change.position, change.record.occurred_at)

    def _end(self, ended: Sequence[_Ended], cursor: Any) -> None:
        """Heads of earlier batches that hold no longer."""
        cursor.executemany("UPDATE cart_head SET until = ? WHERE since = ?", [(end, since) for _, since, end in ended])
        cursor.executemany(
            "DELETE FROM cart_life WHERE status = ? AND class = ? AND since = ?",
            [(status, HOLDING, since) for status, since, _ in ended],
        )
        cursor.executemany(_INSERT_LIFE, [life for head in ended if (life := _life(*head))])

    def _line(self, change: Change, lines: list[tuple[Any, ...]], cursor: Any) -> None:
        event = change.event
        if not isinstance(event, ItemAdded | ItemQuantityChanged | ItemRemoved):
            return
        record, position, key = change.record, change.position, event.line or event.sku
        line, gone = change.after.lines.get(key), False
        if line is None:
            line, gone = change.before.lines.get(key), True
        if line is None:
            return
        full_key = change.stream_id, key
        known = self._added.get(full_key)
        if known is None:
            # The position at which the line was put in, and what the product was called then.
            if key in change.before.lines:
                known = cursor.execute(_ADDED, full_key).fetchone()
            known = self._added[full_key] = known or (position, self._products.name_of(line.sku, position, cursor))
        added, name = known
        quantity = 0 if gone else line.quantity
        lines.append((change.stream_id, key, position, line.sku, name, quantity, line.unit_price, added, record.actor,
                      record.occurred_at))  # fmt: skip
        if gone:
            del self._added[full_key]

    def forget(self) -> None:
        self._current.clear()
        self._added.clear()


def class_of(events: int) -> int:
    """The class of a head that holds for so many events: c where 8^c <= events < 8^(c+1)."""
    return min(HOLDING, (events.bit_length() - 1) // 3)


def longest_of(class_: int) -> int:
    """More events than any head of a class holds for."""
    return 8 ** (class_ + 1)


def _life(status: str, since: int, until: int) -> tuple[str, int, int, int] | None:
    events = until - since
    return (status, class_of(events), since, until) if events >= SHORT else None


def _lives(heads: Iterable[Sequence[Any]]) -> list[tuple[str, int, int, int]]:
    return [(head[5], class_of(head[1] - head[0]), head[0], head[1]) for head in heads if head[1] - head[0] >= SHORT]
