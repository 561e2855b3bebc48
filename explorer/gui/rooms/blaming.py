"""Who changed a field: its whole history, and the way to each of its events."""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from explorer.application.blame import FieldHistory, field_history
from explorer.application.session import Session
from explorer.errors import KnownError
from explorer.gui.actions import Action
from explorer.gui.panels.field_panel import FieldPanel
from explorer.gui.panels.plain import plain
from explorer.gui.room import House, Room
from explorer.projections.runner import Progress

LONG = 2_000
"""Versions of a stream from which on its events are read by a task, which can be cancelled."""


class Blaming(Room):
    """The field is the one that was picked last, of the chosen stream or its own."""

    TITLE = "Field history"
    ACTIONS = (
        Action(
            "who_changed",
            "Event",
            "W&ho changed this field",
            "All that set the selected field: who, when and why",
            ("Ctrl+Shift+H",),
            ("store", "stream", "state_field"),
            separated=True,
            places=("field", "line"),
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {
        "state_field": "Select a field of a state first: in a state, in what changed, or in a cart's lines.",
    }

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.panel = self.fields = FieldPanel(house.looking, house.look, house.window)
        self.fields.again_wanted.connect(self._look_again)
        self._asked: tuple[str, str] | None = None

    def missing(self) -> set[str]:
        picked = self.house.looking.picked
        return set() if picked is not None and picked.source == "state" else {"state_field"}

    def who_changed(self) -> None:
        looking = self.house.looking
        picked = looking.picked
        stream = picked.stream or looking.question.stream if picked is not None else None
        if picked is not None and stream is not None:
            self.show_field(stream, picked.path)
            self.house.raise_panel(self.fields)
            self.fields.setFocus()

    def show_field(self, stream: str, path: str) -> None:
        self._asked = stream, path
        self.fields.wait_for(path)
        answer = self.house.looking.answer
        shown = answer.stream if answer is not None else None
        if shown is not None and shown.stream == stream and shown.latest <= LONG:
            self.house.looking.fetch(lambda session: _sought(session, stream, path), self._take)
        else:
            self._run(stream, path)

    def _run(self, stream: str, path: str) -> None:
        found: list[FieldHistory] = []

        def work(session: Session, progress: Progress) -> str:
            found.append(field_history(session, stream, path, progress))
            times = len(found[0].settings)
            return f"{plain(path)} was set {'once' if times == 1 else f'{times:,} times'}."

        def take(result: object) -> None:
            self._take(_Sought(stream, path, found[0] if found else None, str(result)))

        self.house.jobs.run(f"Who changed {plain(path)}", work, is_brief=True).ended.connect(take)

    def _take(self, sought: "_Sought") -> None:
        """Unless another field was asked for meanwhile."""
        if self._asked == (sought.stream, sought.path):
            if sought.history is not None:
                self.fields.show_history(sought.history)
            else:
                self.fields.give_up(sought.why)

    def _look_again(self) -> None:
        if self._asked is not None:
            self.show_field(*self._asked)


class _Sought(NamedTuple):
    """What was found, or why nothing was."""

    stream: str
    path: str
    history: FieldHistory | None
    why: str


def _sought(session: Session, stream: str, path: str) -> _Sought:
    try:
        return _Sought(stream, path, field_history(session, stream, path), "")
    except KnownError as error:
        return _Sought(stream, path, None, str(error))
