"""What is done to a window to verify its log."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from explorer.gui.main_window import MainWindow
from tests.gui.driver import Driver


def click(widget: QWidget) -> None:
    assert widget.isEnabled(), widget.toolTip()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def verified(driver: Driver, window: MainWindow) -> None:
    """By the button; returns when the window shows what came of it."""
    looking = window.looking
    before = looking.answer.standing.found if looking.answer else None
    click(window.trust_panel.buttons["verify_now"])
    assert window.trusting.is_verifying
    driver.until(lambda: bool(looking.answer and looking.answer.standing.found is not before))
    driver.until(lambda: not window.trusting.is_verifying)
