"""Whoever has the keyboard is seen to have it, in both themes."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QMenu,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.gui.theme import Look, Scheme


def _combo(*, is_editable: bool = False) -> QComboBox:
    combo = QComboBox()
    combo.addItems(["one", "two"])
    combo.setEditable(is_editable)
    return combo


def _tabs() -> QTabBar:
    bar = QTabBar()
    bar.addTab("one")
    bar.addTab("two")
    return bar


def _menu_button() -> QToolButton:
    button = QToolButton()
    button.setText("Filters")
    button.setMenu(QMenu(button))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _choice() -> QComboBox:
    return _combo(is_editable=True)


def _radio() -> QRadioButton:
    return QRadioButton("one")


def _check() -> QCheckBox:
    return QCheckBox("one")


def _push() -> QPushButton:
    return QPushButton("one")


FIELDS = (QLineEdit, _combo, _choice, QSpinBox, _check, _radio, _push, _tabs, _menu_button)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("make", FIELDS, ids=lambda make: make.__name__.strip("_"))
def test_whatever_has_the_keyboard_has_a_ring(
    qapp: QApplication, qtbot: QtBot, make: Callable[[], QWidget], scheme: Scheme
) -> None:
    look, window = Look(qapp, scheme), QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    first, field = QLineEdit(window), make()
    for widget in (first, field):
        column.addWidget(widget)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    before, size = _ring(field, look), field.size()
    field.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(field.hasFocus)
    assert (before, _ring(field, look)) == (0, 2)
    assert field.size() == size
    look.deleteLater()


def _ring(field: QWidget, look: Look) -> int:
    """How many pixels of accent there are from the left edge on, where nothing is written."""
    image, accent = field.grab().toImage(), QColor(look.theme.accent)
    row = field.height() // 4
    across = [image.pixelColor(x, row) == accent for x in range(4)]
    return across.index(False) if False in across else len(across)
