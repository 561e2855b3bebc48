"""The rooms of the window, in the order in which their actions stand in the menus; see `explorer.gui.room`."""

from collections.abc import Sequence

from explorer.gui.actions import ACTIONS, Action
from explorer.gui.room import Room
from explorer.gui.rooms.blaming import Blaming
from explorer.gui.rooms.bookmarking import Bookmarking
from explorer.gui.rooms.causation import Causation
from explorer.gui.rooms.comparing import Comparing
from explorer.gui.rooms.conflicts import Conflicts
from explorer.gui.rooms.filtering import Filtering
from explorer.gui.rooms.finding import Finding
from explorer.gui.rooms.following import Following
from explorer.gui.rooms.pricing import Pricing
from explorer.gui.rooms.ruling import Ruling
from explorer.gui.rooms.undoing import Undoing
from explorer.gui.rooms.what_if import WhatIf

ROOMS: Sequence[type[Room]] = (
    Undoing,
    Conflicts,
    Pricing,
    Following,
    Filtering,
    Finding,
    Comparing,
    Blaming,
    Bookmarking,
    Causation,
    Ruling,
    WhatIf,
)


def every_action() -> list[Action]:
    """All that a user can do."""
    return [*ACTIONS, *(action for room in ROOMS for action in room.ACTIONS)]
