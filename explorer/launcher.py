"""The desktop's launcher: the window and, beside it, a sidecar for each store it opens, like the containers of a pod.

Neither knows of the other: the window says only which store it shows, and works as well alone.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ALONE = "--no-sidecar"
SAFE = ("-P",)
"""Nothing is imported from the folder that the window was started in."""
PATIENCE = 3.0
"""Seconds that a sidecar is given to end by itself."""


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
        self._running: dict[Path, subprocess.Popen[bytes]] = {}

    def start(self, store: Path, cache: Path | None) -> None:
        """Starts the one of a store, if it does not run."""
        running = self._running.get(store)
        if running is not None and running.poll() is None:
            return
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, *SAFE, "-m", "explorer"]
        where = [] if cache is None else ["--cache", str(cache)]
        command = [*program, "sidecar", str(store), *where, "--until-eof", "--log-level", "warning"]
        self._running[store] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def close(self) -> None:
        """Ends them all."""
        for process in self._running.values():
            assert process.stdin is not None
            process.stdin.close()
        for process in self._running.values():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()  # which harms nothing
                process.wait()
        self._running.clear()
