"""The one connection that appends, kept open: to get one from the pool takes as long as an insert."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Engine

from explorer.errors import StorageFailed
from explorer.store.engine import driver, known_error, known_errors
from explorer.store.place import Place

T = TypeVar("T")


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
                cursor.execute("BEGIN IMMEDIATE")
                result = work(cursor)
                self._place.check()
                self._commit(cursor)
            except BaseException:
                if self._connection is not None:
                    # Does nothing where SQLite has rolled back already.
                    self._connection.rollback()
                raise
            return result

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
        """Closes the connection; the next transaction opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> Any:
        if self._connection is None:
            pooled = self._engine.raw_connection()
            self._connection = pooled.dbapi_connection
            pooled.detach()
        return self._connection
