"""What the children of the fault tests do while others hold them up, or until they are killed (see `zygote`)."""

import codecs
import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from explorer.application.handle import handle
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.application.view import Question, answer
from explorer.application.whole_file import replacing
from explorer.domain.cart import OpenCart
from explorer.domain.event import NewEvent
from explorer.errors import KnownError
from explorer.store import schema, writer
from explorer.store.engine import driver
from tests.faults.deeds import ANN, EVERYTHING, UNLINK, Say, Shim
from tests.faults.inspection import STORE, session_at, store_at


def hold(say: Say, path: str, how: str) -> None:
    """Another program that takes a lock on a file and does not give it back."""
    connection = driver.connect(path, isolation_level=None)
    if how == "exclusive":
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
        connection.execute("BEGIN EXCLUSIVE")
    else:
        connection.execute("BEGIN IMMEDIATE")
    say("held")
    signal.pause()


def attempt(say: Say, folder: str, patience: float) -> None:
    """Opens, looks and appends where somebody may hold a lock; says of each how it ended and how long it took."""
    writer.PATIENCE = patience

    def timed(what: str, deed: Callable[[], Any]) -> Any:
        began, result, said = monotonic(), None, ["done", ""]
        try:
            result = deed()
        except KnownError as error:
            said = [type(error).__name__, str(error)]
        say(what, *said, monotonic() - began)
        return result

    session = timed("open", lambda: session_at(Path(folder)))
    if session is not None:
        timed("look", lambda: answer(session, Question()))
        timed("append", lambda: session.store.append(f"note-{new_id()}", 0, [NewEvent("Noted", {}, ANN)]))
        timed("catch up", session.catch_up)
        session.close()


def visit(say: Say, folder: str) -> None:
    """Somebody who may read everything and write nothing."""
    codecs.lookup("ascii")  # nobody may have no right to the Python that root installed
    if os.geteuid() == 0:
        os.setuid(65_534)
    path = Path(folder) / STORE
    cache = Path(folder).with_name("visitors-cache")
    with Session(path, cache=cache) as session:
        session.catch_up()
        found = answer(session, Question())
        say("sees", found.status.head, found.status.checkpoint)
        for what in (
            lambda: handle(session, "cart-visitor", OpenCart("Ann", "Leeds"), ANN),
            lambda: session_at(Path(folder) / "none"),
            lambda: Session(path.with_name("new.events"), cache=cache, create=True),
            lambda: Session(path, cache=Path(folder) / "cache-of-visitor"),
        ):
            try:
                what()
            except KnownError as error:
                say("told", type(error).__name__, str(error))


# Killed while it makes or changes a file


def make_store(say: Say, folder: str, nth: int) -> None:
    """Makes a store and is killed before the n-th call that changes anything."""
    shim = Shim()
    shim.watch(folder)
    shim.fail(EVERYTHING, "", nth, 0)
    store_at(Path(folder)).close()
    say("seen", shim.seen())


def migrate(say: Say, folder: str, nth: int) -> None:
    """Opens a store with a program that knows a second schema step, and is killed before the n-th call."""
    shim = Shim()
    shim.watch(folder)
    shim.fail(EVERYTHING, "", nth, 0)
    know_second_step()
    store_at(Path(folder)).close()
    say("seen", shim.seen())


def know_second_step() -> None:
    """What a newer version of the program will do to the schema."""

    def step(connection: Any) -> None:
        connection.exec_driver_sql("ALTER TABLE head ADD COLUMN remark TEXT NOT NULL DEFAULT ''")
        connection.exec_driver_sql("CREATE INDEX events_by_type ON events (type)")
        connection.exec_driver_sql("CREATE TABLE remark (position INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
        connection.exec_driver_sql("INSERT INTO remark SELECT position, type FROM events")

    schema.STEPS = (*schema.STEPS, step)
    schema.NEWEST = len(schema.STEPS)


def export(say: Say, path: str, nth: int, error: int, size: int) -> None:
    """Writes a file whole and is killed, or the disk takes nothing more, at the n-th call that changes anything."""
    shim = Shim()
    shim.watch(str(Path(path).parent))
    shim.fail(EVERYTHING & ~UNLINK if error else EVERYTHING, "", nth, error, sticky=error != 0)
    try:
        with replacing(Path(path)) as file:
            for _ in range(8):
                file.write(b"new " * (size // 32))
    except KnownError as known:
        say("told", type(known).__name__, str(known))
    say("seen", shim.seen())
