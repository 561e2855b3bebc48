"""What the colours and shapes of the timeline mean: each kind's sign, drawn alike in the legend and as a mark."""

from collections.abc import Mapping
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.application.kinds import KINDS, Kind
from explorer.gui.timeline_colours import TimelineColours

NAMES: Mapping[Kind, str] = {kind: {"done": "checked out"}.get(kind, kind) for kind in KINDS}

_CORNERS: Mapping[Kind, tuple[tuple[float, float], ...]] = {
    "added": ((0.5, 0.1), (0.95, 0.9), (0.05, 0.9)),
    "changed": ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)),
    "removed": ((0.05, 0.1), (0.95, 0.1), (0.5, 0.9)),
    "done": ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)),
}
"""In a square of side 1, y downward."""


@lru_cache(maxsize=64)
def sign(kind: Kind, side: int, colour: str, ratio: float) -> QImage:
    """A kind's shape in a square of `side` pixels, for a screen of `ratio` device pixels a pixel.

    Smoothed here, once, so that painting it is copying. An image, since a pixmap must not outlive the application.
    """
    image = QImage(QSize(side, side) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw(painter, kind, side, QColor(colour))
    painter.end()
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
    """The sign of damage: a cross in a disc, for a screen of `ratio` device pixels a pixel."""
    image = QImage(QSize(side, side) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QPointF(side / 2, side / 2), side / 2, side / 2)
    painter.setPen(QPen(QColor(ink), max(1.5, side / 7)))
    near, far = side * 0.3, side * 0.7
    painter.drawLine(QPointF(near, near), QPointF(far, far))
    painter.drawLine(QPointF(near, far), QPointF(far, near))
    painter.end()
    return image


class Legend(QWidget):
    """Names with shapes on the left, and on the right a note of what a bar is. What does not fit whole is left out."""

    def __init__(self, colours: TimelineColours, parent: QWidget) -> None:
        super().__init__(parent)
        self._colours = colours
        self._note = ""
        self._damaged = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._name()

    def _name(self) -> None:
        damage = f"; damaged events: {self._damaged:,}" if self._damaged else ""
        self.setAccessibleName("Kinds of events: " + ", ".join(NAMES.values()) + damage)

    @property
    def note(self) -> str:
        return self._note

    def set_note(self, note: str) -> None:
        if note != self._note:
            self._note = note
            self.update()

    def set_damage(self, events: int) -> None:
        """How many events are damaged; the sign is explained only where there are any."""
        if events != self._damaged:
            self._damaged = events
            self._name()
            self.update()

    def set_colours(self, colours: TimelineColours) -> None:
        self._colours = colours
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(40 * line, line + line // 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setPen(QColor(self._colours.text))
        end = self._draw_kinds(painter)
        metrics = self.fontMetrics()
        wanted = metrics.horizontalAdvance(self._note)
        if end + metrics.height() + wanted <= self.width() - self._space():
            painter.setPen(QColor(self._colours.muted))
            place = self.rect().adjusted(0, 0, -indent_of_labels(metrics.height()), 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note)
        painter.end()

    def _space(self) -> int:
        return self.fontMetrics().height() // 2

    def _draw_damage(self, painter: QPainter, x: int, side: int) -> int:
        """Before all else: it is what must be seen. Where the first kind begins."""
        if not self._damaged:
            return x
        metrics, space, words = self.fontMetrics(), self._space(), f"{self._damaged:,} damaged"
        colours = self._colours
        painter.drawImage(
            QPointF(x, (self.height() - side) // 2),
            cross(side, colours.danger, colours.background, self.devicePixelRatioF()),
        )
        painter.setPen(QColor(colours.danger))
        left = x + side + space // 2
        painter.drawText(
            self.rect().adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words
        )
        painter.setPen(QColor(colours.text))
        return left + metrics.horizontalAdvance(words) + 2 * space

    def _draw_kinds(self, painter: QPainter) -> int:
        """Where the last name ends."""
        metrics, space = self.fontMetrics(), self._space()
        side = side_of_sign(metrics.height())
        x = end = self._draw_damage(painter, indent_of_labels(metrics.height()), side)
        for kind, name in NAMES.items():
            end = x + side + space // 2 + metrics.horizontalAdvance(name)
            if end > self.width() - space:
                return x
            image = sign(kind, side, self._colours.kinds[kind], self.devicePixelRatioF())
            painter.drawImage(QPointF(x, (self.height() - side) // 2), image)
            place = self.rect().adjusted(x + side + space // 2, 0, 0, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            x = end + 2 * space
        return end


def side_of_sign(line: int) -> int:
    """How large a sign is beside text of a line's height; odd, so that it has a middle."""
    return line * 2 // 3 | 1


def indent_of_labels(line: int) -> int:
    """Where labels begin beside an edge or a tick, for text of a line's height."""
    return max(3, line // 4)
