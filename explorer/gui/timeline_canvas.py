"""What the timeline draws: stacked bars, the own stream's marks, and the cursor with its veil over the future.

All items stand in pixels: `Viewport` says where a time is, exactly at any zoom, as pyqtgraph's floating point seconds
could not. What is drawn is reckoned when the model changes and kept until it changes again; a cursor that moves
repaints the strip between where it was and where it is.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPolygon
from PySide6.QtWidgets import QGraphicsItem, QWidget

from explorer.application.colouring import Coloured
from explorer.application.kinds import Kind
from explorer.application.stream_view import Mark
from explorer.application.timeline import (
    NO_ACTIVITY,
    Activity,
    Cluster,
    Viewport,
    clusters,
    runs,
    stacked,
)
from explorer.gui.theme import RULE_COLOURS
from explorer.gui.timeline_axis import TimeAxis
from explorer.gui.timeline_colours import TimelineColours
from explorer.gui.timeline_signs import side_of_sign, sign
from explorer.gui.timeline_words import EMPTY

VEIL = 175
"""Of 255: how much of the background lies over what had not happened yet."""


class Room(NamedTuple):
    """The plot in pixels: bars from `top` to `lane`, marks from `lane` to `height`."""

    width: int
    height: int
    top: int
    lane: int


class Scene(NamedTuple):
    """What all items share."""

    room: Room
    viewport: Viewport | None
    colours: TimelineColours
    font: QFont


class Item(pg.GraphicsObject):
    """A layer over the whole plot."""

    def __init__(self, scene: Scene, canvas: "Canvas", level: int, *, is_kept: bool = True) -> None:
        """What `is_kept` is painted once, into a picture that is copied until the item is updated."""
        super().__init__(canvas.getViewBox())
        self._scene = scene
        if is_kept:
            self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setZValue(level)

    def show_scene(self, scene: Scene) -> None:
        if scene.room != self._scene.room:
            self.prepareGeometryChange()
        self._scene = scene
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._scene.room.width, self._scene.room.height)


class Backdrop(Item):
    """Lines where larger units begin, the ground line of the bars, and what is said where there are none."""

    def __init__(self, scene: Scene, canvas: "Canvas", axis: TimeAxis) -> None:
        super().__init__(scene, canvas, -1)
        self._axis = axis

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        room, viewport, colours, font = self._scene
        if viewport is None:
            painter.setFont(font)
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.boundingRect(), Qt.AlignmentFlag.AlignCenter, EMPTY)
            return
        painter.setPen(QColor(colours.grid))
        painter.drawLine(0, room.lane, room.width, room.lane)
        for tick in self._axis.ticks.major:
            x = round(viewport.x_of(tick.time, room.width))
            painter.drawLine(x, 0, x, room.height)


class Bars(Item):
    """Events over time, stacked by kind. `builds` counts how often they were reckoned anew, `paints` painted."""

    def __init__(self, scene: Scene, canvas: "Canvas") -> None:
        super().__init__(scene, canvas, 0)
        self.activity = NO_ACTIVITY
        self.builds = self.paints = 0
        self._rects: dict[Kind, list[QRect]] | None = None
        self._ratio = 1.0

    def show_scene(self, scene: Scene) -> None:
        if (scene.room, scene.viewport) != (self._scene.room, self._scene.viewport):
            self._rects = None
        super().show_scene(scene)

    def show_activity(self, activity: Activity) -> None:
        self.activity = activity
        self._rects = None
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        self.paints += 1
        ratio = painter.device().devicePixelRatioF()
        if self._rects is None or ratio != self._ratio:
            self._rects, self._ratio = self._build(ratio), ratio
        painter.scale(1 / ratio, 1 / ratio)
        painter.setPen(Qt.PenStyle.NoPen)
        for kind, rects in self._rects.items():
            painter.setBrush(QColor(self._scene.colours.kinds[kind]))
            painter.drawRects(rects)

    def _build(self, ratio: float) -> dict[Kind, list[QRect]]:
        """In the screen's own pixels, of which `ratio` make one of ours: at 1.5 gaps would differ otherwise."""
        self.builds += 1
        room, viewport = self._scene.room, self._scene.viewport
        if viewport is None:
            return {}
        width, top, ground = (round(length * ratio) for length in (room.width, room.top, room.lane))
        found = stacked(self.activity, viewport, width, ground - top, line=max(1, round(ratio)))
        return {kind: [QRect(x, top + y, w, h) for x, y, w, h in boxes] for kind, boxes in found.items()}


class Crowd(NamedTuple):
    """How marks that cannot be told apart are shown."""

    ticks: list[QRect]
    coloured: list[tuple[QRect, Coloured]]
    """The ticks of those of which a colour rule holds, over the others."""
    pill: QRect
    words: str


class Lane(Item):
    """The own stream's events: each by itself with its shape, or where they crowd, ticks and their number."""

    def __init__(self, scene: Scene, canvas: "Canvas") -> None:
        super().__init__(scene, canvas, 1)
        self.marks: Sequence[Mark] = ()
        self.coloured: Mapping[int, Coloured] = {}
        self.times: Sequence[int] = ()
        self._clusters: list[Cluster] | None = None
        self._crowds: list[Crowd] = []
        self._side = 0

    def show_scene(self, scene: Scene) -> None:
        if (scene.room, scene.viewport, scene.font) != (self._scene.room, self._scene.viewport, self._scene.font):
            self._clusters = None
        super().show_scene(scene)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self.marks = marks
        self.times = [mark.time for mark in marks]
        self._clusters = None
        self.update()

    def show_coloured(self, coloured: Mapping[int, Coloured]) -> None:
        """What colour rules say of marks, by their positions."""
        if coloured != self.coloured:
            self.coloured = coloured
            self._clusters = None
            self.update()

    @property
    def clusters(self) -> list[Cluster]:
        if self._clusters is None:
            room, viewport, _, font = self._scene
            metrics = QFontMetrics(font)
            self._side = side_of_sign(metrics.height())
            together = metrics.horizontalAdvance("0000")
            alone = self._side + 2
            if any(mark.events > 1 for mark in self.marks):
                # Even one mark is a number then, and a longer one.
                alone = together = metrics.horizontalAdvance("000,000")
            self._clusters = clusters(self.times, viewport, room.width, alone, together) if viewport else []
            self._crowds = [self._crowd(cluster, metrics) for cluster in self._clusters if self._events(cluster) > 1]
        return self._clusters

    @property
    def crowds(self) -> Sequence[Crowd]:
        """Of the clusters, those of more than one event."""
        return self._crowds if self.clusters else []

    def crowd_of(self, mark: Mark) -> int:
        """How many events, in view, stand where this mark stands."""
        index = self.marks.index(mark)
        return next((self._events(cluster) for cluster in self.clusters if cluster.first <= index < cluster.end), 1)

    def _events(self, cluster: Cluster) -> int:
        """A mark may stand for several events itself."""
        return sum(mark.events for mark in self.marks[cluster.first : cluster.end])

    def _crowd(self, cluster: Cluster, metrics: QFontMetrics) -> Crowd:
        room, viewport = self._scene.room, self._scene.viewport
        assert viewport is not None
        top, height = room.lane + 2, room.height - room.lane - 3
        marks = self.marks[cluster.first : cluster.end]
        held = {
            round(viewport.x_of(mark.time, room.width)): self.coloured[mark.position]
            for mark in marks
            if mark.position in self.coloured
        }
        letters = "".join(sorted({coloured.letter for coloured in held.values()}))
        # For the number there is always room; for letters only where the crowd is wide enough.
        words = f"{self._events(cluster):,}"
        if letters and metrics.horizontalAdvance(f"{words} {letters}") <= cluster.right - cluster.left:
            words = f"{words} {letters}"
        width = metrics.horizontalAdvance(words) + metrics.averageCharWidth()
        pill = QRect(round((cluster.left + cluster.right) / 2) - width // 2, top, width, height)
        stretches = runs(self.times[cluster.first : cluster.end], viewport, room.width)
        return Crowd(
            [QRect(left, top, right - left, height) for left, right in stretches],
            [(QRect(x - 1, top, 3, height), coloured) for x, coloured in held.items()],
            pill,
            words,
        )

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        room, _, colours, font = self._scene
        alone = [cluster for cluster in self.clusters if self._events(cluster) == 1]
        ratio, y = painter.device().devicePixelRatioF(), room.lane + (room.height - room.lane - self._side + 1) // 2
        for cluster in alone:
            mark = self.marks[cluster.first]
            place = QPoint(round(cluster.left) - self._side // 2, y)
            if (coloured := self.coloured.get(mark.position)) is not None:
                self._paint_tag(painter, coloured, place)
                continue
            painter.drawImage(place, sign(mark.kind, self._side, colours.kinds[mark.kind], ratio))
        painter.setFont(font)
        for crowd in self._crowds:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.muted))
            painter.drawRects(crowd.ticks)
            for tick, coloured in crowd.coloured:
                painter.fillRect(tick, QColor(colours.kinds[RULE_COLOURS[coloured.colour]]))
            painter.setBrush(QColor(colours.muted))
            painter.drawRect(crowd.pill)
            painter.setPen(QColor(colours.ink_on(colours.muted)))
            painter.drawText(crowd.pill, Qt.AlignmentFlag.AlignCenter, crowd.words)

    def _paint_tag(self, painter: QPainter, coloured: Coloured, place: QPoint) -> None:
        """The bar and letter of the colour rule that holds of an event, in the place of its shape."""
        room, _, colours, font = self._scene
        bar = QRect(place.x(), room.lane + 1, self._side, room.height - room.lane - 1)
        painter.fillRect(bar, QColor(colours.kinds[RULE_COLOURS[coloured.colour]]))
        painter.setFont(font)
        painter.setPen(QColor(colours.background))
        painter.drawText(bar, Qt.AlignmentFlag.AlignCenter, coloured.letter)


class Curtain(Item):
    """The cursor, and in the past the veil over everything right of it."""

    def __init__(self, scene: Scene, canvas: "Canvas") -> None:
        super().__init__(scene, canvas, 2, is_kept=False)
        self.line: int | None = None
        self.at_now = True

    def show_at(self, x: int | None, *, at_now: bool) -> None:
        """Repaints the strip that changes; all right of the cursor only when the veil comes or goes."""
        before, was_now = self.line, self.at_now
        self.line, self.at_now = x, at_now
        if before is None or x is None or was_now != at_now:
            self.update()
        elif before != x:
            reach = self._reach()
            self.update(QRectF(min(before, x) - reach, 0, abs(x - before) + 2 * reach + 1, self._scene.room.height))

    def _reach(self) -> int:
        """Pixels on either side of the line's middle that the grip takes."""
        return max(4, self._scene.room.top // 2 + 1)

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        if self.line is None:
            return
        room, colours, x = self._scene.room, self._scene.colours, self.line
        if not self.at_now:
            veil = QColor(colours.background)
            veil.setAlpha(VEIL)
            painter.fillRect(QRect(x, 0, room.width - x, room.height), veil)
        ground = QColor(colours.accent if self.at_now else colours.past)
        painter.fillRect(QRect(x - 2, 0, 5, room.height), ground)
        # Its core is drawn in ink: amber alone is faint on white.
        painter.fillRect(QRect(x, 0, 1, room.height), QColor(colours.background if self.at_now else colours.text))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawPolygon(self._grip(x))

    def _grip(self, x: int) -> QPolygon:
        """A handle at the top that points down to the line."""
        half, foot = self._reach() - 1, self._scene.room.top - 1
        corners = ((-half, 0), (half + 1, 0), (half + 1, foot - half), (1, foot), (0, foot), (-half, foot - half))
        return QPolygon([QPoint(x + across, max(0, down)) for across, down in corners])


class Canvas(pg.PlotWidget):
    """The plot with its axis. It only shows; the hand and the keyboard are `TimelineView`'s."""

    def __init__(self, zone: tzinfo | None, colours: TimelineColours, parent: QWidget) -> None:
        axis = TimeAxis(zone, colours, parent.font())
        super().__init__(parent, axisItems={"bottom": axis}, enableMenu=False)
        self.axis = axis
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hideButtons()
        self.hideAxis("left")
        self.setMouseEnabled(x=False, y=False)
        self.disableAutoRange()
        self.getPlotItem().layout.setContentsMargins(0, 0, 0, 0)
        self._scene = Scene(Room(0, 0, 0, 0), None, colours, self.font())
        self.backdrop = Backdrop(self._scene, self, axis)
        self.bars = Bars(self._scene, self)
        self.lane = Lane(self._scene, self)
        self.curtain = Curtain(self._scene, self)
        self._items: list[Item] = [self.backdrop, self.bars, self.lane, self.curtain]
        self._cursor: tuple[int | None, bool, str] = (None, True, "")
        self.getViewBox().sigResized.connect(self.lay_out)
        self.set_colours(colours)

    @property
    def room(self) -> Room:
        return self._scene.room

    @property
    def scene_now(self) -> Scene:
        return self._scene

    def add(self, item: Item) -> None:
        """One more layer, which is told of every scene."""
        self._items.append(item)

    def lay_out(self) -> None:
        """To be called when the font has changed."""
        font, box = self.font(), self.getViewBox()
        line = QFontMetrics(font).height()
        self.axis.set_font(font)
        width, height = round(box.width()), round(box.height())
        room = Room(width, height, top=line * 2 // 3, lane=max(0, height - line - 2))
        self._show(self._scene._replace(room=room, font=font))

    def set_colours(self, colours: TimelineColours) -> None:
        self.setBackground(colours.background)
        self.axis.set_colours(colours)
        self._show(self._scene._replace(colours=colours))

    def show_viewport(self, viewport: Viewport | None) -> None:
        self._show(self._scene._replace(viewport=viewport))

    def show_cursor(self, time: int | None, words: str, *, at_now: bool) -> None:
        """`words` say on the axis where it is; a time of None hides it."""
        self._cursor = time, at_now, words
        room, viewport, colours, _ = self._scene
        if time is None or viewport is None:
            self.curtain.show_at(None, at_now=at_now)
            self.axis.show_flag(None, words, colours.accent)
            return
        x = round(viewport.x_of(time, room.width))
        is_seen = 0 <= x <= room.width
        # Out of sight, it leaves a veil over all or over nothing.
        self.curtain.show_at(max(-room.width, min(x, 2 * room.width)), at_now=at_now)
        self.axis.show_flag(x if is_seen else None, words, colours.accent if at_now else colours.past)

    def paint_now(self) -> None:
        """Qt repaints the window at once for a scene that has changed, wherever that falls: best when all is ready."""
        QCoreApplication.sendPostedEvents(self.scene(), QEvent.Type.MetaCall.value)

    def _show(self, scene: Scene) -> None:
        self._scene = scene
        self.axis.show_viewport(scene.viewport, scene.room.width)
        for item in self._items:
            item.show_scene(scene)
        time, at_now, words = self._cursor
        self.show_cursor(time, words, at_now=at_now)
