"""Customers, the application's side of the counter: they fill carts as commands do, one event a transaction.

As a program, `python -m tests.benchmarks.customers STORE CACHE RATE SECONDS FILE`, they come at a rate a second, or as
fast as it goes (0), until the time is over or standard input ends. FILE is there, empty, as soon as they come, and in
the end says of each event its position, and when its command was begun and had returned: seconds of the system's clock
that is the same in all processes and never set.
"""

import os
import random
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, OpenCart
from explorer.domain.event import Metadata
from tests.benchmarks.stores import Built
from tests.benchmarks.timing import Samples

ROOT = Path(__file__).parents[2]
ANN = Metadata("ann", origin="benchmark")
PRODUCTS = 200
LINES = 12
"""Of a cart, as many as half the invoices of a year have at most."""
PATIENCE = 120.0
"""Seconds after which a process that should have done something is taken for lost."""


class Noted(NamedTuple):
    """One event: its position, and when (s) its command was begun and had returned, durable."""

    position: int
    begun: float
    ended: float


class Customers:
    """Those of one process, at work or gone."""

    def __init__(self, store: Built, file: Path, rate: float, seconds: float) -> None:
        given = [str(store.path), str(store.cache), str(rate), str(seconds), str(file)]
        command = [sys.executable, "-m", "tests.benchmarks.customers", *given]
        self._file = file
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)

    @property
    def is_at_work(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> None:
        """Until the first of them comes."""
        pause = Event()
        while self.is_at_work and not self._file.exists():
            pause.wait(0.01)

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()

    def gone(self) -> list[Noted]:
        """What they noted, when they have gone."""
        if self._process.wait(PATIENCE) != 0:
            raise AssertionError("The customers failed: what was measured beside them says nothing.")
        return msgspec.json.decode(self._file.read_bytes(), type=list[Noted])

    def close(self) -> None:
        self.stop()
        self._process.kill()
        self._process.wait()


@contextmanager
def customers(store: Built, file: Path, rate: float, seconds: float) -> Generator[Customers]:
    file.unlink(missing_ok=True)
    come = Customers(store, file, rate, seconds)
    try:
        yield come
    finally:
        come.close()


def rate_of(noted: list[Noted]) -> float:
    """Events a second, from the first one's begin to the last one's end."""
    return len(noted) / (noted[-1].ended - noted[0].begun)


def latencies(noted: list[Noted], since: float = 0.0, until: float = float("inf")) -> Samples:
    """How long the commands took that were at work between two times, in seconds."""
    return Samples(tuple(one.ended - one.begun for one in noted if one.ended >= since and one.begun <= until))


def commands(skus: list[str], name: str, seed: int) -> Iterator[tuple[str, Any]]:
    """Streams and commands, each of which is one event: carts that are filled, changed a little, and checked out."""
    rng = random.Random(seed)
    for number in count(1):
        stream = f"cart-{name}-{number}"
        chosen = rng.sample(skus, min(LINES, len(skus)))
        yield stream, OpenCart(f"Customer {number}", "Leeds")
        for sku in chosen:
            yield stream, AddItem(sku, 1)
        yield stream, ChangeQuantity(chosen[0], 2)
        yield stream, CheckOut()


def products(session: Session) -> list[str]:
    """The numbers of some products that are sold."""
    first = (record for record in session.store.records() if record.type == "ProductListed")
    return [record.stream.partition("-")[2] for record in first][:PRODUCTS]


def shop(session: Session, rate: float, seconds: float, stopped: Event) -> list[Noted]:
    """Events behind time come at once, until the rate is held again."""
    noted, head = list[Noted](), session.store.head().size
    first = monotonic()
    for number, (stream, command) in enumerate(commands(products(session), f"beside{head}", head)):
        if stopped.wait(max(0.0, first + number / rate - monotonic()) if rate else 0.0):
            break
        begun = monotonic()
        if begun - first > seconds:
            break
        event = handle(session, stream, command, ANN)[-1]
        noted.append(Noted(event.position, begun, monotonic()))
    return noted


def _stop_at_end(stopped: Event) -> None:
    # Not through `sys.stdin`, whose lock the interpreter wants when it ends.
    while os.read(sys.stdin.fileno(), 1_024):
        pass
    stopped.set()


def main(store: str, cache: str, rate: str, seconds: str, file: str) -> None:
    stopped = Event()
    Thread(target=_stop_at_end, args=(stopped,), daemon=True).start()
    with Session(Path(store), cache=Path(cache)) as session:
        Path(file).touch()
        noted = shop(session, float(rate), float(seconds), stopped)
    Path(file).write_bytes(msgspec.json.encode(noted))


if __name__ == "__main__":
    main(*sys.argv[1:])
