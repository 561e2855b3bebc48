"""The window's dialogs and long jobs: choosing files, the report, the import, a rebuild, help."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from explorer.application.repair import Plan, carry_out
from explorer.application.replanning import Again, Planner, plan_again
from explorer.application.session import Session
from explorer.application.undoing import Done
from explorer.domain.event import Event
from explorer.errors import KnownError
from explorer.gui.actions import Action
from explorer.gui.looking import Looking
from explorer.gui.panels.plain import short_stream
from explorer.gui.repair_dialog import FIELD, RepairDialog
from explorer.gui.report_dialog import ReportDialog, Wish
from explorer.gui.tasks import Task, TaskStrip, Work
from explorer.gui.theme import Theme
from explorer.projections.runner import Progress

BUSY = 400
"""Milliseconds after a question for which the user is taken to be busy."""

UNSEEN = 300
"""Milliseconds for which a task that was begun by a key is not shown."""


class Jobs(QObject):
    """Everything that takes a dialog or a while. Tasks run beside the window, each with a session of its own."""

    def __init__(self, window: QMainWindow, open_session: Callable[[], Session], looking: Looking) -> None:
        super().__init__(window)
        self._window, self._open, self._looking = window, open_session, looking
        self._tasks: list[Task] = []
        self._is_closing = False
        self._idle = threading.Event()
        self._idle.set()
        self._busy = QTimer(self)
        self._busy.setSingleShot(True)
        self._busy.setInterval(BUSY)
        self._busy.timeout.connect(self._idle.set)
        looking.asked.connect(self._take_question)

    def run(self, title: str, work: Work, product: Path | None = None, *, is_brief: bool = False) -> Task:
        """Starts a task and shows it in the status bar; one that `is_brief` leaves no more there than a note."""
        task = Task(title, self._open, work, self, product)
        for strip in self._window.statusBar().findChildren(TaskStrip):
            strip.leave_if_over()  # what came of the one before would take the room of this one
        self._window.statusBar().addPermanentWidget(TaskStrip(task, self._window, is_brief=is_brief))
        if is_brief:
            task.ended.connect(self._tell)
        return self._start(task)

    def run_soon(self, title: str, work: Work) -> Task:
        """Starts a task that is mostly over at once: it is shown in the status bar only where it takes longer."""
        task = Task(title, self._open, work, self)
        QTimer.singleShot(UNSEEN, task, lambda: self._show_late(task))
        return self._start(task)

    def _show_late(self, task: Task) -> None:
        if task in self._tasks and not self._is_closing:
            self._window.statusBar().addPermanentWidget(TaskStrip(task, self._window, is_brief=True))

    def run_quietly(self, title: str, work: Work) -> Task:
        """Starts a task that nobody has asked for: it is not shown, and waits while the user looks around."""
        return self._start(Task(title, self._open, work, self, idle=self._idle))

    def _tell(self, result: object) -> None:
        if not isinstance(result, KnownError):
            self._looking.told.emit(str(result))

    def _take_question(self) -> None:
        self._idle.clear()
        self._busy.start()

    def _start(self, task: Task) -> Task:
        self._tasks.append(task)
        task.ended.connect(self._look_again)
        task.finished.connect(lambda: self._tasks.remove(task))
        # When the loop turns, so that whoever has asked for it hears of its end.
        QTimer.singleShot(0, task, lambda: self._begin(task))
        return task

    def _begin(self, task: Task) -> None:
        if not self._is_closing:
            task.start()

    def _look_again(self, result: object) -> None:
        del result  # the task's strip shows it
        self._looking.ask_again()

    def cancel_all(self) -> None:
        """Stops all tasks for good and waits for them: each ends after the batch it is at."""
        self._is_closing = True
        for task in list(self._tasks):
            task.cancel()
            task.wait()

    def choose_store(self, wanted: Callable[[Path], object]) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open store", "", "Event stores (*.events);;All files (*)")
        if name:
            wanted(Path(name))

    def choose_import(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self._window, "Import", "", "Online Retail (*.csv *.csv.gz);;All files (*)"
        )
        for name in names:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> Task:
        def work(session: Session, progress: Progress) -> str:
            from explorer.application.importers import FORMATS  # noqa: PLC0415 - rarely needed

            rejects = session.path.with_name(f"{session.path.name}.rejected-{path.name}.csv")
            result = FORMATS["online-retail"](session, path, rejects=rejects, progress=progress)
            return " ".join(result.lines())

        return self.run(f"Import of {path.name}", work)

    def rebuild(self) -> Task:
        return self.run(
            "Rebuild", lambda session, progress: f"Read models rebuilt from {session.rebuild(progress):,} events."
        )

    def choose_checkpoint(self, name: str, wanted: Callable[[Path], object]) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Export checkpoint", str(Path.home() / name), "Checkpoints (*.checkpoint);;All files (*)"
        )
        if chosen:
            wanted(Path(chosen))

    def ask(self, name: str, question: str, about: str, act: str, wanted: Callable[[], object]) -> None:
        """Asks before what cannot be taken back; the button names the act, and Enter cancels."""
        box = QMessageBox(QMessageBox.Icon.Warning, question, question, parent=self._window)
        box.setObjectName(name)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(about)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        button = box.addButton(act, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        button.clicked.connect(wanted)
        box.open()

    def ask_repair(self, planner: Planner, plan: Plan, what: str, theme: Theme) -> None:
        """Shows a plan of the planner's; it is carried out if the user says so, and gives a reason."""
        if not plan.commands:
            self._looking.told.emit("Nothing differs from that: there is nothing to do.")
            return
        dialog = RepairDialog(plan, what, self._looking, theme, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        done: list[Event] = []

        def carried_out(reason: str) -> None:
            actor, shown = self._looking.actor, dialog.plan

            def work(session: Session) -> Done:
                done[:] = carry_out(session, shown, actor, reason, "window")
                return Done(shown.stream, done)

            self._looking.do(work, FIELD)

        def end() -> None:
            self._looking.go_to_now()
            self._looking.told.emit(_repaired(done))

        def show(again: Again) -> None:
            if not dialog.is_over:
                dialog.show_again(again)

        def plan_anew() -> None:
            old = dialog.plan
            self._looking.fetch(lambda session: plan_again(session, old, planner), show)

        dialog.wished.connect(carried_out)
        dialog.again_wanted.connect(plan_anew)
        dialog.accepted.connect(end)
        dialog.open()

    def ask_report(self) -> None:
        if self._looking.answer is None:
            return
        dialog = ReportDialog(self._looking.answer, Path.home(), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def begin(wish: Wish) -> None:
            dialog.wait_for(self.report(wish))

        dialog.wished.connect(begin)
        dialog.open()

    def report(self, wish: Wish) -> Task:
        def work(session: Session, progress: Progress) -> str:
            from explorer.application.audit import resolve_scope  # noqa: PLC0415 - rarely needed
            from explorer.application.evidence import write_evidence  # noqa: PLC0415

            session.catch_up()
            scope = resolve_scope(
                session,
                stream=wish.stream,
                actor=wish.actor,
                start=wish.start,
                end=wish.end,
                as_of=wish.as_of,
                wanted=wish.wanted,
            )
            report = write_evidence(
                session, scope, wish.format, wish.path, since=wish.since, progress=lambda _: progress
            )
            return f"{wish.path.name}: {report.verdict.in_words()}"

        return self.run("Audit report", work, wish.path)

    def show_shortcuts(self, actions: Sequence[Action]) -> None:
        sheet = QDialog(self._window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.setWindowTitle("Keyboard shortcuts")
        sheet.setObjectName("shortcuts_sheet")
        keyed = [action for action in actions if action.shortcuts]
        timeline = _TIMELINE_KEYS
        table = QTableWidget(len(keyed) + len(timeline), 3, sheet)
        table.setHorizontalHeaderLabels(["Where", "What", "Keys"])
        table.setAccessibleName("Keyboard shortcuts")
        rows = [
            (action.menu, action.title, ", ".join(QKeySequence(key).toString() for key in action.shortcuts))
            for action in keyed
        ]
        for number, row in enumerate((*rows, *(("Timeline", what, keys) for what, keys in timeline))):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                table.setItem(number, column, item)
        table.verticalHeader().hide()
        table.horizontalHeader().setStretchLastSection(True)
        table.resizeColumnsToContents()
        QVBoxLayout(sheet).addWidget(table)
        sheet.resize(sheet.fontMetrics().averageCharWidth() * 80, sheet.fontMetrics().height() * 30)
        sheet.open()

    def show_about(self) -> None:
        from explorer.store.engine import driver  # noqa: PLC0415 - only for its version

        box = QMessageBox(self._window)
        box.setWindowTitle("About Event Explorer")
        box.setText(
            "Event Explorer shows everything that ever happened in an event-sourced system, at any moment.\n\n"
            f"SQLite {driver.sqlite_version}. MIT licence."
        )
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.open()


_TIMELINE_KEYS = (
    ("One event", "Left, Right"),
    ("Within the stream", "Shift+Left, Shift+Right"),
    ("Second moment B, one event", "Alt+Shift+Left, Alt+Shift+Right"),
    ("Second moment B, by hand", "Alt+drag, or drag its line"),
    ("To the start, to now", "Home, End"),
    ("Zoom in, out", "W, S or wheel"),
    ("Pan", "A, D"),
    ("Frame the selection", "F"),
    ("Fit all", "0"),
    ("Play, pause", "Space"),
    ("Mark the moment", "M"),
)


def _repaired(events: Sequence[Event]) -> str:
    """Where what a repair has recorded is found."""
    first, last = events[0], events[-1]
    where = f"event #{first.position:,}" if len(events) == 1 else f"events #{first.position:,} to #{last.position:,}"
    return f"Repaired {short_stream(first.stream)} by {where}."
