"""States of streams, folded as little as possible: kept in memory, or from the nearest snapshot in the cache."""

import zlib
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import msgspec

from explorer.domain.decider import AnyDecider
from explorer.errors import Damaged
from explorer.store.codec import Record
from explorer.store.event_store import EventStore

SNAPSHOT_EVERY = 50
"""Versions between two snapshots of a stream at the least."""
WEIGHT = 8
"""A snapshot may weigh so many times what the events since the last one do: a great state is written less often, and
the snapshots of a stream that grows and grows do not grow with its square."""
KEPT = 2_000
"""States kept in memory."""

TABLE = """CREATE TABLE snapshot (
    stream TEXT NOT NULL, version INTEGER NOT NULL, size INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (stream, version)) STRICT, WITHOUT ROWID"""
_NEAREST = "SELECT version, size, state FROM snapshot WHERE stream = ? AND version <= ? ORDER BY version DESC LIMIT 1"

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
    row = cursor.execute(_NEAREST, (stream, version)).fetchone()
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


class Kept:
    """The state a stream has reached in memory; see `Folded`."""

    __slots__ = ("since", "size", "snapshot", "state", "version")

    def __init__(self, version: int, state: Any, snapshot: int = 0, size: int = 0, since: int = 0) -> None:
        self.version, self.state, self.snapshot, self.size, self.since = version, state, snapshot, size, since


class States:
    """The states the projector has reached, stream by stream; the least recently used are let go."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._snapshots: list[tuple[str, int, int, bytes]] = []

    def before(self, record: Record, decider: AnyDecider, cursor: Any) -> Kept:
        """The state just before `record`, to be handed to `reached`."""
        kept = self._kept.get(record.stream)
        if kept is not None and kept.version == record.version - 1:
            self._kept.move_to_end(record.stream)
            return kept
        if record.version == 1:
            kept = Kept(0, decider.initial)
        else:
            found = _folded(self._store, cursor, decider, record.stream, record.version - 1)
            kept = Kept(record.version - 1, *found)
        self._kept[record.stream] = kept
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return kept

    def reached(self, kept: Kept, record: Record, state: Any) -> None:
        """Takes the state after `record`, and a snapshot where one is due."""
        kept.version, kept.state = record.version, state
        kept.since += len(record.data)
        if kept.version - kept.snapshot >= SNAPSHOT_EVERY and kept.since * WEIGHT >= kept.size:
            document = _encode(state)
            kept.snapshot, kept.size, kept.since = kept.version, len(document), 0
            self._snapshots.append((record.stream, kept.version, kept.size, zlib.compress(document, 1)))

    def flush(self, cursor: Any) -> None:
        cursor.executemany("INSERT OR IGNORE INTO snapshot VALUES (?, ?, ?, ?)", self._snapshots)
        self._snapshots.clear()

    def forget(self) -> None:
        self._kept.clear()
        self._snapshots.clear()
