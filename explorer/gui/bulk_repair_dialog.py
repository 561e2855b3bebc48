"""Bulk repair: a condition, a command, and what it would do to each stream before anything is appended."""

from collections.abc import Callable, Mapping

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.application.bulk_repair import BulkPlan, StreamPlan, carry_out_bulk, plan_bulk
from explorer.application.editable import Shape, object_of
from explorer.application.faults import counted
from explorer.application.kinds import spoken
from explorer.application.session import Session
from explorer.domain.event import Json
from explorer.errors import BadInput, Cancelled, Conflict, KnownError
from explorer.gui.jobs import Jobs
from explorer.gui.looking import Looking
from explorer.gui.panels.condition_field import ConditionField
from explorer.gui.panels.plain import plain, short_stream, tip
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.tasks import Task
from explorer.gui.theme import Look
from explorer.projections.runner import Progress


class BulkRepairDialog(QDialog):
    """Stays beside the window. Only what a dry run of these very inputs has shown can be appended."""

    def __init__(self, look: Look, jobs: Jobs, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("bulk_repair")
        self.setWindowTitle("Bulk repair")
        self._look, self._jobs, self._looking = look, jobs, looking
        self._commands: Mapping[str, tuple[Shape, ...]] = {}
        self.plan: BulkPlan | None = None
        self.task: Task | None = None
        self.category, self.command = self._choice("Category"), self._choice("Command")
        self.condition = ConditionField(look, self)
        self.condition.setAccessibleName("Condition on the state")
        self.fields = QLineEdit("{}", self)
        self.fields.setAccessibleName("Fields of the command as JSON")
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText("why this is repaired; it is recorded with the events")
        self.refusal = Refusal(self)
        self.run = self._button("&Dry run", self._run_or_stop)
        self.outcome = QLabel(self)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setWordWrap(True)
        columns = (Column("Stream", sample="product …9f3a"), Column("What would happen", takes_rest=True))
        self.streams = Rows("Streams that would be changed", columns, self)
        self.skip = QCheckBox("&Leave out the refused", self)
        self.skip.setAccessibleName("Leave out the refused")
        self.act = self._button("Append", self._append)
        self.act.setProperty("primary", "true")
        self._lay_out()
        self.condition.understood.connect(self._forget)
        self.fields.textChanged.connect(self._forget)
        self.category.currentIndexChanged.connect(self._list_commands)
        self.command.currentIndexChanged.connect(self._show_fields)
        self.reason.textChanged.connect(self._enable)
        self.skip.toggled.connect(self._enable)
        self.condition.returnPressed.connect(self._run_or_stop)
        self.fields.returnPressed.connect(self._run_or_stop)
        look.changed.connect(self._list_streams)
        self._forget()

    def _choice(self, name: str) -> QComboBox:
        made = QComboBox(self)
        made.setAccessibleName(name)
        return made

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text.replace("&", ""))
        button.setAutoDefault(False)
        button.clicked.connect(_unasked(act))
        return button

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Cate&gory", self.category)
        form.addRow("&Condition", self.condition)
        form.addRow("C&ommand", self.command)
        form.addRow("&Fields", self.fields)
        row = QHBoxLayout()
        row.addWidget(self.outcome, 1)
        row.addWidget(self.run)
        last = QHBoxLayout()
        last.addWidget(self.skip)
        last.addStretch(1)
        last.addWidget(self.act)
        last.addWidget(self._button("Close", self.reject))
        why = QFormLayout()
        why.addRow("&Reason", self.reason)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.refusal)
        column.addLayout(row)
        column.addWidget(self.streams, 1)
        column.addLayout(why)
        column.addLayout(last)
        self.resize(self.fontMetrics().averageCharWidth() * 120, self.fontMetrics().lineSpacing() * 32)

    # The inputs

    def show_commands(self, commands: Mapping[str, tuple[Shape, ...]]) -> None:
        self._commands = commands
        self.category.addItems([*commands])

    def _list_commands(self, number: int) -> None:
        del number
        self.command.clear()
        self.command.addItems([shape.name for shape in self._shapes])

    @property
    def _shapes(self) -> tuple[Shape, ...]:
        return self._commands.get(self.category.currentText(), ())

    def _show_fields(self, number: int) -> None:
        if 0 <= number < len(self._shapes):
            self.fields.setText(_one_line(self._shapes[number].data))
            self.fields.setCursorPosition(0)
        self._forget()

    def _forget(self) -> None:
        """What a dry run has shown was of other inputs."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
        self._show_plan(None)
        self.refusal.clear()
        error = self.condition.error
        if error is not None:
            self.refusal.say(str(error))
        self.outcome.setText("A dry run shows what would happen to each stream; nothing is appended by it.")
        self._enable()

    # The dry run

    def _run_or_stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            return
        condition = self.condition.condition
        if condition is None:
            self.condition.select_wrong()
            self.refusal.say(str(self.condition.error or "Say of which streams: total > 50000, for one."))
            return
        try:
            fields = object_of(self.fields.text())
        except BadInput as error:
            self.refusal.say(str(error))
            return
        self._dry_run(condition.text, self.command.currentText(), fields, self.category.currentText())

    def _dry_run(self, condition: str, command: str, fields: dict[str, Json], category: str) -> None:
        self._show_plan(None)
        self.refusal.clear()
        self.outcome.setText("Looking at the streams…")
        plans: list[BulkPlan] = []

        def work(session: Session, progress: Progress) -> str:
            plans.append(plan_bulk(session, condition, command, fields, category, progress))
            return _counts(plans[0])

        def end(result: object) -> None:
            if self.task is not task:
                return  # the inputs are others by now
            self.task = None
            if isinstance(result, KnownError):
                self.outcome.setText("The dry run was stopped." if isinstance(result, Cancelled) else "")
                if not isinstance(result, Cancelled):
                    self.refusal.say(str(result))
                self._enable()
            else:
                self._show_plan(plans[0])

        task = self.task = self._jobs.run_soon("Dry run of a bulk repair", work)
        task.progressed.connect(self._say_progress)
        task.ended.connect(end)
        self._enable()

    def _say_progress(self, done: int, total: int) -> None:
        if self.sender() is self.task:
            self.outcome.setText(f"{done:,} of {total:,} streams looked at…")

    def _show_plan(self, plan: BulkPlan | None) -> None:
        self.plan = plan
        self._list_streams()
        if plan is not None:
            self.outcome.setText(_counts(plan))
        self.skip.setVisible(bool(plan and plan.refusals))
        self.skip.setChecked(False)
        self._enable()

    def _list_streams(self, theme: object = None) -> None:
        del theme
        plans, danger = self.plan.plans if self.plan else (), self._look.theme.danger
        self.streams.show_rows([one.stream for one in plans], lambda number: _cells(plans[number], danger))

    # The deed

    def _why_not(self) -> str:
        plan = self.plan
        if self.task is not None:
            return "Wait until it is done"
        if plan is None:
            return "Do a dry run first"
        if not plan.events:
            return "Nothing would be changed"
        if plan.refusals and not self.skip.isChecked():
            return "Some are refused: narrow the condition, or leave them out"
        return "" if self.reason.text().strip() else "Give a reason first"

    def _enable(self, *_: object) -> None:
        plan, reason = self.plan, self._why_not()
        self.run.setText("&Dry run" if self.task is None else "S&top")
        self.act.setEnabled(not reason)
        self.act.setToolTip(reason)
        self.act.setText(
            f"Append {counted(plan.events, 'event')} in {counted(plan.streams, 'stream')}" if plan else "Append"
        )

    def _append(self) -> None:
        plan, actor, reason, skip = self.plan, self._looking.actor, self.reason.text(), self.skip.isChecked()
        if plan is None or self._why_not():
            return

        def work(session: Session, progress: Progress) -> str:
            progress(0, plan.streams)
            events = carry_out_bulk(session, plan, actor, reason, "window", skip_refused=skip)
            streams = len({event.stream for event in events})
            return f"{counted(len(events), 'event')} appended in {counted(streams, 'stream')}."

        def end(result: object) -> None:
            self.task = None
            self._set_inputs(enabled=True)
            self._show_plan(None)
            if isinstance(result, Conflict):
                self.refusal.say(
                    f"Nothing was appended: {short_stream(result.stream)} has been changed since the dry run. "
                    "Run it again; the reason is kept."
                )
                self.outcome.setText("")
            elif isinstance(result, KnownError):
                self.refusal.say(str(result))
                self.outcome.setText("Nothing was appended.")
            else:
                self.outcome.setText(str(result))

        self.task = self._jobs.run("Bulk repair", work)
        self.task.ended.connect(end)
        self._set_inputs(enabled=False)
        self._enable()

    def _set_inputs(self, *, enabled: bool) -> None:
        """While it is being appended, nothing else can be wanted."""
        for widget in (self.category, self.condition, self.command, self.fields, self.reason, self.skip, self.run):
            widget.setEnabled(enabled)


def _unasked(act: Callable[[], object]) -> Callable[[bool], object]:
    return lambda _checked=False: act()


def _one_line(data: dict[str, Json]) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=0).decode()


def _counts(plan: BulkPlan) -> str:
    looked = f"{counted(plan.looked_at, 'stream')} looked at"
    if not plan.plans:
        return f"{looked}; of none the condition holds and something would change."
    refused = f", {plan.refusals:,} refused" if plan.refusals else ""
    return f"{looked}: {plan.streams:,} would be changed, by {counted(plan.events, 'event')}{refused}."


def _cells(plan: StreamPlan, danger: str) -> tuple[Cell, Cell]:
    name = Cell(short_stream(plan.stream), tip(plain(plan.stream)))
    if plan.refused:
        return name, Cell(f"✕ {plain(plan.refused)}", tip(plain(plan.refused)), danger)
    words = " · ".join(f"{spoken(kind)}  {plain(summary)}" for kind, summary in plan.words)
    return name, Cell(words, tip(words))
