"""What an event changed: field, previous value, new value."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from explorer.application.view import StreamView
from explorer.gui.panels.plain import plain, shown, tip
from explorer.gui.theme import Theme, tabular

MOST = 500
"""Changes that are listed; one event rarely has ten."""


class ChangesTable(QWidget):
    """Rows in the order of the document, under the reason that was given."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = QLabel(self)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setMargin(self.fontMetrics().height() // 3)
        self.note.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.model = QStandardItemModel(0, 3, self)
        self.model.setHorizontalHeaderLabels(["Field", "Before", "After"])
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setAccessibleName("Changed fields")
        self.table.setFont(tabular(self.font()))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 3 // 2)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def show_changes(self, stream: StreamView, theme: Theme) -> None:
        self.note.setText(_note(stream))
        currency = stream.after.get("currency") or stream.before.get("currency")
        self._fill(stream, currency if isinstance(currency, str) else "", theme)

    def _fill(self, stream: StreamView, currency: str, theme: Theme) -> None:
        changes = stream.changes[:MOST]
        self.model.setRowCount(0)
        muted, ground = QBrush(QColor(theme.muted)), QBrush(QColor(theme.changed))
        for change in changes:
            before = shown(change.before, change.path, currency)
            after = shown(change.after, change.path, currency)
            items = [_item(plain(change.path)), _item(before), _item(after)]
            items[1].setForeground(muted)
            items[2].setBackground(ground)
            self.model.appendRow(items)
        if len(stream.changes) > MOST:
            self.model.appendRow([_item(f"… and {len(stream.changes) - MOST:,} more"), _item(""), _item("")])


def _note(stream: StreamView) -> str:
    record, count = stream.record, len(stream.changes)
    fields = "Nothing in the state was" if not count else "1 field was" if count == 1 else f"{count:,} fields were"
    who = f" by {plain(record.actor)}" if record else ""
    why = f"Reason: {plain(record.reason)}" if record and record.reason else "No reason was given."
    return f"{fields} changed{who}. {why}"


def _item(text: str) -> QStandardItem:
    item = QStandardItem(text)
    item.setToolTip(tip(text))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren)
    return item
