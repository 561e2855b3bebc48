"""Undo and redo of what the user did in this window, from the keyboard. The log keeps both the edit and its undoing."""

from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from explorer.application.session import Session
from explorer.application.undoing import Edit, TakenBack, Work, deed_of, is_timeless, settle, take_back
from explorer.domain.event import Event
from explorer.errors import KnownError
from explorer.gui.actions import Action, Key
from explorer.gui.panels.plain import plain
from explorer.gui.room import House, Room

MOST = 1_000
"""Edits that are remembered."""
LISTED = 3
"""Fields named that could not be brought back."""


class _Refusal(NamedTuple):
    """Why an edit was not taken back: an answer, since those that wait behind it are dropped then."""

    reason: str


class Undoing(Room):
    """Two stacks of edits. One undoing at a time is under way: what is wanted meanwhile waits its turn."""

    ACTIONS = (
        Action(
            "undo",
            "Edit",
            "&Undo",
            "Take back your last change in this window; a new event is appended, and history stays as it is",
            (Key.Undo,),
            ("store", "writable", "edit", "undo here"),
            separated=True,
            places=("line",),
        ),
        Action(
            "redo",
            "Edit",
            "&Redo",
            "Do again what you undid last; a new event is appended, and history stays as it is",
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            ("store", "writable", "undone", "redo here"),
            places=("line",),
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {
        "edit": "You have changed nothing in this window yet that is not undone.",
        "undone": "You have undone nothing since your last change.",
        "undo here": "You are looking at the past; go back to now first.",
        "redo here": "You are looking at the past; go back to now first.",
    }

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._edits: deque[Edit | Work] = deque(maxlen=MOST)
        self._undone: deque[Edit | Work] = deque(maxlen=MOST)
        self._wanted: deque[bool] = deque()
        """Whether to redo, for each that was asked for and has not begun."""
        self._is_under_way = False
        house.looking.recorded.connect(self._remember)

    def missing(self) -> set[str]:
        found: set[str] = set()
        is_now = self.house.looking.is_now
        for edits, some, here in ((self._edits, "edit", "undo here"), (self._undone, "undone", "redo here")):
            if not edits:
                found.add(some)
            elif not (is_now or is_timeless(edits[-1])):
                found.add(here)
        return found

    def undo(self) -> None:
        self._want(again=False)

    def redo(self) -> None:
        self._want(again=True)

    def _remember(self, events: Sequence[Event]) -> None:
        """A new change of the user's: what was undone before it is not done again."""
        self._edits.append(deed_of(events))
        self._undone.clear()
        self.changed.emit()

    def _want(self, *, again: bool) -> None:
        self._wanted.append(again)
        self._go_on()

    def _go_on(self) -> None:
        while self._wanted and not self._is_under_way:
            again = self._wanted.popleft()
            edits = self._undone if again else self._edits
            if edits:
                self._is_under_way = True
                job = partial(_tried, edit=edits[-1], actor=self.house.looking.actor, again=again)
                self.house.looking.fetch(job, partial(self._finish, edits[-1], again=again))

    def _finish(self, edit: Edit | Work, came: TakenBack | _Refusal, *, again: bool) -> None:
        self._is_under_way = False
        if isinstance(came, _Refusal):
            self._wanted.clear()
            self.house.looking.told.emit(f"Not {'redone' if again else 'undone'}: {plain(came.reason)}")
            return
        source, target = (self._undone, self._edits) if again else (self._edits, self._undone)
        if edit in source:  # a change that was under way may have cleared it
            source.remove(edit)
            settle(source, edit, came.edit)
        target.append(came.edit)
        self.changed.emit()
        self.house.looking.told.emit(_told(came, again=again))
        self._go_on()


def _tried(session: Session, *, edit: Edit | Work, actor: str, again: bool) -> TakenBack | _Refusal:
    try:
        return take_back(session, edit, actor, again=again)
    except KnownError as error:
        return _Refusal(str(error))


def _told(came: TakenBack, *, again: bool) -> str:
    numbers = f"event #{came.first:,}" if came.first == came.last else f"events #{came.first:,} to #{came.last:,}"
    left = ""
    if came.left:
        more = f" and {len(came.left) - LISTED:,} more" if len(came.left) > LISTED else ""
        left = f". What cannot be brought back: {', '.join(map(plain, came.left[:LISTED]))}{more}"
    return f"{'Redone' if again else 'Undone'} by {numbers}: {plain(came.edit.words)}{left}"
