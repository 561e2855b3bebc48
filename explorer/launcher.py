"""The desktop's launcher: the window and, beside it, a sidecar for each store it opens, like the containers of a pod.

Neither knows of the other: the window says only which store it shows, and works as well alone.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Lock, Thread

ALONE = "--no-sidecar"
PATIENCE = 3.0
"""Seconds that a sidecar is given to end by itself."""
CANNOT = 1
"""The exit status of one that cannot do its work, and has said why."""
AGAIN = 5.0
"""Seconds after which one that was killed, or has ended itself for a task that hangs, is begun again."""


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
        self._kept: dict[Path, _Kept] = {}

    def start(self, store: Path, cache: Path | None) -> None:
        """Starts the one of a store, if it does not run, and again when it was killed or has ended itself."""
        kept = self._kept.get(store)
        if kept is None or not kept.is_alive():
            self._kept[store] = _Kept(store, cache)
            self._kept[store].start()

    def close(self) -> None:
        """Ends them all."""
        for kept in self._kept.values():
            kept.ask_to_end()
        for kept in self._kept.values():
            kept.end()
        self._kept.clear()


class _Kept(Thread):
    """Waits for one sidecar to end."""

    def __init__(self, store: Path, cache: Path | None) -> None:
        super().__init__(name=f"beside {store.name}", daemon=True)
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "explorer"]
        where = [] if cache is None else ["--cache", str(cache)]
        self._command = [*program, "sidecar", str(store), *where, "--until-eof", "--log-level", "warning"]
        self._closing, self._lock = Event(), Lock()
        self._process = self._begin()

    def _begin(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def run(self) -> None:
        while self._process.wait() not in (0, CANNOT) and not self._closing.wait(AGAIN):
            with self._lock:
                if self._closing.is_set():
                    return
                assert self._process.stdin is not None
                self._process.stdin.close()
                self._process = self._begin()

    def ask_to_end(self) -> None:
        with self._lock:
            self._closing.set()
        assert self._process.stdin is not None
        self._process.stdin.close()

    def end(self) -> None:
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()  # which harms nothing
            self._process.wait()
