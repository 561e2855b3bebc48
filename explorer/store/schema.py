"""The event file's tables, its triggers, and the numbered steps that lead to them.

`events` is append-only in the database itself, for every program that opens the file: UPDATE and DELETE abort, and so
does an INSERT that is not the next position and version or would replace a row (INSERT OR REPLACE fires no DELETE
trigger). `head` is the one row that changes: an append locks it first, so positions are gapless and in commit order.

What a file has of all this is compared with what the steps make, before anything is asked of it: a view under the name
of a table may never end, and a trigger of somebody else's runs with our rights.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
)

from explorer.store.engine import driver

APPLICATION_ID = 0x45764578
"""`EvEx`, in the file's header."""

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("stream", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("occurred_at", Integer, nullable=False),
    Column("recorded_at", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("correlation_id", LargeBinary),
    Column("causation_id", LargeBinary),
    Column("origin", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version"),
    sqlite_strict=True,
)

head = Table(
    "head",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
    Column("store_id", LargeBinary, nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("time", Integer, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    sqlite_strict=True,
)

_APPEND_ONLY = (
    """CREATE TRIGGER events_are_never_updated BEFORE UPDATE ON events BEGIN
        SELECT RAISE(ABORT, 'events are immutable: append a compensating event instead of an UPDATE'); END""",
    """CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events BEGIN
        SELECT RAISE(ABORT, 'events are immutable: append a compensating event instead of a DELETE'); END""",
    """CREATE TRIGGER events_are_only_appended BEFORE INSERT ON events
        WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
          OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
          OR NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM events WHERE stream = NEW.stream) BEGIN
        SELECT RAISE(ABORT, 'events are only appended: this is not the next position or version, or replaces an event');
        END""",
    """CREATE TRIGGER head_is_never_deleted BEFORE DELETE ON head BEGIN
        SELECT RAISE(ABORT, 'the head of a store is never deleted'); END""",
)


def _step_1(connection: Connection) -> None:
    metadata.create_all(connection)
    for trigger in _APPEND_ONLY:
        connection.exec_driver_sql(trigger)


STEPS = (_step_1,)
"""Step n leads from schema version n - 1 to n."""
NEWEST = len(STEPS)


def migrate(connection: Connection, version: int) -> None:
    """Runs the steps after `version` inside the caller's transaction; `user_version` is the record that they ran."""
    for step in STEPS[version:]:
        step(connection)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {NEWEST}")


class Difference(NamedTuple):
    """One thing that a file has otherwise than a store of its schema version.

    `is_guard`: only a trigger is missing that would have kept events from being changed; reading is as safe as ever.
    """

    words: str
    is_guard: bool = False


MOST_OBJECTS = 200
"""Rows of a file's schema that are looked at: ours has far fewer, and somebody else's may be endless."""
_READ = f"SELECT type, name, tbl_name, rootpage, substr(sql, 1, 10000) FROM sqlite_schema LIMIT {MOST_OBJECTS}"
_PLANNER = frozenset({"sqlite_stat1", "sqlite_stat4"})
"""What ANALYZE makes. SQLite knows the tables by these names and takes no others for them."""


def differences(cursor: Any, version: int) -> list[Difference]:
    """How the file behind a driver's cursor differs from a store of schema version `version`."""
    rows = cursor.execute(_READ).fetchall()
    found = {(kind, name): (table, _normal(sql)) for kind, name, table, _, sql in rows if name not in _PLANNER}
    expected = _expected(version)
    result = [_missing(kind, name) for kind, name in expected if (kind, name) not in found]
    result += [
        Difference(f"it has the {kind} {name!s:.80}, which no store has")
        for kind, name in found
        if (kind, name) not in expected
    ]
    result += [
        Difference(f"its {kind} {name} is not that of a store")
        for (kind, name), made in expected.items()
        if found.get((kind, name), made) != made
    ]
    places = [place for kind, _, _, place, _ in rows if kind in ("table", "index")]
    if len({*places}) < len(places) or not all(isinstance(place, int) and place > 1 for place in places):
        result.append(Difference("two of its tables or indexes lie in the same place"))
    return result


def faults(connection: Connection) -> list[str]:
    """What a store's file has otherwise than it should, each a clause in words; empty if all is as it was made.

    Missing, changed or foreign tables, indexes, triggers and views.
    """
    cursor = connection.connection.cursor()
    version = cursor.execute("PRAGMA user_version").fetchone()[0]
    return [difference.words for difference in differences(cursor, version)]


def _missing(kind: str, name: str) -> Difference:
    return Difference(f"its {kind} {name} is missing", is_guard=kind == "trigger")


def _normal(sql: object) -> str:
    return " ".join(str(sql or "").split())


@lru_cache
def _expected(version: int) -> dict[tuple[str, str], tuple[str, str]]:
    """Kind and name → table and normalised SQL of all that the steps up to `version` make."""
    engine = create_engine("sqlite://", module=driver)
    try:
        with engine.begin() as connection:
            for step in STEPS[: max(version, 0)]:
                step(connection)
            rows: Iterable[Any] = connection.exec_driver_sql(_READ).fetchall()
    finally:
        engine.dispose()
    return {(kind, name): (table, _normal(sql)) for kind, name, table, _, sql in rows}
