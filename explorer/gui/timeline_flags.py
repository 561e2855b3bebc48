"""Bookmarks in the timeline: a flag on a thin pole over the full height. They lie over the veil, like damage."""

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from explorer.gui.timeline_canvas import Canvas, Item
from explorer.gui.timeline_signs import flag, side_of_sign
from explorer.projections.bookmarks import BookmarkRow


class FlagPoles(Item):
    """One pole for all bookmarks within a pixel."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.scene_now, canvas, 3)
        self.bookmarks: Sequence[BookmarkRow] = ()
        self._times: Sequence[int] = ()
        self.setVisible(False)

    def show_flags(self, flags: Sequence[BookmarkRow]) -> None:
        """In the order of their positions, which is that of their times."""
        if flags is not self.bookmarks:
            self.bookmarks, self._times = flags, [row.time for row in flags]
            self.setVisible(bool(flags))
            self.update()

    @property
    def places(self) -> list[int]:
        """Where there are poles in view, in pixels."""
        room, viewport = self._scene.room, self._scene.viewport
        if viewport is None:
            return []
        first, end = bisect_left(self._times, viewport.start), bisect_left(self._times, viewport.end)
        return sorted({round(viewport.x_of(time, room.width)) for time in self._times[first:end]})

    def near(self, x: float, reach: float) -> list[BookmarkRow]:
        """The bookmarks of the pole that is nearest to a pixel, the first of them first; none beyond `reach`."""
        room, viewport = self._scene.room, self._scene.viewport
        place = min(self.places, key=lambda place: abs(place - x), default=None)
        if viewport is None or place is None or abs(place - x) > reach:
            return []
        return [row for row in self.bookmarks if round(viewport.x_of(row.time, room.width)) == place]

    @property
    def height(self) -> int:
        """Pixels from the top within which a flag can be hit; below, its pole is only to be seen."""
        return self._scene.room.top + 1 + self._side

    @property
    def _side(self) -> int:
        return side_of_sign(QFontMetrics(self._scene.font).height())

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        room, _, colours, _ = self._scene
        # Below the cursor's grip, which would hide it.
        side, head = self._side, room.top + 1
        image = flag(side, colours.accent, painter.device().devicePixelRatioF())
        painter.setPen(QPen(QColor(colours.accent), 1))
        for x in self.places:
            painter.setOpacity(0.45)
            painter.drawLine(x, head + side, x, room.height)
            painter.setOpacity(1)
            painter.drawImage(QPointF(x - 1, head), image)
