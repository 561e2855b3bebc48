"""Appends next to the bare driver that inserts the same rows into the same tables; and how soon they are seen."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from explorer.application.handle import Desk, handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, OpenCart
from explorer.domain.event import Metadata
from explorer.projections import cart_queries
from tests.benchmarks.bench import Bench
from tests.benchmarks.reading import a_product
from tests.benchmarks.stores import Built, connected, copied, draft
from tests.benchmarks.table import Row, at_least, at_most, p95_row
from tests.benchmarks.timing import Samples, in_turn, seconds

CART = "cart-benchmark"
ANN = Metadata("ann", origin="benchmark")
BULK = 1_000
"""Events of a batch."""


class Shopper:
    """Changes the quantity in one cart, again and again: one event a command."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._sku = a_product(session)
        self._quantity = 1
        handle(session, CART, OpenCart("Ann", "Leeds"), ANN)
        handle(session, CART, AddItem(self._sku, 1), ANN)

    def command(self) -> ChangeQuantity:
        self._quantity = 3 - self._quantity
        return ChangeQuantity(self._sku, self._quantity)

    def go(self) -> int:
        """One command, in a transaction of its own; the position it got."""
        return handle(self.session, CART, self.command(), ANN)[-1].position

    def batch(self, size: int) -> None:
        desk = Desk(self.session)
        for _ in range(size):
            desk.decide(CART, self.command(), ANN)
        desk.append()


class Bare:
    """The same rows into another file with the same tables, triggers and pragmas, by the bare driver alone."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._insert = _insert(connection, "events")
        columns = _columns(connection, "head")
        self._move = f"UPDATE head SET {', '.join(f'{name} = ?' for name in columns)}"

    def put(self, rows: list[tuple[Any, ...]], head: tuple[Any, ...]) -> None:
        """One durable transaction: the head is read and moved, the rows are inserted."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT * FROM head").fetchone()
        connection.executemany(self._insert, rows)
        connection.execute(self._move, head)
        connection.execute("COMMIT")


def _columns(connection: Any, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"SELECT * FROM pragma_table_info('{table}')")]


def _insert(connection: Any, table: str) -> str:
    columns = _columns(connection, table)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


class Pair:
    """A session and the bare driver on two copies of a store, taking turns with the very same rows."""

    def __init__(self, store: Built, other: Built, closing: ExitStack) -> None:
        self.shopper = Shopper(closing.enter_context(store.open()))
        self._read = closing.enter_context(connected(store.path))
        self._bare = Bare(closing.enter_context(connected(other.path)))
        self._reached = other.events
        self.put()

    def put(self) -> float:
        """The bare driver inserts what the session has appended since; seconds, without reading that."""
        wanted = "SELECT * FROM events WHERE position > ? ORDER BY position"
        rows = self._read.execute(wanted, (self._reached,)).fetchall()
        head = self._read.execute("SELECT * FROM head").fetchone()
        self._reached += len(rows)
        return seconds(lambda: self._bare.put(rows, head))


def append(bench: Bench) -> Iterator[Row]:
    """One command a transaction, and a thousand; each next to the bare driver."""
    source = bench.middle
    with ExitStack() as closing:
        store, twin = (
            closing.enter_context(copied(source, closing.enter_context(draft(bench.within)))) for _ in range(2)
        )
        pair = Pair(store, twin, closing)
        ours, bare = in_turn(2 * bench.samples, lambda: seconds(pair.shopper.go), pair.put)
        batches = max(5, bench.samples // 10)
        bulk, bare_bulk = in_turn(batches, lambda: seconds(lambda: pair.shopper.batch(BULK)), pair.put)
    yield from _against("append", "one command a transaction, durable", source.events, 1, (ours, bare), 70)
    yield from _against("append", "a thousand a transaction", source.events, BULK, (bulk, bare_bulk), None)


def _against(
    subject: str, what: str, size: int, events: int, times: tuple[Samples, Samples], share: float | None
) -> Iterator[Row]:
    ours, bare = (Samples(tuple(events / value for value in samples.values)) for samples in times)
    yield Row(subject, f"{what}, through decide", size, "events/s", ours.median)
    yield Row(subject, f"{what}, bare driver", size, "events/s", bare.median)
    limit = at_least(share) if share else None
    yield Row(subject, f"{what}, share of the bare rate", size, "%", 100 * ours.median / bare.median, limit)


def catchup(bench: Bench) -> Iterator[Row]:
    """From an append's return until another session's questions see the event: what is above the commit itself."""
    sizes = list(dict.fromkeys((bench.sizes[0], bench.sizes[-1])))
    with ExitStack() as closing:
        acts = [_catching_up(bench.store(size), closing.enter_context(draft(bench.within)), closing) for size in sizes]
        taken = in_turn(bench.samples, *acts)
    for size, samples in zip(sizes, taken, strict=True):
        yield p95_row("catchup", "one new event: from commit to visible", size, samples, at_most(2))
    if len(sizes) > 1:
        what = f"the same, median against that at {sizes[0]:,} events"
        yield Row("catchup", what, sizes[-1], "×", taken[1].median / taken[0].median)


def _catching_up(source: Built, scratch: Path, closing: ExitStack) -> Callable[[], float]:
    store = closing.enter_context(copied(source, scratch))
    shopper, reader = Shopper(closing.enter_context(store.open())), closing.enter_context(store.open())
    reader.catch_up()
    return lambda: _until_seen(shopper, reader)


def _until_seen(shopper: Shopper, reader: Session) -> float:
    position = shopper.go()
    return seconds(lambda: _seen(reader, position))


def _seen(reader: Session, position: int) -> None:
    reader.catch_up()
    with reader.asking() as connection:
        found = cart_queries.cart(connection, CART, position)
    if found is None or found.since != position:
        raise AssertionError(f"The event {position:,} was caught up with, but is not seen.")
