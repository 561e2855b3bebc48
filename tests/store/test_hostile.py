"""Files that somebody made to harm whoever opens them: refused in words, or read safely, in 5 s and 512 MB.

What could take long or much is opened and read in a process of its own, which may not take more and is watched.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.errors import Damaged, ReadOnly
from explorer.store import schema
from explorer.store.engine import driver
from explorer.store.event_store import EventStore
from tests.store.damage import EVENTS, grow, made, opened
from tests.store.sources import event

SECONDS = 5
MEMORY = 512 * 1024 * 1024
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
VICTIM = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.store.damage import opened
from explorer.errors import KnownError
from explorer.language.syntax import Word
from explorer.store.filtering import sieve
before = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (before + {memory}, before + {memory}))
try:
    store = opened(Path({path!r}))
    after = 0
    while page := store.read_all(after):
        after = page[-1].position
    for name in store.streams():
        for record in store.stream_records(name):
            pass
    store.search(sieve(Word("nothing")), 0, 10_000)
    print("read", after, store.read_only_reason)
    store.close()
except KnownError as error:
    print(type(error).__name__, error)
"""


def victim(path: Path) -> str:
    """What opening and reading the whole file says; fails if it takes too long or too much."""
    program = VICTIM.format(root=str(Path(__file__).parents[2]), memory=MEMORY, path=str(path))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


def change(path: Path, *statements: str, values: tuple[Any, ...] = ()) -> None:
    """What an attacker does: the schema is a table like any other to him."""
    connection = driver.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA writable_schema = ON")
    for statement in statements:
        connection.execute(statement, values if "?" in statement else ())
    connection.close()


def redefined(path: Path, name: str, old: str, new: str) -> None:
    change(path, f"UPDATE sqlite_schema SET sql = replace(sql, '{old}', '{new}') WHERE name = '{name}'")


def view(name: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        sql = f"CREATE VIEW {name} AS {ENDLESS} SELECT x AS position FROM n"
        change(
            path,
            f"DELETE FROM sqlite_schema WHERE tbl_name = '{name}'",
            "INSERT INTO sqlite_schema VALUES ('view', ?1, ?1, 0, ?2)",
            values=(name, sql),
        )

    return make


def sql(*statements: str) -> Callable[[Path], None]:
    return lambda path: change(path, *statements)


def column(old: str, new: str) -> Callable[[Path], None]:
    return lambda path: redefined(path, "events", old, new)


def same_place(path: Path) -> None:
    change(path, "UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'head'")


def own_trigger(path: Path) -> None:
    """One of ours by its name, with another's body."""
    old = "SELECT RAISE(ABORT, ''the head of a store is never deleted'')"
    redefined(path, "head_is_never_deleted", old, "UPDATE head SET size = 0")


def pages_claimed(path: Path) -> None:
    with path.open("rb+") as file:
        file.seek(28)
        file.write(b"\xff\xff\xff\xf0")


def thousand_tables(path: Path) -> None:
    change(path, *(f"CREATE TABLE t{number} (x)" for number in range(1_000)))


def long_schema(path: Path) -> None:
    columns = ", ".join(f"column_{number:0900} TEXT" for number in range(1_900))
    change(path, *(f"CREATE TABLE t{number} ({columns})" for number in range(10)))


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "endless view for events": (view("events"), "not as a store is made"),
    "endless view for head": (view("head"), "not as a store is made"),
    "a view beside": (sql(f"CREATE VIEW other AS {ENDLESS} SELECT x FROM n"), "view other"),
    "a trigger with side effects": (
        sql("CREATE TRIGGER more AFTER INSERT ON events BEGIN UPDATE head SET size = 7; END"), "trigger more"),
    "a trigger that calls itself": (
        sql("CREATE TRIGGER again AFTER UPDATE ON head BEGIN UPDATE head SET time = time + 1; END"), "trigger again"),
    "a guard of another body": (own_trigger, "trigger head_is_never_deleted is not that"),
    "a generated column": (
        column("leaf BLOB NOT NULL", "leaf BLOB AS (hex(data)) STORED NOT NULL"), "table events is not"),
    "no types": (column("STRICT", ""), "table events is not"),
    "a default": (column("origin TEXT", "origin TEXT DEFAULT (randomblob(9))"), "table events is not"),
    "a virtual table": (sql("CREATE VIRTUAL TABLE words USING fts5(word)"), "table words"),
    "a table beside": (sql("CREATE TABLE other (x)"), "table other"),
    "an index that may lie": (sql("CREATE INDEX lying ON events (type) WHERE 0"), "index lying"),
    "an index by an expression": (sql("CREATE INDEX lying ON events (abs(position))"), "index lying"),
    "two tables in one place": (same_place, "the same place"),
    "claims of pages": (pages_claimed, "is damaged"),
    "a thousand tables": (thousand_tables, "more things differ"),
    "a schema of 17 MB": (long_schema, "more things differ"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_only_looks_like_a_store_is_refused_in_words_and_not_touched(path: Path, kind: str) -> None:
    make, says = REFUSED[kind]
    made(path)
    make(path)
    before = path.read_bytes()
    if any(word in kind for word in ("endless", "thousand", "MB")):
        said = victim(path)
        assert said.startswith("Damaged ")
    else:
        with pytest.raises(Damaged) as refused:
            opened(path)
        said = str(refused.value)
    assert says in said
    assert path.read_bytes() == before


GUARDS = ("events_are_never_updated", "events_are_never_deleted", "events_are_only_appended", "head_is_never_deleted")


@pytest.mark.parametrize("guard", GUARDS)
def test_a_store_without_a_guard_is_read_and_never_written(path: Path, guard: str) -> None:
    made(path)
    change(path, f"DROP TRIGGER {guard}")
    before = path.read_bytes()
    store = opened(path)
    assert store.read_only
    assert f"its trigger {guard} is missing" in store.read_only_reason
    assert store.schema_faults() == [f"its trigger {guard} is missing"]
    assert len(store.records(0, 1_000)) == EVENTS
    with pytest.raises(ReadOnly, match=guard):
        store.append("cart-new", 0, [event()])
    store.close()
    assert path.read_bytes() == before


def test_a_store_as_it_was_made_has_no_faults_and_is_written_to(store: EventStore) -> None:
    grow(store, 24)
    assert store.schema_faults() == []
    assert store.read_only_reason == ""
    assert not store.read_only


def test_faults_that_come_up_later_are_found_as_well(store: EventStore, path: Path) -> None:
    change(path, "DROP TRIGGER events_are_never_deleted", "CREATE TABLE other (x)")
    assert store.schema_faults() == [
        "its trigger events_are_never_deleted is missing",
        "it has the table other, which no store has",
    ]


def test_statistics_are_nothing_strange(path: Path) -> None:
    made(path)
    change(path, "ANALYZE")
    store = opened(path)
    assert not store.read_only
    store.close()


def put(path: Path, **changed: object) -> None:
    """Adds a row that has no guard to pass, with these columns."""
    triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    connection = driver.connect(str(path), isolation_level=None)
    kept = connection.execute(triggers).fetchall()
    for name, _ in kept:
        connection.execute(f"DROP TRIGGER {name}")
    row: dict[str, object] = {
        "position": EVENTS + 1, "stream": "cart-new", "version": 1, "id": b"0123456789abcdef", "type": "NoteChanged",
        "schema_version": 1, "occurred_at": 1, "recorded_at": 1, "data": b"{}", "actor": "ann", "reason": "",
        "correlation_id": None, "causation_id": None, "origin": "", "leaf": bytes(32),
    } | changed  # fmt: skip
    connection.execute(
        f"INSERT INTO events ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
    )
    for _, made_by in kept:
        connection.execute(made_by)
    connection.close()


ROWS: dict[str, dict[str, object]] = {
    "30 MB of data": {"data": b"x" * 30_000_000},
    "30 MB of a name": {"actor": "x" * 30_000_000},
    "JSON 10,000 deep": {"data": b'{"a":' * 10_000 + b"1" + b"}" * 10_000},
    "lists 500,000 deep": {"data": b'{"a":' + b"[" * 500_000 + b"]" * 500_000 + b"}"},
    "no JSON": {"data": b"{"},
    "not UTF-8": {"data": b'{"a":"\xff"}'},
    "an endless number": {"data": b'{"a":' + b"9" * 500_000 + b"}"},
    "a short id": {"id": b"short"},
    "a long id": {"correlation_id": b"x" * 1_000},
    "times beyond any calendar": {"occurred_at": 2**63 - 1, "recorded_at": -(2**63)},
    "the last position there is": {"position": 2**63 - 1},
    "a position before the first": {"position": -5},
    "numbers beyond any log": {"version": 2**63 - 1, "schema_version": -1},
    "NUL": {"stream": "cart\0-1", "type": "\0", "data": b'{"a":"\\u0000"}'},
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_that_no_append_would_write_is_read_or_refused(path: Path, kind: str) -> None:
    made(path)
    put(path, **ROWS[kind])
    said = victim(path)
    assert said.startswith(("Damaged ", "read "))
    assert ("larger than any event" in said) is ("MB" in kind)


def test_a_type_that_the_table_does_not_allow_is_told(path: Path) -> None:
    """STRICT keeps it out when it is written; the bytes of the file may say otherwise."""
    _, data = made(path)
    # In the header of its row: the reason's serial type, a text of 9, becomes that of a BLOB of 9.
    at = data.index(b"reason 99")
    row = data.rindex(b"NoteChanged", 0, at)
    types = data.rindex(bytes([13 + 2 * 11]), 0, row)
    place = data.index(bytes([13 + 2 * 9]), types, row)
    path.write_bytes(data[:place] + bytes([12 + 2 * 9]) + data[place + 1 :])
    store = opened(path)
    with pytest.raises(Damaged, match="a type that no event has"):
        store.records(0, 1_000)
    store.close()


def test_many_rows_that_share_one_large_page_chain_do_not_fill_the_memory(path: Path) -> None:
    """2,000 events of a megabyte each, all but the first by the same pages."""
    store = opened(path)
    store.append("cart-0", 0, [event(note="x" * 1_000_000)])
    store.append("cart-0", 1, [event(note="y" * 3) for _ in range(100)])
    assert sum(len(page.data) for page in store.records(0, 1_000)) < 1_100_000
    store.append("cart-0", 101, [event(note="x" * 1_000_000) for _ in range(150)])
    page = store.records(101, 1_000)
    assert 60 < len(page) < 70
    assert len(list(store.stream_records("cart-0"))) == 251
    store.close()


def test_the_head_may_be_anything(path: Path) -> None:
    for wrong in ("size = -1", "size = 3", "frontier = x'00'", "store_id = x'0000'", "size = 9223372036854775807"):
        made(path)
        change(path, f"UPDATE head SET {wrong}")
        with pytest.raises(Damaged, match="its head, which tells where the log ends, is no head"):
            opened(path)
    made(path)
    change(path, "DROP TRIGGER head_is_never_deleted", "DELETE FROM head")
    with pytest.raises(Damaged, match="is no head"):
        opened(path)


def test_what_a_store_should_be_is_learnt_once_and_quickly() -> None:
    connection = driver.connect(":memory:")
    found = schema.differences(connection.cursor(), schema.NEWEST)
    assert {difference.is_guard for difference in found} == {True, False}
    assert len(found) >= 6
    assert schema.differences(connection.cursor(), 0) == []
    connection.close()
