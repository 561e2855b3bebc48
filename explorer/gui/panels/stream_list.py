"""All streams that have begun by the moment, whatever their category; the youngest first."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.listing import Listing
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.panels.search_field import SearchField
from explorer.gui.theme import Look, Theme
from explorer.projections.queries import StreamRow

COLUMNS = (
    Column("Stream", takes_rest=True),
    Column("Category", sample="creditnote", rank=1),
    Column("First event", is_number=True, sample="000,000"),
)


class StreamList(Listing):
    """Search, and the streams; selecting one turns to it."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, "stream_limit", parent)
        self._looking, self._theme = looking, look.theme
        self._streams: tuple[StreamRow, ...] | None = None
        self.search = SearchField("Search streams", "Search the streams' names", look, self)
        self.rows = Rows("Streams", COLUMNS, self)
        self.empty = Placeholder("Clear the search", self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.rows)
        self._pages.addWidget(self.empty)
        space = self.fontMetrics().height() // 3
        column = QVBoxLayout(self)
        column.setContentsMargins(space, space, space, space)
        column.setSpacing(space)
        column.addWidget(self.search)
        column.addWidget(self._pages, 1)
        self.search.sought.connect(self._seek)
        self.search.left_down.connect(self.rows.setFocus)
        self.rows.chosen.connect(looking.choose_stream)
        self.rows.near_end.connect(self._ask_more)
        self.empty.pressed.connect(self.search.empty)
        looking.asked.connect(self._follow)
        self.follow(self.rows)
        look.changed.connect(self._take_theme)

    def _seek(self, words: str) -> None:
        self._looking.look(stream_words=words, stream_limit=self.least)

    def _ask_more(self) -> None:
        self.ask_more(len(self._streams or ()))

    def _follow(self) -> None:
        self.rows.choose_key(self._looking.question.stream)

    def show_answer(self, answer: Answer) -> None:
        if answer.streams is self._streams or not self.is_listed(answer):
            return
        self._streams = answer.streams
        self._fill(answer.streams)
        self._follow()
        words = answer.question.stream_words
        if words:
            self.empty.say(f"No stream that had begun matches “{plain(words)}”.", has_way_out=True)
        elif answer.status.is_now:
            self.empty.say("This store has no events yet.")
        else:
            self.empty.say("No stream had begun by this moment. Go on in time, or press Esc for now.")
        self._pages.setCurrentIndex(int(not answer.streams))

    def _cells(self, stream: StreamRow) -> tuple[Cell, ...]:
        tip = partial(_about, stream)
        return (
            Cell(plain(stream.name), tip),
            Cell(plain(stream.category), tip, self._theme.muted),
            Cell(f"{stream.id:,}", tip),
        )

    def _fill(self, streams: Sequence[StreamRow]) -> None:
        self.rows.show_rows([stream.name for stream in streams], lambda row: self._cells(streams[row]), streams)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.rows.forget_sources()
        self._fill(self._streams or ())


def _about(stream: StreamRow) -> str:
    return f"{plain(stream.name)}\nCategory {plain(stream.category)}, began with event {stream.id:,}"
