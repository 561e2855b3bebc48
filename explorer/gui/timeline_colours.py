"""The colours of the timeline, and whether they can be told apart."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtGui import QColor

from explorer.application.kinds import Kind
from explorer.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class TimelineColours:
    """As `#rrggbb`. `past` is the amber that stands for the past and for nothing else, `danger` the red of damage."""

    background: str
    text: str
    muted: str
    grid: str
    accent: str
    past: str
    danger: str
    kinds: Mapping[Kind, str]

    @staticmethod
    def of(theme: Theme) -> "TimelineColours":
        return TimelineColours(
            theme.surface, theme.text, theme.muted, theme.line, theme.accent, theme.past, theme.danger, theme.kinds
        )

    def ink_on(self, ground: str) -> str:
        """Text or background, whichever is better to read on a ground."""
        return max((self.text, self.background), key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """The contrast of WCAG 2: from 1 (alike) to 21 (black on white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    of = QColor(colour)
    red, green, blue = (_linear(part) for part in (of.redF(), of.greenF(), of.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
