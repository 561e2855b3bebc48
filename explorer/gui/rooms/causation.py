"""What led to an event and what followed from it."""

from functools import partial
from uuid import UUID

from explorer.application.causation import correlation_of
from explorer.application.filtering import EventFilter
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
        Action(
            "filter_by_work",
            "Event",
            "Filter by this piece of &work",
            "List the events of the piece of work that this one belongs to",
            ("Ctrl+Shift+K",),
            ("store", "event"),
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

    def filter_by_work(self) -> None:
        meant = self.house.looking.meant
        if meant is not None:
            self.house.looking.fetch(partial(correlation_of, position=meant.position), self._filter)

    def _filter(self, correlation: UUID | None) -> None:
        looking = self.house.looking
        if correlation is None:
            looking.told.emit("This event names no piece of work that it belongs to.")
        else:
            looking.show_filter(EventFilter.parse(f'correlation == "{correlation}"'))
