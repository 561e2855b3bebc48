"""The timeline: events over time by kind, the own stream's events as marks, and the cursor that winds everything.

It shows what it is told by the `show_…` methods and says by signals what the hand and the keyboard ask for; whoever
owns it decides. A frame costs pixels: bars are buckets that the read side has counted.
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from explorer.application.found import FoundRow
from explorer.application.stream_view import Mark
from explorer.application.timeline import SECOND, Activity, Viewport
from explorer.application.trust import Damage
from explorer.gui.panels.plain import tip
from explorer.gui.timeline_access import ValuedWidget
from explorer.gui.timeline_canvas import Canvas
from explorer.gui.timeline_colours import TimelineColours
from explorer.gui.timeline_damage import DamageLines
from explorer.gui.timeline_findings import FindingSigns
from explorer.gui.timeline_flags import FlagPoles
from explorer.gui.timeline_hand import KEYS, NOTCH, PAN, SHIFT_KEYS, WHEEL_ZOOM, Pan, Scrub, looked
from explorer.gui.timeline_legend import Legend
from explorer.gui.timeline_under import Under
from explorer.gui.timeline_words import EMPTY, moment_in_words, scale_in_words
from explorer.projections.bookmarks import BookmarkRow

RING = 2
"""Pixels of the frame that shows the focus."""
LINES = 11
"""The height that is wished for, in lines of text; about 160 pixels."""

_OURS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class TimelineView(ValuedWidget):
    """Drag scrubs, the wheel zooms about the pointer, Shift or the middle button pans."""

    time_dragged = Signal(object)
    """int, µs UTC: the cursor is being dragged here, or was placed here by a click."""
    drag_finished = Signal(object)
    """int, µs UTC: the cursor was let go here. It stays here until the next `show_cursor`."""
    viewport_requested = Signal(object)
    """Viewport: what is wished for, and shown at once; the next `show_viewport` decides."""
    frame_requested = Signal()
    """What is selected is to be framed."""
    bookmark_requested = Signal()
    """The moment is to be marked."""
    mark_clicked = Signal(int)
    """The position of the event whose mark, flag, or sign of damage, was clicked."""
    step_requested = Signal(str)
    """Step: which way the keyboard goes."""

    def __init__(self, colours: TimelineColours, parent: QWidget, zone: tzinfo | None = None) -> None:
        """Times are shown in `zone`; None is the system's own."""
        super().__init__(parent)
        self._zone = zone
        self._colours = colours
        self._extent: tuple[int, int] | None = None
        self._viewport: Viewport | None = None
        self._cursor: tuple[int | None, bool] = (None, True)
        self._hand: Scrub | Pan | None = None
        self._pointer: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription(
            "Left and Right go from event to event, with Shift within the stream; Home and End go to the start and to "
            "now; Space plays; W and S zoom, A and D move the view, 0 shows all, F frames the selection, M marks "
            "the moment, F2 goes to the next bookmark, F8 to the next damaged event where there is one."
        )
        self.legend = Legend(colours, self)
        self.canvas = Canvas(zone, colours, self)
        self.damage = DamageLines(self.canvas)
        self.findings = FindingSigns(self.canvas)
        self.flags = FlagPoles(self.canvas)
        for layer in (self.findings, self.damage, self.flags):
            self.canvas.add(layer)
        self._under = Under(self.canvas, self.damage, self.flags, self.findings)
        column = QVBoxLayout(self)
        column.setContentsMargins(RING, RING, RING, RING)
        column.setSpacing(0)
        column.addWidget(self.legend)
        column.addWidget(self.canvas, 1)

    # What is shown

    def show_activity(self, activity: Activity) -> None:
        """Counts by bucket and kind; best of the level that `level_for` names."""
        if activity is not self.canvas.bars.activity:
            self.canvas.bars.show_activity(activity)
            self._tell_note()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """The own stream's events, in the order of their times."""
        if marks is not self.canvas.lane.marks:
            self.canvas.lane.show_marks(marks)

    def show_damage(self, damage: Mapping[int, Damage]) -> None:
        """The events that a verification has named, in the order of their positions."""
        self.damage.show_damage(damage)
        self.legend.set_seen(self.legend.seen._replace(damaged=len(damage)))

    def show_flags(self, flags: Sequence[BookmarkRow]) -> None:
        """The bookmarks in view, in the order of their positions."""
        self.flags.show_flags(flags)
        self.legend.set_seen(self.legend.seen._replace(bookmarked=bool(flags)))

    def show_found(self, found: Sequence[FoundRow]) -> None:
        """What rules have found in view, in the order of its positions."""
        self.findings.show_found(found)
        self.legend.set_seen(self.legend.seen._replace(found=bool(found)))

    def show_cursor(self, time: int | None, *, at_now: bool) -> None:
        """Where everything is wound to, µs UTC; None is before the first event. Ignored while the hand holds it."""
        changed = self._cursor != (time, at_now)
        self._cursor = time, at_now
        self._draw_cursor()
        if changed:
            self.tell_value()

    def show_extent(self, first: int | None, last: int | None) -> None:
        """The times of the first and the last event, µs UTC; None and None where there are no events yet."""
        extent = None if first is None or last is None else (first, last)
        if extent != self._extent:
            self._extent = extent
            self.canvas.show_viewport(self._viewport if extent is not None else None)
            self._draw_cursor()
            self._tell_note()

    def show_viewport(self, viewport: Viewport) -> None:
        if viewport != self._viewport:
            self._viewport = viewport
            if self._extent is not None:
                self.canvas.show_viewport(viewport)
                self._tell_note()

    def set_theme(self, colours: TimelineColours) -> None:
        self._colours = colours
        self.legend.set_colours(colours)
        self.canvas.set_colours(colours)
        self.update()

    @property
    def viewport(self) -> Viewport | None:
        return self._viewport

    @property
    def plot_width(self) -> int:
        """Pixels between the left and right edge of the viewport, for `level_for`."""
        return self.canvas.room.width

    def _tell_note(self) -> None:
        is_shown = self._extent is not None and self._viewport is not None
        self.legend.set_note(scale_in_words(self.canvas.bars.activity, self._viewport) if is_shown else "")

    def _draw_cursor(self) -> None:
        if isinstance(self._hand, Scrub):
            return
        time, at_now = self._cursor
        if self._extent is None:
            time = None
        elif time is None:
            at_now, time = False, self._extent[0] - 1
        words = "Now" if at_now else moment_in_words(self._cursor[0], self._zone)
        self.canvas.show_cursor(time, words, at_now=at_now)

    # The value, for those who do not see it

    def value_range(self) -> tuple[float, float]:
        """Seconds since the first event."""
        return (0.0, (self._extent[1] - self._extent[0]) / SECOND) if self._extent is not None else (0.0, 0.0)

    def value_now(self) -> float:
        time, _ = self._cursor
        return (time - self._extent[0]) / SECOND if time is not None and self._extent is not None else 0.0

    def value_in_words(self) -> str:
        time, at_now = self._cursor
        if self._extent is None:
            return EMPTY
        return f"{moment_in_words(time, self._zone)}, {'now' if at_now else 'in the past'}"

    def take_value(self, value: float) -> None:
        if self._extent is not None:
            time = self._extent[0] + round(value * SECOND)
            self.time_dragged.emit(time)
            self.drag_finished.emit(time)

    # The hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._viewport is None or self._extent is None or self._hand is not None:
            return
        QToolTip.hideText()
        x = self._x_of(event.position())
        is_left = event.button() == Qt.MouseButton.LeftButton
        is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.MiddleButton or (is_left and is_shifted):
            self._hand = Pan(x, self._viewport)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif is_left:
            self._grasp(event.position(), x)

    def _grasp(self, point: QPointF, x: float) -> None:
        assert self._viewport is not None
        event, line = self._event_under(point), self.canvas.curtain.line
        is_on_line = line is not None and abs(x - line) <= self._reach()
        # Grabbed beside its middle, the line does not jump.
        offset = x - line if is_on_line and line is not None else 0.0
        time = self._viewport.time_at(x, self.plot_width)
        self._hand = Scrub(x, offset, event, moves=event is None and not is_on_line, time=time)
        if self._hand.moves:
            self._drag(self._hand, x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = self._pointer = self._x_of(event.position())
        match self._hand:
            case Pan() as pan:
                self._ask_for(pan.viewport.panned((pan.pressed - x) / max(1, self.plot_width)))
            case Scrub() as scrub:
                scrub.moves = scrub.moves or abs(x - scrub.pressed) >= QApplication.startDragDistance()
                if scrub.moves:
                    self._drag(scrub, x)
            case None:
                self._hover(event)

    def _drag(self, scrub: Scrub, x: float) -> None:
        assert self._viewport is not None
        scrub.time = self._viewport.time_at(x - scrub.offset, self.plot_width)
        # The line follows the hand at once; everything else follows when it is answered.
        self.canvas.show_cursor(scrub.time, moment_in_words(scrub.time, self._zone), at_now=False)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.time_dragged.emit(scrub.time)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        del event
        hand, self._hand = self._hand, None
        self.unsetCursor()
        if isinstance(hand, Scrub):
            if hand.moves:
                self.drag_finished.emit(hand.time)
            elif hand.event is not None:
                self.mark_clicked.emit(hand.event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()
        if self._viewport is None:
            return
        across, down = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            across, down = across or down, 0
        if down:
            about = self._viewport.time_at(self._x_of(event.position()), self.plot_width)
            self._ask_for(self._viewport.zoomed(about, WHEEL_ZOOM ** (down / NOTCH)))
        elif across:
            self._ask_for(self._viewport.panned(-PAN * across / NOTCH))

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        QToolTip.hideText()
        super().leaveEvent(event)

    def _x_of(self, point: QPointF) -> float:
        return point.x() - self.canvas.x()

    def _reach(self) -> int:
        """Pixels within which the line or a mark is hit."""
        return max(5, self.fontMetrics().height() // 2)

    def mark_under(self, point: QPointF) -> Mark | None:
        """The mark at a point of this widget."""
        return self._under.mark(point - self.canvas.pos(), self._reach())

    def _event_under(self, point: QPointF) -> int | None:
        """The position of what can be clicked at a point."""
        return self._under.event(point - self.canvas.pos(), self._reach())

    def _ask_for(self, viewport: Viewport) -> None:
        if self._extent is not None:
            clamped = viewport.clamped(Viewport.fitted(*self._extent))
            if clamped != self._viewport:
                self.show_viewport(clamped)
                self.viewport_requested.emit(clamped)

    # What is under the pointer, in words

    def _hover(self, event: QMouseEvent) -> None:
        point, line = event.position(), self.canvas.curtain.line
        is_in_plot = 0 <= point.y() - self.canvas.y() < self.canvas.room.height
        if not is_in_plot or self._viewport is None or self._extent is None:
            QToolTip.hideText()
            self.unsetCursor()
            return
        if self._event_under(point) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif line is not None and abs(self._x_of(point) - line) <= self._reach():
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.unsetCursor()
        where = QRect(point.toPoint(), QSize(1, 1))
        QToolTip.showText(event.globalPosition().toPoint() + QPoint(0, 2), tip(self.words_at(point)), self, where)

    def words_at(self, point: QPointF) -> str:
        """What is at a point of this widget, as plain text of several lines."""
        return self._under.words(point - self.canvas.pos(), self._reach(), self._zone)

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & ~_OURS or not (self._steps(event) or self._looks_elsewhere(event)):
            super().keyPressEvent(event)

    def _steps(self, event: QKeyEvent) -> bool:
        keys = SHIFT_KEYS if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else KEYS
        step = keys.get(Qt.Key(event.key()))
        if step is not None:
            self.step_requested.emit(step)
        return step is not None

    def _looks_elsewhere(self, event: QKeyEvent) -> bool:
        if self._viewport is None or self._extent is None:
            return False
        if event.key() in (Qt.Key.Key_F, Qt.Key.Key_M):
            (self.frame_requested if event.key() == Qt.Key.Key_F else self.bookmark_requested).emit()
            return True
        wished = looked(event.key(), self._viewport, self._middle(), Viewport.fitted(*self._extent))
        if wished is not None:
            self._ask_for(wished)
        return wished is not None

    def _middle(self) -> int:
        """What the keyboard zooms about: the pointer, else the cursor if it is in view, else the middle."""
        assert self._viewport is not None
        if self._pointer is not None:
            return self._viewport.time_at(self._pointer, self.plot_width)
        time, _ = self._cursor
        if time is not None and self._viewport.contains(time):
            return time
        return self._viewport.start + self._viewport.span // 2

    # The widget

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(60 * line, LINES * line)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(12 * line, 8 * line)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            # Under a style sheet Qt does not hand a parent's font on.
            self.legend.setFont(self.font())
            self.canvas.setFont(self.font())
            self.canvas.lay_out()
        super().changeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._colours.background))
        if self.hasFocus():
            pen = QPen(QColor(self._colours.accent), RING)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
