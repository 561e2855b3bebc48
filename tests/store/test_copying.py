"""A copy of a store that is in use is what the store was at one moment, and whole."""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from explorer.errors import Cancelled, Damaged, ReadOnly, StorageFailed
from explorer.proof import merkle
from explorer.store.copying import copy_into
from explorer.store.engine import driver
from explorer.store.event_store import EventStore
from explorer.store.place import Place
from tests.store.damage import grow, opened
from tests.store.sources import event


def never() -> None:
    """A check that lets everything go on."""


@pytest.fixture(params=[True, False], ids=["read-only", "read-write"])
def source(request: pytest.FixtureRequest, store: EventStore, path: Path) -> Iterator[EventStore]:
    """The store opened once more, with events that no checkpoint has merged."""
    grow(store)
    assert path.with_name(f"{path.name}-wal").stat().st_size > 100_000
    again = opened(path, read_only=request.param)
    yield again
    again.close()


def test_a_copy_has_what_lies_in_the_log_beside_the_store(source: EventStore, path: Path, tmp_path: Path) -> None:
    copy, before = tmp_path / "copy" / "it's ?a#.events", path.read_bytes()
    copy.parent.mkdir()
    source.copy_to(copy, never)
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]
    found = opened(copy, read_only=True)
    assert found.head() == source.head()
    assert found.records() == source.records()
    assert found.schema_faults() == found.structure_faults(never) == []
    found.close()
    assert path.read_bytes() == before


def test_who_may_only_read_may_only_read_afterwards(store: EventStore, path: Path, tmp_path: Path) -> None:
    grow(store)
    connection = driver.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    copy_into(connection, path, tmp_path / "copy", never)
    assert (tmp_path / "copy").stat().st_size > 100_000
    assert connection.execute("PRAGMA query_only").fetchone() == (1,)
    for sql in ("UPDATE head SET size = 0", f"VACUUM INTO '{tmp_path / 'another'}'"):
        with pytest.raises(driver.OperationalError, match="readonly database"):
            connection.execute(sql)
    connection.execute("PRAGMA query_only = OFF")
    with pytest.raises(driver.OperationalError, match="readonly database"):
        connection.execute("UPDATE head SET size = 0")
    connection.close()


def test_beside_a_writer_each_copy_is_a_beginning_of_the_log(store: EventStore, path: Path, tmp_path: Path) -> None:
    grow(store)
    stop = Event()

    def write() -> None:
        version = 0
        while not stop.is_set():
            store.append("cart-live", version, [event()])
            version += 1

    writer = Thread(target=write)
    writer.start()
    reader = opened(path, read_only=True)
    try:
        for number in range(5):
            reader.copy_to(tmp_path / f"copy-{number}", never)
    finally:
        stop.set()
        writer.join()
        reader.close()
    leaves = store.leaves(0, store.head().size)
    sizes = list[int]()
    for number in range(5):
        copy = opened(tmp_path / f"copy-{number}", read_only=True)
        head = copy.head()
        sizes.append(head.size)
        assert copy.leaves(0, 2**60) == leaves[: head.size]
        frontier = list[bytes]()
        merkle.extend(frontier, 0, leaves[: head.size])
        assert merkle.root(frontier) == head.root
        copy.close()
    assert sizes == sorted(sizes)
    assert 240 <= sizes[0] < sizes[-1] <= len(leaves)


def test_a_copy_is_stopped_and_the_store_goes_on(
    source: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.store.structure.STEPS", 100)
    asked = list[None]()

    def stop() -> None:
        asked.append(None)
        if len(asked) > 3:
            raise Cancelled("That is enough.")

    with pytest.raises(Cancelled, match="enough"):
        source.copy_to(tmp_path / "copy", stop)
    assert source.head().size == 240
    source.copy_to(tmp_path / "another", never)


def test_what_is_wrong_with_the_target_is_said_of_the_target(source: EventStore, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("something")
    for target, folder in ((taken, tmp_path), (tmp_path / "no" / "copy", tmp_path / "no"), (tmp_path, tmp_path.parent)):
        with pytest.raises(ReadOnly, match=f"shop.events cannot be copied to {folder} "):
            source.copy_to(target, never)
    with pytest.raises(StorageFailed, match=r"The disk of /dev is full: shop.events was not copied"):
        source.copy_to(Path("/dev/full"), never)
    assert taken.read_text() == "something"


def test_a_disk_that_takes_no_more_is_told(source: EventStore, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(StorageFailed, match=str(tmp_path)):
            source.copy_to(tmp_path / "copy", never)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert source.head().size == 240


def test_a_disk_that_does_not_sync_is_told(source: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(StorageFailed, match="is not safe on the disk: Input/output error"):
        source.copy_to(tmp_path / "copy", never)


def test_a_store_that_is_damaged_is_said_to_be_so(store: EventStore, path: Path, tmp_path: Path) -> None:
    grow(store)
    store.close()
    data = bytearray(path.read_bytes())
    for page in range(12, len(data) // 4096):
        data[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    path.write_bytes(data)
    damaged = opened(path, read_only=True)
    with pytest.raises(Damaged, match=f"{path} is damaged"):
        damaged.copy_to(tmp_path / "copy", never)
    damaged.close()


def test_a_store_that_was_replaced_is_not_copied(
    store: EventStore, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = list[Place]()
    real: Callable[[Place], None] = Place.check

    def look(place: Place) -> None:
        looked.append(place)
        real(place)

    monkeypatch.setattr(Place, "check", look)
    store.copy_to(tmp_path / "copy", never)
    assert looked
