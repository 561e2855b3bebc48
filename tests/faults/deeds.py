"""What the children of the fault tests do, each in a process of its own (see `zygote`)."""

import ctypes
import random
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

from explorer.application.handle import Desk, handle
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, OpenCart
from explorer.domain.catalogue import ListProduct
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Busy, Conflict, Refused
from explorer.store import event_store, reader
from explorer.store.engine import driver, open_engine
from explorer.store.event_store import Append, EventStore
from tests.faults.inspection import BATCH, STORE, session_at, store_at

Say = Callable[..., None]
ANN = Metadata("Ann")


WRITE, SYNC, TRUNCATE, UNLINK, RENAME, CREATE, READ = 1, 2, 4, 8, 16, 32, 64
"""Kinds of calls, as `shim.c` numbers them."""
EVERYTHING = WRITE | SYNC | TRUNCATE | UNLINK | RENAME | CREATE
"""That changes a file."""


class Shim:
    """The shim below this process (see `shim.c`)."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

    def watch(self, folder: str, log: str = "") -> None:
        self._library.shim_watch(folder.encode(), log.encode())

    def mark(self, text: str) -> None:
        self._library.shim_mark(text.encode())

    def fail(self, calls: int, ending: str, nth: int, error: int, *, sticky: bool = False) -> None:
        self._library.shim_fail(calls, ending.encode(), ctypes.c_long(nth), error, int(sticky))

    def seen(self) -> int:
        return self._library.shim_seen()


def batch(
    chance: random.Random, streams: list[str], store: EventStore, most: int = 30, text: int = 900
) -> tuple[list[str], list[Append]]:
    """Appends to several streams that must all be stored or none, and the ids of their events."""
    size = chance.randint(2, most)
    about = Metadata("Ann", f"{BATCH}{size}", new_id())
    versions = store.versions_of(streams)
    ids, appends = list[UUID](), list[Append]()
    for _ in range(size):
        stream = chance.choice(streams)
        ids.append(new_id())
        event = NewEvent("Noted", {"text": "x" * chance.choice((10, text))}, about, id=ids[-1])
        appends.append(Append(stream, versions[stream], [event]))
        versions[stream] += 1
    return [str(id_) for id_ in ids], appends


# Killed at any moment


def trade(say: Say, folder: str, seed: int) -> None:
    """Commands, batches, projecting, rebuilding and merging the WAL until it is killed; says each commit's ids."""
    chance, mine = random.Random(seed), f"cart-{seed}"
    with session_at(Path(folder)) as session:
        say("ready")
        for ids in _commits(session, mine, chance):
            say("acknowledged", *ids)
            if chance.random() < 0.1:
                _attend(session, chance)


def _commits(session: Session, mine: str, chance: random.Random) -> Iterator[list[str]]:
    if session.store.version_of("product-mug") == 0:
        try:
            desk = Desk(session)
            desk.decide("product-mug", ListProduct("mug", "Mug", 399, "GBP"), ANN)
            yield [str(event.id) for event in desk.append()]
        except (Conflict, Refused):
            pass  # the other was quicker
    for command in (OpenCart("Ann", "Leeds"), AddItem("mug", 1)):
        yield [str(event.id) for event in handle(session, mine, command, ANN)]
    quantity = 1
    while True:
        if chance.random() < 0.7:
            quantity = quantity % 90 + 1
            yield [str(event.id) for event in handle(session, mine, ChangeQuantity("mug", quantity), ANN)]
        else:
            ids, appends = batch(chance, [f"note-{number}" for number in range(5)], session.store)
            try:
                session.store.append_all(appends)
            except Conflict:
                continue
            yield ids


def _attend(session: Session, chance: random.Random) -> None:
    what = chance.random()
    try:
        if what < 0.1:
            session.rebuild()
        elif what < 0.7:
            session.catch_up()
        else:
            merge(session.path)
    except Busy:
        pass  # the other projects


def merge(path: Path, how: str = "PASSIVE") -> tuple[int, int, int]:
    """What the owner of a WAL does now and then."""
    connection = driver.connect(str(path), isolation_level=None)
    try:
        return connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    finally:
        connection.close()


def write_and_wait(say: Say, folder: str, appends: int) -> None:
    """Appends batches that stay in the WAL, and then waits to be killed."""
    chance, store = random.Random(appends), store_at(Path(folder))
    for _ in range(appends):
        ids, appended = batch(chance, ["note-1", "note-2"], store, 6)
        store.append_all(appended)
        say("acknowledged", *ids)
    say("ready")
    signal.pause()


# Recorded, for power failures


def keep_books(say: Say, folder: str, log: str, synchronous: str, appends: int) -> None:
    """Makes a store and appends to it, each commit marked in the recording; the WAL is merged now and then."""
    shim, chance, path = Shim(), random.Random(appends), Path(folder) / STORE
    event_store.open_engine = reader.open_engine = partial(open_engine, synchronous=synchronous)
    shim.watch(folder, log)
    store = store_at(Path(folder))
    shim.mark(f"made {store.store_id}")
    merger = driver.connect(str(path), isolation_level=None)
    merger.execute(f"PRAGMA synchronous = {synchronous}")
    for number in range(appends):
        ids, batch_ = batch(chance, ["note-1", "note-2"], store, 8)
        store.append_all(batch_)
        shim.mark(" ".join(ids))
        if number % 5 == 4:
            merger.execute(f"PRAGMA wal_checkpoint({chance.choice(('PASSIVE', 'RESTART', 'TRUNCATE'))})").fetchall()
    merger.close()
    store.close()
    say("done")
