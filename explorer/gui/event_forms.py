"""Small dialogs in which an event of a scratch branch is changed or made; data is written as JSON."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from explorer.application.editable import Line, Shape, object_of, value_like
from explorer.application.hinting import amount_hint
from explorer.application.kinds import spoken
from explorer.domain.event import Json
from explorer.errors import BadInput
from explorer.gui.panels.plain import as_json, plain
from explorer.gui.panels.refusal import Refusal

MOST_DIGITS = 16
"""Of a whole number that is told as an amount."""


class ChangeForm(QDialog):
    """One field of an event's data, and the value it had instead."""

    wished = Signal(str, object)
    """The path within the data, and the value."""

    def __init__(self, line: Line, currency: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("change_form")
        self._currency = currency
        self.setWindowTitle(plain(f"What if version {line.version:,}, {spoken(line.type)}, had said…"))
        self._values = dict(_fields(line.data or {}))
        self.field = QComboBox(self)
        self.field.setAccessibleName("Field")
        self.field.addItems([plain(path) for path in self._values])
        self.value = QLineEdit(self)
        self.value.setAccessibleName("Value as JSON")
        self.value.setMinimumWidth(self.fontMetrics().averageCharWidth() * 50)
        self.refusal, self.act = Refusal(self), QPushButton("Change", self)
        form = QFormLayout(self)
        form.addRow("&Field", self.field)
        form.addRow("&Value, as JSON", self.value)
        self.hint = QLabel(self)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setProperty("role", "muted")
        form.addRow("", self.hint)
        _finish(self, form, self.refusal, self.act)
        self.field.currentIndexChanged.connect(self._show_value)
        self.value.textEdited.connect(self.refusal.clear)
        self.value.textChanged.connect(self._say_amount)
        self.act.clicked.connect(self._wish)
        self._show_value(0)
        self.value.setFocus()

    def _show_value(self, number: int) -> None:
        self.value.setText(as_json([*self._values.values()][number]) if self._values else "")
        self.value.selectAll()

    def _say_amount(self) -> None:
        """What a number would be as money, which stands here in minor units."""
        path, text = [*self._values][self.field.currentIndex()] if self._values else "", self.value.text().strip()
        is_whole = text.removeprefix("-").isdecimal() and text.isascii() and len(text) < MOST_DIGITS
        self.hint.setText(amount_hint(path, int(text), self._currency) if is_whole else "")

    def _wish(self) -> None:
        try:
            value = value_like([*self._values.values()][self.field.currentIndex()], self.value.text())
        except BadInput as error:
            self.refusal.say(str(error))
            return
        self.wished.emit([*self._values][self.field.currentIndex()], value)
        self.accept()


class InsertForm(QDialog):
    """Another event, behind a version; where nobody wrote rules, of any type."""

    wished = Signal(str, object)
    """The type, and its data."""

    def __init__(self, after: int, shapes: Sequence[Shape], parent: QWidget, *, is_ruled: bool) -> None:
        super().__init__(parent)
        self.setObjectName("insert_form")
        where = f"behind version {after:,}" if after else "before all others"
        self.setWindowTitle(f"What if this had happened {where}…")
        self._shapes = shapes
        self.type = QComboBox(self)
        self.type.setAccessibleName("Type of the event")
        self.type.addItems([shape.name for shape in shapes])
        self.type.setEditable(not is_ruled)
        self.data = QPlainTextEdit(self)
        self.data.setAccessibleName("Data as JSON")
        self.data.setTabChangesFocus(True)
        self.data.setMinimumSize(self.fontMetrics().averageCharWidth() * 50, self.fontMetrics().lineSpacing() * 8)
        self.refusal, self.act = Refusal(self), QPushButton("Insert", self)
        form = QFormLayout(self)
        form.addRow("&Type", self.type)
        form.addRow("&Data, as JSON", self.data)
        _finish(self, form, self.refusal, self.act)
        self.type.currentIndexChanged.connect(self._show_shape)
        self.data.textChanged.connect(self.refusal.clear)
        self.act.clicked.connect(self._wish)
        self._show_shape(0)

    def choose(self, kind: str) -> None:
        """Begins with a type: most that is inserted is like what stands there."""
        self.type.setCurrentIndex(max(0, self.type.findText(kind)))

    def _show_shape(self, number: int) -> None:
        if 0 <= number < len(self._shapes):
            self.data.setPlainText(as_json(self._shapes[number].data))

    def _wish(self) -> None:
        kind = self.type.currentText().strip()
        try:
            data = object_of(self.data.toPlainText())
        except BadInput as error:
            self.refusal.say(str(error))
            return
        if not kind:
            self.refusal.say("An event has a type. Write its name.")
            return
        self.wished.emit(kind, data)
        self.accept()


def _finish(dialog: QDialog, form: QFormLayout, refusal: Refusal, act: QPushButton) -> None:
    act.setDefault(True)
    act.setProperty("primary", "true")
    buttons = QDialogButtonBox(dialog)
    buttons.addButton(act, QDialogButtonBox.ButtonRole.ActionRole)
    buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
    buttons.rejected.connect(dialog.reject)
    form.addRow(refusal)
    form.addRow(buttons)
    refusal.said.connect(lambda: _grow(dialog))


def _grow(dialog: QDialog) -> None:
    """As high as what it says needs; a text that wraps would be cut."""
    layout = dialog.layout()
    if layout is not None:
        layout.activate()
        dialog.resize(dialog.width(), max(dialog.height(), layout.totalHeightForWidth(dialog.width())))


def _fields(data: dict[str, Json], path: str = "") -> Iterator[tuple[str, Json]]:
    """What can be changed, by paths; a list is changed as one."""
    for name, value in data.items():
        if isinstance(value, dict) and value:
            yield from _fields(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value
