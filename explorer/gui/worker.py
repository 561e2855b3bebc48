"""The thread that owns the session, so that the window never waits for a disk, a lock or a fold.

Questions are answered with the newest first and only: one that is still waiting when another comes is forgotten. The
one under way is answered first, so that a cursor that is dragged without a pause is followed all the way; only a search
is called off. Jobs (commands) are all done, in order, before the next question.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition
from time import monotonic

from PySide6.QtCore import QObject, QThread, Signal

from explorer.application.session import Session
from explorer.application.view import Answer, Question, answer
from explorer.errors import Busy, Cancelled, KnownError, StorageFailed

LOOK_AGAIN = 0.5
"""Seconds after which the log is looked at for events that others have appended."""

LONGEST_PAUSE = 30.0
"""Seconds between two attempts to catch up where the disk has no room."""

SEARCH_ON = 8
"""Stretches of a search between two answers: a twentieth of a second, about."""
LONG = 0.1
"""Seconds after which an answer that is still being sought may be called off for the next moment."""

Job = Callable[[Session], object]


class Worker(QThread):
    """Opens the session, catches up, answers questions, does jobs. All signals arrive in the receiver's thread."""

    opened = Signal()
    answered = Signal(object)
    """Answer"""
    failed = Signal(object)
    """KnownError: the store could not be opened or a question not be answered."""
    projected = Signal(int, int)
    """Events in the cache, events in the log: while it catches up."""
    done = Signal(object, object)
    """A job's ticket, and its result or KnownError."""

    def __init__(self, open_session: Callable[[], Session], parent: QObject) -> None:
        super().__init__(parent)
        self._open = open_session
        self._changed = Condition()
        self._question: Question | None = None
        self._jobs: deque[tuple[object, Job]] = deque()
        self._stopping = False
        self._looked = self._began = 0.0
        self._put_off = self._pause = 0.0
        self._trouble: StorageFailed | None = None
        self._asked = Question()
        self._owed = False
        self._failed = False
        """Whether the question before was called off for this one, which therefore is not called off in its turn."""
        self._stands = False
        """Whether the read models lag behind and have got no further: another process is at them."""

    # Called from the window's thread; none of them waits.

    def ask(self, question: Question) -> None:
        """Will be answered, unless a newer question comes first."""
        with self._changed:
            self._question = question
            self._changed.notify()

    def do(self, ticket: object, job: Job) -> None:
        """Will be done, whatever comes after; `done` then carries the ticket."""
        with self._changed:
            self._jobs.append((ticket, job))
            self._changed.notify()

    def stop(self) -> None:
        """Ends the thread after the job it is at; jobs still waiting are done first."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.wait()

    # The thread itself.

    def run(self) -> None:
        try:
            session = self._open()
        except KnownError as error:
            self.failed.emit(error)
            return
        with session:
            self.opened.emit()
            self._serve(session)

    def _serve(self, session: Session) -> None:
        latest: Answer | None = None
        while True:
            job, question = self._next(latest, is_rebuilding=session.is_rebuilding)
            if job is not None:
                self._do(session, *job)
                question = self._take_question() or (latest.question if latest else None)
            elif question is None:
                return
            if question is not None:
                latest = self._answer(session, question, latest)

    def _next(self, latest: Answer | None, *, is_rebuilding: bool) -> tuple[tuple[object, Job] | None, Question | None]:
        """A job or a question; neither when it is time to stop. Without news the last question is asked again."""
        with self._changed:
            unfinished = (
                latest is not None
                and not self._failed
                and ((latest.status.lag > 0 and not self._stands) or latest.is_seeking or is_rebuilding)
            )
            self._changed.wait_for(self._has_news, 0 if unfinished else LOOK_AGAIN if latest else None)
            if self._jobs:
                return self._jobs.popleft(), None
            if self._stopping:
                return None, None
        return None, self._take_question() or (latest.question if latest else None)

    def _take_question(self) -> Question | None:
        with self._changed:
            question, self._question = self._question, None
            return question

    def _has_news(self) -> bool:
        return bool(self._jobs) or self._question is not None or self._stopping

    def _do(self, session: Session, ticket: object, job: Job) -> None:
        try:
            result = job(session)
        except KnownError as error:
            result = error
        self._looked = 0.0  # it may have appended
        self.done.emit(ticket, result)

    def _answer(self, session: Session, question: Question, latest: Answer | None) -> Answer | None:
        try:
            goes_on = latest is not None and latest.question == question
            if latest is None or goes_on or latest.status.lag or self._is_due():
                self._catch_up(session)
            self._asked, self._began = question, monotonic()
            # A search that goes on alone may take its time; the first stretch of a new one is shown at once.
            stretches = SEARCH_ON if goes_on else 1
            found = answer(session, question, latest, self._check, lambda done: done < stretches and self._is_idle())
        except Cancelled:
            self._put_back(question)
            return latest
        except KnownError as error:
            # What fails now will hardly do better at once: it is tried again when the log is looked at again.
            self._failed, self._owed = True, False
            self.failed.emit(error)
            return latest
        self._failed = self._owed = False
        self._stands = latest is not None and found.status.checkpoint == latest.status.checkpoint
        if latest is None or found.question != latest.question or found.changed_since(latest):
            self.answered.emit(found)
        if self._trouble is not None:
            self.failed.emit(self._trouble)
            self._trouble = None
        return found

    def _put_back(self, question: Question) -> None:
        """It was called off for a job or a newer question; if it was a job, it is still wanted."""
        with self._changed:
            if self._question is None:
                self._question = question

    def _is_due(self) -> bool:
        """While the cursor is dragged the log is looked at now and then, not for every frame."""
        return monotonic() - self._looked >= LOOK_AGAIN

    def _catch_up(self, session: Session) -> None:
        """One batch only, so that a long way is shown as progress and the user is answered meanwhile."""
        self._looked = monotonic()
        if self._looked < self._put_off:
            return
        try:
            session.catch_up(self._after_batch)
        except (Busy, Cancelled):
            # Another process projects, or more is left to do: answer with what there is and come back.
            return
        except StorageFailed as error:
            # There is no room for the read models: what there is answers, and that is told behind it.
            self._trouble = error
            self._pause = min(max(LOOK_AGAIN, 2 * self._pause), LONGEST_PAUSE)
            self._put_off = self._looked + self._pause
            return
        self._pause = 0.0

    def _after_batch(self, done: int, total: int) -> None:
        if done < total:
            self.projected.emit(done, total)
            raise Cancelled("The rest comes after the next answer.")

    def _check(self) -> None:
        with self._changed:
            newer = self._question
            if self._jobs or self._stopping:
                raise Cancelled("A job is waiting.")
            if newer is not None and (newer.filter != self._asked.filter or self._may_be_left()):
                self._owed = True
                raise Cancelled("A newer question is waiting.")

    def _is_idle(self) -> bool:
        with self._changed:
            return not self._has_news()

    def _may_be_left(self) -> bool:
        return not self._owed and monotonic() - self._began >= LONG
