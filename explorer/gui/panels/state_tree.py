"""A document as a tree of its fields, with what the last event changed marked: the generic view of any stream."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeView, QVBoxLayout, QWidget

from explorer.application.history import ABSENT, IDENTITIES, FieldChange, Value
from explorer.domain.event import Json
from explorer.gui.panels.plain import plain, shown, tip
from explorer.gui.theme import Theme, tabular

MARK = "▌"
MOST = 200
"""Items of one list or object that are shown at first; the rest comes when it is asked for."""
MORE_AT_ONCE = 1_000
OPEN_UP_TO = 12
"""Items that a list may have to stand open at first."""
PATH = Qt.ItemDataRole.UserRole
DRAWN = Qt.ItemDataRole.UserRole + 1
REST = Qt.ItemDataRole.UserRole + 2


class _Field(NamedTuple):
    """One line of the tree: what the field was and what it is."""

    name: str
    path: str
    before: Value
    after: Value


class _Ink(NamedTuple):
    """What changed, by path, and how it is drawn."""

    changes: Mapping[str, FieldChange]
    currency: str
    is_pair: bool
    theme: Theme
    plain: QFont
    bold: QFont

    def mark_of(self, path: str) -> str:
        """`changed` itself, `holds` something that changed, or neither."""
        if path in self.changes:
            return "changed"
        inside = (f"{path}.", f"{path}[")
        return "holds" if any(changed.startswith(inside) for changed in self.changes) else ""


@dataclass(frozen=True)
class _Drawn:
    """What a row shows, remembered with it: a field that looks the same is not drawn again."""

    field: _Field
    mark: str
    is_pair: bool
    is_dark: bool


class _View(QTreeView):
    """Qt's own copies the current cell; here the selected rows are wanted."""

    copied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
        else:
            super().keyPressEvent(event)


class StateTree(QWidget):
    """Field and value; between two states, field, before and after. What the user opened or closed stays so."""

    picked = Signal(str, object)
    """The path of the field that the user has come to, and its value now."""
    offering = Signal(object)
    """The QMenu of the field picked is about to be shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = QStandardItemModel(self)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setAccessibleName("State")
        self.view.setFont(tabular(self.font()))
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setUniformRowHeights(True)
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._offer)
        self.view.activated.connect(self._show_rest)
        self.view.selectionModel().currentRowChanged.connect(self._pick)
        self.setFocusProxy(self.view)
        self.view.copied.connect(self.copy_rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self._cut: dict[str, list[_Field]] = {}
        self._is_filling = False
        self._ink: _Ink | None = None
        self._size = QSize(0, self.view.fontMetrics().height() * 3 // 2)

    def show_states(
        self, before: Mapping[str, Json], after: Mapping[str, Json], changes: Sequence[FieldChange], theme: Theme
    ) -> None:
        """Both states field by field; `changes` are what is marked. One state alone, given twice, has one column."""
        bold = QFont(self.view.font())
        bold.setBold(True)
        currency = after.get("currency") or before.get("currency")
        self._ink = _Ink(
            {change.path: change for change in changes},
            currency if isinstance(currency, str) else "",
            before is not after,
            theme,
            self.view.font(),
            bold,
        )
        self._set_columns(["Field", "Before", "After"] if self._ink.is_pair else ["Field", "Value"])
        self._cut.clear()
        self.view.setUpdatesEnabled(False)
        self._is_filling = True
        self._fill(self.model.invisibleRootItem(), "", list(_fields(dict(before), dict(after), "")), self._ink)
        self._is_filling = False
        self.view.setUpdatesEnabled(True)

    def clear(self) -> None:
        self.model.setRowCount(0)

    def _set_columns(self, titles: list[str]) -> None:
        if self.model.columnCount() == len(titles):
            return
        self.model.clear()
        self.model.setHorizontalHeaderLabels(titles)
        header = self.view.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    # Filling

    def _fill(self, parent: QStandardItem, path: str, fields: list[_Field], ink: _Ink, most: int = MOST) -> None:
        """Makes the children of `parent` these fields, changing only what differs."""
        most = max(most, parent.rowCount() - 1)
        kept = fields if len(fields) <= most else _pick(fields, most, ink)
        left = len(fields) - len(kept)
        wanted = len(kept) + bool(left)
        if parent.rowCount() > wanted:
            parent.removeRows(wanted, parent.rowCount() - wanted)
        while parent.rowCount() < wanted:
            items = [_item() for _ in range(self.model.columnCount())]
            items[0].setSizeHint(self._size)
            parent.appendRow(items)
        for row, field in enumerate(kept):
            self._draw(self._row(parent, row), field, ink)
        if left:
            self._cut[path] = fields
            self._draw_rest(self._row(parent, len(kept)), path, left, ink)

    def _row(self, parent: QStandardItem, row: int) -> list[QStandardItem]:
        return [parent.child(row, column) for column in range(self.model.columnCount())]

    def _draw(self, items: list[QStandardItem], field: _Field, ink: _Ink) -> None:
        first = items[0]
        drawn = _Drawn(field, ink.mark_of(field.path), ink.is_pair, ink.theme.is_dark)
        if first.data(DRAWN) == drawn:
            return
        is_new = first.data(PATH) != field.path
        first.setData(field.path, PATH)
        first.setData(drawn, DRAWN)
        first.setData(None, REST)
        self._write(items, field, ink, is_marked=drawn.mark == "changed")
        inside = list(_fields(field.before, field.after, field.path))
        self._fill(first, field.path, inside, ink)
        if inside and (drawn.mark or is_new):
            self.view.setExpanded(first.index(), bool(drawn.mark) or len(inside) <= OPEN_UP_TO)

    def _write(self, items: list[QStandardItem], field: _Field, ink: _Ink, *, is_marked: bool) -> None:
        was, now = (_text(value, field.path, ink.currency) for value in (field.before, field.after))
        name = f"{MARK} {plain(field.name)}" if is_marked else plain(field.name)
        explained = tip(f"{plain(field.path)}\n{f'{was} → {now}' if is_marked else now}")
        font, ground = (ink.bold, QBrush(QColor(ink.theme.changed))) if is_marked else (ink.plain, QBrush())
        for item, text in zip(items, (name, was, now) if ink.is_pair else (name, now), strict=True):
            item.setText(text)
            item.setToolTip(explained)
            item.setFont(font)
            item.setBackground(ground)
            item.setForeground(QBrush())
        if ink.is_pair:
            items[1].setForeground(QBrush(QColor(ink.theme.muted)))

    def _draw_rest(self, items: list[QStandardItem], path: str, count: int, ink: _Ink) -> None:
        """The row that stands for all that are not shown yet."""
        first = items[0]
        first.removeRows(0, first.rowCount())
        for role, value in ((PATH, None), (DRAWN, None), (REST, path)):
            first.setData(value, role)
        for item in items:
            item.setText(f"… {count:,} more" if item is first else "")
            item.setToolTip("Press Enter or double-click to show more")
            item.setFont(ink.plain)
            item.setBackground(QBrush())
            item.setForeground(QBrush(QColor(ink.theme.muted)))

    def _show_rest(self, index: QModelIndex) -> None:
        first = index.siblingAtColumn(0)
        path = first.data(REST)
        if path is None or self._ink is None:
            return
        parent = self.model.itemFromIndex(first.parent()) if first.parent().isValid() else None
        self._fill(
            parent or self.model.invisibleRootItem(), path, self._cut[path], self._ink, first.row() + MORE_AT_ONCE
        )

    def _pick(self, index: QModelIndex) -> None:
        """Never because rows have changed under the selection."""
        drawn = index.siblingAtColumn(0).data(DRAWN)
        if not self._is_filling and isinstance(drawn, _Drawn):
            field = drawn.field
            self.picked.emit(field.path, field.before if field.after is ABSENT else field.after)

    # Copying

    def copy_rows(self) -> None:
        """The selected rows, a line each: path, and the values with tabs between."""
        rows = sorted(self.view.selectionModel().selectedRows(), key=_place)
        lines = ["\t".join([row.data(PATH) or row.data(), *self._values(row)]) for row in rows]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _values(self, row: QModelIndex) -> list[str]:
        return [row.siblingAtColumn(column).data() for column in range(1, self.model.columnCount())]

    def _offer(self, place: QPoint) -> None:
        index = self.view.indexAt(place).siblingAtColumn(0)
        path = index.data(PATH)
        if not path:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        clipboard, value = QGuiApplication.clipboard(), self._values(index)[-1]
        menu.addAction("Copy &value").triggered.connect(lambda: clipboard.setText(value))
        menu.addAction("Copy &path").triggered.connect(lambda: clipboard.setText(path))
        menu.addAction("&Copy selected rows").triggered.connect(self.copy_rows)
        self._pick(index)
        self.offering.emit(menu)
        menu.popup(self.view.viewport().mapToGlobal(place))


def _item() -> QStandardItem:
    item = QStandardItem()
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item


def _text(value: Value, path: str, currency: str) -> str:
    if isinstance(value, dict) and value:
        return "1 field" if len(value) == 1 else f"{len(value):,} fields"
    return shown(value, path, currency)


def _fields(before: Value, after: Value, path: str) -> Iterator[_Field]:
    """What is inside two values, each field once, with the paths that `changes` gives them."""
    if isinstance(before, list) or isinstance(after, list):
        olds, news = _items(before), _items(after)
        if olds is None or news is None:
            olds, news = _by_place(before), _by_place(after)
        form = "{path}[{name}]"
    else:
        olds, news = _object(before), _object(after)
        form = "{path}.{name}" if path else "{name}"
    for name in (*olds, *(name for name in news if name not in olds)):
        yield _Field(name, form.format(path=path, name=name), olds.get(name, ABSENT), news.get(name, ABSENT))


def _object(value: Value) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _by_place(value: Value) -> dict[str, Json]:
    return {str(place): item for place, item in enumerate(value)} if isinstance(value, list) else {}


def _items(value: Value) -> dict[str, Json] | None:
    """A list's items by what tells them apart; None where that fails."""
    if not isinstance(value, list):
        return {}
    found = {key: item for item in value if (key := _identity(item))}
    return found if len(found) == len(value) else None


def _identity(item: Json) -> str:
    if isinstance(item, dict):
        for name in IDENTITIES:
            if isinstance(value := item.get(name), str | int):
                return f"{name}={value}"
    return ""


def _pick(fields: list[_Field], most: int, ink: _Ink) -> list[_Field]:
    """The first fields, and those that changed, in their order."""
    return [*fields[:most], *islice((field for field in fields[most:] if ink.mark_of(field.path)), most)]


def _place(index: QModelIndex) -> list[int]:
    rows: list[int] = []
    while index.isValid():
        rows.insert(0, index.row())
        index = index.parent()
    return rows
