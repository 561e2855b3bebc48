"""The desktop's launcher: the window and, beside it, a sidecar for each store it opens, like the containers of a pod.

Neither knows of the other: the window says only which store it shows, and works as well alone.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic

ALONE = "--no-sidecar"
SAFE = ("-P",)
"""Nothing is imported from the folder that the window was started in."""
PATIENCE = 3.0
"""Seconds that a sidecar is given to end by itself."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before one that died is begun anew."""
ENDED_BY_ITSELF = (0, 1, 2)
"""Exit statuses: it was asked to, its store or cache cannot be opened, it was wrongly used."""


def launch(arguments: Sequence[str]) -> int:
    """Opens the window and runs until the last one is closed; the exit status."""
    from explorer.gui.app import start  # noqa: PLC0415 - Qt is loaded only where a window opens

    rest = [argument for argument in arguments if argument != ALONE]
    if len(rest) != len(arguments) or "--smoke" in rest:
        return start(rest)
    beside = Beside()
    try:
        return start(rest, beside.start)
    finally:
        beside.close()


class Beside:
    """The sidecars of one window's process. They end with it, however it ends: their standard input does."""

    def __init__(self) -> None:
        self._running: dict[Path, _Kept] = {}

    def start(self, store: Path, cache: Path | None) -> None:
        """Starts the one of a store, if it does not run."""
        running = self._running.get(store)
        if running is not None and not running.is_over:
            return
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, *SAFE, "-m", "explorer"]
        where = [] if cache is None else ["--cache", str(cache)]
        command = [*program, "sidecar", str(store), *where, "--until-eof", "--log-level", "warning"]
        self._running[store] = _Kept(command)

    def close(self) -> None:
        """Ends them all."""
        for kept in self._running.values():
            kept.end()
        for kept in self._running.values():
            kept.wait()
        self._running.clear()


class _Kept:
    """One sidecar; where it dies it is begun anew after a pause that grows. One that ends by itself has said why."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._ending, self._lock = Event(), Lock()
        self._process = self._begun()
        self._attendant = Thread(target=self._attend, name="attendant", daemon=True)
        self._attendant.start()

    @property
    def is_over(self) -> bool:
        return not self._attendant.is_alive()

    def end(self) -> None:
        """Asks it to end."""
        with self._lock:
            self._ending.set()
            assert self._process.stdin is not None
            self._process.stdin.close()

    def wait(self) -> None:
        """Waits until it has."""
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()  # which harms nothing
        self._attendant.join()

    def _begun(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def _attend(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = monotonic()
            if self._process.wait() in ENDED_BY_ITSELF:
                self.end()
                return
            if monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            if self._ending.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)
            with self._lock:
                if self._ending.is_set():
                    return
                assert self._process.stdin is not None
                self._process.stdin.close()
                self._process = self._begun()
