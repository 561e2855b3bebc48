"""The window's actions, made of the table: menus, shortcuts, context menus, and why one is disabled."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from explorer.gui.actions import MENUS, MNEMONICS, REASONS, Action
from explorer.gui.icons import icon
from explorer.gui.room import Room
from explorer.gui.theme import Theme


class Menus(QObject):
    """Makes an action of each entry, in its menu; what it does is the method of its id, of the window or of a room."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.by_id: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {name: window.menuBar().addMenu(MNEMONICS[name]) for name in MENUS}
        self._entries: list[Action] = []
        self._reasons = dict(REASONS)
        self._missing: set[str] | None = None

    def add(self, entries: Sequence[Action], doer: QObject) -> None:
        """`doer` has a method for each id."""
        for entry in entries:
            action = QAction(entry.text, self._window)
            action.setObjectName(entry.id)
            action.setProperty("menu", entry.menu)
            action.setShortcuts([QKeySequence(key) for key in entry.shortcuts])
            action.setStatusTip(entry.tip)
            action.setCheckable(entry.checkable)
            action.triggered.connect(_without_state(getattr(doer, entry.id)))
            if entry.separated:
                self.menus[entry.menu].addSeparator()
            self.menus[entry.menu].addAction(action)
            self._window.addAction(action)
            self.by_id[entry.id] = action
            self._entries.append(entry)

    def add_room(self, room: Room) -> None:
        self._reasons.update(room.REASONS)
        self.add(room.ACTIONS, room)

    def on_toolbar(self) -> Iterator[QAction]:
        return (self.by_id[entry.id] for entry in self._entries if entry.toolbar)

    def offer(self, place: str, menu: QMenu) -> None:
        """Adds to a context menu what can be done with what it is about."""
        entries = [entry for entry in self._entries if place in entry.places]
        if entries and not menu.isEmpty():
            menu.addSeparator()
        for entry in entries:
            menu.addAction(self.by_id[entry.id])

    def enable(self, missing: set[str]) -> None:
        """Disables what needs something of this, and says why."""
        if missing == self._missing:
            return
        self._missing = missing
        for entry in self._entries:
            action = self.by_id[entry.id]
            reason = next((self._reasons[need] for need in entry.needs if need in missing), "")
            if action.isEnabled() == bool(reason) or action.property("reason") != reason:
                action.setEnabled(not reason)
                action.setProperty("reason", reason)
                action.setToolTip(_tip(entry, action, reason))

    def show_theme(self, theme: Theme) -> None:
        for entry in self._entries:
            if entry.icon:
                self.by_id[entry.id].setIcon(icon(entry.icon, theme))


def _without_state(deed: Callable[[], object]) -> Callable[[bool], object]:
    """A deed that is not told whether its action is checked."""
    return lambda _checked=False: deed()


def _tip(entry: Action, action: QAction, reason: str) -> str:
    keys = ", ".join(key.toString() for key in action.shortcuts())
    why = f" — {reason}" if reason else ""
    return f"{entry.tip}{f' ({keys})' if keys else ''}{why}"
