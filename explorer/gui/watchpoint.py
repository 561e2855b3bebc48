"""A watchpoint: playing stops at the event where a condition becomes true, and never steps over it.

What lies ahead is looked at in stretches, in the thread that has the session; playing goes no further than it is known
to be free.
"""

from functools import partial

from PySide6.QtCore import QObject

from explorer.application.conditions import StateCondition
from explorer.application.finding import Where, first
from explorer.application.session import Session
from explorer.errors import KnownError
from explorer.gui.looking import Looking
from explorer.gui.meant import Ahead

STRETCH = 400
"""Events that are looked at ahead at once: a few hundredths of a second, in which no frame is answered."""

Seen = tuple[int | None, int]
"""The position of the first hit ahead, and up to where there is none before it."""


class Watchpoint(QObject):
    """`ahead` says how far playing may go on from a position."""

    def __init__(self, looking: Looking, condition: StateCondition, stream: str | None) -> None:
        super().__init__(looking)
        self.condition, self.stream = condition, stream
        self._looking = looking
        self._from = self._until = -1
        self._hit: int | None = None
        self._is_asked = False

    def ahead(self, position: int) -> Ahead:
        """Up to where nothing was found, or to what was."""
        if not self._from <= position <= self._until or position == self._hit:
            self._from = self._until = position
            self._hit = None
        if self._hit is not None:
            return Ahead(self._hit, is_stop=True)
        if self._until - position <= STRETCH // 2:
            self._ask()
        return Ahead(self._until, is_stop=False)

    def _ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            after = self._until
            self._looking.fetch(partial(self._look, after=after), partial(self._take, after))

    def _look(self, session: Session, after: int) -> Seen | KnownError:
        until = min(after + STRETCH, session.store.head().size)
        try:
            found = first(session, self.condition, Where(self.stream, "", after, until))
        except KnownError as error:
            return error
        return found.position if found else None, until

    def _take(self, after: int, seen: Seen | KnownError) -> None:
        self._is_asked = False
        if isinstance(seen, KnownError):
            self._looking.pause()
            self._looking.told.emit(str(seen))
        elif after == self._until and self._hit is None:
            self._hit, free = seen
            self._until = free if self._hit is None else self._hit
