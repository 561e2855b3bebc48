"""Text of a PDF: the fonts that come with the program, and lines broken to a width.

What the fonts cannot draw, and what could not be seen, stands as its number (⟨U+4E00⟩). Nothing is read as markup.
"""

from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from itertools import accumulate
from typing import Any, NamedTuple

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

from explorer.application.resources import resource
from explorer.application.visible import HIDDEN

REGULAR, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
INK, QUIET = "#1b222c", "#596473"
_SMALL = 6.6


class Style(NamedTuple):
    font: str = REGULAR
    size: float = 8.0
    colour: str = INK


PLAIN, HEAVY, NOTE, FINE = Style(), Style(BOLD), Style(colour=QUIET), Style(size=_SMALL, colour=QUIET)


class Piece(NamedTuple):
    """A line of text that fits."""

    text: str
    style: Style


@cache
def font(name: str) -> Any:
    """A font that can be set from now on; reportlab knows its type in part only."""
    with resource("reports", "fonts", f"{name}.ttf").open("rb") as file:
        loaded: Any = TTFont(name, BytesIO(file.read()), shapable=False)
    registerFont(loaded)
    return loaded


_JOINERS = frozenset({0x200C, 0x200D, 0xFE0E, 0xFE0F})
"""They shape the characters beside them, which is not done here: they would only be hidden."""


class _Drawable(dict[int, str]):
    """For `str.translate`: what the fonts have as it is, all else as its number."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_seen = code not in _JOINERS and not HIDDEN.match(character)
        has = all(code in font(name).face.charToGlyph for name in (REGULAR, BOLD))
        self[code] = character if is_seen and has else f"⟨U+{code:04X}⟩"
        return self[code]


_drawable = _Drawable()


def drawable(text: str) -> str:
    """The text in characters that can be drawn and seen."""
    return text if text.isascii() and text.isprintable() else text.translate(_drawable)


def wrapped(text: str, style: Style, width: float) -> list[Piece]:
    """The text in lines of at most `width` points, broken at spaces, within a word where that alone is too long."""
    text = drawable(text)
    widths: Mapping[int, float] = font(style.font).face.charWidths
    room = width * 1000 / style.size
    if len(text) * 1000 <= room or sum(map(widths.__getitem__, map(ord, text))) <= room:
        return [Piece(text, style)]
    reach = list(accumulate(map(widths.__getitem__, map(ord, text))))
    lines, start, passed = list[Piece](), 0, 0.0
    while start < len(text):
        end = max(bisect_right(reach, passed + room, start), start + 1)
        if end < len(text):
            space = text.rfind(" ", start + 1, end + 1)
            end = space if space > 0 else end
        lines.append(Piece(text[start:end], style))
        start = end + (text[end : end + 1] == " ")
        passed = reach[start - 1]
    return lines


def length(piece: Piece) -> float:
    """Its width in points."""
    widths: Mapping[int, float] = font(piece.style.font).face.charWidths
    return sum(map(widths.__getitem__, map(ord, piece.text))) * piece.style.size / 1000
