"""The cache: a folder for one store, holding generations of one SQLite file and a pointer to the current one.

A rebuild writes a new generation and swaps the pointer by rename. The file itself is never replaced under its name:
another process may have it open, and its `-wal` would be replayed into the newcomer. Everyone looks at the pointer
before they ask, so everyone arrives at the new generation; whoever swapped removes the older ones.
"""

import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from explorer.errors import Damaged, KnownError, ReadOnly, StorageFailed
from explorer.projections.tables import DDL, FINGERPRINT
from explorer.store.engine import PAGE_CACHE, identify, make_shared, open_engine, reading, writing
from explorer.store.structure import interruptible

APPLICATION_ID = 0x45764361
"""`EvCa`, in the file's header."""
WHAT = "a cache of an event store"
POINTER = "current"
ABANDONED = 86_400.0
"""Seconds after which nobody goes on building a generation."""

Transaction = Callable[[Engine, Path, str], AbstractContextManager[Connection]]


def open_building(path: Path, page_cache: int = PAGE_CACHE) -> Engine:
    """A cache file that nobody else sees before it is whole: it needs no journal, and its pages are written once."""
    return open_engine(path, WHAT, synchronous="OFF", journal="OFF", page_cache=page_cache)


def remove(path: Path) -> None:
    """Removes a cache file that nobody needs with all that belongs to it, as far as the disk lets it."""
    for file in path.parent.glob(path.name + "*"):
        with suppress(OSError):
            file.unlink(missing_ok=True)


class Discarded(Damaged):
    """The cache was damaged and has been thrown away; an empty one is in its place, to be caught up."""


class Cache:
    """One store's read models on disk. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, store_id: UUID, new_id: Callable[[], UUID]) -> None:
        self.folder, self.store_id, self._new_id = folder, store_id, new_id
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReadOnly(
                f"The cache folder {folder} cannot be made: {error.strerror}. Name another with --cache."
            ) from error
        self._current = ""
        self._engine: Engine | None = None
        self.refresh()

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @property
    def path(self) -> Path:
        return self.folder / self._current

    def refresh(self) -> bool:
        """Turns to the current generation, or starts an empty one if none is fit; whether it is another one now."""
        current = self._pointed_at()
        if current and current == self._current and self._engine is not None:
            return False
        if not current or not self._is_fit(self.folder / current):
            self.swap(self.new_generation())
            return True
        self._turn_to(current)
        return True

    def _pointed_at(self) -> str:
        try:
            name = (self.folder / POINTER).read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""
        except OSError as error:
            raise ReadOnly(f"The cache folder {self.folder} cannot be read: {error.strerror}.") from error
        is_ours = name.startswith("generation-") and name == Path(name).name
        return name if is_ours and (self.folder / name).is_file() else ""

    def _is_fit(self, path: Path) -> bool:
        """Whether a generation is whole, made by this very version of the projections, and of this store."""
        try:
            identify(path, APPLICATION_ID, 1, WHAT)
            engine = open_engine(path, WHAT, synchronous="NORMAL", create=False)
            try:
                with reading(engine, path, WHAT) as connection:
                    row = connection.exec_driver_sql("SELECT store_id, fingerprint FROM source").one_or_none()
                    made = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
            finally:
                engine.dispose()
        except KnownError:
            # It is only a cache: whatever ails it, a new one is the cure.
            return False
        is_ours = row is not None and (row[0], row[1]) == (self.store_id.bytes, FINGERPRINT)
        return is_ours and {_normal(sql) for (sql,) in made} == set(map(_normal, DDL))

    def _turn_to(self, name: str) -> None:
        self.close()
        self._current = name
        self._engine = open_engine(self.path, WHAT, synchronous="NORMAL", busy_timeout=0.1, create=False)

    def new_generation(self, erasures: int = 0) -> Path:
        """A new, empty cache file that nobody points at yet, under a name that no other process's swap removes.

        Unless that one knows of more `erasures`: then this one may hold what was erased.
        """
        with self._known_errors():
            self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"building-{self._new_id()}.{erasures}.cache"
        engine = open_building(path)
        try:
            with writing(engine, path, WHAT) as connection:
                for statement in DDL:
                    connection.exec_driver_sql(statement)
                source = self.store_id.bytes, FINGERPRINT, erasures
                connection.exec_driver_sql("INSERT INTO source VALUES (?, ?, ?, '')", source)
                connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.exec_driver_sql("PRAGMA user_version = 1")
            make_shared(engine, path, WHAT)
        except BaseException:
            engine.dispose()
            remove(path)
            raise
        engine.dispose()
        return path

    def swap(self, built: Path) -> None:
        """Makes a file of `new_generation`, closed by now, everybody's current one, and removes the others."""
        with self._known_errors():
            try:
                generation, written = self._publish(built)
            except BaseException:
                remove(built)
                raise
            self._turn_to(generation.name)
            if self._pointed_at() != generation.name:
                return  # another process has swapped in its own meanwhile, and may have removed this one already
            for path in self.folder.glob("generation-*"):
                if not path.name.startswith(generation.name):
                    path.unlink(missing_ok=True)
            self._clear_away(written - ABANDONED, _erasures(generation))

    def _publish(self, built: Path) -> tuple[Path, float]:
        """The generation under its new name, and when it was written."""
        # Written without waiting for the disk; from here on it must survive a loss of power, or be noticed as broken.
        with built.open("rb+") as file:
            os.fsync(file.fileno())
            written = os.fstat(file.fileno()).st_mtime
        generation = built.with_name(built.name.replace("building", "generation"))
        pointer = self.folder / f"{POINTER}.{generation.name}"
        try:
            with pointer.open("x", encoding="ascii") as file:
                file.write(generation.name)
                file.flush()
                os.fsync(file.fileno())
            built.rename(generation)
            pointer.replace(self.folder / POINTER)
        except BaseException:
            remove(pointer)
            remove(generation)
            raise
        return generation, written

    @contextmanager
    def _known_errors(self) -> Generator[None, None, None]:
        try:
            yield
        except FileNotFoundError:
            raise  # another process has cleared it away, since it knows of an erasure: begin anew
        except OSError as error:
            raise StorageFailed(
                f"The cache folder {self.folder} cannot be written: {error.strerror}. The store itself is as it was. "
                "Make room there, or name another folder with --cache."
            ) from error

    def _clear_away(self, before: float, erasures: int) -> None:
        """Removes what a rebuild or a swap that was killed has left: it has not been written to for long.

        What was begun before an erasure goes at once: whoever is at it will find that he must begin anew.
        """
        for path in (*self.folder.glob("building-*"), *self.folder.glob(f"{POINTER}.*")):
            try:
                is_outdated = path.name.startswith("building-") and _erasures(path) < erasures
                if is_outdated or path.stat().st_mtime < before:
                    path.unlink(missing_ok=True)
            except FileNotFoundError:
                continue  # another process's rebuild, which has just been swapped in

    @contextmanager
    def reading(self) -> Generator[Connection, None, None]:
        """Raises Discarded if the file is damaged: nothing is lost, and who asks again is answered."""
        with self._discarded_if_damaged(), ExitStack() as stack:
            yield self._entered(stack, reading)

    @contextmanager
    def writing(self) -> Generator[Any, None, None]:
        """The lock that says who projects, as a driver cursor. Raises Busy when another holds it for 100 ms."""
        with self._discarded_if_damaged(), ExitStack() as stack:
            yield self._entered(stack, writing).connection.cursor()

    def _entered(self, stack: ExitStack, transaction: Transaction) -> Connection:
        """A transaction; of the next generation where another process removes this one while it is being opened."""
        while True:
            engine = self._opened()
            try:
                return stack.enter_context(transaction(engine, self.path, WHAT))
            except (ReadOnly, StorageFailed):
                if not self.refresh():
                    raise

    def fault(self, check: Callable[[], None]) -> str:
        """What SQLite finds wrong with the file, an index that says something else than its table; empty if nothing.

        Reads the whole file; `check` is called now and then, and may raise Cancelled.
        """
        with self.reading() as connection, interruptible(connection.connection.dbapi_connection, check):
            cursor = connection.connection.cursor()
            tables = cursor.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                found = cursor.execute(f"PRAGMA integrity_check({table})").fetchone()[0]
                if found != "ok":
                    return str(found)
        return ""

    @contextmanager
    def _discarded_if_damaged(self) -> Generator[None]:
        try:
            yield
        except Damaged as error:
            # What reads the cache may read the store as well; only the cache is disposable.
            if error.path is None or error.path.parent != self.folder:
                raise
            if error.path == self.path:
                self.swap(self.new_generation())
            raise Discarded(
                f"The read models in {self.folder} were damaged and have been thrown away. Nothing is lost: try again, "
                "and they are built anew from the events."
            ) from error

    def _opened(self) -> Engine:
        # Somebody may have deleted it under our feet; nothing is lost by that.
        if self._engine is None or not self.path.exists():
            self.refresh()
        assert self._engine is not None
        return self._engine


def _normal(sql: str) -> str:
    return " ".join(sql.split())


def _erasures(path: Path) -> int:
    """Of how many erasures a generation knows, by its name; 0 for one of an older program."""
    number = path.name.split(".")[1:2]
    return int(number[0]) if number and number[0].isdigit() else 0
