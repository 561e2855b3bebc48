"""What an event changed: field, previous value, new value."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QLabel, QVBoxLayout, QWidget

from explorer.application.history import FieldChange
from explorer.application.stream_view import StreamView
from explorer.gui.panels.plain import plain, shown, tip
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Theme

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
        self.table = Rows("Changed fields", (Column("Field"), Column("Before"), Column("After")), self)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def show_changes(self, stream: StreamView, theme: Theme) -> None:
        currency = stream.after.get("currency") or stream.before.get("currency")
        self.show_list(stream.changes, _note(stream), currency if isinstance(currency, str) else "", theme)

    def show_list(self, changes: Sequence[FieldChange], note: str, currency: str, theme: Theme) -> None:
        """Any changes, under a note of their own."""
        self.note.setText(note)
        shown_ones = changes[:MOST]
        cells = [_cells(change, currency, theme) for change in shown_ones]
        keys = [change.path for change in shown_ones]
        if len(changes) > MOST:
            keys.append("")
            cells.append((Cell(f"… and {len(changes) - MOST:,} more"), Cell(""), Cell("")))
        self.table.show_rows(keys, cells.__getitem__)


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
