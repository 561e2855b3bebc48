"""Damaged events in the timeline: a broken line in red over the full height, with a cross in a disc at its head.

They lie above everything, the veil over the future too: what is wrong with the log is wrong at every moment.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from explorer.application.trust import Damage
from explorer.gui.timeline_canvas import Canvas, Item
from explorer.gui.timeline_signs import cross, side_of_sign


class DamageLines(Item):
    """One line for all that are damaged within a pixel."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.scene_now, canvas, 3)
        self.damage: Sequence[Damage] = ()
        self._times: Sequence[int] = ()
        self.setVisible(False)

    def show_damage(self, damage: Mapping[int, Damage]) -> None:
        """In the order of their positions, which is that of their times."""
        self.damage = tuple(damage.values())
        self._times = [one.time for one in self.damage]
        self.setVisible(bool(damage))
        self.update()

    @property
    def places(self) -> list[int]:
        """Where there are lines in view, in pixels."""
        room, viewport = self._scene.room, self._scene.viewport
        if viewport is None:
            return []
        first, end = bisect_left(self._times, viewport.start), bisect_left(self._times, viewport.end)
        return sorted({round(viewport.x_of(time, room.width)) for time in self._times[first:end]})

    def near(self, x: float, reach: float) -> list[Damage]:
        """The damaged events of the line that is nearest to a pixel, the first of them first; none beyond `reach`."""
        room, viewport = self._scene.room, self._scene.viewport
        place = min(self.places, key=lambda place: abs(place - x), default=None)
        if viewport is None or place is None or abs(place - x) > reach:
            return []
        return [one for one in self.damage if round(viewport.x_of(one.time, room.width)) == place]

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        room, _, colours, font = self._scene
        side = side_of_sign(QFontMetrics(font).height())
        pen = QPen(QColor(colours.danger), 2)
        pen.setDashPattern([3, 1.5])
        image = cross(side, colours.danger, colours.background, painter.device().devicePixelRatioF())
        # Below the cursor's grip, which would hide it.
        head, free = room.top + 1, -side
        for x in self.places:
            painter.setPen(pen)
            painter.drawLine(x, 0, x, room.height)
            if x - free >= side:
                painter.drawImage(QPointF(x - side // 2, head), image)
                free = x
