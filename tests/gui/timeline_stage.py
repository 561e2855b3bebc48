"""The timeline on a holder of its own, and a week to show in it."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.application.kinds import KINDS, Kind
from explorer.application.stream_view import Mark
from explorer.application.timeline import SECOND, Activity, Viewport
from explorer.gui.theme import DARK, LIGHT
from explorer.gui.timeline_colours import TimelineColours
from explorer.gui.timeline_view import TimelineView

HOUR = 3_600 * SECOND
DAY = 24 * HOUR
FIRST = round(datetime(2010, 12, 6, 8, tzinfo=UTC).timestamp()) * SECOND
LAST = FIRST + 6 * DAY
WEEK = Viewport.fitted(FIRST, LAST)
SIZE = (1_000, 172)
LIGHT_COLOURS, DARK_COLOURS = TimelineColours.of(LIGHT), TimelineColours.of(DARK)
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
BARS = 60
"""Pixels below the top at which there are bars."""


def week(busy: int = 5) -> Activity:
    """An hour's bucket every hour from the first event to the last."""
    rows: list[tuple[int, Kind, int]] = [
        (start, kind, busy + number)
        for start in range(FIRST, LAST, HOUR)
        for number, kind in enumerate(KINDS)
        if (start // HOUR + number) % 3
    ]
    return Activity.of(HOUR, rows)


def marks(*hours: float, text: str = "item added") -> list[Mark]:
    return [
        Mark(100 + n, FIRST + round(hour * HOUR), KINDS[n % len(KINDS)], text, n + 1)
        for n, hour in enumerate(sorted(hours))
    ]


class Heard:
    """What the timeline said, in order."""

    def __init__(self, view: TimelineView) -> None:
        self.said: list[tuple[str, object]] = []
        signals = {
            "dragged": view.time_dragged,
            "finished": view.drag_finished,
            "viewport": view.viewport_requested,
            "mark": view.mark_clicked,
            "step": view.step_requested,
        }
        for name, signal in signals.items():
            signal.connect(partial(self._hear, name))
        view.frame_requested.connect(partial(self._hear, "frame"))

    def _hear(self, name: str, what: object = None) -> None:
        self.said.append((name, what))

    def take(self) -> list[tuple[str, object]]:
        said, self.said = self.said, []
        return said

    def viewport(self) -> Viewport:
        [(name, viewport)] = self.take()
        assert name == "viewport"
        assert isinstance(viewport, Viewport)
        return viewport


def x_of(view: TimelineView, time: int) -> int:
    """In pixels of the widget."""
    assert view.viewport is not None
    return round(view.viewport.x_of(time, view.plot_width)) + view.canvas.x()


def time_at(view: TimelineView, x: int) -> int:
    assert view.viewport is not None
    return view.viewport.time_at(x - view.canvas.x(), view.plot_width)


def lane(view: TimelineView) -> int:
    """The height at which marks stand."""
    return view.canvas.y() + (view.canvas.room.lane + view.canvas.room.height) // 2


def wheel(view: TimelineView, x: int, notches: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    event = QWheelEvent(
        QPointF(x, BARS), QPointF(view.mapToGlobal(QPoint(x, BARS))), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def press(view: TimelineView, letter: str) -> None:
    QTest.keyClick(view, Qt.Key(ord(letter)))


def picture(view: TimelineView) -> QImage:
    return view.grab().toImage()


@contextmanager
def shown(qtbot: QtBot) -> Generator[TimelineView]:
    """On screen, with nothing to show yet."""
    holder = QWidget()
    holder.resize(*SIZE)
    made = TimelineView(LIGHT_COLOURS, holder, UTC)
    made.setGeometry(0, 0, *SIZE)
    qtbot.addWidget(holder)
    holder.show()
    qtbot.waitExposed(holder)
    yield made
    QToolTip.hideText()


def fill(view: TimelineView) -> None:
    """A week's activity, the cursor at now."""
    view.show_extent(FIRST, LAST)
    view.show_viewport(WEEK)
    view.show_activity(week())
    view.show_cursor(LAST, at_now=True)
    QApplication.processEvents()
