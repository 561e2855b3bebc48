"""A store appears whole, and is known to be the file that was opened."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.domain.deciders import DECIDERS
from explorer.errors import Replaced, StorageFailed
from explorer.language.syntax import ALWAYS
from explorer.store.codec import Codec
from explorer.store.engine import driver
from explorer.store.event_store import EventStore
from explorer.store.filtering import sieve
from explorer.store.place import appear
from tests.store.sources import Sources, event


def opened(path: Path, seed: int = 0) -> EventStore:
    sources = Sources(seed)
    return EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id)


def names_in(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


READERS: dict[str, Callable[[EventStore], Any]] = {
    "head": EventStore.head,
    "records": EventStore.records,
    "versions": lambda store: store.version_of("cart-1"),
    "stream": lambda store: list(store.read_stream("cart-1")),
    "search": lambda store: store.search(sieve(ALWAYS), 0, 10),
}


def test_a_store_that_was_deleted_is_neither_read_nor_written(store: EventStore, path: Path, tmp_path: Path) -> None:
    store.append("cart-1", 0, [event()])
    aside = tmp_path / "aside"
    path.rename(aside)
    with pytest.raises(Replaced, match="deleted or moved away"):
        store.append("cart-1", 1, [event()])
    for reads in READERS.values():
        with pytest.raises(Replaced, match="deleted or moved away"):
            reads(store)
    assert not path.exists()
    aside.rename(path)
    assert store.append("cart-1", 1, [event()])[0].position == 2


def test_a_store_that_was_replaced_is_neither_read_nor_written(store: EventStore, path: Path, tmp_path: Path) -> None:
    store.append("cart-1", 0, [event()])
    other = opened(tmp_path / "other.events", seed=1)
    other.append("cart-1", 0, [event(), event()])
    other.close()
    before = (tmp_path / "other.events").read_bytes()
    (tmp_path / "other.events").rename(path)
    with pytest.raises(Replaced, match="replaced by another file"):
        store.append("cart-1", 1, [event()])
    for reads in READERS.values():
        with pytest.raises(Replaced, match="replaced by another file"):
            reads(store)
    store.close()
    assert path.read_bytes() == before


def test_a_folder_that_was_moved_takes_its_store_along(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    store = opened(home / "shop.events")
    home.rename(tmp_path / "elsewhere")
    with pytest.raises(Replaced):
        store.append("cart-1", 0, [event()])
    store.close()
    again = opened(tmp_path / "elsewhere" / "shop.events")
    assert again.append("cart-1", 0, [event()])[0].position == 1
    again.close()


def test_who_is_slower_takes_the_store_that_is_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quicker: list[EventStore] = []

    def link(draft: Path, wanted: Path, real: Callable[[Path, Path], None] = os.link) -> None:
        if not quicker:
            quicker.append(None)  # type: ignore[arg-type]
            quicker[0] = opened(path, seed=1)
        real(draft, wanted)

    monkeypatch.setattr(os, "link", link)
    slower = opened(path)
    assert slower.store_id == quicker[0].store_id
    slower.append("cart-1", 0, [event()])
    assert quicker[0].head().size == 1
    for store in (slower, *quicker):
        store.close()
    assert names_in(path) == [path.name]


def test_a_disk_without_second_names_has_stores_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    store = opened(path)
    store.append("cart-1", 0, [event()])
    store.close()
    assert names_in(path) == [path.name]


def test_what_cannot_be_made_leaves_nothing(path: Path) -> None:
    def fail(draft: Path) -> None:
        draft.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFailed, match="No space left"):
        appear(path, Sources().new_id(), fail)
    assert names_in(path) == []


def test_what_a_killed_maker_left_is_cleared_away_when_it_is_old(path: Path) -> None:
    names = (f".{path.name}.1.new", f".{path.name}.2.new", ".other.new")
    old, fresh, stranger = (path.with_name(name) for name in names)
    for draft in (old, fresh, stranger, old.with_name(old.name + "-journal")):
        draft.write_bytes(b"half")
    day = old.stat().st_mtime - 2 * 86_400
    for draft in (old, stranger):
        os.utime(draft, (day, day))
    opened(path).close()
    assert names_in(path) == sorted([path.name, fresh.name, stranger.name])


def test_another_store_that_is_written_into_the_very_file_is_noticed(path: Path, tmp_path: Path) -> None:
    store = opened(path)
    store.append("cart-1", 0, [event()])
    store.close()
    other = opened(tmp_path / "other.events", seed=1)
    other.append("cart-1", 0, [event(), event()])
    other.close()
    reader = opened(path)
    # As SQLite's own `.restore` does.
    source, target = driver.connect(str(tmp_path / "other.events")), driver.connect(str(path))
    source.backup(target)
    source.close()
    target.close()
    with pytest.raises(Replaced, match="Another store was written into"):
        reader.head()
    reader.close()
