"""What the user picks in a view of fields becomes the field that actions are about; and its menu offers them."""

from typing import Literal

from PySide6.QtWidgets import QMenu

from explorer.application.history import Value
from explorer.gui.looking import Looking, Picked
from explorer.gui.panels.cart_lines import CartLines
from explorer.gui.panels.changes_table import ChangesTable
from explorer.gui.panels.state_tree import StateTree


def follow_picks(
    looking: Looking, fields: StateTree | ChangesTable | CartLines, source: Literal["state", "event"] = "state"
) -> None:
    """An event's fields are those of its data."""
    inside = "data." if source == "event" else ""
    place = "line" if isinstance(fields, CartLines) else "field"

    def pick(path: str, value: Value) -> None:
        looking.pick(Picked(f"{inside}{path}", value, source))

    def offer(menu: QMenu) -> None:
        looking.menu_opening.emit(place, menu)

    fields.picked.connect(pick)
    fields.menu_opening.connect(offer)
