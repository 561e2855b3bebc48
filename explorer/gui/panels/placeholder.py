"""What stands where there is nothing to show: why, and what to do about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class Placeholder(QWidget):
    """Words, and a button where there is a way out."""

    pressed = Signal()

    def __init__(self, way_out: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setWordWrap(True)
        self.words.setProperty("role", "muted")
        self.button = QPushButton(way_out, self)
        self.button.setVisible(False)
        self.button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self.words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def say(self, words: str, *, has_way_out: bool = False) -> None:
        self.words.setText(words)
        self.button.setVisible(has_way_out)
