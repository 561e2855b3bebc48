"""The sidecar as it is started: a process of its own, its arguments, signals and exit status."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.projections.keeper import is_kept
from explorer.projections.runner import checkpoint_of
from explorer.sidecar.command import run
from explorer.store.engine import driver
from tests.sidecar.stage import application, note
from tests.sidecar.supervised import PATIENCE, until


class Process:
    """One `event-explorer sidecar`, and its log."""

    def __init__(self, folder: Path, name: str, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
        self.log = folder / f"{name}.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "explorer", "sidecar", str(folder / "shop.events"), "--cache", str(folder / "cache"),
             "--log", str(self.log), *arguments],
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def has_said(self, message: str) -> bool:
        assert self.process.poll() is None, self.end()
        return message in self.messages()

    def messages(self) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line)["message"] for line in lines]

    def end(self) -> tuple[int, str, str]:
        """Exit status, and what it said on both outputs."""
        said, complained = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said, complained


Started = Callable[..., Process]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Starts sidecars of a store of three events; by their names in the log's."""
    with application(tmp_path) as session:
        note(session.store, events=3)
    processes: list[Process] = []

    def start(name: str, *arguments: str, **options: Any) -> Process:
        processes.append(Process(tmp_path, name, *arguments, **options))
        return processes[-1]

    yield start
    for process in processes:
        process.process.kill()
        process.process.communicate()


def ask(path: Path) -> dict[str, Any]:
    """What is answered at a socket to who asks after health; empty if nobody listens."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        try:
            client.connect(str(path))
            client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            answered = b"".join(iter(lambda: client.recv(65_536), b""))
        except (FileNotFoundError, ConnectionError):
            return {}
    return json.loads(answered.partition(b"\r\n\r\n")[2])


def test_it_keeps_the_read_models_until_it_is_asked_to_end(started: Started, tmp_path: Path) -> None:
    sidecar = started("one")
    until(lambda: sidecar.has_said("keeps the read models"))
    assert is_kept(tmp_path / "cache")
    with application(tmp_path) as session:
        note(session.store)
        until(lambda: checkpoint_of(session.cache) == 4)
    sidecar.process.terminate()
    assert sidecar.end() == (0, "", "")
    assert sidecar.messages()[-1] == "stopped"
    assert not is_kept(tmp_path / "cache")


def test_it_ends_by_the_keyboard_too(started: Started) -> None:
    sidecar = started("one")
    until(lambda: sidecar.has_said("keeps the read models"))
    sidecar.process.send_signal(signal.SIGINT)
    assert sidecar.end() == (0, "", "")


def test_it_ends_with_its_standard_input(started: Started) -> None:
    sidecar = started("one", "--until-eof", stdin=subprocess.PIPE)
    until(lambda: sidecar.has_said("keeps the read models"))
    assert sidecar.process.stdin
    sidecar.process.stdin.close()
    sidecar.process.stdin = None
    assert sidecar.end() == (0, "", "")
    assert sidecar.messages()[-1] == "stopped"


def test_it_tells_at_a_socket_and_the_standby_does_when_it_has_taken_over(started: Started, tmp_path: Path) -> None:
    place = tmp_path / "told"
    where = ("--listen", f"unix:{place}")
    keeper = started("one", *where)
    until(lambda: ask(place).get("is_keeper") is True)
    standby = started("two", *where)
    until(lambda: standby.has_said("stands by: another process keeps the read models of this store"))
    assert standby.has_said("tells nothing yet")
    started_at = ask(place)["started_at"]
    keeper.process.kill()  # which leaves its socket behind
    until(lambda: ask(place).get("started_at", started_at) != started_at)
    until(lambda: (told := ask(place)).get("is_keeper") is True and told["head"] == 3 and told["behind"] == 0)
    standby.process.terminate()
    assert standby.end()[0] == 0
    assert not place.exists()


def sidecar(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One that is to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "explorer", "sidecar", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip


def test_a_store_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = sidecar(tmp_path / "none.events")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "There is no store" in done.stderr
    assert not [*tmp_path.iterdir()]


def test_a_store_of_a_newer_program_is_one_line(tmp_path: Path) -> None:
    application(tmp_path).close()
    connection = driver.connect(str(tmp_path / "shop.events"), isolation_level=None)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    done = sidecar(tmp_path / "shop.events", "--cache", tmp_path / "cache")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "newer" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: STORE"),
        (["x.events", "--loud"], "--loud"),
        (["x.events", "--backup-every", "0"], "0 is not between 1 and"),
        (["x.events", "--backup-every", "nan"], "nan is not between 1 and"),
        (["x.events", "--backup-every", "often"], "often is no number of seconds"),
        (["x.events", "--log-level", "loud"], "choose from"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(arguments)
    assert exit_.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("event-explorer sidecar: ")
    assert words in line


def test_an_address_that_others_could_reach_is_refused(tmp_path: Path) -> None:
    application(tmp_path).close()
    done = sidecar(tmp_path / "shop.events", "--cache", tmp_path / "cache", "--listen", "0.0.0.0:80")
    assert done.returncode == 1
    assert "only this computer may ask" in done.stderr


def test_it_knows_no_window() -> None:
    """Neither Qt nor what draws or writes reports: it is to be small, and starts beside each window."""
    code = "import sys, explorer.sidecar.command; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "explorer" in loaded
    assert not loaded & {"PySide6", "shiboken6", "pyqtgraph", "reportlab", "xlsxwriter"}
    assert not [name for name in done.stdout.split() if name.startswith(("explorer.gui", "explorer.cli"))]


def test_the_program_s_help_tells_of_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "--help"], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert "event-explorer sidecar STORE" in " ".join(done.stdout.split())


def test_without_standard_input_there_is_nobody_to_wait_for(tmp_path: Path) -> None:
    application(tmp_path).close()
    command = ["-m", "explorer", "sidecar", str(tmp_path / "shop.events"), "--cache", str(tmp_path / "cache")]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", sys.executable, *command, "--until-eof"],
        timeout=PATIENCE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
