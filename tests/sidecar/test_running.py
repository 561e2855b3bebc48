"""A whole sidecar: whatever happens to its store, its cache, its disk and the clock, it says so and goes on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import enumerate as threads

import pytest

from explorer.application import outside
from explorer.application.backup import back_up
from explorer.application.checkpoints import sign
from explorer.application.keys import signing_key
from explorer.application.restoring import restore
from explorer.application.session import Session
from explorer.application.trust import DAY
from explorer.application.verified import last_verified
from explorer.errors import KnownError, Missing, NotAStore, TooNew
from explorer.projections.keeper import is_kept
from explorer.projections.runner import checkpoint_of
from explorer.sidecar import checking as checking_module
from explorer.sidecar import running as module
from explorer.sidecar.health import health
from explorer.sidecar.running import Wanted
from explorer.sidecar.supervisor import Pauses, Supervisor
from explorer.store.engine import driver
from tests.application.evidence import tamper
from tests.sidecar.stage import Whole, application, note, whole
from tests.sidecar.supervised import Installing

SECOND = 1_000_000


class Clock:
    """The computer's, which may be set."""

    def __init__(self) -> None:
        self.ahead, self._own = 0, outside.time.time_ns

    def time_ns(self) -> int:
        return self._own() + self.ahead * 1_000


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """And nothing rests for long."""
    clock = Clock()
    monkeypatch.setattr(outside, "time", clock)
    monkeypatch.setattr(module, "RETRY", 0.05)
    monkeypatch.setattr(module, "BEAT", 0.05)
    monkeypatch.setattr(module, "LOOK", 0.02)
    monkeypatch.setattr(module, "Supervisor", partial(Supervisor, pauses=Pauses(0.05, 0.4)))
    monkeypatch.setattr(checking_module, "PACE", 0.02)
    monkeypatch.setattr(checking_module, "POLL", 0.1)
    return clock


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    """Of a store of three events."""
    with application(tmp_path) as session:
        note(session.store, events=3)
    return Wanted(tmp_path / "shop.events", tmp_path / "cache", tmp_path / "backups")


def append(wanted: Wanted, events: int = 1) -> None:
    with Session(wanted.store, cache=wanted.cache) as session:
        note(session.store, events=events)


def reached(wanted: Wanted) -> int:
    """How far the read models are, as another process sees them."""
    with Session(wanted.store, cache=wanted.cache) as session:
        return checkpoint_of(session.cache)


def left() -> list[str]:
    return [thread.name for thread in threads() if thread.name.startswith("sidecar: ")]


def move(store: Path, to: Path) -> None:
    """Moves a store with all that lies beside it, while it is open."""
    to.mkdir(exist_ok=True)
    for path in store.parent.glob(f"{store.name}*"):
        path.rename(to / path.name)


# From its start to its end


def test_it_keeps_the_read_models_verifies_and_backs_up_and_stops_in_good_order(wanted: Wanted) -> None:
    assert wanted.cache
    with whole(wanted) as run:
        run.until(lambda: run.keeps(1) and run.is_fresh(3))
        run.until(lambda: run.told.verified == 3 and run.told.backup is not None)
        assert is_kept(wanted.cache)
        assert set(run.told.tasks) == {"keep", "project", "check", "watch", "back up"}
        append(wanted, 4)
        run.until(lambda: run.is_fresh(7) and run.told.verified == 7)
        assert health(run.told, outside.now()).ok
        assert reached(wanted) == 7
    assert run.error is None
    assert not run.told.is_keeper
    assert not is_kept(wanted.cache)
    assert not left()
    assert not any(task.restarts for task in run.told.tasks.values())


def test_without_a_folder_for_backups_there_are_none(wanted: Wanted) -> None:
    with whole(wanted._replace(backups=None)) as run:
        run.until(lambda: run.is_fresh(3))
        assert "back up" not in run.told.tasks


def test_one_that_is_stopped_before_it_has_begun_ends_at_once(wanted: Wanted) -> None:
    run = Whole(wanted)
    run.stop()
    assert run.error is None
    assert not left()


def test_a_second_one_stands_by_and_takes_over(wanted: Wanted) -> None:
    with whole(wanted) as second_to_last:
        second_to_last.until(lambda: second_to_last.keeps(1))
        with whole(wanted) as standby:
            standby.until(lambda: standby.said("stands by: another process keeps the read models of this store"))
            assert not standby.told.is_keeper
            assert health(standby.told, outside.now()).state == "standby"
            assert not standby.told.tasks
            second_to_last.stop()
            standby.until(lambda: standby.keeps(1) and standby.is_fresh(3))
            append(wanted)
            standby.until(lambda: standby.is_fresh(4))


def test_a_standby_is_stopped_while_it_waits(wanted: Wanted) -> None:
    with whole(wanted) as keeper:
        keeper.until(lambda: keeper.keeps(1))
        with whole(wanted) as standby:
            standby.until(lambda: standby.told.store_id)
        assert keeper.told.is_keeper
    assert standby.said("keeps the read models") == 0


# The store


def test_a_store_that_is_replaced_by_another_is_said_and_the_other_one_s_cache_is_kept(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "cache_folder", lambda: tmp_path / "caches")
    wanted = wanted._replace(cache=None)
    with Session(tmp_path / "other.events", cache=tmp_path / "elsewhere", create=True) as other:
        note(other.store, "note-9", 5)
        other_id = str(other.store.store_id)
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3) and run.told.verified == 3)
        first = run.told.store_id
        move(wanted.store, tmp_path / "old")
        (tmp_path / "other.events").rename(wanted.store)
        run.until(lambda: run.keeps(2) and run.is_fresh(5) and run.told.verified == 5)
        assert run.told.store_id == other_id != first
        assert run.said("begins anew")
        append(wanted)
        run.until(lambda: run.is_fresh(6))
        with Session(wanted.store, read_only=True) as session:
            assert other_id in session.cache.folder.name
            assert is_kept(session.cache.folder)
            assert checkpoint_of(session.cache) == 6
    assert len([*(tmp_path / "caches").iterdir()]) == 2
    with Session(tmp_path / "old" / "shop.events", cache=tmp_path / "again") as old:
        assert old.store.head().size == 3


def test_when_the_last_window_is_closed_the_store_s_file_alone_is_whole(wanted: Wanted, tmp_path: Path) -> None:
    """The sidecar has it open, so SQLite does not merge what is in its log; who copies the file must not lose that."""
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3) and run.told.verified == 3)
        append(wanted, 200)  # by a window that is closed then
        subprocess.run(["cp", wanted.store, tmp_path / "copy.events"], check=True)
        with Session(tmp_path / "copy.events", cache=tmp_path / "copys") as copy:
            assert copy.store.head().size == 203
        run.until(lambda: run.is_fresh(203))


def test_another_store_can_be_put_in_the_place_of_one_whose_last_window_was_closed(
    wanted: Wanted, tmp_path: Path
) -> None:
    """The log of the old file, if anything were left in it, would be taken for the new one's, and overwrite it."""
    with Session(tmp_path / "other.events", cache=tmp_path / "elsewhere", create=True) as other:
        note(other.store, "note-9", 40)
        other_id = str(other.store.store_id)
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3) and run.told.verified == 3)
        append(wanted, 200)  # by a window that is closed then
        run.until(lambda: run.is_fresh(203))
        (tmp_path / "other.events").replace(wanted.store)
        run.until(lambda: run.keeps(2) and run.told.store_id == other_id)
        run.until(lambda: run.is_fresh(40) and run.told.verified == 40)
        append(wanted)
        run.until(lambda: run.is_fresh(41))
        assert not run.told.fault


def test_a_store_that_is_moved_away_is_waited_for(wanted: Wanted, tmp_path: Path) -> None:
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3))
        move(wanted.store, tmp_path / "away")
        run.until(lambda: run.said("waits for the store") > 1)
        assert not run.told.is_keeper
        assert "There is no store" in run.told.unreachable
        assert health(run.told, outside.now()).state == "unreachable"
        assert (run.told.head, run.told.verified, run.told.fault) == (0, 0, "")
        assert not left()
        for path in (tmp_path / "away").iterdir():
            path.rename(tmp_path / path.name)
        run.until(lambda: run.keeps(2) and not run.told.unreachable)
        append(wanted)
        run.until(lambda: run.is_fresh(4))


def test_one_that_waits_for_a_store_can_be_stopped(wanted: Wanted, tmp_path: Path) -> None:
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3))
        move(wanted.store, tmp_path / "away")
        run.until(lambda: run.said("waits for the store"))
    assert run.error is None
    assert not wanted.store.exists()


def test_a_store_that_is_restored_from_a_backup_is_gone_on_with(wanted: Wanted, tmp_path: Path) -> None:
    with Session(wanted.store, cache=wanted.cache) as session:
        backup = back_up(session, tmp_path / "kept")
        assert backup is not None
    with whole(wanted) as run:
        append(wanted, 4)
        run.until(lambda: run.is_fresh(7) and run.told.verified == 7)
        restored = restore(backup.path, wanted.store, force=True)
        assert restored.former is not None
        assert restored.former.events == 7
        run.until(lambda: run.keeps(2) and run.is_fresh(3) and run.told.verified == 3)
        assert not run.told.fault
        append(wanted, 2)
        run.until(lambda: run.is_fresh(5) and run.told.verified == 5)
        assert reached(wanted) == 5


def test_of_a_store_that_was_rolled_back_a_checkpoint_beside_it_tells(wanted: Wanted, tmp_path: Path) -> None:
    with Session(wanted.store, cache=wanted.cache) as session:
        backup = back_up(session, tmp_path / "kept")
        assert backup is not None
        note(session.store, events=4)
        sign(session, signing_key())
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(7) and run.told.verified == 7)
        restore(backup.path, wanted.store, force=True)
        run.until(lambda: run.keeps(2) and run.is_fresh(3))
        run.until(lambda: run.told.fault)
        assert "checkpoint" in run.told.fault
        with Session(wanted.store, cache=wanted.cache) as session:
            found = last_verified(session.cache.folder, session.store.store_id)
            assert found is not None
            assert not found.ok


def test_damage_is_found_and_whoever_opens_the_store_then_only_reads(wanted: Wanted, clock: Clock) -> None:
    with whole(wanted) as run:
        run.until(lambda: run.told.verified == 3)
        tamper(wanted.store, "UPDATE events SET actor = 'Eve' WHERE position = 2")
        clock.ahead += DAY  # all are verified anew
        run.until(lambda: run.told.fault)
        assert run.told.damaged == 1
        told = health(run.told, outside.now())
        assert (told.ok, told.state) == (False, "damaged")
        with Session(wanted.store, cache=wanted.cache) as session:
            found = last_verified(session.cache.folder, session.store.store_id)
            assert found is not None
            assert found.damaged == (2,)
            assert session.store.read_only
            assert "failed its last verification" in session.store.read_only_reason
        assert run.told.is_keeper


OVERWRITE = """
import sys
with open(sys.argv[1], "r+b") as file:
    for page in range(20, 60):
        file.seek(page * 4096)
        file.write(bytes(4096))
"""


def test_a_file_that_is_overwritten_is_said_and_the_sidecar_lives(wanted: Wanted, clock: Clock) -> None:
    append(wanted, 2_000)
    with whole(wanted) as run:
        run.until(lambda: run.told.verified == 2_003)
        subprocess.run([sys.executable, "-c", OVERWRITE, wanted.store], check=True)
        tamper(wanted.store, "UPDATE head SET time = time")  # what makes SQLite look at the file again
        clock.ahead += DAY  # all are verified anew
        run.until(lambda: run.told.fault)
        assert not health(run.told, outside.now()).ok
        assert run.told.is_keeper


@pytest.mark.parametrize("kind", [Missing, NotAStore, TooNew])
def test_what_cannot_be_opened_in_the_beginning_is_an_error(wanted: Wanted, kind: type[KnownError]) -> None:
    if kind is TooNew:
        connection = driver.connect(str(wanted.store), isolation_level=None)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    else:
        for path in wanted.store.parent.glob("shop.events*"):
            path.unlink()
    if kind is NotAStore:
        wanted.store.write_text("Dear diary")
    run = Whole(wanted)
    run.end()
    assert isinstance(run.error, kind)
    assert not left()


# The cache


def test_a_cache_that_is_deleted_is_made_and_kept_anew(wanted: Wanted) -> None:
    assert wanted.cache
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3))
        shutil.rmtree(wanted.cache.rename(wanted.cache.with_name("gone")))
        run.until(lambda: run.keeps(2) and run.is_fresh(3))
        assert is_kept(wanted.cache)
        assert run.said("begins anew")
        append(wanted)
        run.until(lambda: run.is_fresh(4))
        assert reached(wanted) == 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    if os.geteuid() != 0:
        pytest.skip("Only root may mount a small disk.")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"A small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_of_the_cache_is_said_until_there_is_room(wanted: Wanted, small_disk: Path) -> None:
    wanted = wanted._replace(cache=small_disk / "cache")
    ballast = small_disk / "ballast"

    def pauses() -> list[float]:
        fields = [record.__dict__["fields"] for record in run.records if "is begun again" in record.getMessage()]
        return [field["pause"] for field in fields if field["task"] == "project"]

    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3) and run.told.verified == 3)
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(512))
            except OSError:
                pass
        with Session(wanted.store, cache=wanted.store.parent / "another") as writer:
            note(writer.store, events=5_000)
        run.until(lambda: len(pauses()) >= 3)
        assert pauses()[:3] == [0.05, 0.1, 0.2]
        run.until(lambda: run.told.tasks["project"].error)
        assert "full" in run.told.tasks["project"].error
        run.until(lambda: not health(run.told, outside.now()).ok)
        assert any("make room" in words.lower() for words in health(run.told, outside.now()).words)
        ballast.unlink()
        run.until(lambda: run.is_fresh(5_003) and run.told.verified == 5_003)
        run.until(lambda: health(run.told, outside.now()).ok)
    with Session(wanted.store, cache=wanted.cache) as session:
        assert session.store.head().size == checkpoint_of(session.cache) == 5_003


# The clock


@pytest.mark.parametrize("by", [-30 * DAY, 30 * DAY])
def test_a_clock_that_is_set_stops_nothing(wanted: Wanted, clock: Clock, by: int) -> None:
    assert wanted.backups
    wanted = wanted._replace(backup_seconds=1.0)
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3) and run.told.verified == 3 and run.told.backup)
        clock.ahead += by
        append(wanted)
        run.until(lambda: run.is_fresh(4) and run.told.verified == 4)
        assert run.told.lag is not None
        assert run.told.lag >= 0
        assert run.told.behind_since == 0
        run.until(lambda: run.told.backup is not None and run.told.backup.events == 4)
        assert run.told.is_keeper
        assert health(run.told, outside.now()).ok
    assert not any(task.restarts for task in run.told.tasks.values())


def test_a_rebuild_and_the_keeper_s_place_are_taken_whatever_the_clock_says(wanted: Wanted, clock: Clock) -> None:
    """A claim and a beat that are dated in the future are not believed for that."""
    assert wanted.cache
    clock.ahead += 30 * DAY
    with whole(wanted) as run:
        run.until(lambda: run.is_fresh(3))
    later = outside.now() / SECOND
    for path in wanted.cache.iterdir():
        os.utime(path, (later, later))
    clock.ahead -= 30 * DAY
    with whole(wanted) as run:
        append(wanted)
        run.until(lambda: run.keeps(1) and run.is_fresh(4))


# Strangers' code


def test_a_plug_in_that_fails_holds_nothing_up(wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install = Installing(tmp_path / "site", monkeypatch)
    install("strange", 'def failing(post):\n    raise LookupError("customer 7")\n', failing="failing")
    with whole(wanted) as run:
        run.until(lambda: (task := run.told.tasks.get("plug-in failing")) and task.restarts > 1)
        append(wanted)
        run.until(lambda: run.is_fresh(4) and run.told.verified == 4)
        assert "LookupError" in run.told.tasks["plug-in failing"].error
        assert all(not task.restarts for name, task in run.told.tasks.items() if name != "plug-in failing")
    assert not left()
