"""Each question a screen asks is one function: a connection to the cache and a position in, frozen rows out.

`as_of` is always a position. Lists come in pages by key: the last row of a page is where the next one begins. None
scans a table that grows with the events.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from explorer.domain.cart import Status
from explorer.projections.carts import HOLDING, SHORT, class_of, longest_of
from explorer.projections.log import SECOND, WIDTHS, Facets
from explorer.projections.totals import Sums
from explorer.store.engine import lowered

CARTS_SOUGHT = 1_000
"""Carts looked at for words before asking whether the answer is still wanted."""


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


def times_at(connection: Connection, positions: Sequence[int]) -> list[int]:
    """The time of each of these positions, all of which there are."""
    sql = (
        "SELECT (SELECT time FROM moment WHERE position <= held.value ORDER BY position DESC LIMIT 1) "
        "FROM json_each(?) AS held"
    )
    return [row[0] for row in _rows(connection, sql, msgspec.json.encode(positions).decode())]


def extent(connection: Connection) -> tuple[int, int] | None:
    """The times of the first and the last event; None if there is none."""
    first = _value(connection, "SELECT time FROM moment ORDER BY position LIMIT 1")
    last = _value(connection, "SELECT time FROM moment ORDER BY position DESC LIMIT 1")
    return None if first is None or last is None else (first, last)


_OF_ABOUT = {"stream", "customer", "location", "opened_at"}
_CART = ", ".join(f"about.{name}" if name in _OF_ABOUT else f"head.{name}" for name in CartRow._fields)
_STATUSES = tuple(status.value for status in Status)


def carts(
    connection: Connection,
    as_of: int,
    *,
    status: str | None = None,
    words: str = "",
    before: int | None = None,
    limit: int = 100,
    check: Callable[[], None] = lambda: None,
) -> list[CartRow]:
    """Carts, the last changed first. `words` are sought in the customer, the location and the stream's name.

    Words have no index: `check` is called between stretches of their search and may raise Cancelled.
    """
    found: list[CartRow] = []
    start = as_of if before is None else min(as_of, before - 1)
    statuses = _STATUSES if status is None else (status,)
    text = " || ' ' || ".join(f"about.{name}" for name in ("customer", "location", "stream"))
    wanted = " AND ".join(["TRUE", *(f"instr(lower({text}), ?) > 0" for _ in words.split())])
    stretch = CARTS_SOUGHT if words else limit
    sql = (
        f"SELECT {wanted}, {_CART} FROM json_each(?) AS held "
        "CROSS JOIN cart_head AS head ON head.since = held.value "
        "CROSS JOIN cart_about AS about ON about.id = head.about"
    )
    while len(found) < limit:
        check()
        held = _holding(connection, start, as_of, statuses, stretch)
        rows = _rows(connection, sql, *map(lowered, words.split()), msgspec.json.encode(held).decode())
        found += [CartRow._make(row[1:]) for row in rows if row[0]]
        if len(held) < stretch:
            break
        start = held[-1] - 1
    return found[:limit]


def _holding(connection: Connection, start: int, as_of: int, statuses: Sequence[str], limit: int) -> list[int]:
    """Which heads up to `start` hold as of a position, the last first; see `explorer.projections.carts`."""
    highest = class_of(max(SHORT, checkpoint(connection)))
    classes = (*range(class_of(SHORT), highest + 1), HOLDING)
    present = _distinct(connection, "cart_life", "status")
    places = [(status, class_) for status in statuses if status in present for class_ in classes]
    short = (
        "SELECT since FROM cart_head WHERE since > ? AND since <= ? AND until > ? "
        f"AND until < since + {SHORT} AND status IN ({', '.join('?' * len(statuses))})"
    )
    long = (
        "SELECT * FROM (SELECT since FROM cart_life WHERE status = ? AND class = ? AND since > ? AND since <= ? "
        "AND until > ? ORDER BY since DESC LIMIT ?)"
    )
    values: list[Any] = [as_of - SHORT, start, as_of, *statuses]
    for status, class_ in places:
        values += [status, class_, max(0, as_of - longest_of(class_)), start, as_of, limit]
    found = _rows(connection, " UNION ALL ".join((short, *[long] * len(places))), *values)
    return sorted((row[0] for row in found), reverse=True)[:limit]


def cart(connection: Connection, stream: str, as_of: int) -> CartRow | None:
    """One cart; None if it was not there yet."""
    sql = (
        f"SELECT {_CART} FROM cart_head AS head JOIN cart_about AS about ON about.id = head.about "
        "WHERE head.stream_id = (SELECT id FROM stream WHERE name = ?) AND head.since <= ? "
        "ORDER BY head.since DESC LIMIT 1"
    )
    rows = _rows(connection, sql, stream, as_of)
    return CartRow._make(rows[0]) if rows else None


_LINE = ", ".join(LineRow._fields)
_FEW_CHANGES = 8
"""Changes to each line that are read one after the other, rather than sought one by one."""
_ALL_CHANGES = (
    f"SELECT {_LINE}, max(since) FROM cart_line WHERE stream_id = ? AND since <= ? GROUP BY line ORDER BY added, line"
)
_LINE_BY_LINE = f"""
    WITH RECURSIVE own (stream_id, line) AS (
        SELECT ?1, (SELECT min(line) FROM cart_line WHERE stream_id = ?1)
        UNION ALL
        SELECT ?1, (SELECT min(line) FROM cart_line WHERE stream_id = ?1 AND line > own.line) FROM own
        WHERE own.line IS NOT NULL)
    SELECT {", ".join(f"lines.{name}" for name in LineRow._fields)}
    FROM own CROSS JOIN cart_line AS lines ON lines.stream_id = own.stream_id AND lines.line = own.line
        AND lines.since = (SELECT max(since) FROM cart_line WHERE stream_id = ?1 AND line = own.line AND since <= ?2)
    ORDER BY lines.added, lines.line"""


def cart_lines(connection: Connection, stream: str, as_of: int) -> list[LineRow]:
    """A cart's lines in the order they were put in."""
    latest = _rows(
        connection,
        "SELECT stream_id, version, lines FROM cart_head WHERE stream_id = (SELECT id FROM stream WHERE name = ?) "
        "ORDER BY since DESC LIMIT 1",
        stream,
    )
    if not latest:
        return []
    stream_id, version, lines = latest[0]
    sql = _ALL_CHANGES if version <= _FEW_CHANGES * (lines + 10) else _LINE_BY_LINE
    rows = (LineRow._make(row[: len(LineRow._fields)]) for row in _rows(connection, sql, stream_id, as_of))
    return [row for row in rows if row.quantity]


_THESE_LINES = f"""
    SELECT {", ".join(f"lines.{name}" for name in LineRow._fields)}
    FROM json_each(?1) AS held CROSS JOIN cart_line AS lines
        ON lines.stream_id = (SELECT id FROM stream WHERE name = ?2) AND lines.line = held.value AND lines.since =
            (SELECT max(since) FROM cart_line
             WHERE stream_id = (SELECT id FROM stream WHERE name = ?2) AND line = held.value AND since <= ?3)"""


def cart_lines_of(connection: Connection, stream: str, lines: Sequence[str], as_of: int) -> list[LineRow]:
    """These lines of a cart, all of which it has as of then: what is in view of a cart of hundreds."""
    keys = msgspec.json.encode(lines).decode()
    return [LineRow._make(row) for row in _rows(connection, _THESE_LINES, keys, stream, as_of)]


_PRODUCT = """product.sku, coalesce(names.name, ''), coalesce(names.unit_price, 0), coalesce(names.currency, ''),
    coalesce(figures.in_carts, 0), coalesce(figures.sold, 0), coalesce(figures.removed, 0),
    coalesce(figures.revenue, 0), max(coalesce(names.since, 0), coalesce(figures.since, 0))"""


def products(
    connection: Connection, as_of: int, *, words: str = "", after: str = "", limit: int = 100
) -> list[ProductRow]:
    """Products by number. `words` are sought in the number and in the name the product has as of then."""
    wanted, values = "", list[Any]()
    for word in words.split():
        wanted += " AND instr(lower(product.sku || ' ' || coalesce(names.name, '')), ?)"
        values.append(lowered(word))
    sql = (
        f"SELECT {_PRODUCT} FROM product "
        "LEFT JOIN product_name AS names ON names.product = product.id AND names.since = "
        "(SELECT max(since) FROM product_name WHERE product = product.id AND since <= ?) "
        "LEFT JOIN product_figures AS figures ON figures.product = product.id AND figures.since = "
        "(SELECT max(since) FROM product_figures WHERE product = product.id AND since <= ?) "
        f"WHERE product.sku > ? AND product.id <= ?{wanted} ORDER BY product.sku LIMIT ?"
    )
    return [ProductRow._make(row) for row in _rows(connection, sql, as_of, as_of, after, as_of, *values, limit)]


def totals(connection: Connection, as_of: int) -> dict[str, Sums]:
    """The shop's totals by currency; carts without an item count under the empty one."""
    sql = f"SELECT {', '.join(Sums._fields)} FROM totals WHERE currency = ? AND since <= ? ORDER BY since DESC LIMIT 1"
    found: dict[str, Sums] = {}
    for currency in _distinct(connection, "totals", "currency"):
        rows = _rows(connection, sql, currency, as_of)
        if rows:
            found[currency] = Sums(*rows[0])
    return found


def _distinct(connection: Connection, table: str, column: str) -> list[str]:
    """The values of a table's leading column: a look-up for each of them, however many rows there are."""
    sql, found = f"SELECT min({column}) FROM {table} WHERE {column} > ?", [""]
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
    connection: Connection,
    facets: Sequence[tuple[str, str]],
    after: int,
    limit: int,
    *,
    backwards: bool = False,
) -> list[int]:
    """At most `limit` positions of events that have all of some facets, behind (or, backwards, before) `after`.

    A facet is a type ("type", value) or an actor ("actor", value). In order, whichever the direction.
    """
    ids = [_value(connection, "SELECT id FROM facet WHERE kind = ? AND value = ?", *facet) for facet in facets]
    if None in ids or (backwards and after <= 1):
        return []
    found: list[int] = []
    for chunk, offsets in _chunks(connection, ids, after, backwards=backwards):
        first = chunk * Facets.CHUNK + 1
        positions = [first + offset for offset in offsets]
        if backwards:
            found[:0] = positions[: bisect_left(positions, after)][len(found) - limit :]
        else:
            found += positions[bisect_right(positions, after) :][: limit - len(found)]
        if len(found) >= limit:
            break
    return found


def _chunks(
    connection: Connection, ids: Sequence[int], after: int, *, backwards: bool
) -> Iterator[tuple[int, Sequence[int]]]:
    """The chunks of the log that have events with all facets, from that of `after` on, with their offsets in order."""
    first, *others = ids
    least, start = first * Facets.VALUES, ((after - 2) if backwards else after) // Facets.CHUNK
    bounds = (least, least + start) if backwards else (least + start, least + Facets.VALUES - 1)
    order = "DESC" if backwards else "ASC"
    # A page at a time: a cursor that is left open would be a read transaction that lasts.
    while rows := _rows(
        connection, f"SELECT id, offsets FROM mark WHERE id BETWEEN ? AND ? ORDER BY id {order} LIMIT 16", *bounds
    ):
        for row, blob in rows:
            offsets = array("H", blob)
            for other in others:
                also = _value(connection, "SELECT offsets FROM mark WHERE id = ?", other * Facets.VALUES + row - least)
                offsets = sorted({*offsets}.intersection(array("H", also or b"")))
            if offsets:
                yield row - least, offsets
        last = rows[-1][0]
        bounds = (bounds[0], last - 1) if backwards else (last + 1, bounds[1])


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
    sql = (
        "SELECT name FROM product_name WHERE product = (SELECT id FROM product WHERE sku = ?) AND since <= ? "
        "ORDER BY since DESC LIMIT 1"
    )
    found = ((position, _value(connection, sql, sku, position)) for position, sku in skus.items())
    return {position: name for position, name in found if name}
