"""The one connection that appends, kept open: to get one from the pool takes as long as an insert."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import Engine

from explorer.errors import Replaced, StorageFailed
from explorer.store.engine import BUSY_TIMEOUT, driver, known_error, known_errors
from explorer.store.place import Place

T = TypeVar("T")

PATIENCE = BUSY_TIMEOUT
"""Seconds a writer waits for another before it says Busy."""
LOOK_AGAIN = 0.001
"""Seconds between two looks at whether the lock is free."""

MERGE = 0.5
"""Seconds that a writer who closes waits for a moment at which nobody reads."""


class CommitFailed(StorageFailed):
    """The disk failed at the very COMMIT, which may be durable all the same."""


class Writer:
    """Write transactions on an engine's file, one at a time however many threads ask."""

    def __init__(self, engine: Engine, place: Place, path: Path, what: str) -> None:
        self._engine, self._place, self._path, self._what = engine, place, path, what
        self._connection: Any = None
        self._lock = Lock()

    def write(self, work: Callable[[Any], T]) -> T:
        """Does `work` with a driver cursor in a transaction that has the write lock from its start, and commits.

        Whatever `work` raises is rolled back. Raises what `known_errors` and `Place.check` raise, and CommitFailed.
        """
        with self._lock, known_errors(self._path, self._what):
            try:
                cursor = self._opened().cursor()
                _begin(cursor)
                result = work(cursor)
                self._place.check()
                self._commit(cursor)
            except BaseException:
                self._roll_back()
                raise
            return result

    def _roll_back(self) -> None:
        """Where there is no memory even for that, the connection is dropped, and with it what it had begun."""
        if self._connection is None:
            return
        with suppress(driver.Error, MemoryError):
            # Does nothing where SQLite has rolled back already.
            self._connection.rollback()
        if self._connection.in_transaction:
            self._connection.close()
            self._connection = None

    def _commit(self, cursor: Any) -> None:
        try:
            cursor.execute("COMMIT")
        except driver.Error as error:
            known = known_error(error, self._path, self._what)
            # A full disk has not taken the frame that makes the rest valid.
            if isinstance(known, StorageFailed) and "full" not in str(error):
                raise CommitFailed(str(known)) from error
            raise

    def close(self) -> None:
        """Closes the connection; the next transaction opens another.

        SQLite merges its log into the file when the last one closes it. While somebody else only reads, nobody would:
        the file alone would lack what is in the log, and another file put in its place would be taken for the old one.
        """
        with self._lock:
            if self._connection is not None:
                # What fails here has been committed, and stays in the log.
                with suppress(driver.Error, Replaced, MemoryError):
                    self._place.check()
                    _merge(self._connection)
                self._connection.close()
                self._connection = None

    def _opened(self) -> Any:
        if self._connection is None:
            self._place.check()
            pooled = self._engine.raw_connection()
            self._connection = pooled.dbapi_connection
            pooled.detach()
            self._connection.execute("PRAGMA busy_timeout = 0")
        return self._connection


def _merge(connection: Any) -> None:
    """Merges the log and empties it, unless others are at it all the time."""
    end = monotonic() + MERGE
    while True:
        (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not is_busy or monotonic() >= end:
            return
        sleep(LOOK_AGAIN)


def _begin(cursor: Any) -> None:
    """Takes the write lock, waiting for whoever has it.

    SQLite's own waiting soon looks every 100 ms only: writers without a pause then pass the lock among themselves, and
    one who types a command waits for seconds.
    """
    end = monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except driver.OperationalError as error:
            if "locked" not in str(error) or monotonic() >= end:
                raise
            sleep(LOOK_AGAIN)
        else:
            return
