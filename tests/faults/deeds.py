"""What the children of the fault tests do, each in a process of its own (see `zygote`)."""

import ctypes
import random
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from explorer.application.handle import Desk, handle
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, OpenCart
from explorer.domain.catalogue import ListProduct
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import BadInput, Busy, Conflict, Damaged, KnownError, OutcomeUnknown, Refused, StorageFailed
from explorer.store import event_store
from explorer.store.engine import driver, open_engine
from explorer.store.event_store import Append, EventStore
from tests.faults.inspection import BATCH, STORE, session_at, store_at

Say = Callable[..., None]
ANN = Metadata("Ann")


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


def batch(chance: random.Random, streams: list[str], store: EventStore, most: int = 30) -> tuple[list[str], list[Append]]:
    """Appends to several streams that must all be stored or none, and the ids of their events."""
    size = chance.randint(2, most)
    about = Metadata("Ann", f"{BATCH}{size}", new_id())
    versions = store.versions_of(streams)
    ids, appends = list[UUID](), list[Append]()
    for _ in range(size):
        stream = chance.choice(streams)
        ids.append(new_id())
        event = NewEvent("Noted", {"text": "x" * chance.choice((10, 900))}, about, id=ids[-1])
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
    event_store.open_engine = partial(open_engine, synchronous=synchronous)
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


# On a disk that fails


class Customer:
    """Appends, says how each ended, and repeats under the same ids what failed."""

    def __init__(self, say: Say, store: EventStore) -> None:
        self._say, self._store, self._chance = say, store, random.Random(1)

    def append(self, most: int = 4) -> None:
        ids, appends = batch(self._chance, ["note-1", "note-2"], self._store, most)
        for _ in range(2):
            if self._try(ids, appends):
                return

    def _try(self, ids: list[str], appends: list[Append]) -> bool:
        try:
            records = self._store.append_all(appends)
        except (StorageFailed, Damaged) as error:
            # Of some reads that fail SQLite says that they brought rubbish.
            assert "Nothing was saved" in str(error) or isinstance(error, Damaged), error
            self._say("refused", str(error), *ids)
            return False
        except OutcomeUnknown as error:
            self._say("unknown", str(error), *ids)
            return False
        except BadInput as error:
            assert "there already" in str(error), error
            self._say("there already", str(error), *ids)
            return True
        assert [str(UUID(bytes=record.id)) for record in records] == ids
        self._say("acknowledged", "", *ids)
        return True


def struggle(say: Say, folder: str, calls: int, ending: str, nth: int, error: int, sticky: bool, before: bool) -> None:
    """Appends, projects, merges and rebuilds while the n-th call of a kind fails; then the disk is well again."""
    shim, path = Shim(), Path(folder)
    shim.watch(folder)
    if before:
        shim.fail(calls, ending, nth, error, sticky=sticky)
    session = _opened_in_the_end(say, path, shim)
    customer = Customer(say, session.store)
    customer.append()
    if not before:
        shim.fail(calls, ending, nth, error, sticky=sticky)
    for what in (
        session.catch_up,
        customer.append,
        lambda: customer.append(20),
        session.catch_up,
        lambda: merge(session.path),
        customer.append,
        lambda: merge(session.path, "TRUNCATE"),
        customer.append,
        session.rebuild,
    ):
        _suffer(say, what)
    say("seen", shim.seen())
    shim.fail(0, "", 0, 0)
    customer.append()
    session.catch_up()
    session.close()
    say("done")


def _opened_in_the_end(say: Say, path: Path, shim: Shim) -> Session:
    try:
        return session_at(path)
    except KnownError as error:
        say("not opened", str(error))
    shim.fail(0, "", 0, 0)
    return session_at(path)


def _suffer(say: Say, what: Callable[[], object]) -> None:
    try:
        what()
    except KnownError as error:
        say("failed known", type(error).__name__, str(error))
    except driver.Error as error:
        # The test's own merging goes around the program.
        say("failed raw", str(error))
