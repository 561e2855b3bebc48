"""A table of rows, changed in place: selection, focus and scroll position stay where the user put them.

It is painted here, cell by cell: a delegate for every cell takes five times as long, and the rows change with every
frame of a drag. Columns give way by rank where there is no room for all.
"""

from collections.abc import Collection, Sequence
from typing import cast

from PySide6.QtCore import SIGNAL, QEvent, QItemSelectionModel, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyleOptionFocusRect,
    QTableView,
    QToolTip,
    QWidget,
)

from explorer.gui.panels.page import AnyIndex, Cell, Column, Make, Page, colour_of
from explorer.gui.panels.plain import tip
from explorer.gui.panels.ruler import Ruler
from explorer.gui.panels.scroll_bar import ScrollBar
from explorer.gui.theme import tabular

__all__ = ["LEAST", "MORE", "AnyIndex", "Cell", "Column", "Place", "Rows", "wanted_for"]

MORE = 100
"""Rows by which a list grows when its end comes near."""
MARGIN = 4
"""Rows that are asked for beyond two pages, so that a page further is there when the wheel turns."""
LEAST = 14
"""Letters that the column which takes the rest has room for, before another column must go."""
LAST_LEAST = 7
"""And before the last of those columns that can must go."""

Place = tuple[int, int, int]
"""A row, its top and its height, in pixels of the viewport."""


def wanted_for(room: int) -> int:
    """How many rows a list should hold at least that has room for so many."""
    return 2 * room + MARGIN


class Rows(QTableView):
    """`chosen` comes when the user picks a row, never when rows change under the selection."""

    chosen = Signal(str)
    """The row's key."""
    activated_key = Signal(str)
    """The key of the row on which Enter or a double click came."""
    near_end = Signal()
    """The last row is, or nearly is, in view."""
    fits = Signal(int)
    """So many rows have room."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = columns
        self.page = Page(columns, self)
        self._chosen: str | None = None
        self._is_filling = False
        self._room = 0
        self._longest = [len(column.sample) for column in columns]
        self._widths = [0] * len(columns)
        self._set_for = ""
        self.setVerticalScrollBar(ScrollBar(Qt.Orientation.Vertical, self))
        self.setModel(self.page)
        self.setAccessibleName(name)
        self.setFont(tabular(self.font()))
        self._ruler = Ruler(self.font())
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._set_up_headers()
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.doubleClicked.connect(self._activate)
        self.verticalScrollBar().valueChanged.connect(self._prepare)
        for signal in (self.verticalScrollBar().valueChanged, self.verticalScrollBar().rangeChanged):
            signal.connect(self._look_for_more)

    def _set_up_headers(self) -> None:
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSelectionModel(QItemSelectionModel(self.page, header))  # it is not painted for another current row
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._set_for = self._fonts
        self.set_sizes()
        for number, column in enumerate(self.columns):
            if column.takes_rest:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        # Qt's own slot waits for a timer and then paints once more.
        QObject.disconnect(header, SIGNAL("sectionResized(int,int,int)"), self, cast("str", None))
        header.sectionResized.connect(self._take_width)

    @property
    def row_height(self) -> int:
        """Of a row in the font there is."""
        return self.fontMetrics().height() * 3 // 2

    @property
    def _fonts(self) -> str:
        return f"{self.font().key()} {self.horizontalHeader().font().key()}"

    def set_sizes(self) -> None:
        """Heights and widths as the font has them."""
        self.verticalHeader().setDefaultSectionSize(self.row_height)
        self.horizontalHeader().setMinimumSectionSize(2 * self.fontMetrics().averageCharWidth())
        self._longest = [len(column.sample) for column in self.columns]
        for number, column in enumerate(self.columns):
            if column.sample:
                self._widths[number] = self._width_of(number, column.sample)
                if not self.isColumnHidden(number):
                    self.setColumnWidth(number, self._widths[number])

    def minimumSizeHint(self) -> QSize:
        """Titles and a row: what else there is can be scrolled to."""
        frame, usual = 2 * self.frameWidth(), super().minimumSizeHint()
        rows = self.horizontalHeader().sizeHint().height() + self.verticalHeader().defaultSectionSize()
        return QSize(usual.width(), min(usual.height(), rows + frame))

    # What is shown

    @property
    def keys(self) -> list[str]:
        return self.page.keys

    def show_rows(self, keys: Sequence[str], cells: Make, sources: Sequence[object] | None = None) -> None:
        """Shows rows by their keys; `cells(n)` makes the nth. The one that was chosen stays so, silently.

        With `sources`, what each row is made of, a row whose source is what it was is not made anew.
        """
        self._is_filling = True
        self.page.show_rows(keys, cells, [object() for _ in keys] if sources is None else sources)
        self.executeDelayedItemsLayout()  # else while it is painted, and it is painted again
        self._prepare()
        self._select(self._chosen)
        self._is_filling = False
        self._look_for_more()

    def _prepare(self) -> None:
        """Makes the columns wide enough for the numbers in view, before they are painted."""
        for row in self.rows_in_view():
            for column, cell in enumerate(self.page.cells(row)):
                if len(cell.text) > self._longest[column] and self.columns[column].is_number:
                    self._widen(column, cell.text)

    def rows_in_view(self) -> range:
        """Those of which at least a pixel is seen."""
        return self._rows_between(0, self.viewport().height() - 1)

    def _rows_between(self, top: int, bottom: int) -> range:
        first, last = self.rowAt(top), self.rowAt(bottom)
        if first < 0:
            return range(0)
        return range(first, (last if last >= 0 else len(self.keys) - 1) + 1)

    def entitle(self, column: int, title: str) -> None:
        self.page.entitle(column, title)

    def forget_sources(self) -> None:
        """The next time all rows are made anew: for another theme."""
        self.page.forget_sources()

    def choose_key(self, key: str | None) -> None:
        """Selects the row of a key, silently, and brings it into view; none while it is not shown."""
        if key != self._chosen:
            self._is_filling = True
            self._select(key)
            self._is_filling = False
            if (row := self.row_of(key)) >= 0:
                self.scrollTo(self.page.index(row, 0))

    def row_of(self, key: str | None) -> int:
        """-1 where it is not shown."""
        return self.keys.index(key) if key in self.keys else -1

    def current_key(self) -> str | None:
        row = self.currentIndex().row()
        return self.keys[row] if 0 <= row < len(self.keys) else None

    def _select(self, key: str | None) -> None:
        self._chosen, row = key, self.row_of(key)
        if row < 0:
            if self.currentIndex().isValid() or self.selectionModel().hasSelection():
                self.selectionModel().clear()
        elif row != self.currentIndex().row() or not self.selectionModel().hasSelection():
            self.setAutoScroll(False)  # rows that change do not scroll
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.page.index(row, max(0, self.currentIndex().column())), flags)
            self.setAutoScroll(True)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        area = event.rect()
        places = [
            (row, self.rowViewportPosition(row), self.rowHeight(row))
            for row in self._rows_between(area.top(), area.bottom())
        ]
        chosen = {index.row() for index in self.selectionModel().selectedRows()}
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        painter.fillRect(area, self.palette().base())
        for row, top, height in places:
            if row in chosen:
                painter.fillRect(0, top, self.viewport().width(), height, self.palette().highlight())
        for column in range(len(self.columns)):
            if not self.isColumnHidden(column):
                left, width = self.columnViewportPosition(column), self.columnWidth(column)
                painter.setClipRect(left, area.top(), width, area.height())
                self.paint_column(painter, column, left, width, places, chosen)
        painter.setClipping(False)
        self._paint_focus(painter)
        painter.end()

    def paint_column(
        self, painter: QPainter, column: int, left: int, width: int, places: Sequence[Place], chosen: Collection[int]
    ) -> None:
        """The cells of a column; their ground is painted, and what reaches beyond is cut."""
        palette, metrics, margin = self.palette(), self.fontMetrics(), self._margin
        text, chosen_text = palette.text().color(), palette.highlightedText().color()
        is_number, room, base = self.columns[column].is_number, width - 2 * margin, metrics.ascent() - metrics.descent()
        for row, top, height in places:
            cell = self.page.cells(row)[column]
            painter.setPen(chosen_text if row in chosen else colour_of(cell.colour) if cell.colour else text)
            words, needed = self._fitted(column, cell.text, room)
            x = left + width - margin - needed if is_number else left + margin
            painter.drawText(x, top + (height + base) // 2, words)

    def _fitted(self, column: int, text: str, room: int) -> tuple[str, int]:
        if self.columns[column].is_path:
            return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room), 0
        return self._ruler.fitted(text, room)

    @property
    def _margin(self) -> int:
        return self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self) + 1

    def _paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus() and self.currentIndex().isValid():
            option = QStyleOptionFocusRect()
            option.initFrom(self)
            option.rect = self.visualRect(self.currentIndex())  # type: ignore[attr-defined]
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self)

    # Columns

    def _width_of(self, column: int, text: str) -> int:
        metrics, title = QFontMetrics(self.font()), QFontMetrics(self.horizontalHeader().font())
        widest = max(metrics.horizontalAdvance(text), title.horizontalAdvance(self.columns[column].title))
        return widest + metrics.height()

    def _take_width(self, column: int, old: int, new: int) -> None:
        if old != new:
            self.updateGeometries()
            self.viewport().update()
        if new:  # a hidden column has none
            self._widths[column] = new

    def _widen(self, column: int, text: str) -> None:
        self._longest[column] = len(text)
        self._widths[column] = max(self._widths[column], self._width_of(column, text))
        self.setColumnWidth(column, self._widths[column])
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Hides columns by rank until the one that takes the rest has room for some letters."""
        letter = self.fontMetrics().averageCharWidth()
        fixed = [number for number, column in enumerate(self.columns) if column.sample and not column.takes_rest]
        needed = sum(self._widths[number] for number in fixed)
        for number in sorted(fixed, key=lambda number: -self.columns[number].rank):
            rank = self.columns[number].rank
            room = self.viewport().width() - letter * (LEAST if rank > 1 else LAST_LEAST)
            must_go = rank > 0 and needed > room
            if must_go:
                needed -= self._widths[number]
            if self.isColumnHidden(number) != must_go:
                self.setColumnHidden(number, must_go)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()
        self._prepare()
        self._tell_room()

    def _tell_room(self) -> None:
        rows = -(-self.viewport().height() // max(1, self.verticalHeader().defaultSectionSize()))
        if rows != self._room:
            self._room = rows
            self.fits.emit(rows)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._ruler = Ruler(self.font())
            if self._set_for not in {"", self._fonts}:
                self._set_for = self._fonts
                self._take_font()

    def _take_font(self) -> None:
        self.set_sizes()
        self._prepare()
        self._fit_columns()
        self._tell_room()
        self.updateGeometry()

    # The hand

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Qt makes the first row the current one, which nobody has picked: whoever comes by would be led elsewhere.
        had_none, self._is_filling = not self.currentIndex().isValid(), True
        super().focusInEvent(event)
        if had_none:
            self.selectionModel().clearCurrentIndex()
        self._is_filling = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and key is not None:
            self.activated_key.emit(key)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            words = self.tip_at(index.row(), index.column()) if index.isValid() else ""
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, row: int, column: int) -> str:
        wanted = self.page.cells(row)[column].tip
        return wanted if isinstance(wanted, str) else tip(wanted())

    def _choose(self, index: QModelIndex) -> None:
        if not self._is_filling and index.isValid():
            self._chosen = self.keys[index.row()]
            self.chosen.emit(self._chosen)

    def _activate(self, index: QModelIndex) -> None:
        self.activated_key.emit(self.keys[index.row()])

    def _look_for_more(self) -> None:
        bar = self.verticalScrollBar()
        if self.keys and not self._is_filling and bar.value() >= bar.maximum() - bar.pageStep():
            self.near_end.emit()
