"""Settling a conflict from the menu or the keyboard; the strip over the cart shows it."""

from collections.abc import Mapping
from typing import ClassVar

from explorer.gui.actions import Action
from explorer.gui.room import House, Room


class Conflicts(Room):
    """The user's change met somebody else's: it is put on top, or dropped."""

    ACTIONS = (
        Action(
            "apply_on_top",
            "Edit",
            "Apply my change on &top",
            "Decide anew, upon what somebody else has left, the change that met a conflict",
            ("Ctrl+Alt+Return",),
            ("store", "now", "writable", "conflict"),
            separated=True,
            places=("line",),
        ),
        Action(
            "leave_theirs",
            "Edit",
            "Lea&ve theirs",
            "Drop the change that met a conflict",
            ("Ctrl+Alt+Backspace",),
            ("store", "conflict"),
            places=("line",),
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {"conflict": "No change of yours has met somebody else's."}

    def __init__(self, house: House) -> None:
        super().__init__(house)
        house.looking.clash_changed.connect(self.changed)

    def missing(self) -> set[str]:
        return set() if self.house.looking.clash is not None else {"conflict"}

    def apply_on_top(self) -> None:
        self.house.looking.retry()

    def leave_theirs(self) -> None:
        self.house.looking.show_clash(None)
