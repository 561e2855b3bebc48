"""Giving a store's file another name, whole, while other programs may have it open."""

from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from explorer.errors import Busy, KnownError
from explorer.store import schema
from explorer.store.engine import BUSY_TIMEOUT, identify, known_errors, open_engine
from explorer.store.place import sync_folder

WHAT = "an event store"
LOOK_AGAIN = 0.01
"""Seconds between two looks at whether the readers are gone."""


def move_aside(path: Path, kept: Path) -> None:
    """Renames a store's file to `kept` with all that was committed to it; nothing lies beside its old name then.

    What is in its WAL is merged first, and nobody commits from then until the file is moved; afterwards those who have
    it open say Replaced. A file that cannot be read is moved as it is, with its WAL. Raises Busy, with nothing moved,
    where another program does not let go of what it reads; OSError.
    """
    holder = _held(path)
    try:
        path.rename(kept)
        # A program that still has the old file open looks into these, which must never be those of the next file.
        for ending in ("-shm", "-wal", "-journal"):
            with suppress(FileNotFoundError):
                Path(f"{path}{ending}").rename(f"{kept}{ending}")
        sync_folder(path.parent)
    finally:
        if holder is not None:
            holder.close()


def _held(path: Path) -> Any:
    """A connection that keeps all others from writing, with everything merged; None if the file is past that."""
    connections: list[Any] = []
    try:
        identify(path, schema.APPLICATION_ID, schema.NEWEST, WHAT)
        with known_errors(path, WHAT):
            connections += [_connected(path), _connected(path)]
            _merge_and_hold(path, *connections)
    except BaseException as error:
        for connection in connections:
            connection.close()
        if isinstance(error, KnownError) and not isinstance(error, Busy):
            return None
        raise
    merger, holder = connections
    merger.close()
    return holder


def _merge_and_hold(path: Path, merger: Any, holder: Any) -> None:
    """Merges the WAL, and once more what came until nobody else can write; waits for readers of what was before."""
    # Mostly this alone leaves the WAL empty. Then a kill in the midst of the renaming leaves nothing to be asked about.
    merger.execute("PRAGMA busy_timeout = 0")
    merger.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    holder.execute("BEGIN IMMEDIATE")
    until = monotonic() + BUSY_TIMEOUT
    while True:
        is_busy, frames, merged = merger.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if not is_busy and frames == merged:
            return
        if monotonic() > until:
            raise Busy(
                f"{path} is being read by another program, which does not let go of it. Close that program and try "
                "again; nothing was changed."
            )
        sleep(LOOK_AGAIN)


def _connected(path: Path) -> Any:
    engine = open_engine(path, WHAT, create=False)
    pooled = engine.raw_connection()
    connection = pooled.dbapi_connection
    pooled.detach()
    engine.dispose()
    return connection
