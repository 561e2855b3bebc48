"""Seeded stores and their caches: built once in the user's cache folder, reused by every later run."""

import gc
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from explorer.application import outside
from explorer.application.outside import Outside, uuid7
from explorer.application.session import Session
from explorer.projections.generations import POINTER
from explorer.projections.tables import FINGERPRINT
from explorer.store import schema
from explorer.store.engine import open_engine
from explorer.store.event_store import Append
from tests.benchmarks.log import REAL_YEAR, YEAR, Block, log
from tests.benchmarks.shape import PRODUCTS, START, Shop, real_pieces

LAYOUT = 1
"""To be raised when other events are made from the same seed."""
BATCH = 5_000
"""Events a transaction."""
SIZES = (10_000, 1_000_000, 10_000_000)

Say = Callable[[str], None]


_READ_ALL = """
import sys
for name in sys.argv[1:]:
    with open(name, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
"""


class Built(NamedTuple):
    """A store of `events` events and the folder of its caught-up cache."""

    events: int
    path: Path
    cache: Path

    def open(self) -> Session:
        return Session(self.path, cache=self.cache)

    def warm(self) -> "Built":
        """Has the system hold all of it in memory, as it does with a store that is in use; itself.

        By another process: closing a file that this one has open in SQLite would drop its locks.
        """
        files = [str(path) for path in (self.path, *self.cache.iterdir())]
        subprocess.run([sys.executable, "-c", _READ_ALL, *files], check=True)
        return self


def silent(said: str) -> None:
    del said


def folder() -> Path:
    return outside.cache_folder() / "benchmarks"


def block_of(events: int, seed: int, retail: Path | None, scratch: Path) -> Block:
    """The pieces of a year; for a small store a shop of fewer products, so that there is room for carts."""
    if retail is not None:
        return lambda: real_pieces(retail, scratch)
    products = min(PRODUCTS, max(50, events // 25))
    return lambda: Shop(seed, products).pieces()


def built(
    events: int, seed: int = 1, *, within: Path | None = None, retail: Path | None = None, say: Say = silent
) -> Built:
    """The store of that size and seed with its cache, made if it is not there yet."""
    within = within or folder()
    within.mkdir(parents=True, exist_ok=True)
    shape = f"retail-{seed}" if retail else f"{seed}"
    name = f"{events}-{shape}-layout{LAYOUT}.{schema.NEWEST}"
    found = Built(events, within / f"{name}.events", within / f"{name}-{FINGERPRINT[:12]}")
    if not found.path.exists():
        with draft(within) as scratch:
            store = scratch / "draft.events"
            fill(store, log(block_of(events, seed, retail, scratch), events, seed, REAL_YEAR if retail else YEAR),
                   scratch / "cache", events, say)  # fmt: skip
            _put(store, found.path)
    if not found.cache.exists():
        with draft(within) as scratch:
            cache = scratch / "cache"
            with Session(found.path, cache=cache) as session:
                session.rebuild(Progress(f"The cache of {found.path.name}", say))
            _put(cache, found.cache)
    return found


@contextmanager
def draft(within: Path) -> Generator[Path]:
    """A folder beside the stores, on the same disk, that is gone afterwards."""
    path = within / f"draft-{os.getpid()}-{time.monotonic_ns()}"
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _put(made: Path, place: Path) -> None:
    # Somebody may have been quicker, with the same bytes; then theirs stays.
    if not place.exists():
        made.rename(place)


class Progress:
    """Says every few seconds how far something has got, and at which rate."""

    def __init__(self, what: str, say: Say) -> None:
        self._what, self._say = what, say
        self._begun = self._said = time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        now = time.perf_counter()
        if now - self._said > 5 or (done >= total and now - self._begun > 5):
            self._said = now
            self._say(f"{self._what}: {done:,} of {total:,} events, {done / (now - self._begun):,.0f} a second")


def fill(path: Path, appends: Iterator[Append], cache: Path, events: int, say: Say) -> None:
    """Appends so many events to a store, in batches and at their own times; it is made if it is not there."""
    now, progress = [START], Progress(f"The store of {events:,} events", say)
    world = Outside(lambda: now[0], _store_id)
    with Session(path, cache=cache, create=True, world=world) as session:
        batch, waiting, done = list[Append](), 0, 0
        # Nothing of an append refers to itself: the collector would only look through every batch again and again.
        gc.disable()
        try:
            for append in appends:
                batch.append(append)
                waiting += len(append.events)
                if waiting >= BATCH or done + waiting == events:
                    now[0] = max(now[0], append.events[-1].occurred_at or 0)
                    session.store.append_all(batch)
                    batch, waiting, done = [], 0, done + waiting
                    progress(done, events)
        finally:
            gc.enable()


def _store_id() -> UUID:
    return uuid7(START // 1_000, bytes(10))


@contextmanager
def copied(source: Built, scratch: Path) -> Generator[Built]:
    """A copy of a store and its cache that may be written to."""
    target = Built(source.events, scratch / "copy.events", scratch / "copy.cache")
    target.cache.mkdir()
    _copy(source.path, target.path)
    with source.open() as session:
        generation = session.cache.path
    for path in source.cache.iterdir():
        if path == generation:
            _copy(path, target.cache / path.name)
        elif path.name == POINTER:
            shutil.copy(path, target.cache)
    try:
        yield target
    finally:
        target.path.unlink()
        shutil.rmtree(target.cache)


def _copy(source: Path, target: Path) -> None:
    with connected(source) as old, connected(target) as new:
        old.backup(new)


@contextmanager
def connected(path: Path, synchronous: str = "FULL") -> Generator[Any]:
    """The bare driver on a file, made if need be, with the very pragmas of the program's own connections."""
    with bare(open_engine(path, path.name, synchronous=synchronous)) as connection:
        yield connection


@contextmanager
def bare(engine: Engine) -> Generator[Any]:
    """An engine's driver connection; both are closed at the end."""
    connection = engine.raw_connection()
    try:
        yield connection.driver_connection
    finally:
        connection.close()
        engine.dispose()
