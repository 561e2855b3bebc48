"""Following a log that others write to, and pausing without losing the place."""

from explorer.application.view import Answer, Question
from explorer.gui.actions import Action
from explorer.gui.room import House, Room


class Following(Room):
    """The action is checked while the newest event is shown as it comes."""

    ACTIONS = (
        Action(
            "follow_events",
            "View",
            "Follo&w new events",
            "Show each event as it comes; unchecked, the list rests and counts what is new",
            ("Ctrl+T",),
            ("store",),
            separated=True,
            checkable=True,
            places=("event",),
        ),
    )

    def __init__(self, house: House) -> None:
        super().__init__(house)
        house.looking.asked.connect(self._check)
        house.looking.answered.connect(self._check)

    def follow_events(self) -> None:
        looking = self.house.looking
        looking.hold() if looking.is_following else looking.follow()
        self._check()

    def _check(self, news: Question | Answer | None = None) -> None:
        del news
        self.house.actions["follow_events"].setChecked(self.house.looking.is_following)
