"""What is intact of a damaged store is saved, what is not is named, and the source is not touched."""

import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.application.audit import audit_report
from explorer.application.outside import Outside
from explorer.application.salvage import Salvage, salvage
from explorer.application.session import Session
from explorer.cli import run
from explorer.errors import BadInput, Cancelled, Missing
from explorer.proof import merkle
from explorer.store.codec import Record, leaf_bytes
from explorer.store.engine import driver
from tests.store.damage import EVENTS, IN_FILE, PAGE, beside, flipped, made, made_with_wal, opened
from tests.store.sources import Sources, event

MOVING = ("position", "version", "leaf")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in" / "shop.events"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "saved.events"


def saved(out: Path) -> list[Record]:
    """The events of the new store but for the last, which says what was done."""
    store = opened(out, read_only=True)
    records = store.records(0, 100_000)
    store.close()
    assert records[-1].type == "StoreSalvaged"
    return records[:-1]


def listed(found: Salvage, kind: str) -> list[Any]:
    lines = [json.loads(line) for line in found.list_path.read_text(encoding="utf-8").splitlines()]
    return [line[kind] for line in lines if kind in line]


def essence(record: Record) -> dict[str, Any]:
    """All that an event keeps when others before it are lost."""
    return {name: value for name, value in record._asdict().items() if name not in MOVING}


def check(found: Salvage, records: list[Record]) -> list[Record]:
    """Nothing is lost unsaid, nothing is made up, nothing changes its place among the others; gives what was lost."""
    lost = {position for loss in found.losses for position in range(loss.first, loss.last + 1)}
    kept = [record for record in records if record.position not in lost]
    new = saved(found.store)
    assert [essence(record) for record in new] == [essence(record) for record in kept]
    assert [record.position for record in new] == [*range(1, len(new) + 1)]
    versions = dict[str, int]()
    for record in new:
        assert record.version == versions.get(record.stream, 0) + 1
        versions[record.stream] = record.version
    moved = {line["position"]: line for line in listed(found, "moved")}
    for old, now in zip(kept, new, strict=True):
        if old == now:
            assert old.position not in moved
        else:
            line = moved.pop(old.position)
            assert (line["leaf"], line["new_leaf"]) == (old.leaf.hex(), now.leaf.hex())
            assert (line["version"], line["new_position"]) == (old.version, now.position)
    assert not moved
    return [record for record in records if record.position in lost]


def test_a_whole_store_is_saved_as_it_is_and_has_the_same_hash(source: Path, out: Path) -> None:
    records, before = made(source)
    found = salvage(source, out)
    assert beside(source) == ["shop.events"]
    assert beside(out) == ["saved.events", "saved.events.salvaged.jsonl"]
    assert check(found, records) == []
    assert found.is_whole
    assert (found.events, found.moved, found.lost) == (EVENTS, 0, 0)
    frontier = list[bytes]()
    merkle.extend(frontier, 0, [record.leaf for record in saved(out)])
    assert found.head is not None
    assert merkle.root(frontier) == found.head.root
    assert found.store_id != found.head.store_id
    assert source.read_bytes() == before


def test_an_event_that_was_altered_is_left_out_named_and_kept_in_the_list(source: Path, out: Path) -> None:
    records, before = made(source)
    victim = records[101]
    at = before.index(b"reason 99")
    source.write_bytes(before.replace(b"reason 99", b"reason 98"))
    assert before[at : at + 9] == b"reason 99"
    found = salvage(source, out)
    lost = check(found, records)
    assert {record.reason for record in lost} == {"reason 99"}
    assert victim in lost
    assert found.streams == (victim.stream,)
    assert "altered" in found.losses[0].reason
    assert [row["reason"] for row in listed(found, "altered")] == ["reason 98"] * len(lost)


def test_the_new_store_passes_every_check_and_says_what_was_done(source: Path, out: Path, tmp_path: Path) -> None:
    _, before = made(source)
    source.write_bytes(before.replace(b"reason 99", b"reason 98"))
    found = salvage(source, out)
    with Session(out, cache=tmp_path / "cache", world=Outside()) as session:
        assert audit_report(session).verdict.ok
        told = session.store.read_all(found.events)[0]
    assert found.head is not None
    assert told.stream == f"salvage-{found.head.store_id}"
    assert told.data["source_root"] == found.head.root.hex()
    assert (told.data["kept"], told.data["lost"]) == (found.events, found.lost)
    assert told.data["list_sha256"] == hashlib.sha256(found.list_path.read_bytes()).hexdigest()


def no_head(path: Path) -> None:
    unguarded(path, "DELETE FROM head")


def no_schema(path: Path) -> None:
    unguarded(path, "PRAGMA writable_schema = ON", "DELETE FROM sqlite_schema")


def no_indexes(path: Path) -> None:
    unguarded(path, "PRAGMA writable_schema = ON", "DELETE FROM sqlite_schema WHERE type = 'index'")


def unguarded(path: Path, *statements: str) -> None:
    connection = driver.connect(str(path), isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def garbled_header(path: Path) -> None:
    with path.open("rb+") as file:
        file.write(b"\xff" * 100)


def zeroed_root(path: Path) -> None:
    """The page from which SQLite finds all events."""
    with path.open("rb+") as file:
        file.seek(PAGE)
        file.write(bytes(PAGE))


@pytest.mark.parametrize("damage", [unguarded, no_head, no_schema, no_indexes, garbled_header, zeroed_root])
def test_no_event_is_lost_where_only_the_way_to_it_is(source: Path, out: Path, damage: Callable[[Path], None]) -> None:
    records, _ = made(source)
    damage(source)
    before = source.read_bytes()
    found = salvage(source, out)
    assert check(found, records) == []
    assert found.is_whole is (damage is not no_head)
    assert source.read_bytes() == before


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bits_cost_the_events_they_hit_and_no_others(source: Path, out: Path, seed: int) -> None:
    records, before = made(source)
    rng = random.Random(seed)
    source.write_bytes(flipped(before, [rng.randrange(8 * len(before)) for _ in range(rng.choice((1, 5, 60)))]))
    check(salvage(source, out), records)


@pytest.mark.parametrize("share", [0, 1, 7, 30, 55, 80, 99])
def test_of_a_file_cut_off_what_is_left_is_saved(source: Path, out: Path, share: int) -> None:
    records, before = made(source)
    source.write_bytes(before[: len(before) * share // 100])
    found = salvage(source, out)
    assert not found.is_whole
    if found.head is None:
        new = saved(out)
        assert [essence(record) for record in new] == [essence(record) for record in records[: len(new)]]
    else:
        check(found, records)
    assert found.events >= EVENTS * (share - 30) // 100


@pytest.mark.parametrize("seed", range(6))
def test_pages_of_zeros_and_of_noise_cost_what_stood_on_them(source: Path, out: Path, seed: int) -> None:
    records, before = made(source)
    rng = random.Random(seed)
    spoilt = bytearray(before)
    for page in rng.sample(range(6, len(before) // PAGE), 4):
        spoilt[page * PAGE : (page + 1) * PAGE] = bytes(PAGE) if seed % 2 else rng.randbytes(PAGE)
    source.write_bytes(spoilt)
    found = salvage(source, out)
    lost = check(found, records)
    assert len(lost) < EVENTS // 2


def test_what_stands_in_the_write_ahead_log_alone_is_saved_too(source: Path, out: Path) -> None:
    records = made_with_wal(source)
    before = {path.name: path.read_bytes() for path in source.parent.iterdir()}
    found = salvage(source, out)
    assert check(found, records) == []
    assert found.is_whole
    assert {path.name: path.read_bytes() for path in source.parent.iterdir()} == before


def test_without_its_write_ahead_log_a_store_is_the_shorter_one_it_was(source: Path, out: Path) -> None:
    records = made_with_wal(source)
    source.with_name("shop.events-wal").unlink()
    found = salvage(source, out)
    assert found.head is not None
    assert [essence(record) for record in saved(out)] == [essence(record) for record in records[: found.head.size]]
    assert found.head.size == IN_FILE


def test_behind_a_damaged_place_in_the_log_events_are_saved_with_a_remark(source: Path, out: Path) -> None:
    records = made_with_wal(source)
    wal = source.with_name("shop.events-wal")
    wal.write_bytes(flipped(wal.read_bytes(), [8 * 40]))
    found = salvage(source, out)
    assert [essence(record) for record in saved(out)] == [essence(record) for record in records]
    assert not found.is_whole
    assert any("may never have been committed" in remark for remark in found.remarks)


def test_rows_that_were_put_in_are_told_and_an_id_is_never_there_twice(source: Path, out: Path) -> None:
    """Two rows whose hashes are right, but of which the head does not know; the first has another's id."""
    records, _ = made(source)
    twin = records[0]._replace(position=EVENTS + 1, stream="cart-new", version=1)
    guest = twin._replace(position=EVENTS + 2, id=bytes(15) + b"\x01")
    store = opened(source, seed=11)
    store.append("cart-new", 0, [event(), event()])
    store.close()
    rows = [tuple(record._replace(leaf=merkle.leaf_hash(leaf_bytes(record)))) for record in (twin, guest)]
    head = "UPDATE head SET size = 240, frontier = substr(frontier, 1, 128)"
    unguarded(source, f"DELETE FROM events WHERE position > {EVENTS}", head)
    connection = driver.connect(str(source), isolation_level=None)
    connection.execute("CREATE TABLE copies AS SELECT * FROM events WHERE 0")
    for row in rows:
        # In a table of the attacker's own the id may be there twice; the position is the number of the row.
        connection.execute(
            f"INSERT INTO copies (rowid, {', '.join(Record._fields[1:])}) VALUES ({', '.join('?' * len(row))})", row
        )
    connection.close()
    found = salvage(source, out)
    assert [loss.first for loss in found.losses] == [EVENTS + 1]
    assert "there already" in found.losses[0].reason
    assert any("behind the end" in remark for remark in found.remarks)
    assert [record.stream for record in saved(out)[EVENTS:]] == ["cart-new"]


def test_what_is_there_is_never_overwritten(source: Path, out: Path) -> None:
    made(source)
    for path in (out, out.with_name(out.name + ".salvaged.jsonl")):
        path.write_text("precious")
        with pytest.raises(BadInput, match="exists"):
            salvage(source, out)
        assert path.read_text() == "precious"
        assert beside(out) == [path.name]
        path.unlink()
    with pytest.raises(BadInput, match="exists"):
        salvage(source, source)


def test_stopped_half_way_it_leaves_nothing(source: Path, out: Path) -> None:
    made(source)

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        salvage(source, out, progress=stop)
    assert beside(out) == []


def test_a_source_that_is_not_there_is_an_error(source: Path, out: Path) -> None:
    with pytest.raises(Missing):
        salvage(source, out)
    assert beside(out) == []


def test_a_store_that_somebody_writes_to_meanwhile_is_not_believed(source: Path, out: Path) -> None:
    made(source)

    def write(done: int, total: int) -> None:
        source.write_bytes(source.read_bytes() + bytes(PAGE))

    with pytest.raises(Exception, match="written to while it was read"):
        salvage(source, out, progress=write)
    assert beside(out) == []


def test_the_command_says_what_is_lost_and_exits_with_3(
    source: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, before = made(source)
    assert run(["salvage", str(source), str(out)]) == 0
    assert "240 of 240 events are intact" in capsys.readouterr().out
    assert run(["salvage", str(source), str(out)]) == 1
    source.write_bytes(before.replace(b"reason 99", b"reason 98"))
    assert run(["salvage", str(source), str(out.with_name("second")), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["kept"], told["lost"], told["whole"]) == (237, 3, False)
    assert told["losses"][0]["first"] == 100
    assert told["streams"] == ["cart-9"]
    assert run(["salvage", str(source), str(out.with_name("third"))]) == 3
    said = capsys.readouterr().out
    assert "Lost: events 100 to 102: it was altered" in said


def test_the_same_source_gives_the_same_list(source: Path, out: Path) -> None:
    _, before = made(source)
    source.write_bytes(before.replace(b"reason 99", b"reason 98"))
    sources = Sources()
    lists = [
        salvage(source, out.with_name(name), Outside(sources.clock, sources.new_id)).list_path.read_bytes()
        for name in ("a", "b")
    ]
    assert lists[0] == lists[1]
