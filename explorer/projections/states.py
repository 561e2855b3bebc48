"""States of streams, folded as little as possible: kept in memory, or from the nearest snapshot in the cache."""

from collections import OrderedDict
from typing import Any, cast

import msgspec

from explorer.domain.decider import AnyDecider
from explorer.errors import Damaged
from explorer.store.codec import Record
from explorer.store.event_store import EventStore

SNAPSHOT_EVERY = 100
"""Versions between two snapshots of a stream."""
KEPT = 2_000
"""States kept in memory."""

_encode = msgspec.json.Encoder().encode


def folded(store: EventStore, cursor: Any, decider: AnyDecider, stream: str, version: int) -> Any:
    """The state of `stream` at `version`: the nearest snapshot before, and the events since."""
    row = cursor.execute(
        "SELECT version, state FROM snapshot WHERE stream = ? AND version <= ? ORDER BY version DESC LIMIT 1",
        (stream, version),
    ).fetchone()
    state: Any = decider.initial
    reached = 0
    if row:
        kind = cast("Any", type(decider.initial))
        reached, state = row[0], msgspec.json.decode(row[1], type=kind)
    for record in store.stream_records(stream, reached + 1, version):
        state = evolved(store, decider, state, record)
    return state


def evolved(store: EventStore, decider: AnyDecider, state: Any, record: Record) -> Any:
    """The state after `record`. An event that cannot be read changes nothing: it is reported where it is projected."""
    try:
        event = store.codec.domain_event(record)
    except Damaged:
        return state
    return decider.evolve(state, event)


class States:
    """The states the projector has reached, stream by stream; the least recently used are let go."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._states: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._snapshots: list[tuple[str, int, bytes]] = []

    def before(self, record: Record, decider: AnyDecider, cursor: Any) -> Any:
        """The state just before `record`."""
        known = self._states.get(record.stream)
        if known is not None and known[0] == record.version - 1:
            self._states.move_to_end(record.stream)
            return known[1]
        if record.version == 1:
            return decider.initial
        return folded(self._store, cursor, decider, record.stream, record.version - 1)

    def reached(self, record: Record, state: Any) -> None:
        self._states[record.stream] = record.version, state
        if len(self._states) > KEPT:
            self._states.popitem(last=False)
        if record.version % SNAPSHOT_EVERY == 0:
            self._snapshots.append((record.stream, record.version, _encode(state)))

    def flush(self, cursor: Any) -> None:
        cursor.executemany("INSERT OR IGNORE INTO snapshot VALUES (?, ?, ?)", self._snapshots)
        self._snapshots.clear()

    def forget(self) -> None:
        self._states.clear()
        self._snapshots.clear()
