"""Each question a screen asks is one function: a connection to the cache and a position in, frozen rows out.

`as_of` is always a position. Lists come in pages by key: the last row of a page is where the next one begins. None
scans a table that grows with the events.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from explorer.projections.log import SECOND, WIDTHS
from explorer.projections.totals import Sums
from explorer.store.engine import lowered


class CartRow(NamedTuple):
    """A cart as of a position. `since` is the position of its last change and the key for paging."""

    since: int
    stream: str
    version: int
    status: str
    customer: str
    location: str
    currency: str
    lines: int
    units: int
    subtotal: int
    discount: int
    total: int
    coupon: str | None
    percent: int | None
    note: str
    actor: str
    time: int
    opened_at: int


class LineRow(NamedTuple):
    """A line of a cart; `line` is its key within the cart, `name` the product's when it was put in."""

    line: str
    sku: str
    name: str
    quantity: int
    unit_price: int
    added: int
    actor: str
    time: int
    since: int

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price


class ProductRow(NamedTuple):
    """A product's figures as of a position; money in minor units."""

    sku: str
    name: str
    unit_price: int
    currency: str
    in_carts: int
    sold: int
    removed: int
    revenue: int
    since: int


class StreamRow(NamedTuple):
    """A stream; `id` is the position of its first event and the key for paging."""

    id: int
    name: str
    category: str


class ActivityRow(NamedTuple):
    """Events of one type in the bucket that begins at `start` (µs UTC)."""

    start: int
    type: str
    events: int


class Moment(NamedTuple):
    """A position and its time (µs UTC)."""

    position: int
    time: int


def checkpoint(connection: Connection) -> int:
    """The position up to which the cache can answer."""
    return _value(connection, "SELECT min(position) FROM checkpoint") or 0


def position_at(connection: Connection, time: int) -> int:
    """The last position whose time is at or before `time`; 0 if all are later."""
    later = "SELECT position - 1 FROM moment WHERE time > ? ORDER BY time LIMIT 1"
    found = _value(connection, later, time)
    return checkpoint(connection) if found is None else found


def time_at(connection: Connection, position: int) -> int | None:
    """The time of a position: the greatest occurred_at up to it. None before the first event."""
    return _value(connection, "SELECT time FROM moment WHERE position <= ? ORDER BY position DESC LIMIT 1", position)


def extent(connection: Connection) -> tuple[int, int] | None:
    """The times of the first and the last event; None if there is none."""
    first = _value(connection, "SELECT time FROM moment ORDER BY position LIMIT 1")
    last = _value(connection, "SELECT time FROM moment ORDER BY position DESC LIMIT 1")
    return None if first is None or last is None else (first, last)


_CART = ", ".join(f"stream.name AS {name}" if name == "stream" else f"cart.{name}" for name in CartRow._fields)


def carts(
    connection: Connection,
    as_of: int,
    *,
    status: str | None = None,
    words: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[CartRow]:
    """Carts, the last changed first. `words` are sought in the customer, the location and the stream's name."""
    start = as_of if before is None else min(as_of, before - 1)
    wanted, values = "cart.since <= ? AND cart.until > ?", [start, as_of]
    if status is not None:
        wanted, values = wanted + " AND cart.status = ?", [*values, status]
    for word in words.split():
        wanted += " AND instr(lower(cart.customer || ' ' || cart.location || ' ' || stream.name), ?)"
        values = [*values, lowered(word)]
    sql = (
        f"SELECT {_CART} FROM cart JOIN stream ON stream.id = cart.stream_id WHERE {wanted} "
        "ORDER BY cart.since DESC LIMIT ?"
    )
    return [CartRow._make(row) for row in _rows(connection, sql, *values, limit)]


def cart(connection: Connection, stream: str, as_of: int) -> CartRow | None:
    """One cart; None if it was not there yet."""
    sql = (
        f"SELECT {_CART} FROM cart JOIN stream ON stream.id = cart.stream_id "
        "WHERE cart.stream_id = (SELECT id FROM stream WHERE name = ?) AND cart.since <= ? "
        "ORDER BY cart.since DESC LIMIT 1"
    )
    rows = _rows(connection, sql, stream, as_of)
    return CartRow._make(rows[0]) if rows else None


def cart_lines(connection: Connection, stream: str, as_of: int) -> list[LineRow]:
    """A cart's lines in the order they were put in."""
    sql = (
        f"SELECT {', '.join(LineRow._fields)} FROM cart_line "
        "WHERE stream_id = (SELECT id FROM stream WHERE name = ?) AND since <= ? AND until > ? ORDER BY added"
    )
    return [LineRow._make(row) for row in _rows(connection, sql, stream, as_of, as_of)]


def products(
    connection: Connection, as_of: int, *, words: str = "", after: str = "", limit: int = 100
) -> list[ProductRow]:
    """Products by number. `words` are sought in the number and in the name the product has as of then."""
    wanted, values = "product.sku > ? AND product.first <= ?", [after, as_of]
    for word in words.split():
        wanted += " AND instr(lower(product.sku || ' ' || figures.name), ?)"
        values.append(lowered(word))
    columns = ", ".join(f"figures.{name}" for name in ProductRow._fields)
    sql = (
        f"SELECT {columns} FROM product "
        "JOIN product_figures AS figures ON figures.sku = product.sku AND figures.since = "
        "(SELECT max(since) FROM product_figures AS f WHERE f.sku = product.sku AND f.since <= ?) "
        f"WHERE {wanted} ORDER BY product.sku LIMIT ?"
    )
    return [ProductRow._make(row) for row in _rows(connection, sql, as_of, *values, limit)]


def totals(connection: Connection, as_of: int) -> dict[str, Sums]:
    """The shop's totals by currency; carts without an item count under the empty one."""
    sql = f"SELECT {', '.join(Sums._fields)} FROM totals WHERE currency = ? AND since <= ? ORDER BY since DESC LIMIT 1"
    found: dict[str, Sums] = {}
    for currency in _currencies(connection):
        rows = _rows(connection, sql, currency, as_of)
        if rows:
            found[currency] = Sums(*rows[0])
    return found


def _currencies(connection: Connection) -> list[str]:
    # A loose index scan: one look-up for each currency, however many rows there are.
    sql = "SELECT min(currency) FROM totals WHERE currency > ?"
    found: list[str] = [""]
    while (following := _value(connection, sql, found[-1])) is not None:
        found.append(following)
    return found


def streams(
    connection: Connection,
    as_of: int,
    *,
    category: str | None = None,
    words: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[StreamRow]:
    """Streams that have begun, the youngest first."""
    wanted, values = "id <= ?", list[Any]([as_of if before is None else min(as_of, before - 1)])
    if category is not None:
        wanted, values = wanted + " AND category = ?", [*values, category]
    for word in words.split():
        wanted, values = wanted + " AND instr(lower(name), ?)", [*values, lowered(word)]
    sql = f"SELECT id, name, category FROM stream WHERE {wanted} ORDER BY id DESC LIMIT ?"
    return [StreamRow._make(row) for row in _rows(connection, sql, *values, limit)]


def stream_exists(connection: Connection, stream: str, as_of: int) -> bool:
    return _value(connection, "SELECT id FROM stream WHERE name = ? AND id <= ?", stream, as_of) is not None


def values_of(connection: Connection, kind: str) -> list[str]:
    """All event types (`kind` "type") or actors ("actor"), sorted."""
    return [row[0] for row in _rows(connection, "SELECT value FROM facet WHERE kind = ? ORDER BY value", kind)]


def positions_with(
    connection: Connection, kind: str, value: str, after: int, limit: int, *, backwards: bool = False
) -> list[int]:
    """At most `limit` positions of events of a type or actor, behind (or, backwards, before) `after`, in order."""
    operator, order = ("<", "DESC") if backwards else (">", "ASC")
    sql = (
        "SELECT position FROM mark WHERE facet = (SELECT id FROM facet WHERE kind = ? AND value = ?) "
        f"AND position {operator} ? ORDER BY position {order} LIMIT ?"
    )
    return sorted(row[0] for row in _rows(connection, sql, kind, value, after, limit))


def activity(connection: Connection, level: int, start: int, end: int) -> list[ActivityRow]:
    """Counts by bucket and type for start <= time < end, from the pyramid's `level` (see WIDTHS)."""
    width = WIDTHS[level] * SECOND
    sql = (
        "SELECT activity.bucket * ?, facet.value, activity.events FROM activity JOIN facet ON facet.id = activity.type "
        "WHERE activity.level = ? AND activity.bucket BETWEEN ? AND ? ORDER BY activity.bucket"
    )
    found = _rows(connection, sql, width, level, start // width, (end - 1) // width)
    return [ActivityRow._make(row) for row in found]


def poison(connection: Connection, limit: int = 100) -> list[tuple[int, str]]:
    """Events that could not be read, with the reason; each leaves its stream's state as it was."""
    return [(row[0], row[1]) for row in _rows(connection, "SELECT position, reason FROM poison LIMIT ?", limit)]


def _rows(connection: Connection, sql: str, *values: Any) -> Sequence[Any]:
    return connection.connection.cursor().execute(sql, values).fetchall()


def _value(connection: Connection, sql: str, *values: Any) -> Any:
    row = connection.connection.cursor().execute(sql, values).fetchone()
    return row[0] if row else None


def product_names(connection: Connection, skus: Mapping[int, str]) -> dict[int, str]:
    """For each position the name that its product had as of then; left out where it had none."""
    sql = "SELECT name FROM product_figures WHERE sku = ? AND since <= ? ORDER BY since DESC LIMIT 1"
    found = ((position, _value(connection, sql, sku, position)) for position, sku in skus.items())
    return {position: name for position, name in found if name}
