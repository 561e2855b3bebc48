"""A field for a condition on a state: it keeps what was understood, and marks the part that is not."""

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtGui import QColor, QInputMethodEvent, QTextCharFormat
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.application.conditions import StateCondition
from explorer.gui.theme import Look, Theme
from explorer.language.syntax import NotUnderstood


class ConditionField(QLineEdit):
    """`understood` comes when the text says something else than before, or nothing any more."""

    understood = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.condition: StateCondition | None = None
        self.error: NotUnderstood | None = None
        self._theme = look.theme
        self.setPlaceholderText("such as total > 50000, or lines[*].quantity > 100")
        self.textChanged.connect(self._read)
        look.changed.connect(self._take_theme)

    def _read(self, text: str) -> None:
        self.condition = self.error = None
        if text.strip():
            try:
                self.condition = StateCondition.parse(text.strip())
            except NotUnderstood as error:
                self.error = error
        self._mark()
        self.understood.emit()

    def select_wrong(self) -> None:
        """Selects the part that was not understood, so that it can be typed anew."""
        if self.error is not None:
            self.setFocus()
            self.setSelection(*self._wrong(self.error))

    def _wrong(self, error: NotUnderstood) -> tuple[int, int]:
        """Where the wrong part begins in the field, and how long it is; the last letter where something is missing."""
        text = self.text()
        ahead = len(text) - len(text.lstrip())
        start, length = ahead + error.start, error.end - error.start
        if length <= 0:
            start, length = max(0, min(start, len(text.rstrip())) - 1), 1
        return start, length

    def _mark(self) -> None:
        """A wavy line below the wrong part; a line edit knows no other formats than those of an input method."""
        marks: list[QInputMethodEvent.Attribute] = []
        if self.error is not None:
            start, length = self._wrong(self.error)
            wavy = QTextCharFormat()
            wavy.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wavy.setUnderlineColor(QColor(self._theme.danger))
            kind = QInputMethodEvent.AttributeType.TextFormat
            marks.append(QInputMethodEvent.Attribute(kind, start - self.cursorPosition(), length, wavy))
        with QSignalBlocker(self):
            QCoreApplication.sendEvent(self, QInputMethodEvent("", marks))

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._mark()
