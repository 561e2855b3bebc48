"""The timeline: events over time by kind, the own stream's events as marks, and the cursor that winds everything.

A frame costs pixels: bars are buckets that the read side has counted. A cursor move repaints the cursor and the veil
over what had not happened yet, not the plot.
"""

from bisect import bisect_left
from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QGraphicsRectItem, QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from explorer.application.kinds import KINDS, Kind, kind_of, spoken
from explorer.application.timeline import SECOND, WIDTH_NAMES, WIDTHS, Viewport, are_apart, nearest
from explorer.application.view import Activity, Answer, Mark
from explorer.gui.looking import Looking
from explorer.gui.theme import SHAPES, Look, Theme, local_time

LANE = 0.16
"""The share of the height below the bars in which the own stream's marks stand."""
GRAB = 6
"""Pixels within which a mark is hit."""
MARK_GAP = 10
WHEEL_ZOOM = 0.8
KEY_ZOOM = 0.7
KEY_PAN = 0.15
PAGE = 10
"""Events that PageUp and PageDown go."""
SYMBOLS: Mapping[Kind, str] = {
    "opened": "o", "added": "t1", "changed": "d", "removed": "t", "done": "s", "abandoned": "x", "other": "+",
}  # fmt: skip


class Bars(pg.GraphicsObject):
    """Stacked bars of one level of the pyramid; x in seconds, y from LANE to 1."""

    def __init__(self) -> None:
        super().__init__()
        self._rects: list[tuple[Kind, QRectF]] = []
        self._brushes: dict[Kind, QBrush] = {}
        self._bounds = QRectF(0, 0, 1, 1)
        self.highest = 0
        self.counts: dict[int, dict[str, int]] = {}

    def show_activity(self, activity: Activity) -> None:
        width = WIDTHS[activity.level]
        self.counts = {}
        for row in activity.rows:
            self.counts.setdefault(row.start // SECOND, {})[row.type] = row.events
        self.highest = max((sum(types.values()) for types in self.counts.values()), default=0)
        self._rects = []
        for start, types in self.counts.items():
            self._stack(start, width, types)
        self.prepareGeometryChange()
        first, last = min(self.counts, default=0), max(self.counts, default=0) + width
        self._bounds = QRectF(first, 0, last - first, 1)
        self.update()

    def _stack(self, start: int, width: int, types: Mapping[str, int]) -> None:
        by_kind: dict[Kind, int] = {}
        for name, events in types.items():
            by_kind[kind_of(name)] = by_kind.get(kind_of(name), 0) + events
        bottom, scale = LANE, (1 - LANE) * 0.92 / max(1, self.highest)
        for kind in KINDS:
            if kind in by_kind:
                height = by_kind[kind] * scale
                self._rects.append((kind, QRectF(start + width * 0.06, bottom, width * 0.88, height)))
                bottom += height

    def show_theme(self, theme: Theme) -> None:
        self._brushes = {kind: QBrush(QColor(colour)) for kind, colour in theme.kinds.items()}
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        painter.setPen(Qt.PenStyle.NoPen)
        for kind, rect in self._rects:
            painter.fillRect(rect, self._brushes[kind])


class Timeline(QWidget):
    """Plot, legend, and the hand: drag scrubs, wheel zooms about the pointer, Shift or middle button pans."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking = looking
        self._theme = look.theme
        self._activity: Activity | None = None
        self._marks: tuple[Mark, ...] = ()
        self._extent: Viewport | None = None
        self._viewport: Viewport | None = None
        self._pan_from: float | None = None
        self._is_dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")
        self._make_plot()
        self._legend = QLabel(self)
        self._legend.setTextFormat(Qt.TextFormat.RichText)  # our own words only, never an event's
        self._scale = QLabel(self)
        self._scale.setProperty("role", "muted")
        top = QHBoxLayout()
        top.setContentsMargins(8, 0, 8, 0)
        top.addWidget(self._legend)
        top.addStretch(1)
        top.addWidget(self._scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.plot, 1)
        self.setMinimumHeight(self.fontMetrics().height() * 7)
        look.changed.connect(self._show_theme)
        self._show_theme(look.theme)
        looking.answered.connect(self._show)

    def _make_plot(self) -> None:
        self._axis = pg.DateAxisItem(orientation="bottom")
        self.plot = pg.PlotWidget(parent=self, axisItems={"bottom": self._axis})
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.hideAxis("left")
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.disableAutoRange()
        self.plot.setYRange(0, 1, padding=0)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.viewport().installEventFilter(self)
        self.plot.viewport().setMouseTracking(True)
        self._bars = Bars()
        self._dots = pg.ScatterPlotItem(size=9, pxMode=True)
        self._veil = QGraphicsRectItem()
        self._veil.setPen(QPen(Qt.PenStyle.NoPen))
        self._veil.setZValue(5)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.setZValue(10)
        for item in (self._bars, self._dots, self._veil, self._cursor):
            self.plot.addItem(item, ignoreBounds=True)

    # Drawing the answer

    def _show(self, answer: Answer) -> None:
        status = answer.status
        if status.extent is None:
            self._scale.setText("No events yet")
            return
        self._extent = Viewport.fitted(*status.extent)
        wanted = answer.question.viewport or self._extent
        is_zoomed = wanted != self._viewport
        if is_zoomed:
            self._viewport = wanted
            self.plot.setXRange(wanted.start / SECOND, wanted.end / SECOND, padding=0)
        if answer.activity is not self._activity:
            self._activity = answer.activity
            self._bars.show_activity(answer.activity)
            per = WIDTH_NAMES[answer.activity.level]
            self._scale.setText(
                f"{local_time(wanted.start)[:-9]} – {local_time(wanted.end)[:-9]} · bars of {per}, "
                f"the highest {self._bars.highest:,} events"
            )
        if is_zoomed or answer.marks is not self._marks:
            self._marks = answer.marks
            self._show_marks()
        self._show_cursor(status.time if status.as_of else status.extent[0] - SECOND, is_now=status.is_now)
        moment = local_time(status.time) if status.time is not None else "before the first event"
        self.setAccessibleDescription(f"Event {status.as_of:,} of {status.checkpoint:,}, {moment}")
        self.setToolTip("")

    def _show_marks(self) -> None:
        times = [mark.time for mark in self._marks]
        assert self._viewport is not None
        apart = are_apart(times, self._viewport, self.plot.width(), MARK_GAP)
        self._dots.setData(
            x=[time / SECOND for time in times],
            y=[LANE / 2] * len(times),
            symbol=[SYMBOLS[mark.kind] if apart else "s" for mark in self._marks],
            brush=[QColor(self._theme.kinds[mark.kind]) for mark in self._marks],
            pen=[QPen(QColor(self._theme.kinds[mark.kind]), 0) for mark in self._marks],
            size=9 if apart else 3,
        )

    def _show_cursor(self, time: int | None, *, is_now: bool) -> None:
        if time is None or self._extent is None:
            return
        x = time / SECOND
        self._cursor.setPos(x)
        self._cursor.setPen(QPen(QColor(self._theme.accent if is_now else self._theme.past), 0))
        self._veil.setVisible(not is_now)
        self._veil.setRect(QRectF(x, 0, max(0.0, self._extent.end / SECOND + self._extent.span / SECOND - x), 1))

    def _show_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.plot.setBackground(theme.surface)
        for name, colour in (("setPen", theme.line), ("setTextPen", theme.muted)):
            getattr(self._axis, name)(QColor(colour))
        veil = QColor(theme.window)
        veil.setAlpha(190)
        self._veil.setBrush(QBrush(veil, Qt.BrushStyle.SolidPattern))
        self._bars.show_theme(theme)
        self._legend.setText(
            "&nbsp;&nbsp; ".join(
                f'<span style="color:{theme.kinds[kind]}">{SHAPES[kind]}</span> {_name(kind)}' for kind in KINDS
            )
        )
        if self._viewport is not None:
            self._show_marks()
        if self._looking.answer is not None:
            status = self._looking.answer.status
            self._show_cursor(status.time, is_now=status.is_now)

    # The hand

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """The plot's mouse is ours: dragging scrubs instead of panning."""
        del watched  # only the plot is watched
        match event:
            case QMouseEvent() if event.type() == QEvent.Type.MouseButtonPress:
                self._press(event)
            case QMouseEvent() if event.type() == QEvent.Type.MouseMove:
                self._move(event)
            case QMouseEvent() if event.type() == QEvent.Type.MouseButtonRelease:
                self._release()
            case QWheelEvent():
                self._wheel(event)
            case _:
                return False
        return True

    def _time_at(self, point: QPointF) -> int | None:
        if self._viewport is None:
            return None
        return self._viewport.time_at(point.x(), self.plot.viewport().width())

    def _press(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        time = self._time_at(event.position())
        if time is None:
            return
        pans = event.button() == Qt.MouseButton.MiddleButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if pans:
            self._pan_from = event.position().x()
        elif event.button() == Qt.MouseButton.LeftButton:
            mark = self._mark_at(event.position())
            if mark is not None:
                self._looking.go_to(mark.position)
                return
            self._is_dragging = True
            self._drag_to(time)

    def _move(self, event: QMouseEvent) -> None:
        time = self._time_at(event.position())
        if time is None or self._viewport is None:
            return
        if self._pan_from is not None:
            moved = (event.position().x() - self._pan_from) * self._viewport.span / max(1, self.plot.width())
            self._pan_from = event.position().x()
            self._ask(self._viewport.panned(-round(moved)))
        elif self._is_dragging:
            self._drag_to(time)
        else:
            self._tell(event, time)

    def _drag_to(self, time: int) -> None:
        # The line follows the hand at once; everything else follows when it is answered.
        self._show_cursor(time, is_now=False)
        self._looking.drag_to(time)

    def _release(self) -> None:
        self._pan_from = None
        if self._is_dragging:
            self._is_dragging = False
            self._looking.drop()

    def _wheel(self, event: QWheelEvent) -> None:
        time = self._time_at(event.position())
        if time is not None and event.angleDelta().y():
            self._zoom(time, WHEEL_ZOOM if event.angleDelta().y() > 0 else 1 / WHEEL_ZOOM)

    def _mark_at(self, point: QPointF) -> Mark | None:
        time, height = self._time_at(point), self.plot.getViewBox().height()
        if time is None or self._viewport is None or point.y() < height * (1 - LANE):
            return None
        reach = GRAB * self._viewport.span // max(1, self.plot.width())
        index = nearest([mark.time for mark in self._marks], time, reach)
        return self._marks[index] if index is not None else None

    def _tell(self, event: QMouseEvent, time: int) -> None:
        mark = self._mark_at(event.position())
        if mark is not None:
            text = f"{spoken(mark.type)} · event {mark.position:,} · {local_time(mark.time)}"
        else:
            text = self._bar_in_words(time)
        # As plain text: a type's name comes from the log.
        safe = text.replace("&", "&amp;").replace("<", "&lt;")
        QToolTip.showText(event.globalPosition().toPoint(), f"<div style='white-space:pre'>{safe}</div>", self)

    def _bar_in_words(self, time: int) -> str:
        starts = sorted(self._bars.counts)
        place = bisect_left(starts, time // SECOND + 1) - 1
        width = WIDTHS[self._activity.level] if self._activity else 1
        if place < 0 or time // SECOND >= starts[place] + width:
            return local_time(time)
        types = self._bars.counts[starts[place]]
        counted = (f"{events:,} {spoken(name)}" for name, events in sorted(types.items(), key=lambda item: -item[1]))
        return "\n".join((local_time(starts[place] * SECOND), *counted))

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (self._steps(event) or self._views(event)):
            super().keyPressEvent(event)

    def _steps(self, event: QKeyEvent) -> bool:
        in_stream = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = self._looking.step_in_stream if in_stream else self._looking.step
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        pages = {Qt.Key.Key_PageUp: -PAGE, Qt.Key.Key_PageDown: PAGE}
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                step(steps[Qt.Key(event.key())])
            case Qt.Key.Key_PageUp | Qt.Key.Key_PageDown:
                self._looking.step(pages[Qt.Key(event.key())])
            case Qt.Key.Key_Home:
                self._looking.go_to(0)
            case Qt.Key.Key_End:
                self._looking.go_to_now()
            case Qt.Key.Key_Space:
                self._looking.pause() if self._looking.is_playing else self._looking.play()
            case _:
                return False
        return True

    def _views(self, event: QKeyEvent) -> bool:
        if self._viewport is None:
            return False
        middle = self._cursor_time()
        match event.key():
            case Qt.Key.Key_W:
                self._zoom(middle, KEY_ZOOM)
            case Qt.Key.Key_S:
                self._zoom(middle, 1 / KEY_ZOOM)
            case Qt.Key.Key_A | Qt.Key.Key_D:
                sign = -1 if event.key() == Qt.Key.Key_A else 1
                self._ask(self._viewport.panned(round(sign * KEY_PAN * self._viewport.span)))
            case Qt.Key.Key_0:
                self._looking.show_viewport(None, self.plot.width())
            case Qt.Key.Key_F:
                self._frame_stream()
            case _:
                return False
        return True

    def _cursor_time(self) -> int:
        assert self._viewport is not None
        time = round(self._cursor.value() * SECOND)
        return time if self._viewport.contains(time) else self._viewport.start + self._viewport.span // 2

    def _frame_stream(self) -> None:
        if self._marks:
            self._ask(Viewport.fitted(self._marks[0].time, self._marks[-1].time))

    def _zoom(self, about: int, factor: float) -> None:
        if self._viewport is not None:
            self._ask(self._viewport.zoomed(about, factor))

    def _ask(self, viewport: Viewport) -> None:
        if self._extent is not None:
            clamped = viewport.clamped(self._extent)
            self._looking.show_viewport(None if clamped == self._extent else clamped, self.plot.width())


def _name(kind: Kind) -> str:
    return {"done": "checked out"}.get(kind, kind)
