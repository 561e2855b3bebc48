"""The moment shown beside a second one, as far as somebody looks at it."""

from collections.abc import Callable
from typing import NamedTuple

from explorer.application.comparing import (
    START,
    ProductChange,
    Side,
    StreamChange,
    TotalChange,
    changed_products,
    changed_streams,
    changed_totals,
    compared_stream,
    side_at,
)
from explorer.application.session import Session

PATIENCE = 2_000
"""Versions of a stream without snapshots that are folded for a row in a list."""


class Wanted(NamedTuple):
    """The moment shown and the other one, as positions; the chosen stream; or the whole store, so many rows of it.

    With a limit of 0 nobody looks: then only the sides are told.
    """

    here: int
    there: int
    stream: str | None
    is_whole: bool
    limit: int


class Comparison(NamedTuple):
    """What differs, from the earlier of both moments to the later. `here` is the moment shown, `there` the other.

    `stream` is the chosen one; without one, or where the whole store is looked at, it is None.
    """

    wanted: Wanted
    here: Side
    there: Side
    stream: StreamChange | None = None
    totals: tuple[TotalChange, ...] = ()
    streams: tuple[StreamChange, ...] = ()
    products: tuple[ProductChange, ...] = ()

    @property
    def earlier(self) -> Side:
        return min(self.here, self.there, key=lambda side: side.position)

    @property
    def later(self) -> Side:
        return max(self.here, self.there, key=lambda side: side.position)


def comparison(session: Session, wanted: Wanted, previous: Comparison | None, check: Callable[[], None]) -> Comparison:
    """`check` may raise Cancelled. What the `previous` one has of the same is not read again."""
    first, last = min(wanted.here, wanted.there), max(wanted.here, wanted.there)
    found = Comparison(wanted, side_at(session, wanted.here), side_at(session, wanted.there))
    if wanted.limit == 0:
        return found
    if not wanted.is_whole:
        stream = wanted.stream
        return found._replace(stream=compared_stream(session, stream, first, last) if stream is not None else None)
    streams, products = _known(previous, wanted)
    more = wanted.limit - len(streams)
    streams += changed_streams(
        session,
        first,
        last,
        before=streams[-1].position if streams else None,
        limit=more,
        patience=PATIENCE,
        check=check,
    )
    more = wanted.limit - len(products)
    key = (products[-1].position, products[-1].sku) if products else START
    products += changed_products(session, first, last, key=key, limit=more)
    return found._replace(
        totals=tuple(changed_totals(session, first, last)), streams=tuple(streams), products=tuple(products)
    )


def _known(previous: Comparison | None, wanted: Wanted) -> tuple[list[StreamChange], list[ProductChange]]:
    """What is known already: lists grow as they are scrolled."""
    if previous is None or not previous.wanted.is_whole or previous.wanted.limit > wanted.limit:
        return [], []
    before = {previous.wanted.here, previous.wanted.there}
    return ([*previous.streams], [*previous.products]) if before == {wanted.here, wanted.there} else ([], [])
