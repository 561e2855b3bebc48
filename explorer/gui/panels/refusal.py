"""The reason for a refusal, in red and in words, next to the field it concerns."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget


class Refusal(QLabel):
    """Takes no room while there is nothing to say."""

    said = Signal()
    """It has something to say, and needs room for it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "refusal")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(True)
        self.setAccessibleName("Refused because")
        self.hide()

    def say(self, reason: str) -> None:
        self.setText(f"⚠ {reason}")
        self.show()
        self.said.emit()

    def clear(self) -> None:
        super().clear()
        self.hide()
