"""What differs between two moments: of one stream field by field, of the whole store by streams, products and totals.

Each moment is a side with a name of its own. What is asked for as from A to B is told in that direction, also where A
is the later one.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from explorer.application.documents import iso
from explorer.application.event_list import go_on
from explorer.application.history import FieldChange, changes
from explorer.application.session import Session
from explorer.domain.event import Json, category_of
from explorer.domain.schemaless import SCHEMALESS
from explorer.projections import product_changes, queries
from explorer.projections.product_changes import FIGURES, START
from explorer.projections.queries import ProductRow
from explorer.projections.states import evolved, folded
from explorer.projections.totals import NOTHING, Sums

NEAR = 50
"""Versions over which the second state is reached from the first; beyond it is folded from the nearest snapshot."""
PAGE = 100
"""Streams or products at a time, where all are wanted."""


class Side(NamedTuple):
    """A moment that is compared; `time` is that of its position, µs UTC, None before the first event."""

    position: int
    time: int | None

    def in_words(self) -> str:
        when = f"{iso(self.time)[:16].replace('T', ' ')} UTC" if self.time is not None else "before the first event"
        return f"#{self.position:,}, {when}"


class StreamChange(NamedTuple):
    """A stream that has events between both sides, and what they come to: nothing, perhaps.

    `position` is that of the last of these events, and the key for paging; `currency` is that of its amounts, or "".
    Where not `is_told`, the stream was too long to look at its fields.
    """

    position: int
    stream: str
    category: str
    before: int
    after: int
    changes: tuple[FieldChange, ...]
    currency: str = ""
    is_told: bool = True

    @property
    def events(self) -> int:
        return abs(self.after - self.before)


class ProductChange(NamedTuple):
    """A product with other figures, None where it was not known; `position` and `sku` are the key for paging."""

    position: int
    sku: str
    before: ProductRow | None
    after: ProductRow | None

    @property
    def figures(self) -> list[FieldChange]:
        """Those that differ; of a product that was not known, those that say something."""
        before, after = _figures(self.before), _figures(self.after)
        return [FieldChange(name, before[name], after[name]) for name in FIGURES if before[name] != after[name]]

    @property
    def named(self) -> ProductRow:
        """The product as it is on the side that knows it, on that behind if both do."""
        named = self.after or self.before
        assert named is not None
        return named


class TotalChange(NamedTuple):
    """One of the shop's totals that differs; carts without an item count under the empty currency."""

    currency: str
    name: str
    before: int
    after: int


def side_at(session: Session, position: int) -> Side:
    with session.asking() as connection:
        return Side(position, queries.time_at(connection, position))


def position_at(session: Session, time: int) -> int:
    """The last position whose time is at or before `time`, µs UTC."""
    with session.asking() as connection:
        return queries.position_at(connection, time)


def changed_totals(session: Session, a: int, b: int) -> list[TotalChange]:
    """The totals that differ between two positions, by currency."""
    with session.asking() as connection:
        before, after = queries.totals(connection, a), queries.totals(connection, b)
    return [
        TotalChange(currency, name, old, new)
        for currency in sorted({*before, *after})
        for name, old, new in zip(
            Sums._fields, before.get(currency, NOTHING), after.get(currency, NOTHING), strict=True
        )
        if old != new
    ]


def compared_stream(session: Session, stream: str, a: int, b: int) -> StreamChange:
    """One stream at two positions. Its `position` is that of its last event up to the later one, 0 before its first."""
    before, after = session.store.versions_at([stream], a)[0], session.store.versions_at([stream], b)[0]
    last = session.store.steps(stream, [max(before, after)])
    return _stream_change(session, last[0][1] if last else 0, stream, before, after)


def changed_streams(
    session: Session,
    a: int,
    b: int,
    *,
    before: int | None = None,
    limit: int = PAGE,
    patience: int | None = None,
    check: Callable[[], None] = go_on,
) -> list[StreamChange]:
    """Streams with events between two positions, the last changed first; those whose last one is before `before`.

    Streams without rules have no snapshots: of those with more versions than `patience` no fields are told. `check` is
    called between them and may raise Cancelled.
    """
    first, last = min(a, b), max(a, b)
    found = session.store.touched(first, last, last + 1 if before is None else before, limit, check)
    began = session.store.versions_at([touched.stream for touched in found], first)
    rows: list[StreamChange] = []
    for touched, version in zip(found, began, strict=True):
        check()
        sides = (version, touched.version) if a <= b else (touched.version, version)
        if patience is not None and touched.version > patience and session.decider(touched.stream) is SCHEMALESS:
            about = touched.position, touched.stream, category_of(touched.stream), *sides
            rows.append(StreamChange(*about, (), is_told=False))
        else:
            rows.append(_stream_change(session, touched.position, touched.stream, *sides))
    return rows


def changed_products(
    session: Session, a: int, b: int, *, key: tuple[int, str] = START, limit: int = PAGE
) -> list[ProductChange]:
    """Products with other figures, the last changed first; those behind the `key` of another."""
    with session.asking() as connection:
        rows = product_changes.changed_products(connection, min(a, b), max(a, b), key=key, limit=limit)
    return [
        ProductChange(row.position, row.sku, *((row.earlier, row.later) if a <= b else (row.later, row.earlier)))
        for row in rows
    ]


def every_stream(session: Session, a: int, b: int) -> Iterator[StreamChange]:
    """As `changed_streams`, all of them, read a page at a time as they are wanted."""
    before: int | None = None
    while page := changed_streams(session, a, b, before=before):
        yield from page
        before = page[-1].position


def every_product(session: Session, a: int, b: int) -> Iterator[ProductChange]:
    """As `changed_products`, likewise."""
    key = START
    while page := changed_products(session, a, b, key=key):
        yield from page
        key = page[-1].position, page[-1].sku


def _stream_change(session: Session, position: int, stream: str, before: int, after: int) -> StreamChange:
    old, new = _documents(session, stream, before, after)
    currency = new.get("currency") or old.get("currency")
    return StreamChange(
        position,
        stream,
        category_of(stream),
        before,
        after,
        tuple(changes(old, new)),
        currency if isinstance(currency, str) else "",
    )


def _documents(session: Session, stream: str, before: int, after: int) -> tuple[dict[str, Json], dict[str, Json]]:
    """A stream's states at two versions."""
    store, decider = session.store, session.decider(stream)
    low, high = min(before, after), max(before, after)
    with session.asking() as connection:
        at = partial(folded, store, connection.connection.cursor(), decider, stream)
        earlier: Any = at(low)
        later: Any = earlier if high - low <= NEAR else at(high)
    if high - low <= NEAR:
        for record in store.stream_records(stream, low + 1, high) if low < high else ():
            later = evolved(store, decider, later, record)
    states: Sequence[Any] = (earlier, later) if before <= after else (later, earlier)
    old, new = map(decider.document, states)
    return old, new


def _figures(product: ProductRow | None) -> dict[str, Json]:
    return {name: getattr(product, name) for name in FIGURES} if product else dict.fromkeys(FIGURES)
