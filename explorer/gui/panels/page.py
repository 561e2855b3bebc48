"""The rows of a table by key, as Qt's model: a cell is made when somebody looks at it and kept until its row changes.

Whoever paints asks `cells`; `data` is for screen readers, tests and what little Qt asks for by itself. So a frame costs
the rows that are seen, however many are held.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_READ_ONLY = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
colour_of = lru_cache(maxsize=256)(QColor)


class Cell(NamedTuple):
    """What a cell shows; `colour` as `#rrggbb`, or empty for the text's own.

    `tip` is what `plain.tip` makes, or gives the plain words when they are wanted.
    """

    text: str
    tip: str | Callable[[], str] = ""
    colour: str = ""


class Column(NamedTuple):
    """A column as wide as `sample`, or wider where a number needs it; one may take the room that is left.

    Rank 0 is always shown; of the others the highest goes first where there is no room. `spoken` is the title for
    screen readers where it is a sign. Of a path both ends tell the most: it is cut in its middle.
    """

    title: str
    is_number: bool = False
    takes_rest: bool = False
    sample: str = ""
    rank: int = 0
    spoken: str = ""
    is_path: bool = False


Make = Callable[[int], Sequence[Cell]]
"""The cells of the nth row."""


class Page(QAbstractTableModel):
    """Told by `show_rows`; one notice for all that differs."""

    def __init__(self, columns: Sequence[Column], parent: QObject) -> None:
        super().__init__(parent)
        self._columns = columns
        self._titles = [column.title for column in columns]
        self.keys: list[str] = []
        self._sources: list[object] = []
        self._cells: list[Sequence[Cell] | None] = []
        self._make: Make = lambda _: ()

    def cells(self, row: int) -> Sequence[Cell]:
        found = self._cells[row]
        if found is None:
            found = self._cells[row] = self._make(row)
        return found

    def show_rows(self, keys: Sequence[str], make: Make, sources: Sequence[object]) -> None:
        """A row whose source is what it was is not made anew."""
        self._fit_count(len(keys))
        self._make = make
        changed = [row for row, source in enumerate(sources) if source != self._sources[row]]
        for row in changed:
            self._cells[row] = None
        self.keys, self._sources = list(keys), list(sources)
        if changed:
            last = self.index(changed[-1], len(self._columns) - 1)
            self.dataChanged.emit(self.index(changed[0], 0), last, [])

    def forget_sources(self) -> None:
        """The next time all rows are made anew."""
        self._sources = [None] * len(self._sources)

    def put_in(self, row: int, key: str) -> None:
        """A row that is to be shown next time."""
        self.beginInsertRows(_ROOT, row, row)
        self.keys.insert(row, key)
        self._sources.insert(row, None)
        self._cells.insert(row, self._blank)
        self.endInsertRows()

    def take_out(self, row: int) -> None:
        self.beginRemoveRows(_ROOT, row, row)
        for held in (self.keys, self._sources, self._cells):
            del held[row]
        self.endRemoveRows()

    def entitle(self, column: int, title: str) -> None:
        if title != self._titles[column]:
            self._titles[column] = title
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)

    @property
    def _blank(self) -> Sequence[Cell]:
        return (Cell(""),) * len(self._columns)

    def _fit_count(self, count: int) -> None:
        held = len(self.keys)
        if count < held:
            self.beginRemoveRows(_ROOT, count, held - 1)
            for each in (self.keys, self._sources, self._cells):
                del each[count:]
            self.endRemoveRows()
        elif count > held:
            self.beginInsertRows(_ROOT, held, count - 1)
            self.keys += [""] * (count - held)
            self._sources += [None] * (count - held)
            self._cells += [self._blank] * (count - held)
            self.endInsertRows()

    # What Qt asks

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.keys)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return _READ_ONLY if index.isValid() else Qt.ItemFlag.NoItemFlags

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.cells(index.row())[index.column()].text
            case Qt.ItemDataRole.ForegroundRole:
                colour = self.cells(index.row())[index.column()].colour
                return colour_of(colour) if colour else None
            case Qt.ItemDataRole.TextAlignmentRole if self._columns[index.column()].is_number:
                return _RIGHT
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._titles[section]
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._columns[section].spoken or None
            case Qt.ItemDataRole.TextAlignmentRole if self._columns[section].is_number:
                return _RIGHT
            case _:
                return None
