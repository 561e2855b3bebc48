"""The timeline for those who do not see it."""

from collections.abc import Iterator
from datetime import UTC

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.gui.timeline_view import TimelineView
from tests.gui.timeline_stage import (
    DAY,
    FIRST,
    HOUR,
    LAST,
    LIGHT_COLOURS,
    Heard,
    fill,
    shown,
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
