"""The line in which a filter is written: completion at the caret, and the wrong part underlined."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QApplication, QCompleter, QLineEdit, QListView, QWidget

from explorer.gui.panels.plain import plain
from explorer.gui.theme import Look
from explorer.language.completion import Completion, Known, completion, is_name_alone
from explorer.language.syntax import NotUnderstood

SHOWN = 12
"""Choices that are shown at a time."""


class FilterField(QLineEdit):
    """Esc closes the choices, then empties the line; only then does it mean "back to now". Where it `is_kept`, Esc
    never empties it. Ctrl+Space offers choices, Down enters them, Enter or Tab takes one.
    """

    emptied = Signal()
    entered = Signal()
    """It has the keyboard: what is known should be up to date."""
    declined = Signal()
    """None of the choices was taken."""

    def __init__(self, known: Callable[[], Known], look: Look, parent: QWidget, *, is_kept: bool = False) -> None:
        super().__init__(parent)
        self.known, self._look, self._is_kept = known, look, is_kept
        self._found = Completion(0, 0, ())
        self._texts: list[str] = []
        self.choices = QStringListModel(self)
        self.popup = QListView(self)
        self._completer = QCompleter(self.choices, self)
        self._completer.setWidget(self)
        self._completer.setPopup(self.popup)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(SHOWN)
        self.popup.setAccessibleName("What may be written here")
        self.popup.clicked.connect(self._take_clicked)
        self.textEdited.connect(self._follow_typing)

    # Choices

    @property
    def is_offering(self) -> bool:
        return self.popup.isVisible()

    @property
    def is_half_written(self) -> bool:
        """Whether what is meant will only be known when more is written, or a choice is taken."""
        return self.is_offering or is_name_alone(self.text(), self.cursorPosition(), self.known())

    def offer(self, *, asked: bool = False) -> None:
        """Shows what may stand at the caret; unasked, only where something is being written."""
        text, caret = self.text(), self.cursorPosition()
        self._found = completion(text, caret, self.known())
        is_begun = self._found.end > self._found.start or text[:caret].rstrip()[-1:] in ("=", "~", "(", ",")
        if not self._found.choices or not (asked or is_begun):
            self.popup.hide()
            return
        self._texts = [*self._found.choices]
        self.choices.setStringList([plain(choice) for choice in self._texts])
        area = self.cursorRect()
        area.setWidth(min(self.width(), self.fontMetrics().averageCharWidth() * 40))
        self._completer.complete(area)

    def _follow_typing(self) -> None:
        self.offer()

    def _take_clicked(self, index: QModelIndex) -> None:
        self.take(index.row())

    def take(self, row: int) -> None:
        """Writes a choice at the caret."""
        self.popup.hide()
        if not 0 <= row < len(self._texts):
            return
        chosen, text = self._texts[row], self.text()
        rest = text[self._found.end :]
        space = "" if rest[:1] in (" ", ")") else " "
        self.setText(text[: self._found.start] + chosen + space + rest)
        self.setCursorPosition(self._found.start + len(chosen) + 1)
        self.textEdited.emit(self.text())

    # What is wrong

    def mark_wrong(self, error: NotUnderstood | None) -> None:
        """Underlines what was not understood; where something is missing, the letter before."""
        length = len(self.text())
        start = min(error.start, max(0, length - 1)) if error else 0
        self.mark(start, min(length, max(error.end, start + 1)) if error else 0)

    def mark(self, start: int, end: int) -> None:
        """Underlines a part; nothing where both are the same."""
        attributes: list[QInputMethodEvent.Attribute] = []
        if end > start:
            drawn = QTextCharFormat()
            drawn.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            drawn.setUnderlineColor(QColor(self._look.theme.danger))
            drawn.setForeground(QColor(self._look.theme.danger))
            kind = QInputMethodEvent.AttributeType.TextFormat
            attributes.append(QInputMethodEvent.Attribute(kind, start - self.cursorPosition(), end - start, drawn))
        QApplication.sendEvent(self, QInputMethodEvent("", attributes))

    # Keys

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._is_own(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._takes(event):
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        """Whether a key, Tab among them, takes the choice that is marked."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
        index = self.popup.currentIndex()
        if event.key() not in keys or not self.is_offering or not index.isValid():
            return False
        self.take(index.row())
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_wanted = event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if is_wanted or (event.key() == Qt.Key.Key_Down and not self.is_offering):
            self.offer(asked=True)
        elif event.key() == Qt.Key.Key_Escape and self._is_own(event):
            self._escape()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.popup.hide()
            self.declined.emit()

    def _escape(self) -> None:
        if self.is_offering:
            self.popup.hide()
            self.declined.emit()
            return
        self.clear()
        self.emptied.emit()

    def _is_own(self, event: QEvent) -> bool:
        is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        return is_escape and (self.is_offering or (bool(self.text()) and not self._is_kept))
