"""Next to the `eventsourcing` library on SQLite: the same carts in both, states compared, each as a ratio of times."""

import importlib.util
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from explorer.application.handle import Desk, handle, new_event
from explorer.application.history import state_at
from explorer.application.session import Session
from explorer.domain.cart import Cart, CartEvent, CartOpened, ChangeQuantity, ItemAdded
from explorer.domain.cart_decider import CART
from explorer.domain.event import Json, Metadata
from tests.benchmarks.bench import Bench
from tests.benchmarks.giants import GIANTS, edits
from tests.benchmarks.shape import Happened, Shop
from tests.benchmarks.stores import draft
from tests.benchmarks.table import Row, at_least
from tests.benchmarks.timing import Samples, in_turn, seconds

EVENTS = 10_000
"""Of ordinary carts; beside them stands one cart with as many again."""
SNAPSHOT_EVERY = 100
PROJECTED = 2_000
"""Events that their projection is given; ours are given all."""
BULK = 1_000
ANN = Metadata("ann", origin="benchmark")
NAMES = (
    "append, one command a transaction",
    "append, a thousand a transaction",
    "read all events, decoded",
    "rewind a stream of 10,000, no snapshots",
    "rewind a stream of 10,000, with snapshots",
    "rebuild the projections, an event",
)
History = dict[str, list[CartEvent]]


def peers(bench: Bench) -> Iterator[Row]:
    if not is_installed():
        for name in NAMES:
            note = "eventsourcing is not installed (pip install --group bench)"
            yield Row("peers", f"{name}, times as fast as eventsourcing", 2 * EVENTS, "×", None, at_least(1), note=note)
        return
    with draft(bench.within) as scratch, ExitStack() as closing:
        pair = Pair(history(bench.seed), scratch, closing)
        pair.compare(bench.random("peers"))
        for name, (ours, theirs) in zip(NAMES, pair.measured(bench.samples), strict=True):
            yield from _rows(name, ours, theirs)


def is_installed() -> bool:
    return importlib.util.find_spec("eventsourcing") is not None


def _rows(name: str, ours: Samples, theirs: Samples) -> Iterator[Row]:
    for whose, samples in (("ours", ours), ("eventsourcing's", theirs)):
        in_ms = Samples(tuple(value * 1_000 for value in samples.values))
        yield Row("peers", f"{name}, {whose}", 2 * EVENTS, "ms", in_ms.median, samples=in_ms)
    ratio = theirs.median / ours.median
    yield Row("peers", f"{name}, times as fast as eventsourcing", 2 * EVENTS, "×", ratio, at_least(1))


def history(seed: int) -> History:
    """Carts that were opened, filled, perhaps changed and checked out; and the one of ten thousand events."""
    found: History = {}
    for stream, events in Shop(seed, 400).pieces():
        kinds = {event.type for event in events}
        if stream.startswith("cart-") and not kinds & {"CartAbandoned", "CartReopened"}:
            found[stream] = typed(events)
        if sum(map(len, found.values())) >= EVENTS:
            break
    return {**found, GIANTS[0].stream: typed(edits(GIANTS[0], seed))}


def typed(events: Sequence[Happened] | Iterator[Happened]) -> list[CartEvent]:
    kinds = {kind.__name__: kind for kind in CART.events}
    return [msgspec.convert(event.data, kinds[event.type]) for event in events]


def figures(document: dict[str, Json]) -> dict[str, Json]:
    """Of our document what the other cart knows too."""
    lines: Any = document["lines"]
    return {
        **{name: document[name] for name in ("status", "customer", "location", "total")},
        "lines": [[line.get("line", line["sku"]), line["sku"], line["quantity"], line["unit_price"]] for line in lines],
    }


class Pair:
    """The same history in both: the session's store, and an application of theirs without and with snapshots."""

    def __init__(self, carts: History, scratch: Path, closing: ExitStack) -> None:
        from tests.benchmarks import eventsourcing_cart

        self._peer, self._scratch = eventsourcing_cart, scratch
        self._carts, self._giant = carts, GIANTS[0]
        path = scratch / "peer.sqlite"
        self._bare: Any = closing.enter_context(eventsourcing_cart.opened(path, snapshots=False))
        self._snapped: Any = closing.enter_context(eventsourcing_cart.opened(path, snapshots=True))
        self._session = closing.enter_context(Session(scratch / "our.events", cache=scratch / "cache", create=True))
        self._ids: dict[str, Any] = {}
        for stream, events in carts.items():
            self._session.store.append(stream, 0, [new_event(event, ANN) for event in events])
            self._ids[stream] = self._bare.put(events)
        self._session.catch_up()
        for version in range(SNAPSHOT_EVERY, self._giant.events + 1, SNAPSHOT_EVERY):
            self._snapped.take_snapshot(self._ids[self._giant.stream], version=version)

    def compare(self, rng: random.Random) -> None:
        """Raises AssertionError where a final state, or one of the past, is not the same in both."""
        for stream, events in self._carts.items():
            self._compare_at(stream, len(events))
        for _ in range(10):
            self._compare_at(self._giant.stream, rng.randrange(1, self._giant.events))

    def _compare_at(self, stream: str, version: int) -> None:
        ours = figures(state_at(self._session, stream, version).state)
        for shop in (self._bare, self._snapped):
            theirs = shop.repository.get(self._ids[stream], version=version).figures()
            if ours != theirs:
                raise AssertionError(f"{stream} differs at version {version}: {ours} here, {theirs} there.")

    def measured(self, samples: int) -> Iterator[list[Samples]]:
        """In the order of NAMES: our times and theirs. What reads the history goes first, before it grows."""
        versions = random.Random(samples)
        few = max(5, samples // 10)
        read = in_turn(3, self._read_ours, self._read_theirs)
        whole = in_turn(few, self._rewound(versions, self._folded), self._rewound(versions, self._of(self._bare)))
        near = in_turn(samples, self._rewound(versions, self._state), self._rewound(versions, self._of(self._snapped)))
        rebuilt = in_turn(2, self._rebuild_ours, self._rebuild_theirs)
        ours, theirs = Appends(self._session), PeerAppends(self._bare)
        yield in_turn(samples, ours.one, theirs.one)
        yield in_turn(few, ours.many, theirs.many)
        yield from (read, whole, near, rebuilt)

    def _rewound(self, versions: random.Random, rewind: Callable[[int], object]) -> Callable[[], float]:
        return lambda: seconds(lambda: rewind(versions.randrange(1, self._giant.events + 1)))

    def _state(self, version: int) -> object:
        return state_at(self._session, self._giant.stream, version)

    def _folded(self, version: int) -> Cart:
        state, store = CART.initial, self._session.store
        for record in store.stream_records(self._giant.stream, 1, version):
            state = CART.evolve(state, store.codec.domain_event(record))
        return state

    def _of(self, shop: Any) -> Callable[[int], object]:
        return lambda version: shop.repository.get(self._ids[self._giant.stream], version=version)

    def _read_ours(self) -> float:
        def read() -> None:
            position = 0
            while page := self._session.store.read_all(position):
                position = page[-1].position

        return seconds(read)

    def _read_theirs(self) -> float:
        return seconds(lambda: deque(self._bare.everything(), 0))

    def _rebuild_ours(self) -> float:
        return seconds(self._session.rebuild) / self._session.store.head().size

    def _rebuild_theirs(self) -> float:
        with draft(self._scratch) as folder:
            took = seconds(lambda: self._peer.project(self._bare, folder / "view.sqlite", PROJECTED))
        return took / PROJECTED


NEW_CART_AFTER = 20
"""Commands; so that loading the cart stays cheap, with snapshots or without."""


class Appends:
    """Commands that change a quantity: load, decide, append."""

    def __init__(self, session: Session) -> None:
        self._session, self._number = session, 0

    def one(self) -> float:
        stream = self._cart()
        return seconds(lambda: handle(self._session, stream, ChangeQuantity("22423", self._quantity()), ANN))

    def many(self) -> float:
        desk, self._number = Desk(self._session), 0
        stream = self._cart()

        def batch() -> None:
            for _ in range(BULK):
                desk.decide(stream, ChangeQuantity("22423", self._quantity()), ANN)
            desk.append()

        return seconds(batch)

    def _cart(self) -> str:
        if self._number % NEW_CART_AFTER == 0:
            self._stream = f"cart-{self._session.world.ids()}"
            events: list[CartEvent] = _begun()
            self._session.store.append(self._stream, 0, [new_event(event, ANN) for event in events])
        return self._stream

    def _quantity(self) -> int:
        self._number += 1
        return 2 + self._number


class PeerAppends:
    """The same commands there."""

    def __init__(self, shop: Any) -> None:
        self._shop, self._number = shop, 0

    def one(self) -> float:
        cart = self._cart()
        return seconds(lambda: self._shop.change_quantity(cart, "22423", self._quantity()))

    def many(self) -> float:
        self._number = 0
        cart_id = self._cart()

        def batch() -> None:
            cart = self._shop.repository.get(cart_id)
            for _ in range(BULK):
                cart.change_quantity("22423", self._quantity())
            self._shop.save(cart)

        return seconds(batch)

    def _cart(self) -> Any:
        if self._number % NEW_CART_AFTER == 0:
            self._id = self._shop.put(_begun())
        return self._id

    def _quantity(self) -> int:
        self._number += 1
        return 2 + self._number


def _begun() -> list[CartEvent]:
    return [CartOpened("Ann", "Leeds"), ItemAdded("22423", 1, 1_275, "GBP")]
