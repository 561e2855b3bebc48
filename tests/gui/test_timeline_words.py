"""What the timeline says of what is under the pointer."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from explorer.application.timeline import Activity
from explorer.gui.timeline_view import TimelineView
from tests.gui.timeline_stage import (
    BARS,
    DAY,
    FIRST,
    HOUR,
    fill,
    lane,
    marks,
    shown,
    x_of,
)

HOSTILE = "<img src=x> <b>bold</b> & <a href='file:///etc/passwd'>here</a>\x00\u202egnp\nsecond"


@pytest.fixture
def empty(qtbot: QtBot) -> Iterator[TimelineView]:
    with shown(qtbot) as made:
        yield made


@pytest.fixture
def view(empty: TimelineView) -> TimelineView:
    fill(empty)
    return empty


def test_the_tooltip_of_a_bar(view: TimelineView) -> None:
    view.show_activity(Activity.of(HOUR, [(FIRST + DAY, "added", 3), (FIRST + DAY, "abandoned", 1_200)]))
    x = x_of(view, FIRST + DAY + HOUR // 2)
    words = "Tue 7 Dec 2010 08:00:00 +0000 · 1 hour\n1,203 events\n1,200 abandoned\n3 added"
    assert view.words_at(QPointF(x, BARS)) == words
    QTest.mouseMove(view, QPoint(x, BARS))
    assert shown_as(QToolTip.text()) == words
    assert view.words_at(QPointF(x + 50, BARS)).splitlines()[1] == "no events"


def shown_as(tooltip: str) -> str:
    """What a reader of a tooltip sees."""
    document = QTextDocument()
    document.setHtml(tooltip)
    return document.toPlainText().replace("\u2028", "\n")


def test_text_of_events_stays_text(view: TimelineView, qtbot: QtBot) -> None:
    own = marks(50, text=HOSTILE)
    view.show_marks(own)
    QTest.mouseMove(view, QPoint(x_of(view, own[0].time), lane(view)))
    qtbot.waitUntil(lambda: view.cursor().shape() == Qt.CursorShape.PointingHandCursor)
    lines = shown_as(QToolTip.text()).splitlines()
    assert lines == [
        "img src x b bold b a href file etc passwd here a gnp second",
        "Event 100 · opened",
        "Wed 8 Dec 2010 10:00:00 +0000",
        "2010-12-08 10:00:00.000000 UTC",
    ]


def test_outside_the_plot_there_is_no_tooltip(view: TimelineView, qtbot: QtBot) -> None:
    QTest.mouseMove(view, QPoint(300, BARS))
    assert QToolTip.text()
    QTest.mouseMove(view, QPoint(300, 4))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
