"""What the hand is doing on the timeline, and which keys go where."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt

from explorer.application.timeline import Viewport

KEY_ZOOM = 0.7
WHEEL_ZOOM = 0.8
"""The factor of one notch."""
NOTCH = 120
PAN = 0.15
"""The share of the view that one key press or notch moves it."""

Step = Literal[
    "previous", "next", "previous_in_stream", "next_in_stream", "start", "now", "page_back", "page_on", "play"
]
KEYS: Mapping[Qt.Key, Step] = {
    Qt.Key.Key_Left: "previous",
    Qt.Key.Key_Right: "next",
    Qt.Key.Key_Home: "start",
    Qt.Key.Key_End: "now",
    Qt.Key.Key_PageUp: "page_back",
    Qt.Key.Key_PageDown: "page_on",
    Qt.Key.Key_Space: "play",
}
SHIFT_KEYS: Mapping[Qt.Key, Step] = {Qt.Key.Key_Left: "previous_in_stream", Qt.Key.Key_Right: "next_in_stream"}


def looked(key: int, viewport: Viewport, about: int, whole: Viewport) -> Viewport | None:
    """What a key asks to be shown instead of a viewport, zooming about a time; None for a key that asks nothing."""
    match key:
        case Qt.Key.Key_W:
            return viewport.zoomed(about, KEY_ZOOM)
        case Qt.Key.Key_S:
            return viewport.zoomed(about, 1 / KEY_ZOOM)
        case Qt.Key.Key_A:
            return viewport.panned(-PAN)
        case Qt.Key.Key_D:
            return viewport.panned(PAN)
        case Qt.Key.Key_0:
            return whole
        case _:
            return None


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
