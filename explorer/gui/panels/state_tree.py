"""A state as a tree of its fields, with what the last event changed marked: the generic view of any stream."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QVBoxLayout, QWidget

from explorer.application.history import ABSENT, IDENTITIES, FieldChange, Value
from explorer.domain.event import Json
from explorer.gui.panels.plain import plain, shown
from explorer.gui.theme import Theme

MARK = "▌ "


class StateTree(QWidget):
    """Two columns: the field, and its value; beside a changed one also what it was before."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = QStandardItemModel(self)
        self.view = QTreeView(self)
        self.view.setModel(self.model)
        self.view.setAccessibleName("State")
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setUniformRowHeights(True)
        self.view.setAlternatingRowColors(True)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFocusProxy(self.view)
        copy = self.addAction("Copy")
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.triggered.connect(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    def show_states(
        self,
        before: Mapping[str, Json],
        after: Mapping[str, Json],
        changes: Sequence[FieldChange],
        theme: Theme,
    ) -> None:
        """`after` as a tree; where `changes` has a field, what it was stands beside it; what went stays."""
        del before  # what it was is in the changes, by path
        changed = {change.path: change for change in changes}
        currency = after.get("currency")
        painter = _Rows(changed, currency if isinstance(currency, str) else "", theme, self.font())
        self.model.clear()
        self.model.setHorizontalHeaderLabels(["Field", "Before", "After"] if changed else ["Field", "Value"])
        painter.add(self.model.invisibleRootItem(), dict(after), "")
        for path, change in changed.items():
            if change.after is ABSENT:
                self.model.invisibleRootItem().appendRow(painter.row(path, path, ABSENT))
        self.view.expandAll()
        for number in range(self.model.columnCount() - 1):
            self.view.resizeColumnToContents(number)

    def clear(self) -> None:
        self.model.clear()

    def _copy(self) -> None:
        rows: dict[tuple[object, int], list[str]] = {}
        for index in self.view.selectedIndexes():
            text = cast("str", index.data())
            rows.setdefault((index.parent(), index.row()), []).append(text.removeprefix(MARK))
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in rows.values()))


class _Rows:
    def __init__(self, changed: Mapping[str, FieldChange], currency: str, theme: Theme, font: QFont) -> None:
        self._changed, self._currency = changed, currency
        self._ground = QColor(theme.changed)
        self._bold = QFont(font)
        self._bold.setBold(True)

    def add(self, parent: QStandardItem, value: Json, path: str) -> None:
        for name, item_path, item in _children(value, path):
            row = self.row(name, item_path, item)
            parent.appendRow(row)
            self.add(row[0], item, item_path)

    def row(self, name: str, path: str, value: Value) -> list[QStandardItem]:
        """The cells of one field; `value` is what it is now."""
        is_nested = isinstance(value, dict | list)
        change = self._changed.get(path)
        now = "" if is_nested else shown(value, path, self._currency)
        cells = [QStandardItem((MARK if change else "") + plain(name)), QStandardItem(now)]
        if self._changed:
            was = shown(change.before, path, self._currency) if change else now
            cells.insert(1, QStandardItem(was))
        for cell in cells:
            cell.setToolTip("")
            if change:
                cell.setFont(self._bold)
                cell.setBackground(self._ground)
        return cells


def _children(value: Json, path: str) -> Iterator[tuple[str, str, Json]]:
    """Name, path (as in `FieldChange`) and value of what is inside."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name, f"{path}.{name}" if path else name, item
    elif isinstance(value, list):
        for place, item in enumerate(value):
            key = _key(item, place)
            yield key, f"{path}[{key}]", item


def _key(item: Json, place: int) -> str:
    if isinstance(item, dict):
        for name in IDENTITIES:
            if isinstance(value := item.get(name), str | int):
                return f"{name}={value}"
    return str(place)
