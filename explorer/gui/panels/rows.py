"""A table of rows, changed in place: selection, focus and scroll position stay where the user put them.

The rows on show are held by a model of Qt's own, which is asked for every cell at every repaint; of it only the cells
that differ are touched. Columns give way by rank where there is no room for all.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QResizeEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from explorer.gui.panels.plain import tip
from explorer.gui.theme import tabular

AnyIndex = QModelIndex | QPersistentModelIndex
MORE = 100
"""Rows by which a list grows when its end comes near."""
LEAST = 14
"""Letters that the column which takes the rest has room for, before another column must go."""
_READ_ONLY = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Cell(NamedTuple):
    """What a cell shows; `colour` as `#rrggbb`, or empty for the text's own.

    `tip` is what `plain.tip` makes, or gives the plain words when they are wanted.
    """

    text: str
    tip: str | Callable[[], str] = ""
    colour: str = ""


class Column(NamedTuple):
    """A column as wide as `sample`, or wider where a number needs it; one may take the room that is left.

    Rank 0 is always shown; of the others the highest goes first where there is no room.
    """

    title: str
    is_number: bool = False
    takes_rest: bool = False
    sample: str = ""
    rank: int = 0


class Rows(QTableView):
    """`chosen` comes when the user picks a row, never when rows change under the selection."""

    chosen = Signal(str)
    """The row's key."""
    activated_key = Signal(str)
    """The key of the row on which Enter or a double click came."""
    near_end = Signal()
    """The last row is, or nearly is, in view."""

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = columns
        self.keys: list[str] = []
        self._sources: list[object] = []
        self._cells: list[Sequence[Cell]] = []
        self._items: list[list[QStandardItem]] = []
        self._chosen: str | None = None
        self._is_filling = False
        self._longest = [len(column.sample) for column in columns]
        self._widths = [0] * len(columns)
        self.page = QStandardItemModel(0, len(columns), self)
        self.page.setHorizontalHeaderLabels([column.title for column in columns])
        self.setModel(self.page)
        self.setAccessibleName(name)
        self.setFont(tabular(self.font()))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self._set_up_headers()
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.doubleClicked.connect(self._activate)
        for signal in (self.verticalScrollBar().valueChanged, self.verticalScrollBar().rangeChanged):
            signal.connect(self._look_for_more)

    def _set_up_headers(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 3 // 2)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(2 * self.fontMetrics().averageCharWidth())
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for number, column in enumerate(self.columns):
            if column.sample:
                self._widths[number] = self._width_of(number, column.sample)
                self.setColumnWidth(number, self._widths[number])
            if column.takes_rest:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
            if column.is_number:
                self.page.horizontalHeaderItem(number).setTextAlignment(_RIGHT)
        header.sectionResized.connect(self._take_width)

    # What is shown

    def show_rows(
        self, keys: Sequence[str], cells: Callable[[int], Sequence[Cell]], sources: Sequence[object] | None = None
    ) -> None:
        """Shows rows by their keys; `cells(n)` makes the nth. The one that was chosen stays so, silently.

        With `sources`, what each row is made of, a row whose source is what it was is not made anew.
        """
        self._is_filling = True
        self._fit_count(len(keys))
        wanted = list(sources) if sources is not None else [object() for _ in keys]
        # One notice for all instead of one for every cell.
        self.page.blockSignals(True)  # noqa: FBT003 - Qt's
        drawn = [
            row for row, source in enumerate(wanted) if source != self._sources[row] and self._draw(row, cells(row))
        ]
        self.page.blockSignals(False)  # noqa: FBT003 - Qt's
        self.keys, self._sources = list(keys), wanted
        if drawn:
            last = self.page.index(drawn[-1], len(self.columns) - 1)
            self.page.dataChanged.emit(self.page.index(drawn[0], 0), last, [])
        self._select(self._chosen)
        self._is_filling = False

    def entitle(self, column: int, title: str) -> None:
        self.page.horizontalHeaderItem(column).setText(title)

    def forget_sources(self) -> None:
        """The next time all rows are made anew: for another theme."""
        self._sources = [None] * len(self._sources)

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

    def fit_columns(self) -> None:
        """Makes every column as wide as what stands in it."""
        for number, column in enumerate(self.columns):
            if not column.takes_rest:
                self.resizeColumnToContents(number)

    def _fit_count(self, count: int) -> None:
        if count < len(self._items):
            self.page.setRowCount(count)
            for held in (self._items, self._cells, self._sources, self.keys):
                del held[count:]
        elif count > len(self._items):
            self._grow(count)

    def _grow(self, count: int) -> None:
        """Rows that have not been drawn yet; one notice for all."""
        old = len(self._items)
        self.page.setRowCount(count)
        self.page.blockSignals(True)  # noqa: FBT003 - Qt's
        for row in range(old, count):
            items = [_item(column) for column in self.columns]
            for column, item in enumerate(items):
                self.page.setItem(row, column, item)
            self._items.append(items)
        self.page.blockSignals(False)  # noqa: FBT003 - Qt's
        more = count - old
        self._cells += [[Cell("")] * len(self.columns)] * more
        self._sources += [None] * more
        self.keys += [""] * more

    def put_in(self, row: int, key: str) -> None:
        """A row that has not been drawn yet."""
        items = [_item(column) for column in self.columns]
        self.page.insertRow(row, items)
        self._items.insert(row, items)
        self._cells.insert(row, [Cell("")] * len(self.columns))
        self._sources.insert(row, None)
        self.keys.insert(row, key)

    def take_out(self, row: int) -> None:
        self.page.removeRow(row)
        for held in (self._items, self._cells, self._sources, self.keys):
            del held[row]

    def _draw(self, row: int, cells: Sequence[Cell]) -> bool:
        """Whether any cell looks different now."""
        old, differs = self._cells[row], False
        for column, (cell, before) in enumerate(zip(cells, old, strict=True)):
            item = self._items[row][column]
            if cell.text != before.text:
                item.setText(cell.text)
                self._widen(column, cell.text)
                differs = True
            if cell.colour != before.colour:
                item.setForeground(QBrush(QColor(cell.colour)) if cell.colour else QBrush())
                differs = True
        self._cells[row] = cells
        return differs

    def _select(self, key: str | None) -> None:
        self._chosen, row = key, self.row_of(key)
        if row < 0:
            self.selectionModel().clear()
        elif row != self.currentIndex().row() or not self.selectionModel().hasSelection():
            self.setAutoScroll(False)  # rows that change do not scroll
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.page.index(row, max(0, self.currentIndex().column())), flags)
            self.setAutoScroll(True)

    # Columns

    def _width_of(self, column: int, text: str) -> int:
        metrics, title = QFontMetrics(self.font()), QFontMetrics(self.horizontalHeader().font())
        widest = max(metrics.horizontalAdvance(text), title.horizontalAdvance(self.columns[column].title))
        return widest + metrics.height()

    def _take_width(self, column: int, old: int, new: int) -> None:
        del old
        if new:  # a hidden column has none
            self._widths[column] = new

    def _widen(self, column: int, text: str) -> None:
        if len(text) > self._longest[column] and self.columns[column].is_number:
            self._longest[column] = len(text)
            self._widths[column] = max(self._widths[column], self._width_of(column, text))
            self.setColumnWidth(column, self._widths[column])
            self._fit_columns()

    def _fit_columns(self) -> None:
        """Hides columns by rank until the one that takes the rest has room for some letters."""
        room = self.viewport().width() - LEAST * self.fontMetrics().averageCharWidth()
        fixed = [number for number, column in enumerate(self.columns) if column.sample and not column.takes_rest]
        needed = sum(self._widths[number] for number in fixed)
        for number in sorted(fixed, key=lambda number: -self.columns[number].rank):
            must_go = self.columns[number].rank > 0 and needed > room
            if must_go:
                needed -= self._widths[number]
            if self.isColumnHidden(number) != must_go:
                self.setColumnHidden(number, must_go)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    # The hand

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and key is not None:
            self.activated_key.emit(key)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            words = self.tip_at(index.row(), index.column()) if index.isValid() else ""
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, row: int, column: int) -> str:
        wanted = self._cells[row][column].tip
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


def _item(column: Column) -> QStandardItem:
    item = QStandardItem()
    item.setFlags(_READ_ONLY)
    if column.is_number:
        item.setTextAlignment(_RIGHT)
    return item
