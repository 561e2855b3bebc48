"""The chosen stream's state before and after its last event, with what changed marked."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.application.stream_view import Mark, StreamView
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.picking import follow_picks
from explorer.gui.panels.plain import plain, tip, whole_stream
from explorer.gui.panels.seen import Seen
from explorer.gui.panels.sight import is_same
from explorer.gui.panels.state_tree import StateTree
from explorer.gui.theme import Look, Theme, tabular


class StatePanel(Seen):
    """Before and after side by side, and the way to the changes next to this one."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._theme = look.theme
        self._stream: StreamView | None = None
        self._marks: tuple[Mark, ...] = ()
        self.title, self.empty = QLabel(self), QLabel(self)
        for label in (self.title, self.empty):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.title.setFont(tabular(self.font()))
        self.title.setProperty("role", "heading")
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.previous = QPushButton("&Previous change", self)
        self.previous.setToolTip("To the stream's event before (Ctrl+[)")
        self.next = QPushButton("Ne&xt change", self)
        self.next.setToolTip("To the stream's event after (Ctrl+])")
        self.tree = StateTree(self)
        self.tree.view.setAccessibleName("State before and after the event")
        self._lay_out()
        self.previous.clicked.connect(lambda: looking.step_in_stream(-1))
        self.next.clicked.connect(lambda: looking.step_in_stream(1))
        follow_picks(looking, self.tree)
        look.changed.connect(self._take_theme)
        self._explain(None, 0)

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 4
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.tree)
        head = QHBoxLayout()
        head.setContentsMargins(2 * space, space, 2 * space, space)
        head.addWidget(self.title, 1)
        head.addWidget(self.previous)
        head.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def show_answer(self, answer: Answer) -> None:
        self._enable(answer)
        if is_same(answer.stream, self._stream) and answer.stream is not None and answer.stream.version:
            return
        self._stream = answer.stream
        if self._stream is None or self._stream.record is None:
            self._explain(self._stream, answer.status.as_of)
        else:
            self._fill(self._stream)

    def _enable(self, answer: Answer) -> None:
        first = answer.marks[0].position if answer.marks else 0
        last = answer.marks[-1].position if answer.marks else 0
        self.previous.setEnabled(0 < first < answer.status.as_of)
        self.next.setEnabled(last > answer.status.as_of)

    def _explain(self, stream: StreamView | None, as_of: int) -> None:
        self.title.clear()
        if stream is None:
            self.empty.setText("No stream is chosen. Click an event or a cart to see its state here.")
        else:
            self.empty.setText(f"{whole_stream(stream.stream)} had not begun at event {as_of:,}.")
        self._pages.setCurrentIndex(0)

    def _fill(self, stream: StreamView) -> None:
        if stream.record is None:
            return
        version, position = stream.version, stream.record.position
        before = f"version {version - 1:,} → {version:,}" if version > 1 else "begins: version 1"
        self.title.setText(f"{whole_stream(stream.stream)} · {before} · #{position - 1:,} → #{position:,}")
        self.title.setToolTip(tip(f"{plain(stream.stream)}\nlatest version {stream.latest:,}"))
        self.tree.show_states(stream.before, stream.after, stream.changes, self._theme)
        self._pages.setCurrentIndex(1)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._stream is not None:
            self._fill(self._stream)
