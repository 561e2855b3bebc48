"""What a window does so that its store can be trusted: verifying, signing, keys; on demand, and by itself.

By itself it does so in a task that waits while the user is busy, once he has rested after the store was opened, and
then when a checkpoint has grown old. A result reaches the window as everybody's does: as files, which the next answer
tells of.
"""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from explorer.application import outside
from explorer.application.checkpoints import AGE
from explorer.application.session import Session
from explorer.application.trust import by_event, is_signing_due, keep_signed, look_after
from explorer.errors import Cancelled, KnownError
from explorer.gui.jobs import Jobs
from explorer.gui.looking import Looking
from explorer.gui.tasks import Task
from explorer.projections.runner import Progress

REST = 3_000
"""Milliseconds without a question after which a store that was opened is looked after."""
MINUTE = 60_000


class Trusting(QObject):
    """At most one verification at a time."""

    progressed = Signal(int, int)
    """How far the verification is; 0 and 0 when it has ended."""
    failed = Signal(str)
    """Why something could not be done; "" when the next thing begins."""
    changed = Signal()
    """A verification has begun or ended."""

    def __init__(self, jobs: Jobs, looking: Looking, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._looking = jobs, looking
        self.verification: Task | None = None
        self.rest, self._minute = QTimer(self), QTimer(self)
        self.rest.setSingleShot(True)
        self.rest.setInterval(REST)
        self.rest.timeout.connect(self.look_after)
        self._minute.setInterval(MINUTE)
        self._minute.timeout.connect(self.keep_signed)

    def begin(self) -> None:
        """The store is open: it is looked after as soon as the user rests."""
        self.rest.start()
        self._looking.asked.connect(self._wait_on)

    def _wait_on(self) -> None:
        if self.rest.isActive():
            self.rest.start()

    @property
    def is_verifying(self) -> bool:
        return self.verification is not None

    # By itself

    def look_after(self) -> Task | None:
        """Verifies a small store, holds a large one against its checkpoints, signs; see the application's."""
        self.rest.stop()
        self._minute.start()
        if self.is_verifying:
            return None
        return self._verifying(self._jobs.run_quietly("Opening check", look_after))

    def keep_signed(self) -> Task | None:
        """Signs a log whose last checkpoint is old."""
        answer = self._looking.answer
        if answer is None or self.is_verifying:
            return None
        if not is_signing_due(answer.standing, answer.status.head, outside.now(), AGE):
            return None
        return self._heard(self._jobs.run_quietly("Signing", _keep_signed))

    # On demand

    def verify(self, *, resume: bool = False) -> Task | None:
        """From the first event on, or where the last verification was stopped."""
        if self.is_verifying:
            return None

        def work(session: Session, progress: Progress) -> str:
            from explorer.application.verification import verify_store  # noqa: PLC0415 - rarely needed

            words = verify_store(session, resume=resume, progress=by_event(progress)).in_words()
            return f"Verification: {words}."

        return self._verifying(self._jobs.run("Verification", work, is_brief=True))

    def stop(self) -> None:
        if self.verification is not None:
            self.verification.cancel()

    def sign(self) -> Task:
        def work(session: Session, progress: Progress) -> str:
            from explorer.application import checkpoints, keys  # noqa: PLC0415 - rarely needed

            signed = checkpoints.sign(session, keys.signing_key(), progress)
            return f"{signed.size:,} events were signed by key {signed.key.id_text}."

        return self._heard(self._jobs.run("Checkpoint", work, is_brief=True))

    def export(self, path: Path) -> Task:
        """Signs the log as it is now and writes that to a file."""

        def work(session: Session, progress: Progress) -> str:
            from explorer.application import checkpoints, keys  # noqa: PLC0415 - rarely needed

            checkpoints.check_not_own(session, path)
            signed = checkpoints.sign(session, keys.signing_key(), progress)
            checkpoints.export(session, signed, path)
            return f"{path.name}: {signed.size:,} events, signed by key {signed.key.id_text}."

        return self._heard(self._jobs.run("Checkpoint", work, path))

    def rotate(self) -> Task:
        """The old key's last word on this log, and the new one's first."""

        def work(session: Session, progress: Progress) -> str:
            from explorer.application import checkpoints, keys  # noqa: PLC0415 - rarely needed

            checkpoints.sign(session, keys.signing_key(), progress)
            key = keys.rotate()
            checkpoints.sign(session, key, progress)
            return f"Key {key.key(session.store.store_id).id_text} signs from now on."

        return self._heard(self._jobs.run("New key", work, is_brief=True))

    def copy_key(self) -> None:
        answer = self._looking.answer
        if answer is not None and answer.standing.trust.key is not None:
            QGuiApplication.clipboard().setText(answer.standing.trust.key.text)
            self._looking.told.emit("The public key is on the clipboard.")

    def next_damage(self) -> int | None:
        """The position of the damaged event behind the moment shown; of the first, behind the last."""
        answer = self._looking.answer
        damaged, here = list(answer.damage) if answer is not None else [], self._looking.position
        return next((position for position in damaged if position > here), damaged[0] if damaged else None)

    # What they share

    def _verifying(self, task: Task) -> Task:
        self.verification = task
        task.progressed.connect(self.progressed)
        task.ended.connect(self._end_verification)
        self.progressed.emit(0, 1)
        self.changed.emit()
        return self._heard(task)

    def _end_verification(self) -> None:
        self.verification = None
        self.changed.emit()
        self.progressed.emit(0, 0)

    def _heard(self, task: Task) -> Task:
        self.failed.emit("")
        task.ended.connect(self._hear)
        return task

    def _hear(self, result: object) -> None:
        if isinstance(result, KnownError) and not isinstance(result, Cancelled):
            # What fails by itself would fail again each minute.
            self._minute.stop()
            self.failed.emit(str(result))


def _keep_signed(session: Session, progress: Progress) -> str:
    progress(0, 1)
    return keep_signed(session)
