"""Each question a screen asks is one function: a connection to the cache and a position in, frozen rows out.

`as_of` is always a position. Lists come in pages by key: the last row of a page is where the next one begins. None
scans a table that grows with the events, unless words are sought, which have no index.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from explorer.projections.asking import all_of, distinct, one_of
from explorer.projections.log import SECOND, WIDTHS, Facets
from explorer.projections.totals import Sums
from explorer.store.engine import lowered


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
    return one_of(connection, "SELECT min(position) FROM checkpoint") or 0


def position_at(connection: Connection, time: int) -> int:
    """The last position whose time is at or before `time`; 0 if all are later."""
    later = "SELECT position - 1 FROM moment WHERE time > ? ORDER BY time LIMIT 1"
    found = one_of(connection, later, time)
    return checkpoint(connection) if found is None else found


def time_at(connection: Connection, position: int) -> int | None:
    """The time of a position: the greatest occurred_at up to it. None before the first event."""
    return one_of(connection, "SELECT time FROM moment WHERE position <= ? ORDER BY position DESC LIMIT 1", position)


def times_at(connection: Connection, positions: Sequence[int]) -> list[int]:
    """The time of each of these positions, all of which there are."""
    sql = (
        "SELECT (SELECT time FROM moment WHERE position <= held.value ORDER BY position DESC LIMIT 1) "
        "FROM json_each(?) AS held"
    )
    return [row[0] for row in all_of(connection, sql, msgspec.json.encode(positions).decode())]


def extent(connection: Connection) -> tuple[int, int] | None:
    """The times of the first and the last event; None if there is none."""
    first = one_of(connection, "SELECT time FROM moment ORDER BY position LIMIT 1")
    last = one_of(connection, "SELECT time FROM moment ORDER BY position DESC LIMIT 1")
    return None if first is None or last is None else (first, last)


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
    return [ProductRow._make(row) for row in all_of(connection, sql, as_of, as_of, after, as_of, *values, limit)]


def totals(connection: Connection, as_of: int) -> dict[str, Sums]:
    """The shop's totals by currency; carts without an item count under the empty one."""
    sql = f"SELECT {', '.join(Sums._fields)} FROM totals WHERE currency = ? AND since <= ? ORDER BY since DESC LIMIT 1"
    found: dict[str, Sums] = {}
    for currency in distinct(connection, "totals", "currency"):
        rows = all_of(connection, sql, currency, as_of)
        if rows:
            found[currency] = Sums(*rows[0])
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
    return [StreamRow._make(row) for row in all_of(connection, sql, *values, limit)]


def stream_exists(connection: Connection, stream: str, as_of: int) -> bool:
    return one_of(connection, "SELECT id FROM stream WHERE name = ? AND id <= ?", stream, as_of) is not None


def values_of(connection: Connection, kind: str) -> list[str]:
    """All event types (`kind` "type") or actors ("actor"), sorted."""
    return [row[0] for row in all_of(connection, "SELECT value FROM facet WHERE kind = ? ORDER BY value", kind)]


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
    ids = [one_of(connection, "SELECT id FROM facet WHERE kind = ? AND value = ?", *facet) for facet in facets]
    if None in ids or limit <= 0 or (backwards and after <= 1):
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
    least, start = ids[0] * Facets.VALUES, ((after - 2) if backwards else after) // Facets.CHUNK
    low, high = (least, least + start) if backwards else (least + start, least + Facets.VALUES - 1)
    others = [f"m{number}" for number in range(1, len(ids))]
    # SQLite skips the chunks that have not all of them. A page at a time: an open cursor would be a lasting read.
    sql = (
        f"SELECT m0.id, {', '.join(f'{name}.offsets' for name in ('m0', *others))} FROM mark AS m0 "
        + "".join(f"CROSS JOIN mark AS {name} ON {name}.id = m0.id + ? " for name in others)
        + f"WHERE m0.id BETWEEN ? AND ? ORDER BY m0.id {'DESC' if backwards else 'ASC'} LIMIT 16"
    )
    steps = [(other - ids[0]) * Facets.VALUES for other in ids[1:]]
    while found := all_of(connection, sql, *steps, low, high):
        for id_, *blobs in found:
            offsets, *more = (array("H", blob) for blob in blobs)
            common = sorted(set(offsets).intersection(*more)) if more else offsets
            if common:
                yield id_ - least, common
        last = found[-1][0]
        low, high = (low, last - 1) if backwards else (last + 1, high)


def activity(connection: Connection, level: int, start: int, end: int) -> list[ActivityRow]:
    """Counts by bucket and type for start <= time < end, from the pyramid's `level` (see WIDTHS)."""
    width = WIDTHS[level] * SECOND
    sql = (
        "SELECT activity.bucket * ?, facet.value, activity.events FROM activity JOIN facet ON facet.id = activity.type "
        "WHERE activity.level = ? AND activity.bucket BETWEEN ? AND ? ORDER BY activity.bucket"
    )
    found = all_of(connection, sql, width, level, start // width, (end - 1) // width)
    return [ActivityRow._make(row) for row in found]


def checkpoints(connection: Connection) -> dict[str, int]:
    """The position that each projection has reached."""
    return {row[0]: row[1] for row in all_of(connection, "SELECT projection, position FROM checkpoint")}


def key_file(connection: Connection) -> str:
    """What tells the key file that personal texts were read with; "none" without one, "" where there were none."""
    return one_of(connection, "SELECT keys FROM source") or ""


def poison_count(connection: Connection) -> int:
    return one_of(connection, "SELECT count(*) FROM poison") or 0


def poison(connection: Connection, limit: int = 100) -> list[tuple[int, str]]:
    """Events that could not be read, with the reason; each leaves its stream's state as it was."""
    return [(row[0], row[1]) for row in all_of(connection, "SELECT position, reason FROM poison LIMIT ?", limit)]


def product_names(connection: Connection, skus: Mapping[int, str]) -> dict[int, str]:
    """For each position the name that its product had as of then; left out where it had none."""
    sql = (
        "SELECT name FROM product_name WHERE product = (SELECT id FROM product WHERE sku = ?) AND since <= ? "
        "ORDER BY since DESC LIMIT 1"
    )
    found = ((position, one_of(connection, sql, sku, position)) for position, sku in skus.items())
    return {position: name for position, name in found if name}
