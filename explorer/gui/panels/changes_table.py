"""What an event changed: field, previous value, new value."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QLabel, QMenu, QVBoxLayout, QWidget

from explorer.application.history import ABSENT, FieldChange
from explorer.application.stream_view import StreamView
from explorer.gui.panels.plain import plain, shown, tip
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Theme

MOST = 500
"""Changes that are listed; one event rarely has ten."""


class ChangesTable(QWidget):
    """Rows in the order of the document, under the reason that was given."""

    picked = Signal(str, object)
    """Path and Value of the field that the user selects."""
    offering = Signal(object)
    """QMenu"""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = QLabel(self)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.setMargin(self.fontMetrics().height() // 3)
        self.note.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.table = Rows("Changed fields", (Column("Field", is_path=True), Column("Before"), Column("After")), self)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self._shown: dict[str, FieldChange] = {}
        self.table.chosen.connect(self._pick)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._offer)

    def show_changes(self, stream: StreamView, theme: Theme) -> None:
        currency = stream.after.get("currency") or stream.before.get("currency")
        self.show_list(stream.changes, _note(stream), currency if isinstance(currency, str) else "", theme)

    def show_list(self, changes: Sequence[FieldChange], note: str, currency: str, theme: Theme) -> None:
        """Any changes, under a note of their own."""
        self.note.setText(note)
        shown_ones = changes[:MOST]
        self._shown = {change.path: change for change in shown_ones}
        cells = [_cells(change, currency, theme) for change in shown_ones]
        keys = [change.path for change in shown_ones]
        if len(changes) > MOST:
            keys.append("")
            cells.append((Cell(f"… and {len(changes) - MOST:,} more"), Cell(""), Cell("")))
        self.table.show_rows(keys, cells.__getitem__)

    def _pick(self, path: str) -> None:
        change = self._shown.get(path)
        if change is not None:
            self.picked.emit(path, change.before if change.after is ABSENT else change.after)

    def _offer(self, place: QPoint) -> None:
        if (menu := self.menu_for(self.table.rowAt(place.y()))) is not None:
            menu.popup(self.table.viewport().mapToGlobal(place))

    def menu_for(self, row: int) -> QMenu | None:
        """What can be done with the field of a row; None where there is none."""
        change = self._shown.get(self.table.keys[row]) if 0 <= row < len(self.table.keys) else None
        if change is None:
            return None
        menu, clipboard = QMenu(self), QGuiApplication.clipboard()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        before, after, path = (str(self.table.page.cells(row)[column].text) for column in (1, 2, 0))
        menu.addAction("Copy &before").triggered.connect(lambda: clipboard.setText(before))
        menu.addAction("Copy &after").triggered.connect(lambda: clipboard.setText(after))
        menu.addAction("Copy &path").triggered.connect(lambda: clipboard.setText(path))
        self._pick(change.path)
        self.offering.emit(menu)
        return menu


def _cells(change: FieldChange, currency: str, theme: Theme) -> tuple[Cell, Cell, Cell]:
    path = plain(change.path)
    before, after = (shown(value, change.path, currency) for value in (change.before, change.after))
    return Cell(path, tip(path)), Cell(before, tip(before), theme.muted), Cell(after, tip(after), theme.accent)


def _note(stream: StreamView) -> str:
    record, count = stream.record, len(stream.changes)
    fields = "Nothing in the state was" if not count else "1 field was" if count == 1 else f"{count:,} fields were"
    who = f" by {plain(record.actor)}" if record else ""
    why = f"Reason: {plain(record.reason)}" if record and record.reason else "No reason was given."
    return f"{fields} changed{who}. {why}"
