"""The status bar tells how fresh the read models are, and whether somebody keeps them so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from explorer.application import outside
from explorer.gui.app import App
from explorer.gui.main_window import MainWindow
from explorer.gui.settings import Settings
from explorer.projections.keeper import Keeper
from explorer.store.engine import driver as sqlite
from tests.gui.driver import Driver
from tests.gui.stage import SHORT, fill

pytestmark = pytest.mark.alone("here the keeper, and who rebuilds, is the test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "shop.events", SHORT)
    return tmp_path


@pytest.fixture
def driver(qtbot: QtBot, qapp: QApplication, folder: Path) -> Iterator[Driver]:
    made = Driver(qtbot, App(qapp, Settings(folder / "window.ini"), folder / "cache"))
    yield made
    for window in list(made.windows):
        made.close(window)


def words(window: MainWindow) -> str:
    return " · ".join(label.text() for label in window.status_line.findChildren(QLabel) if label.isVisible())


def test_a_process_that_keeps_the_read_models_is_shown_as_long_as_it_does(driver: Driver, folder: Path) -> None:
    window = driver.open(folder / "shop.events")
    assert not window.status_line.kept.isVisible()
    keeper = Keeper(folder / "cache", outside.new_id())
    assert keeper.take()
    driver.until(window.status_line.kept.isVisible)
    assert "read models up to date · ● kept fresh in the background" in words(window)
    assert "Another process" in window.status_line.kept.toolTip()
    keeper.close()
    driver.until(lambda: not window.status_line.kept.isVisible())


def test_a_rebuild_of_another_process_is_shown_as_long_as_it_goes_on(driver: Driver, folder: Path) -> None:
    window = driver.open(folder / "shop.events")
    assert window.looking.answer is not None
    connection = sqlite.connect(str(folder / "cache" / window.looking.answer.generation))
    connection.execute("INSERT INTO rebuild VALUES (1, x'00', 34, 100, ?)", (outside.now(),))
    connection.commit()
    driver.until(lambda: "read models being rebuilt, 34 %; the older ones answer" in words(window))
    connection.execute("DELETE FROM rebuild")
    connection.commit()
    connection.close()
    driver.until(lambda: "read models up to date" in words(window))
