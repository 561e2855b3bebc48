"""Two moments of the whole store compared: the first page of what differs, near and far."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from explorer.application.comparing import changed_products, changed_streams, changed_totals
from explorer.application.session import Session
from tests.benchmarks.bench import Bench
from tests.benchmarks.table import Row, at_most, p95_row
from tests.benchmarks.timing import in_turn, seconds

PAGE = 50
"""Streams and products of a first page: more than a panel has room for."""


def comparing(bench: Bench) -> Iterator[Row]:
    """Totals, streams with their fields and products, between two random moments and over the last ten events."""
    with ExitStack() as closing:
        sessions = {size: closing.enter_context(bench.store(size).warm().open()) for size in bench.sizes}
        rng = bench.random("comparing")
        far = in_turn(bench.samples, *(_between(session, size, rng) for size, session in sessions.items()))
        near = in_turn(bench.samples, *(_near(session, size, rng) for size, session in sessions.items()))
    for size, scattered, last in zip(bench.sizes, far, near, strict=True):
        yield p95_row("comparing", "two random moments compared, first page", size, scattered, at_most(100))
        yield p95_row("comparing", "a moment compared with ten events before", size, last, at_most(100))


def first_page(session: Session, a: int, b: int) -> None:
    changed_totals(session, a, b)
    changed_streams(session, a, b, limit=PAGE)
    changed_products(session, a, b, limit=PAGE)


def _between(session: Session, size: int, rng: random.Random) -> Callable[[], float]:
    return lambda: seconds(lambda: first_page(session, rng.randrange(size + 1), rng.randrange(size + 1)))


def _near(session: Session, size: int, rng: random.Random) -> Callable[[], float]:
    def once() -> float:
        later = rng.randrange(10, size + 1)
        return seconds(lambda: first_page(session, later - 10, later))

    return once
