"""The event store: append, read a stream, read all, head."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert

from explorer.domain.event import Event, NewEvent
from explorer.errors import (
    BadInput,
    Damaged,
    KnownError,
    Missing,
    OutcomeUnknown,
    ReadOnly,
    Replaced,
    StorageFailed,
)
from explorer.store import between, schema
from explorer.store.appending import Append, by_id, encoded, insert_all, version_in
from explorer.store.between import Touched
from explorer.store.codec import Codec, Essence, Record
from explorer.store.copying import copy_into
from explorer.store.engine import (
    MEND,
    driver,
    identify,
    make_shared,
    open_engine,
    writing,
)
from explorer.store.filtering import Sieve
from explorer.store.head import Head, read_head
from explorer.store.place import Place, appear, check_nothing_left
from explorer.store.reader import Reader, undisturbed
from explorer.store.rows import PAGE_WEIGHT, essences, is_heavy, records, rising, typed
from explorer.store.seeking import sought
from explorer.store.structure import structure_faults
from explorer.store.writer import CommitFailed, Writer

WHAT = "an event store"
PAGE = 1_000
"""Events a read transaction fetches at most: none lasts, so none holds back the WAL."""

_names = ", ".join(Record._fields)
_READ_ALL = f"SELECT {_names} FROM events WHERE position > ? ORDER BY position LIMIT ?"
_READ_ESSENCES = f"SELECT {', '.join(Essence._fields)} FROM events WHERE position > ? ORDER BY position LIMIT ?"
_READ_AT = (
    f"SELECT {', '.join(f'events.{name}' for name in Record._fields)} FROM json_each(?) AS wanted "
    "CROSS JOIN events ON events.position = wanted.value"
)
_READ_BEFORE = f"SELECT {_names} FROM events WHERE position < ? ORDER BY position DESC LIMIT ?"
_READ_STREAM = f"SELECT {_names} FROM events WHERE stream = ? AND version BETWEEN ? AND ? ORDER BY version LIMIT {PAGE}"
_NEXT_STREAM = "SELECT stream FROM events WHERE stream > ? ORDER BY stream LIMIT 1"
_LATEST = f"SELECT {_names} FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1"
_LEAVES = "SELECT leaf FROM events WHERE position > ? AND position <= ? ORDER BY position"
_BY_VERSION = (
    "SELECT stream, version, position FROM events WHERE (stream, version) > (?, ?) ORDER BY stream, version LIMIT ?"
)


class EventStore:
    """One event file. Safe to use from several threads, and beside other processes on the same file.

    `clock` gives µs UTC, `ids` gives UUIDv7s. A missing file is created; anything that is not a store of ours is
    refused untouched. With `read_only` the file is never created, migrated or written; so is a store whose triggers
    no longer keep events from being changed, and `read_only_reason` says so (it is empty where the caller asked).
    """

    def __init__(
        self, path: Path, codec: Codec, clock: Callable[[], int], ids: Callable[[], UUID], *, read_only: bool = False
    ) -> None:
        path = path.resolve()  # as SQLite does, which keeps its log beside the file behind a link
        self.path, self.codec, self.read_only = path, codec, read_only
        self.read_only_reason = ""
        self._clock, self._ids = clock, ids
        is_new = not read_only and not path.exists()
        if is_new and not path.parent.is_dir():
            raise Missing(f"There is no folder {path.parent} to make {path.name} in.")
        if is_new:
            check_nothing_left(path)
            new_id = self._ids()
            appear(path, new_id, lambda draft: self._make(draft, new_id))
        version = identify(path, schema.APPLICATION_ID, schema.NEWEST, WHAT, self._look)
        place = Place(path)
        self._reader = Reader(path, place, WHAT, read_only=self.read_only)
        self._writer = Writer(self._reader.engine, place, path, WHAT)
        try:
            if version < schema.NEWEST and not self.read_only:
                self._migrate()
            self.store_id = self._head().store_id
        except BaseException:
            self.close()
            raise

    def _look(self, cursor: Any, version: int) -> None:
        """Refuses what only looks like a store, and does not write to one that has lost its guards."""
        found = schema.differences(cursor, version)
        foreign = [difference.words for difference in found if not difference.is_guard]
        if foreign:
            more = f", and {len(foreign) - 1} more things differ" if len(foreign) > 1 else ""
            raise Damaged(f"{self.path} is not as a store is made: {foreign[0]}{more}. It was not opened. {MEND}")
        if found:
            self.read_only = True
            self.read_only_reason = (
                f"{self.path} is open for reading only, since events could be changed in it unseen: {found[0].words}. "
                "Check it, and go on with a backup or with what salvage makes of it."
            )

    @undisturbed
    def schema_faults(self) -> list[str]:
        """What the file's tables, indexes and triggers have otherwise than they should; see `schema.faults`."""
        with self._reader.reading() as connection:
            heads = connection.connection.cursor().execute("SELECT one FROM head LIMIT 2").fetchall()
            return [*schema.faults(connection), *([] if heads == [(1,)] else ["its head is not one row"])]

    def close(self) -> None:
        self._writer.close()
        self._reader.close()

    def _make(self, draft: Path, store_id: UUID) -> None:
        # Not in WAL mode: what closing fails to merge would be missing from the file, without a word.
        engine = open_engine(draft, WHAT, journal="DELETE")
        try:
            with writing(engine, draft, WHAT) as connection:
                schema.migrate(connection, 0)
                first = {"one": 1, "store_id": store_id.bytes, "created_at": self._clock()}
                connection.execute(insert(schema.head).values(**first, size=0, time=0, frontier=b""))
            make_shared(engine, draft, WHAT)
        finally:
            engine.dispose()

    def _migrate(self) -> None:
        with writing(self._reader.engine, self.path, WHAT) as connection:
            # Read again under the lock: another process may have been quicker.
            schema.migrate(connection, connection.exec_driver_sql("PRAGMA user_version").scalar_one())

    # Writing

    def append(self, stream: str, expected_version: int, events: Sequence[NewEvent]) -> list[Event]:
        """Appends to one stream, all or nothing; returns the events as recorded. See `append_all`."""
        return [self.codec.event(record) for record in self.append_all([Append(stream, expected_version, events)])]

    def append_all(self, appends: Sequence[Append]) -> list[Record]:
        """Appends to several streams in one transaction, all or nothing, durable when it returns.

        Raises Conflict with both numbers when a stream is not at its expected version; BadInput for what cannot be
        stored; Replaced, Busy, ReadOnly, StorageFailed (nothing was saved) or OutcomeUnknown as the disk has it.
        """
        if self.read_only:
            raise ReadOnly(self.read_only_reason or f"{self.path} is open for reading only.")
        datas = [encoded(append) for append in appends]
        ids = [event.id or self._ids() for append in appends for event in append.events]
        if not ids:
            return []
        try:
            return self._writer.write(lambda cursor: insert_all(cursor, appends, datas, ids, self._clock()))
        except CommitFailed as failure:
            return self._settle(ids, failure)
        except StorageFailed as failure:
            if "Nothing was saved" in str(failure):
                raise
            raise StorageFailed(f"{failure} Nothing was saved.") from failure
        except driver.IntegrityError as error:
            with self._reader.reading() as connection:
                known = by_id(connection.connection.cursor(), [id_.bytes for id_ in ids])
            said = f"{UUID(bytes=known[0].id)} at position {known[0].position}" if known else "one id twice in a batch"
            raise BadInput(f"An event is recorded once and for ever, but this is there already: {said}.") from error

    def _settle(self, ids: Sequence[UUID], failure: CommitFailed) -> list[Record]:
        """A COMMIT that raised may be durable all the same: its frames may lie in the WAL, unseen until a recovery.

        A commit behind them that the disk takes either follows upon them or overwrites them: only then is it known
        whether the events are there.
        """

        def look(cursor: Any) -> list[Record]:
            # Written although it is the same: an UPDATE that changes nothing writes nothing.
            cursor.execute(f"PRAGMA user_version = {schema.NEWEST}")
            return by_id(cursor, [id_.bytes for id_ in ids])

        try:
            try:
                found = self._writer.write(look)
            except StorageFailed:
                # Closing merges the WAL and makes room, where nobody else has the file open.
                self.close()
                found = self._writer.write(look)
        except KnownError as second:
            raise OutcomeUnknown(
                f"{failure} Nor can it be told now whether your change is saved ({second}). "
                "When the disk works again, open the store and look whether your change is in it before you repeat it."
            ) from failure
        if len(found) == len(ids):
            return found
        raise StorageFailed(f"{failure} Nothing was saved.") from failure

    @undisturbed
    def latest(self, streams: Collection[str]) -> dict[str, Record]:
        """The last event of each stream, as stored; unknown streams are left out."""
        with self._reader.reading() as connection:
            cursor = connection.connection.cursor()
            found = (cursor.execute(_LATEST, (stream,)).fetchone() for stream in streams)
            return {record.stream: record for record in records(row for row in found if row)}

    # Reading

    @undisturbed
    def _head(self) -> Head:
        with self._reader.reading() as connection:
            return read_head(connection.connection.cursor(), self.path)

    def head(self) -> Head:
        """Raises Replaced where another store was copied into the very file."""
        head = self._head()
        if head.store_id != self.store_id:
            raise Replaced(f"Another store was written into {self.path} while it was open. Open it again.")
        return head

    def read_stream(self, stream: str, from_version: int = 1, to_version: int | None = None) -> Iterator[Event]:
        """A stream's events in order, both ends included. An unknown stream has none."""
        return map(self.codec.event, self.stream_records(stream, from_version, to_version))

    def read_all(self, after: int = 0, limit: int = PAGE) -> list[Event]:
        """At most `limit` events behind position `after`, in order; fewer where they are large, but not none."""
        return [self.codec.event(record) for record in self.records(after, limit)]

    def stream_records(self, stream: str, from_version: int = 1, to_version: int | None = None) -> Iterator[Record]:
        """As `read_stream`, as stored. Reads in pages, each a short transaction."""
        last = to_version if to_version is not None else 2**62
        while True:
            page = self._read(_READ_STREAM, stream, from_version, last)
            yield from page
            if len(page) < PAGE and not is_heavy(page):
                return
            from_version = page[-1].version + 1

    def records(self, after: int = 0, limit: int = PAGE) -> list[Record]:
        """As `read_all`, as stored: for what must be fast or must see the very bytes."""
        return rising(self._read(_READ_ALL, after, limit))

    @undisturbed
    def essences(self, after: int, limit: int) -> list[Essence]:
        """As `records`, without what no projection reads."""
        with self._reader.reading() as connection:
            return rising(essences(connection.connection.cursor().execute(_READ_ESSENCES, (after, limit)), PAGE_WEIGHT))

    def structure_faults(self, check: Callable[[], None]) -> list[str]:
        """What SQLite's own check of the file's pages and indexes finds, the first few.

        `check` is called now and then, and may raise Cancelled.
        """
        with self._reader.reading() as connection:
            return structure_faults(connection.connection.dbapi_connection, check)

    def copy_to(self, path: Path, check: Callable[[], None]) -> None:
        """A copy of what the store holds at this moment, as a new file, durable; see `copy_into`."""
        with self._reader.reading() as connection:
            copy_into(connection.connection.dbapi_connection, self.path, path, check)

    @undisturbed
    def leaves(self, after: int, until: int) -> list[bytes]:
        """The leaf hashes of after < position <= until as they were recorded: ask for short ranges."""
        with self._reader.reading() as connection:
            rows = typed(connection.connection.cursor().execute(_LEAVES, (after, until)), tuple[bytes])
        return [row[0] for row in rows]

    @undisturbed
    def places(self, stream: str, version: int, limit: int = PAGE) -> list[tuple[str, int, int]]:
        """Stream, version and position of the events behind a version of a stream, as the index of streams has them."""
        with self._reader.reading() as connection:
            return typed(
                connection.connection.cursor().execute(_BY_VERSION, (stream, version, limit)), tuple[str, int, int]
            )

    @undisturbed
    def steps(self, stream: str, versions: Sequence[int]) -> list[tuple[int, int, str]]:
        """Version, position and type of a stream's events at these versions; those that do not exist are left out."""
        sql = (
            "SELECT events.version, events.position, events.type FROM json_each(?) AS wanted "
            "CROSS JOIN events ON events.stream = ? AND events.version = wanted.value"
        )
        with self._reader.reading() as connection:
            cursor = connection.connection.cursor()
            return cursor.execute(sql, (msgspec.json.encode(versions).decode(), stream)).fetchall()

    @undisturbed
    def records_at(self, positions: Collection[int]) -> list[Record]:
        """The events at these positions, in order of position; those that do not exist are left out."""
        with self._reader.reading() as connection:
            wanted = msgspec.json.encode(sorted(positions)).decode()
            return records(connection.connection.cursor().execute(_READ_AT, (wanted,)))

    @undisturbed
    def records_of(self, ids: Collection[bytes]) -> list[Record]:
        """The events with these ids, in order of position; those that are not events of this store are left out."""
        with self._reader.reading() as connection:
            return by_id(connection.connection.cursor(), ids)

    def records_before(self, position: int, limit: int) -> list[Record]:
        """The last `limit` events before `position`, in order of position."""
        return self._read(_READ_BEFORE, position, limit)[::-1]

    @undisturbed
    def search(
        self, wanted: Sieve, after: int, until: int, *, type_: str | None = None, actor: str | None = None
    ) -> list[tuple[int, int]]:
        """The positions of after < position <= until that may pass, each with 1 if it surely does.

        Reads every row of the range: ask for short ones.
        """
        columns = f"position, {wanted.must.text}", wanted.must.values
        with self._reader.reading() as connection:
            cursor = connection.connection.cursor()
            place = "position > ? AND position <= ?"
            return sought(cursor, columns, place, (after, until), wanted.may, type_=type_, actor=actor)

    @undisturbed
    def search_stream(self, stream: str, wanted: Sieve, from_version: int, to_version: int, *,
                      type_: str | None = None, actor: str | None = None) -> list[Record]:  # fmt: skip
        """The events of one stream from one version to another, both included, that may pass."""
        place, values = "stream = ? AND version BETWEEN ? AND ?", (stream, from_version, to_version)
        with self._reader.reading() as connection:
            cursor = connection.connection.cursor()
            return records(sought(cursor, (_names, ()), place, values, wanted.may, type_=type_, actor=actor))

    def version_at(self, stream: str, position: int) -> int:
        """The version of the stream's last event at or before `position`; 0 if there was none yet."""
        return self.versions_at([stream], position)[0]

    def versions_at(self, streams: Sequence[str], position: int) -> list[int]:
        """As `version_at`, of each stream."""
        return between.versions_at(self._reader, streams, position)

    def touched(self, after: int, until: int, before: int, limit: int, check: Callable[[], None]) -> list[Touched]:
        """The streams with events at after < position <= until, the last changed first; see `between.touched`."""
        return between.touched(self._reader, after, until, before, limit, check)

    def version_of(self, stream: str) -> int:
        """The stream's latest version; 0 for an unknown stream."""
        return self.versions_of([stream])[stream]

    @undisturbed
    def versions_of(self, streams: Sequence[str]) -> dict[str, int]:
        """The latest version of each stream; 0 for an unknown one."""
        with self._reader.reading() as connection:
            cursor = connection.connection.cursor()
            return {stream: version_in(cursor, stream) for stream in streams}

    @undisturbed
    def streams(self, after: str = "", limit: int = PAGE) -> list[str]:
        """At most `limit` names of streams that sort behind `after`, one index look-up each."""
        names: list[str] = []
        with self._reader.reading() as connection:
            cursor = connection.connection.cursor()
            while len(names) < limit and (found := cursor.execute(_NEXT_STREAM, (after,)).fetchone()):
                after = found[0]
                names.append(after)
        return names

    @undisturbed
    def _read(self, sql: str, *values: object) -> list[Record]:
        # Below SQLAlchemy's expressions, which take longer than SQLite does for a page.
        with self._reader.reading() as connection:
            return records(connection.connection.cursor().execute(sql, values), PAGE_WEIGHT)
