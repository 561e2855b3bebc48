"""A quantity in the cart editor, on a real store: typed, stepped, refused, left."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.gui.panels.cart_lines import PRODUCT, TOTAL
from explorer.gui.panels.state_tree import MARK
from tests.gui.panels.desk import Desk, press
from tests.gui.stage import Stage

PAST = "You are looking at the past; Esc returns to now."


@pytest.fixture
def desk(on: Stage, qtbot: QtBot) -> Desk:
    return Desk(on, qtbot)


def test_a_quantity_is_changed_by_keyboard_alone(desk: Desk) -> None:
    lines = desk.form.lines
    lines.setFocus()
    QTest.keyClick(lines, Qt.Key.Key_Down)
    lines.setCurrentIndex(lines.page.index(0, PRODUCT))
    QTest.keyClick(lines, Qt.Key.Key_Return)
    spin = desk.spin("85123")
    assert spin.hasFocus()
    desk.on.after(lambda: (QTest.keyClicks(spin, "12"), QTest.keyClick(spin, Qt.Key.Key_Return)))
    assert desk.event.data == {"sku": "85123", "previous_quantity": 6, "quantity": 12}
    assert desk.quantities() == ["12", "2"]
    assert lines.page.index(0, PRODUCT).data() == f"{MARK} White heart holder, 85123 · 6 → 12"
    assert lines.page.index(0, TOTAL).data() == "30.60"
    assert spin.hasFocus()
    assert desk.event.metadata.actor == "ann"


def test_a_digit_on_a_line_begins_its_quantity(desk: Desk) -> None:
    lines = desk.form.lines
    lines.setFocus()
    lines.setCurrentIndex(lines.page.index(1, PRODUCT))
    QTest.keyClick(lines, Qt.Key.Key_7)
    assert desk.spin("22423").hasFocus()
    desk.on.after(press(desk.spin("22423"), Qt.Key.Key_Return))
    assert desk.quantities() == ["6", "7"]


def test_stepping_is_one_event(desk: Desk) -> None:
    spin = desk.spin("85123")
    spin.setFocus()
    desk.on.after(lambda: [QTest.keyClick(spin, Qt.Key.Key_Up) for _ in range(4)])
    assert desk.event.version == 4
    assert desk.event.data["quantity"] == 10


def test_leaving_the_field_takes_what_was_typed_and_tab_goes_to_the_next_line(desk: Desk) -> None:
    spin = desk.spin("85123")
    desk.on.after(lambda: desk.type(spin, "9", Qt.Key.Key_Tab))
    assert desk.quantities() == ["9", "2"]
    assert desk.spin("22423").hasFocus()
    QTest.keyClick(desk.spin("22423"), Qt.Key.Key_Tab)
    assert not desk.form.lines.isAncestorOf(desk.on.holder.focusWidget())


def test_the_same_quantity_again_is_no_command(desk: Desk) -> None:
    spin = desk.spin("85123")
    desk.type(spin, "6", Qt.Key.Key_Return)
    desk.on.after(lambda: desk.type(spin, "7", Qt.Key.Key_Return))
    assert desk.event.version == 4


def test_escape_returns_to_the_quantity_that_is_recorded(desk: Desk) -> None:
    spin = desk.spin("85123")
    desk.type(spin, "99", Qt.Key.Key_Escape)
    assert spin.text() == "6"
    desk.elsewhere.setFocus()
    desk.on.after(lambda: desk.type(desk.form.note, "only this", Qt.Key.Key_Return))
    assert desk.event.type == "NoteChanged"
    assert desk.event.version == 4


@pytest.mark.parametrize(("typed", "reason"), [("100000", "at most 99,999"), ("0", "at least 1")])
def test_a_quantity_against_the_rules_is_refused_in_its_line_and_kept(desk: Desk, typed: str, reason: str) -> None:
    spin, lines = desk.spin("85123"), desk.form.lines
    usual = lines.rowHeight(0)
    assert reason in desk.refused(lambda: desk.type(spin, typed, Qt.Key.Key_Return))
    assert reason in lines.refusals["85123"]
    assert reason in lines.tip_at(0, PRODUCT)
    assert lines.rowHeight(0) >= usual
    assert spin.value() == int(typed)
    desk.elsewhere.setFocus()
    assert spin.value() == int(typed)
    desk.on.after(lambda: desk.type(spin, "8", Qt.Key.Key_Return))
    assert lines.refusals == {}
    assert desk.quantities() == ["8", "2"]


def test_escape_takes_the_refusal_away(desk: Desk) -> None:
    spin = desk.spin("85123")
    desk.refused(lambda: desk.type(spin, "100000", Qt.Key.Key_Return))
    QTest.keyClick(spin, Qt.Key.Key_Escape)
    assert desk.form.lines.refusals == {}
    assert spin.value() == 6


def test_the_wheel_over_a_quantity_without_the_focus_changes_nothing(desk: Desk) -> None:
    assert desk.spin("85123").focusPolicy() == Qt.FocusPolicy.ClickFocus
