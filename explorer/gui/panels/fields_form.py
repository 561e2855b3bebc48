"""The fields of a command, a line for each: nobody writes JSON who gives one command to many streams."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from explorer.application.editable import Shape, value_like
from explorer.application.kinds import spoken
from explorer.domain.event import Json
from explorer.errors import BadInput


class FieldsForm(QWidget):
    """What is left empty has its default; a command without fields has no line."""

    changed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: dict[str, QLineEdit] = {}
        self._shape = Shape("", {})
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)

    def show_shape(self, shape: Shape) -> None:
        self._shape = shape
        while self._form.rowCount():
            self._form.removeRow(0)
        self.lines.clear()
        for name, begin in shape.data.items():
            line = self.lines[name] = QLineEdit()
            kind = "a whole number; money in minor units" if type(begin) is int else "a text"
            line.setPlaceholderText(kind if name in shape.required else f"{kind}, or nothing")
            line.setAccessibleName(spoken(name.replace("_", " ")).capitalize())
            line.textChanged.connect(self.changed)
            line.returnPressed.connect(self.entered)
            self._form.addRow(line.accessibleName(), line)

    def data(self) -> dict[str, Json]:
        """Raises BadInput with the field that says nothing, or no value."""
        found: dict[str, Json] = {}
        for name, line in self.lines.items():
            text, begin = line.text(), self._shape.data[name]
            if not text and (name not in self._shape.required or begin != ""):
                if name in self._shape.required:
                    line.setFocus()
                    raise BadInput(f"{line.accessibleName()} is wanted.")
                continue
            try:
                found[name] = value_like(begin, text)
            except BadInput as error:
                line.setFocus()
                line.selectAll()
                raise BadInput(f"{line.accessibleName()}: {error}") from error
        return found
