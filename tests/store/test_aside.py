"""A store's file gets another name with all that was acknowledged, whoever has it open."""

from pathlib import Path
from threading import Event, Thread

import pytest

from explorer.errors import Busy, Replaced
from explorer.store import aside
from explorer.store.aside import move_aside
from explorer.store.engine import driver
from explorer.store.event_store import EventStore
from tests.store.damage import grow, opened
from tests.store.sources import event


def beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir() if file.name.startswith(path.name))


def test_what_was_not_merged_goes_along_and_who_has_it_open_says_replaced(store: EventStore, path: Path) -> None:
    grow(store)
    reader, kept = opened(path, read_only=True), path.with_name("kept")
    assert reader.head().size == 240
    move_aside(path, kept)
    assert beside(path) == []
    for deed in (lambda: store.append("cart-new", 0, [event()]), store.head, reader.head):
        with pytest.raises(Replaced, match="deleted or moved away"):
            deed()
    new = opened(path, seed=2)
    new.append("cart-1", 0, [event()])
    there = beside(path)
    for deed in (lambda: store.append("cart-new", 0, [event()]), store.head, reader.head):
        with pytest.raises(Replaced, match="replaced by another file"):
            deed()
    # Closing a file under its old name must not take the new one's log away.
    store.close()
    reader.close()
    assert beside(path) == there == ["shop.events", "shop.events-shm", "shop.events-wal"]
    new.append("cart-1", 1, [event()])
    new.close()
    found = opened(kept)
    assert found.head().size == 240
    found.close()
    assert beside(kept) == ["kept"]
    again = opened(path)
    assert again.head().size == 2
    again.close()


def test_the_main_file_has_everything_before_it_is_moved(store: EventStore, path: Path) -> None:
    """A kill right after the first renaming leaves the WAL behind: nothing is lost with it."""
    grow(store)
    kept, alone = path.with_name("kept"), path.with_name("alone")
    move_aside(path, kept)
    alone.write_bytes(kept.read_bytes())
    found = opened(alone, read_only=True)
    assert found.head() == opened(kept, read_only=True).head()
    assert found.records() == opened(kept, read_only=True).records()


def test_a_writer_without_a_pause_loses_nothing_that_it_was_told_is_saved(store: EventStore, path: Path) -> None:
    begun, acknowledged, said = Event(), list[bytes](), list[str]()

    def write() -> None:
        version = 0
        try:
            while True:
                acknowledged.extend(record.id.bytes for record in store.append("cart-1", version, [event()]))
                version += 1
                if version > 20:
                    begun.set()
        except Replaced as error:
            said.append(str(error))

    writer = Thread(target=write)
    writer.start()
    assert begun.wait(30)
    kept = path.with_name("kept")
    move_aside(path, kept)
    writer.join(30)
    store.close()
    assert said
    found = opened(kept)
    assert [record.id for record in found.records(0, 10**6)] == acknowledged
    found.close()


def test_who_does_not_let_go_of_what_he_reads_is_waited_for_in_vain(
    store: EventStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "BUSY_TIMEOUT", 0.05)
    store.append("cart-1", 0, [event()])
    reader = driver.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM events").fetchone() == (1,)
    store.append("cart-1", 1, [event()])
    with pytest.raises(Busy, match="does not let go of it"):
        move_aside(path, path.with_name("kept"))
    assert not path.with_name("kept").exists()
    assert store.append("cart-1", 2, [event()])[0].position == 3
    reader.execute("COMMIT")
    move_aside(path, path.with_name("kept"))
    reader.close()


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, but long enough" * 40, b"SQLite format 3\0" + b"\xff" * 900]
)
def test_what_cannot_be_read_is_moved_as_it_is_with_all_that_lies_beside_it(path: Path, content: bytes) -> None:
    endings = {"": content, "-wal": b"perhaps something", "-shm": b"an index", "-journal": b"old"}
    for ending, data in endings.items():
        Path(f"{path}{ending}").write_bytes(data)
    move_aside(path, path.with_name("kept"))
    assert beside(path) == []
    assert {ending: path.with_name(f"kept{ending}").read_bytes() for ending in endings} == endings
