"""The shapes of the timeline, drawn alike in the legend and where they stand for something.

Each is smoothed once, so that painting it is copying. They are images, since a pixmap must not outlive the
application.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPolygonF

from explorer.application.kinds import Kind

_CORNERS: Mapping[Kind, tuple[tuple[float, float], ...]] = {
    "added": ((0.5, 0.1), (0.95, 0.9), (0.05, 0.9)),
    "changed": ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)),
    "removed": ((0.05, 0.1), (0.95, 0.1), (0.5, 0.9)),
    "done": ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)),
}
"""In a square of side 1, y downward."""


@contextmanager
def drawn(side: int, ratio: float) -> Generator[tuple[QImage, QPainter]]:
    """An empty square of `side` pixels for a screen of `ratio` device pixels a pixel, and what draws in it."""
    image = QImage(QSize(side, side) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    yield image, painter
    painter.end()


@lru_cache(maxsize=64)
def sign(kind: Kind, side: int, colour: str, ratio: float) -> QImage:
    """A kind's shape."""
    with drawn(side, ratio) as (image, painter):
        _draw(painter, kind, side, QColor(colour))
    return image


def _draw(painter: QPainter, kind: Kind, side: int, colour: QColor) -> None:
    line = QPen(colour, max(1.5, side / 6))
    if kind in _CORNERS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colour))
        painter.drawPolygon(QPolygonF([QPointF(x * side, y * side) for x, y in _CORNERS[kind]]))
    elif kind == "opened":
        painter.setPen(line)
        inset = line.widthF() / 2 + side * 0.06
        painter.drawEllipse(QRectF(inset, inset, side - 2 * inset, side - 2 * inset))
    elif kind == "abandoned":
        painter.setPen(line)
        near, far = side * 0.15, side * 0.85
        painter.drawLine(QPointF(near, near), QPointF(far, far))
        painter.drawLine(QPointF(near, far), QPointF(far, near))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colour))
        painter.drawEllipse(QPointF(side / 2, side / 2), side * 0.22, side * 0.22)


@lru_cache(maxsize=8)
def cross(side: int, colour: str, ink: str, ratio: float) -> QImage:
    """The sign of damage: a cross in a disc."""
    with drawn(side, ratio) as (image, painter):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(side / 2, side / 2), side / 2, side / 2)
        painter.setPen(QPen(QColor(ink), max(1.5, side / 7)))
        near, far = side * 0.3, side * 0.7
        painter.drawLine(QPointF(near, near), QPointF(far, far))
        painter.drawLine(QPointF(near, far), QPointF(far, near))
    return image


@lru_cache(maxsize=8)
def triangle(side: int, colour: str, ground: str, ratio: float, *, is_filled: bool) -> QImage:
    """The sign of a finding; filled where it is an error."""
    with drawn(side, ratio) as (image, painter):
        pen = QPen(QColor(colour), max(1.0, side / 9))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(QColor(colour if is_filled else ground))
        inset = pen.widthF() / 2
        painter.drawPolygon(
            QPolygonF([QPointF(side / 2, inset), QPointF(side - inset, side - inset), QPointF(inset, side - inset)])
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground if is_filled else colour))
        wide = max(1.2, side / 8)
        painter.drawRect(QRectF(side / 2 - wide / 2, side * 0.38, wide, side * 0.3))
        painter.drawRect(QRectF(side / 2 - wide / 2, side * 0.74, wide, wide))
    return image


@lru_cache(maxsize=8)
def flag(side: int, colour: str, ratio: float) -> QImage:
    """The sign of a bookmark: a cloth to the right of its pole, which is the left edge."""
    with drawn(side, ratio) as (image, painter):
        painter.setPen(QPen(QColor(colour), 2))
        painter.drawLine(1, 1, 1, side)
        painter.setBrush(QColor(colour))
        painter.drawPolygon(QPolygonF([QPointF(2, 1), QPointF(side - 1, side * 0.35), QPointF(2, side * 0.7)]))
    return image


def side_of_sign(line: int) -> int:
    """How large a sign is beside text of a line's height; odd, so that it has a middle."""
    return line * 2 // 3 | 1


def indent_of_labels(line: int) -> int:
    """Where labels begin beside an edge or a tick, for text of a line's height."""
    return max(3, line // 4)
