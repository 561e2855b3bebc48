"""A file that is not ours, newer than us, truncated or empty gets a clear error and is not touched."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.domain.deciders import DECIDERS
from explorer.errors import Damaged, KnownError, NotAStore, TooNew
from explorer.store import schema
from explorer.store.codec import Codec
from explorer.store.engine import driver, has_wal_reset_fix, lowered
from explorer.store.event_store import EventStore
from tests.store.sources import Sources, event


def opened(path: Path) -> EventStore:
    sources = Sources()
    return EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id)


def of_another_program(path: Path, mode: str = "DELETE") -> None:
    connection = driver.connect(str(path))
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("CREATE TABLE events (position)")
    connection.commit()
    connection.close()


def newer(path: Path) -> None:
    opened(path).close()
    connection = driver.connect(str(path))
    connection.execute(f"PRAGMA user_version = {schema.NEWEST + 1}")
    connection.close()


def truncated(path: Path) -> None:
    store = opened(path)
    store.append("cart-1", 0, [event(text="x" * 5_000) for _ in range(20)])
    store.close()
    os.truncate(path, path.stat().st_size // 2)


STRANGERS: dict[str, tuple[Callable[[Path], Any], type[KnownError], str]] = {
    "empty": (lambda path: path.write_bytes(b""), NotAStore, "is empty"),
    "text": (lambda path: path.write_text("dear diary\n" * 300), NotAStore, "not an event store"),
    "picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2_000)), NotAStore, "not an event store"),
    "short": (lambda path: path.write_bytes(b"SQLite format 3\x00"), NotAStore, "not an event store"),
    "database": (of_another_program, NotAStore, "another program"),
    "wal database": (lambda path: of_another_program(path, "WAL"), NotAStore, "another program"),
    "folder": (lambda path: path.mkdir(), NotAStore, "not a file"),
    "pipe": (os.mkfifo, NotAStore, "not a file"),
    "newer": (newer, TooNew, "newer version"),
    "truncated": (truncated, Damaged, "damaged"),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_a_stranger_is_refused_in_words_and_not_touched(path: Path, kind: str) -> None:
    make, error, says = STRANGERS[kind]
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    listed = sorted(path.parent.iterdir())
    with pytest.raises(error, match=says):
        opened(path)
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert sorted(path.parent.iterdir()) == listed


def test_a_store_cut_off_anywhere_is_never_taken_for_a_whole_one(path: Path) -> None:
    store = opened(path)
    store.append("cart-1", 0, [event(text="x" * 900) for _ in range(60)])
    store.close()
    whole = path.read_bytes()
    for length in range(1, len(whole), 1_733):
        path.write_bytes(whole[:length])
        with pytest.raises((NotAStore, Damaged)):
            opened(path)
        assert path.read_bytes() == whole[:length]
    path.write_bytes(whole)
    assert opened(path).head().size == 60


def test_a_store_is_marked_as_ours_and_keeps_its_identity(path: Path) -> None:
    first = opened(path)
    identity = first.store_id
    first.close()
    connection = driver.connect(str(path))
    assert connection.execute("PRAGMA application_id").fetchone()[0] == schema.APPLICATION_ID
    assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.NEWEST
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    connection.close()
    second = opened(path)
    assert second.store_id == identity
    second.close()


@pytest.mark.parametrize("name", ["a b.events", "100%.events", "what?.events", "hash#.events", "Zoë’s 店.events"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    store = opened(tmp_path / name)
    store.append("cart-1", 0, [event()])
    store.close()
    assert (tmp_path / name).is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_an_sqlite_that_corrupts_files_is_known_by_its_number(version: tuple[int, int, int], is_safe: bool) -> None:
    assert has_wal_reset_fix(version) is is_safe


def test_the_linked_sqlite_is_safe() -> None:
    assert has_wal_reset_fix(driver.sqlite_version_info)


def test_small_letters_are_those_of_sqlite() -> None:
    text = "ÄÖÜ ABC xyz İ"
    connection = driver.connect(":memory:")
    assert connection.execute("SELECT lower(?)", (text,)).fetchone()[0] == lowered(text)
    connection.close()


def test_a_store_that_grows_while_it_is_looked_at_is_not_called_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(path).close()
    waiting = [True]

    def is_empty(_: Path) -> bool:
        if waiting:
            waiting.clear()
            other = opened(path)
            other.append("cart-1", 0, [event(text="x" * 5_000) for _ in range(20)])
            other.close()
        return True

    monkeypatch.setattr("explorer.store.engine._wal_is_empty", is_empty)
    store = opened(path)
    assert store.head().size == 20
    store.close()
