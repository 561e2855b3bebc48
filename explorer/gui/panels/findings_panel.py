"""The rules of the store, and what they have found: the oldest first, of the rule that is chosen or of all."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.application.found import NO_RULES, FoundRow, Rulings
from explorer.application.view import Answer
from explorer.application.watching import RuleStanding
from explorer.gui.finding_signs import signed
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_words import short_time
from explorer.gui.panels.listing import Listing
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain, short_stream
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Look, Theme, explain, local_time_with_offset, play_role, utc_time
from explorer.projections.findings import KEPT

RULES = (
    Column("Severity", sample="⚠ warning "),
    Column("Rule", takes_rest=True),
    Column("Condition", sample="lines[*].quantity > 10,00", rank=2),
    Column("Found", is_number=True, sample="000,000"),
)
FINDINGS = (
    Column("Event", is_number=True, sample="0,000,000"),
    Column("Time", sample="30 Nov 2000 00:00 ", rank=2),
    Column("Severity", sample="⚠ warning ", rank=1),
    Column("Rule", takes_rest=True),
    Column("Stream", sample="cart …0000 "),
)
LINES = 4
"""Rules that are seen at once."""


class FindingsPanel(Listing):
    """`wanted` comes when a finding is to be gone to, `rule_chosen` when another rule is meant."""

    wanted = Signal(int, str)
    """Position and stream."""
    rule_chosen = Signal()

    def __init__(self, looking: Looking, look: Look, actions: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__(looking, "finding_limit", parent)
        self._theme = look.theme
        self._rulings: Rulings | None = None
        self._found: Sequence[FoundRow] | None = None
        self.headline = QLabel(self)
        self.headline.setWordWrap(True)
        self.rules = Rows("Rules", RULES, self)
        self.rows = Rows("Findings", FINDINGS, self)
        self.empty = Placeholder("Set a rule…", self)
        self.empty.button.setAccessibleName("Set the first rule")
        self.none = Placeholder("Show the findings of all rules", self)
        self.of_all = QPushButton("&All rules", self)
        self.of_all.setToolTip("Show the findings of all rules")
        self.set_rule, self.retire = QPushButton("&Set rule…", self), QPushButton("R&etire", self)
        self._actions, self._is_bound = actions, False
        self._pages, self._lower = QStackedWidget(self), QStackedWidget(self)
        self._lay_out()
        self.rules.chosen.connect(self._choose_rule)
        self.rules.activated_key.connect(self._edit_rule)
        self.rows.activated_key.connect(self._go)
        self.rows.clicked.connect(self._click)
        self.rows.near_end.connect(lambda: self.ask_more(len(self._found or ())))
        self.of_all.clicked.connect(self.show_all)
        self.none.pressed.connect(self.show_all)
        self.empty.pressed.connect(self.set_rule.click)
        self.follow(self.rows)
        look.changed.connect(self._take_theme)

    def _bind(self) -> None:
        """Buttons are their actions, which are made after the panel."""
        self._is_bound = True
        for button, name in ((self.set_rule, "set_rule"), (self.retire, "retire_rule")):
            action = self._actions[name]
            button.setAccessibleName(action.text().replace("&", ""))
            button.clicked.connect(action.trigger)
            action.changed.connect(partial(_follow, button, action))
            _follow(button, action)

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 3
        row = QHBoxLayout()
        row.setSpacing(space)
        row.addWidget(self.headline, 1)
        for button in (self.of_all, self.set_rule, self.retire):
            row.addWidget(button)
        self._lower.addWidget(self.rows)
        self._lower.addWidget(self.none)
        full = QWidget(self)
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(space)
        inner.addLayout(row)
        inner.addWidget(self.rules, 1)
        inner.addWidget(self._lower, 1)
        self._pages.addWidget(full)
        self._pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(space, space, space, space)
        column.addWidget(self._pages)

    @property
    def chosen(self) -> RuleStanding | None:
        """The rule that is meant."""
        wanted = self._looking.question.finding_rule
        rules = self._looking.answer.rulings.rules if self._looking.answer else ()
        return next((one for one in rules if one.stored.stream == wanted), None)

    # What is shown

    def show_answer(self, answer: Answer) -> None:
        if not self._is_bound:
            self._bind()
        if answer.rulings is not self._rulings:
            self._rulings = answer.rulings
            self._show_rules(answer.rulings)
        self.rules.choose_key(answer.question.finding_rule)
        self.of_all.setEnabled(answer.question.finding_rule is not None)
        self.set_rule.setText("&Set rule…" if self.chosen is None else "&Change rule…")
        self._say(answer)
        if answer.findings is not self._found and self.is_listed(answer):
            self._found = answer.findings
            self._fill(answer.findings)
        self._lower.setCurrentIndex(int(not answer.findings and self.is_listed(answer)))

    def _show_rules(self, known: Rulings) -> None:
        keys = [one.stored.stream for one in known.rules]
        self.rules.show_rows(keys, lambda row: self._rule_cells(known.rules[row]), known.rules)
        line = self.rules.row_height
        self.rules.setMaximumHeight(line * (min(LINES, len(keys)) + 1) + line // 2)
        self._pages.setCurrentIndex(int(not known.rules))
        self.empty.say(
            "This store has no rules yet. A rule is a condition on a state, such as lines[*].quantity > 10000, with a "
            "name and a severity; whatever meets it is found, from the first event on and as events come.",
            has_way_out=True,
        )

    def _say(self, answer: Answer) -> None:
        known = answer.rulings
        counts = " · ".join(f"{signed(severity)} {count:,}" for severity, count in known.counts.items() if count)
        watched = min((one.watched for one in known.in_force), default=answer.status.head)
        behind = f" · watched up to event {watched:,} of {answer.status.head:,}" if known.is_behind else ""
        self.headline.setText(f"{counts or 'Nothing found'}{behind}")
        play_role(self.headline, "heading" if counts else "muted")
        one = self.chosen
        words = "No rule has found anything." if one is None else f"“{plain(one.stored.rule.name)}” has found nothing."
        self.none.say(words, has_way_out=one is not None)

    def _rule_cells(self, one: RuleStanding) -> tuple[Cell, ...]:
        rule, about = one.stored.rule, partial(_about_rule, one)
        colour = self._theme.muted if rule.is_retired else ""
        name = f"{plain(rule.name)}{' (retired)' if rule.is_retired else ''}"
        return (
            Cell("retired" if rule.is_retired else signed(rule.severity), about, colour),
            Cell(f"⚠ CANNOT BE READ · {name}" if one.stored.fault else name, about, colour),
            Cell(plain(rule.condition), about, self._theme.muted),
            Cell("" if rule.is_retired else f"{one.found:,}", about, colour),
        )

    def _cells(self, one: FoundRow) -> tuple[Cell, ...]:
        about = partial(_about_finding, one)
        return (
            Cell(f"{one.position:,}", about),
            Cell(short_time(one.time), about, self._theme.muted),
            Cell(signed(one.severity), about),
            Cell(plain(one.name), about),
            Cell(short_stream(one.stream), about),
        )

    def _fill(self, found: Sequence[FoundRow]) -> None:
        self.rows.show_rows([f"{one.position} {one.rule}" for one in found], lambda row: self._cells(found[row]), found)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        for rows in (self.rules, self.rows):
            rows.forget_sources()
        self._show_rules(self._rulings or NO_RULES)
        self._fill(self._found or ())

    # What the hand wants

    def show_all(self) -> None:
        self._looking.look(finding_rule=None, finding_limit=self.least)
        self.rule_chosen.emit()

    def _choose_rule(self, stream: str) -> None:
        self._looking.look(finding_rule=stream, finding_limit=self.least)
        self.rule_chosen.emit()

    def _edit_rule(self, stream: str) -> None:
        self._choose_rule(stream)
        self.set_rule.click()

    def _go(self, key: str) -> None:
        found = next((one for one in self._found or () if f"{one.position} {one.rule}" == key), None)
        if found is not None:
            self.wanted.emit(found.position, found.stream)

    def _click(self, index: QModelIndex) -> None:
        self._go(self.rows.keys[index.row()])


def _follow(button: QPushButton, action: QAction) -> None:
    if button.isEnabled() != action.isEnabled():
        button.setEnabled(action.isEnabled())
    explain(button, action.toolTip())


def _about_rule(one: RuleStanding) -> str:
    rule = one.stored.rule
    lines = [
        f"{plain(rule.name)}: {'retired' if rule.is_retired else signed(rule.severity)}",
        plain(rule.condition),
        f"On the streams of {plain(rule.category)}" if rule.category else "On all streams",
    ]
    if one.stored.fault:
        lines.append(f"Cannot be read: {plain(one.stored.fault)}")
    elif not rule.is_retired:
        lines.append(f"Watched up to event {one.watched:,}")
    if one.kept < one.found:
        lines.append(f"Only the newest {KEPT:,} findings are kept")
    return "\n".join(lines)


def _about_finding(one: FoundRow) -> str:
    return (
        f"{signed(one.severity)}, {plain(one.name)}\n{plain(one.condition)}\nbecame true with event {one.position:,}, "
        f"version {one.version:,} of {plain(one.stream)}\n{local_time_with_offset(one.time)}\n{utc_time(one.time)}"
    )
