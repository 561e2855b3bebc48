"""What rules have found, in the timeline: a triangle with a bar in it, at the foot of the bars."""

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetrics, QPainter

from explorer.application.found import FoundRow
from explorer.gui.timeline_canvas import Canvas, Item
from explorer.gui.timeline_signs import side_of_sign, triangle


class FindingSigns(Item):
    """One sign for all that was found within its width."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.scene_now, canvas, 2)
        self.found: Sequence[FoundRow] = ()
        self._times: Sequence[int] = ()
        self.setVisible(False)

    def show_found(self, found: Sequence[FoundRow]) -> None:
        """In the order of their positions, which is that of their times."""
        self.found = found
        self._times = [one.time for one in found]
        self.setVisible(bool(found))
        self.update()

    @property
    def _side(self) -> int:
        return side_of_sign(QFontMetrics(self._scene.font).height())

    @property
    def places(self) -> list[tuple[int, list[FoundRow]]]:
        """Where there are signs in view, in pixels, each with what it stands for."""
        room, viewport = self._scene.room, self._scene.viewport
        if viewport is None:
            return []
        first, end = bisect_left(self._times, viewport.start), bisect_left(self._times, viewport.end)
        found: list[tuple[int, list[FoundRow]]] = []
        for one in self.found[first:end]:
            x = round(viewport.x_of(one.time, room.width))
            if found and x - found[-1][0] < self._side:
                found[-1][1].append(one)
            else:
                found.append((x, [one]))
        return found

    def under(self, point: QPointF) -> list[FoundRow]:
        """What the sign at a point of the canvas stands for."""
        top, side = self._top, self._side
        if self.found and top <= point.y() <= top + side:
            for place, found in self.places:
                if abs(place - point.x()) <= side // 2 + 1:
                    return found
        return []

    @property
    def _top(self) -> int:
        return self._scene.room.lane - self._side - 2

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        side, colours = self._side, self._scene.colours
        ratio = painter.device().devicePixelRatioF()
        for x, found in self.places:
            is_grave = any(one.severity == "error" for one in found)
            image = triangle(side, colours.text, colours.background, ratio, is_filled=is_grave)
            painter.drawImage(QPointF(x - side // 2, self._top), image)
