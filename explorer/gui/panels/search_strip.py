"""How far a search for words is, what it has found, and a button to stop it or to let it go on."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from explorer.application.view import Answer


class SearchStrip(QWidget):
    """One line below the list, for as long as words are sought in the whole log."""

    seek_wanted = Signal(bool)
    """Whether the search is to go on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        line = self.fontMetrics().height()
        self.words = QLabel(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("role", "muted")
        # Its text changes many times a second: the layout is not to be reckoned anew for it.
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.bar = QProgressBar(self)
        self.bar.setAccessibleName("Progress of the search")
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(6 * line, line // 2)
        self.button = QPushButton("Stop", self)
        self.button.clicked.connect(lambda: self.seek_wanted.emit(not self._is_seeking))
        self._is_seeking = False
        row = QHBoxLayout(self)
        row.setContentsMargins(line // 2, 2, line // 4, 2)
        row.addWidget(self.words, 1)
        row.addWidget(self.bar)
        row.addWidget(self.button)
        self.hide()

    def show_answer(self, answer: Answer) -> None:
        sought = answer.events.sought
        if sought is not None:
            self._is_seeking = answer.is_seeking
            found = f"{sought.found:,} found" if sought.found else "Nothing found"
            if sought.is_done:
                said = f"{found} in {sought.of:,} events"
            elif self._is_seeking:
                said = f"Searching… {sought.found:,} found in {sought.searched:,} of {sought.of:,} events"
            else:
                said = f"Stopped: {found.lower()} in {sought.searched:,} of {sought.of:,} events"
            self.words.setText(said)
            self.bar.setValue(100 * sought.searched // max(1, sought.of))
            self.button.setText("Stop" if self._is_seeking else "Go on")
            self.bar.setVisible(not sought.is_done)
            self.button.setVisible(not sought.is_done)
        if self.isHidden() != (sought is None):
            self.setVisible(sought is not None)
