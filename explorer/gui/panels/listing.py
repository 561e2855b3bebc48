"""A list as of the moment: it asks for as many rows as can be seen and some more, and for none while it is hidden."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.rows import MORE, Rows, wanted_for
from explorer.gui.panels.seen import Seen


class Listing(Seen):
    """What the lists of carts, products and streams share. `limit` is the field of the question that says how many."""

    def __init__(self, looking: Looking, limit: str, parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._limit = limit
        self.least = MORE
        """Rows that are asked for until somebody scrolls."""
        self._is_fitted = False

    def follow(self, rows: Rows) -> None:
        """To be called once all is made."""
        rows.fits.connect(self._take_room)

    def is_listed(self, answer: Answer) -> bool:
        """Whether it was asked what is in the list; else that is not known, and what stands there stays."""
        return getattr(answer.question, self._limit) > 0

    def ask_more(self, held: int) -> None:
        """The end of the rows held is near; where they are all that there are, nothing is asked."""
        limit = getattr(self._looking.question, self._limit)
        if held == limit > 0:
            self._ask(limit + MORE)

    def _ask(self, limit: int) -> None:
        self._looking.look(**{self._limit: limit})

    def _take_room(self, room: int) -> None:
        self.least = wanted_for(room)
        limit = getattr(self._looking.question, self._limit)
        if limit and (limit < self.least or not self._is_fitted):
            self._is_fitted = True
            self._ask(self.least)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.HideToParent:
            self._ask(0)
        elif event.type() == QEvent.Type.ShowToParent and getattr(self._looking.question, self._limit) == 0:
            self._ask(self.least)
        return super().event(event)
