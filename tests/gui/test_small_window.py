"""The window on a small screen: it fits with any panel in front, and the list of events can be read."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDockWidget

from explorer.application import demo
from explorer.gui.main_window import MainWindow
from tests.gui.driver import Driver

LEAST = 1000, 680
USUAL_LINE = 14
"""Pixels of a line of text where windows of that size are usual."""


@pytest.fixture
def window(driver: Driver, tmp_path: Path) -> MainWindow:
    store = tmp_path / "shop.events"
    demo.fill(store, 300, 5, cache=tmp_path / "cache")
    return driver.open(store)


def test_every_panel_leaves_the_window_small(driver: Driver, window: MainWindow) -> None:
    line = window.fontMetrics().height()
    width, height = (pixels * max(line, USUAL_LINE) // USUAL_LINE for pixels in LEAST)
    window.menus.by_id["compare_now"].trigger()
    for dock in window.findChildren(QDockWidget):
        dock.show()
        dock.raise_()
        window.looking.step(-1)
        driver.answered(window)
        driver.until(dock.widget().isVisible)
        QApplication.processEvents()
        needed = window.minimumSizeHint()
        assert (needed.width() <= width, needed.height() <= height) == (True, True), f"{dock.windowTitle()}: {needed}"


def test_events_can_be_read_in_a_small_window(driver: Driver, window: MainWindow) -> None:
    window.resize(1024, 700)
    table = window.events.table
    driver.until(lambda: table.viewport().height() >= 3 * table.rowHeight(0) > 0)
