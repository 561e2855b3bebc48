"""The controls of time: to the start, back, play, on, to now, how fast, and to a given event or time."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QWidget

from explorer.application.view import Answer
from explorer.errors import BadInput
from explorer.gui.icons import icon
from explorer.gui.looking import SPEEDS, Looking
from explorer.gui.theme import Look, Theme, tabular

_POSITION = re.compile(r"#?\s*(\d{1,15}|\d{1,3}(?:[,_' \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]\d{3}){1,5})")
_SHOWN = ("%a %d %b %Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M")
"""Times as this program itself shows them, so that they can be pasted."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Transport(QWidget):
    """Every button keeps its place, and is disabled where there is no further to go."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking = looking
        self._theme = look.theme
        self.to_start = self._button("start", "To the start", "Before the first event (Ctrl+Home)")
        self.back = self._button("previous", "Back one event", "To the event before ([)")
        self.play = self._button("play", "Play", "Let history pass by itself (Ctrl+Space)")
        self.on = self._button("next", "On one event", "To the event after (])")
        self.to_now = self._button("now", "To now", "Back to the present (Esc)")
        self.speed = QComboBox(self)
        self.speed.setProperty("role", "short")
        self.speed.setAccessibleName("Speed of playing, in events a second")
        self.speed.setToolTip("Events a second while playing")
        for speed in SPEEDS:
            self.speed.addItem(f"{speed}/s", speed)
        self.speed.setCurrentIndex(SPEEDS.index(looking.speed))
        self.where = QLabel(self)
        self.where.setTextFormat(Qt.TextFormat.PlainText)
        self.where.setFont(tabular(self.font()))
        self.where.setAccessibleName("Event shown")
        self.place = QLineEdit(self)
        self.place.setAccessibleName("Go to event or time")
        self.place.setPlaceholderText("event number or 2010-12-07 14:03")
        self.place.setToolTip("Type the number of an event, or a time of your time zone, and press Enter")
        space = 2 * self.fontMetrics().height()
        self.place.setMinimumWidth(self.fontMetrics().horizontalAdvance("2010-12-07 14:03:22") + space)
        self.place.setMaximumWidth(self.fontMetrics().horizontalAdvance(self.place.placeholderText()) + space)
        self.refusal = QLabel(self)
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.setProperty("role", "refusal")
        self.refusal.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lay_out()
        self._connect(looking, look)
        self._enable()

    def _button(self, name: str, title: str, tip: str) -> QPushButton:
        button = QPushButton(icon(name, self._theme), "", self)
        side = self.fontMetrics().height()
        button.setIconSize(QSize(side, side))
        button.setAccessibleName(title)
        button.setToolTip(tip)
        button.setProperty("icon_name", name)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        space = self.fontMetrics().height() // 4
        row.setContentsMargins(2 * space, space, 2 * space, space)
        row.setSpacing(space)
        for button in self._buttons():
            row.addWidget(button)
        row.addSpacing(2 * space)
        row.addWidget(self.speed)
        row.addSpacing(2 * space)
        row.addWidget(self.where)
        row.addSpacing(2 * space)
        label = QLabel("Go t&o", self)
        label.setBuddy(self.place)
        row.addWidget(label)
        row.addWidget(self.place, 1)
        row.addWidget(self.refusal, 1)

    def _connect(self, looking: Looking, look: Look) -> None:
        self.to_start.clicked.connect(lambda: looking.go_to(0))
        self.back.clicked.connect(lambda: looking.step(-1))
        self.play.clicked.connect(lambda: looking.pause() if looking.is_playing else looking.play())
        self.on.clicked.connect(lambda: looking.step(1))
        self.to_now.clicked.connect(looking.go_to_now)
        self.speed.activated.connect(self._take_speed)
        self.place.returnPressed.connect(self._go)
        self.place.textEdited.connect(self.refusal.clear)
        looking.playing.connect(self._show_playing)
        looking.asked.connect(self._enable)
        looking.answered.connect(self._show)
        look.changed.connect(self._take_theme)

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.to_start, self.back, self.play, self.on, self.to_now

    def _show(self, answer: Answer) -> None:
        # As wide as it will get, so that what stands behind it stays where it is.
        total = f"{answer.status.checkpoint:,}"
        self.where.setMinimumWidth(self.where.fontMetrics().horizontalAdvance(f"Event {total} of {total}"))
        self.where.setText(f"Event {answer.status.as_of:,} of {total}")
        self._enable()

    def _enable(self) -> None:
        looking = self._looking
        has_events = looking.answer is not None and looking.answer.status.checkpoint > 0
        self.to_start.setEnabled(has_events and looking.position > 0)
        self.back.setEnabled(has_events and looking.position > 0)
        self.play.setEnabled(has_events)
        self.on.setEnabled(has_events and not looking.is_now)
        self.to_now.setEnabled(not looking.is_now)

    def _show_playing(self, is_playing: bool) -> None:  # noqa: FBT001 - a signal's value
        self.play.setProperty("icon_name", "pause" if is_playing else "play")
        self.play.setIcon(icon(self.play.property("icon_name"), self._theme))
        self.play.setAccessibleName("Pause" if is_playing else "Play")

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        for button in self._buttons():
            button.setIcon(icon(button.property("icon_name"), theme))

    def _take_speed(self, index: int) -> None:
        self._looking.set_speed(SPEEDS[index])

    def _go(self) -> None:
        try:
            position, time = moment(self.place.text())
        except BadInput as error:
            self.refusal.setText(str(error))
            self.refusal.setToolTip(str(error))
            self.place.selectAll()
            return
        self.place.clear()
        self._looking.pause()
        if position is not None:
            self._looking.go_to(position)
        elif time is not None:
            self._looking.drag_to(time)
            self._looking.drop()


def moment(text: str) -> tuple[int | None, int | None]:
    """A position, or a time in µs UTC, that a person wrote; without an offset it is a local time. Raises BadInput."""
    text = text.strip()
    if found := _POSITION.fullmatch(text):
        return int("".join(filter(str.isdecimal, found[1]))), None
    for read in (datetime.fromisoformat, *(partial(_read, form) for form in _SHOWN)):
        try:
            return None, (read(text).astimezone() - _EPOCH) // timedelta(microseconds=1)
        except (ValueError, OverflowError, OSError):
            continue
    raise BadInput("Write an event's number, like 1204, or a time, like 2010-12-07 14:03.")


def _read(form: str, text: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007 - `moment` takes it as a local time
