"""The cache: a folder for one store, holding generations of one SQLite file and a pointer to the current one.

A rebuild writes a new generation and swaps the pointer by rename. The file itself is never replaced under its name:
another process may have it open, and its `-wal` would be replayed into the newcomer. Everyone looks at the pointer
before they ask, so everyone arrives at the new generation; whoever swapped removes the older ones.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from explorer.errors import Damaged, KnownError, ReadOnly, StorageFailed
from explorer.projections import states
from explorer.projections.generations import Generations, erasures_of, remove
from explorer.projections.tables import DDL, FINGERPRINT
from explorer.store.engine import PAGE_CACHE, identify, make_shared, open_engine, reading, writing
from explorer.store.structure import interruptible

APPLICATION_ID = 0x45764361
"""`EvCa`, in the file's header."""
WHAT = "a cache of an event store"

Transaction = Callable[[Engine, Path, str], AbstractContextManager[Connection]]


def open_building(path: Path, page_cache: int = PAGE_CACHE, *, create: bool = False) -> Engine:
    """A cache file that nobody else sees before it is whole: it needs no journal, and its pages are written once."""
    return open_engine(path, WHAT, synchronous="OFF", journal="OFF", page_cache=page_cache, create=create)


@contextmanager
def unless_removed(path: Path) -> Generator[None]:
    """Raises FileNotFoundError for a file, or folder, that others have removed: they know of an erasure, or tidy up."""
    try:
        yield
    except (ReadOnly, StorageFailed) as error:
        if path.exists():
            raise
        raise FileNotFoundError(path) from error


class Discarded(Damaged):
    """The cache was damaged and has been thrown away; an empty one is in its place, to be caught up."""


class Cache:
    """One store's read models on disk. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, store_id: UUID, new_id: Callable[[], UUID]) -> None:
        self.folder, self.store_id = folder, store_id
        self._generations = Generations(folder, new_id)
        self._current = ""
        self._engine: Engine | None = None
        self.is_stand_in = False
        """Whether the current generation is that of another version of the program, which answers until ours is made.

        Its tables are ours, but what is in them was computed otherwise: nothing is added to it.
        """
        self.refresh()

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @property
    def path(self) -> Path:
        return self.folder / self._current

    @property
    def erasures(self) -> int:
        """How many erasures were known when the current generation was begun."""
        return erasures_of(self.path)

    def refresh(self) -> bool:
        """Turns to the current generation, or starts an empty one if none is fit; whether it is another one now."""
        current = self._generations.current()
        is_open = self._engine is not None
        if is_open and current and current == self._current:
            return False
        if current and self._made_by(self.folder / current) == FINGERPRINT:
            self._turn_to(current)
            return True
        if is_open and self.is_stand_in and self.path.is_file():
            return False
        stand_in = next((name for name in self._generations.others() if self._made_by(self.folder / name)), "")
        if stand_in and not current:
            self._turn_to(stand_in, is_stand_in=True)
        else:
            self.begin_anew()
        return True

    def _made_by(self, path: Path) -> str:
        """The version of the projections that has made a generation; "" if it is not whole, ours and of this store."""
        try:
            identify(path, APPLICATION_ID, 1, WHAT)
            engine = open_engine(path, WHAT, synchronous="NORMAL", create=False)
            try:
                with reading(engine, path, WHAT) as connection:
                    made = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
                    if {_normal(sql) for (sql,) in made} != set(map(_normal, DDL)):
                        return ""
                    sql = "SELECT fingerprint FROM source WHERE store_id = ? AND snapshots = ?"
                    row = connection.exec_driver_sql(sql, (self.store_id.bytes, states.VERSION)).one_or_none()
            finally:
                engine.dispose()
        except KnownError:
            # It is only a cache: whatever ails it, a new one is the cure.
            return ""
        return row[0] if row is not None else ""

    def _turn_to(self, name: str, *, is_stand_in: bool = False) -> None:
        self.close()
        self._current, self.is_stand_in = name, is_stand_in
        self._engine = open_engine(self.path, WHAT, synchronous="NORMAL", busy_timeout=0.1, create=False)

    def new_generation(self, erasures: int = 0) -> Path:
        """A new, empty cache file that nobody points at yet; see `Generations.new_path`."""
        path = self._generations.new_path(erasures)
        with _removed_if_it_fails(path):
            engine = open_building(path, create=True)
            try:
                with unless_removed(path.parent), writing(engine, path, WHAT) as connection:
                    for statement in DDL:
                        connection.exec_driver_sql(statement)
                    source = self.store_id.bytes, FINGERPRINT, states.VERSION, erasures
                    connection.exec_driver_sql("INSERT INTO source VALUES (?, ?, ?, ?, '')", source)
                    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
                    connection.exec_driver_sql("PRAGMA user_version = 1")
                make_shared(engine, path, WHAT)
            finally:
                engine.dispose()
        return path

    def begin_anew(self, erasures: int = 0) -> None:
        """Makes an empty generation everybody's current one, whatever others remove meanwhile."""
        while True:
            try:
                self.swap(self.new_generation(erasures))
            except FileNotFoundError:
                continue
            return

    def take_over(self) -> None:
        """Goes on in a copy of the current generation, for a process that stands still has its lock.

        When that one wakes, it finishes its transaction in the file that nobody looks at any more, and comes after.
        Raises FileNotFoundError where another is current by now: it may lack what was erased, and the copy has that.
        """
        path = self._generations.new_path(self.erasures)
        with _removed_if_it_fails(path):
            with self.reading() as connection:
                copied = self._current
                connection.connection.cursor().execute("VACUUM INTO ?", (str(path),))
            engine = open_building(path)
            try:
                with unless_removed(path):
                    make_shared(engine, path, WHAT)
            finally:
                engine.dispose()
            if self._generations.current() != copied:
                raise FileNotFoundError(copied)
        self.swap(path)

    def swap(self, built: Path) -> None:
        """Makes a file of `new_generation`, closed by now, everybody's current one, and removes the others."""
        with self._generations.known_errors():
            generation = self._generations.publish(built)
            self._turn_to(generation.name)
            if self._generations.current() != generation.name:
                return  # another process has swapped in its own meanwhile, and may have removed this one already
            self._generations.clear_away(generation)

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
                self.begin_anew()
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


@contextmanager
def _removed_if_it_fails(path: Path) -> Generator[None]:
    try:
        yield
    except BaseException:
        remove(path)
        raise


def _normal(sql: str) -> str:
    return " ".join(sql.split())
