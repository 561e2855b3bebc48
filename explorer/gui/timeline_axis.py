"""The calendar below the timeline's plot, and the flag on it that says where the cursor is."""

from datetime import tzinfo

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem

from explorer.application.ticks import Tick, Ticks, ticks
from explorer.application.timeline import Viewport
from explorer.gui.timeline_colours import TimelineColours
from explorer.gui.timeline_signs import indent_of_labels

NO_TICKS = Ticks((), (), ())


class TimeAxis(pg.AxisItem):
    """Two rows: the clock (or days, or months), and below it the days (or months, or years) in which that lies.

    It asks `explorer.application.ticks` for what pyqtgraph's own axis would compute without local time.
    """

    def __init__(self, zone: tzinfo | None, colours: TimelineColours, font: QFont) -> None:
        super().__init__(orientation="bottom")
        self.setStyle(tickLength=0)
        self._zone = zone
        self._colours = colours
        self._viewport: Viewport | None = None
        self._width = 0
        self.ticks = NO_TICKS
        self.flag = Flag(colours, font, self)
        self.set_font(font)

    def set_font(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._line = round(self._metrics.height())
        self.setHeight(2 * self._line + self._line // 3)
        self.flag.set_font(font)
        self._reckon()

    def set_colours(self, colours: TimelineColours) -> None:
        self._colours = colours
        self.flag.set_colours(colours)
        self.update()

    def show_viewport(self, viewport: Viewport | None, width: int) -> None:
        """What lies above, `width` pixels wide; None where there is nothing to date."""
        if (viewport, width) != (self._viewport, self._width):
            self._viewport, self._width = viewport, width
            self._reckon()
        self.flag.set_room(QRectF(0, 0, width, self._line))

    def show_flag(self, x: float | None, text: str, ground: str) -> None:
        """See `Flag.show_at`. Labels make way for it."""
        before = self.flag.place
        self.flag.show_at(x, text, ground)
        widest = self._metrics.horizontalAdvance(max((tick.label for tick in self.ticks.minor), key=len, default=""))
        reach = widest + self._indent()
        for place in (before, self.flag.place):
            if not place.isEmpty():
                # A label that it hid may reach out on either side.
                self.update(place.adjusted(-reach, 0, reach, 0))

    def _reckon(self) -> None:
        character = self._metrics.horizontalAdvance("0")
        self.ticks = NO_TICKS
        if self._viewport is not None:
            self.ticks = ticks(self._viewport, self._width, character, self._zone)
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        painter.setFont(self._font)
        painter.setPen(QColor(self._colours.grid))
        painter.drawLine(QPointF(0, 0), QPointF(self._width, 0))
        if self._viewport is not None:
            self._paint_row(painter, self.ticks.minor, 0, self._colours.muted)
            self._paint_row(painter, self.ticks.major, self._line, self._colours.text)
            self._paint_context(painter)

    def _x_of(self, tick: Tick) -> int:
        assert self._viewport is not None
        return round(self._viewport.x_of(tick.time, self._width))

    def _paint_row(self, painter: QPainter, row: tuple[Tick, ...], top: int, ink: str) -> None:
        """Each label stands to the right of its tick; where the edge or the flag would cut it, it is left out."""
        indent, line = self._indent(), top + self._line
        for tick in row:
            x = self._x_of(tick)
            painter.setPen(QColor(self._colours.grid))
            painter.drawLine(QPointF(x, 0), QPointF(x, line))
            place = QRectF(x + indent, top, self._metrics.horizontalAdvance(tick.label), self._line)
            if place.right() <= self._width and not place.intersects(self.flag.place):
                painter.setPen(QColor(ink))
                painter.drawText(place.topLeft() + QPointF(0, 1 + self._metrics.ascent()), tick.label)

    def _paint_context(self, painter: QPainter) -> None:
        """The day in which the view begins, if there is room for it before the next day begins."""
        indent, major = self._indent(), self.ticks.major
        end = self._x_of(major[0]) if major else self._width
        fitting = (name for name in self.ticks.context if 2 * indent + self._metrics.horizontalAdvance(name) <= end)
        painter.setPen(QColor(self._colours.text))
        painter.drawText(QPointF(indent, self._line + 1 + self._metrics.ascent()), next(fitting, ""))

    def _indent(self) -> int:
        return indent_of_labels(self._line)


class Flag(pg.GraphicsObject):
    """The cursor's time, on the axis under the cursor."""

    def __init__(self, colours: TimelineColours, font: QFont, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self._colours = colours
        self._font = font
        self._room = QRectF()
        self.place = QRectF()
        self._ground = colours.accent
        self.text = ""

    def set_font(self, font: QFont) -> None:
        self._font = font

    def set_colours(self, colours: TimelineColours) -> None:
        self._colours = colours

    def set_room(self, room: QRectF) -> None:
        if room != self._room:
            self.prepareGeometryChange()
            self._room = room

    def show_at(self, x: float | None, text: str, ground: str) -> None:
        """At a pixel of the axis, or (None) nowhere. It stays whole at the edges. The axis repaints it."""
        self.text, self._ground = text, ground
        self.place = QRectF()
        if x is not None:
            metrics = QFontMetricsF(self._font)
            width = round(metrics.horizontalAdvance(text) + metrics.height())
            left = max(0.0, min(x - width / 2, self._room.width() - width))
            self.place = QRectF(round(left), 0, width, self._room.height())

    def boundingRect(self) -> QRectF:
        return self._room

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        if self.place.isEmpty():
            return
        painter.fillRect(self.place, QColor(self._ground))
        painter.setFont(self._font)
        painter.setPen(QColor(self._colours.ink_on(self._ground)))
        metrics = QFontMetricsF(self._font)
        painter.drawText(self.place.topLeft() + QPointF(metrics.height() / 2, 1 + metrics.ascent()), self.text)
