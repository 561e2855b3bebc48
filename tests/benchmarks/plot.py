"""The picture of growth: the time of a frame against the events of the store, which grow tenfold from tick to tick."""

import math
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication

from tests.benchmarks.painting import FRAME
from tests.benchmarks.table import Row, number

WIDTH, HEIGHT = 1_040, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 300, 50, 50
COLOURS = ("#1f5fa8", "#b3541e", "#2e7d4f", "#7a4a9e")

Line = tuple[str, list[tuple[int, float]]]
"""A legend, and (events, p95 in ms) rising."""


def lines_of(rows: Sequence[Row]) -> list[Line]:
    """What was measured at several sizes: frames, or, where none were, whole answers."""
    for subject in ("frames", "answers"):
        found: dict[str, list[tuple[int, float]]] = {}
        for row in rows:
            if row.subject == subject and row.unit == "ms" and row.figure is not None and "(wanted)" not in row.what:
                found.setdefault(row.what, []).append((row.events, row.figure))
        if found:
            return [(what, sorted(points)) for what, points in found.items()]
    return []


def draw(rows: Sequence[Row], path: Path) -> None:
    """Writes a PNG in light colours. Needs no screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _Plot(painter, lines_of(rows)).draw()
    finally:
        painter.end()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(path)):
        raise OSError(f"The picture cannot be written to {path}.")
    del app


class _Plot:
    """Draws the axes and the lines; all events on a log scale across, milliseconds upwards from 0."""

    def __init__(self, painter: QPainter, lines: list[Line]) -> None:
        self._painter, self._lines = painter, lines
        points = [point for _, line in lines for point in line] or [(1, 1.0)]
        self._first = math.floor(math.log10(min(events for events, _ in points)))
        self._last = max(self._first + 1, math.ceil(math.log10(max(events for events, _ in points))))
        self._highest = max(FRAME * 1.15, *(value * 1.1 for _, value in points))

    def _at(self, events: float, value: float) -> QPointF:
        across = (math.log10(events) - self._first) / (self._last - self._first)
        return QPointF(
            LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - value / self._highest * (HEIGHT - TOP - BOTTOM)
        )

    def draw(self) -> None:
        painter = self._painter
        painter.setFont(QFont("sans", 10))
        painter.setPen(QColor("#222222"))
        is_frames = any("questions" not in what for what, _ in self._lines)
        title = "p95 of a frame" if is_frames else "p95 of all questions of a frame, without painting"
        painter.drawText(QRectF(LEFT, 14, WIDTH, 24), Qt.AlignmentFlag.AlignLeft, f"{title} (ms) against events")
        self._axes()
        for place, (what, points) in enumerate(self._lines):
            self._line(place, what, points)

    def _axes(self) -> None:
        painter = self._painter
        for exponent in range(self._first, self._last + 1):
            below = self._at(10**exponent, 0)
            painter.setPen(QColor("#e3e3e3"))
            painter.drawLine(below, QPointF(below.x(), TOP))
            painter.setPen(QColor("#444444"))
            text = QRectF(below.x() - 60, below.y() + 8, 120, 20)
            painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, f"{10**exponent:,}")
        digit = 10 ** math.floor(math.log10(self._highest))
        step = digit if self._highest > 4 * digit else digit / 2
        for tick in range(int(self._highest / step) + 1):
            left = self._at(10**self._first, tick * step)
            painter.setPen(QColor("#e3e3e3"))
            painter.drawLine(left, QPointF(WIDTH - RIGHT, left.y()))
            painter.setPen(QColor("#444444"))
            text = QRectF(0, left.y() - 10, LEFT - 8, 20)
            painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{tick * step:g}")
        limit = self._at(10**self._first, FRAME)
        painter.setPen(QPen(QColor("#c0392b"), 1.2, Qt.PenStyle.DashLine))
        painter.drawLine(limit, QPointF(WIDTH - RIGHT, limit.y()))
        painter.drawText(QPointF(WIDTH - RIGHT + 8, limit.y() + 4), f"{number(FRAME)} ms: 60 frames a second")

    def _line(self, place: int, what: str, points: list[tuple[int, float]]) -> None:
        painter, colour = self._painter, QColor(COLOURS[place % len(COLOURS)])
        painter.setPen(QPen(colour, 2.2))
        spots = [self._at(events, value) for events, value in points]
        for before, after in pairwise(spots):
            painter.drawLine(before, after)
        painter.setBrush(colour)
        for spot in spots:
            painter.drawEllipse(spot, 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        left, top = WIDTH - RIGHT + 8, HEIGHT - BOTTOM - 22 * (len(self._lines) - place)
        painter.drawText(QRectF(left, top, RIGHT - 12, 22), Qt.AlignmentFlag.AlignLeft, what)
