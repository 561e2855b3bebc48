"""Tasks of the sidecar, and whole ones, run in threads of a test's own, on stores of its own."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Cancelled, KnownError
from explorer.sidecar.facts import Facts, Told
from explorer.sidecar.running import Sidecar, Wanted
from explorer.sidecar.task import Post, Task
from explorer.store.event_store import EventStore

ANN = Metadata("ann")
PATIENCE = 30.0
"""Seconds after which a test gives up."""


class AtWork:
    """Something that works in a thread until it is stopped, what it tells and what it logs."""

    def __init__(self, name: str, work: Callable[["AtWork"], None]) -> None:
        self.facts = Facts()
        self.records: list[logging.LogRecord] = []
        self.error: BaseException | None = None
        self.log = logging.getLogger(f"{name}-{id(self)}")
        self.log.setLevel(logging.INFO)
        self.log.propagate = False
        self.log.addHandler(_Kept(self.records))
        self._work = work
        self._thread = Thread(target=self._run, name=name)

    def begin(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work(self)
        except Cancelled:
            return
        except KnownError as error:
            self.error = error

    @property
    def told(self) -> Told:
        return self.facts.told

    def said(self, message: str) -> int:
        """How often something was logged."""
        return sum(record.getMessage() == message for record in self.records)

    def until(self, holds: Callable[[], Any]) -> None:
        """Waits until something holds; fails if it ends before, or after a long time."""
        for _ in range(int(PATIENCE / 0.01)):
            if holds():
                return
            assert self._thread.is_alive(), f"it has ended: {self.error!r}"
            self._thread.join(0.01)
        raise AssertionError(f"waited in vain; it has told {self.told}")

    def end(self) -> None:
        """Waits until it has ended by itself."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


class Running(AtWork):
    """A task at work."""

    def __init__(self, task: Task) -> None:
        super().__init__("task", lambda _: task(self.post))
        self.stopping = Event()
        self.post = Post("task", self.facts, self.log, self.stopping)
        self.begin()

    def stop(self) -> None:
        self.stopping.set()
        self.end()


class Whole(AtWork):
    """A whole sidecar at work."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__("whole", lambda _: self.sidecar.run())
        self.sidecar = Sidecar(wanted, self.facts, self.log)
        self.begin()

    def keeps(self, times: int) -> bool:
        """Whether it has become the keeper so many times, and is it now."""
        return self.told.is_keeper and self.said("keeps the read models") >= times

    def is_fresh(self, head: int) -> bool:
        """Whether the read models are those of so many events."""
        return bool(self.told.checkpoints) and self.told.head == head and not self.told.behind

    def stop(self) -> None:
        """Stops it in good order: nothing of it is left."""
        self.sidecar.stop()
        self.end()
        bugs = [record for record in self.records if record.exc_info]
        assert not bugs, f"a bug: {bugs[0].getMessage()}: {bugs[0].exc_info}"


class _Kept(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


@contextmanager
def running(task: Task) -> Generator[Running]:
    run = Running(task)
    try:
        yield run
    finally:
        run.stop()


@contextmanager
def whole(wanted: Wanted) -> Generator[Whole]:
    run = Whole(wanted)
    try:
        yield run
    finally:
        run.stop()


def note(store: EventStore, stream: str = "note-1", events: int = 1) -> None:
    """Appends to a stream that nobody else appends to."""
    version = store.version_of(stream)
    store.append(stream, version, [NewEvent("Noted", {"n": version + n}, ANN) for n in range(events)])


def beside(folder: Path) -> Callable[[], Session]:
    """Opens the store in a folder as the sidecar does."""
    return lambda: Session(folder / "shop.events", cache=folder / "cache", read_only=True)


def application(folder: Path) -> Session:
    """Opens the store in a folder as the application does."""
    return Session(folder / "shop.events", cache=folder / "cache", create=True)
