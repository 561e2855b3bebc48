"""The status bar: the store, its events, the moment, and how far the read models are."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.worker import Worker


class StatusLine(QWidget):
    """Words first; while the read models lag behind also a bar."""

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
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self._bar)
        looking.answered.connect(self._show)
        worker.projected.connect(self._show_lag)

    def _show(self, answer: Answer) -> None:
        status = answer.status
        self._bar.setVisible(status.lag > 0)
        models = f"read models {status.lag:,} events behind" if status.lag else "read models up to date"
        unreadable = f" · {len(status.poison):,} unreadable" if status.poison else ""
        at = "now" if status.is_now else f"at {status.as_of:,}"
        self._words.setText(f"{status.store} · {status.head:,} events · {at} · {models}{unreadable}")
        reasons = "\n".join(f"Event {position:,}: {reason}" for position, reason in status.poison)
        self._words.setToolTip(reasons)

    def _show_lag(self, done: int, total: int) -> None:
        self._bar.setRange(0, 1000)
        self._bar.setValue(done * 1000 // max(1, total))
        self._bar.show()
        self._words.setText(f"Reading events: {done:,} of {total:,}")
