"""A room of the window: actions of its own, what they do, and perhaps a panel.

The window furnishes itself with the rooms that `explorer.gui.rooms` lists and knows none of them by name: a room says
what the user can do there, and has a method for each action's id.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QWidget

from explorer.gui.actions import Action
from explorer.gui.jobs import Jobs
from explorer.gui.looking import Looking
from explorer.gui.settings import Settings
from explorer.gui.theme import Look

Beside = Literal["Carts", "Event", "Trust", "Timeline"]
"""The panel of the window with which a room's panel shares its place, as a tab."""


class House(NamedTuple):
    """What a room may use. `raise_panel` brings a panel to the front; `actions` holds all by their ids, once they are
    made.
    """

    window: QMainWindow
    store: Path
    looking: Looking
    look: Look
    settings: Settings
    jobs: Jobs
    raise_panel: Callable[[QWidget], None]
    actions: Mapping[str, QAction]


class Room(QObject):
    changed = Signal()
    """What `missing` says has changed without an answer, a question or another choice of the user's."""

    ACTIONS: ClassVar[Sequence[Action]] = ()
    REASONS: ClassVar[Mapping[str, str]] = {}
    """Why an action is disabled, for each need of its own that a room names."""
    TITLE: ClassVar[str] = ""
    """Of the panel."""
    BESIDE: ClassVar[Beside] = "Event"

    def __init__(self, house: House) -> None:
        super().__init__(house.window)
        self.house = house
        self.panel: QWidget | None = None

    def missing(self) -> set[str]:
        """Which of the needs in REASONS are not met as things stand."""
        return set()
