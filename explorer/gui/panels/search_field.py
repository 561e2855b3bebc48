"""A field whose words are looked for as soon as the typing pauses."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.gui.icons import icon
from explorer.gui.theme import Look, Theme

PAUSE = 200
"""Milliseconds without a keystroke after which the words are looked for."""


class SearchField(QLineEdit):
    """Enter looks at once; Esc empties it, and only then means what it means to the window."""

    sought = Signal(str)
    """The words, without needless blanks."""
    left_down = Signal()
    """The arrow down: on to what was found."""

    def __init__(self, name: str, placeholder: str, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._seek)
        self.textChanged.connect(self._pause.start)
        self.returnPressed.connect(self._seek)
        self._take_theme(look.theme)
        look.changed.connect(self._take_theme)

    def empty(self) -> None:
        """Everything again, at once."""
        self.clear()
        self._seek()

    def _seek(self) -> None:
        self._pause.stop()
        self.sought.emit(" ".join(self.text().split()))

    def _take_theme(self, theme: Theme) -> None:
        self._glass.setIcon(icon("search", theme))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._is_own_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_own_escape(event):
            self.empty()
        elif event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)

    def _is_own_escape(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and bool(self.text())
