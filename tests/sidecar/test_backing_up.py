"""The task that backs up: when it is due, what it tells, and how it stops."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

from explorer.application.backup import Backup, back_up, backups
from explorer.application.outside import Outside, new_id
from explorer.application.session import Session
from explorer.errors import BadInput, Cancelled, KnownError
from explorer.sidecar.backing_up import backing_up
from explorer.sidecar.facts import Facts
from explorer.sidecar.task import Post
from tests.application.shop import SECOND, Clock, note, open_cart, opened, record, stock

HOUR = 3_600.0
PATIENCE = 30.0


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Running:
    """The task in a thread of its own, on a store that others write to."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "backups"
        self.clock, self.facts, self.stopping = Clock(), Facts(), Event()
        self.lines, self.raised = Lines(), list[BaseException]()
        self._log = logging.getLogger(f"{__name__}.{home.name}")
        self._log.setLevel(logging.INFO)
        self._log.propagate = False
        self._log.addHandler(self.lines)
        self._thread: Thread | None = None

    def session(self) -> Session:
        world = Outside(self.clock, new_id)
        return Session(self.home / "shop.events", cache=self.home / "other", read_only=True, world=world)

    def start(self, every: float = HOUR) -> None:
        task = backing_up(self.session, self.folder, every, self.clock)
        post = Post("backup", self.facts, self._log, self.stopping)

        def run() -> None:
            try:
                task(post)
            except KnownError as error:
                self.raised.append(error)

        self._thread = Thread(target=run)
        self._thread.start()

    def wait(self, is_so: Callable[[], Any]) -> None:
        until, pause = monotonic() + PATIENCE, Event()
        while not is_so():
            assert monotonic() < until
            pause.wait(0.005)

    def wait_for_line(self, number: int) -> logging.LogRecord:
        self.wait(lambda: len(self.lines.records) >= number)
        return self.lines.records[number - 1]

    def stop(self) -> None:
        self.stopping.set()
        self.join()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive()

    def found(self) -> list[Backup]:
        with self.session() as session:
            return backups(self.folder, session.store.store_id)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Session]:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        yield session


@pytest.fixture
def running(tmp_path: Path, shop: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr("explorer.sidecar.backing_up.LOOK_AGAIN", 0.01)
    running = Running(tmp_path)
    yield running
    running.stop()


def test_the_first_backup_is_made_at_once_and_told(running: Running) -> None:
    running.start()
    line = running.wait_for_line(1)
    (made,) = running.found()
    told = running.facts.told
    assert told.backup is not None
    assert (told.backup.at, told.backup.events) == (made.at, 4)
    assert (told.backup.size, told.backup.name) == (made.size, made.path.name)
    assert line.getMessage() == "backed up"
    fields = vars(line)["fields"]
    assert (fields["backup"], fields["events"], fields["bytes"]) == (made.path.name, 4, made.size)
    assert fields["thinned_out"] == 0
    running.stop()
    (stopped,) = running.raised
    assert isinstance(stopped, Cancelled)
    assert told.backup_error == ""


def test_the_next_is_made_when_it_is_due_and_something_has_happened(running: Running, shop: Session) -> None:
    running.start()
    running.wait_for_line(1)
    open_cart(shop)
    running.clock.time += int(HOUR - 1) * SECOND
    running.stopping.wait(0.1)
    assert len(running.lines.records) == 1
    running.clock.time += SECOND
    running.wait_for_line(2)
    assert [backup.events for backup in running.found()] == [4, 6]
    running.clock.time += int(HOUR) * SECOND
    assert running.wait_for_line(3).getMessage() == "nothing new to back up"
    running.stopping.wait(0.1)
    assert len(running.lines.records) == 3  # and is not tried again at once
    assert len(running.found()) == 2
    assert running.facts.told.backup is not None
    assert running.facts.told.backup.events == 6


def test_a_young_backup_that_is_there_is_told_and_enough(running: Running, shop: Session) -> None:
    with running.session() as session:
        there = back_up(session, running.folder)
    assert there
    open_cart(shop)
    running.clock.time += 60 * SECOND
    running.start()
    running.wait(lambda: running.facts.told.backup)
    assert running.facts.told.backup is not None
    assert running.facts.told.backup.name == there.path.name
    running.stopping.wait(0.1)
    assert running.found() == [there]


def test_a_clock_that_was_set_back_does_not_put_backups_off(running: Running, shop: Session) -> None:
    with running.session() as session:
        back_up(session, running.folder)
    open_cart(shop)
    running.clock.time -= 1_000 * int(HOUR) * SECOND
    running.start()
    running.wait_for_line(1)
    assert len(running.found()) == 2
    record(shop, "note-1", note({"text": "later"}))
    running.clock.time -= SECOND  # and once more, while it runs
    running.wait_for_line(2)
    assert len(running.found()) == 3


def test_old_backups_are_thinned_out(running: Running, shop: Session) -> None:
    running.start(every=600.0)
    for number in range(2, 5):
        running.wait_for_line(number - 1)
        record(shop, "note-1", note({"number": str(number)}))
        running.clock.time += 600 * SECOND
    running.wait_for_line(4)
    assert [backup.events for backup in running.found()] == [7]
    assert [vars(line)["fields"]["thinned_out"] for line in running.lines.records] == [0, 1, 1, 1]


def test_a_failure_is_told_and_raised_and_over_when_it_works_again(running: Running) -> None:
    running.folder.write_text("no folder")
    running.start()
    running.join()
    (error,) = running.raised
    assert isinstance(error, BadInput)
    assert running.facts.told.backup_error == str(error) != ""
    running.folder.unlink()
    running.start()
    running.wait_for_line(1)
    running.wait(lambda: running.facts.told.backup_error == "")
    assert len(running.found()) == 1


def test_a_store_that_is_gone_is_told(running: Running, shop: Session) -> None:
    shop.close()
    shop.path.rename(shop.path.with_name("away"))
    running.start()
    running.join()
    assert "There is no store" in running.facts.told.backup_error


def test_a_stop_in_the_middle_of_a_backup_leaves_nothing_and_is_no_failure(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(post: Post, *_: object) -> None:
        running.stopping.set()
        raise Cancelled("The sidecar stops.")

    monkeypatch.setattr("explorer.store.structure.STEPS", 100)
    monkeypatch.setattr(Post, "beat", stopped)
    running.start()
    running.join()
    assert isinstance(running.raised[0], Cancelled)
    assert running.facts.told.backup_error == ""
    assert list(running.folder.iterdir()) == []
