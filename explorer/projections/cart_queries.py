"""What screens ask of carts as of a position; see `explorer.projections.queries`."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from explorer.domain.cart import Status
from explorer.projections.asking import all_of, distinct
from explorer.projections.carts import HOLDING, SHORT, class_of, longest_of
from explorer.projections.queries import checkpoint
from explorer.store.engine import lowered

CARTS_SOUGHT = 1_000
"""Carts looked at for words before asking whether the answer is still wanted."""
STRETCH = 500_000
"""Positions whose new carts are looked through for words before asking so."""
MANY = 5_000
"""Matches that are looked up one by one."""


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


class Matches(NamedTuple):
    """Whose carts they are in which all words occur: ids of `cart_about`, rising, of all up to position `until`.

    With more than MANY of them a list is soon full, and looks at the carts themselves.
    """

    words: tuple[str, ...]
    ids: tuple[int, ...]
    until: int

    @property
    def are_many(self) -> bool:
        return len(self.ids) > MANY


_TEXT = "about.customer || ' ' || about.location || ' ' || about.stream"
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
    among: Matches | None = None,
    check: Callable[[], None] = lambda: None,
) -> list[CartRow]:
    """Carts, the last changed first. `words` are sought in the customer, the location and the stream's name.

    Words have no index: `check` is called between stretches of their search and may raise Cancelled. With the
    `matches` of these words, which hold for every moment, it is over at once.
    """
    start = as_of if before is None else min(as_of, before - 1)
    statuses = _STATUSES if status is None else (status,)
    if among is not None and not among.are_many:
        return _among(connection, among.ids, start, as_of, statuses)[: max(0, limit)]
    found: list[CartRow] = []
    wanted = _wanted(words.split())
    stretch = CARTS_SOUGHT if words else limit
    sql = (
        f"SELECT {wanted}, {_CART} FROM json_each(?) AS held "
        "CROSS JOIN cart_head AS head ON head.since = held.value "
        "CROSS JOIN cart_about AS about ON about.id = head.about"
    )
    while len(found) < limit:
        check()
        held = _holding(connection, start, as_of, statuses, stretch)
        rows = all_of(connection, sql, *map(lowered, words.split()), msgspec.json.encode(held).decode())
        found += [CartRow._make(row[1:]) for row in rows if row[0]]
        if len(held) < stretch:
            break
        start = held[-1] - 1
    return found[:limit]


def matches(
    connection: Connection, words: str, known: Matches | None = None, check: Callable[[], None] = lambda: None
) -> Matches:
    """Whose carts the words occur in; goes on from what is known. `check` as in `carts`."""
    wanted = tuple(map(lowered, words.split()))
    found, until = ([*known.ids], known.until) if known is not None and known.words == wanted else ([], 0)
    head = checkpoint(connection)
    sql = f"SELECT id FROM cart_about AS about WHERE id > ? AND id <= ? AND {_wanted(wanted)} ORDER BY id LIMIT ?"
    while until < head and len(found) <= MANY:
        check()
        end = min(until + STRETCH, head)
        found += [row[0] for row in all_of(connection, sql, until, end, *wanted, MANY + 1)]
        until = end
    return Matches(wanted, tuple(found), until)


def _wanted(words: Sequence[str]) -> str:
    return " AND ".join(["TRUE", *(f"instr(lower({_TEXT}), ?) > 0" for _ in words)])


def _among(
    connection: Connection, ids: Sequence[int], start: int, as_of: int, statuses: Sequence[str]
) -> list[CartRow]:
    """The heads up to `start` that some of `cart_about` have as of a position, the last first."""
    sql = (
        f"SELECT {_CART} FROM json_each(?) AS held CROSS JOIN cart_about AS about ON about.id = held.value "
        "CROSS JOIN stream ON stream.name = about.stream CROSS JOIN cart_head AS head ON head.since = "
        "(SELECT max(since) FROM cart_head WHERE stream_id = stream.id AND since <= ?) AND head.about = about.id "
        f"WHERE head.since <= ? AND head.status IN ({', '.join('?' * len(statuses))})"
    )
    begun = msgspec.json.encode([id_ for id_ in ids if id_ <= as_of]).decode()
    rows = (CartRow._make(row) for row in all_of(connection, sql, begun, as_of, start, *statuses))
    return sorted(rows, key=lambda row: -row.since)


def _holding(connection: Connection, start: int, as_of: int, statuses: Sequence[str], limit: int) -> list[int]:
    """Which heads up to `start` hold as of a position, the last first; see `explorer.projections.carts`."""
    highest = class_of(max(SHORT, checkpoint(connection)))
    classes = (*range(class_of(SHORT), highest + 1), HOLDING)
    present = distinct(connection, "cart_life", "status")
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
    found = all_of(connection, " UNION ALL ".join((short, *[long] * len(places))), *values)
    return sorted((row[0] for row in found), reverse=True)[:limit]


def cart(connection: Connection, stream: str, as_of: int) -> CartRow | None:
    """One cart; None if it was not there yet."""
    sql = (
        f"SELECT {_CART} FROM cart_head AS head JOIN cart_about AS about ON about.id = head.about "
        "WHERE head.stream_id = (SELECT id FROM stream WHERE name = ?) AND head.since <= ? "
        "ORDER BY head.since DESC LIMIT 1"
    )
    rows = all_of(connection, sql, stream, as_of)
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
    latest = all_of(
        connection,
        "SELECT stream_id, version, lines FROM cart_head WHERE stream_id = (SELECT id FROM stream WHERE name = ?) "
        "ORDER BY since DESC LIMIT 1",
        stream,
    )
    if not latest:
        return []
    stream_id, version, lines = latest[0]
    sql = _ALL_CHANGES if version <= _FEW_CHANGES * (lines + 10) else _LINE_BY_LINE
    rows = (LineRow._make(row[: len(LineRow._fields)]) for row in all_of(connection, sql, stream_id, as_of))
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
    return [LineRow._make(row) for row in all_of(connection, _THESE_LINES, keys, stream, as_of)]
