"""A button over the end of the event list that rests: how many events have come meanwhile, and the way to them."""

from PySide6.QtWidgets import QPushButton, QWidget

from explorer.application.following import MOST
from explorer.application.view import Answer
from explorer.gui.looking import Looking


class NewestPill(QPushButton):
    """Hidden while the list follows the newest event; in the past it is seen only when something has come."""

    def __init__(self, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("newest_pill")
        self._looking, self._list = looking, parent
        self.setProperty("primary", "true")
        self.setToolTip("Go to now and follow new events as they come (Ctrl+T)")
        self.clicked.connect(looking.follow)
        self.hide()

    def show_answer(self, answer: Answer) -> None:
        looking = self._looking
        is_wanted = not looking.is_following and (answer.fresh > 0 or looking.is_now)
        if is_wanted:
            number = f"{answer.fresh:,}{'+' if answer.fresh == MOST else ''}"
            self.setText(f"▼ {number} new" if answer.fresh else "▼ Paused")
            self.setAccessibleName(f"{number} new events: go to them" if answer.fresh else "Follow new events")
        self.setVisible(is_wanted)
        self.lay_out()

    def lay_out(self) -> None:
        """To be called when the list's size has changed."""
        over = self._list
        self.resize(self.sizeHint())
        self.move((over.width() - self.width()) // 2, over.height() - self.height() - self.fontMetrics().height() // 2)
        self.raise_()
