"""A small window that stays beside: which condition is sought, where, and what came of it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from explorer.gui.panels.condition_field import ConditionField
from explorer.gui.panels.plain import plain, short_stream
from explorer.gui.theme import Look, play_role

EXAMPLES = (
    "A path into the state, compared: total > 50000 (money is in minor units) · "
    "lines[sku=22423].quantity >= 10 · lines[*].quantity > 100 · "
    'status == "abandoned" · total <= was.total / 2 (was: before the event) · event.actor == "ann"'
)


class MomentDialog(QDialog):
    """`changed` comes when something else is sought, or elsewhere."""

    changed = Signal()

    def __init__(self, look: Look, actions: Mapping[str, QAction], recent: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("moment_dialog")
        self.setWindowTitle("Find the moment")
        self.field = ConditionField(look, self)
        self.predicate = QComboBox(self)
        self.predicate.setEditable(True)
        self.predicate.setLineEdit(self.field)
        self.predicate.setCompleter(None)  # type: ignore[arg-type] - it would write on while somebody types
        self.predicate.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.predicate.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
        self.predicate.setAccessibleName("Condition that becomes true")
        self.field.setAccessibleName("Condition that becomes true")
        self.predicate.setToolTip(EXAMPLES)
        self.scope = QComboBox(self)
        self.scope.setAccessibleName("Where it is sought")
        self.scope.addItems(["This stream", "All streams"])
        self.scope.setCurrentIndex(1)
        self.outcome = QLabel(self)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setWordWrap(True)
        self.outcome.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.outcome.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.watch = QCheckBox("Stop &playing when it holds", self)
        self.watch.setAccessibleName("Stop playing when it holds")
        self.watch.setToolTip(actions["stop_at_moment"].toolTip())
        self.buttons = [
            self._button(actions[name], text)
            for name, text in (
                ("find_first_moment", "&First"),
                ("find_previous_moment", "Pre&vious"),
                ("find_next_moment", "&Next"),
            )
        ]
        self._lay_out()
        self.show_direction(is_backwards=False)
        self.show_recent(recent)
        self.field.understood.connect(self._take_text)
        self.scope.currentIndexChanged.connect(self.changed)
        self.say(EXAMPLES)
        self.field.setText(recent[0] if recent else "")

    def _button(self, action: QAction, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(action.text().replace("&", ""))
        keys = action.shortcut().toString()
        button.setToolTip(f"{action.statusTip()} ({keys})")
        button.clicked.connect(action.trigger)
        return button

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.addRow("&Condition", self.predicate)
        form.addRow("&In", self.scope)
        row = QHBoxLayout()
        row.addWidget(self.watch)
        row.addStretch(1)
        for button in self.buttons:
            row.addWidget(button)
        form.addRow(self.outcome)
        form.addRow(row)

    def show_recent(self, recent: Sequence[str]) -> None:
        """The conditions sought before, the last one first."""
        text = self.field.text()
        with QSignalBlocker(self.predicate), QSignalBlocker(self.field):
            self.predicate.clear()
            self.predicate.addItems([*recent])
            self.predicate.setCurrentIndex(-1)
            self.field.setText(text)

    def show_stream(self, stream: str | None) -> None:
        """The chosen stream; without one only all can be sought in."""
        self.scope.setItemText(0, f"This stream ({short_stream(stream)})" if stream else "This stream (none chosen)")
        if stream is None:
            self.scope.setCurrentIndex(1)

    def show_direction(self, *, is_backwards: bool) -> None:
        """Which way Enter seeks: a button that is the default is seen to be it."""
        _, back, on = self.buttons
        for button, is_default in ((back, is_backwards), (on, not is_backwards)):
            button.setDefault(is_default)
            button.setProperty("primary", "true" if is_default else "false")
            button.style().unpolish(button)
            button.style().polish(button)

    @property
    def is_one_stream(self) -> bool:
        return self.scope.currentIndex() == 0

    def say(self, words: str, role: str = "muted") -> None:
        self.outcome.setText(plain(words))
        play_role(self.outcome, role)

    def _take_text(self) -> None:
        error = self.field.error
        if error is not None:
            self.say(f"⚠ {error}", "refusal")
        else:
            self.say("" if self.field.condition else EXAMPLES)
        self.changed.emit()
