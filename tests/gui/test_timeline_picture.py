"""What the timeline shows, what a frame of it costs, and what it says to those who do not see it."""

import os
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.application.colouring import Coloured
from explorer.application.found import FoundRow
from explorer.application.kinds import KINDS
from explorer.application.timeline import SECOND, Activity, Viewport
from explorer.application.trust import Damage
from explorer.gui.theme import DARK, LIGHT, RULE_COLOURS, Theme
from explorer.gui.timeline_colours import TimelineColours, contrast
from explorer.gui.timeline_legend import NAMES
from explorer.gui.timeline_signs import side_of_sign, sign
from explorer.gui.timeline_view import TimelineView
from explorer.projections.bookmarks import BookmarkRow
from tests.gui.timeline_stage import (
    BARS,
    DARK_COLOURS,
    DAY,
    FIRST,
    HOUR,
    LAST,
    LIGHT_COLOURS,
    SIZE,
    WEEK,
    Heard,
    fill,
    lane,
    marks,
    picture,
    shown,
    week,
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
    bars, painted = view.canvas.bars, Painted(view)
    builds, paints, whole = bars.builds, bars.paints, 0
    for minute in range(1, 40):
        painted.widths.clear()
        view.show_cursor(FIRST + 2 * DAY + minute * 60 * SECOND * 20, at_now=False)
        qtbot.waitUntil(lambda: bool(painted.widths))
        whole += max(painted.widths) >= SIZE[0] // 3
    # A screen may ask for the whole window in the midst of this: for the first time, or because it became active.
    assert whole < 40 // 4
    assert bars.builds == builds
    assert bars.paints <= paints + whole


def test_the_same_again_repaints_nothing(view: TimelineView) -> None:
    activity, own = week(), marks(10, 20)
    view.show_activity(activity)
    view.show_marks(own)
    QApplication.processEvents()
    builds, painted, rounds = view.canvas.bars.builds, Painted(view), list[list[int]]()
    for _ in range(5):
        painted.widths.clear()
        view.show_activity(activity)
        view.show_marks(own)
        view.show_viewport(Viewport(WEEK.start, WEEK.end))
        view.show_extent(FIRST, LAST)
        QApplication.processEvents()
        rounds.append(list(painted.widths))
    # In one of them or another a screen may ask for the whole window, but not in each.
    assert [] in rounds
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


def test_a_store_that_was_emptied_is_shown_as_empty(view: TimelineView) -> None:
    view.show_extent(None, None)
    assert view.legend.note == ""
    assert view.canvas.curtain.line is None
    plot = picture(view).copy(view.canvas.geometry())
    assert colours_in(plot).isdisjoint(QColor(colour).rgb() for colour in LIGHT.kinds.values())


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


@pytest.mark.skipif(
    os.environ.get("QT_QPA_PLATFORM") == "offscreen", reason="what was drawn into memory cannot be read back"
)
def test_labels_that_the_flag_has_hidden_come_back_whole(view: TimelineView, qtbot: QtBot) -> None:
    def seen() -> QImage:
        QApplication.processEvents()
        return view.screen().grabWindow(view.winId()).toImage().convertToFormat(QImage.Format.Format_RGB888)

    for hour in range(60, 10, -1):
        view.show_cursor(FIRST + hour * HOUR, at_now=False)
        QApplication.processEvents()
    # A busy screen shows what was drawn a little later.
    qtbot.waitUntil(lambda: seen() == seen())
    strip_by_strip = seen()
    view.canvas.viewport().update()
    qtbot.waitUntil(lambda: strip_by_strip == seen())


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
    assert contrast(colours.danger, colours.background) >= 4.5
    for ground in (colours.accent, colours.past, colours.muted):
        assert contrast(colours.ink_on(ground), ground) >= 4.5
    for kind in KINDS:
        assert contrast(colours.kinds[kind], colours.background) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_said_of_trust_is_readable(theme: Theme) -> None:
    for ground in (theme.surface, theme.window, theme.raised, theme.danger_soft):
        assert contrast(theme.danger, ground) >= 4.5
    for ground in (theme.surface, theme.window):
        assert contrast(theme.good, ground) >= 4.5
        assert contrast(theme.muted, ground) >= 4.5


# Damage


def damage(*hours: float) -> dict[int, Damage]:
    return {
        100 + n: Damage(100 + n, FIRST + round(hour * HOUR), f"Event {100 + n} was altered")
        for n, hour in enumerate(hours)
    }


@pytest.mark.parametrize("colours", [LIGHT_COLOURS, DARK_COLOURS], ids=["light", "dark"])
def test_damage_is_a_red_line_with_a_cross_even_over_the_future(view: TimelineView, colours: TimelineColours) -> None:
    view.set_theme(colours)
    view.show_cursor(FIRST + 24 * HOUR, at_now=False)
    danger = QColor(colours.danger)
    assert danger.rgb() not in colours_in(picture(view))
    view.show_damage(damage(48))
    image = picture(view)
    x, top = x_of(view, FIRST + 48 * HOUR), view.canvas.y()
    column = [image.pixelColor(x, top + y) for y in range(view.canvas.room.height)]
    red = [y for y, colour in enumerate(column) if colour == danger]
    assert min(red) <= 3
    assert max(red) >= view.canvas.room.height - 6
    assert len(red) < len(column)  # broken, and the middle of the cross is not red
    head = view.canvas.room.top + 1 + side_of_sign(view.fontMetrics().height()) // 2
    assert column[head] != danger
    view.show_damage({})
    assert danger.rgb() not in colours_in(picture(view))


def test_the_legend_explains_the_sign_of_damage_only_where_there_is_any(view: TimelineView) -> None:
    assert "damaged" not in view.legend.accessibleName()
    before = view.legend.grab().toImage()
    view.show_damage(damage(30, 31, 60))
    assert "damaged events: 3" in view.legend.accessibleName()
    assert view.legend.grab().toImage() != before
    view.show_damage({})
    assert view.legend.grab().toImage() == before


def test_the_legend_explains_flags_and_findings_only_where_there_are_any(view: TimelineView) -> None:
    pictures, names = [view.legend.grab().toImage()], [view.legend.accessibleName()]
    view.show_flags([BookmarkRow(5, FIRST, "Odd", "", "cart-1", "Ann", FIRST, 9)])
    view.show_found([FoundRow(5, FIRST, "cart-1", 2, "rule-1", "Too many", "error", "total > 5")])
    pictures.append(view.legend.grab().toImage())
    names.append(view.legend.accessibleName())
    view.show_flags([])
    view.show_found([])
    assert names[1] == names[0] + "; findings of rules; bookmarks"
    assert pictures[0] != pictures[1]
    assert view.legend.grab().toImage() == pictures[0]


def test_of_marks_that_crowd_those_of_a_colour_rule_have_its_colour_and_letter(view: TimelineView) -> None:
    own = marks(*(30 + n / 2 for n in range(40)), *(80 + n / 200 for n in range(4)))
    view.show_marks(own)
    plain = picture(view)
    # One among many, and one in a crowd too narrow for a letter beside the number.
    coloured = {own[7].position: Coloured("Large", "L", "green"), own[41].position: Coloured("Large", "L", "green")}
    view.canvas.lane.show_coloured(coloured)
    green = QColor(view.canvas.scene_now.colours.kinds[RULE_COLOURS["green"]])
    painted, y = picture(view), view.canvas.y() + view.canvas.room.height - 3
    assert painted.pixelColor(x_of(view, own[7].time), y) == green
    assert plain.pixelColor(x_of(view, own[7].time), y) != green
    assert [crowd.words for crowd in view.canvas.lane.crowds] == ["40 L", "4"]


def test_a_click_on_damage_names_its_event_and_a_drag_still_scrubs(view: TimelineView, heard: Heard) -> None:
    view.show_damage(damage(30, 30.001, 60))
    x = x_of(view, FIRST + 30 * HOUR)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(x, BARS))
    assert heard.take() == [("mark", 100)]
    words = view.words_at(QPointF(x, BARS))
    assert words.splitlines() == [
        "Event 100: DAMAGED. Event 100 was altered", "Event 101: DAMAGED. Event 101 was altered", "Click to go there",
    ]  # fmt: skip
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(x, BARS))
    QTest.mouseMove(view, QPoint(x + 60, BARS))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(x + 60, BARS))
    assert [name for name, _ in heard.take()][-1] == "finished"


def test_ten_thousand_damaged_events_are_no_more_lines_than_pixels(view: TimelineView) -> None:
    view.show_damage(damage(*(n / 100 for n in range(10_000))))
    assert len(view.damage.places) <= view.plot_width + 1
    assert "more here; W zooms in" in view.words_at(QPointF(x_of(view, FIRST + 30 * HOUR), BARS))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_kind_has_a_shape_of_its_own(view: TimelineView) -> None:
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


def test_a_mark_that_stands_for_several_events_counts_them(view: TimelineView) -> None:
    own = [mark._replace(events=8) for mark in marks(10, 20)]
    view.show_marks(own)
    assert [cluster.size for cluster in view.canvas.lane.clusters] == [1, 1]
    words = view.words_at(QPointF(x_of(view, own[1].time), lane(view))).splitlines()
    assert words[-1] == "8 events stand here; W zooms in"
    crowded = view.grab().toImage()
    view.show_marks([mark._replace(events=1) for mark in own])
    assert view.grab().toImage() != crowded


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
