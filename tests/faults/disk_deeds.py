"""What the children of the fault tests do on disks that fail or are full, and without memory (see `zygote`)."""

import random
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from explorer.application.session import Session
from explorer.errors import BadInput, Damaged, KnownError, OutcomeUnknown, StorageFailed
from explorer.store.engine import driver
from explorer.store.event_store import Append, EventStore
from tests.faults.deeds import Say, Shim, batch, merge
from tests.faults.inspection import session_at

OUT_OF_MEMORY = (MemoryError, driver.InterfaceError)
"""pysqlite3 takes a value that there is no room for, when it is bound, for one of an unknown type."""


class Customer:
    """Appends, says how each ended, and repeats under the same ids what failed."""

    def __init__(self, say: Say, store: EventStore, text: int = 900) -> None:
        self._say, self._store, self._chance, self._text = say, store, random.Random(1), text
        self._pending: tuple[list[str], list[Append]] | None = None

    def append(self, most: int = 4) -> None:
        self._pending = batch(self._chance, ["note-1", "note-2"], self._store, most, self._text)
        if not self._try():
            self._try()
        self._pending = None

    def append_once(self) -> None:
        self._pending = batch(self._chance, ["note-1", "note-2"], self._store, 4, self._text)
        self._try()

    def repeat(self) -> None:
        """What ended in an exception that says nothing of its outcome."""
        if self._pending:
            self._say("unknown", "", *self._pending[0])
            self._try()
            self._pending = None

    def _try(self) -> bool:
        assert self._pending
        ids, appends = self._pending
        try:
            records = self._store.append_all(appends)
        except (StorageFailed, Damaged) as error:
            # Of some reads that fail SQLite says that they brought rubbish.
            is_clear = "Nothing was saved" in str(error) or isinstance(error, Damaged)
            self._say("refused" if is_clear else "failed", str(error), *ids)
            return False
        except OutcomeUnknown as error:
            self._say("unknown", str(error), *ids)
            return False
        except BadInput as error:
            self._say("there already" if "there already" in str(error) else "failed", str(error), *ids)
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
    _suffer(say, customer.append)
    if not before:
        shim.fail(calls, ending, nth, error, sticky=sticky)
    for what in (
        session.catch_up,
        customer.append,
        lambda: customer.append(20),
        session.catch_up,
        lambda: _merge_if_it_goes(session.path, "PASSIVE"),
        customer.append,
        lambda: _merge_if_it_goes(session.path, "TRUNCATE"),
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


def append_once(say: Say, folder: str, calls: int, nth: int, error: int, sticky: bool) -> None:
    """Appends while the disk fails, says how that ended, and waits to be killed."""
    shim = Shim()
    with session_at(Path(folder)) as session:
        customer = Customer(say, session.store)
        customer.append()
        shim.watch(folder)
        shim.fail(calls, "", nth, error, sticky=sticky)
        customer.append_once()
        say("seen", shim.seen())
        signal.pause()


def _opened_in_the_end(say: Say, path: Path, shim: Shim) -> Session:
    try:
        return session_at(path)
    except KnownError as error:
        say("not opened", str(error))
    shim.fail(0, "", 0, 0)
    return session_at(path)


def _merge_if_it_goes(path: Path, how: str) -> None:
    with suppress(driver.Error):  # goes around the program
        merge(path, how)


def _suffer(say: Say, what: Callable[[], object]) -> None:
    try:
        what()
    except KnownError as error:
        say("failed known", type(error).__name__, str(error))


# Without room


def _trade_on(say: Say, session: Session, customer: Customer, appends: int) -> None:
    for _ in range(appends):
        _suffer(say, lambda: customer.append(20))


def fill_up(say: Say, folder: str) -> None:
    """Appends and projects until the disk is full, goes on for a while, and again when there is room."""
    session, ballast = session_at(Path(folder)), Path(folder) / "ballast"
    customer = Customer(say, session.store)
    _trade_on(say, session, customer, 5)
    session.catch_up()
    _trade_on(say, session, customer, 3)
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(512))
    _trade_on(say, session, customer, 10)
    try:
        session.catch_up()
    except KnownError as error:
        say("cache", type(error).__name__, str(error))
    session.close()
    again = session_at(Path(folder))
    assert again.store.head().size
    ballast.unlink()
    Customer(say, again.store).append()
    again.catch_up()
    again.close()
    say("seen", 0)
    say("done")


def outgrow(say: Say, folder: str, limit: int) -> None:
    """As `fill_up`, with files that may not grow beyond so many bytes."""
    with session_at(Path(folder)) as session:
        customer = Customer(say, session.store)
        customer.append()
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        _trade_on(say, session, customer, 20)
        _suffer(say, session.catch_up)
        _suffer(say, session.rebuild)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        customer.append()
        session.catch_up()
    say("seen", 0)
    say("done")


def run_short(say: Say, folder: str, of: str, share: float) -> None:
    """Appends, projects and rebuilds with little memory, for SQLite or for the whole process."""
    with session_at(Path(folder)) as session:
        customer = Customer(say, session.store, text=300_000)
        customer.append()
        for what in (lambda: customer.append(20), session.catch_up, lambda: customer.append(30), session.rebuild) * 2:
            _limit_memory(of, share)
            try:
                _suffer(say, what)
            except OUT_OF_MEMORY:
                _limit_memory(of, None)
                say("out of memory", "")
                with suppress(*OUT_OF_MEMORY):
                    customer.repeat()
        _limit_memory(of, None)
        if of != "SQLite":
            customer.append()
            session.catch_up()
    say("seen", 0)
    say("done")


def _limit_memory(of: str, share: float | None) -> None:
    """Leaves a share of some MiB; None: as much as there is. SQLite's own limit cannot be raised again."""
    if of == "SQLite":
        with suppress(MemoryError):
            memory = driver.connect(":memory:")
            memory.execute(f"PRAGMA hard_heap_limit = {(1 << 19) + int((share or 1) * (1 << 23))}").fetchall()
            memory.close()
        return
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = in_use + int(share**2 * (1 << 22)) if share is not None else resource.RLIM_INFINITY
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
