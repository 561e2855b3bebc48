"""The task that watches over the log: everything is verified sooner or later, the newest at once; findings are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.application.log_check import Reached
from explorer.application.restoring import restore
from explorer.application.session import Session
from explorer.application.verification import verify_store
from explorer.application.verified import last_verified, remember_stop
from explorer.errors import ReadOnly
from explorer.sidecar import checking as module
from explorer.sidecar.checking import checking
from explorer.store.engine import driver
from tests.application.evidence import tamper
from tests.sidecar.stage import Running, application, beside, note, running

FAST = 1e9
"""Events a second: as fast as it goes."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACE", 0.01)
    monkeypatch.setattr(module, "POLL", 0.05)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with application(tmp_path) as opened:
        note(opened.store, events=2_500)
        yield opened


def fields(run: Running) -> list[object]:
    return [record.__dict__.get("fields") for record in run.records]


def messages(run: Running) -> list[str]:
    return [record.getMessage() for record in run.records]


def test_all_are_verified_and_then_the_newest_as_they_come(session: Session, tmp_path: Path) -> None:
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.verified == 2_500)
        for more in (1, 1, 300):
            note(session.store, events=more)
            head = session.store.head().size
            run.until(lambda: run.told.verified == head)  # noqa: B023
        found = last_verified(session.cache.folder, session.store.store_id)
        assert found is not None
        assert found.ok
        assert found.newest_at > found.at
        assert (run.told.fault, run.told.damaged) == ("", 0)
    assert messages(run).count("verifies all events") == 1


def test_a_new_event_that_was_altered_is_found_and_nobody_writes_any_more(session: Session, tmp_path: Path) -> None:
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.verified == 2_500)
    note(session.store, events=2)
    tamper(session.path, "UPDATE events SET actor = 'Eve' WHERE position = 2501")
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.damaged == 1)
        assert "Event 2,501 was altered" in run.told.fault
    with application(tmp_path) as again, pytest.raises(ReadOnly, match="failed its last verification"):
        note(again.store)


def test_an_old_event_that_was_altered_is_found_when_all_are_verified(session: Session, tmp_path: Path) -> None:
    tamper(session.path, "UPDATE events SET actor = 'Eve' WHERE position = 17")
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.damaged == 1)
        assert "Event 17 was altered" in run.told.fault
        note(session.store)
        run.until(lambda: {"what": "the newest events", "events": 2_501} in fields(run))
    found = last_verified(session.cache.folder, session.store.store_id)
    assert found is not None
    assert found.damaged == (17,)
    assert messages(run).count("verifies all events") == 1, "what is known to be damaged is not read again and again"


def test_reading_all_is_slow_and_goes_on_where_it_was_stopped(session: Session, tmp_path: Path) -> None:
    with running(checking(beside(tmp_path), 2_000.0)) as run:
        run.until(lambda: "verifies all events" in messages(run))
    assert last_verified(session.cache.folder, session.store.store_id) is None
    remember_stop(session.cache.folder, reached(session, 1_000))
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.verified == 2_500)
        fields = [record.__dict__["fields"] for record in run.records if record.getMessage() == "verifies all events"]
        assert fields == [{"behind": 1_000}]


def reached(session: Session, size: int) -> Reached:
    head = session.store.head()
    times = max(record.occurred_at for record in session.store.records(limit=size))
    return Reached(str(head.store_id), 1, size, times, session.tree.frontier(size))


def test_the_newest_are_looked_at_while_all_are_read(session: Session, tmp_path: Path) -> None:
    with running(checking(beside(tmp_path), 500.0)) as run:
        run.until(lambda: "verifies all events" in messages(run))
        note(session.store)
        run.until(lambda: {"what": "the newest events", "events": 2_501} in [
            record.__dict__.get("fields") for record in run.records])  # fmt: skip
        assert run.told.verified == 0


def test_a_log_that_was_restored_is_verified_anew(session: Session, tmp_path: Path) -> None:
    tamper(session.path, "UPDATE events SET actor = 'Eve' WHERE position = 17")
    assert not verify_store(session).ok
    tamper(session.path, "UPDATE events SET actor = 'ann' WHERE position = 17")
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.verified == 2_500)
        assert run.told.fault == ""
    with application(tmp_path) as again:
        note(again.store)


def restored(session: Session, folder: Path) -> None:
    """The backup of 2,500 events takes the store's place, and the log goes on otherwise than before."""
    session.close()
    restore(folder / "backup", session.path, force=True)
    with application(folder) as again:
        note(again.store, "note-2", events=1_200)


def test_what_was_verified_of_another_history_is_verified_anew_without_an_alarm(
    session: Session, tmp_path: Path
) -> None:
    session.store.copy_to(tmp_path / "backup", lambda: None)
    note(session.store, events=1_000)
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.verified == 3_500)
    restored(session, tmp_path)
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.verified == 3_700)
        assert "the log did not pass" not in messages(run)
        assert {"what": "all events", "events": 3_700} in fields(run)


def test_a_verification_that_was_stopped_in_another_history_is_begun_anew(session: Session, tmp_path: Path) -> None:
    session.store.copy_to(tmp_path / "backup", lambda: None)
    note(session.store, events=1_000)
    remember_stop(session.cache.folder, reached(session, 3_000))
    restored(session, tmp_path)
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.verified == 3_700)
        assert "the log did not pass" not in messages(run)


def test_a_log_that_lacks_an_event_is_not_read_again_and_again(session: Session, tmp_path: Path) -> None:
    tamper(session.path, "DELETE FROM events WHERE position = 17")
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.damaged == 2)
        note(session.store)
        run.until(lambda: {"what": "the newest events", "events": 2_501} in fields(run))
        assert messages(run).count("verifies all events") == 1
    found = last_verified(session.cache.folder, session.store.store_id)
    assert found is not None
    assert found.damaged == (17, 18)


def test_new_events_that_cannot_be_read_are_kept_as_a_finding(session: Session, tmp_path: Path) -> None:
    assert verify_store(session).ok
    note(session.store, events=2)
    session.close()
    with driver.connect(session.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sql = "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'events'"
        roots = [root for (root,) in connection.execute(sql)]
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with session.path.open("rb+") as file:
        for root in roots:
            file.seek((root - 1) * size)
            file.write(bytes(size))
    with running(checking(beside(tmp_path), FAST)) as run:
        run.until(lambda: run.told.fault)
        assert messages(run).count("verifies all events") == 1
    found = last_verified(session.cache.folder, session.store.store_id)
    assert found is not None
    assert found.is_log_damaged


def test_what_is_wrong_is_named_though_the_newest_do_not_pass_meanwhile(session: Session, tmp_path: Path) -> None:
    tamper(session.path, "DELETE FROM events WHERE position = 17")
    with running(checking(beside(tmp_path), 20_000.0)) as run:
        run.until(lambda: run.told.damaged == 2)
