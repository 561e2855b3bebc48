"""What must hold of a store and its cache, whatever befell the processes that wrote to them."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from explorer.application.outside import Outside, new_id, now
from explorer.application.session import Session
from explorer.domain.deciders import DECIDERS
from explorer.projections.log import Facets
from explorer.proof import merkle
from explorer.store.codec import Codec, Record, leaf_bytes
from explorer.store.engine import driver
from explorer.store.event_store import EventStore

STORE = "shop.events"
BATCH = "all or none of "
"""Reason of the events of a batch, followed by their number; they have one correlation id."""


class Found(NamedTuple):
    """A sound store's events."""

    records: Sequence[Record]
    ids: frozenset[str]


def store_at(folder: Path, **options: Any) -> EventStore:
    return EventStore(folder / STORE, Codec(DECIDERS), now, new_id, **options)


def session_at(folder: Path) -> Session:
    return Session(folder / STORE, cache=folder / "cache", create=True, world=Outside(now, new_id))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def inspect(folder: Path, acknowledged: Collection[str] = ()) -> Found:
    """Opens the store anew and looks at every event. Fails where anything is lost, doubled, torn or out of place."""
    store = store_at(folder)
    try:
        head, records = store.head(), list[Record]()
        # A page of large events ends early.
        while page := store.records(len(records), 1_000_000):
            records += page
    finally:
        store.close()
    connection = driver.connect(str(folder / STORE))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    ids = check_records(records)
    assert (head.size, head.root) == (len(records), root_of(records))
    lost = set(acknowledged) - ids
    assert not lost, f"{len(lost)} acknowledged events are lost"
    return Found(records, ids)


def check_records(records: Sequence[Record]) -> frozenset[str]:
    """Positions, versions, hashes, ids and batches of a whole log; the ids."""
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    versions, batches = Counter[str](), dict[bytes, list[Record]]()
    for record in records:
        versions[record.stream] += 1
        assert record.version == versions[record.stream], f"{record.stream} has a gap before {record.version}"
        assert record.leaf == merkle.leaf_hash(leaf_bytes(record)), f"event {record.position} is not what was hashed"
        if record.reason.startswith(BATCH) and record.correlation_id:
            batches.setdefault(record.correlation_id, []).append(record)
    ids = frozenset(str(UUID(bytes=record.id)) for record in records)
    assert len(ids) == len(records)
    for batch in batches.values():
        assert {record.reason for record in batch} == {f"{BATCH}{len(batch)}"}, "a batch is torn"
        assert batch[-1].position - batch[0].position == len(batch) - 1, "a batch is not together"
    return ids


def root_of(records: Sequence[Record]) -> bytes:
    frontier: list[bytes] = []
    merkle.extend(frontier, 0, [record.leaf for record in records])
    return merkle.root(frontier)


def inspect_cache(folder: Path) -> None:
    """The cache catches up from wherever it is, and says the same as one that is built from nothing."""
    with session_at(folder) as session:
        session.catch_up()
        caught_up = _tables(session)
        session.rebuild()
        rebuilt = _tables(session)
    assert caught_up.keys() == rebuilt.keys()
    for table, rows in caught_up.items():
        assert rows == rebuilt[table], f"{table} is not what a rebuild makes it"


_FACETS = {
    "facet": "SELECT kind, value FROM facet",
    "mark": f"SELECT kind, value, mark.id % {Facets.VALUES}, offsets "
    f"FROM mark JOIN facet ON facet.id = mark.id / {Facets.VALUES}",
    "activity": "SELECT level, bucket, value, events FROM activity JOIN facet ON facet.id = activity.type",
}
"""Without the numbers of the facets, which are given in the order in which batches come upon them."""


def _tables(session: Session) -> dict[str, list[str]]:
    with session.asking() as connection:
        cursor = connection.connection.cursor()
        # Who rebuilds is no read model: a word of one who was killed may be left.
        sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'rebuild'"
        names = [row[0] for row in cursor.execute(sql).fetchall()]
        asked = {name: _FACETS.get(name, f"SELECT * FROM {name}") for name in names}
        return {name: sorted(map(repr, cursor.execute(sql).fetchall())) for name, sql in asked.items()}
