"""Carts that are edited over and over: streams of ten thousand and of a million events, for rewinding in depth."""

import random
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from explorer.domain.cart import CartOpened, ItemAdded, ItemQuantityChanged, ItemRemoved
from tests.benchmarks.shape import Happened, happened

LINES = 300
"""Lines of such a cart, once it has them."""


class Giant(NamedTuple):
    """`events` is how many it has in the whole store, which has `from_size` or more."""

    stream: str
    events: int
    from_size: int


GIANTS = (Giant("cart-tenthousand", 10_000, 100_000), Giant("cart-million", 1_000_000, 2_500_000))


def giants_of(size: int) -> list[Giant]:
    return [giant for giant in GIANTS if size >= giant.from_size]


def edits(giant: Giant, seed: int) -> Iterator[Happened]:
    """All its events in order. Their time is 0: it is when they are put into the log."""
    rng = random.Random(f"{seed} {giant.stream}")
    held: dict[str, int] = {}
    free = deque(f"9{number:04d}" for number in range(2 * LINES))
    yield happened(CartOpened("trade fair", "Hong Kong"), 0, "buyer")
    for _ in range(giant.events - 1):
        if len(held) < LINES:
            sku = free.popleft()
            held[sku] = rng.randrange(1, 50)
            yield happened(ItemAdded(sku, held[sku], 100 + int(sku) % 900, "GBP"), 0, "buyer")
            continue
        sku = rng.choice(tuple(held))
        if rng.random() < 0.05:
            yield happened(ItemRemoved(sku, held.pop(sku)), 0, "buyer")
            free.append(sku)
        else:
            quantity = held[sku] + rng.randrange(1, 9)
            yield happened(ItemQuantityChanged(sku, held[sku], quantity), 0, "buyer")
            held[sku] = quantity
