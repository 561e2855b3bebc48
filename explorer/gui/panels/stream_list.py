"""All streams that have begun by the moment, whatever their category; the youngest first."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_list import MORE, TYPING_PAUSE
from explorer.gui.panels.plain import plain
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Look
from explorer.projections.queries import StreamRow

COLUMNS = (Column("Stream", takes_rest=True), Column("Category"), Column("Begins at", is_number=True))


class StreamList(QWidget):
    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        del look  # it draws nothing by itself
        self._looking = looking
        self._shown: tuple[StreamRow, ...] | None = None
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search streams")
        self.search.setAccessibleName("Search streams")
        self.search.setClearButtonEnabled(True)
        self.rows = Rows("Streams", COLUMNS, self)
        self.empty = QLabel("No stream has begun by this moment, or none has this name.", self)
        self.empty.setProperty("role", "muted")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        for widget in (self.search, self.rows, self.empty):
            column.addWidget(widget)
        self.empty.hide()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE)
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._ask)
        self.rows.chosen.connect(looking.choose_stream)
        self.rows.near_end.connect(self._ask_more)
        looking.answered.connect(self._show)

    def _ask(self) -> None:
        self._looking.look(stream_words=self.search.text(), stream_limit=MORE)

    def _ask_more(self) -> None:
        limit = self._looking.question.stream_limit
        if self._shown is not None and len(self._shown) >= limit:
            self._looking.look(stream_limit=limit + MORE)

    def _show(self, answer: Answer) -> None:
        if answer.streams is not self._shown:
            is_first = self._shown is None
            self._shown = answer.streams
            self.rows.show_rows([stream.name for stream in answer.streams], self._cells)
            if is_first:
                self.rows.fit_columns()
            self.rows.setVisible(bool(answer.streams))
            self.empty.setVisible(not answer.streams)
        if self.rows.current_key() != answer.question.stream:
            self.rows.choose_key(answer.question.stream)

    def _cells(self, number: int) -> tuple[Cell, ...]:
        assert self._shown is not None
        stream = self._shown[number]
        return Cell(plain(stream.name), plain(stream.name)), Cell(plain(stream.category)), Cell(f"{stream.id:,}")
