"""A panel that draws nothing while it cannot be seen."""

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking


class Seen(QWidget):
    """Shows every answer while it is in view; behind another tab none, and what was missed when it comes forward."""

    def __init__(self, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking = looking
        looking.answered.connect(self._take_answer)

    def show_answer(self, answer: Answer) -> None:
        """Draws the panel's part of it."""
        raise NotImplementedError

    def _take_answer(self, answer: Answer) -> None:
        if self.isVisible():
            self.show_answer(answer)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._looking.answer is not None:
            self.show_answer(self._looking.answer)
