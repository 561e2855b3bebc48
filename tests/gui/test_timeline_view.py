"""The timeline under the hand and the keyboard."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.application.timeline import SECOND, Viewport
from explorer.gui.theme import LIGHT
from explorer.gui.timeline_view import TimelineView
from tests.gui.timeline_stage import (
    BARS,
    DAY,
    FIRST,
    HOUR,
    LAST,
    LEFT,
    MIDDLE,
    NONE,
    SHIFT,
    SIZE,
    WEEK,
    Heard,
    fill,
    lane,
    marks,
    picture,
    press,
    shown,
    time_at,
    wheel,
    x_of,
)


@pytest.fixture
def empty(qtbot: QtBot) -> Iterator[TimelineView]:
    with shown(qtbot) as made:
        yield made


@pytest.fixture
def view(empty: TimelineView) -> TimelineView:
    fill(empty)
    return empty


@pytest.fixture
def heard(view: TimelineView) -> Heard:
    return Heard(view)


# Scrubbing


def test_dragging_says_the_times_under_the_hand(view: TimelineView, heard: Heard) -> None:
    QTest.mousePress(view, LEFT, pos=QPoint(300, BARS))
    for x in (320, 350):
        QTest.mouseMove(view, QPoint(x, BARS))
    QTest.mouseRelease(view, LEFT, pos=QPoint(350, BARS))
    assert heard.take() == [
        ("dragged", time_at(view, 300)),
        ("dragged", time_at(view, 320)),
        ("dragged", time_at(view, 350)),
        ("finished", time_at(view, 350)),
    ]


def test_a_click_places_the_cursor(view: TimelineView, heard: Heard) -> None:
    QTest.mouseClick(view, LEFT, pos=QPoint(300, BARS))
    time = time_at(view, 300)
    assert heard.take() == [("dragged", time), ("finished", time)]
    assert abs(time - (WEEK.start + WEEK.span * 3 // 10)) < HOUR


def test_beyond_the_edge_the_cursor_stays_at_the_edge(view: TimelineView, heard: Heard) -> None:
    QTest.mousePress(view, LEFT, pos=QPoint(300, BARS))
    QTest.mouseMove(view, QPoint(-500, BARS))
    QTest.mouseRelease(view, LEFT, pos=QPoint(-500, BARS))
    assert heard.take()[1:] == [("dragged", WEEK.start), ("finished", WEEK.start)]


def test_the_line_is_grabbed_beside_its_middle_and_does_not_jump(view: TimelineView, heard: Heard) -> None:
    view.show_cursor(FIRST + 2 * DAY, at_now=False)
    line = x_of(view, FIRST + 2 * DAY)
    QTest.mousePress(view, LEFT, pos=QPoint(line + 4, BARS))
    assert heard.take() == []
    QTest.mouseMove(view, QPoint(line + 104, BARS))
    QTest.mouseRelease(view, LEFT, pos=QPoint(line + 104, BARS))
    assert heard.take() == [("dragged", time_at(view, line + 100)), ("finished", time_at(view, line + 100))]


def test_the_line_that_is_only_touched_stays(view: TimelineView, heard: Heard) -> None:
    QTest.mouseClick(view, LEFT, pos=QPoint(x_of(view, LAST) - 3, BARS))
    assert heard.take() == []
    assert view.canvas.curtain.at_now


def test_while_the_hand_holds_the_cursor_answers_do_not_move_it(view: TimelineView) -> None:
    QTest.mousePress(view, LEFT, pos=QPoint(300, BARS))
    view.show_cursor(FIRST, at_now=False)
    view.show_extent(FIRST, LAST + SECOND)
    assert view.canvas.curtain.line == 300 - view.canvas.x()
    QTest.mouseRelease(view, LEFT, pos=QPoint(300, BARS))
    assert view.canvas.curtain.line == 300 - view.canvas.x()
    view.show_cursor(FIRST + DAY, at_now=False)
    assert view.canvas.curtain.line == x_of(view, FIRST + DAY) - view.canvas.x()


def test_a_mark_is_clicked(view: TimelineView, heard: Heard) -> None:
    own = marks(20, 60, 100)
    view.show_marks(own)
    QTest.mouseClick(view, LEFT, pos=QPoint(x_of(view, own[1].time) + 2, lane(view)))
    assert heard.take() == [("mark", own[1].position)]


def test_dragging_from_a_mark_scrubs(view: TimelineView, heard: Heard) -> None:
    own = marks(20)
    view.show_marks(own)
    x = x_of(view, own[0].time)
    QTest.mousePress(view, LEFT, pos=QPoint(x, lane(view)))
    QTest.mouseMove(view, QPoint(x + 60, lane(view)))
    QTest.mouseRelease(view, LEFT, pos=QPoint(x + 60, lane(view)))
    assert heard.take() == [("dragged", time_at(view, x + 60)), ("finished", time_at(view, x + 60))]


def test_above_the_lane_no_mark_is_hit(view: TimelineView) -> None:
    own = marks(20)
    view.show_marks(own)
    x = x_of(view, own[0].time)
    assert view.mark_under(QPointF(x, lane(view))) == own[0]
    assert view.mark_under(QPointF(x, BARS)) is None
    assert view.mark_under(QPointF(x + 30, lane(view))) is None


def test_an_empty_timeline_says_so_and_nothing_else(empty: TimelineView) -> None:
    heard = Heard(empty)
    QTest.mouseClick(empty, LEFT, pos=QPoint(300, BARS))
    QTest.mouseMove(empty, QPoint(310, BARS))
    wheel(empty, 300, 1)
    for key in "WSAD0F":
        press(empty, key)
    assert heard.take() == []
    assert empty.value_in_words() == "No events yet"
    assert empty.words_at(QPointF(300, BARS)) == ""


# Looking elsewhere


@pytest.mark.parametrize("x", [100, 500, 900])
@pytest.mark.parametrize("notches", [1, 0.25, 3])
def test_the_wheel_zooms_about_the_pointer(view: TimelineView, heard: Heard, x: int, notches: float) -> None:
    about = time_at(view, x)
    wheel(view, x, notches)
    zoomed = heard.viewport()
    assert zoomed.span == pytest.approx(WEEK.span * 0.8**notches, rel=1e-6)
    assert zoomed.x_of(about, view.plot_width) == pytest.approx(WEEK.x_of(about, view.plot_width), abs=1)


def test_what_is_wished_for_is_shown_at_once_and_the_owner_decides(view: TimelineView, heard: Heard) -> None:
    wheel(view, 500, 1)
    assert view.viewport == heard.viewport()
    view.show_viewport(WEEK)
    assert view.viewport == WEEK


def test_zooming_out_ends_at_everything(view: TimelineView, heard: Heard) -> None:
    view.show_viewport(Viewport(FIRST + DAY, FIRST + 2 * DAY))
    wheel(view, 200, -40)
    assert heard.viewport() == WEEK
    wheel(view, 200, -40)
    assert heard.take() == []


def test_shift_and_the_wheel_pan(view: TimelineView, heard: Heard) -> None:
    view.show_viewport(Viewport(FIRST + DAY, FIRST + 2 * DAY))
    wheel(view, 500, -1, SHIFT)
    assert heard.viewport() == Viewport(FIRST + DAY, FIRST + 2 * DAY).panned(0.15)


@pytest.mark.parametrize(("button", "modifiers"), [(LEFT, SHIFT), (MIDDLE, NONE)])
def test_the_background_is_dragged(
    view: TimelineView, heard: Heard, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier
) -> None:
    start = Viewport(FIRST + DAY, FIRST + 2 * DAY)
    view.show_viewport(start)
    QTest.mousePress(view, button, modifiers, QPoint(500, BARS))
    assert view.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    for x in (450, 400):
        QTest.mouseMove(view, QPoint(x, BARS))
        assert heard.viewport() == start.panned((500 - x) / view.plot_width)
    QTest.mouseRelease(view, button, modifiers, QPoint(400, BARS))
    assert heard.take() == []
    assert view.cursor().shape() == Qt.CursorShape.ArrowCursor


STEPS: list[tuple[Qt.Key, Qt.KeyboardModifier, str]] = [
    (Qt.Key.Key_Left, NONE, "previous"),
    (Qt.Key.Key_Right, NONE, "next"),
    (Qt.Key.Key_Left, SHIFT, "previous_in_stream"),
    (Qt.Key.Key_Right, SHIFT, "next_in_stream"),
    (Qt.Key.Key_Home, NONE, "start"),
    (Qt.Key.Key_End, NONE, "now"),
    (Qt.Key.Key_PageUp, NONE, "page_back"),
    (Qt.Key.Key_PageDown, NONE, "page_on"),
    (Qt.Key.Key_Space, NONE, "play"),
]


@pytest.mark.parametrize(("key", "modifiers", "step"), STEPS)
def test_keys_go_through_time(
    view: TimelineView, heard: Heard, key: Qt.Key, modifiers: Qt.KeyboardModifier, step: str
) -> None:
    QTest.keyClick(view, key, modifiers)
    assert heard.take() == [("step", step)]


@pytest.mark.parametrize("modifiers", [Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier])
def test_the_window_s_own_keys_are_left_to_it(view: TimelineView, heard: Heard, modifiers: Qt.KeyboardModifier) -> None:
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_W, Qt.Key.Key_Space):
        QTest.keyClick(view, key, modifiers)
    assert heard.take() == []


def test_keys_look_elsewhere(view: TimelineView, heard: Heard) -> None:
    day = Viewport(FIRST + DAY, FIRST + 2 * DAY)
    wanted: dict[str, Callable[[], Viewport]] = {
        "A": lambda: day.panned(-0.15),
        "D": lambda: day.panned(0.15),
        "W": lambda: day.zoomed(FIRST + DAY + DAY // 4, 0.7),
        "S": lambda: day.zoomed(FIRST + DAY + DAY // 4, 1 / 0.7),
        "0": lambda: WEEK,
    }
    view.show_cursor(FIRST + DAY + DAY // 4, at_now=False)
    for key, viewport in wanted.items():
        view.show_viewport(day)
        press(view, key)
        assert heard.viewport() == viewport()
    press(view, "F")
    assert heard.take() == [("frame", None)]


def test_keys_zoom_about_the_pointer_or_the_middle(view: TimelineView, heard: Heard) -> None:
    day = Viewport(FIRST + DAY, FIRST + 2 * DAY)
    view.show_viewport(day)
    press(view, "W")  # the cursor is out of sight
    assert heard.viewport() == day.zoomed(FIRST + DAY + DAY // 2, 0.7)
    view.show_viewport(day)
    QTest.mouseMove(view, QPoint(200, BARS))
    press(view, "W")
    assert heard.viewport() == day.zoomed(time_at_in(day, view, 200), 0.7)


def time_at_in(viewport: Viewport, view: TimelineView, x: int) -> int:
    return viewport.time_at(x - view.canvas.x(), view.plot_width)


def test_a_click_takes_the_focus_and_a_ring_shows_it(view: TimelineView, qtbot: QtBot) -> None:
    accent = QColor(LIGHT.accent).rgb()
    view.window().activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.clearFocus()
    assert picture(view).pixel(0, SIZE[1] // 2) != accent
    QTest.mouseClick(view, LEFT, pos=QPoint(300, BARS))
    qtbot.waitUntil(view.hasFocus)
    shown = picture(view)
    edges = ((0, 90), (1, 90), (998, 90), (999, 90), (500, 0), (500, 1), (500, 170), (500, 171))
    assert [shown.pixel(x, y) for x, y in edges] == [accent] * len(edges)
