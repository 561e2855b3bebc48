"""A supervisor that runs beside a test, and plug-ins that are really installed, in a folder of the test's own."""

import logging
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as threads
from time import monotonic

import pytest

from explorer.sidecar.facts import Facts, TaskFacts
from explorer.sidecar.supervisor import Pauses, Supervisor

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
LOG = logging.getLogger("event_explorer.sidecar")
QUICK = Pauses(0.01, 0.05)


def until(is_done: Callable[[], bool]) -> None:
    """Waits for it."""
    end, pause = monotonic() + PATIENCE, Event()
    while not is_done():
        assert monotonic() < end, "It did not come."
        pause.wait(0.01)


class Supervised:
    """One supervisor, what it knows, and how it ended."""

    def __init__(self, pauses: Pauses = QUICK, hang: float = PATIENCE, grace: float = 20.0) -> None:
        self.facts, self.stopping = Facts(), Event()
        self.supervisor = Supervisor(self.facts, LOG, self.stopping, pauses=pauses, hang=hang, grace=grace)
        self.raised: BaseException | None = None
        self.thread = Thread(target=self._run, name="supervisor")

    def _run(self) -> None:
        try:
            self.supervisor.run()
        except BaseException as error:  # noqa: BLE001 - told in `running`
            self.raised = error

    def task(self, name: str) -> TaskFacts:
        return self.facts.told.tasks.get(name, TaskFacts())

    @contextmanager
    def running(self) -> Generator[None]:
        """Stops it behind; then nothing of it is left."""
        self.thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        assert self.raised is None
        assert not [thread.name for thread in threads() if thread.name.startswith("sidecar: ")]


class Installing:
    """Installs distributions of plug-ins into a folder that this process and those it starts search."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        folder.mkdir()
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(ROOT)]))
        patch.setattr(sys, "path", [str(folder), *sys.path])
        invalidate_caches()

    def __call__(self, distribution: str, code: str, **tasks: str) -> None:
        """A distribution of one module; `tasks` are its entry points, name to attribute."""
        (self._folder / f"{distribution}.py").write_text(code)
        about = self._folder / f"{distribution}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        points = [f"{name} = {place if ':' in place else f'{distribution}:{place}'}\n" for name, place in tasks.items()]
        (about / "entry_points.txt").write_text("[event_explorer.sidecar]\n" + "".join(points))


def lives(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
