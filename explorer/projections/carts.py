"""Carts as documents: a head for every change, and a row for every state of every line.

Here stands together what the write side never stores together: product names, prices, totals, who was last there and
when. An invoice of a thousand lines is a thousand line rows, not a thousand copies of itself.

*Which carts were open as of P, the last changed first?* is a question about intervals: a head holds from `since` until
the cart's next one. Most hold for a few events only and are found by looking at the last few; the others stand in
`cart_life`, sorted into classes by how long they hold. In the class of heads that hold for 8^c to 8^(c+1) events, those
that hold as of P began within the last 8^(c+1), and all do that began within the last 8^c: so each class is read from
P backwards, and no more of it than is wanted.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from explorer.domain.cart import Cart
from explorer.projections.products import ITEM_EVENTS, Products
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
    version = 4
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
        of_carts = [change for change in changes if type(change.after) is Cart]
        self._write_heads(of_carts, cursor)
        self._write_lines(of_carts, cursor)
        # What is remembered between events is worth it within a batch only: memory does not grow with the log.
        self.forget()

    def _write_heads(self, changes: Sequence[Change], cursor: Any) -> None:
        abouts: list[tuple[Any, ...]] = []
        heads: list[list[Any]] = []
        ended: list[_Ended] = []
        for change in changes:
            record, before, after, position = change.record, change.before, change.after, change.position
            held = self._current.get(change.stream_id) or self._found(change, cursor)
            if held.row:
                held.row[1] = position
            elif held.since != position:
                ended.append(_Ended(held.status, held.since, position))
            if held.since == position or before.customer != after.customer or before.location != after.location:
                held.about = position
                abouts.append((position, record.stream, after.customer, after.location, held.opened_at))
            coupon, subtotal, status = after.coupon, after.subtotal, after.status._value_
            discount = after.discount if coupon else 0
            held.since, held.status = position, status
            held.row = [
                position, FOREVER, change.stream_id, held.about, record.version, status, after.currency,
                len(after.lines), after.units, subtotal, discount, subtotal - discount, coupon.code if coupon else None,
                coupon.percent if coupon else None, after.note, record.actor, record.occurred_at,
            ]  # fmt: skip
            heads.append(held.row)
        cursor.executemany("INSERT INTO cart_about VALUES (?, ?, ?, ?, ?)", abouts)
        self._end(ended, cursor)
        cursor.executemany(self._insert_head, heads)
        cursor.executemany(_INSERT_LIFE, _lives(heads))

    def _write_lines(self, changes: Sequence[Change], cursor: Any) -> None:
        rows: list[tuple[Any, ...]] = []
        for change in changes:
            event = change.event
            if not isinstance(event, ITEM_EVENTS):
                continue
            key = event.line or event.sku
            line = change.after.lines.get(key)
            if line is None:
                rows += self._taken_out(change, key, cursor)
                continue
            added, name = self._added.get((change.stream_id, key)) or self._put_in(change, key, line.sku, cursor)
            record = change.record
            rows.append((
                change.stream_id, key, change.position, line.sku, name, line.quantity, line.unit_price, added,
                record.actor, record.occurred_at,
            ))  # fmt: skip
        # In the table's order: a page is then written once, not once for each of its rows.
        rows.sort()
        cursor.executemany(self._insert_line, rows)

    def _put_in(self, change: Change, key: str, sku: str, cursor: Any) -> tuple[int, str]:
        """The position at which a line was put in, and what the product was called then."""
        known = None
        if key in change.before.lines:
            known = cursor.execute(_ADDED, (change.stream_id, key)).fetchone()
        known = known or (change.position, self._products.name_of(sku, change.position, cursor))
        self._added[change.stream_id, key] = known
        return known

    def _taken_out(self, change: Change, key: str, cursor: Any) -> Iterator[tuple[Any, ...]]:
        line, record = change.before.lines.get(key), change.record
        if line is not None:
            added, name = self._added.pop((change.stream_id, key), None) or self._put_in(change, key, line.sku, cursor)
            self._added.pop((change.stream_id, key), None)
            yield (
                change.stream_id, key, change.position, line.sku, name, 0, line.unit_price, added,
                record.actor, record.occurred_at,
            )  # fmt: skip

    def _found(self, change: Change, cursor: Any) -> _Held:
        """The head that holds until this change; one that begins here if it is the cart's first."""
        position, record = change.position, change.record
        found = cursor.execute(_LATEST, (change.stream_id,)).fetchone() if record.version > 1 else None
        held = _Held(*found) if found else _Held(position, "", position, record.occurred_at)
        self._current[change.stream_id] = held
        return held

    def _end(self, ended: Sequence[_Ended], cursor: Any) -> None:
        """Heads of earlier batches that hold no longer."""
        cursor.executemany("UPDATE cart_head SET until = ? WHERE since = ?", [(end, since) for _, since, end in ended])
        cursor.executemany(
            "DELETE FROM cart_life WHERE status = ? AND class = ? AND since = ?",
            [(status, HOLDING, since) for status, since, _ in ended],
        )
        cursor.executemany(_INSERT_LIFE, [life for head in ended if (life := _life(*head))])

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
