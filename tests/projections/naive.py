"""What every question of the read side must answer, told from the events alone and without haste."""

from collections import Counter
from typing import Any, NamedTuple

from explorer.domain.cart import Cart, ItemRemoved, Status
from explorer.domain.catalogue import Product
from explorer.domain.event import Event, category_of
from explorer.projections.log import SECOND, WIDTHS
from explorer.projections.totals import Sums, share
from explorer.store.codec import Codec, Record


class Shop(NamedTuple):
    """Everything as of a position."""

    carts: dict[str, Cart]
    products: dict[str, tuple[Any, ...]]
    totals: dict[str, Sums]
    streams: dict[str, int]
    time: int | None
    activity: Counter[tuple[int, int, str]]


def fold(codec: Codec, records: list[Record]) -> Shop:
    """The shop after these events."""
    states: dict[str, Any] = {}
    streams: dict[str, int] = {}
    removed: Counter[str] = Counter()
    activity: Counter[tuple[int, int, str]] = Counter()
    time: int | None = None
    for record in records:
        streams.setdefault(record.stream, record.position)
        time = record.occurred_at if time is None else max(time, record.occurred_at)
        for level, width in enumerate(WIDTHS):
            activity[level, time // SECOND // width * width * SECOND, record.type] += 1
        decider = codec.deciders.get(category_of(record.stream))
        event = codec.domain_event(record)
        if decider is None:
            assert isinstance(event, Event)
            continue
        states[record.stream] = decider.evolve(states.get(record.stream, decider.initial), event)
        if isinstance(event, ItemRemoved):
            removed[event.sku] += event.quantity
    carts = {name: state for name, state in states.items() if isinstance(state, Cart)}
    listed = {state.sku: state for state in states.values() if isinstance(state, Product)}
    totals: dict[str, Sums] = {}
    for cart in carts.values():
        totals[cart.currency] = totals.get(cart.currency, Sums()).plus(share(cart))
    return Shop(carts, _figures(carts, listed, removed), totals, streams, time, activity)


def _figures(carts: dict[str, Cart], listed: dict[str, Product], removed: Counter[str]) -> dict[str, tuple[Any, ...]]:
    lines = [(cart.status, line) for cart in carts.values() for line in cart.lines.values()]
    found: dict[str, tuple[Any, ...]] = {}
    for sku in {*listed, *removed, *(line.sku for _, line in lines)}:
        mine = [(status, line) for status, line in lines if line.sku == sku]
        sold = [line for status, line in mine if status == Status.CHECKED_OUT]
        product = listed.get(sku, Product())
        found[sku] = (
            product.name,
            product.unit_price,
            product.currency,
            sum(line.quantity for status, line in mine if status == Status.OPEN),
            sum(line.quantity for line in sold),
            removed[sku],
            sum(line.quantity * line.unit_price for line in sold),
        )
    return found
