"""Asks for a bookmark's title and note; it stays open, with what was typed, until that was accepted."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.domain.bookmark import MAX_NOTE, MAX_TITLE
from explorer.gui.looking import Looking
from explorer.gui.panels.plain import plain
from explorer.gui.theme import local_time_with_offset
from explorer.projections.bookmarks import BookmarkRow

FIELD = "bookmark"
"""Names the command to `Looking`."""


class BookmarkDialog(QDialog):
    """On a moment that is marked already it changes what is said there."""

    wished = Signal(str, str)
    """Title and note."""

    def __init__(
        self, position: int, time: int | None, proposed: str, known: BookmarkRow | None, looking: Looking,
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("bookmark_dialog")
        self.setWindowTitle("Change bookmark" if known else "Bookmark this moment")
        self.position = position
        when = f", {local_time_with_offset(time)}" if time is not None else ""
        self.about = QLabel(f"The moment after event {position:,}{when}", self)
        self.title = QLineEdit(known.title if known else plain(proposed)[:MAX_TITLE], self)
        self.title.setMaxLength(MAX_TITLE)
        self.title.setAccessibleName("Title")
        self.title.selectAll()
        self.note = QPlainTextEdit(known.note if known else "", self)
        self.note.setAccessibleName("Note")
        self.note.setTabChangesFocus(True)
        self.note.setPlaceholderText("what is remarkable here; it is kept in the store for everybody to read")
        self.advice = QLabel("Both are recorded as they are and cannot be erased: no personal data here.", self)
        self.advice.setProperty("role", "muted")
        self.refusal = QLabel(self)
        self.refusal.setProperty("role", "refusal")
        self.refusal.hide()
        for label in (self.about, self.advice, self.refusal):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.act = QPushButton("Change bookmark" if known else "Set bookmark", self)
        self.act.setProperty("primary", "true")
        self.act.setDefault(True)
        self._lay_out()
        self.title.textChanged.connect(self._look)
        self.note.textChanged.connect(self._look)
        looking.accepted.connect(self._take_acceptance)
        looking.refused.connect(self._take_refusal)
        self._look()
        self.title.setFocus()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Title", self.title)
        form.addRow("&Note", self.note)
        buttons = QDialogButtonBox(self)
        buttons.addButton(self.act, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._wish)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.about)
        column.addLayout(form, 1)
        column.addWidget(self.advice)
        column.addWidget(self.refusal)
        column.addWidget(buttons)
        self.resize(self.fontMetrics().averageCharWidth() * 64, self.fontMetrics().lineSpacing() * 16)

    def _look(self) -> None:
        reason = "" if self.title.text().strip() else "Give a title first"
        if len(self.note.toPlainText()) > MAX_NOTE:
            reason = f"The note is longer than {MAX_NOTE:,} characters"
        self.act.setEnabled(not reason)
        self.act.setToolTip(reason)

    def _wish(self) -> None:
        self.act.setEnabled(False)
        self.refusal.hide()
        self.wished.emit(self.title.text(), self.note.toPlainText())

    def _take_acceptance(self, field: str, stream: str) -> None:
        del stream
        if field == FIELD:
            self.accept()

    def _take_refusal(self, field: str, reason: str) -> None:
        if field == FIELD:
            self.refusal.setText(plain(reason))
            self.refusal.show()
            self.act.setEnabled(True)
