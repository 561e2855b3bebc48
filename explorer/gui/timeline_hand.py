"""What the hand is doing on the timeline."""

from dataclasses import dataclass

from explorer.application.timeline import Viewport


@dataclass
class Scrub:
    """The left button is down: `offset` pixels lie between the hand and the cursor; `event` is the position hit."""

    pressed: float
    offset: float
    event: int | None
    moves: bool
    time: int


@dataclass(frozen=True)
class Pan:
    """The view is being dragged: where from, and what was shown then."""

    pressed: float
    viewport: Viewport
