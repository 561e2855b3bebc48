"""What led to an event and what followed from it."""

from explorer.gui.actions import Action
from explorer.gui.panels.causation_panel import CausationPanel
from explorer.gui.room import House, Room


class Causation(Room):
    """The panel follows the event shown."""

    ACTIONS = (
        Action(
            "show_causes",
            "Event",
            "Show causes and &effects",
            "What led to this event and what followed from it",
            ("Ctrl+Shift+G",),
            ("store", "event"),
            separated=True,
            places=("event",),
        ),
    )
    TITLE = "Causation"
    BESIDE = "Trust"

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.graph = CausationPanel(house.looking, house.look, house.window)
        self.panel = self.graph

    def show_causes(self) -> None:
        pointed = self.house.looking.pointed
        if pointed is not None:
            self.house.looking.go_to(pointed.position, pointed.stream)
        self.house.raise_panel(self.graph)
        self.graph.setFocus()
