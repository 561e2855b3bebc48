"""The timeline as a widget, driven by mouse and keyboard."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QColor,
    QFont,
    QImage,
    QPaintEvent,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from explorer.application.kinds import KINDS, Kind
from explorer.application.timeline import SECOND, Activity, Mark, Viewport
from explorer.gui.theme import DARK, LIGHT, Theme
from explorer.gui.timeline_colours import TimelineColours, contrast
from explorer.gui.timeline_legend import NAMES
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
        Mark(100 + n, FIRST + round(hour * HOUR), KINDS[n % len(KINDS)], text) for n, hour in enumerate(sorted(hours))
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


@pytest.fixture
def empty(qtbot: QtBot) -> Iterator[TimelineView]:
    holder = QWidget()
    holder.resize(*SIZE)
    made = TimelineView(LIGHT_COLOURS, holder, UTC)
    made.setGeometry(0, 0, *SIZE)
    qtbot.addWidget(holder)
    holder.show()
    qtbot.waitExposed(holder)
    yield made
    QToolTip.hideText()


@pytest.fixture
def view(empty: TimelineView) -> TimelineView:
    """A week's activity, the cursor at now."""
    empty.show_extent(FIRST, LAST)
    empty.show_viewport(WEEK)
    empty.show_activity(week())
    empty.show_cursor(LAST, at_now=True)
    QApplication.processEvents()
    return empty


@pytest.fixture
def heard(view: TimelineView) -> Heard:
    return Heard(view)


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


def test_a_store_that_was_emptied_is_shown_as_empty(view: TimelineView) -> None:
    view.show_extent(None, None)
    assert view.legend.note == ""
    assert view.canvas.curtain.line is None
    plot = picture(view).copy(view.canvas.geometry())
    assert colours_in(plot).isdisjoint(QColor(colour).rgb() for colour in LIGHT.kinds.values())


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


# What a frame costs


class Painted(QObject):
    """How wide the parts were that were painted."""

    def __init__(self, view: TimelineView) -> None:
        super().__init__(view)
        self.widths: list[int] = []
        view.canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.widths.append(event.region().boundingRect().width())
        return False


def test_a_cursor_that_moves_repaints_a_strip_and_rebuilds_nothing(view: TimelineView, qtbot: QtBot) -> None:
    view.show_marks(marks(10, 20, 30))
    view.show_cursor(FIRST + 2 * DAY, at_now=False)
    QApplication.processEvents()
    builds, painted = view.canvas.bars.builds, Painted(view)
    for minute in range(1, 40):
        painted.widths.clear()
        view.show_cursor(FIRST + 2 * DAY + minute * 60 * SECOND * 20, at_now=False)
        qtbot.waitUntil(lambda: bool(painted.widths))
        assert max(painted.widths) < SIZE[0] // 3
    assert view.canvas.bars.builds == builds


def test_the_same_again_repaints_nothing(view: TimelineView) -> None:
    activity, own = week(), marks(10, 20)
    view.show_activity(activity)
    view.show_marks(own)
    QApplication.processEvents()
    builds, painted = view.canvas.bars.builds, Painted(view)
    view.show_activity(activity)
    view.show_marks(own)
    view.show_viewport(Viewport(WEEK.start, WEEK.end))
    view.show_extent(FIRST, LAST)
    QApplication.processEvents()
    assert painted.widths == []
    assert view.canvas.bars.builds == builds


def test_frames_do_not_wear_out_none(view: TimelineView) -> None:
    """PySide6 6.12.0 loses a reference to None with every painting call, which ends CPython 3.11."""
    view.show_marks(marks(*(n / 10 for n in range(200))))
    before = sys.getrefcount(None)
    for frame in range(300):
        view.show_cursor(FIRST + frame * HOUR // 3, at_now=False)
        view.canvas.viewport().repaint()
    assert sys.getrefcount(None) > before - 100


# What is seen


def colours_in(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(image.height())}


def test_the_future_is_veiled_and_now_is_not(view: TimelineView) -> None:
    right, left = x_of(view, FIRST + 4 * DAY), x_of(view, FIRST + 3 * HOUR)
    ground = view.canvas.y() + view.canvas.room.lane - 2
    now = picture(view)
    view.show_cursor(FIRST + 2 * DAY, at_now=False)
    past = picture(view)
    assert past.pixel(left, ground) == now.pixel(left, ground)
    veiled, bare = past.pixelColor(right, ground), now.pixelColor(right, ground)
    assert contrast(veiled.name(), LIGHT.surface) < contrast(bare.name(), LIGHT.surface)
    view.show_cursor(LAST, at_now=True)
    assert picture(view).pixel(right, ground) == now.pixel(right, ground)


def test_before_the_first_event_all_is_future(view: TimelineView) -> None:
    view.show_cursor(None, at_now=False)
    assert view.canvas.curtain.line == x_of(view, FIRST) - view.canvas.x()
    assert not view.canvas.curtain.at_now
    assert view.canvas.axis.flag.text == "Before the first event"


def test_the_flag_says_where_the_cursor_is(view: TimelineView) -> None:
    assert view.canvas.axis.flag.text == "Now"
    view.show_cursor(FIRST + HOUR + SECOND, at_now=False)
    assert view.canvas.axis.flag.text == "Mon 6 Dec 2010 09:00:01"
    assert view.canvas.axis.flag.place.left() == 0
    view.show_viewport(Viewport(FIRST + DAY, FIRST + 2 * DAY))
    assert view.canvas.axis.flag.place.isEmpty()


def test_the_theme_is_switched_live(view: TimelineView) -> None:
    view.show_marks(marks(*range(0, 140, 20)))
    view.show_cursor(FIRST + 5 * DAY, at_now=False)
    seen = [colours_in(picture(view))]
    builds = view.canvas.bars.builds
    view.set_theme(DARK_COLOURS)
    seen.append(colours_in(picture(view)))
    assert view.canvas.bars.builds == builds
    for theme, other, colours in ((LIGHT, DARK, seen[0]), (DARK, LIGHT, seen[1])):
        wanted = {QColor(colour).rgb() for colour in (*theme.kinds.values(), theme.surface, theme.text, theme.past)}
        assert wanted <= colours
        assert QColor(other.surface).rgb() not in colours


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_all_text_is_readable(theme: Theme) -> None:
    colours = TimelineColours.of(theme)
    assert contrast(colours.text, colours.background) >= 4.5
    assert contrast(colours.muted, colours.background) >= 4.5
    for ground in (colours.accent, colours.past, colours.muted):
        assert contrast(colours.ink_on(ground), ground) >= 4.5
    for kind in KINDS:
        assert contrast(colours.kinds[kind], colours.background) >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_kind_has_a_shape_of_its_own(view: TimelineView) -> None:
    from explorer.gui.timeline_legend import sign

    shapes = [sign(kind, 15, "#000000", 1.0) for kind in KINDS]
    assert all(one != other for number, one in enumerate(shapes) for other in shapes[:number])
    assert view.legend.accessibleName() == (
        "Kinds of events: opened, added, changed, removed, checked out, abandoned, other"
    )
    assert list(NAMES) == list(KINDS)


def test_the_scale_is_said(view: TimelineView) -> None:
    view.show_activity(Activity.of(600 * SECOND, [(FIRST, "added", 3), (FIRST, "opened", 1_000)]))
    assert view.legend.note == "one bar = 10 minutes · highest: 1,003 events"
    view.show_viewport(Viewport(FIRST + DAY, FIRST + 2 * DAY))
    assert view.legend.note == "one bar = 10 minutes · highest: 0 events"


def test_marks_that_crowd_are_counted(view: TimelineView) -> None:
    own = marks(10, *(50 + n / 100 for n in range(30)))
    view.show_marks(own)
    assert [cluster.size for cluster in view.canvas.lane.clusters] == [1, 30]
    words = view.words_at(QPointF(x_of(view, own[5].time), lane(view))).splitlines()
    assert words[-1] == "30 events stand here; W zooms in"
    view.show_viewport(Viewport(own[1].time - HOUR // 60, own[-1].time + HOUR // 60))
    assert [cluster.size for cluster in view.canvas.lane.clusters] == [1] * 30


def test_another_font_makes_room_for_itself(view: TimelineView) -> None:
    before = view.canvas.room
    font = QFont(view.font())
    font.setPointSizeF(font.pointSizeF() * 1.5)
    view.setFont(font)
    QApplication.processEvents()
    after = view.canvas.room
    assert after.height - after.lane > before.height - before.lane
    assert after.height < before.height
    assert view.sizeHint().height() > SIZE[1]


def test_the_wished_for_height(view: TimelineView) -> None:
    assert 140 <= view.sizeHint().height() <= 190
    assert view.minimumSizeHint().height() < view.sizeHint().height()


# In words


def test_the_tooltip_of_a_bar(view: TimelineView) -> None:
    view.show_activity(Activity.of(HOUR, [(FIRST + DAY, "added", 3), (FIRST + DAY, "abandoned", 1_200)]))
    x = x_of(view, FIRST + DAY + HOUR // 2)
    words = "Tue 7 Dec 2010 08:00:00 +0000 · 1 hour\n1,203 events\n1,200 abandoned\n3 added"
    assert view.words_at(QPointF(x, BARS)) == words
    QTest.mouseMove(view, QPoint(x, BARS))
    assert shown_as(QToolTip.text()) == words
    assert view.words_at(QPointF(x + 50, BARS)).splitlines()[1] == "no events"


HOSTILE = "<img src=x> <b>bold</b> & <a href='file:///etc/passwd'>here</a>\x00\u202egnp\nsecond"


def shown_as(tooltip: str) -> str:
    """What a reader of a tooltip sees."""
    document = QTextDocument()
    document.setHtml(tooltip)
    return document.toPlainText().replace("\u2028", "\n")


def test_text_of_events_stays_text(view: TimelineView) -> None:
    own = marks(50, text=HOSTILE)
    view.show_marks(own)
    QTest.mouseMove(view, QPoint(x_of(view, own[0].time), lane(view)))
    assert view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    lines = shown_as(QToolTip.text()).splitlines()
    assert lines == [
        "<img src=x> <b>bold</b> & <a href='file:///etc/passwd'>here</a>␀[U+202E]gnp␊second",
        "Event 100 · opened",
        "Wed 8 Dec 2010 10:00:00 +0000",
        "2010-12-08 10:00:00.000000 UTC",
    ]


def test_outside_the_plot_there_is_no_tooltip(view: TimelineView, qtbot: QtBot) -> None:
    QTest.mouseMove(view, QPoint(300, BARS))
    assert QToolTip.text()
    QTest.mouseMove(view, QPoint(300, 4))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


# For those who do not see it


def accessible(view: TimelineView) -> QAccessibleInterface:
    interface = QAccessible.queryAccessibleInterface(view)
    assert interface is not None
    return interface


def test_it_is_a_slider_with_a_name_and_a_value(view: TimelineView) -> None:
    view.show_cursor(FIRST + DAY, at_now=False)
    interface = accessible(view)
    assert interface.role() == QAccessible.Role.Slider
    assert interface.text(QAccessible.Text.Name) == "Timeline"
    assert "Left and Right" in interface.text(QAccessible.Text.Description)
    assert interface.text(QAccessible.Text.Value) == "Tue 7 Dec 2010 08:00:00, in the past"
    view.show_cursor(LAST, at_now=True)
    assert interface.text(QAccessible.Text.Value) == "Sun 12 Dec 2010 08:00:00, now"
    view.show_cursor(None, at_now=False)
    assert interface.text(QAccessible.Text.Value) == "Before the first event, in the past"


def test_its_value_is_seconds_since_the_first_event(view: TimelineView, heard: Heard) -> None:
    view.show_cursor(FIRST + DAY, at_now=False)
    # Not `interface.valueInterface()`, which Python would answer: the way that a screen reader takes is through C++.
    value = QAccessibleInterface.valueInterface(accessible(view))
    assert (value.minimumValue(), value.currentValue(), value.maximumValue()) == (0.0, 86_400.0, 6 * 86_400.0)
    value.setCurrentValue(3_600)
    assert heard.take() == [("dragged", FIRST + HOUR), ("finished", FIRST + HOUR)]


def test_what_it_has_not_is_none(view: TimelineView) -> None:
    """By way of C++, as a screen reader asks: a null of the wrong kind ends the process there."""
    interface = accessible(view)
    assert QAccessibleInterface.textInterface(interface) is None
    assert QAccessibleInterface.tableCellInterface(interface) is None
    assert QAccessibleInterface.editableTextInterface(interface) is None
    assert QAccessibleInterface.selectionInterface(interface) is None
    assert QAccessibleInterface.actionInterface(interface) is not None


def test_its_interface_goes_with_it(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    view = TimelineView(LIGHT_COLOURS, holder, UTC)
    accessible(view)
    with qtbot.waitSignal(view.destroyed):
        view.deleteLater()
    del view
    holder.close()
