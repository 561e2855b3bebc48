"""The event list: the page of events round the moment, and a scroll bar over the whole log.

Positions are the scroll bar's unit, so it is truthful for ten million events of which thirty are held.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSlider,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.application.documents import event_document
from explorer.application.event_list import EventFilter, EventRow
from explorer.application.kinds import spoken
from explorer.application.session import Session
from explorer.application.view import Answer, Question
from explorer.gui.looking import Looking
from explorer.gui.meant import Meant, Picked
from explorer.gui.panels.event_cells import NAMES, Column, Shown
from explorer.gui.panels.event_table import EventTable
from explorer.gui.panels.newest_pill import NewestPill
from explorer.gui.panels.plain import as_json, plain, short_stream
from explorer.gui.panels.scroll_bar import ScrollBar
from explorer.gui.panels.search_strip import SearchStrip
from explorer.gui.panels.seen import Seen
from explorer.gui.theme import Look, Theme
from explorer.language.syntax import Word

WHEEL_ROWS = 3
"""Rows a notch of the wheel scrolls."""
NOTCH = 120
"""Eighths of a degree in a notch; fine wheels turn by less at a time."""
PATIENCE = 150
"""Milliseconds after which a search that is not answered says that it is going on."""


class EventList(Seen):
    """The table, its scroll bar, and what to do when there is nothing to list."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._shown: Shown | None = None
        self._wheel = 0
        self.table = EventTable(look.theme, self)
        self.bar = _Bar(Qt.Orientation.Vertical, self)
        self.bar.setAccessibleName("Place in the log")
        self.empty = _Empty(self)
        self.strip = SearchStrip(self)
        self.pill = NewestPill(looking, self.table.viewport())
        self.searching = QLabel("Searching…", self)
        self.searching.setAutoFillBackground(True)
        self.searching.setMargin(self.fontMetrics().height() // 3)
        self.searching.hide()
        self.patience = QTimer(self)
        self.patience.setSingleShot(True)
        self.patience.setInterval(PATIENCE)
        self._lay_out()
        self._connect(looking, look)

    def save_columns(self) -> QByteArray:
        """The widths and order of the columns, for the window to keep; nothing while they fit themselves."""
        return self.table.horizontalHeader().saveState() if self.table.has_own_widths else QByteArray()

    def restore_columns(self, state: QByteArray) -> None:
        if not state.isEmpty():
            self.table.has_own_widths = self.table.horizontalHeader().restoreState(state)

    def _lay_out(self) -> None:
        listing = QWidget(self)
        row = QHBoxLayout(listing)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.table, 1)
        row.addWidget(self.bar)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(listing)
        self._pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages, 1)
        column.addWidget(self.strip)
        self.setFocusProxy(self.table)

    def _connect(self, looking: Looking, look: Look) -> None:
        self.table.fits.connect(self._take_room)
        self.table.chosen.connect(self._go_to_row)
        self.table.moved.connect(self._move)
        self.table.scrolled.connect(self._scroll_by_key)
        self.table.turned.connect(self._turn)
        self.bar.turned.connect(self._turn)
        self.bar.actionTriggered.connect(self._scroll_by_bar)
        self.bar.sliderReleased.connect(self._set_bar)
        self.empty.clear.clicked.connect(lambda: looking.show_filter(EventFilter()))
        self.strip.seek_wanted.connect(self._seek)
        self.patience.timeout.connect(self._say_searching)
        looking.asked.connect(self._wait)
        look.changed.connect(self._take_theme)

    # What is shown

    def show_answer(self, answer: Answer) -> None:
        if answer.question.filter == self._looking.question.filter:
            self.patience.stop()
            self.searching.hide()
        self.strip.show_answer(answer)
        self.pill.show_answer(answer)
        status = answer.status
        unreadable = frozenset(position for position, _ in status.poison)
        shown = Shown(answer.events, status.as_of, status.is_now, answer.question.stream, unreadable,
                      answer.damage, answer.marked, answer.row_colours, answer.finding_places)  # fmt: skip
        if self._shown is not None and shown.page is self._shown.page and shown[1:] == self._shown[1:]:
            return
        self._shown = shown
        self.table.show_page(shown)
        self._set_bar()
        is_empty = not answer.events.rows
        if is_empty:
            self.empty.say(answer)
        if self._pages.currentIndex() != int(is_empty):
            self._pages.setCurrentIndex(int(is_empty))

    def _set_bar(self) -> None:
        if self._shown is None or self.bar.isSliderDown():
            return
        page, bar = self._shown.page, self.bar
        top, end = (page.rows[0].position, page.rows[-1].position) if page.rows else (0, 0)
        bar.setPageStep(max(1, end - top + 1))
        bar.setRange(page.first, max(page.first, page.last - (end - top)))
        bar.setValue(top)
        bar.setEnabled(page.previous is not None or page.next is not None)

    def _wait(self, question: Question) -> None:
        answer = self._looking.answer
        if question.filter.where and (answer is None or answer.question.filter != question.filter):
            if not self.patience.isActive() and not self.searching.isVisible():
                self.patience.start()
        else:
            self.patience.stop()
            self.searching.hide()

    def _say_searching(self) -> None:
        self.searching.adjustSize()
        self.searching.move((self.width() - self.searching.width()) // 2, self.table.horizontalHeader().height())
        self.searching.show()
        self.searching.raise_()

    def _seek(self, wanted: bool) -> None:  # noqa: FBT001 - a signal's
        self._looking.look(seek=wanted)

    def _take_theme(self, theme: Theme) -> None:
        self.table.show_theme(theme)

    def _take_room(self, rows: int) -> None:
        self._looking.look(rows=rows)
        self.pill.lay_out()

    # Going to an event

    def _go_to_row(self, number: int) -> None:
        if self._shown is not None and number < len(self._shown.page.rows):
            row = self._shown.page.rows[number]
            self._looking.pause()
            self._looking.go_to(row.position, row.stream)

    def _move(self, step: int) -> None:
        """To the row below or above the moment's; where the page ends, to the next event that is listed."""
        if self._shown is None:
            return
        page = self._shown.page
        aim = self._shown.past - 1 + step
        if step > 0 and aim >= len(page.rows):
            self._go_beyond(page.next)
        elif step < 0 and aim < 0:
            self._go_beyond(page.previous)
        else:
            self._go_to_row(aim)

    def _go_beyond(self, position: int | None) -> None:
        # The stream of an event off the page is not known yet: the chosen one stays.
        if position is not None:
            self._looking.pause()
            self._looking.go_to(position)

    # Scrolling

    def _turn(self, angle: int) -> None:
        self._wheel -= angle * WHEEL_ROWS
        rows = int(self._wheel / NOTCH)
        self._wheel -= rows * NOTCH
        if rows:
            self._scroll(rows)

    def _scroll_by_key(self, key: str) -> None:
        if self._shown is None:
            return
        page = self._shown.page
        match key:
            case "home":
                self._looking.look(top=page.first, shift=0)
            case "end":
                self._scroll_to_end(page.last)
            case _:
                most = max(1, len(page.rows) - 1)
                self._scroll(most if key == "page down" else -most)

    def _scroll_by_bar(self, action: int) -> None:
        if self._shown is None:
            return
        bar, page = self.bar, self._shown.page
        if action in _BAR_STEPS:
            direction, by_page = _BAR_STEPS[action]
            bar.setSliderPosition(bar.value())
            self._scroll(direction * (max(1, len(page.rows) - 1) if by_page else 1))
        elif bar.sliderPosition() >= bar.maximum():
            # The last page may span fewer positions than this one, by which the bar's end was reckoned.
            self._scroll_to_end(page.last)
        else:
            self._looking.look(top=bar.sliderPosition(), shift=0)

    def _scroll_to_end(self, last: int) -> None:
        """Whoever goes to the end of now wants what comes behind it, too."""
        if self._looking.is_now:
            self._looking.follow()
        else:
            self._looking.look(top=last, shift=0)

    def _scroll(self, rows: int) -> None:
        """Some rows down or (negative) up from what is shown, or from what was asked for and is on its way."""
        answer, question = self._looking.answer, self._looking.question
        if answer is None or not answer.events.rows:
            return
        page, place = answer.events, (question.filter, question.top, question.shift)
        if question.top is None or place == (answer.question.filter, answer.question.top, answer.question.shift):
            if (page.next if rows > 0 else page.previous) is not None:
                self._looking.look(top=page.rows[0].position, shift=rows)
            elif rows > 0 and self._looking.is_now:
                self._looking.follow()
        else:
            self._looking.look(shift=question.shift + rows)

    # The menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self.table.viewport().mapFromGlobal(event.globalPos())
        number = self.table.currentIndex().row() if by_key else self.table.rowAt(place.y())
        if self._shown is not None and 0 <= number < len(self._shown.page.rows):
            column = Column.TYPE if by_key else Column(max(0, self.table.columnAt(place.x())))
            self._pick(self._shown.page.rows[number], column)
            self.menu_for(self._shown.page.rows[number]).popup(event.globalPos() if not by_key else self._below(number))

    def _pick(self, row: EventRow, column: Column) -> None:
        """The value in the cell that is pointed at; of a summary, which is made of several, the type."""
        name = NAMES.get(column, "type")
        self._looking.pick(Picked(name, getattr(row, name), "event"))

    def _below(self, number: int) -> QPoint:
        rectangle = self.table.visualRect(self.table.model().index(number, 1))
        return self.table.viewport().mapToGlobal(rectangle.bottomLeft())

    def menu_for(self, row: EventRow) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._looking.point_at(Meant(row.position, row.stream, row.version, row.type, row.actor))
        # An action is triggered after its menu has gone.
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, self, self._forget_menu))
        entries: tuple[tuple[str, Callable[[], object]] | None, ...] = (
            ("&Rewind to here", lambda: self._looking.go_to(row.position, row.stream)),
            None,
            ("Show this &stream only", lambda: self._narrow(stream=row.stream)),
            ("Show this &type only", lambda: self._narrow(type=row.type)),
            ("Show this &actor only", lambda: self._narrow(actor=row.actor)),
            None,
            ("&Copy as JSON", lambda: self._copy_json(row.position)),
            ("Copy &position", lambda: QGuiApplication.clipboard().setText(str(row.position))),
            None,
            ("Scroll to the &moment shown", lambda: self._looking.look(top=None)),
        )
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            else:
                menu.addAction(entry[0]).triggered.connect(entry[1])
        self._looking.menu_opening.emit("event", menu)
        return menu

    def _forget_menu(self) -> None:
        self._looking.point_at(None)
        self._looking.picked_changed.emit()

    def _narrow(self, **condition: str) -> None:
        self._looking.show_filter(replace(self._looking.question.filter, **condition))

    def _copy_json(self, position: int) -> None:
        self._looking.fetch(lambda session: _event_as_json(session, position), self._copied)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._looking.told.emit("The event is on the clipboard, as JSON.")


def _event_as_json(session: Session, position: int) -> str:
    record = session.store.records_at([position])[0]
    return as_json(event_document(session.store.codec.event(record)))


_BAR_STEPS = {
    QAbstractSlider.SliderAction.SliderSingleStepAdd.value: (1, False),
    QAbstractSlider.SliderAction.SliderSingleStepSub.value: (-1, False),
    QAbstractSlider.SliderAction.SliderPageStepAdd.value: (1, True),
    QAbstractSlider.SliderAction.SliderPageStepSub.value: (-1, True),
}


class _Bar(ScrollBar):
    """Over the bar, too, the wheel goes by rows."""

    turned = Signal(int)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.turned.emit(event.angleDelta().y())
        event.accept()


class _Empty(QWidget):
    """Why nothing is listed, and what to do about it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        self.clear = QPushButton("Clear the filter", self)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self.words)
        column.addWidget(self.clear, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def say(self, answer: Answer) -> None:
        wanted = answer.question.filter
        self.clear.setVisible(not wanted.is_empty)
        if not wanted.is_empty:
            yet = " so far" if answer.events.sought is not None and not answer.events.sought.is_done else ""
            self.words.setText(f"No event {in_words(wanted)}{yet}.")
        elif answer.status.lag:
            self.words.setText("The events are being read…")
        else:
            self.words.setText("No events yet. What is done in this store from now on will be listed here.")


def _where(wanted: EventFilter) -> str:
    if not wanted.where:
        return ""
    parts = replace(wanted, stream=None, type=None, actor=None).parts
    is_words = all(isinstance(part, Word) for part in parts)
    return f"with “{plain(wanted.where)}”" if is_words else f"for which {plain(wanted.where)}"


def in_words(wanted: EventFilter) -> str:
    """`of cart 1f3a, of type item added, by ann, with “lantern”`."""
    parts = (
        f"of {short_stream(wanted.stream)}" if wanted.stream else "",
        f"of type {plain(spoken(wanted.type))}" if wanted.type else "",
        f"by {plain(wanted.actor)}" if wanted.actor else "",
        _where(wanted),
    )
    return ", ".join(filter(None, parts))
