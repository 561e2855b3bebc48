"""Which products have other figures at one position than at another; see `explorer.projections.queries`.

It costs a few look-ups for every product, however many events lie between.
"""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from explorer.projections.asking import all_of
from explorer.projections.queries import ProductRow


class ProductChange(NamedTuple):
    """A product at two positions, None where it was not known yet.

    `position` is that of its last change up to the later one; with the `sku` it is the key for paging.
    """

    position: int
    sku: str
    earlier: ProductRow | None
    later: ProductRow | None


FIGURES = ("name", "unit_price", "currency", "in_carts", "sold", "removed", "revenue")
"""What is compared."""
START = (2**62, "")
"""The key behind which all products come."""

_KNOWN = """coalesce({0}n.name, ''), coalesce({0}n.unit_price, 0), coalesce({0}n.currency, ''),
    coalesce({0}f.in_carts, 0), coalesce({0}f.sold, 0), coalesce({0}f.removed, 0), coalesce({0}f.revenue, 0)"""
_HELD = """LEFT JOIN product_name AS {0}n ON {0}n.product = changed.id AND {0}n.since =
        (SELECT max(since) FROM product_name WHERE product = changed.id AND since <= {1})
    LEFT JOIN product_figures AS {0}f ON {0}f.product = changed.id AND {0}f.since =
        (SELECT max(since) FROM product_figures WHERE product = changed.id AND since <= {1})"""
_SINCE = "max(coalesce({0}n.since, 0), coalesce({0}f.since, 0))"
_EARLIER, _LATER = _KNOWN.format("e"), _KNOWN.format("l")
_CHANGED = f"""
    WITH changed (position, id, sku) AS MATERIALIZED (
        SELECT max(
                coalesce((SELECT max(since) FROM product_name WHERE product = product.id AND since <= ?2), 0),
                coalesce((SELECT max(since) FROM product_figures WHERE product = product.id AND since <= ?2), 0)),
            id, sku
        FROM product WHERE id <= ?2)
    SELECT changed.position, changed.sku, changed.id <= ?1, {_SINCE.format("e")}, {_EARLIER}, {_LATER}
    FROM changed {_HELD.format("e", "?1")} {_HELD.format("l", "?2")}
    WHERE changed.position > ?1 AND (changed.position < ?3 OR changed.position = ?3 AND changed.sku > ?4)
        AND (changed.id > ?1 OR ({_EARLIER}) IS NOT ({_LATER}))
    ORDER BY changed.position DESC, changed.sku LIMIT ?5"""


def changed_products(
    connection: Connection, earlier: int, later: int, *, key: tuple[int, str] = START, limit: int = 100
) -> list[ProductChange]:
    """Products that differ between two positions, the last changed first; those behind a `key`."""
    rows = all_of(connection, _CHANGED, earlier, later, *key, limit)
    return [_change(*row) for row in rows]


def _change(position: int, sku: str, was_known: int, since: int, *figures: Any) -> ProductChange:
    before, after = figures[: len(FIGURES)], figures[len(FIGURES) :]
    return ProductChange(
        position,
        sku,
        ProductRow._make((sku, *before, since)) if was_known else None,
        ProductRow._make((sku, *after, position)),
    )
