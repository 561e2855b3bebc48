"""Asks for a rule: its name, condition, severity, and on which streams it is."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.domain.rule import MAX_NAME, SEVERITIES, Rule
from explorer.gui.finding_signs import signed
from explorer.gui.looking import Looking
from explorer.gui.panels.condition_field import ConditionField
from explorer.gui.panels.plain import plain
from explorer.gui.theme import Look

FIELD = "rule"
"""Names the command to `Looking`."""


class RuleWish(NamedTuple):
    """`version` is that of the rule's stream when it was asked for; None for a new rule."""

    name: str
    condition: str
    severity: str
    category: str
    reason: str
    version: int | None


class RuleDialog(QDialog):
    """It stays open, with all that was typed, until the rule was accepted."""

    wished = Signal(object)
    """RuleWish"""

    def __init__(
        self,
        looking: Looking,
        look: Look,
        categories: Sequence[str],
        parent: QWidget,
        rule: Rule | None = None,
        version: int | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("rule_dialog")
        self.setWindowTitle("Change rule" if rule else "Set rule")
        self._version = version
        self.name = QLineEdit(self)
        self.name.setMaxLength(MAX_NAME)
        self.name.setPlaceholderText("such as Quantity above 10,000")
        self.name.setAccessibleName("Name of the rule")
        self.condition = ConditionField(look, self)
        self.condition.setAccessibleName("Condition of the rule")
        self.condition.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
        self.severity = QComboBox(self)
        self.severity.setAccessibleName("Severity")
        for severity in SEVERITIES:
            self.severity.addItem(signed(severity), severity)
        self.severity.setCurrentIndex(SEVERITIES.index("warning"))
        self.category = QComboBox(self)
        self.category.setAccessibleName("Category of streams")
        self.category.setEditable(True)
        line = QLineEdit(self)
        line.setAccessibleName("Category of streams")
        line.setPlaceholderText("all streams")
        self.category.setLineEdit(line)
        self.category.addItems(["", *categories])
        self.reason = QLineEdit(self)
        self.reason.setPlaceholderText("why; it is recorded with the rule (may be empty)")
        self.reason.setAccessibleName("Reason")
        self.refusal = QLabel(self)
        self.refusal.setProperty("role", "refusal")
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.setWordWrap(True)
        self.refusal.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.act = QPushButton("Change rule" if rule else "Set rule", self)
        self.act.setProperty("primary", "true")
        self.act.setDefault(True)
        self._lay_out()
        if rule is not None:
            self._show_rule(rule)
        self.name.textChanged.connect(self._look_at_it)
        self.condition.understood.connect(self._look_at_it)
        looking.accepted.connect(self._take_acceptance)
        looking.refused.connect(self._take_refusal)
        self._look_at_it()
        (self.condition if rule else self.name).setFocus()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Name", self.name)
        form.addRow("&Condition", self.condition)
        form.addRow("&Severity", self.severity)
        form.addRow("&On", self.category)
        form.addRow("&Reason", self.reason)
        buttons = QDialogButtonBox(self)
        buttons.addButton(self.act, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._wish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.refusal)
        column.addWidget(buttons)

    def _show_rule(self, rule: Rule) -> None:
        """One that is there keeps its name, by which it is known."""
        self.name.setText(rule.name)
        self.name.setReadOnly(True)
        self.condition.setText(rule.condition)
        if rule.severity in SEVERITIES:
            self.severity.setCurrentIndex(SEVERITIES.index(rule.severity))
        self.category.setCurrentText(rule.category)

    def _look_at_it(self) -> None:
        error = self.condition.error
        self.refusal.setText(f"⚠ {plain(str(error))}" if error else "")
        missing = "Give it a name first" if not self.name.text().strip() else ""
        if self.condition.condition is None:
            missing = missing or "Give it a condition first"
        self.act.setEnabled(not missing)
        self.act.setToolTip(missing)

    def _wish(self) -> None:
        self.act.setEnabled(False)
        self.refusal.clear()
        self.wished.emit(
            RuleWish(
                self.name.text().strip(),
                self.condition.text().strip(),
                self.severity.currentData(),
                self.category.currentText().strip(),
                self.reason.text(),
                self._version,
            )
        )

    def _take_acceptance(self, field: str, stream: str) -> None:
        del stream
        if field == FIELD:
            self.accept()

    def _take_refusal(self, field: str, reason: str) -> None:
        if field == FIELD:
            self.refusal.setText(f"⚠ {plain(reason)}")
            self.act.setEnabled(True)
