"""A cart in the editor, in a window that has the focus, and what is done to it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.domain.event import Event
from explorer.gui.panels.cart_editor import CartEditor
from explorer.gui.panels.cart_form import CartForm
from explorer.gui.panels.cart_lines import QUANTITY
from explorer.gui.panels.quantity import Quantity
from tests.gui.stage import Stage


class Desk:
    """Jane's open cart in the editor, in a window that has the focus."""

    def __init__(self, on: Stage, qtbot: QtBot) -> None:
        self.on, self.qtbot = on, qtbot
        self.editor = on.put(CartEditor, 560, 600)
        self.elsewhere = QLineEdit(on.holder)
        on.open()
        on.holder.activateWindow()
        qtbot.waitUntil(on.holder.isActiveWindow)
        on.after(lambda: on.looking.choose_stream("cart-jane"))

    @property
    def form(self) -> CartForm:
        return self.editor.cart

    @property
    def event(self) -> Event:
        stream = self.on.answer.stream
        assert stream is not None
        assert stream.event is not None
        return stream.event

    def spin(self, line: str) -> Quantity:
        spin = self.form.lines.spin_of(line)
        assert spin is not None
        return spin

    def quantities(self) -> list[str]:
        return [self.form.lines.page.index(row, QUANTITY).data() for row in range(self.form.lines.page.rowCount())]

    def type(self, field: QWidget, text: str, key: Qt.Key | None = None) -> None:
        field.setFocus()
        if isinstance(field, QLineEdit | QAbstractSpinBox):
            field.selectAll()
        QTest.keyClicks(field, text)
        if key is not None:
            QTest.keyClick(field, key)

    def refused(self, act: Callable[[], object]) -> str:
        """The reason that comes."""
        reasons: list[str] = []

        def take(_field: str, reason: str) -> None:
            reasons.append(reason)

        self.on.looking.refused.connect(take)
        act()
        self.qtbot.waitUntil(lambda: bool(reasons))
        self.on.looking.refused.disconnect(take)
        return reasons[0]


def press(widget: QWidget, key: Qt.Key) -> Callable[[], object]:
    return lambda: QTest.keyClick(widget, key)


def click(button: QPushButton) -> Callable[[], object]:
    return lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton)
