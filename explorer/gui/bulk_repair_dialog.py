"""Bulk repair: what is to be done to many streams, and what that would do to each before anything is appended."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.application.bulk_repair import BulkPlan, OneCommand, Staying, StreamPlan, carry_out_bulk
from explorer.application.conflict import Between, came_between
from explorer.application.faults import counted
from explorer.application.kinds import spoken
from explorer.application.session import Session
from explorer.domain.event import Event
from explorer.errors import BadInput, Cancelled, Conflict, KnownError
from explorer.gui.jobs import Jobs
from explorer.gui.looking import Looking
from explorer.gui.panels.between_words import all_of, changes_of, title_of
from explorer.gui.panels.bulk_inputs import BulkInputs, CommandInputs, UndoInputs
from explorer.gui.panels.plain import plain, short_stream, tip, whole_stream
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.tasks import Task
from explorer.gui.theme import Look
from explorer.projections.runner import Progress

LISTED = 3
"""Changes of others that are told; the tooltip tells all."""


class _Run(NamedTuple):
    """What a dry run has found, and what others did since the one before, if that had grown old."""

    plan: BulkPlan
    between: Between | None


class BulkRepairDialog(QDialog):
    """Stays beside the window. Only what a dry run of these very inputs has shown can be appended."""

    def __init__(self, look: Look, jobs: Jobs, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("bulk_repair")
        self.setWindowTitle("Bulk repair")
        self._look, self._jobs, self._looking = look, jobs, looking
        self.plan: BulkPlan | None = None
        self.task: Task | None = None
        self._clash: Conflict | None = None
        """By what the last dry run has grown old, until there is another."""
        self.by_command, self.by_filter = CommandInputs(look, self), UndoInputs(looking, look, self)
        self.pages = QTabWidget(self)
        self.pages.setAccessibleName("What is to be done")
        for page in (self.by_command, self.by_filter):
            self.pages.addTab(page, page.TITLE)
            page.changed.connect(self._forget)
            page.entered.connect(self._run_or_stop)
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText("why this is repaired; it is recorded with the events")
        self.refusal = Refusal(self)
        self.run = self._button("&Dry run", self._run_or_stop)
        self.meanwhile, self.outcome = self._label("What the others changed"), self._label("What would happen")
        self.meanwhile.hide()
        columns = (Column("Stream", sample="product …9f3a"), Column("What would happen", takes_rest=True))
        self.streams = Rows("Streams that would be changed", columns, self)
        self.skip = QCheckBox("&Leave out the refused", self)
        self.skip.setAccessibleName("Leave out the refused")
        self.act = self._button("Append", self._append)
        self.act.setProperty("primary", "true")
        self._lay_out()
        self.pages.currentChanged.connect(self._forget)
        self.reason.textChanged.connect(self._enable)
        self.skip.toggled.connect(self._enable)
        look.changed.connect(self._list_streams)
        self._forget()

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setAccessibleName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text.replace("&", ""))
        button.setAutoDefault(False)
        button.clicked.connect(_unasked(act))
        return button

    def _lay_out(self) -> None:
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
        column.addWidget(self.pages)
        column.addWidget(self.refusal)
        column.addWidget(self.meanwhile)
        column.addLayout(row)
        column.addWidget(self.streams, 1)
        column.addLayout(why)
        column.addLayout(last)
        self.resize(self.fontMetrics().averageCharWidth() * 120, self.fontMetrics().lineSpacing() * 34)

    # The inputs

    @property
    def _inputs(self) -> BulkInputs:
        return self.by_command if self.pages.currentWidget() is self.by_command else self.by_filter

    def show_commands_page(self) -> None:
        self._turn_to(self.by_command)

    def show_undo_page(self, text: str) -> None:
        """With a filter, unless one is written already."""
        self._turn_to(self.by_filter)
        if text and not self.by_filter.filter.text().strip():
            self.by_filter.filter.setText(text)

    def _turn_to(self, page: BulkInputs) -> None:
        self.pages.setCurrentWidget(page)
        page.setFocus()

    def _forget(self) -> None:
        """What a dry run has shown was of other inputs."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
        self._clash = None
        self.meanwhile.hide()
        self._show_plan(None)
        self.refusal.clear()
        wrong = self._inputs.wrong()
        if wrong:
            self.refusal.say(wrong)
        self.outcome.setText("A dry run shows what would happen to each stream; nothing is appended by it.")
        self._enable()

    # The dry run

    def _run_or_stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            return
        try:
            planner = self._inputs.planner()
        except BadInput as error:
            self.refusal.say(str(error))
            return
        clash, runs = self._clash, list[_Run]()
        self._show_plan(None)
        self.refusal.clear()
        self.meanwhile.hide()
        self.outcome.setText("Looking…")

        def work(session: Session, progress: Progress) -> str:
            plan = planner(session, progress)
            is_moved = clash is not None and clash.expected != clash.actual
            runs.append(_Run(plan, came_between(session, clash) if clash is not None and is_moved else None))
            return _counts(plan)

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
                self._show_run(runs[0])

        task = self.task = self._jobs.run_soon("Dry run of a bulk repair", work)
        task.progressed.connect(self._say_progress)
        task.ended.connect(end)
        self._enable()

    def _say_progress(self, done: int, total: int) -> None:
        if self.sender() is self.task:
            self.outcome.setText(f"{done:,} of {total:,} {self._inputs.LOOKED_AT}…")

    def _show_run(self, run: _Run) -> None:
        self._clash = None
        if run.between is not None:
            self.meanwhile.setText("\n".join([title_of(run.between), *changes_of(run.between, LISTED)]))
            self.meanwhile.setToolTip(tip(all_of(run.between)))
            self.meanwhile.show()
        self._show_plan(run.plan)

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
            return f"Some are refused: {self._inputs.NARROW}, or leave them out"
        return "" if self.reason.text().strip() else "Give a reason first"

    def _enable(self, *_: object) -> None:
        plan, reason = self.plan, self._why_not()
        is_old = self._clash is not None and self.task is None
        self.run.setText("S&top" if self.task is not None else "&Plan again" if is_old else "&Dry run")
        self.run.setAccessibleName(self.run.text().replace("&", ""))
        self.run.setDefault(is_old)
        self.act.setEnabled(not reason)
        self.act.setToolTip(reason)
        self.act.setText(
            f"Append {counted(plan.events, 'event')} in {counted(plan.streams, 'stream')}" if plan else "Append"
        )

    def _append(self) -> None:
        plan, actor, reason, skip = self.plan, self._looking.actor, self.reason.text(), self.skip.isChecked()
        if plan is None or self._why_not():
            return

        recorded: list[Event] = []

        def work(session: Session, progress: Progress) -> str:
            events = carry_out_bulk(session, plan, actor, reason, "window", skip_refused=skip, progress=progress)
            recorded.extend(events)
            streams = len({event.stream for event in events})
            return f"{counted(len(events), 'event')} appended in {counted(streams, 'stream')}."

        self.task = self._jobs.run("Bulk repair", work)
        self.task.ended.connect(partial(self._end, recorded))
        self.meanwhile.hide()
        self._set_inputs(enabled=False)
        self._enable()

    def _end(self, recorded: Sequence[Event], result: object) -> None:
        self.task = None
        if recorded:
            self._looking.recorded.emit(recorded)
        self._set_inputs(enabled=True)
        self._clash = result if isinstance(result, Conflict) else None
        self._show_plan(None)
        if isinstance(result, Conflict):
            self.refusal.say(_clash_in_words(result))
            self.outcome.setText("Plan again (Enter) shows what would happen now; the reason is kept.")
            self.run.setFocus()
        elif isinstance(result, KnownError):
            self.refusal.say(str(result))
            self.outcome.setText("Nothing was appended.")
        else:
            self.outcome.setText(str(result))

    def _set_inputs(self, *, enabled: bool) -> None:
        """While it is being appended, nothing else can be wanted."""
        for widget in (self.pages, self.reason, self.skip, self.run):
            widget.setEnabled(enabled)


def _unasked(act: Callable[[], object]) -> Callable[[bool], object]:
    return lambda _checked=False: act()


def _clash_in_words(clash: Conflict) -> str:
    stream = whole_stream(clash.stream)
    if clash.expected == clash.actual:
        return f"Nothing was appended: what {stream} depends on, a price for one, was changed since the dry run."
    return (
        f"Nothing was appended: {stream} was changed since the dry run, version {clash.expected:,} → {clash.actual:,}."
    )


def _counts(plan: BulkPlan) -> str:
    refused = f", {plan.refusals:,} refused" if plan.refusals else ""
    would = f"{plan.streams:,} would be changed, by {counted(plan.events, 'event')}{refused}"
    if isinstance(plan.deed, OneCommand):
        looked = f"{counted(plan.looked_at, 'stream')} looked at, of {plan.met:,} the condition holds"
        if not plan.met:
            return f"{counted(plan.looked_at, 'stream')} looked at, of none the condition holds."
        return f"{looked}: {would}." if plan.plans else f"{looked}; none would change: they are so already."
    if not plan.plans:
        return "No event passes that filter."
    needless = f", {plan.needless:,} needless" if plan.needless else ""
    found = f"{counted(plan.looked_at, 'event')} found in {counted(len(plan.plans), 'stream')}"
    return f"{found}: {would}{needless}."


def _cells(plan: StreamPlan, danger: str) -> tuple[Cell, Cell]:
    name = Cell(short_stream(plan.stream), tip(plain(plan.stream)))
    does = [f"{spoken(kind)}  {plain(summary)}" for kind, summary in plan.words]
    parts = [*does, *map(_stays, plan.stays)]
    return name, Cell(" · ".join(parts), tip("\n".join(parts)), danger if plan.refused else "")


def _stays(stays: Staying) -> str:
    what = f"v{stays.version:,} {spoken(stays.type)}: " if stays.version else ""
    return f"{'–' if stays.is_needless else '✕'} {what}{plain(stays.why)}"
