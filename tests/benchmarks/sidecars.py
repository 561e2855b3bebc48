"""A sidecar as a process of its own beside a store, and what the system (Linux) tells of it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from explorer.application.session import Session
from explorer.projections.runner import checkpoint_of
from tests.benchmarks.customers import PATIENCE, ROOT
from tests.benchmarks.stores import Built

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
"""Of a processor, a second: what its use is counted in."""


class Process:
    """What the system tells of a process."""

    def __init__(self, pid: int) -> None:
        self._folder = PROC / str(pid)

    def processor(self) -> float:
        """Seconds of a processor it has used."""
        fields = (self._folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self) -> int:
        """Bytes of its own that it has in memory."""
        return 1024 * self._number(self._folder / "status", "RssAnon")

    def peak(self) -> int:
        """Bytes that it has had in memory at most."""
        return 1024 * self._number(self._folder / "status", "VmHWM")

    def wakes(self) -> int:
        """How often its threads have gone to sleep of themselves, which is as often as they woke."""
        threads = (self._folder / "task").iterdir()
        return sum(self._number(thread / "status", "voluntary_ctxt_switches") for thread in threads)

    def _number(self, path: Path, name: str) -> int:
        lines = path.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


class Sidecar:
    """One at work beside a store."""

    def __init__(self, store: Built, log: Path, more: list[str]) -> None:
        self._store, self._log = store, log
        command = [sys.executable, "-m", "explorer", "sidecar", str(store.path), "--cache", str(store.cache)]
        self._process = subprocess.Popen([*command, "--log", str(log), *more], cwd=ROOT)
        self.process = Process(self._process.pid)

    def until(self, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Waits until something holds that it works for."""
        end, pause = monotonic() + patience, Event()
        while not holds():
            if self._process.poll() is not None or monotonic() > end:
                raise AssertionError(f"The sidecar did not get there: {self._last_words()}")
            pause.wait(0.05)

    def told(self, message: str) -> dict[str, Any] | None:
        """The last line of its log that says something; None if there is none."""
        found = [line for line in self._lines() if line["message"] == message]
        return found[-1] if found else None

    def is_fresh(self) -> bool:
        """Whether it is at work and all events are visible."""
        if self.told("follows the store") is None:
            return False
        with Session(self._store.path, cache=self._store.cache, read_only=True) as session:
            return checkpoint_of(session.cache) >= session.store.head().size

    def _lines(self) -> list[dict[str, Any]]:
        whole = self._log.read_text(encoding="ascii").rpartition("\n")[0] if self._log.exists() else ""
        return [json.loads(line) for line in whole.splitlines()]

    def _last_words(self) -> str:
        return "\n".join(str(line) for line in self._lines()[-5:])

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()


@contextmanager
def sidecar(store: Built, scratch: Path, *more: str, is_fresh: bool = True) -> Generator[Sidecar]:
    """One beside a store; with `is_fresh` from when it has caught up with it."""
    log = scratch / "sidecar.log"
    log.unlink(missing_ok=True)
    works = Sidecar(store, log, list(more))
    try:
        if is_fresh:
            works.until(works.is_fresh)
        yield works
    finally:
        works.close()
