"""Catching up and rebuilding: idempotent, cancelled without harm, seen by everybody, at home in other processes."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, OpenCart
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Busy, Cancelled
from explorer.projections import cart_queries, queries, rebuilding, runner
from explorer.projections.generations import POINTER
from explorer.projections.runner import checkpoint_of
from explorer.store.engine import driver
from tests.projections.shopping import Shopper
from tests.projections.test_as_of import check


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    with open_session(folder) as opened:
        yield opened


def open_session(folder: Path, store: str = "shop.events") -> Session:
    return Session(folder / store, cache=folder / "cache", create=True)


def shop(session: Session, carts: int = 5) -> None:
    shopper = Shopper(session)
    for number in range(carts):
        cart = f"cart-{number + 1}"
        for command in (OpenCart("Jane", "Leeds"), AddItem("mug", 2), ChangeQuantity("mug", 3)):
            shopper.step(((cart, command), 60))


def test_catching_up_is_idempotent_and_counts_what_it_did_itself(session: Session) -> None:
    shop(session)
    assert session.catch_up() == session.store.head().size
    assert session.catch_up() == 0
    with session.asking() as connection:
        assert queries.checkpoint(connection) == session.store.head().size


def test_a_deleted_cache_is_made_anew_and_says_the_same(session: Session, folder: Path) -> None:
    shop(session)
    session.catch_up()
    with session.asking() as connection:
        before = cart_queries.carts(connection, 10**9)
    for path in (folder / "cache").iterdir():
        path.unlink()
    session.catch_up()
    with session.asking() as connection:
        assert cart_queries.carts(connection, 10**9) == before
    check(session)


def test_a_cancelled_rebuild_changes_nothing_and_leaves_nothing(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "REBUILD_BATCH", 4)
    shop(session)
    session.catch_up()
    listed = {path.name for path in (folder / "cache").iterdir()}
    told: list[int] = []

    def stop(done: int, total: int) -> None:
        told.append(done)
        assert total == session.store.head().size
        if len(told) == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        session.rebuild(stop)
    assert told == [4, 8]
    assert {path.name for path in (folder / "cache").iterdir()} == listed
    check(session)


def test_a_rebuild_is_seen_by_another_session_and_its_file_alone_is_left(session: Session, folder: Path) -> None:
    shop(session)
    session.catch_up()
    with open_session(folder) as other:
        other.catch_up()
        old = other.cache.path
        session.rebuild()
        assert session.cache.path != old
        other.catch_up()
        assert other.cache.path == session.cache.path
        check(other)
    assert not old.exists()
    assert len(list((folder / "cache").glob("generation-*.cache"))) == 1


def test_a_rebuilt_file_is_shared_before_it_is_seen(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    shop(session)
    swap, modes = session.cache.swap, list[bytes]()

    def watched(built: Path) -> None:
        modes.append(built.read_bytes()[18:20])
        swap(built)

    monkeypatch.setattr(session.cache, "swap", watched)
    session.rebuild()
    # sqlite.org/fileformat.html §1.3.3: 2 says that readers and writers use a WAL.
    assert modes == [b"\x02\x02"]


def test_what_a_killed_rebuild_left_is_cleared_away_when_it_is_old(session: Session, folder: Path) -> None:
    shop(session)
    old, fresh = (folder / "cache" / f"building-{name}.cache" for name in ("old", "fresh"))
    for path in (old, fresh):
        path.write_bytes(b"begun")
    day = old.stat().st_mtime - 2 * 86_400
    os.utime(old, (day, day))
    session.rebuild()
    assert (old.exists(), fresh.exists()) == (False, True)


@pytest.mark.parametrize("damage", ["garbage", "empty", "other fingerprint", "other store", "pointer"])
def test_a_cache_that_is_no_good_is_replaced_without_a_word(session: Session, folder: Path, damage: str) -> None:
    shop(session)
    session.catch_up()
    path, pointer = session.cache.path, folder / "cache" / POINTER
    session.close()
    match damage:
        case "garbage":
            path.write_bytes(b"garbage" * 1_000)
        case "empty":
            path.write_bytes(b"")
        case "pointer":
            pointer.write_text("../../etc/passwd")
        case _:
            column = "fingerprint = 'x'" if damage == "other fingerprint" else "store_id = x'00'"
            connection = driver.connect(str(path))
            connection.execute(f"UPDATE source SET {column}")
            connection.commit()
            connection.close()
    with open_session(folder) as again:
        again.catch_up()
        assert again.cache.path != path
        check(again)


def test_a_cache_of_a_history_that_was_rolled_back_is_thrown_away(folder: Path) -> None:
    with open_session(folder) as session:
        shop(session, 2)
        older = folder / "older"
        older.mkdir()
    older_bytes = (folder / "shop.events").read_bytes()
    with open_session(folder) as session:
        for number in range(5):
            session.store.append(f"note-{number}", 0, [NewEvent("Noted", {}, Metadata("ann"))])
        session.catch_up()
    (folder / "shop.events").write_bytes(older_bytes)
    with open_session(folder) as session:
        assert session.catch_up() == session.store.head().size
        check(session)
        for number in range(9):
            session.store.append(f"other-{number}", 0, [NewEvent("Noted", {}, Metadata("ann"))])
        session.catch_up()
        check(session)


def test_nobody_waits_long_for_another_who_projects(session: Session, folder: Path) -> None:
    shop(session)
    other = driver.connect(str(session.cache.path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        session.catch_up()
    other.execute("ROLLBACK")
    other.close()
    assert session.catch_up() == session.store.head().size


def test_an_event_that_cannot_be_read_is_set_aside_with_the_reason(session: Session) -> None:
    shop(session, 1)
    strange = NewEvent("ItemTeleported", {"sku": "mug"}, Metadata("ann"))
    session.store.append("cart-1", 3, [strange])
    last = session.store.append("cart-1", 4, [NewEvent("CartAbandoned", {}, Metadata("bob"))])
    session.catch_up()
    with session.asking() as connection:
        ((position, reason),) = queries.poison(connection)
        row = cart_queries.cart(connection, "cart-1", 10**9)
    assert position == last[0].position - 1
    assert "ItemTeleported" in reason
    assert row is not None
    assert (row.status, row.version, row.units) == ("abandoned", 5, 3)


def project_for_ever(folder: Path) -> None:
    """A process of its own: appends and projects until it is killed."""
    runner.BATCH = 3
    with open_session(folder) as session:
        shopper = Shopper(session) if session.store.head().size == 0 else None
        while True:
            for number in range(1_000):
                cart = f"cart-{os.getpid()}x{number}"
                if shopper is not None:
                    shopper.step(((cart, OpenCart("Jane", "Leeds")), 1))
                    shopper.step(((cart, AddItem("mug", 1)), 1))
                session.catch_up()
                sys.stdout.flush()


@pytest.mark.parametrize("round_", range(5))
def test_a_projector_killed_at_any_moment_leaves_a_cache_that_goes_on(folder: Path, round_: int) -> None:
    process = multiprocessing.get_context("spawn").Process(target=project_for_ever, args=(folder,))
    process.start()
    while not (folder / "cache" / POINTER).exists():
        process.join(0.05)
    process.join(0.15 + round_ * 0.07)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    with open_session(folder) as session:
        while checkpoint_of(session.cache) < session.store.head().size:
            session.catch_up()
        positions = [record.position for record in session.store.records(limit=100_000)]
        assert positions == list(range(1, len(positions) + 1))
        check_end(session)


def check_end(session: Session) -> None:
    """As `check`, of the last position only: the log may be long."""
    from tests.projections.test_as_of import compare

    records = session.store.records(limit=100_000)
    with session.asking() as connection:
        carts = {record.stream for record in records if record.stream.startswith("cart-")}
        assert len(cart_queries.carts(connection, 10**9, limit=100_000)) == len(carts)
        compare_at(compare, session, connection, records)


def compare_at(compare: Any, session: Session, connection: Any, records: list[Any]) -> None:
    if len({record.stream for record in records}) < 90:
        compare(session, connection, records, len(records))


def catch_up_there(folder: Path) -> None:
    with open_session(folder) as session:
        while checkpoint_of(session.cache) < session.store.head().size:
            try:
                session.catch_up()
            except Busy:
                continue


def test_two_processes_may_project_at_once(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop(session, 40)
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=catch_up_there, args=(folder,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert session.catch_up() == 0
    check_end(session)
