"""The status bar: the store, its events, the moment, how far the read models are, and how far the log is verified."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from explorer.application import outside
from explorer.application.status import Status
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.theme import day_of, play_role
from explorer.gui.trust_words import in_short
from explorer.gui.worker import Worker


def _models(status: Status) -> str:
    """How fresh the read models are."""
    if status.rebuild is not None:
        done, total = status.rebuild
        return f"read models being rebuilt, {done * 100 // max(1, total)} %; the older ones answer"
    if status.lag:
        return f"read models {status.lag:,} events behind"
    return "read models up to date"


class StatusLine(QWidget):
    """Words first; while the read models lag behind also a bar; at the end a way to the panel that tells of trust."""

    trust_wanted = Signal()

    def __init__(self, looking: Looking, worker: Worker, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = QLabel("Opening…", self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAccessibleName("Status")
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(self.fontMetrics().averageCharWidth() * 16)
        self._bar.setAccessibleName("Events read into the read models")
        self._bar.hide()
        self.kept = QLabel("● kept fresh in the background", self)
        self.kept.setProperty("role", "good")
        self.kept.setToolTip(
            "Another process keeps the read models of this store fresh, so that nobody waits for them. "
            "Without it this window does so itself."
        )
        self.kept.hide()
        self.trust = QPushButton(self)
        self.trust.setProperty("role", "link")
        self.trust.setToolTip("Show what was verified and signed")
        self.trust.hide()
        self.trust.clicked.connect(self.trust_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(self._words)
        row.addWidget(self.kept)
        row.addWidget(self.trust)
        row.addStretch(1)
        row.addWidget(self._bar)
        looking.answered.connect(self._show)
        worker.projected.connect(self._show_lag)

    def _show(self, answer: Answer) -> None:
        status = answer.status
        self._bar.setVisible(status.lag > 0 or status.rebuild is not None)
        if status.rebuild is not None:
            self._fill(*status.rebuild)
        models = _models(status)
        unreadable = f" · {len(status.poison):,} unreadable" if status.poison else ""
        at = "now" if status.is_now else f"at {status.as_of:,}"
        self._words.setText(f"{status.store} · {status.head:,} events · {at} · {models}{unreadable}")
        reasons = "\n".join(f"Event {position:,}: {reason}" for position, reason in status.poison)
        self._words.setToolTip(reasons)
        self.kept.setVisible(status.is_kept)
        self._show_trust(answer)

    def _show_trust(self, answer: Answer) -> None:
        said = in_short(answer.standing, answer.status.head, day_of(outside.now()))
        if said.words != self.trust.text():
            self.trust.setText(said.words)
            self.trust.setAccessibleName(f"Trust: {said.words}")
        play_role(self.trust, "danger" if said.tone == "danger" else "link")
        self.trust.show()

    def _fill(self, done: int, total: int) -> None:
        self._bar.setRange(0, 1000)
        self._bar.setValue(done * 1000 // max(1, total))

    def _show_lag(self, done: int, total: int) -> None:
        self._fill(done, total)
        self._bar.show()
        self._words.setText(f"Reading events: {done:,} of {total:,}")
