"""Stores that many tests look at, made once, and the stage on which panels stand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.gui.app import App
from explorer.gui.settings import Settings
from explorer.gui.theme import Look
from tests.faults.zygote import Zygote
from tests.gui import beside
from tests.gui.driver import Driver
from tests.gui.stage import SHORT, Stage, fill, long_steps

LONG = 5_000


@pytest.fixture(scope="session")
def _ground(home: None) -> Iterator[Zygote | None]:
    """Where sidecars are forked from, if there are to be any."""
    if not beside.IS_WANTED:
        yield None
        return
    zygote = Zygote()
    yield zygote
    zygote.close()


@pytest.fixture(autouse=True)
def sidecars(_ground: Zygote | None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the mode of `beside`, a sidecar beside each window; a test that is marked `alone` has none."""
    if _ground is None or request.node.get_closest_marker("alone"):
        yield
        return
    with beside.accompanied(_ground, monkeypatch):
        yield


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> App:
    return App(qapp, Settings(tmp_path / "window.ini"), tmp_path / "cache")


@pytest.fixture
def driver(qtbot: QtBot, app: App) -> Iterator[Driver]:
    """Opens real windows; they are closed when the test ends."""
    made = Driver(qtbot, app)
    yield made
    for window in list(made.windows):
        made.close(window)


@pytest.fixture
def look(qapp: QApplication) -> Look:
    return Look(qapp, "light")


@pytest.fixture
def stage(qtbot: QtBot, look: Look) -> Iterator[Callable[[Path], Stage]]:
    """Opens a stage on a store; it is closed, and its thread ended, when the test is."""
    stages: list[Stage] = []

    def opened(store: Path) -> Stage:
        stages.append(Stage(qtbot, look, store))
        return stages[-1]

    yield opened
    for made in stages:
        made.close()


@pytest.fixture(scope="session")
def short_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten events; see `SHORT`."""
    store = tmp_path_factory.mktemp("short") / "short.events"
    fill(store, SHORT)
    return store


@pytest.fixture(scope="session")
def long_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 events; see `long_steps`."""
    store = tmp_path_factory.mktemp("long") / "long.events"
    fill(store, long_steps(LONG))
    return store


@pytest.fixture
def empty_store(tmp_path: Path) -> Path:
    store = tmp_path / "empty.events"
    fill(store, ())
    return store
