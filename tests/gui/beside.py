"""Each window's store with a sidecar beside it, in a process of its own: the suite must say the same with and without.

Where `EVENT_EXPLORER_BESIDE` is set, a window's thread waits, once it has opened its store, until the sidecar keeps the
read models; only then does it answer its first question or carry out its first command.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic

import pytest
from PySide6.QtCore import QObject

from explorer.application.session import Session
from explorer.gui.worker import Worker
from tests.faults.zygote import Child, Zygote

IS_WANTED = bool(os.environ.get("EVENT_EXPLORER_BESIDE"))
PATIENCE = 30.0


class Sidecars:
    """Those of one test: one for each store and cache that its windows open."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote, self._lock = zygote, Lock()
        self._running: dict[tuple[Path, Path], Child] = {}
        self._heard: list[list[object]] = []

    def accompany(self, session: Session) -> Session:
        """Returns when a sidecar keeps what the session reads. Called in the windows' threads."""
        place = session.path, session.cache.folder
        with self._lock:
            if place not in self._running:
                child = self._running[place] = self._zygote.start("beside_window", *map(str, place))
                until = monotonic() + PATIENCE
                while ["keeps", True] not in self._heard:
                    assert not child.is_silent, f"The sidecar of {place} has ended: {self._heard}"
                    assert monotonic() < until, f"No sidecar keeps {place}: {self._heard}"
                    self._heard += child.hear(0.05)
                self._heard.remove(["keeps", True])
        return session

    def end(self) -> None:
        """Kills them, which harms nothing; fails if one has met a bug."""
        for child in self._running.values():
            self._heard += child.kill()
        bugs = [line for line in self._heard if line[0] == "logged" and line[3]]
        assert not bugs, f"a bug of the sidecar: {bugs}"


@contextmanager
def accompanied(zygote: Zygote, patch: pytest.MonkeyPatch) -> Generator[Sidecars]:
    """Every window that opens a store meanwhile has a sidecar beside it."""
    sidecars, make = Sidecars(zygote), Worker.__init__

    def made(worker: Worker, open_session: Callable[[], Session], parent: QObject) -> None:
        make(worker, lambda: sidecars.accompany(open_session()), parent)

    patch.setattr(Worker, "__init__", made)
    try:
        yield sidecars
    finally:
        sidecars.end()
