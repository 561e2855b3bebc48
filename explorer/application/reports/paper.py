"""A4 pages of a PDF, one after the other: each is written out as soon as it is full, so that memory stays flat.

The fonts are embedded as far as they are used. Nothing comes from the clock.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, BinaryIO, NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from explorer.application.reports.lettering import (
    BOLD,
    FINE,
    HEAVY,
    NOTE,
    PLAIN,
    QUIET,
    REGULAR,
    Piece,
    Style,
    drawable,
    font,
    length,
    wrapped,
)  # fmt: skip
from explorer.application.reports.pdf_document import PAGES, StreamedDocument
from explorer.application.reports.picture import HEIGHT, TEXT, WIDTH, Picture, Stroke

RULE, STRONG, ACCENT, PASS, FAIL, MARK = "#dde1e7", "#aab2bd", "#2b5c8a", "#17663a", "#a31616", "#edf3f9"
SERIES = ((ACCENT, ()), ("#a4480b", (6, 3)), ("#6a3d9a", (2, 3)))
"""Colour and dashes of a chart's lines."""
LEFT, RIGHT, TOP, BOTTOM = 40.0, A4[0] - 40.0, A4[1] - 62.0, 52.0
"""Where the text stands, in points from the lower left corner."""
WHOLE = RIGHT - LEFT


class Column(NamedTuple):
    """Lines one below the other from x on; `is_right` sets them so that they end there."""

    x: float
    lines: Sequence[Piece]
    is_right: bool = False


_MEANT = re.compile(rb"[()\\\x00-\x1f\x7f]")


@cache
def _fill(colour: str) -> str:
    """The operator that chooses a colour for what follows."""
    return " ".join(f"{int(colour[place : place + 2], 16) / 255:.3f}" for place in (1, 3, 5)) + " rg"


def _string(raw: bytes) -> str:
    """Bytes as a string of PDF, in which brackets and backslashes would mean something."""
    if raw.isascii() and not _MEANT.search(raw):
        return f"({raw.decode()})"
    return f"<{raw.hex()}>"


class Paper:
    """Pages with a heading and an imprint on each. What is set goes below what was set before it."""

    def __init__(self, stream: BinaryIO, *, title: str, imprint: str, subject: str, time: int) -> None:
        font(REGULAR)
        font(BOLD)
        # reportlab knows its own types in part only.
        make: Any = Canvas
        self._canvas: Any = make(stream, pagesize=A4, pageCompression=1, invariant=1, initialFontName=REGULAR)
        self._document = StreamedDocument(stream)
        self._canvas._doc = self._document  # noqa: SLF001 - the canvas takes no document of ours
        self._document.describe(drawable(title), drawable(subject), time)
        self._title, self._imprint = drawable(title), drawable(imprint)
        self._number, self.y = 0, 0.0
        self.running: Callable[[], None] = lambda: None
        """Sets what stands at the top of each further page."""
        self.beside = ""
        """What the page's heading says at its right."""
        self._keys = 0
        self._begin()

    def _begin(self) -> None:
        self._number += 1
        place = wrapped(self.beside, NOTE, WHOLE / 2)[0]
        head = wrapped(self._title, Style(BOLD, 8, QUIET), WHOLE / 2 - 10)[0]
        self._draw(LEFT, A4[1] - 38, [head], 0)
        self._draw(RIGHT - length(place), A4[1] - 38, [place], 0)
        self.line(A4[1] - 44, STRONG)
        self.line(38.0, STRONG)
        self._draw(LEFT, 28, [Piece(self._imprint, FINE)], 0)
        page, total = Piece(f"Page {self._number:,} of ", FINE), RIGHT - 24.0
        self._draw(total - length(page), 28, [page], 0)
        self._canvas.saveState()
        self._canvas.translate(total, 28)
        self._canvas.doForm(PAGES)
        self._canvas.restoreState()
        self.y = TOP

    def _turn(self) -> None:
        self._canvas.showPage()
        self._begin()
        self.running()

    def need(self, height: float) -> None:
        """Turns the page where less than `height` is left, unless no page has as much."""
        if self.y - height < BOTTOM and height <= TOP - BOTTOM - 30:
            self._turn()

    def gap(self, height: float) -> None:
        self.y -= height

    def line(self, y: float, colour: str = RULE) -> None:
        self._canvas.setStrokeColor(HexColor(colour))
        self._canvas.setLineWidth(0.5)
        self._canvas.line(LEFT, y, RIGHT, y)

    def heading(self, text: str, room: float = 60.0) -> None:
        """The title of a section, also among the bookmarks; not at the foot of a page without its text."""
        self.need(room + 30)
        self.gap(14 if self.y < TOP else 0)
        key = f"section-{self._keys}"
        self._keys += 1
        self._canvas.bookmarkHorizontal(key, 0, self.y + 16)
        self._canvas.addOutlineEntry(drawable(text), key)
        self.text(text, Style(BOLD, 11))
        self.gap(3)

    def text(self, text: str, style: Style = PLAIN) -> None:
        """A paragraph over the whole width."""
        self.columns([Column(LEFT, wrapped(text, style, WHOLE))], style.size * 1.32)

    def columns(self, columns: Sequence[Column], leading: float = 10.4, bar: str = "", mark: str = "") -> None:
        """A row of a table. It is kept on one page where it can be; `bar` is the colour of a bar at its left, `mark`
        that of its ground."""
        height = max((len(column.lines) for column in columns), default=0)
        self.need(height * leading)
        done = 0
        while done < height:
            room = int((self.y - BOTTOM) / leading)
            if room < 1:
                self._turn()
                continue
            until = min(height, done + room)
            self._ground((until - done) * leading, leading, bar, mark)
            for column in columns:
                self._set(column, done, until, leading)
            self.y -= (until - done) * leading
            done = until

    def _ground(self, height: float, leading: float, bar: str, mark: str) -> None:
        lower = self.y - height - 0.22 * leading
        for colour, x, width in ((mark, LEFT - 4, WHOLE + 8), (bar, LEFT - 10, 2.5)):
            if colour:
                self._canvas.setFillColor(HexColor(colour))
                self._canvas.rect(x, lower, width, height, stroke=0, fill=1)

    def _set(self, column: Column, start: int, end: int, leading: float) -> None:
        lines = column.lines[start:end]
        if not column.is_right:
            self._draw(column.x, self.y - leading, lines, leading)
            return
        for number, piece in enumerate(lines, 1):
            self._draw(column.x - length(piece), self.y - number * leading, [piece], 0)

    def _draw(self, x: float, y: float, lines: Iterable[Piece], leading: float) -> None:
        # By hand: the canvas's own text objects take half of the time of a long report.
        code = [f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm {leading:.2f} TL"]
        style: Style | None = None
        subset = -1
        for piece in lines:
            if piece.style != style:
                style, subset = piece.style, -1
                code.append(_fill(style.colour))
            face = font(piece.style.font)
            for part, raw in face.splitString(piece.text, self._document):
                if part != subset:
                    subset = part
                    code.append(f"{face.getSubsetInternalName(part, self._document)} {piece.style.size:.2f} Tf")
                code.append(_string(raw) + " Tj")
            code.append("T*")
        code.append("ET")
        self._canvas._code.append(" ".join(code))  # noqa: SLF001

    def share(self, x: float, width: float) -> None:
        """A thin bar under the row that was set last."""
        self._canvas.setFillColor(HexColor(STRONG))
        self._canvas.rect(x, self.y - 4, width, 1.6, stroke=0, fill=1)

    def picture(self, picture: Picture) -> None:
        """A chart over the whole width, with its title above and its words below."""
        scale = WHOLE / WIDTH
        words = wrapped(picture.description, FINE, WHOLE)
        self.need(HEIGHT * scale + 20 + len(words) * 9 + 14)
        self.text(picture.title, HEAVY)
        self.gap(4)
        canvas = self._canvas
        canvas.saveState()
        # From here on as the picture counts: from the upper left corner, downwards.
        canvas.translate(LEFT, self.y)
        canvas.scale(scale, -scale)
        canvas.setLineWidth(0.8)
        for rule in picture.rules:
            canvas.setStrokeColor(HexColor(STRONG if rule.strong else RULE))
            canvas.line(rule.x1, rule.y1, rule.x2, rule.y2)
        canvas.setFillColor(HexColor(ACCENT))
        for bar in picture.bars:
            canvas.rect(bar.x, bar.y, bar.width, bar.height, stroke=0, fill=1)
        for stroke in (*picture.samples, *picture.strokes):
            self._stroke(stroke)
        canvas.restoreState()
        for label in (*picture.key, *picture.labels):
            piece = Piece(drawable(label.text), Style(REGULAR, TEXT * scale, QUIET))
            shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor] * length(piece)
            self._draw(LEFT + label.x * scale - shift, self.y - label.y * scale, [piece], 0)
        self.y -= HEIGHT * scale
        self.columns([Column(LEFT, words)], 9)
        self.gap(10)

    def _stroke(self, stroke: Stroke) -> None:
        colour, dashes = SERIES[stroke.series % len(SERIES)]
        self._canvas.setStrokeColor(HexColor(colour))
        self._canvas.setDash([*dashes])
        self._canvas.setLineWidth(2)
        path = self._canvas.beginPath()
        path.moveTo(*stroke.points[0])
        for point in stroke.points[1:]:
            path.lineTo(*point)
        self._canvas.drawPath(path, stroke=1, fill=0)

    def end(self) -> None:
        """Writes the last page, and what all pages share."""
        self._canvas.showPage()
        self._canvas.beginForm(PAGES, 0, -4, 60, 12)
        self._draw(0, 0, [Piece(f"{self._number:,}", FINE)], 0)
        self._canvas.endForm()
        self._document.GetPDFData(self._canvas)
