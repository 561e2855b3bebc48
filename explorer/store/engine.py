"""Opening SQLite files through the one driver, and turning its errors into known ones.

The driver is `pysqlite3` with an SQLite of its own: Debian's 3.40.1, like all from 3.7.0 to 3.51.2, can corrupt a WAL
file that two processes write (sqlite.org/wal.html#walresetbug). Nothing else in the process may open these files:
closing any handle on a file drops every POSIX lock the process holds on it
(sqlite.org/howtocorrupt.html#_posix_advisory_locks).
"""

import importlib
import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from explorer.errors import BadInput, Busy, Damaged, KnownError, Missing, NotAStore, ReadOnly, StorageFailed, TooNew

BUSY_TIMEOUT = 5.0
"""Seconds a writer waits for another before it says Busy."""
PAGE_CACHE = 32 * 1024
"""KiB of pages each connection may keep: with SQLite's 2 MiB an import slows down as its indexes grow."""

MEND = "Restore a backup, or save what is intact of a store: event-explorer salvage STORE OUT."
"""What to do about a damaged file."""

driver: Any = importlib.import_module("pysqlite3.dbapi2")


_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def lowered(text: str) -> str:
    """What SQLite's `lower` makes of a text: only the capitals of ASCII become small."""
    return text.translate(_CAPITALS)


def has_wal_reset_fix(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite carries the fix of the WAL-reset bug: 3.51.3, or back-ported to 3.50.7 and 3.44.6."""
    fixed_since = {(3, 44): 6, (3, 50): 7}
    return version >= (3, 51, 3) or version[2] >= fixed_since.get(version[:2], version[2] + 1)


def require_safe_driver() -> None:
    """Raises StorageFailed if the linked SQLite would let two processes corrupt a store."""
    if not has_wal_reset_fix(driver.sqlite_version_info):
        raise StorageFailed(
            f"SQLite {driver.sqlite_version} can corrupt a file that two processes write. "
            "Install pysqlite3 0.6.1 or newer and start again."
        )


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def _wal_is_empty(path: Path) -> bool:
    try:
        return path.with_name(path.name + "-wal").stat().st_size == 0
    except FileNotFoundError:
        return True


def _quiet_mode(path: Path) -> str:
    """Reading a WAL file leaves `-wal` and `-shm` beside it, unless it is immutable; which an unmerged WAL is not."""
    return "ro&immutable=1" if _wal_is_empty(path) else "ro"


Look = Callable[[Any, int], None]
"""Looks at a file of ours through a driver's cursor and is told its schema version; raises what it does not like."""


def is_still(path: Path) -> bool:
    """Whether a file that is only read is read as if nobody could change it.

    There is no other way in a folder that may not be written: to read beside writers takes a file of locks, which is
    there as soon as somebody writes. See `explorer.store.reader`.
    """
    return not os.access(path.parent, os.W_OK) and _wal_is_empty(path)


def identify(path: Path, application_id: int, newest: int, what: str, look: Look | None = None) -> int:
    """The schema version (`user_version`) of a file of ours, without touching it.

    Raises Missing, NotAStore, TooNew, Damaged or ReadOnly for anything else.
    """
    while True:
        before = traces(path)
        try:
            return _identified(path, application_id, newest, what, look)
        except (NotAStore, Damaged, ReadOnly):
            # Looked at as if it could not change, it has changed: another process has just begun to write. Or it has
            # just ended, and taken away the log that was to be read.
            if traces(path) == before:
                raise


Traces = list[tuple[int, int, int]]
"""Inode, size and time of change of a file and of its WAL."""


def traces(path: Path) -> Traces:
    """What tells whether a file or its WAL was written to."""
    left: Traces = []
    for file in (path, Path(f"{path}-wal")):
        with suppress(OSError):
            found = file.stat()
            left.append((found.st_ino, found.st_size, found.st_mtime_ns))
    return left


def _identified(path: Path, application_id: int, newest: int, what: str, look: Look | None) -> int:
    try:
        found = path.stat()
    except OSError as error:
        raise Missing(f"{path} cannot be opened: {error.strerror}.") from error
    if not stat.S_ISREG(found.st_mode):
        raise NotAStore(f"{path} is not a file. Name {what}.")
    if found.st_size == 0:
        raise NotAStore(f"{path} is empty, so it is not {what}. Delete it to start anew, or name another file.")
    with known_errors(path, what):
        connection = driver.connect(_uri(path, _quiet_mode(path)), uri=True)
        try:
            _distrust(connection)
            version, pages, page_size = _numbers(connection, path, application_id, newest, what)
            if _wal_is_empty(path) and found.st_size < pages * page_size:
                # SQLite itself takes a last page that is cut short for a whole one, filled with zeros.
                missing = pages * page_size - found.st_size
                raise Damaged(f"{path} is damaged: its last {missing:,} bytes are missing. {MEND}")
            if look is not None:
                look(connection.cursor(), version)
        finally:
            connection.close()
    return version


def _distrust(connection: Any) -> None:
    """What the file says is taken for bytes, not for orders."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA mmap_size = 0")


def _numbers(connection: Any, path: Path, application_id: int, newest: int, what: str) -> tuple[int, int, int]:
    """Schema version, number and size of pages."""
    names = ("application_id", "user_version", "page_count", "page_size")
    application, version, pages, page_size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    if application != application_id:
        raise NotAStore(f"{path} is a database of another program, not {what}. It was not touched.")
    if version > newest:
        raise TooNew(
            f"{path} was written by a newer version of this program (file version {version}, this one knows {newest}). "
            "Install the newer version. The file was not touched."
        )
    return version, pages, page_size


def open_engine(
    path: Path,
    what: str,
    *,
    read_only: bool = False,
    still: bool = False,
    create: bool = True,
    synchronous: str = "FULL",
    busy_timeout: float = BUSY_TIMEOUT,
    journal: str = "WAL",
    page_cache: int = PAGE_CACHE,
) -> Engine:
    """An engine whose connections have our pragmas; its writing transactions begin IMMEDIATE (see `writing`).

    `still`: reads as if nobody could change the file, see `is_still`.
    """
    require_safe_driver()
    mode = ("ro&immutable=1" if still else "ro") if read_only else "rwc" if create else "rw"
    uri = _uri(path, mode)

    def connect() -> Any:
        with known_errors(path, what):
            connection = driver.connect(
                uri, uri=True, timeout=busy_timeout, isolation_level=None, check_same_thread=False
            )
            _distrust(connection)
            connection.execute(f"PRAGMA cache_size = -{page_cache}")
            if read_only:
                connection.execute("PRAGMA query_only = ON")
            else:
                connection.execute(f"PRAGMA journal_mode = {journal}")
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            return connection

    engine = create_engine("sqlite://", module=driver, creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", _begin)
    return engine


def make_shared(engine: Engine, path: Path, what: str) -> None:
    """Turns a finished file to WAL before anybody sees it: two who open it at once would be in each other's way."""
    with known_errors(path, what):
        connection = engine.raw_connection()
        try:
            (mode,) = connection.cursor().execute("PRAGMA journal_mode = WAL").fetchone()
        finally:
            connection.close()
    if mode != "wal":
        raise StorageFailed(f"{path} cannot be shared by several programs on this disk (its journal stays {mode}).")


def _begin(connection: Connection) -> None:
    # The driver must not begin by itself (isolation_level=None): a deferred BEGIN that reads and then writes fails at
    # once with BUSY_SNAPSHOT, whatever the timeout.
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def reading(engine: Engine, path: Path, what: str) -> Generator[Connection, None, None]:
    """A short read transaction. Never hold one while waiting for anything: it keeps the WAL from being merged."""
    with known_errors(path, what), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine, path: Path, what: str) -> Generator[Connection, None, None]:
    """A transaction that has the write lock from its start, so that what it reads is still true when it writes."""
    with known_errors(path, what), engine.connect().execution_options(write=True) as connection, connection.begin():
        yield connection


@contextmanager
def known_errors(path: Path, what: str) -> Generator[None, None, None]:
    """Turns what the driver says of a file, or of a text it is asked for, into a KnownError.

    A programming error passes as it is.
    """
    try:
        yield
    except DBAPIError as error:
        known = known_error(error.orig, path, what)
        if known is None:
            raise
        raise known from error
    except driver.Error as error:
        known = known_error(error, path, what)
        if known is None:
            raise
        raise known from error
    except UnicodeEncodeError as error:
        raise BadInput(
            f"{str(error.object)[:100]!r} has half of a surrogate pair; no event has such a text."
        ) from error
    except UnicodeDecodeError as error:
        # The driver quotes a damaged schema in its error, and cannot.
        raise _damaged(path, "its schema is no text") from error


def _damaged(path: Path, said: str) -> Damaged:
    damaged = Damaged(f"{path} is damaged: {said}. {MEND}")
    damaged.path = path
    return damaged


_TELLTALES: tuple[tuple[tuple[str, ...], type[KnownError], str], ...] = (
    (("locked", "busy"), Busy, "{path} is in use by another program. Try again; nothing was changed."),
    (("not a database",), NotAStore, "{path} is not {what}. It was not touched."),
    (("malformed", "corrupt", "could not decode"), Damaged, ""),
    (
        ("readonly", "read-only", "unable to open"),
        ReadOnly,
        "{path} cannot be opened for writing: {said}. Check the rights of the file and its folder.",
    ),
    (("disk is full", "is full"), StorageFailed, "The disk of {path} is full. Nothing was saved; make room and retry."),
    (("disk i/o",), StorageFailed, "The disk of {path} failed ({said}). Check the disk, then open the store again."),
)


def known_error(error: object, path: Path, what: str) -> KnownError | None:
    """The known meaning of a driver error, or None.

    By its text: pysqlite3 0.6.1 gives no error code on its exceptions.
    """
    if not isinstance(error, driver.OperationalError | driver.DatabaseError):
        return None
    said = str(error)
    for telltales, kind, text in _TELLTALES:
        if any(telltale in said.lower() for telltale in telltales):
            return _damaged(path, said) if kind is Damaged else kind(text.format(path=path, what=what, said=said))
    return None
