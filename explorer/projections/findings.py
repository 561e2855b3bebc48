"""Where rules found something: a small file of its own in the cache's folder, which anybody may delete.

It holds positions only, and for each rule up to where the log was watched by which version of it. Its name says of
which store it is, by which tables it was made, how many erasures were known then and which key file opened personal
texts: what is of others is not looked at. Where two processes begin one at once, the older name is everybody's.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Engine

from explorer.errors import Damaged, NotAStore, ReadOnly, StorageFailed
from explorer.projections.cache import Discarded
from explorer.projections.generations import ABANDONED, remove
from explorer.store.engine import make_shared, open_engine, reading, writing

WHAT = "the findings of rules"
KEPT = 100_000
"""Findings of one rule that are kept, the newest."""
DDL = (
    # `position` and `leaf` are the last event that was watched, and its hash; `found` counts all that was ever found.
    """CREATE TABLE watched (
        rule TEXT PRIMARY KEY, version INTEGER NOT NULL, position INTEGER NOT NULL, leaf BLOB NOT NULL,
        found INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE finding (
        rule TEXT NOT NULL, position INTEGER NOT NULL, severity INTEGER NOT NULL, stream TEXT NOT NULL,
        version INTEGER NOT NULL, PRIMARY KEY (rule, position)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX finding_by_place ON finding (position)",
    "CREATE INDEX finding_by_severity ON finding (severity, position)",
)
FINGERPRINT = hashlib.sha256("\n".join(DDL).encode()).hexdigest()[:12]

_COLUMNS = "rule, position, severity, stream, version"


class Watched(NamedTuple):
    """How far one version of a rule was watched, and how much was found by it."""

    rule: str
    version: int
    position: int
    leaf: bytes
    found: int


class Finding(NamedTuple):
    """An event at which a rule's condition became true; `rule` is the rule's stream, a greater `severity` is worse."""

    rule: str
    position: int
    severity: int
    stream: str
    version: int


class Findings:
    """One store's. Safe to use from several threads and processes; nothing is made before something is written."""

    def __init__(self, folder: Path, store_id: UUID, new_id: Callable[[], UUID]) -> None:
        self._folder, self._store_id, self._new_id = folder, store_id, new_id
        self._erasures, self._keys = 0, ""
        self._engine: Engine | None = None
        self._path: Path | None = None

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = self._path = None

    def turn_to(self, erasures: int, keys: str = "") -> None:
        """From now on only what was found with so many erasures known is looked at, and with this key file at hand."""
        self._erasures, self._keys = erasures, hashlib.sha256(keys.encode()).hexdigest()[:8]

    def stamp(self) -> tuple[object, ...]:
        """Changes whenever something may have been found."""
        path = self._current()
        if path is None:
            return ()
        found: list[object] = [path.name]
        for file in (path, path.with_name(f"{path.name}-wal")):
            with suppress(OSError):
                about = file.stat()
                found += (about.st_size, about.st_mtime_ns)
        return tuple(found)

    def watched(self) -> list[Watched]:
        return [Watched(*row) for row in self._all("SELECT rule, version, position, leaf, found FROM watched")]

    def newest(self, limit: int, before: int | None = None, rule: str | None = None) -> list[Finding]:
        """The last findings before a position, of one rule or of all, the newest first."""
        until = 2**62 if before is None else before
        place, values = ("rule = ? AND position < ?", (rule, until)) if rule else ("position < ?", (until,))
        sql = f"SELECT {_COLUMNS} FROM finding WHERE {place} ORDER BY position DESC LIMIT ?"
        return self._findings(sql, *values, limit)

    def following(self, position: int, until: int = 2**62, limit: int = 1, rule: str | None = None) -> list[Finding]:
        """The first findings behind a position, and not behind `until`, the oldest first; of one rule or of all."""
        place, values = ("rule = ? AND ", (rule,)) if rule else ("", ())
        sql = f"SELECT {_COLUMNS} FROM finding WHERE {place}position > ? AND position <= ? ORDER BY position LIMIT ?"
        return self._findings(sql, *values, position, until, limit)

    def at(self, positions: Iterable[int]) -> list[Finding]:
        """What was found at these events."""
        wanted = msgspec.json.encode([*positions]).decode()
        columns = ", ".join(f"finding.{name}" for name in Finding._fields)
        sql = f"SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN finding ON finding.position = wanted.value"
        return self._findings(sql, wanted)

    def spread(self, first: int, last: int, places: int) -> list[Finding]:
        """Of the findings from one position to another at most so many of each severity, evenly spread.

        A few look-ups for each of them, however many there are.
        """
        step, found = max(1, -(-(last - first + 1) // places)), list[Finding]()
        sql = (
            f"SELECT {_COLUMNS} FROM finding WHERE severity = ? AND position BETWEEN ? AND ? ORDER BY position LIMIT 1"
        )
        with self._reading() as cursor:
            for severity in range(3) if cursor is not None else ():
                at = first
                while at <= last and (row := _one(cursor, sql, severity, at, last)):
                    found.append(Finding(*row))
                    at = first + ((row[1] - first) // step + 1) * step
        return sorted(found, key=lambda one: one.position)

    @contextmanager
    def writing(self) -> Generator["Writing"]:
        """A transaction that has the lock from its start. Raises Busy where another process has it for 100 ms."""
        while (opened := self._opened()) is None:
            self._make()  # which another process, that knows of an erasure, may take away at once
        engine, path = opened
        with self._discarded_if_damaged(path), writing(engine, path, WHAT) as connection:
            yield Writing(connection.connection.cursor())

    def _findings(self, sql: str, *values: Any) -> list[Finding]:
        return [Finding(*row) for row in self._all(sql, *values)]

    def _all(self, sql: str, *values: Any) -> Sequence[Any]:
        with self._reading() as cursor:
            return cursor.execute(sql, values).fetchall() if cursor is not None else []

    @contextmanager
    def _reading(self) -> Generator[Any]:
        """A short transaction's cursor; None where nothing was found yet."""
        opened = self._opened()
        if opened is None:
            yield None
            return
        engine, path = opened
        with self._discarded_if_damaged(path), reading(engine, path, WHAT) as connection:
            yield connection.connection.cursor()

    # The file

    @property
    def _pattern(self) -> str:
        return f"findings-{self._store_id}.{FINGERPRINT}.{self._erasures}.{self._keys}-*.db"

    def _current(self) -> Path | None:
        return min(self._folder.glob(self._pattern), default=None)

    def _opened(self) -> tuple[Engine, Path] | None:
        path = self._current()
        if path is None or path != self._path:
            self.close()
        if path is None:
            return None
        if self._engine is None:
            self._engine = open_engine(path, WHAT, synchronous="NORMAL", busy_timeout=0.1, create=False)
            self._path = path
        return self._engine, path

    def _make(self) -> None:
        name = self._pattern.replace("*", str(self._new_id()))
        draft = self._folder / f"building-{name}"
        try:
            engine = open_engine(draft, WHAT, synchronous="OFF", journal="OFF")
            try:
                with writing(engine, draft, WHAT) as connection:
                    for statement in DDL:
                        connection.exec_driver_sql(statement)
                make_shared(engine, draft, WHAT)
            finally:
                engine.dispose()
            draft.rename(self._folder / name)
        finally:
            remove(draft)
        self._clear_away(self._folder / name)

    def _clear_away(self, own: Path) -> None:
        """Removes what was found before an erasure that is known now, what was begun beside the one that all look at,
        and what another version has left long ago."""
        current = self._current()
        for path in self._folder.glob(f"findings-{self._store_id}.*.db"):
            with suppress(OSError):
                fingerprint, erasures = path.name.split(".")[1:3]
                is_before = erasures.isdigit() and int(erasures) < self._erasures
                is_old = fingerprint != FINGERPRINT and path.stat().st_mtime < own.stat().st_mtime - ABANDONED
                if is_before or is_old or (path.match(self._pattern) and path != current):
                    remove(path)

    @contextmanager
    def _discarded_if_damaged(self, path: Path) -> Generator[None]:
        try:
            yield
        except (Damaged, NotAStore, ReadOnly, StorageFailed) as error:
            is_its_own = isinstance(error, NotAStore) or (isinstance(error, Damaged) and error.path == path)
            if path.exists() and not is_its_own:
                raise  # what is watched may be damaged, too; only this file is disposable
            self.close()
            remove(path)
            raise Discarded(
                f"The findings of rules in {self._folder} were damaged or removed. Nothing is lost: try again, and "
                "they are found anew."
            ) from error


def _one(cursor: Any, sql: str, *values: int) -> Any:
    return cursor.execute(sql, values).fetchone()


class Writing:
    """What can be changed in a transaction."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def watched(self) -> list[Watched]:
        rows = self._cursor.execute("SELECT rule, version, position, leaf, found FROM watched").fetchall()
        return [Watched(*row) for row in rows]

    def forget(self, rule: str) -> None:
        """All that was found by a rule."""
        self._cursor.execute("DELETE FROM finding WHERE rule = ?", (rule,))
        self._cursor.execute("DELETE FROM watched WHERE rule = ?", (rule,))

    def add(self, watched: Watched, found: Sequence[Finding]) -> None:
        """How far a rule is watched now, and what was found since; beyond `KEPT` the oldest are let go."""
        values = [tuple(one) for one in found]
        self._cursor.executemany(f"INSERT OR IGNORE INTO finding ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)", values)
        self._cursor.execute("INSERT OR REPLACE INTO watched VALUES (?, ?, ?, ?, ?)", tuple(watched))
        if found and watched.found > KEPT:
            sql = (
                "DELETE FROM finding WHERE rule = ? AND position <= "
                "(SELECT position FROM finding WHERE rule = ? ORDER BY position DESC LIMIT 1 OFFSET ?)"
            )
            self._cursor.execute(sql, (watched.rule, watched.rule, KEPT))
