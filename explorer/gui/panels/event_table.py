"""The table of the event list: one page of events, and how each stands to the moment shown.

Only the page is held, in a model for screen readers and tests. It is painted here, cell by cell, because a delegate for
every cell takes twice as long, and the page changes with every frame of a drag.
"""

import re

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from explorer.application.event_list import EventRow
from explorer.gui.panels.event_cells import NOTHING, TITLES, Column, Pens, Shown, cells, tip_of
from explorer.gui.panels.plain import plain, tip
from explorer.gui.panels.ruler import Ruler
from explorer.gui.theme import Theme, rule_colour, tabular

_SAMPLES = (
    ("30 Nov 2000 00:00:00", "◆ item quantity changed m", "cart …0000 ", "mmmmmmm · mmmmm"),
    ("30 Nov 00:00:00", "◆ quantity changed m", "cart …0000 ", "mmmmmm"),
    ("00:00:00", "◆ item added m", "cart …0000 ", "mmmm"),
)
"""What time, type, stream and actor have room for while nobody has set the columns' widths: the first that leaves a
third to the summary, or the last. Position and version are as wide as their numbers."""
_NARROW = ("00:00:00", "▲ item added", "cart …00", "mmm")
"""And where numbers of millions would leave less than LEAST_SUMMARY to it."""
LEAST_SUMMARY = "m" * 7
LEAST_ROWS = 3
"""Rows that are seen however small the window is."""
LEAST_POSITION, LEAST_VERSION = 99_999, 999
_RIGHT = (Column.POSITION, Column.TIME, Column.VERSION)


class EventTable(QTableView):
    """Says what the hand wants (`chosen`, `moved`, `scrolled`, `fits`); what is shown, it is told."""

    chosen = Signal(int)
    """A row was clicked, or Enter pressed on it."""
    moved = Signal(int)
    """One row down (1) or up (-1) from the moment."""
    scrolled = Signal(str)
    """A key for scrolling: "page up", "page down", "home", "end"."""
    turned = Signal(int)
    """The wheel, in eighths of a degree away from the hand."""
    fits = Signal(int)
    """So many rows have room."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.shown = NOTHING
        self._theme = theme
        self._texts: list[tuple[str, ...]] = []
        self._room = 0
        self._is_fitting = False
        self._widest = LEAST_POSITION, LEAST_VERSION
        self.has_own_widths = False
        """Whether somebody has set the columns' widths; else they follow the table's."""
        self._items: list[list[QStandardItem]] = []
        self._ruler = Ruler(self.font())
        self._model = QStandardItemModel(0, len(Column), self)
        self._model.setHorizontalHeaderLabels(list(TITLES))
        self.setModel(self._model)
        self.setItemDelegate(_Tips(self))
        self.setAccessibleName("Events")
        self.setFont(tabular(self.font()))
        self._ruler = Ruler(self.font())
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAutoScroll(False)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._set_up_headers()
        self.clicked.connect(self._choose)

    def _set_up_headers(self) -> None:
        rows, columns, metrics = self.verticalHeader(), self.horizontalHeader(), self.fontMetrics()
        rows.hide()
        rows.setMinimumSectionSize(metrics.height())
        columns.setHighlightSections(False)
        columns.setSelectionModel(QItemSelectionModel(self._model, columns))  # not painted for another current row
        columns.setSectionsMovable(True)
        columns.setMinimumSectionSize(2 * metrics.averageCharWidth())
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in _RIGHT:
            item = self._model.horizontalHeaderItem(column)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        columns.setSectionResizeMode(Column.SUMMARY, QHeaderView.ResizeMode.Stretch)
        columns.sectionResized.connect(self._take_width)

    def _take_width(self, column: int) -> None:
        if not self._is_fitting and column != Column.SUMMARY:
            self.has_own_widths = True
        self.viewport().update()

    def _fit_columns(self) -> None:
        if self.has_own_widths:
            return
        advance, room = self.fontMetrics().horizontalAdvance, self.viewport().width() * 2 // 3
        position, version = (re.sub(r"\d", "0", f"{number:,} ") for number in self._widest)
        choices = [
            [advance(text) + 2 * self._margin for text in (f"▶ {position}", time, kind, stream, version, actor)]
            for time, kind, stream, actor in (*_SAMPLES, _NARROW)
        ]
        narrow = choices.pop()
        if sum(choices[-1]) + advance(LEAST_SUMMARY) > self.viewport().width():
            choices.append(narrow)
        widths = next((choice for choice in choices if sum(choice) <= room), choices[-1])
        self._is_fitting = True
        for column, width in zip((c for c in Column if c != Column.SUMMARY), widths, strict=True):
            self.setColumnWidth(column, width)
        self._is_fitting = False

    def _widen(self, shown: Shown) -> None:
        """Makes room for the numbers to come: they need it all the more, the longer the log is."""
        position, version = self._widest
        versions = (row.version for row in shown.page.rows)
        widest = max(position, shown.page.last), max(version, *versions, 0)
        if [len(f"{number:,}") for number in widest] != [len(f"{number:,}") for number in self._widest]:
            self._widest = widest
            self._fit_columns()

    def minimumSizeHint(self) -> QSize:
        """Titles, some rows, and the scroll bar below them."""
        rows = self.horizontalHeader().sizeHint().height() + LEAST_ROWS * self._least_height
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(super().minimumSizeHint().width(), rows + bar + 2 * self.frameWidth())

    @property
    def _least_height(self) -> int:
        return self.fontMetrics().height() + self.fontMetrics().height() // 2

    @property
    def _margin(self) -> int:
        return self.fontMetrics().height() // 3

    # What is shown

    def show_page(self, shown: Shown) -> None:
        before, self.shown = self.shown, shown
        signs = (shown.damaged, shown.marked, shown.found)
        if shown.page is not before.page or signs != (before.damaged, before.marked, before.found):
            self._widen(shown)
            self._fill(shown.page.rows)
        self._mark()
        self.viewport().update(self._stale(before))

    def _stale(self, before: Shown) -> QRect:
        """What must be painted: where only the moment has moved, the rows from where it was to where it is."""
        shown, everything = self.shown, self.viewport().rect()
        if shown.page is not before.page or shown[3:] != before[3:]:
            return everything
        height = self.rowHeight(0)
        first, last = sorted((before.past, shown.past))
        return everything.intersected(QRect(0, (first - 1) * height, everything.width(), (last - first + 2) * height))

    def show_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.viewport().update()

    def _fill(self, rows: tuple[EventRow, ...]) -> None:
        if len(rows) != len(self._items):
            self._model.setRowCount(0)
            self._items = [[_item() for _ in Column] for _ in rows]
            self._texts = [("",) * len(Column)] * len(rows)
            for items in self._items:
                self._model.appendRow(items)
        # One notice for the whole page instead of one for every cell.
        self._model.blockSignals(True)  # noqa: FBT003 - Qt's
        for number, row in enumerate(rows):
            texts = cells(row, self.shown.damaged, self.shown.marked, self.shown.found)
            for item, text, known in zip(self._items[number], texts, self._texts[number], strict=True):
                if text != known:
                    item.setText(text)
            self._texts[number] = texts
        self._model.blockSignals(False)  # noqa: FBT003 - Qt's
        if rows:
            self._model.dataChanged.emit(self._model.index(0, 0), self._model.index(len(rows) - 1, len(Column) - 1), [])

    def _mark(self) -> None:
        """Tells the selection, and those who listen instead of looking, where the moment is."""
        moment, past = self.shown.moment, self.shown.past
        for number, items in enumerate(self._items):
            first = items[Column.POSITION]
            standing = "the moment shown" if number == moment else "later" if number >= past else "past"
            if first.data(Qt.ItemDataRole.AccessibleDescriptionRole) != standing:
                first.setData(standing, Qt.ItemDataRole.AccessibleDescriptionRole)
            coloured, summary = self.shown.colours.get(self.shown.page.rows[number].position), items[Column.SUMMARY]
            said = f"colour rule {coloured.name}" if coloured else ""
            if (summary.data(Qt.ItemDataRole.AccessibleDescriptionRole) or "") != said:
                summary.setData(said, Qt.ItemDataRole.AccessibleDescriptionRole)
        if moment < 0:
            self.clearSelection()
        elif self.currentIndex().row() != moment or not self.selectionModel().hasSelection():
            self.selectRow(moment)

    def fit(self) -> int:
        """How many rows there is room for; they share what is left over."""
        height = self.viewport().height()
        least = self._least_height
        rows = max(1, height // least)
        each = max(least, height // rows)
        if each != self.verticalHeader().defaultSectionSize():
            self.verticalHeader().setDefaultSectionSize(each)
        return rows

    # The hand

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()
        rows = self.fit()
        if rows != self._room:
            self._room = rows
            self.fits.emit(rows)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The wheel scrolls the log, not this page; sideways it is the table's own.
        if event.angleDelta().y():
            self.turned.emit(event.angleDelta().y())
            event.accept()
        else:
            super().wheelEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        del event  # nothing is selected by dragging

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.ignore()
            return
        key = event.key()
        if key in _STEPS:
            self.moved.emit(_STEPS[key])
        elif key in _SCROLLS:
            self.scrolled.emit(_SCROLLS[key])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._items:
            self.chosen.emit(max(0, self.shown.moment))
        else:
            event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._ruler = Ruler(self.font())
            self._fit_columns()
            self._room = self.fit()
            self.fits.emit(self._room)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        area, height = event.rect(), self.rowHeight(0)
        rows = range(area.top() // height, min(area.bottom() // height + 1, len(self._items))) if height else range(0)
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        pens = Pens(self._theme, self.shown)
        self._paint_grounds(painter)
        for column in Column:
            self._paint_column(painter, column, rows, pens)
        self._paint_edges(painter, pens)
        painter.end()

    def _paint_grounds(self, painter: QPainter) -> None:
        width, height = self.viewport().width(), self.rowHeight(0)
        painter.fillRect(self.viewport().rect(), QColor(self._theme.surface))
        colour = self._theme.selection if self.shown.is_now else self._theme.past_soft
        for index in self.selectionModel().selectedRows():
            painter.fillRect(0, index.row() * height, width, height, QColor(colour))

    def _paint_column(self, painter: QPainter, column: Column, rows: range, pens: Pens) -> None:
        left, width, height = self.columnViewportPosition(column), self.columnWidth(column), self.rowHeight(0)
        if self.isColumnHidden(column):
            return
        margin, past = self._margin, self.shown.past
        base, room = self._base(height), width - 2 * margin
        fitted = self._ruler.fitted_time if column == Column.TIME else self._ruler.fitted
        is_right = column in _RIGHT
        painter.setClipRect(left, rows.start * height, width, len(rows) * height)
        for number in rows:
            row = self.shown.page.rows[number]
            tag = self._paint_tag(painter, row, QRect(left, number * height, margin, height), column)
            text, needed = fitted(self._texts[number][column], room - tag)
            painter.setPen(pens.of(row, column, is_later=number >= past))
            start = left + (width - margin - needed if is_right else margin + tag)
            painter.drawText(start, number * height + base, text)
        painter.setClipping(False)

    def _paint_tag(self, painter: QPainter, row: EventRow, place: QRect, column: Column) -> int:
        """The bar of a colour rule, with its letter, before the summary; returns what it takes of the cell."""
        coloured = self.shown.colours.get(row.position) if column == Column.SUMMARY else None
        if coloured is None:
            return 0
        width = self.fontMetrics().horizontalAdvance("W") + 4
        bar = QRect(place.right() + 1, place.top() + 1, width, place.height() - 2)
        painter.fillRect(bar, QColor(rule_colour(coloured.colour, self._theme)))
        painter.setPen(QColor(self._theme.surface))
        painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, plain(coloured.letter))
        return width + self._margin

    def _base(self, height: int) -> int:
        return (height + self.fontMetrics().ascent() - self.fontMetrics().descent()) // 2

    def _paint_edges(self, painter: QPainter, pens: Pens) -> None:
        """The moment's arrow and amber edge; a dashed edge along what is later, and a dashed line where it begins."""
        shown, height = self.shown, self.rowHeight(0)
        rows, past, moment = len(shown.page.rows), shown.past, shown.moment
        edge = max(3, height // 8)
        if moment >= 0:
            if not shown.is_now:
                painter.fillRect(0, moment * height, edge, height, pens.past)
            painter.setPen(pens.text)
            painter.drawText(self._arrow_left(edge), moment * height + self._base(height), "▶")
        if past < rows:
            painter.setPen(QPen(pens.muted, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPoint(edge // 2, past * height), QPoint(edge // 2, rows * height))
            if past:
                painter.drawLine(QPoint(0, past * height), QPoint(self.viewport().width(), past * height))

    def _arrow_left(self, edge: int) -> int:
        return self.columnViewportPosition(Column.POSITION) + edge + 1


_STEPS: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_SCROLLS: dict[int, str] = {
    Qt.Key.Key_PageUp: "page up",
    Qt.Key.Key_PageDown: "page down",
    Qt.Key.Key_Home: "home",
    Qt.Key.Key_End: "end",
}


class _Tips(QStyledItemDelegate):
    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        del option
        if isinstance(view, EventTable) and event.type() == QEvent.Type.ToolTip and index.isValid():
            QToolTip.showText(event.globalPos(), tip(tip_of(view.shown, index.row(), Column(index.column()))), view)
            return True
        return False


def _item() -> QStandardItem:
    item = QStandardItem()
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren)
    return item
