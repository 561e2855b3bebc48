"""Long jobs: each in a thread and with a session of its own, with progress, and cancelled between two batches."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, QThread, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from explorer.application.session import Session
from explorer.errors import Cancelled, KnownError
from explorer.gui.panels.elided import Elided
from explorer.projections.runner import Progress

TELL_EVERY = 0.1
"""Seconds between two reports of progress."""

Work = Callable[[Session, Progress], str]
"""Does the job and returns a sentence about it."""


class Task(QThread):
    """One long job. `ended` comes exactly once: with what it says of itself, or with the KnownError that ended it."""

    progressed = Signal(int, int)
    ended = Signal(object)

    def __init__(
        self,
        title: str,
        open_session: Callable[[], Session],
        work: Work,
        parent: QObject,
        product: Path | None = None,
        idle: Event | None = None,
    ) -> None:
        """Between two batches it waits for `idle`, if that is given: the interpreter does one thing at a time."""
        super().__init__(parent)
        self.title, self.product = title, product
        self._open, self._work, self._idle = open_session, work, idle
        self._cancelled = False
        self._told = 0.0

    def cancel(self) -> None:
        self._cancelled = True

    def run(self) -> None:
        try:
            with self._open() as session:
                result: object = self._work(session, self._progress)
        except KnownError as error:
            result = error
        self.ended.emit(result)

    def _progress(self, done: int, total: int) -> None:
        while self._idle is not None and not self._cancelled and not self._idle.wait(TELL_EVERY):
            pass
        if self._cancelled:
            raise Cancelled(f"{self.title}: cancelled. Nothing was changed.")
        now = time.monotonic()
        if now - self._told >= TELL_EVERY or done >= total:
            self._told = now
            self.progressed.emit(done, total)


class TaskStrip(QWidget):
    """A running task in the status bar: title, count, rate, time left, Cancel; afterwards what came of it.

    One that `is_brief` goes away by itself when all went well: a panel tells the rest.
    """

    def __init__(self, task: Task, parent: QWidget, *, is_brief: bool = False) -> None:
        super().__init__(parent)
        self._task, self._is_brief = task, is_brief
        self._started = time.monotonic()
        self._label = Elided(self)
        self._label.say(task.title)
        self._is_over = False
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(self.fontMetrics().averageCharWidth() * 16)
        self._bar.setAccessibleName(f"Progress of {task.title}")
        self._button = QPushButton("Cancel", self)
        self._button.setAccessibleName(f"Cancel {task.title}")
        self._button.clicked.connect(task.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._label, self._bar, self._button):
            row.addWidget(widget)
        task.progressed.connect(self._show_progress)
        task.ended.connect(self._show_end)

    def leave_if_over(self) -> None:
        if self._is_over:
            self.hide()
            self.deleteLater()

    def _show_progress(self, done: int, total: int) -> None:
        # Qt's range is 31 bits; a thousand steps are as fine as the bar can show.
        self._bar.setRange(0, 1000)
        self._bar.setValue(done * 1000 // max(1, total))
        rate = done / max(1e-3, time.monotonic() - self._started)
        left = f", {(total - done) / rate:,.0f} s left" if done and done < total else ""
        self._label.say(f"{self._task.title}: {done:,} of {total:,} ({rate:,.0f}/s{left})")

    def _show_end(self, result: object) -> None:
        self._is_over = True
        if self._is_brief and not isinstance(result, KnownError):
            self.leave_if_over()
            return
        self._bar.hide()
        self._label.say(str(result).replace("\n", " "))
        self._button.clicked.disconnect()
        if self._task.product is not None and not isinstance(result, KnownError):
            folder = self._task.product.parent
            self._button.setText("Show in folder")
            self._button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
        else:
            self._button.setText("Dismiss")
            self._button.clicked.connect(self.deleteLater)
        self._button.setAccessibleName(self._button.text())
