"""The verbs: append, read a stream, read all, head. All or nothing, never lost, never changed."""

import multiprocessing
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from explorer.domain.deciders import DECIDERS
from explorer.domain.event import Event
from explorer.errors import BadInput, Busy, Conflict, Damaged, Missing, ReadOnly, StorageFailed
from explorer.proof import merkle
from explorer.store.codec import Codec, leaf_bytes
from explorer.store.engine import driver
from explorer.store.event_store import PAGE, Append, EventStore
from tests.store.sources import ANN, Sources, event


def raw(path: Path) -> Any:
    """The file as any other program sees it."""
    return driver.connect(str(path), isolation_level=None)


def test_an_event_is_read_as_it_was_appended(store: EventStore) -> None:
    (appended,) = store.append("cart-1", 0, [event(note="a", previous_note="")])
    (read,) = store.read_stream("cart-1")
    assert read == appended
    assert (read.position, read.version, read.type, read.metadata) == (1, 1, "NoteChanged", ANN)
    assert read.data == {"note": "a", "previous_note": ""}
    assert read.occurred_at == read.recorded_at
    assert read.id.version == 7


def test_an_importer_says_when_it_happened(store: EventStore) -> None:
    given = event()
    (read,) = store.append("cart-1", 0, [type(given)("X", {}, ANN, occurred_at=12)])
    assert read.occurred_at == 12
    assert read.recorded_at > 12


def test_positions_and_versions_count_from_one_without_gaps(store: EventStore) -> None:
    for number in range(1, 4):
        store.append("cart-1", number - 1, [event()])
        store.append_all([Append(f"cart-{number + 1}", 0, [event(), event()]), Append("note-x", number - 1, [event()])])
    events = store.read_all()
    assert [e.position for e in events] == list(range(1, 13))
    assert [e.version for e in store.read_stream("note-x")] == [1, 2, 3]
    assert store.head().size == 12


def test_reading_goes_on_where_it_stopped_and_takes_bounds(store: EventStore) -> None:
    store.append("cart-1", 0, [event() for _ in range(PAGE + 5)])
    assert [e.position for e in store.read_all(after=3, limit=2)] == [4, 5]
    assert sum(1 for _ in store.read_stream("cart-1")) == PAGE + 5
    assert [e.version for e in store.read_stream("cart-1", PAGE - 1, PAGE + 1)] == [PAGE - 1, PAGE, PAGE + 1]
    assert list(store.read_stream("cart-none")) == []
    assert [r.position for r in store.records_before(4, 2)] == [2, 3]
    assert [r.position for r in store.records_at([5, 2, 10**9])] == [2, 5]


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_wrong_expected_version_is_a_conflict_with_both_numbers(store: EventStore, expected: int) -> None:
    store.append("cart-1", 0, [event(), event()])
    with pytest.raises(Conflict, match=rf"version 2.*expected version {expected}") as found:
        store.append("cart-1", expected, [event()])
    assert (found.value.stream, found.value.expected, found.value.actual) == ("cart-1", expected, 2)
    assert store.head().size == 2


def test_an_append_to_several_streams_is_all_or_nothing(store: EventStore) -> None:
    store.append("cart-2", 0, [event()])
    with pytest.raises(Conflict):
        store.append_all([Append("cart-1", 0, [event()]), Append("cart-2", 0, [event()])])
    assert list(store.read_stream("cart-1")) == []
    assert store.head().size == 1


def test_one_stream_may_be_appended_to_twice_in_one_transaction(store: EventStore) -> None:
    store.append_all([Append("a-1", 0, [event()]), Append("b-1", 0, [event()]), Append("a-1", 1, [event()])])
    assert [(e.stream, e.version) for e in store.read_all()] == [("a-1", 1), ("b-1", 1), ("a-1", 2)]


def test_a_stream_that_gets_no_events_is_looked_at_all_the_same(store: EventStore) -> None:
    store.append("cart-1", 0, [event()])
    store.append_all([Append("cart-1", 1, []), Append("cart-2", 0, [event()])])
    with pytest.raises(Conflict) as conflict:
        store.append_all([Append("cart-1", 0, []), Append("cart-2", 1, [event()])])
    assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == ("cart-1", 0, 1)
    assert store.head().size == 2


def test_after_a_refusal_the_next_append_goes_through(store: EventStore) -> None:
    (first,) = store.append("cart-1", 0, [event()])
    again = type(event())("X", {}, ANN, id=first.id)
    for stream, version, bad in (("cart-1", 0, event()), ("cart-2", 0, again)):
        with pytest.raises((Conflict, BadInput)):
            store.append(stream, version, [bad])
        store.append(f"{stream}-after", 0, [event()])
    assert [e.position for e in store.read_all()] == [1, 2, 3]


def test_threads_that_append_at_once_lose_nothing(store: EventStore) -> None:
    def append(number: int) -> list[Event]:
        return store.append(f"cart-{number}", 0, [event(), event()])

    with ThreadPoolExecutor(4) as threads:
        done = threads.map(append, range(40))
        positions = sorted(e.position for events in done for e in events)
    assert positions == list(range(1, 81))
    assert [e.position for e in store.read_all()] == positions


def test_the_latest_of_several_streams(store: EventStore) -> None:
    store.append_all([Append("a-1", 0, [event(), event()]), Append("b-1", 0, [event()])])
    found = store.latest(["a-1", "none-1", "b-1"])
    assert {name: (record.position, record.version) for name, record in found.items()} == {"a-1": (2, 2), "b-1": (3, 1)}


def test_an_event_id_is_recorded_once(store: EventStore) -> None:
    (first,) = store.append("cart-1", 0, [event()])
    again = type(event())("X", {}, ANN, id=first.id)
    with pytest.raises(BadInput, match=rf"{first.id} at position 1"):
        store.append("cart-2", 0, [again])
    assert store.head().size == 1


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (lambda: event(price=cast("Any", 2.5)), "float"),
        (lambda: event(big=2**53), "beyond"),
        (lambda: event(text="\ud800"), "surrogate"),
        (lambda: event(text="x" * 1_100_000), "bytes"),
        (lambda: event(""), "event type is empty"),
        (lambda: event("T" * 1_001), "may have"),
        (lambda: type(event())("X", {}, ANN, occurred_at=10**18), "years"),
        (lambda: type(event())("X", {}, ANN, schema_version=0), "schema version"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_the_reason(store: EventStore, bad: Callable[[], Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        store.append("cart-1", 0, [event(), bad()])
    assert store.head().size == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'nobody'",
        "UPDATE events SET position = 9 WHERE position = 1",
        "DELETE FROM events WHERE position = 2",
        "DELETE FROM events",
        "DELETE FROM head",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 1",
        "INSERT OR REPLACE INTO events SELECT 3, stream, version, id, type, schema_version, occurred_at, recorded_at, "
        "data, actor, reason, correlation_id, causation_id, origin, leaf FROM events WHERE position = 1",
        "INSERT INTO events SELECT 7, stream, 9, randomblob(16), type, schema_version, occurred_at, recorded_at, "
        "data, actor, reason, correlation_id, causation_id, origin, leaf FROM events WHERE position = 1",
        "INSERT INTO events SELECT 3, stream, 9, randomblob(16), type, schema_version, occurred_at, recorded_at, "
        "data, actor, reason, correlation_id, causation_id, origin, leaf FROM events WHERE position = 1",
    ],
)
def test_history_cannot_be_changed_by_any_program(store: EventStore, path: Path, statement: str) -> None:
    store.append("cart-1", 0, [event(), event()])
    before = store.records()
    other = raw(path)
    with pytest.raises(driver.IntegrityError, match=r"events are|never deleted"):
        other.execute(statement)
    other.close()
    assert store.records() == before


def test_every_leaf_is_the_hash_of_its_event_and_the_head_has_the_root(store: EventStore) -> None:
    store.append("cart-1", 0, [event() for _ in range(11)])
    leaves = [merkle.leaf_hash(leaf_bytes(record)) for record in store.records()]
    assert leaves == [record.leaf for record in store.records()]
    frontier: list[bytes] = []
    for number, leaf in enumerate(leaves):
        merkle.push(frontier, number, leaf)
    assert store.head().root == merkle.root(frontier)


def test_the_head_has_the_greatest_time_though_clocks_go_back(store: EventStore) -> None:
    for time in (50, 10, 70, 20):
        store.append(f"cart-{time}", 0, [type(event())("X", {}, ANN, occurred_at=time)])
    assert store.head().time == 70


def test_version_at_is_the_last_version_up_to_a_position(store: EventStore) -> None:
    for number in range(20):
        store.append("a-1", number, [event()])
        store.append("b-1", number, [event()])
    for position in range(42):
        assert store.version_at("a-1", position) == min(20, (position + 1) // 2)
    assert store.version_at("none", 10) == 0


def test_streams_are_listed_in_order_of_name(store: EventStore) -> None:
    names = [f"cart-{number}" for number in (3, 1, 2)] + ["zebra-1"]
    store.append_all([Append(name, 0, [event(), event()]) for name in names])
    assert store.streams() == sorted(names)
    assert store.streams("cart-1", 2) == ["cart-2", "cart-3"]


def test_an_old_item_added_is_read_with_the_currency_it_was_in(store: EventStore) -> None:
    old = type(event())("ItemAdded", {"sku": "mug", "quantity": 2, "unit_price": 399}, ANN, schema_version=1)
    store.append("cart-1", 0, [old])
    (read,) = store.read_stream("cart-1")
    assert (read.schema_version, read.data["currency"]) == (2, "GBP")
    assert store.records()[0].schema_version == 1
    assert b"currency" not in store.records()[0].data
    assert store.codec.domain_event(store.records()[0]).currency == "GBP"


@pytest.mark.parametrize(
    ("kind", "version", "data"),
    [("ItemTeleported", 1, {}), ("ItemAdded", 9, {}), ("ItemRemoved", 1, {"sku": 5}), ("ItemAdded", 1, {"sku": "a"})],
)
def test_an_event_nobody_understands_is_damage_with_its_position(
    store: EventStore, kind: str, version: int, data: dict[str, Any]
) -> None:
    store.append("cart-1", 0, [type(event())(kind, data, ANN, schema_version=version)])
    with pytest.raises(Damaged, match=r"event 1 |Event 1 "):
        store.codec.domain_event(store.records()[0])


def test_bytes_that_no_writer_of_ours_would_leave_are_damage_in_words(store: EventStore, path: Path) -> None:
    store.append("cart-1", 0, [event(), event(), event()])
    other = raw(path)
    for name in ("events_are_never_updated", "events_are_never_deleted"):
        other.execute(f"DROP TRIGGER {name}")
    other.execute("UPDATE events SET id = x'00', data = ? WHERE position = 1", (b"[" * 100_000,))
    other.execute("DELETE FROM events WHERE position = 2")
    with pytest.raises(Damaged, match=r"event 1"):
        store.codec.event(store.records()[0])
    with pytest.raises(Damaged, match=r"event 1"):
        store.codec.event(store.records()[0]._replace(data=b"{}"))
    assert [store.version_at("cart-1", position) for position in range(5)] == [0, 1, 1, 3, 3]
    other.execute("UPDATE events SET actor = CAST(x'ff' AS TEXT) WHERE position = 3")
    other.close()
    with pytest.raises(Damaged):
        store.records()


def test_a_category_without_decider_is_read_as_it_is(store: EventStore) -> None:
    store.append("weather-leeds", 0, [event("RainFell", millimetres=3)])
    assert store.codec.domain_event(store.records()[0]).data == {"millimetres": 3}


def test_a_read_only_store_is_read_and_never_written(store: EventStore, path: Path) -> None:
    store.append("cart-1", 0, [event()])
    sources = Sources(1)
    reader = EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id, read_only=True)
    with pytest.raises(ReadOnly):
        reader.append("cart-1", 1, [event()])
    assert [e.position for e in reader.read_all()] == [1]
    reader.close()


def test_a_missing_store_is_not_made_by_a_reader_nor_in_a_missing_folder(path: Path, tmp_path: Path) -> None:
    sources = Sources()
    with pytest.raises(Missing):
        EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id, read_only=True)
    with pytest.raises(Missing, match="no folder"):
        EventStore(tmp_path / "no" / "x.events", Codec(DECIDERS), sources.clock, sources.new_id)
    assert list(tmp_path.iterdir()) == []


def test_a_store_in_use_is_said_to_be_busy_and_nothing_is_lost(
    store: EventStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.store.writer.PATIENCE", 0.05)
    sources = Sources(1)
    hasty = EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id)
    other = raw(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="in use by another program"):
        hasty.append("cart-1", 0, [event()])
    other.execute("ROLLBACK")
    other.close()
    assert hasty.append("cart-1", 0, [event()])[0].position == 1
    hasty.close()


def test_a_full_disk_is_said_and_what_was_acknowledged_is_there(store: EventStore, path: Path) -> None:
    store.append("cart-1", 0, [event()])
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = path.with_name(path.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8_192, limit[1]))
    try:
        with pytest.raises(StorageFailed):
            store.append("cart-2", 0, [event(text="x" * 100_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert [e.stream for e in store.read_all()] == ["cart-1"]
    assert store.append("cart-2", 0, [event()])[0].position == 2


def write_many(path: Path, writer: int, events: int) -> None:
    """A process of its own: appends to a stream of its own, and with retries to one that all share."""
    sources = Sources(writer + 1)
    store = EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id)
    for number in range(events):
        store.append(f"own-{writer}", number, [event(number=number)])
        while True:
            try:
                store.append("shared-1", store.version_of("shared-1"), [event(writer=writer, number=number)])
                break
            except Conflict:
                continue
    store.close()
    sys.exit(0)


def test_processes_that_write_the_same_file_at_once_lose_nothing(store: EventStore, path: Path) -> None:
    context, writers, events = multiprocessing.get_context("spawn"), 3, 40
    processes = [context.Process(target=write_many, args=(path, writer, events)) for writer in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * writers
    found = store.records(limit=10_000)
    assert [record.position for record in found] == list(range(1, 2 * writers * events + 1))
    for writer in range(writers):
        assert [e.data["number"] for e in store.read_stream(f"own-{writer}")] == list(range(events))
    shared = list(store.read_stream("shared-1"))
    assert [e.version for e in shared] == list(range(1, writers * events + 1))
    said = sorted((e.data["writer"], e.data["number"]) for e in shared)  # type: ignore[type-var]
    assert said == [(writer, number) for writer in range(writers) for number in range(events)]
