"""Colour rules, a line each: name, condition, colour."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.application.colouring import COLOURS, MOST, Rule, rule
from explorer.errors import BadInput
from explorer.gui.panels.plain import plain
from explorer.gui.theme import Theme, rule_colour
from explorer.language.syntax import NotUnderstood


class _Line:
    """The widgets of one rule."""

    def __init__(self, number: int, theme: Theme, parent: QWidget) -> None:
        self.name = QLineEdit(parent)
        self.name.setPlaceholderText("Large")
        self.name.setAccessibleName(f"Name of rule {number}")
        self.text = QLineEdit(parent)
        self.text.setPlaceholderText("data.quantity > 100")
        self.text.setAccessibleName(f"Condition of rule {number}")
        self.colour = QComboBox(parent)
        self.colour.setAccessibleName(f"Colour of rule {number}")
        for name in COLOURS:
            side = parent.fontMetrics().height()
            square = QPixmap(QSize(side, side))
            square.fill(QColor(rule_colour(name, theme)))
            self.colour.addItem(QIcon(square), name.capitalize(), name)
        self.remove = QPushButton("Remove", parent)
        self.remove.setAccessibleName(f"Remove rule {number}")

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        return (self.name, self.text, self.colour, self.remove)

    @property
    def is_blank(self) -> bool:
        return not self.name.text().strip() and not self.text.text().strip()


class ColourRulesDialog(QDialog):
    """`wished` carries the rules; while one cannot be used the dialog stays open, and says why."""

    wished = Signal(object)

    def __init__(self, rules: Sequence[Rule], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("colour_rules_dialog")
        self.setWindowTitle("Colour rules")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme, self._numbers = theme, 0
        self.lines: list[_Line] = []
        about = QLabel(
            "An event for which a condition holds gets a bar in the rule's colour, with the first letter of its name, "
            "in the list and the timeline. The first rule that holds counts.",
            self,
        )
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        self._grid = QGridLayout()
        for column, title in enumerate(("Name", "Holds", "Colour")):
            label = QLabel(title, self)
            label.setProperty("role", "muted")
            self._grid.addWidget(label, 0, column)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 3)
        self.add = QPushButton("&Add rule", self)
        self.add.clicked.connect(self.add_line)
        self.refusal = QLabel(self)
        self.refusal.setProperty("role", "refusal")
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.setWordWrap(True)
        self.refusal.hide()
        self._lay_out(about)
        for one in rules:
            self._show(self.add_line(), one)
        if not rules:
            self.add_line()
        self.resize(self.fontMetrics().averageCharWidth() * 100, self.sizeHint().height())

    def _lay_out(self, about: QLabel) -> None:
        buttons = QDialogButtonBox(self)
        use = buttons.addButton("&Use rules", QDialogButtonBox.ButtonRole.AcceptRole)
        use.setProperty("primary", "true")
        use.style().polish(use)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.wish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(about)
        column.addLayout(self._grid)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        column.addWidget(self.refusal)
        column.addWidget(buttons)

    def add_line(self) -> _Line:
        """One more rule, still blank, of the next colour."""
        self._numbers += 1
        line = _Line(self._numbers, self._theme, self)
        line.colour.setCurrentIndex((self._numbers - 1) % len(COLOURS))
        for column, widget in enumerate(line.widgets):
            self._grid.addWidget(widget, self._numbers, column)
        line.remove.clicked.connect(lambda: self._remove(line))
        self.lines.append(line)
        self.add.setEnabled(len(self.lines) < MOST)
        line.name.setFocus()
        return line

    @staticmethod
    def _show(line: _Line, one: Rule) -> None:
        line.name.setText(one.name)
        line.text.setText(one.wanted.text)
        line.text.setCursorPosition(0)
        line.colour.setCurrentIndex(line.colour.findData(one.colour))

    def _remove(self, line: _Line) -> None:
        self.lines.remove(line)
        for widget in line.widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.add.setEnabled(len(self.lines) < MOST)

    def wish(self) -> None:
        """Asks for the rules as they stand; blank lines are none."""
        found: list[Rule] = []
        for line in self.lines:
            if line.is_blank:
                continue
            try:
                found.append(rule(line.name.text(), line.text.text(), line.colour.currentData()))
            except NotUnderstood as error:
                line.text.setFocus()
                line.text.setSelection(error.start, max(1, error.end - error.start))
                self._refuse(f"{line.name.text()}: {error}")
                return
            except BadInput as error:
                line.name.setFocus()
                self._refuse(str(error))
                return
        self.wished.emit(tuple(found))
        self.accept()

    def _refuse(self, reason: str) -> None:
        self.refusal.setText(f"✕ {plain(reason)}")
        self.refusal.show()
