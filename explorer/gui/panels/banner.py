"""The banner over the past: what moment is shown, how far behind it is, and the way back.

Its height never changes, so nothing below moves under the hand that drags the timeline.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from explorer.application.status import Status
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.theme import Look, local_time, local_time_with_offset, tabular, utc_time


class PastBanner(QFrame):
    """Amber in the past; at now a quiet line of the same height."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        del look  # amber is amber in both themes, and the style sheet knows it
        self._status: Status | None = None
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setFont(tabular(self.font()))
        self.label.setAccessibleName("The moment shown")
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton("Back to now (Esc)", self)
        self.button.setAccessibleName("Back to now")
        self.button.setToolTip("Show the present again; only there can carts be edited")
        self.button.clicked.connect(looking.go_to_now)
        row = QHBoxLayout(self)
        margin = self.fontMetrics().height() // 4
        row.setContentsMargins(2 * margin, margin, margin, margin)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        self.setFixedHeight(self.button.sizeHint().height() + 2 * margin)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._appear(is_past=False)
        looking.answered.connect(self._show)

    def _show(self, answer: Answer) -> None:
        status = answer.status
        if status == self._status:
            return
        if self._status is None or status.is_now != self._status.is_now:
            self._appear(is_past=not status.is_now)
        self._status = status
        self.label.setText(_in_words(status))
        if status.time is not None:
            self.label.setToolTip(f"{local_time_with_offset(status.time)}\n{utc_time(status.time)}")

    def _appear(self, *, is_past: bool) -> None:
        self.button.setVisible(is_past)
        self.setProperty("role", "past" if is_past else "")
        self.label.setProperty("role", "" if is_past else "muted")
        # A property that the style sheet asks about is looked at again only when told so.
        for widget in (self, self.label, self.button):
            widget.style().unpolish(widget)
            widget.style().polish(widget)


def _in_words(status: Status) -> str:
    events = "1 event" if status.behind == 1 else f"{status.behind:,} events"
    if status.is_now:
        return (
            f"Now · event {status.as_of:,} · {local_time(status.time)}"
            if status.time is not None
            else "Now · no events"
        )
    if status.as_of == 0 or status.time is None:
        return f"State before the first event · {events} behind · editing is off"
    return f"State as of event {status.as_of:,} · {local_time(status.time)} · {events} behind · editing is off"
