"""A table of rows with a key, changed in place: selection, focus and scroll position stay where the user put them."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from explorer.gui.theme import tabular

KEY = Qt.ItemDataRole.UserRole
NEAR_END = 20
"""Rows before the last that make the list ask for more."""


class Cell(NamedTuple):
    """What a cell shows; `colour` as `#rrggbb`, or empty for the text's own."""

    text: str
    tip: str = ""
    colour: str = ""


class Column(NamedTuple):
    """A column; numbers stand to the right, one column takes the room that is left."""

    title: str
    is_number: bool = False
    takes_rest: bool = False


class Rows(QTableView):
    """`chosen` comes when the user picks a row, never when rows change under the selection."""

    chosen = Signal(object)
    """The row's key."""
    activated_key = Signal(object)
    """The key of the row on which Enter or a double click came."""
    near_end = Signal()

    def __init__(self, name: str, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = columns
        self.page = QStandardItemModel(0, len(columns), self)
        self.page.setHorizontalHeaderLabels([column.title for column in columns])
        self.setModel(self.page)
        self.setAccessibleName(name)
        self.setFont(tabular(self.font()))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        for number, column in enumerate(columns):
            if column.takes_rest:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
            if column.is_number:
                self.page.horizontalHeaderItem(number).setTextAlignment(
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
        self._is_filling = False
        self._cells: list[tuple[object, Sequence[Cell]]] = []
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.doubleClicked.connect(self._activate)
        self.verticalScrollBar().valueChanged.connect(self._look_for_more)

    def show_rows(self, keys: Sequence[Hashable], cells: Callable[[int], Sequence[Cell]]) -> None:
        """Shows rows by their keys; `cells(n)` makes the nth. Only cells that differ are touched."""
        chosen = self.current_key()
        self._is_filling = True
        try:
            self.page.setRowCount(len(keys))
            del self._cells[len(keys) :]
            for row, key in enumerate(keys):
                made = key, cells(row)
                if row >= len(self._cells):
                    self._cells.append((None, ()))
                if self._cells[row] != made:
                    self._cells[row] = made
                    self._set_row(row, *made)
            self.choose_key(chosen)
        finally:
            self._is_filling = False

    def fit_columns(self) -> None:
        for number, column in enumerate(self._columns):
            if not column.takes_rest:
                self.resizeColumnToContents(number)

    def current_key(self) -> object:
        return self._key(self.currentIndex().row())

    def choose_key(self, key: object) -> None:
        """Selects the row of a key, silently; no row if it is not shown."""
        was_filling, self._is_filling = self._is_filling, True
        row = next((n for n in range(self.page.rowCount()) if self._key(n) == key), -1) if key is not None else -1
        index = self.page.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        if row >= 0:
            self.selectionModel().setCurrentIndex(index, flags)
        else:
            self.selectionModel().clear()
        self._is_filling = was_filling

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.activated_key.emit(self.current_key())
        else:
            super().keyPressEvent(event)

    def _key(self, row: int) -> object:
        item = self.page.item(row, 0) if row >= 0 else None
        return item.data(KEY) if item else None

    def _set_row(self, row: int, key: object, cells: Sequence[Cell]) -> None:
        for column, cell in enumerate(cells):
            self._set(row, column, cell)
        self.page.item(row, 0).setData(key, KEY)

    def _set(self, row: int, column: int, cell: Cell) -> None:
        item = self.page.item(row, column)
        if item is None:  # pyright: ignore[reportUnnecessaryComparison] - Qt gives none for an empty cell
            item = QStandardItem()
            if self._columns[column].is_number:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.page.setItem(row, column, item)
        if item.text() != cell.text:
            item.setText(cell.text)
        if item.toolTip() != cell.tip:
            item.setToolTip(cell.tip)
        colour = QColor(cell.colour) if cell.colour else None
        if item.data(Qt.ItemDataRole.ForegroundRole) != colour:
            item.setData(colour, Qt.ItemDataRole.ForegroundRole)

    def _choose(self) -> None:
        if not self._is_filling:
            self.chosen.emit(self.current_key())

    def _activate(self, index: QModelIndex) -> None:
        self.activated_key.emit(self._key(index.row()))

    def _look_for_more(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum() - NEAR_END:
            self.near_end.emit()
