"""The one connection that appends, kept open: to get one from the pool takes as long as an insert."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine

from explorer.store.engine import known_errors


class Writer:
    """Write transactions on an engine's file, one at a time however many threads ask."""

    def __init__(self, engine: Engine, path: Path, what: str) -> None:
        self._engine, self._path, self._what = engine, path, what
        self._connection: Any = None
        self._lock = Lock()

    @contextmanager
    def transaction(self) -> Generator[Any]:
        """As `engine.writing`, as a driver cursor. Raises what `known_errors` raises."""
        with self._lock, known_errors(self._path, self._what):
            connection = self._opened()
            cursor = connection.cursor()
            try:
                cursor.execute("BEGIN IMMEDIATE")
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                # Does nothing where SQLite has rolled back already.
                connection.rollback()
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
