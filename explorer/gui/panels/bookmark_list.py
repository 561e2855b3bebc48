"""All bookmarks, in order of what they mark; choosing one goes there."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.bookmark_words import bookmark_in_words
from explorer.gui.panels.cart_words import both_times, short_time
from explorer.gui.panels.listing import Listing
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Look, Theme
from explorer.projections.bookmarks import BookmarkRow

COLUMNS = (
    Column("Event", is_number=True, sample="000,000"),
    Column("Title", takes_rest=True),
    Column("Time", sample="30 Nov 2026 00:00", rank=2),
    Column("Who", sample="mmmmmm", rank=3),
    Column("Note", sample="mmmmmmmmmmmm", rank=4),
)


class BookmarkList(Listing):
    """The list, and what can be done with the bookmark that is chosen."""

    go_wanted = Signal(object)
    edit_wanted = Signal(object)
    remove_wanted = Signal(object)
    """BookmarkRow."""
    put_back_wanted = Signal()
    set_wanted = Signal()

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, "bookmark_limit", parent)
        self._theme = look.theme
        self._bookmarks: tuple[BookmarkRow, ...] | None = None
        self.rows = Rows("Bookmarks", COLUMNS, self)
        self.empty = Placeholder("&Bookmark this moment…", self)
        self.told = QLabel(self)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setProperty("role", "muted")
        self.told.setWordWrap(True)
        self.told.hide()
        self.edit = QPushButton("&Edit…", self)
        self.remove = QPushButton("Re&move", self)
        self.remove.setToolTip("Nothing is asked: it can be put back (Del)")
        self.put_back = QPushButton("P&ut back", self)
        self.put_back.setEnabled(False)
        self.put_back.setToolTip("No bookmark was removed here")
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.rows)
        self._pages.addWidget(self.empty)
        self._lay_out()
        self.rows.chosen.connect(self._go)
        self.rows.activated_key.connect(self._go)
        self.rows.near_end.connect(lambda: self.ask_more(len(self._bookmarks or ())))
        # Where none is chosen any more, the selection goes before the current row.
        for signal in (self.rows.selectionModel().selectionChanged, self.rows.selectionModel().currentRowChanged):
            signal.connect(self._enable)
        self.edit.clicked.connect(self._edit_chosen)
        self.remove.clicked.connect(self._remove_chosen)
        self.put_back.clicked.connect(self.put_back_wanted)
        self.empty.pressed.connect(self.set_wanted)
        looking.asked.connect(self._follow)
        self.follow(self.rows)
        self.setFocusProxy(self.rows)
        look.changed.connect(self._take_theme)
        self._enable()

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 3
        buttons = QHBoxLayout()
        for button in (self.edit, self.remove, self.put_back):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space, space, space, space)
        column.setSpacing(space)
        column.addWidget(self._pages, 1)
        column.addWidget(self.told)
        column.addLayout(buttons)

    @property
    def chosen(self) -> BookmarkRow | None:
        key = self.rows.current_key()
        return next((row for row in self._bookmarks or () if str(row.position) == key), None)

    def tell_removed(self, row: BookmarkRow | None) -> None:
        """Which bookmark can be put back; None if there is none any more."""
        self.put_back.setEnabled(row is not None)
        about = f"“{plain(row.title)}” at event {row.position:,}" if row is not None else ""
        self.put_back.setToolTip(f"Set {about} again" if about else "No bookmark was removed here")
        self.told.setText(f"Removed: {about}. It can be put back." if about else "")
        self.told.setVisible(bool(about))

    def show_answer(self, answer: Answer) -> None:
        if answer.bookmarks is self._bookmarks or not self.is_listed(answer):
            return
        self._bookmarks = answer.bookmarks
        self._fill(answer.bookmarks)
        self._follow()
        self.empty.say(
            "No bookmarks yet. Ctrl+B marks the moment shown, with a title and a note for whoever reads this log.",
            has_way_out=True,
        )
        self._pages.setCurrentIndex(int(not answer.bookmarks))
        self._enable()

    def _follow(self) -> None:
        """The bookmark of the moment is the chosen one; where there is none, none is."""
        self.rows.choose_key(str(self._looking.position))

    def _fill(self, rows: Sequence[BookmarkRow]) -> None:
        self.rows.show_rows([str(row.position) for row in rows], lambda number: self._cells(rows[number]), rows)

    def _cells(self, row: BookmarkRow) -> tuple[Cell, ...]:
        tip = partial(bookmark_in_words, row)
        return (
            Cell(f"{row.position:,}", tip),
            Cell(plain(row.title), tip),
            Cell(short_time(row.time), partial(both_times, row.time), self._theme.muted),
            Cell(plain(row.actor), tip, self._theme.muted),
            Cell(plain(row.note), tip, self._theme.muted),
        )

    def _go(self, key: str) -> None:
        row = next((row for row in self._bookmarks or () if str(row.position) == key), None)
        if row is not None:
            self.go_wanted.emit(row)

    def _edit_chosen(self) -> None:
        if self.chosen is not None:
            self.edit_wanted.emit(self.chosen)

    def _remove_chosen(self) -> None:
        if self.chosen is not None and self.remove.isEnabled():
            self.remove_wanted.emit(self.chosen)

    def _enable(self) -> None:
        has_chosen, locked = self.chosen is not None, self._looking.locked
        for button in (self.edit, self.remove):
            button.setEnabled(has_chosen and not locked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._remove_chosen()
        else:
            super().keyPressEvent(event)

    # The menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self.rows.viewport().mapFromGlobal(event.globalPos())
        number = self.rows.currentIndex().row() if by_key else self.rows.rowAt(place.y())
        rows = self._bookmarks or ()
        if 0 <= number < len(rows):
            self.menu_for(rows[number]).popup(self._below(number) if by_key else event.globalPos())

    def _below(self, number: int) -> QPoint:
        return self.rows.viewport().mapToGlobal(self.rows.visualRect(self.rows.page.index(number, 0)).bottomLeft())

    def menu_for(self, row: BookmarkRow) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("&Go there").triggered.connect(lambda: self.go_wanted.emit(row))
        for text, signal in (("&Edit…", self.edit_wanted), ("Re&move", self.remove_wanted)):
            action = menu.addAction(text)
            action.triggered.connect(partial(signal.emit, row))
            action.setEnabled(not self._looking.locked)
        return menu

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.rows.forget_sources()
        self._fill(self._bookmarks or ())
