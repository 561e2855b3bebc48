"""What the user picks in a view of states becomes the field that actions are about; and its menu offers them."""

from PySide6.QtWidgets import QMenu

from explorer.application.history import Value
from explorer.gui.looking import Looking
from explorer.gui.meant import Picked
from explorer.gui.panels.cart_lines import CartLines
from explorer.gui.panels.changes_table import ChangesTable
from explorer.gui.panels.state_tree import StateTree


def follow_picks(looking: Looking, fields: StateTree | ChangesTable | CartLines) -> None:
    place = "line" if isinstance(fields, CartLines) else "field"

    def pick(path: str, value: Value) -> None:
        looking.pick(Picked(path, value, "state"))

    def offer(menu: QMenu) -> None:
        looking.menu_opening.emit(place, menu)

    fields.picked.connect(pick)
    fields.offering.connect(offer)
