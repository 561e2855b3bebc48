"""States of streams, folded as little as possible: kept in memory, or from the nearest snapshot in the cache."""

import zlib
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import msgspec

from explorer.domain.decider import AnyDecider
from explorer.domain.event import category_of
from explorer.errors import Damaged
from explorer.store.codec import Essence, Record
from explorer.store.event_store import EventStore

SNAPSHOT_EVERY = 50
"""Versions between two snapshots of a stream at the least."""
LONG, OF_LONG = 500, 20
"""From that version on snapshots are closer: a long stream's events are spread over the log, and each that is read is
another page of the disk."""
VERSION = 2
"""To be raised when snapshots are taken elsewhere or written otherwise."""
WEIGHT = 8
"""A snapshot may weigh so many times what the events since the last one do: a great state is written less often, and
the snapshots of a stream that grows and grows do not grow with its square."""
KEPT = 2_000
"""Streams kept in memory from one batch to the next."""

TABLE = """CREATE TABLE snapshot (
    stream TEXT NOT NULL, version INTEGER NOT NULL, size INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (stream, version)) STRICT, WITHOUT ROWID"""
_NEAREST = (
    "SELECT version, size, state FROM snapshot WHERE stream = ? AND version <= ? "
    "AND ? <= (SELECT erasures FROM source) ORDER BY version DESC LIMIT 1"
)
"""None that was taken before an erasure that is known by now: it may hold what was erased."""

_encode = msgspec.json.Encoder().encode


class Folded(NamedTuple):
    """A state, and what says when its next snapshot is due: the last one's version and bytes, and the events' since."""

    state: Any
    snapshot: int
    size: int
    since: int


def folded(store: EventStore, cursor: Any, decider: AnyDecider, stream: str, version: int) -> Any:
    """The state of `stream` at `version`: the nearest snapshot before, and the events since."""
    return _folded(store, cursor, decider, stream, version).state


def _folded(store: EventStore, cursor: Any, decider: AnyDecider, stream: str, version: int) -> Folded:
    state: Any = decider.initial
    reached = size = since = 0
    row = cursor.execute(_NEAREST, (stream, version, store.codec.erasures)).fetchone()
    if row:
        kind = cast("Any", type(decider.initial))
        reached, size = row[0], row[1]
        try:
            state = msgspec.json.decode(zlib.decompress(row[2]), type=kind)
        except (zlib.error, msgspec.DecodeError) as error:
            raise Damaged(
                f"The snapshot of {stream} at version {reached:,} cannot be read ({error}). Rebuild the read models."
            ) from error
    for record in store.stream_records(stream, reached + 1, version) if reached < version else ():
        state = evolved(store, decider, state, record)
        since += len(record.data)
    return Folded(state, reached, size, since)


def evolved(store: EventStore, decider: AnyDecider, state: Any, record: Record) -> Any:
    """The state after `record`. An event that cannot be read changes nothing: it is reported where it is projected."""
    try:
        event = store.codec.domain_event(record)
    except Damaged:
        return state
    return decider.evolve(state, event)


def snapshots_of(cursor: Any, stream: str) -> Iterable[int]:
    """The versions of which there is a snapshot."""
    return [row[0] for row in cursor.execute("SELECT version FROM snapshot WHERE stream = ?", (stream,)).fetchall()]


class Known:
    """A stream as far as it has been projected; see `Folded`. `id` is the position of its first event."""

    __slots__ = ("category", "decider", "id", "since", "size", "snapshot", "state", "version")

    def __init__(self, id_: int, category: str, decider: AnyDecider | None) -> None:
        self.id, self.category, self.decider = id_, category, decider
        self.state: Any = decider.initial if decider else None
        self.version = self.snapshot = self.size = self.since = 0


class States:
    """The streams that the projector has reached; after a batch the least recently used are let go."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._snapshots: list[tuple[str, int, int, bytes]] = []

    def before(self, record: Essence, cursor: Any) -> Known:
        """The stream just before `record`, to be handed to `reached`."""
        stream = record.stream
        known = self._known.get(stream)
        if known is None:
            known = self._known[stream] = self._found(record, cursor)
        else:
            self._known.move_to_end(stream)
        if known.version != record.version - 1 and known.decider is not None:
            folded_to = _folded(self._store, cursor, known.decider, stream, record.version - 1)
            known.state, known.snapshot, known.size, known.since = folded_to
        return known

    def _found(self, record: Essence, cursor: Any) -> Known:
        category = category_of(record.stream)
        row = None
        if record.version > 1:
            row = cursor.execute("SELECT id FROM stream WHERE name = ?", (record.stream,)).fetchone()
        # A log that lacks the stream's first event is damaged, which the audit says; here it begins where it can.
        return Known(row[0] if row else record.position, category, self._store.codec.deciders.get(category))

    def reached(self, known: Known, record: Essence, state: Any) -> None:
        """Takes the state after `record`, and a snapshot of it where one is due."""
        known.version, known.state = record.version, state
        known.since += len(record.data)
        every = SNAPSHOT_EVERY if known.version < LONG else OF_LONG
        if known.version - known.snapshot >= every and known.since * WEIGHT >= known.size:
            document = _encode(state)
            known.snapshot, known.size, known.since = known.version, len(document), 0
            self._snapshots.append((record.stream, known.version, known.size, zlib.compress(document, 1)))

    def flush(self, cursor: Any) -> None:
        cursor.executemany("INSERT OR IGNORE INTO snapshot VALUES (?, ?, ?, ?)", self._snapshots)
        self._snapshots.clear()
        # Not earlier: of a stream that began in this batch the tables did not know yet.
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    def forget(self) -> None:
        self._known.clear()
        self._snapshots.clear()
