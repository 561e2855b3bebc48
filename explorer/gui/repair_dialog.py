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
from explorer.application.replanning import Again
from explorer.errors import Conflict
from explorer.gui.looking import Looking
from explorer.gui.panels.between_words import all_of, changes_of, title_of
from explorer.gui.panels.changes_table import ChangesTable
from explorer.gui.panels.plain import plain, tip, whole_stream
from explorer.gui.panels.refusal import Refusal
from explorer.gui.theme import Theme

FIELD = "repair"
"""Names the command to `Looking`."""
ROWS = 6
"""Lines of the list of events."""
LISTED = 4
"""Changes of others that are told; the tooltip tells all."""


class RepairDialog(QDialog):
    """A plan, a reason, and the button that carries it out. It stays open, with its reason, until that was accepted.

    A plan that has grown old meanwhile is not carried out: it is made anew by `again`, and looked at first, too.
    """

    wished = Signal(str)
    """The reason."""
    again_wanted = Signal()

    def __init__(self, plan: Plan, what: str, looking: Looking, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("repair_dialog")
        self.setWindowTitle(what)
        self.plan = plan
        self._theme, self._why_not, self._clash = theme, "", ""
        self.is_over = False
        self.meanwhile, self.about = _label("What the others changed", self), _label("How", self)
        self.meanwhile.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.meanwhile.hide()
        self.changes = ChangesTable(self)
        self.events = QListWidget(self)
        self.events.setAccessibleName("Events that would be appended")
        self.events.setFixedHeight(self.fontMetrics().lineSpacing() * ROWS + 2 * self.events.frameWidth())
        self.reason = QLineEdit(self)
        self.reason.setPlaceholderText("why this is repaired; it is recorded with the events")
        self.reason.setAccessibleName("Reason")
        self.refusal = Refusal(self)
        self.act = QPushButton(self)
        self.act.setProperty("primary", "true")
        self.again = QPushButton("&Plan again", self)
        self.again.setToolTip("Plan the same repair upon what there is now, and look at it first; the reason is kept")
        self.again.setEnabled(False)
        self._lay_out()
        self.reason.textChanged.connect(self._enable)
        self.again.clicked.connect(self._want_again)
        self.finished.connect(self._end)
        looking.accepted.connect(self._take_acceptance)
        looking.conflicted.connect(self._take_conflict)
        looking.refused.connect(self._take_refusal)
        self._draw(plan)
        self._default(self.act)
        self.reason.setFocus()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Reason", self.reason)
        buttons = QDialogButtonBox(self)
        buttons.addButton(self.act, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.again, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._wish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.meanwhile)
        column.addWidget(self.changes, 2)
        column.addWidget(self.about)
        column.addWidget(self.events)
        column.addLayout(form)
        column.addWidget(self.refusal)
        column.addWidget(buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 90, self.fontMetrics().lineSpacing() * 28)

    # What is shown

    def show_again(self, again: Again) -> None:
        """The repair as it was planned anew, and what the others did; or why it is none any more."""
        self._tell_meanwhile(again)
        self.refusal.clear()
        if again.plan is not None:
            self.plan = again.plan
            self._draw(again.plan)
        else:
            self._show(f"This cannot be done to {whole_stream(self.plan.stream)} any more.", None)
            self.refusal.say(plain(again.refused))
        self._why_not = _why_not(again)
        self.again.setEnabled(bool(self._why_not))
        self._default(self.again if self._why_not else self.act)
        self.reason.setFocus()
        self._enable()

    def _tell_meanwhile(self, again: Again) -> None:
        between = again.between
        if between is not None:
            self.meanwhile.setText("\n".join([title_of(between), *changes_of(between, LISTED)]))
            self.meanwhile.setToolTip(tip(all_of(between)))
        else:
            self.meanwhile.setText(
                f"{whole_stream(self.plan.stream)} itself has stayed as it was; what it depends on has changed."
            )
            self.meanwhile.setToolTip("")
        if self.meanwhile.isHidden():
            self.meanwhile.show()
            width = self.width() - 4 * self.meanwhile.margin()
            self.resize(self.width(), self.height() + self.meanwhile.heightForWidth(width))

    def _draw(self, plan: Plan) -> None:
        self._show(_note(plan), plan if plan.commands else None)

    def _show(self, note: str, plan: Plan | None) -> None:
        """What a plan would do; None is that nothing would be done."""
        self.changes.show_list(plan.changes if plan else (), note, plan.currency if plan else "", self._theme)
        self.about.setText(
            f"By these events, appended together behind version {plan.version:,}; nothing that happened is edited:"
            if plan
            else "Nothing would be appended."
        )
        self.events.clear()
        self.events.addItems([f"{spoken(kind)}  {plain(words)}" for kind, words in plan.words] if plan else [])
        self.act.setText(f"Append {counted(len(plan.events) if plan else 0, 'event')}")
        self._enable()

    def _default(self, button: QPushButton) -> None:
        """What Enter does."""
        for one in (self.act, self.again):
            one.setAutoDefault(one is button)
            one.setDefault(one is button)

    def _enable(self) -> None:
        why_not = self._why_not or ("" if self.reason.text().strip() else "Give a reason first")
        self.act.setEnabled(not why_not)
        self.act.setToolTip(why_not)

    # What the user wants

    def _wish(self) -> None:
        self._wait("It is being appended")
        self.wished.emit(self.reason.text())

    def _want_again(self) -> None:
        self.again.setEnabled(False)
        self._wait("It is being planned anew")
        self.again_wanted.emit()

    def _wait(self, why: str) -> None:
        self._why_not = why
        self.refusal.clear()
        self._enable()

    # What came of it

    def _take_acceptance(self, field: str, stream: str) -> None:
        del stream
        if field == FIELD:
            self.accept()

    def _take_conflict(self, field: str, conflict: Conflict) -> None:
        """Its refusal follows."""
        if field != FIELD:
            return
        stream = whole_stream(conflict.stream)
        self._clash = (
            f"Nothing was appended: {stream} was changed since this was planned, version {conflict.expected:,} → "
            f"{conflict.actual:,}."
            if conflict.expected != conflict.actual
            else f"Nothing was appended: what {stream} depends on, a price for one, was changed since this was planned."
        )

    def _take_refusal(self, field: str, reason: str) -> None:
        if field != FIELD:
            return
        self._why_not = "Plan it again first: this was planned upon what is no more" if self._clash else ""
        self.refusal.say(f"{self._clash} Plan again (Enter) shows what it would do now." if self._clash else reason)
        if self._clash:
            self.again.setEnabled(True)
            self._default(self.again)
            self.again.setFocus()  # Enter would press the button that the keyboard went to, which is Cancel
        self._clash = ""
        self._enable()

    def _end(self) -> None:
        self.is_over = True


def _label(name: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setAccessibleName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMargin(label.fontMetrics().height() // 3)
    return label


def _note(plan: Plan) -> str:
    stream = whole_stream(plan.stream)
    if not plan.commands:
        return f"Nothing differs from that in {stream} any more: there is nothing to do."
    if not plan.left:
        return f"What changes in {stream}:"
    fields = ", ".join(plain(change.path) for change in plan.left[:5])
    more = f" and {len(plan.left) - 5:,} more" if len(plan.left) > 5 else ""
    return f"What changes in {stream}. What cannot be brought back: {fields}{more}."


def _why_not(again: Again) -> str:
    if again.plan is None:
        return "By the rules it cannot be done as things are now"
    return "There is nothing to do any more" if again.is_needless else ""
