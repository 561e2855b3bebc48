"""Who changed a field: all that it ever was, with who set it, when and why; each is a way back to then."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.application.blame import FieldHistory, Setting
from explorer.application.kinds import spoken
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_words import both_times, short_time
from explorer.gui.panels.elided import Elided
from explorer.gui.panels.plain import plain, shown, whole_stream
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.panels.seen import Seen
from explorer.gui.theme import Look, Theme, local_time, tabular

if TYPE_CHECKING:
    from explorer.gui.field_chart import FieldChart

COLUMNS = (
    Column("Event", is_number=True, sample="000,000", rank=3),
    Column("Time", sample="30 Sep 2010 00:00", rank=1),
    Column("Value", is_number=True, sample="000,000.00"),
    Column("Who", sample="shopper", rank=2),
    Column("What and why", takes_rest=True),
)
HOW = "Select a field: in a state, in what changed, or in a cart's lines. Then press Ctrl+Shift+H to see who set it."


class FieldPanel(Seen):
    """The field and what it is now; a chart; the list, the newest last."""

    again_wanted = Signal()
    """The history is to be read once more."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._theme = look.theme
        self._history: FieldHistory | None = None
        self._version = 0
        self.title, self.about = Elided(self, "heading"), QLabel(self)
        self.title.setFont(tabular(self.font()))
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        self.rows = Rows("All values of the field", COLUMNS, self)
        self.again = QPushButton("", self)
        self.again.setAccessibleName("Read the field's history again")
        self.empty = QLabel(HOW, self)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("role", "muted")
        self.chart: FieldChart | None = None
        self._lay_out()
        self.again.clicked.connect(self.again_wanted)
        self.rows.chosen.connect(self._go)
        self.rows.activated_key.connect(self._go)
        look.changed.connect(self._take_theme)

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 4
        self._shown = QWidget(self)
        self._column = QVBoxLayout(self._shown)
        self._column.setContentsMargins(2 * space, space, 2 * space, space)
        self._column.setSpacing(space)
        for widget in (self.title, self.about, self.again):
            self._column.addWidget(widget)
        self._column.addWidget(self.rows, 1)
        self.again.hide()
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.setFocusProxy(self.rows)

    @property
    def history(self) -> FieldHistory | None:
        return self._history

    # What is shown

    def wait_for(self, path: str) -> None:
        self._history = None
        self.empty.setText(f"Looking who changed {plain(path)}…")
        self._pages.setCurrentWidget(self.empty)

    def give_up(self, why: str) -> None:
        self.empty.setText(f"{plain(why)} Press Ctrl+Shift+H to look again.")

    def show_history(self, history: FieldHistory) -> None:
        self._history = history
        self.again.hide()
        if not history.settings:
            self.empty.setText(f"No event of {whole_stream(history.stream)} ever set {plain(history.path)}. {HOW}")
            self._pages.setCurrentWidget(self.empty)
            return
        self._make_chart()
        self._pages.setCurrentWidget(self._shown)
        answer = self._looking.answer
        self._version = self._version_in(answer) if answer is not None else history.latest
        self._fill(history)

    def _make_chart(self) -> None:
        if self.chart is None:
            from explorer.gui.field_chart import FieldChart  # noqa: PLC0415 - pyqtgraph takes half a second

            self.chart = FieldChart(self._shown)
            self._column.insertWidget(2, self.chart)

    def show_answer(self, answer: Answer) -> None:
        history = self._history
        if history is None:
            return
        version = self._version_in(answer)
        if version != self._version:
            self._version = version
            self._fill(history)
        stream = answer.stream
        if stream is not None and stream.stream == history.stream and stream.latest > history.latest:
            more = stream.latest - history.latest
            self.again.setText(f"The stream has {'1 new event' if more == 1 else f'{more:,} new events'}: look again")
            self.again.show()

    def _version_in(self, answer: Answer) -> int:
        """The stream's at the moment shown, as far as it can be told."""
        history, as_of = self._history, answer.status.as_of
        if history is None:
            return 0
        stream = answer.stream
        if stream is not None and stream.stream == history.stream:
            return stream.version
        return max((setting.version for setting in history.settings if setting.position <= as_of), default=0)

    def _fill(self, history: FieldHistory) -> None:
        held = history.at(self._version)
        self.title.say(f"{plain(history.path)} = {_value(held, history)}", plain(history.stream))
        self.about.setText(_set_by(held) if held is not None else "It was not set yet at the moment shown.")
        settings = history.settings
        self.rows.show_rows(
            [str(setting.position) for setting in settings], lambda row: self._cells(settings[row], history)
        )
        self.rows.choose_key(str(held.position) if held is not None else None)
        if self.chart is not None:
            self.chart.show_history(history, self._version, self._theme)

    def _cells(self, setting: Setting, history: FieldHistory) -> tuple[Cell, ...]:
        is_later = setting.version > self._version
        muted = self._theme.muted
        why = f" · {plain(setting.reason)}" if setting.reason else ""

        def tip() -> str:
            return f"{_set_by(setting)}\n{both_times(setting.time)}\nversion {setting.version:,}"

        return (
            Cell(f"{setting.position:,}", tip, muted),
            Cell(short_time(setting.time), tip, muted if is_later else ""),
            Cell(_value(setting, history), tip, muted if is_later else ""),
            Cell(plain(setting.actor), tip, muted if is_later else ""),
            Cell(f"{plain(spoken(setting.type))}{why}", tip, muted if is_later else ""),
        )

    def _go(self, key: str) -> None:
        if self._history is not None:
            self._looking.go_to(int(key), self._history.stream)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._history is not None and self._history.settings:
            self._fill(self._history)


def _value(setting: Setting | None, history: FieldHistory) -> str:
    return shown(setting.value, history.path, history.currency) if setting is not None else "–"


def _set_by(setting: Setting) -> str:
    why = f"Reason: {plain(setting.reason)}" if setting.reason else "No reason was given."
    return (
        f"Set by event {setting.position:,}, {plain(spoken(setting.type))}, by {plain(setting.actor)}, "
        f"{local_time(setting.time)}. {why}"
    )
