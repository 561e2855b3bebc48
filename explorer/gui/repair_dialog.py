"""Shows what a repair would do before it is done: what changes, by which events, and what cannot be brought back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.application.faults import counted
from explorer.application.kinds import spoken
from explorer.application.repair import Plan
from explorer.gui.looking import Looking
from explorer.gui.panels.changes_table import ChangesTable
from explorer.gui.panels.plain import plain, short_stream
from explorer.gui.theme import Theme

FIELD = "repair"
"""Names the command to `Looking`."""
ROWS = 6
"""Lines of the list of events."""


class RepairDialog(QDialog):
    """A plan, a reason, and the button that carries it out. It stays open, with its reason, until that was accepted."""

    wished = Signal(str)
    """The reason."""

    def __init__(self, plan: Plan, what: str, looking: Looking, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("repair_dialog")
        self.setWindowTitle(what)
        self.plan = plan
        about = QLabel("By these events, appended together behind version "
                       f"{plan.version:,}; nothing that happened is edited:", self)  # fmt: skip
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        about.setMargin(self.fontMetrics().height() // 3)
        self.changes = ChangesTable(self)
        self.changes.show_list(plan.changes, _left(plan), plan.currency, theme)
        self.events = QListWidget(self)
        self.events.setAccessibleName("Events that would be appended")
        self.events.addItems([f"{spoken(kind)}  {plain(words)}" for kind, words in plan.words])
        self.events.setFixedHeight(self.fontMetrics().lineSpacing() * ROWS + 2 * self.events.frameWidth())
        self.reason = QLineEdit(self)
        self.reason.setPlaceholderText("why this is repaired; it is recorded with the events")
        self.reason.setAccessibleName("Reason")
        self.refusal = QLabel(self)
        self.refusal.setProperty("role", "refusal")
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.setWordWrap(True)
        self.refusal.hide()
        self.act = QPushButton(f"Append {counted(len(plan.events), 'event')}", self)
        self.act.setProperty("primary", "true")
        self.act.setDefault(True)
        self.act.setEnabled(False)
        self.act.setToolTip("Give a reason first")
        self.reason.textChanged.connect(self._take_reason)
        self._lay_out(about)
        looking.accepted.connect(self._take_acceptance)
        looking.refused.connect(self._take_refusal)
        self.reason.setFocus()

    def _lay_out(self, about: QLabel) -> None:
        form = QFormLayout()
        form.addRow("&Reason", self.reason)
        buttons = QDialogButtonBox(self)
        buttons.addButton(self.act, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._wish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.changes, 2)
        column.addWidget(about)
        column.addWidget(self.events)
        column.addLayout(form)
        column.addWidget(self.refusal)
        column.addWidget(buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 90, self.fontMetrics().lineSpacing() * 28)

    def _take_reason(self, text: str) -> None:
        has_reason = bool(text.strip())
        self.act.setEnabled(has_reason)
        self.act.setToolTip("" if has_reason else "Give a reason first")

    def _wish(self) -> None:
        self.act.setEnabled(False)
        self.refusal.hide()
        self.wished.emit(self.reason.text())

    def _take_acceptance(self, field: str, stream: str) -> None:
        del stream
        if field == FIELD:
            self.accept()

    def _take_refusal(self, field: str, reason: str) -> None:
        if field == FIELD:
            self.refusal.setText(reason)
            self.refusal.show()
            self.act.setEnabled(True)


def _left(plan: Plan) -> str:
    if not plan.left:
        return f"What changes in {short_stream(plan.stream)}:"
    fields = ", ".join(plain(change.path) for change in plan.left[:5])
    more = f" and {len(plan.left) - 5:,} more" if len(plan.left) > 5 else ""
    return f"What changes in {short_stream(plan.stream)}. What cannot be brought back: {fields}{more}."
