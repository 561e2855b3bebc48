"""A line of a cart takes today's price: what was put in at another stays at that one until somebody says otherwise."""

from collections.abc import Mapping
from typing import ClassVar

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.undoing import Done
from explorer.domain.cart import Reprice
from explorer.domain.event import Metadata
from explorer.errors import Refused
from explorer.gui.actions import Action
from explorer.gui.panels.plain import plain
from explorer.gui.room import House, Room
from explorer.projections.cart_queries import LineRow

FIELD = "price of a line"


class Pricing(Room):
    """The line is the one that was picked last in the cart."""

    ACTIONS = (
        Action(
            "take_price",
            "Edit",
            "Ta&ke today's price",
            "Give the line chosen in the cart the price that its product has now",
            ("Ctrl+Alt+P",),
            ("store", "now", "writable", "line"),
            separated=True,
            places=("line",),
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {"line": "Choose a line of a cart first."}

    def __init__(self, house: House) -> None:
        super().__init__(house)
        house.looking.refused.connect(self._take_refusal)

    def missing(self) -> set[str]:
        return set() if self._line() is not None else {"line"}

    def _line(self) -> LineRow | None:
        looking = self.house.looking
        stream = looking.answer.stream if looking.answer is not None else None
        if looking.picked is None or stream is None:
            return None
        path = f"{looking.picked.path}."
        return next((line for line in stream.lines if path.startswith(f"{_whole(line)}.")), None)

    def take_price(self) -> None:
        looking, line, stream = self.house.looking, self._line(), self.house.looking.question.stream
        if line is None or stream is None:
            return
        about = Metadata(looking.actor, "", origin="window")
        command = Reprice(line.line, "" if line.line == line.sku else line.sku)

        def reprice(session: Session) -> Done:
            events = handle(session, stream, command, about)
            if not events:
                raise Refused(f"{plain(line.name) or plain(line.sku)} has today's price already.", FIELD)
            return Done(stream, events)

        looking.do(reprice, FIELD)

    def _take_refusal(self, field: str, reason: str) -> None:
        if field == FIELD:
            self.house.looking.told.emit(reason)


def _whole(line: LineRow) -> str:
    """The path of a line in the state."""
    return f"lines[sku={line.sku}]" if line.line == line.sku else f"lines[line={line.line}]"
