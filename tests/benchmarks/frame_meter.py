"""How long a frame of the real window takes: from a new question to the last panel painted.

A frame ends when the answer to exactly the question that was asked has been shown and all that it caused, layouts and
paint events and what these cause in turn, is done. The time is taken in a real event loop, which lets the worker's
thread run as it does for a user.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QWidget

from explorer.application.view import Answer, Question
from explorer.gui import worker as worker_module
from explorer.gui.looking import Looking

QUIET_ROUNDS = 6
"""Turns of the loop in which nothing was painted before a frame counts as done: what is painted late is found late by
at most so many events that cause one another."""
PATIENCE = 60_000
"""Milliseconds after which a frame that does not come is given up."""
_ROUND = QEvent.Type(QEvent.registerEventType())
_LAST = -2
"""The priority of an event that comes behind Qt's own: layouts have 0, repainting has -1."""


class Frame(NamedTuple):
    """Seconds. `asking`: until the question is on its way; `reading`: the worker's `answer`; `handing`: between the
    threads; `showing`: all slots; `painting`: layouts and paint events. Only the whole is measured for its own sake."""

    whole: float
    asking: float
    reading: float
    handing: float
    showing: float
    painting: float


class FrameMeter(QObject):
    """Watches one window."""

    def __init__(self, window: QWidget, looking: Looking) -> None:
        super().__init__(window)
        self._looking, self._window = looking, window
        self._loop = QEventLoop(self)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._loop.quit)
        self._wanted: Question | None = None
        self._delivered = self._shown = 0.0
        self.end = 0.0
        """When the last frame was painted, as `perf_counter` says."""
        self._quiet = 0
        self._reading: dict[Question, float] = {}
        window.installEventFilter(self)
        looking.installEventFilter(self)
        # Connected last, called last: behind every panel's slot.
        looking.answered.connect(self._take)

    @contextmanager
    def timing_the_worker(self) -> Generator[None]:
        """While it lasts, the worker's `answer` is timed."""
        real = worker_module.answer

        def timed(session: Any, question: Question, *rest: Any) -> Answer:
            began = perf_counter()
            found = real(session, question, *rest)
            self._reading[question] = perf_counter() - began
            return found

        worker_module.answer = timed
        try:
            yield
        finally:
            worker_module.answer = real

    def frame(self, act: Callable[[], object]) -> Frame | None:
        """The frame that `act` causes; None if it asks nothing."""
        before = self._looking.question
        self._wanted = None
        self._reading.clear()
        began = perf_counter()
        act()
        asked = perf_counter()
        if self._looking.question == before:
            return None
        self._wanted = self._looking.question
        self._patience.start(PATIENCE)
        self._loop.exec()
        self._patience.stop()
        if self._looking.answer is None or self._looking.answer.question != self._looking.question:
            raise TimeoutError(f"No frame came for {self._looking.question}.")
        reading = self._reading.get(self._looking.question, 0.0)
        return Frame(
            self.end - began, asked - began, reading, max(0.0, self._delivered - asked - reading),
            self._shown - self._delivered, self.end - self._shown,
        )  # fmt: skip

    def _take(self, answer: Answer) -> None:
        if answer.question == self._wanted:
            self._wanted = None
            self._shown = self.end = perf_counter()
            self._quiet = -1
            QCoreApplication.postEvent(self, QEvent(_ROUND), _LAST)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._looking:
            if event.type() == QEvent.Type.MetaCall:
                self._delivered = perf_counter()
        elif event.type() in {QEvent.Type.UpdateRequest, QEvent.Type.LayoutRequest}:
            self._quiet = -1
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() != _ROUND:
            return super().event(event)
        self._quiet += 1
        if self._quiet == 0:
            self.end = perf_counter()
        if self._quiet < QUIET_ROUNDS:
            QCoreApplication.postEvent(self, QEvent(_ROUND), _LAST)
        else:
            self._loop.quit()
        return True
