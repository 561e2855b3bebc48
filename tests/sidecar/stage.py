"""Tasks of the sidecar run in threads of a test's own, on stores of its own."""

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
from explorer.sidecar.task import Post, Task
from explorer.store.event_store import EventStore

ANN = Metadata("ann")
PATIENCE = 30.0
"""Seconds after which a test gives up."""


class Running:
    """A task at work."""

    def __init__(self, task: Task) -> None:
        self.facts, self.stopping = Facts(), Event()
        self.records: list[logging.LogRecord] = []
        self.error: BaseException | None = None
        log = logging.getLogger(f"task-{id(self)}")
        log.setLevel(logging.INFO)
        log.propagate = False
        log.addHandler(_Kept(self.records))
        self.post = Post("task", self.facts, log, self.stopping)
        self._thread = Thread(target=self._run, args=(task,))
        self._thread.start()

    def _run(self, task: Task) -> None:
        try:
            task(self.post)
        except Cancelled:
            return
        except KnownError as error:
            self.error = error

    @property
    def told(self) -> Told:
        return self.facts.told

    def until(self, holds: Callable[[], Any]) -> None:
        """Waits until something holds; fails if the task ends before, or after a long time."""
        for _ in range(int(PATIENCE / 0.01)):
            if holds():
                return
            assert self._thread.is_alive(), f"the task has ended: {self.error!r}"
            self._thread.join(0.01)
        raise AssertionError(f"waited in vain; the task has told {self.told}")

    def end(self) -> None:
        """Waits until the task has ended by itself."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        self.stopping.set()
        self.end()


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
