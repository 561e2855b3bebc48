"""The event file's tables, its triggers, and the numbered steps that lead to them.

`events` is append-only in the database itself, for every program that opens the file: UPDATE and DELETE abort, and so
does an INSERT that is not the next position and version or would replace a row (INSERT OR REPLACE fires no DELETE
trigger). `head` is the one row that changes: an append locks it first, so positions are gapless and in commit order.
"""

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
)

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


def faults(connection: Connection) -> list[str]:
    """What differs from what the steps make; sentences without full stop."""
    del connection
    return []
