"""A second moment in the timeline: a dashed line with the letter B, and the letter A at the cursor.

The hand places it with Alt, anywhere, or drags it by its line; the keyboard moves it by events. What it does not want
is the timeline's own.
"""

from datetime import tzinfo
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip

from explorer.gui.panels.plain import tip
from explorer.gui.timeline_canvas import Canvas, Item
from explorer.gui.timeline_view import TimelineView
from explorer.gui.timeline_words import moment_in_words

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_STEP_KEYS = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


class SecondLine(Item):
    """Above the veil, since B may lie in the future of A."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.scene_now, canvas, 4, is_kept=False)
        self._canvas = canvas
        self.time: int | None = None
        self.setVisible(False)

    def show_at(self, time: int | None) -> None:
        self.time = time
        self.setVisible(time is not None)
        self.update()

    @property
    def line(self) -> int | None:
        """Where it is, in pixels; None where it is not seen."""
        room, viewport = self._scene.room, self._scene.viewport
        if self.time is None or viewport is None:
            return None
        x = round(viewport.x_of(self.time, room.width))
        return x if 0 <= x <= room.width else None

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        del option, widget
        room, _, colours, font = self._scene
        painter.setFont(font)
        cursor, x = self._canvas.curtain.line, self.line
        if x is not None:
            pen = QPen(QColor(colours.text), 2)
            pen.setDashPattern([4, 3])
            painter.setPen(pen)
            painter.drawLine(x, 0, x, room.height)
        is_seen = cursor is not None and 0 <= cursor <= room.width
        second = self._label(x, is_left=not is_seen or cursor is None or x <= cursor) if x is not None else None
        if second is not None:
            self._letter(painter, "B", second)
        if is_seen and cursor is not None:
            first = self._label(cursor, is_left=x is not None and cursor < x)
            self._letter(painter, "A", first if second is None or not first.intersects(second) else
                         first.translated(0, first.height() + 1))  # fmt: skip

    def _label(self, x: int, *, is_left: bool) -> QRect:
        """The place of a letter: below the cursor's grip, on one side of a line, on the other if there is no room."""
        metrics, room = QFontMetrics(self._scene.font), self._scene.room
        size = QSize(metrics.horizontalAdvance("M") + 4, metrics.height())
        left = QRect(QPoint(x - size.width() - 3, room.top + 1), size)
        right = QRect(QPoint(x + 4, room.top + 1), size)
        if left.left() < 0 or right.right() > room.width:
            return right if left.left() < 0 else left
        return left if is_left else right

    def _letter(self, painter: QPainter, letter: str, place: QRect) -> None:
        colours = self._scene.colours
        painter.fillRect(place, QColor(colours.text))
        painter.setPen(QColor(colours.background))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, letter)


class _Held(NamedTuple):
    """So many pixels lie between the hand and the line."""

    offset: float


class SecondHand(QObject):
    """Looks at what the hand and the keyboard do on a timeline before it does."""

    dragged = Signal(object)
    """int, µs UTC: the second moment is being dragged here, or was placed here."""
    dropped = Signal(object)
    """int, µs UTC: it was let go here."""
    stepped = Signal(int)
    """By so many events."""

    def __init__(self, view: TimelineView, zone: tzinfo | None = None) -> None:
        super().__init__(view)
        self._view, self._zone = view, zone
        self._held: _Held | None = None
        self.line = SecondLine(view.canvas)
        view.canvas.add(self.line)
        view.time_dragged.connect(self._follow)
        view.installEventFilter(self)
        view.setAccessibleDescription(
            f"{view.accessibleDescription()} Alt and Shift with Left and Right move the second moment, B, that is "
            "compared with the cursor."
        )

    @property
    def is_held(self) -> bool:
        return self._held is not None

    def show_at(self, time: int | None) -> None:
        """Ignored while the hand holds it."""
        if self._held is None:
            self.line.show_at(time)

    def _follow(self) -> None:
        """The letter at the cursor goes with it."""
        self.line.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            match event.type():
                case QEvent.Type.MouseButtonPress:
                    return self._press(event)
                case QEvent.Type.MouseMove:
                    return self._move(event)
                case QEvent.Type.MouseButtonRelease:
                    return self._release()
                case _:
                    return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._step(event)
        return super().eventFilter(watched, event)

    def _press(self, event: QMouseEvent) -> bool:
        viewport = self._view.viewport
        if self._held is not None or event.button() != Qt.MouseButton.LeftButton or viewport is None:
            return False
        is_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if not is_alt and not self._is_on_line(event):
            return False
        x, line = self._x_of(event), self.line.line
        is_on_line = line is not None and self._is_on_line(event)
        self._held = _Held(x - line if is_on_line and line is not None else 0.0)
        QToolTip.hideText()
        if not is_on_line:
            self._drag(x)
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if self._held is not None:
            self._drag(self._x_of(event) - self._held.offset)
            return True
        if event.buttons() != Qt.MouseButton.NoButton or not self._is_on_line(event):
            return False
        self._view.setCursor(Qt.CursorShape.SplitHCursor)
        words = f"B: {moment_in_words(self.line.time, self._zone)}\nDrag it, or move it with Alt+Shift+Left and Right"
        where = QRect(event.position().toPoint(), QSize(1, 1))
        QToolTip.showText(event.globalPosition().toPoint() + QPoint(0, 2), tip(words), self._view, where)
        return True

    def _release(self) -> bool:
        held, self._held = self._held, None
        if held is not None:
            self._view.unsetCursor()
            if self.line.time is not None:
                self.dropped.emit(self.line.time)
        return held is not None

    def _drag(self, x: float) -> None:
        viewport = self._view.viewport
        assert viewport is not None
        time = viewport.time_at(x, self._view.plot_width)
        # The line follows the hand at once; what differs follows when it is answered.
        self.line.show_at(time)
        self._view.setCursor(Qt.CursorShape.SplitHCursor)
        self.dragged.emit(time)

    def _is_on_line(self, event: QMouseEvent) -> bool:
        """Where both lines are near, the cursor is meant; and where an event's mark is, that."""
        line, cursor, point = self.line.line, self._view.canvas.curtain.line, event.position()
        y = point.y() - self._view.canvas.y()
        if line is None or not 0 <= y < self._view.canvas.room.height or self._view.mark_under(point) is not None:
            return False
        x, reach = self._x_of(event), max(5, self._view.fontMetrics().height() // 2)
        return abs(x - line) <= reach and (cursor is None or abs(x - line) < abs(x - cursor))

    def _x_of(self, event: QMouseEvent) -> float:
        return event.position().x() - self._view.canvas.x()

    def _step(self, event: QKeyEvent) -> bool:
        step = _STEPS.get(Qt.Key(event.key()))
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if step is None or modifiers != _STEP_KEYS:
            return False
        self.stepped.emit(step)
        return True
