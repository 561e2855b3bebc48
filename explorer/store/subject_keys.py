"""The key file beside a store: each person's key, until it is destroyed.

Whoever has it can read the personal texts of the store; whoever has not, cannot. It is made when protection is switched
on, for its owner's eyes only. What is deleted in it is overwritten and the file written anew, for `secure_delete` alone
left copies where pages had been split (measured: one of 300 names in every sixth file); its journal is gone with the
transaction. So no file holds a copy of a destroyed key. SQLite itself refuses to write to a file that has lost its name
meanwhile, where a new key would be lost. Every commit reaches the disk, and the folder's entry with it
(`synchronous = EXTRA`), before an event is stored that needs the key.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from explorer.errors import Busy, Damaged, Missing, ReadOnly
from explorer.store.engine import driver, identify, known_errors, open_engine

T = TypeVar("T")

APPLICATION_ID = 0x45764B65
"""`EvKe`, in the file's header."""
WHAT = "the key file of an event store"
ID_BYTES, KEY_BYTES = 12, 32
KEPT = 4_096
"""Keys kept in memory."""
KeyRow = tuple[bytes, str, bytes | None]
"""A key's number, whose it is, and the key; None once it was destroyed."""

_DDL = (
    "CREATE TABLE store (store_id BLOB NOT NULL, name TEXT NOT NULL) STRICT",
    # A key that is NULL was destroyed, and the log does not tell so yet: the name says whose erasure is to be finished.
    """CREATE TABLE subject_key (
        id BLOB PRIMARY KEY, subject TEXT NOT NULL UNIQUE, key BLOB) STRICT, WITHOUT ROWID""",
)


class SubjectKey(NamedTuple):
    """A person's key; `cipher` is None once it was destroyed."""

    id: bytes
    cipher: AESGCM | None


def key_file(store: Path) -> Path:
    """Where the keys of a store are: `shop.events.keys` beside `shop.events`."""
    place = store.resolve()
    return place.with_name(f"{place.name}.keys")


class SubjectKeys:
    """One store's key file, open. Safe to use from several threads, and beside other processes."""

    def __init__(self, path: Path, store_id: UUID | None, *, create: bool = False, read_only: bool = False) -> None:
        """`name` tells this file from any other. Without a `store_id` it may be any store's.

        Raises Missing where there is none, Damaged for another store's, and what opening any of our files raises.
        """
        self.path, self._lock = path, Lock()
        self._kept: dict[bytes, SubjectKey] = {}
        self._connection: Any = None
        is_new = create and _made(path)
        if not is_new:
            identify(path, APPLICATION_ID, 1, WHAT)
        engine = open_engine(path, WHAT, create=False, read_only=read_only, synchronous="EXTRA", journal="DELETE")
        pooled = engine.raw_connection()
        self._connection = pooled.dbapi_connection
        pooled.detach()
        engine.dispose()
        try:
            self._prepare(store_id, is_new=is_new)
        except BaseException:
            self.close()
            raise

    def _prepare(self, store_id: UUID | None, *, is_new: bool) -> None:
        with known_errors(self.path, WHAT):
            cursor = self._connection.cursor()
            cursor.execute("PRAGMA secure_delete = ON")
            cursor.execute("PRAGMA temp_store = MEMORY")
        if is_new and store_id is not None:
            self._write(lambda cursor: _create(cursor, store_id))
        found, self.name = self._ask("SELECT store_id, name FROM store")[0]
        if store_id is not None and found != store_id.bytes:
            raise Damaged(f"{self.path} holds the keys of another store. Put this store's own key file in its place.")
        self._seen = self._data_version()

    def close(self) -> None:
        self._kept.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def look(self) -> None:
        """Forgets the keys in memory if another process has written to the file: one of them may be destroyed."""
        with self._lock:
            seen = self._data_version()
            if seen != self._seen:
                self._seen = seen
                self._kept.clear()

    def key(self, id_: bytes) -> SubjectKey | None:
        """The key with a number, as of the last `look`; None if the file has none: destroyed, or never here."""
        known = self._kept.get(id_)
        if known is None:
            rows = self._ask("SELECT id, key FROM subject_key WHERE id = ?", id_)
            known = self._keep(*rows[0]) if rows else None
        return known

    def ids(self) -> set[bytes]:
        """The numbers of all keys, also of those whose erasure is not finished."""
        return {row[0] for row in self._ask("SELECT id FROM subject_key")}

    def id_of(self, subject: str) -> bytes | None:
        """The number of a person's key, also of one whose erasure is not finished."""
        rows = self._ask("SELECT id FROM subject_key WHERE subject = ?", subject)
        return rows[0][0] if rows else None

    def keys_of(self, subjects: Iterable[str]) -> dict[str, SubjectKey]:
        """The keys of those of these people who have one. Raises Busy for one who is just being erased."""
        found: dict[str, SubjectKey] = {}
        for subject in {*subjects}:
            for id_, key in self._ask("SELECT id, key FROM subject_key WHERE subject = ?", subject):
                if key is None:
                    raise Busy("The personal data of this very person are being erased. Nothing was saved; try again.")
                found[subject] = self._keep(id_, key)
        return found

    def make(self, subjects: Iterable[str]) -> dict[str, SubjectKey]:
        """The keys of these people, made for those who have none, durable when it returns."""
        self._write(lambda cursor: _add(cursor, sorted({*subjects})))
        return self.keys_of(subjects)

    def destroy(self, id_: bytes) -> None:
        """Overwrites a key, durably; keeps whose it was, so that the erasure can be finished whatever happens."""
        self._write(lambda cursor: cursor.execute("UPDATE subject_key SET key = NULL WHERE id = ?", (id_,)))
        self._write_anew()

    def forget(self, ids: Iterable[bytes]) -> None:
        """Overwrites keys and names of which the log tells that they are erased."""
        gone = [(id_,) for id_ in ids]
        self._write(lambda cursor: cursor.executemany("DELETE FROM subject_key WHERE id = ?", gone))
        self._write_anew()

    def check_whole(self) -> None:
        """Raises Damaged if not every key in the file can be read."""
        wrong = f"SELECT 'a key has not the length of one' FROM subject_key WHERE length(key) != {KEY_BYTES}"
        faults = [row[0] for row in (*self._ask("PRAGMA integrity_check(1)"), *self._ask(wrong)) if row[0] != "ok"]
        if faults:
            raise Damaged(f"{self.path} is damaged: {faults[0]}.")

    def rows(self) -> Iterator[KeyRow]:
        """All keys, also those whose erasure is not finished."""
        last = b""
        while found := self._ask("SELECT id, subject, key FROM subject_key WHERE id > ? ORDER BY id LIMIT 1000", last):
            yield from found
            last = found[-1][0]

    def take_over(self, rows: Iterable[KeyRow]) -> None:
        """Adds another file's keys, all or none, durable when it returns."""
        self._write(lambda cursor: cursor.executemany("INSERT INTO subject_key VALUES (?, ?, ?)", rows))

    def _keep(self, id_: bytes, key: bytes | None) -> SubjectKey:
        known = SubjectKey(id_, None if key is None else AESGCM(key))
        with self._lock:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[id_] = known
        return known

    def _data_version(self) -> int:
        # Asked for every event with a personal text: no cursor and no context are made for it.
        try:
            return self._opened().execute("PRAGMA data_version").fetchone()[0]
        except driver.Error:
            with known_errors(self.path, WHAT):
                raise

    def _ask(self, sql: str, *values: object) -> list[Any]:
        with self._lock, known_errors(self.path, WHAT):
            return self._opened().cursor().execute(sql, values).fetchall()

    def _write(self, work: Callable[[Any], T]) -> T:
        with self._lock, known_errors(self.path, WHAT):
            self._kept.clear()
            cursor = self._opened().cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                result = work(cursor)
                cursor.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
            return result

    def _write_anew(self) -> None:
        with self._lock, known_errors(self.path, WHAT):
            self._opened().execute("VACUUM")

    def _opened(self) -> Any:
        if self._connection is None:
            raise Missing(f"{self.path} is closed.")
        return self._connection


def _made(path: Path) -> bool:
    """Makes an empty file that only its owner may read; False if there is one already."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        # One that is empty is left from a start that was cut short.
        return path.stat().st_size == 0
    except OSError as error:
        raise ReadOnly(f"The key file {path} cannot be made: {error.strerror}.") from error
    return True


def _create(cursor: Any, store_id: UUID) -> None:
    if cursor.execute("PRAGMA user_version").fetchone()[0]:
        return  # another process was quicker
    for statement in _DDL:
        cursor.execute(statement)
    cursor.execute("INSERT INTO store VALUES (?, ?)", (store_id.bytes, os.urandom(ID_BYTES).hex()))
    cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    cursor.execute("PRAGMA user_version = 1")


def _add(cursor: Any, subjects: Iterable[str]) -> None:
    """Keys for those who have none; another process may have been quicker."""
    made = [(os.urandom(ID_BYTES), subject, AESGCM.generate_key(8 * KEY_BYTES)) for subject in subjects]
    cursor.executemany("INSERT OR IGNORE INTO subject_key VALUES (?, ?, ?)", made)
