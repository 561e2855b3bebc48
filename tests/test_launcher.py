"""The launcher: a sidecar beside the window for each store, and none that outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from explorer import launcher
from explorer.application.session import Session
from explorer.gui import app as window_module
from explorer.launcher import Beside, launch
from explorer.projections.keeper import is_kept
from explorer.projections.runner import checkpoint_of
from tests.sidecar.stage import note
from tests.sidecar.supervised import PATIENCE, ROOT, lives, until


def store_at(folder: Path, name: str = "shop") -> tuple[Path, Path]:
    """A store of three events and its cache's folder."""
    store, cache = folder / f"{name}.events", folder / f"{name}-cache"
    with Session(store, cache=cache, create=True) as session:
        note(session.store, events=3)
    return store, cache


def children(of: int) -> dict[int, list[str]]:
    """The processes that one has started, and their arguments."""
    found: dict[int, list[str]] = {}
    for folder in Path("/proc").iterdir():
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == of and lives(int(folder.name)):
                found[int(folder.name)] = (folder / "cmdline").read_text().split("\0")
        except (OSError, ValueError):
            continue  # it is no process, or is gone already
    return found


def sidecars(of: int) -> dict[int, str]:
    """Those of a process, and the names of their stores."""
    lines = {pid: line for pid, line in children(of).items() if "sidecar" in line}
    return {pid: Path(line[line.index("sidecar") + 1]).name for pid, line in lines.items()}


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside()
    yield made
    made.close()


def test_one_runs_beside_and_ends_with_it(beside: Beside, tmp_path: Path) -> None:
    store, cache = store_at(tmp_path)
    beside.start(store, cache)
    until(lambda: is_kept(cache))
    with Session(store, cache=cache) as session:
        until(lambda: checkpoint_of(session.cache) == 3)
    (pid,) = sidecars(os.getpid())
    beside.start(store, cache)
    assert [*sidecars(os.getpid())] == [pid], "it runs already"
    beside.close()
    assert not lives(pid)
    assert not is_kept(cache)


def test_one_that_dies_is_begun_anew_after_pauses_that_grow(
    beside: Beside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "FIRST_PAUSE", 0.05)
    store, cache = store_at(tmp_path)
    beside.start(store, cache)
    pids: list[int] = []
    for _ in range(3):
        until(lambda: is_kept(cache) and not sidecars(os.getpid()).keys() <= set(pids))
        (pid,) = sidecars(os.getpid())
        pids.append(pid)
        os.kill(pid, signal.SIGKILL)
    until(lambda: is_kept(cache) and not sidecars(os.getpid()).keys() <= set(pids))
    beside.close()
    assert not sidecars(os.getpid())


def test_one_that_waits_to_be_begun_anew_is_not_when_the_window_is_closed(beside: Beside, tmp_path: Path) -> None:
    store, cache = store_at(tmp_path)
    beside.start(store, cache)
    until(lambda: is_kept(cache))
    (pid,) = sidecars(os.getpid())
    os.kill(pid, signal.SIGKILL)
    until(lambda: not lives(pid))
    beside.close()
    assert not sidecars(os.getpid())


def test_one_that_ends_by_itself_is_begun_when_its_store_is_opened_again(beside: Beside, tmp_path: Path) -> None:
    store, cache = store_at(tmp_path)
    beside.start(store, cache)
    until(lambda: is_kept(cache))
    (pid,) = sidecars(os.getpid())
    os.kill(pid, signal.SIGTERM)
    until(lambda: not lives(pid))
    assert not sidecars(os.getpid())
    until(lambda: beside.start(store, cache) or bool(sidecars(os.getpid())))
    until(lambda: is_kept(cache))


def test_two_stores_have_two(beside: Beside, tmp_path: Path) -> None:
    caches = list[Path]()
    for name in ("north", "south"):
        store, cache = store_at(tmp_path, name)
        beside.start(store, cache)
        caches.append(cache)
    until(lambda: all(map(is_kept, caches)))
    pids = sidecars(os.getpid())
    assert sorted(pids.values()) == ["north.events", "south.events"]
    beside.close()
    assert not any(map(lives, pids))


def test_one_that_does_not_end_is_killed(beside: Beside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, cache = store_at(tmp_path)
    beside.start(store, cache)
    until(lambda: is_kept(cache))
    (pid,) = sidecars(os.getpid())
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(launcher, "PATIENCE", 0.05)
    beside.close()
    assert not lives(pid)


STARTER = """
import sys
from pathlib import Path
from explorer.launcher import Beside
beside = Beside()
for store, cache in zip(sys.argv[1::2], sys.argv[2::2]):
    beside.start(Path(store), Path(cache))
print("started", flush=True)
sys.stdin.read()
"""


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    """Also where two run: the second must not hold the first one's standard input open."""
    stores = [store_at(tmp_path, name) for name in ("north", "south")]
    arguments = [str(path) for pair in stores for path in pair]
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"started\n"
        until(lambda: all(is_kept(cache) for _, cache in stores))
        pids = sidecars(starter.pid)
        assert len(pids) == 2
        starter.kill()
    until(lambda: not any(map(lives, pids)))
    assert not any(is_kept(cache) for _, cache in stores)


# What is launched

Start = Callable[[Sequence[str], window_module.Opened | None], int]


def test_a_sidecar_is_started_for_each_store_that_is_shown_and_ended_with_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, cache = store_at(tmp_path)
    seen: list[int] = []

    def start(arguments: Sequence[str], opened: window_module.Opened | None = None) -> int:
        assert arguments == [str(store)]
        assert opened
        assert not sidecars(os.getpid()), "not before the window shows something"
        opened(store, cache)
        until(lambda: is_kept(cache))
        seen.extend(sidecars(os.getpid()))
        return 7

    monkeypatch.setattr(window_module, "start", start)
    assert launch([str(store)]) == 7
    (pid,) = seen
    assert not lives(pid)


def test_it_is_ended_where_the_window_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, cache = store_at(tmp_path)

    def start(arguments: Sequence[str], opened: window_module.Opened | None = None) -> int:
        assert opened
        opened(store, cache)
        raise LookupError(store)

    monkeypatch.setattr(window_module, "start", start)
    with pytest.raises(LookupError):
        launch([])
    assert not sidecars(os.getpid())


@pytest.mark.parametrize(
    ("arguments", "rest"),
    [
        (["--no-sidecar", "a.events"], ["a.events"]),
        (["a.events", "--no-sidecar"], ["a.events"]),
        (["a.events", "--smoke"], ["a.events", "--smoke"]),
    ],
)
def test_who_wants_none_has_none(monkeypatch: pytest.MonkeyPatch, arguments: list[str], rest: list[str]) -> None:
    told: list[tuple[Sequence[str], object]] = []

    def start(arguments: Sequence[str], opened: window_module.Opened | None = None) -> int:
        told.append((arguments, opened))
        return 0

    monkeypatch.setattr(window_module, "start", start)
    assert launch(arguments) == 0
    assert told == [(rest, None)]


# The real window

CLOSES = """
import sys
from threading import Thread
from PySide6.QtCore import QTimer
from explorer.gui import app
from explorer.launcher import launch
opened = app.App.open
def open_(self, store):
    window = opened(self, store)
    def wait():
        sys.stdin.readline()
        QTimer.singleShot(0, window, window.close)
    Thread(target=wait, daemon=True).start()
    return window
app.App.open = open_
sys.exit(launch(sys.argv[1:]))
"""


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Launches the real one, drawn into memory; a line on its standard input closes it."""
    started: list[subprocess.Popen[bytes]] = []

    def launched(*arguments: str | Path) -> subprocess.Popen[bytes]:
        own = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "CACHE", "DATA")}
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", CLOSES, *map(str, arguments)],
                cwd=ROOT, env=os.environ | own | {"QT_QPA_PLATFORM": "offscreen"}, stdin=subprocess.PIPE,
            )
        )  # fmt: skip
        return started[-1]

    yield launched
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", ["closed", "killed"])
def test_the_real_window_has_one_beside_it_as_long_as_it_lives(
    window: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, how: str
) -> None:
    store, cache = store_at(tmp_path)
    process = window(store, "--cache", cache)
    until(lambda: process.poll() is not None or is_kept(cache))
    assert process.poll() is None
    pids = sidecars(process.pid)
    assert [*pids.values()] == ["shop.events"]
    with Session(store, cache=cache) as session:
        note(session.store)
        until(lambda: checkpoint_of(session.cache) == 4)
    if how == "killed":
        process.kill()
        process.wait(PATIENCE)
    else:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.wait(PATIENCE) == 0
    until(lambda: not any(map(lives, pids)))
    assert not is_kept(cache)


def test_the_real_window_alone_shows_the_same_without_one(
    window: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    store, cache = store_at(tmp_path)
    process = window(store, "--cache", cache, "--no-sidecar")
    with Session(store, cache=cache) as session:
        until(lambda: process.poll() is not None or checkpoint_of(session.cache) == 3)
        note(session.store)
        until(lambda: process.poll() is not None or checkpoint_of(session.cache) == 4)
    assert process.poll() is None
    assert not children(process.pid)
    assert not is_kept(cache)


def test_nothing_is_run_from_the_folder_that_the_window_was_started_in(
    beside: Beside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, cache = store_at(tmp_path)
    stranger = tmp_path / "downloads" / "explorer"
    stranger.mkdir(parents=True)
    for name in ("__init__.py", "__main__.py"):
        (stranger / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(stranger.parent)
    beside.start(store, cache)
    until(lambda: is_kept(cache) or (tmp_path / "ran").exists())
    assert not (tmp_path / "ran").exists()
