"""What if: the events of a stream, to be left out, moved, changed and added to; beside them, what would differ."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from explorer.application.editable import Editable
from explorer.application.faults import counted
from explorer.application.scratch import Row, Scratch
from explorer.application.what_if import Branch
from explorer.errors import KnownError
from explorer.gui.branch_table import BranchTable
from explorer.gui.event_forms import ChangeForm, InsertForm
from explorer.gui.panels.changes_table import ChangesTable
from explorer.gui.panels.plain import plain, short_stream, tip, whole_stream
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Look


class WhatIfDialog(QDialog):
    """Stays beside the window. It asks (`wanted`), and is told (`show_events`, `show_branch`, `refuse`)."""

    wanted = Signal()
    """The branch of `scratch`, to be shown."""
    apply_wanted = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("what_if")
        self.setWindowTitle("What if")
        self._look = look
        self.scratch: Scratch | None = None
        self.branch: Branch | None = None
        self._good: Scratch | None = None
        self.note = _label(self)
        self.table = BranchTable(self)
        self.out = self._button("&Leave out", "Leave the chosen event out, or take it in again (Space)", self._toggle)
        self.up = self._button("Move &up", "One place earlier (Alt+Up)", lambda: self._move(-1))
        self.down = self._button("Move &down", "One place later (Alt+Down)", lambda: self._move(1))
        self.change = self._button("&Change…", "Give a field of the chosen event another value", self._ask_change)
        self.insert = self._button("&Insert…", "Add an event behind the chosen one", self._ask_insert)
        self.undo = self._button("U&ndo edits", "Back to what really happened", self._undo_all)
        self.changes = ChangesTable(self)
        self.changes.table.entitle(1, "Really")
        self.changes.table.entitle(2, "What if")
        self.verdict = _label(self)
        columns = (
            Column("Ver.", is_number=True, sample="9,999"),
            Column("Event", sample="99 × mug, white"),
            Column("Rule", takes_rest=True),
        )
        self.refused = Rows("Later events that would have been refused", columns, self)
        self.refusal = Refusal(self)
        self.apply = self._button("&Apply as repair…", "", self.apply_wanted.emit)
        self.apply.setProperty("primary", "true")
        self._lay_out()
        self.table.toggled.connect(self._toggle)
        self.table.step_wanted.connect(self._move)
        self.table.currentCellChanged.connect(self._enable)
        look.changed.connect(self._show)
        self._enable()

    def _button(self, text: str, what: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text.replace("&", "").rstrip("…"))
        button.setToolTip(what)
        button.setAutoDefault(False)
        button.clicked.connect(_unasked(act))
        return button

    def _lay_out(self) -> None:
        left, right, splitter = QWidget(self), QWidget(self), QSplitter(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        for button in (self.out, self.up, self.down, self.change, self.insert, self.undo):
            row.addWidget(button)
        column.addLayout(row)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.changes, 3)
        column.addWidget(self.verdict)
        column.addWidget(self.refused, 2)
        column.addWidget(self.refusal)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.apply)
        row.addWidget(self._button("Close", "", self.reject))
        column.addLayout(row)
        for half in (left, right):
            splitter.addWidget(half)
            splitter.setStretchFactor(splitter.count() - 1, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([self.fontMetrics().averageCharWidth() * letters for letters in (105, 95)])
        QVBoxLayout(self).addWidget(splitter)
        self.resize(self.fontMetrics().averageCharWidth() * 200, self.fontMetrics().lineSpacing() * 34)

    # What it is told

    def wait_for(self, stream: str) -> None:
        """The events of a stream are on their way."""
        self.setWindowTitle(f"What if – {short_stream(stream)}")
        self.scratch = self.branch = self._good = None
        self.note.setText("Reading the events…")
        self._show()

    def show_events(self, events: Editable, version: int | None = None) -> None:
        """Unedited, the event of a version chosen."""
        self.scratch = self._good = Scratch(events)
        self.branch = None
        self.refusal.clear()
        self._note(events)
        self._show()
        self.table.choose(lambda row: row.version == (version or events.version))
        self.table.scrollTo(self.table.currentIndex())
        self.table.setFocus()
        self.wanted.emit()

    def update_events(self, events: Editable) -> None:
        """Somebody has gone on meanwhile: the edits stay."""
        if self.scratch is not None:
            self.scratch = self.scratch._replace(events=events)
            self._note(events)
            self._show()

    def show_branch(self, branch: Branch) -> None:
        self.branch = branch
        if self.scratch is not None and self.scratch.edits == branch.edits:
            self._good = self.scratch
        self._show()

    def refuse(self, error: KnownError) -> None:
        """The last edits make no branch: they are taken back."""
        self.refusal.say(str(error))
        if self.scratch is not None and self.scratch != self._good:
            self.scratch = self._good
            self.wanted.emit()
        self._show()

    # What the user does

    def _edit(self, scratch: Scratch) -> None:
        if scratch != self.scratch:
            self.scratch = scratch
            self.refusal.clear()
            self._show()
            self.wanted.emit()

    def _toggle(self) -> None:
        row, scratch = self.table.chosen, self.scratch
        if row is not None and scratch is not None:
            if row.insert is not None:
                self._edit(scratch.without(row.insert))
            elif row.version is not None:
                self._edit(scratch.toggled(row.version))

    def _move(self, step: int) -> None:
        row, scratch = self.table.chosen, self.scratch
        if row is not None and scratch is not None and row.version is not None:
            self._edit(scratch.moved(row.version, step))

    def _ask_change(self) -> None:
        row, scratch = self.table.chosen, self.scratch
        if row is None or scratch is None or row.line is None or row.line.data is None:
            return
        line, form = row.line, ChangeForm(row.line, self.branch.currency if self.branch else "", self)

        def take(path: str, value: object) -> None:
            if self.scratch is not None:
                self._edit(self.scratch.changed(line.version, path, value))  # type: ignore[arg-type] - it was JSON

        form.wished.connect(take)
        self._open(form)

    def _ask_insert(self) -> None:
        row, scratch = self.table.chosen, self.scratch
        if scratch is None:
            return
        after = scratch.start if row is None else row.version if row.insert is None else row.insert.after
        assert after is not None  # an event that was not inserted has a version
        form = InsertForm(after, scratch.events.shapes, self, is_ruled=scratch.events.is_ruled)
        if row is not None:
            form.choose(row.line.type if row.line is not None else row.insert.type if row.insert is not None else "")

        def take(kind: str, data: object) -> None:
            if self.scratch is not None:
                self._edit(self.scratch.inserted(after, kind, data))  # type: ignore[arg-type] - it was JSON

        form.wished.connect(take)
        self._open(form)

    def _open(self, form: QDialog) -> None:
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.open()

    def _undo_all(self) -> None:
        if self.scratch is not None:
            self._edit(self.scratch._replace(edits=()))

    # What is seen

    def _note(self, events: Editable) -> None:
        number = len(events.lines)
        self.note.setText(
            f"The latest {number:,} of {events.version:,} events of {whole_stream(events.stream)}; "
            "earlier ones stay as they are." if number < events.version
            else f"{counted(number, 'event')} of {whole_stream(events.stream)}. Nothing that is done here is stored."
        )  # fmt: skip

    def _show(self, theme: object = None) -> None:
        del theme
        scratch, branch = self.scratch, self.branch
        rules = {one.version: one.rule for one in branch.refused} if branch else {}
        summaries: Mapping[int, str] = branch.summaries if branch else {}
        self.table.show_rows(scratch.rows if scratch else (), rules, summaries, self._look.theme)
        differences = branch.changes if branch else ()
        self.changes.show_list(differences, _difference(branch), branch.currency if branch else "", self._look.theme)
        self.verdict.setText(_verdict(branch))
        ones = branch.refused if branch else ()
        self.refused.show_rows(
            [str(number) for number in range(len(ones))],
            lambda number: (
                Cell(f"{ones[number].version:,}" if ones[number].version is not None else "–"),
                Cell(plain(ones[number].summary or ones[number].type), tip(plain(ones[number].type))),
                Cell(f"✕ {plain(ones[number].rule)}", tip(plain(ones[number].rule)), self._look.theme.danger),
            ),
        )
        self._enable()

    def _enable(self, *_: int) -> None:
        row, scratch = self.table.chosen, self.scratch
        is_real = row is not None and row.line is not None
        self.out.setEnabled(row is not None)
        self.out.setText(_leave_words(row))
        numbers = [one.version for one in scratch.rows if one.version is not None] if scratch else []
        self.up.setEnabled(is_real and row is not None and row.version != numbers[0])
        self.down.setEnabled(is_real and row is not None and row.version != numbers[-1])
        is_readable = row is not None and row.line is not None and bool(row.line.data)
        self.change.setEnabled(is_readable)
        self.insert.setEnabled(scratch is not None)
        self.undo.setEnabled(bool(scratch and scratch.edits))
        reason = self._why_not_apply()
        self.apply.setEnabled(not reason)
        self.apply.setToolTip(reason or "Show the events that would lead to this state, before they are appended")

    def _why_not_apply(self) -> str:
        branch, scratch = self.branch, self.scratch
        if scratch is None or not scratch.edits:
            return "Edit something first"
        if branch is None or branch.edits != scratch.edits:
            return "It is being worked out"
        if not branch.has_rules:
            return "Nobody wrote rules for this category, so it cannot be repaired"
        return "" if branch.changes else "Nothing would differ"


def _unasked(act: Callable[[], object]) -> Callable[[bool], object]:
    return lambda _checked=False: act()


def _leave_words(row: Row | None) -> str:
    if row is not None and row.insert is not None:
        return "Take &out"
    return "Take &in" if row is not None and row.is_out else "&Leave out"


def _difference(branch: Branch | None) -> str:
    if branch is None:
        return "Working it out…"
    if not branch.edits:
        return "Leave an event out (Space), move it (Alt+Up, Alt+Down), change it or insert another: " \
               "here stands what would differ now."  # fmt: skip
    if not branch.changes:
        return "Nothing would differ: the stream would be as it is."
    return f"{counted(len(branch.changes), 'field')} would differ at version {branch.version:,}:"


def _verdict(branch: Branch | None) -> str:
    if branch is None:
        return ""
    if not branch.has_rules:
        words = "Nobody wrote rules for this category: no event would have been refused."
    elif not branch.edits:
        words = ""
    elif not branch.refused:
        words = f"By the rules none of the {counted(branch.replayed, 'event')} would have been refused."
    else:
        words = f"By the rules {counted(len(branch.refused), 'event')} would have been refused:"
    if branch.unreadable:
        versions = ", ".join(f"{version:,}" for version in branch.unreadable[:20])
        words += f" Versions that cannot be read, and change nothing here: {versions}."
    return words.strip()


def _label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
