"""Colour rules, a line each: name, condition, colour."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self, cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from explorer.application.colouring import COLOURS, MOST, Rule, rule
from explorer.application.filtering import EventFilter
from explorer.errors import BadInput
from explorer.gui.panels.filter_field import FilterField
from explorer.gui.panels.plain import plain
from explorer.gui.theme import Look, rule_colour
from explorer.language.completion import Known
from explorer.language.syntax import NotUnderstood

SEEN = 8
"""Lines that are seen at once; more are scrolled."""


class Draft(NamedTuple):
    """A rule as it is written, understood or not."""

    name: str
    text: str
    colour: str

    @classmethod
    def of(cls, one: Rule) -> Self:
        return cls(one.name, one.wanted.text, one.colour)


class _Line:
    """The widgets of one rule."""

    def __init__(self, number: int, known: Callable[[], Known], look: Look, parent: QWidget) -> None:
        self.name = QLineEdit(parent)
        self.name.setPlaceholderText("Large")
        self.name.setAccessibleName(f"Name of rule {number}")
        self.text = FilterField(known, look, parent, is_kept=True)
        self.text.setPlaceholderText("data.quantity > 100")
        self.text.setAccessibleName(f"Condition of rule {number}")
        self.text.setToolTip("Ctrl+Space offers what may stand at the caret")
        self.text.textChanged.connect(self._mark)
        self.colour = QComboBox(parent)
        self.colour.setAccessibleName(f"Colour of rule {number}")
        for name in COLOURS:
            side = parent.fontMetrics().height()
            square = QPixmap(QSize(side, side))
            square.fill(QColor(rule_colour(name, look.theme)))
            self.colour.addItem(QIcon(square), name.capitalize(), name)
        self.remove = QPushButton("Remove", parent)
        self.remove.setAccessibleName(f"Remove rule {number}")

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        return (self.name, self.text, self.colour, self.remove)

    @property
    def draft(self) -> Draft:
        return Draft(self.name.text(), self.text.text(), self.colour.currentData())

    @property
    def is_blank(self) -> bool:
        return not self.name.text().strip() and not self.text.text().strip()

    def _mark(self, text: str) -> None:
        try:
            EventFilter.parse(text)
        except NotUnderstood as error:
            self.text.mark_wrong(error)
        else:
            self.text.mark_wrong(None)


class ColourRulesDialog(QDialog):
    """`wished` carries the rules; while one cannot be used the dialog stays open, and says why.

    `left` carries what was written by somebody who goes without using it, for the next time.
    """

    wished = Signal(object)
    left = Signal(object)
    """Drafts."""
    entered = Signal()
    """A condition has the keyboard: what is known should be up to date."""

    def __init__(
        self,
        rules: Sequence[Rule],
        look: Look,
        parent: QWidget,
        known: Callable[[], Known] = Known,
        drafts: Sequence[Draft] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("colour_rules_dialog")
        self.setWindowTitle("Colour rules")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._look, self._known, self._numbers = look, known, 0
        self._in_force = tuple(map(Draft.of, rules))
        self.lines: list[_Line] = []
        about = self._label(
            "An event for which a condition holds gets a bar in the rule's colour, with the first letter of its name, "
            "in the list and the timeline. The first rule that holds counts."
        )
        self._inner = QWidget(self)
        self._grid, inner = QGridLayout(), QVBoxLayout(self._inner)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self._grid)
        inner.addStretch(1)
        for column, title in enumerate(("Name", "Holds", "Colour")):
            label = QLabel(title, self._inner)
            label.setProperty("role", "muted")
            self._grid.addWidget(label, 0, column)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 3)
        self._area = QScrollArea(self)
        self.add = QPushButton("&Add rule", self)
        self.add.clicked.connect(self.add_line)
        self.kept = self._label("These lines are as you left them. They are not in force: use them, or undo them.")
        self.kept.setProperty("role", "muted")
        self.refusal = self._label("")
        self.refusal.setProperty("role", "refusal")
        self.undo = QPushButton("U&ndo edits", self)
        self.undo.setToolTip("Show the rules that are in force")
        self._lay_out(about)
        self._fill(self._in_force if drafts is None else drafts)
        self.kept.setVisible(drafts is not None)
        self.resize(self.fontMetrics().averageCharWidth() * 100, 0)
        self._grow()

    def _label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setVisible(bool(text))
        return label

    def _lay_out(self, about: QLabel) -> None:
        buttons = QDialogButtonBox(self)
        use = buttons.addButton("&Use rules", QDialogButtonBox.ButtonRole.AcceptRole)
        use.setProperty("primary", "true")
        use.style().polish(use)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.undo, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.accepted.connect(self.wish)
        buttons.rejected.connect(self.reject)
        self.undo.clicked.connect(self._undo)
        self.rejected.connect(self._leave)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._inner)
        self._area.verticalScrollBar().rangeChanged.connect(self._follow_focus)
        column = QVBoxLayout(self)
        for widget in (about, self.kept):
            column.addWidget(widget)
        column.addWidget(self._area, 1)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.refusal)
        column.addWidget(buttons)

    def add_line(self) -> _Line:
        """One more rule, still blank, of the next colour."""
        self._numbers += 1
        line = _Line(self._numbers, self._known, self._look, self._inner)
        line.colour.setCurrentIndex((self._numbers - 1) % len(COLOURS))
        for column, widget in enumerate(line.widgets):
            self._grid.addWidget(widget, self._numbers, column)
        line.remove.clicked.connect(lambda: self._remove(line))
        line.text.entered.connect(self.entered)
        for changed in (line.name.textChanged, line.text.textChanged, line.colour.currentIndexChanged):
            changed.connect(self._enable)
        self.lines.append(line)
        self._enable()
        if self.isVisible():
            self._grow()
            self._turn_to(line.name)
        return line

    def _turn_to(self, field: QLineEdit) -> None:
        field.setFocus()
        self._area.ensureWidgetVisible(field)

    def _follow_focus(self) -> None:
        """A new line has its place only when it is laid out."""
        field = cast("QWidget | None", self._inner.focusWidget())
        if field is not None:
            self._area.ensureWidgetVisible(field)

    def _fill(self, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            line = self.add_line()
            line.name.setText(draft.name)
            line.text.setText(draft.text)
            line.text.setCursorPosition(0)
            line.colour.setCurrentIndex(line.colour.findData(draft.colour))
        if not drafts:
            self.add_line()
        self.lines[-1 if self.lines[-1].is_blank else 0].name.setFocus()

    def _remove(self, line: _Line) -> None:
        self.lines.remove(line)
        for widget in line.widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._enable()

    def _enable(self) -> None:
        self.add.setEnabled(len(self.lines) < MOST)
        self.undo.setEnabled(self.drafts != self._in_force)

    def _grow(self) -> None:
        """Lines keep their height: the dialog grows with them, and beyond some they are scrolled."""
        # The layout knows of a new line only when it is shown.
        line = max(widget.sizeHint().height() for widget in self.lines[-1].widgets) + self._grid.verticalSpacing()
        self._area.setMinimumHeight(self.fontMetrics().height() + min(SEEN, len(self.lines)) * line)
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    # Leaving, with the rules or without

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """What is written; blank lines are nothing."""
        return tuple(line.draft for line in self.lines if not line.is_blank)

    def _undo(self) -> None:
        for line in tuple(self.lines):
            self._remove(line)
        self._numbers = 0
        self._fill(self._in_force)
        for label in (self.kept, self.refusal):
            label.hide()

    def _leave(self) -> None:
        self.left.emit(self.drafts if self.drafts != self._in_force else None)

    def wish(self) -> None:
        """Asks for the rules as they stand; blank lines are none."""
        found: list[Rule] = []
        for line in self.lines:
            if line.is_blank:
                continue
            try:
                found.append(rule(line.name.text(), line.text.text(), line.colour.currentData()))
            except NotUnderstood as error:
                self._turn_to(line.text)
                line.text.setSelection(error.start, max(1, error.end - error.start))
                self._refuse(f"{line.name.text()}: {error}")
                return
            except BadInput as error:
                self._turn_to(line.name)
                self._refuse(str(error))
                return
        self.wished.emit(tuple(found))
        self.accept()

    def _refuse(self, reason: str) -> None:
        self.refusal.setText(f"✕ {plain(reason)}")
        self.refusal.show()
        self._grow()
