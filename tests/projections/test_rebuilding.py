"""Caches of several versions in one folder, rebuilds in the background, and locks of those that stand still."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from sqlalchemy import Engine

from explorer.application import outside
from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Busy, Cancelled
from explorer.projections import cache, cart_queries, generations, queries, rebuilding, runner
from explorer.projections.rebuilding import under_way
from explorer.store.engine import driver, make_shared
from tests.projections.test_as_of import check
from tests.projections.test_runner import open_session, shop


@contextmanager
def another_version(fingerprint: str = "another") -> Generator[None]:
    """As if the program's projections were of another version, their tables the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FINGERPRINT", fingerprint)
        patch.setattr(generations, "POINTER", f"current-{fingerprint}")
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store and a cache that another version has caught up."""
    with another_version(), open_session(tmp_path) as session:
        shop(session)
        session.catch_up()
    return tmp_path


def generations_in(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "cache").glob("generation-*.cache"))


def stop_after(batches: int) -> runner.Progress:
    told: list[int] = []

    def progress(done: int, total: int) -> None:
        told.append(done)
        assert 0 < done <= total
        if len(told) >= batches:
            raise Cancelled("enough")

    return progress


def carts(session: Session) -> list[cart_queries.CartRow]:
    with session.asking() as connection:
        return list(cart_queries.carts(connection, 10**9))


def rebuild_seen(session: Session) -> tuple[int, int] | None:
    with session.asking() as connection:
        return under_way(connection, outside.now())


def test_the_older_one_answers_until_the_newer_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "REBUILD_BATCH", 4)
    (older,) = generations_in(folder)
    with open_session(folder) as session:
        size = session.store.head().size
        assert session.cache.is_stand_in
        assert session.cache.path.name == older
        assert carts(session)
        for round_ in (1, 2, 3):
            with pytest.raises(Cancelled):
                session.catch_up(stop_after(1))
            assert session.is_rebuilding
            assert (session.cache.path.name, rebuild_seen(session)) == (older, (4 * round_, size))
            assert carts(session)
        assert session.catch_up() == size
        assert not session.is_rebuilding
        assert not session.cache.is_stand_in
        assert session.cache.path.name != older
        assert rebuild_seen(session) is None
        check(session)


def test_nothing_is_added_to_what_another_version_has_computed(folder: Path) -> None:
    with open_session(folder) as session:
        session.store.append("note-1", 0, [NewEvent("Noted", {}, Metadata("ann"))])
        with pytest.raises(Cancelled):
            session.catch_up(stop_after(1))
        with session.asking() as connection:
            assert queries.checkpoint(connection) == session.store.head().size - 1


def test_two_versions_live_in_one_folder_and_neither_throws_away_what_the_other_reads(folder: Path) -> None:
    with open_session(folder) as session:
        session.catch_up()
        newer = session.cache.path.name
        with another_version(), open_session(folder) as older:
            older.store.append("note-1", 0, [NewEvent("Noted", {}, Metadata("ann"))])
            assert older.catch_up() == 1
            assert older.cache.path.name != newer
        assert session.catch_up() == 1
        assert session.cache.path.name == newer
        assert len(generations_in(folder)) == 2


def test_one_of_a_version_that_nobody_uses_any_more_is_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "ABANDONED", -1.0)
    with open_session(folder) as session:
        session.catch_up()
        assert generations_in(folder) == [session.cache.path.name]
        assert [path.name for path in (folder / "cache").glob("current-*")] == [generations.POINTER]


def test_only_one_builds_and_the_other_is_told_how_far_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "REBUILD_BATCH", 4)
    with open_session(folder) as first, open_session(folder) as second:
        with pytest.raises(Cancelled):
            first.catch_up(stop_after(2))
        told: list[tuple[int, int]] = []
        assert second.catch_up(lambda done, total: told.append((done, total))) == 0
        assert told == [(8, first.store.head().size)]
        assert not second.is_rebuilding
        first.catch_up()
        assert second.catch_up() == 0
        assert second.cache.path == first.cache.path
        check(second)


def test_a_rebuild_that_was_given_up_is_begun_anew_by_another(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "REBUILD_BATCH", 4)
    with open_session(folder) as second:
        with open_session(folder) as first, pytest.raises(Cancelled):
            first.catch_up(stop_after(2))
        # Closed in good order it leaves no word of itself, and no file.
        assert rebuild_seen(second) is None
        assert not [*(folder / "cache").glob("building-*")]
        second.store.append("note-1", 0, [NewEvent("Noted", {}, Metadata("ann"))])
        assert second.catch_up() == second.store.head().size
        check(second)


def test_a_killed_builder_is_silent_and_the_next_one_does_not_wait_for_ever(folder: Path) -> None:
    with open_session(folder) as session:
        connection = driver.connect(str(session.cache.path))
        was = outside.now() - rebuilding.SILENT - 1_000_000
        connection.execute("INSERT INTO rebuild VALUES (1, x'00', 3, 9, ?)", (was,))
        connection.commit()
        assert rebuild_seen(session) is None
        connection.execute("UPDATE rebuild SET at = ?", (outside.now(),))
        connection.commit()
        connection.close()
        assert rebuild_seen(session) == (3, 9)
        assert session.catch_up() == 0
        assert session.cache.is_stand_in


def test_a_rebuild_asked_for_by_name_is_told_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_session(folder) as session, open_session(folder) as other:
        session.catch_up()
        other.catch_up()
        monkeypatch.setattr(rebuilding, "REBUILD_BATCH", 4)
        seen: list[tuple[int, int] | None] = []
        session.rebuild(lambda done, total: seen.append(rebuild_seen(other)))
        size = session.store.head().size
        assert seen == [(min(4 * number, size), size) for number in range(1, -(-size // 4) + 1)]
        other.catch_up()
        assert rebuild_seen(other) is None


def test_whoever_holds_the_lock_and_stands_still_is_left_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_session(folder) as session:
        session.catch_up()
        session.store.append("note-1", 0, [NewEvent("Noted", {}, Metadata("ann"))])
        still = driver.connect(str(session.cache.path), isolation_level=None)
        still.execute("BEGIN IMMEDIATE")
        still.execute("DELETE FROM poison")
        left = session.cache.path
        with pytest.raises(Busy):
            session.catch_up()
        monkeypatch.setattr(runner, "STUCK", 0.0)
        assert session.catch_up() == 1
        assert session.cache.path != left
        # It wakes, finishes what it was at, and finds the others.
        still.execute("DELETE FROM checkpoint")
        still.execute("COMMIT")
        still.close()
        assert session.catch_up() == 0
        assert carts(session)
        check(session)


def test_a_lock_that_moves_on_is_not_taken_from_its_holder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 2.9, 3.1, 6.0])
    monkeypatch.setattr(runner, "monotonic", lambda: next(clock))
    with open_session(folder) as session, open_session(folder) as other:
        session.catch_up()
        left = session.cache.path
        holder = driver.connect(str(left), isolation_level=None)
        for version in range(2):
            session.store.append("note-1", version, [NewEvent("Noted", {}, Metadata("ann"))])
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(Busy):
                session.catch_up()
            holder.execute("ROLLBACK")
            assert other.catch_up() == 1
        assert session.cache.path == left
        holder.close()


def test_of_another_version_that_stands_still_nothing_is_taken_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STUCK", 0.0)
    with open_session(folder) as session:
        assert session.cache.is_stand_in
        still = driver.connect(str(session.cache.path), isolation_level=None)
        still.execute("UPDATE cart_head SET version = version + 7")  # as that version computes it
        still.execute("BEGIN IMMEDIATE")
        session.store.append("note-1", 0, [NewEvent("Noted", {}, Metadata("ann"))])
        assert session.catch_up() == session.store.head().size
        still.execute("ROLLBACK")
        still.close()
        check(session)


@contextmanager
def stuck(session: Session) -> Generator[None]:
    """Another process stands still with the cache's lock, and there is something to do."""
    session.catch_up()
    session.store.append("note-1", 0, [NewEvent("Noted", {}, Metadata("ann"))])
    still = driver.connect(str(session.cache.path), isolation_level=None)
    still.execute("BEGIN IMMEDIATE")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "STUCK", 0.0)
        yield
    still.close()


def test_a_copy_that_others_have_removed_is_not_made_current(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def removed(engine: Engine, path: Path, what: str) -> None:
        monkeypatch.undo()
        path.unlink()
        make_shared(engine, path, what)

    with open_session(folder) as session, stuck(session):
        monkeypatch.setattr(cache, "make_shared", removed)
        with pytest.raises(Busy):
            session.catch_up()
        assert session.catch_up() == 1
        check(session)


def test_a_copy_does_not_take_the_place_of_what_others_have_begun_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_session(folder) as session, open_session(folder) as other, stuck(session):

        def late(engine: Engine, path: Path, what: str) -> None:
            monkeypatch.undo()
            other.cache.begin_anew()  # for an erasure, of which the copy knows nothing
            make_shared(engine, path, what)

        monkeypatch.setattr(cache, "make_shared", late)
        session.catch_up()
        assert session.cache.path == other.cache.path
        assert not [*(folder / "cache").glob("building-*")]


def test_a_folder_that_is_removed_at_any_moment_is_made_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_session(folder) as session:
        session.catch_up()
        for place in ("open_building", "make_shared", "identify"):
            rmtree(folder / "cache")
            real = getattr(cache, place)

            def removed(*values: Any, real: Any = real, **named: Any) -> Any:
                monkeypatch.undo()
                rmtree(folder / "cache", ignore_errors=True)
                return real(*values, **named)

            monkeypatch.setattr(cache, place, removed)
            assert session.catch_up() == session.store.head().size, place
        check(session)
