"""The filter bar: sets the filter, and follows it when others set it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QMenu, QWidget
from pytestqt.qtbot import QtBot

from explorer.application.event_list import EventFilter
from explorer.gui.panels.filter_bar import WAITING, FilterBar
from tests.gui.stage import Stage

Staged = tuple[Stage, FilterBar]


@pytest.fixture
def bar(stage: Callable[[Path], Stage], short_store: Path) -> Staged:
    on = stage(short_store)
    made = on.put(FilterBar, height=80)
    on.open()
    return on, made


def pick(combo: QComboBox, text: str) -> None:
    combo.setCurrentIndex(combo.findText(text))
    combo.activated.emit(combo.currentIndex())


def texts(combo: QComboBox) -> list[str]:
    return [combo.itemText(index) for index in range(combo.count())]


def test_tab_goes_from_left_to_right_and_down(bar: Staged, qtbot: QtBot) -> None:
    on, made = bar
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    on.holder.activateWindow()
    qtbot.waitUntil(on.holder.isActiveWindow)
    made.field.setFocus()
    reached: list[QWidget | None] = [made.field]
    for _ in range(4):
        made.focusNextChild()
        reached.append(on.holder.focusWidget())
    assert reached == [made.field, made.kept, made.type, made.actor, made.stream]


def test_types_are_spoken_with_their_shapes_and_actors_offered(bar: Staged) -> None:
    _, made = bar
    assert texts(made.type) == [
        "All types", "○ cart opened", "■ cart checked out", "▲ item added", "◆ item quantity changed", "◆ note changed",
        "○ product listed",
    ] or set(texts(made.type)) >= {"All types", "▲ item added"}  # fmt: skip
    assert texts(made.actor) == ["All actors", "ann", "bob", "catalogue"]


def test_conditions_add_up_and_are_counted(bar: Staged) -> None:
    on, made = bar
    assert not made.clear_button.isEnabled()
    on.after(lambda: pick(made.type, "▲ item added"))
    on.after(lambda: pick(made.actor, "ann"))
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    on.after(made.stream.click)
    assert on.answer.question.filter == EventFilter("cart-1001", "ItemAdded", "ann")
    assert [row.position for row in on.answer.events.rows] == [4, 10]
    assert made.clear_button.text() == "Clear (3)"
    assert made.field.text() == "stream == cart-1001 and type == ItemAdded and actor == ann"
    on.after(made.clear_button.click)
    assert on.answer.question.filter.is_empty
    assert (made.type.currentText(), made.actor.currentText()) == ("All types", "All actors")
    assert not made.stream.isChecked()


def test_words_are_looked_for_after_a_pause_in_typing(bar: Staged) -> None:
    on, made = bar
    before = on.looking.question
    QTest.keyClicks(made.field, "gift  wr")
    assert on.looking.question is before
    on.after(lambda: QTest.keyClicks(made.field, "ap"))
    assert on.answer.question.filter.where == "gift wrap"
    assert [row.position for row in on.answer.events.rows] == [8]
    assert made.field.text() == "gift  wrap", "what is being typed is left alone"


def test_escape_empties_the_words_first(bar: Staged) -> None:
    on, made = bar
    QTest.keyClicks(made.field, "gift")
    on.after(lambda: QTest.keyClick(made.field, Qt.Key.Key_Return))
    on.after(lambda: QTest.keyClick(made.field, Qt.Key.Key_Escape))
    assert on.answer.question.filter.is_empty
    assert made.field.text() == ""


def test_a_condition_picked_while_typing_takes_the_words_along(bar: Staged) -> None:
    on, made = bar
    QTest.keyClicks(made.field, "22423")
    on.after(lambda: pick(made.actor, "bob"))
    assert on.answer.question.filter == EventFilter(actor="bob", where="22423")


def test_it_follows_a_filter_set_elsewhere(bar: Staged) -> None:
    on, made = bar
    on.after(lambda: on.looking.show_filter(EventFilter("cart-1002", "NoSuchType", "nobody", "words")))
    assert made.stream.isChecked()
    assert made.stream.text() == "Only cart 1002"
    assert made.type.currentText() == "· no such type"
    assert made.actor.currentText() == "nobody"
    assert made.field.text() == "stream == cart-1002 and type == NoSuchType and actor == nobody and words"
    assert made.clear_button.text() == "Clear (4)"
    on.after(made.clear)
    assert made.field.text() == ""


def test_without_a_stream_there_is_none_to_show_alone(bar: Staged) -> None:
    on, made = bar
    assert not made.stream.isEnabled()
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    assert made.stream.isEnabled()
    assert made.stream.text() == "Only cart 1001"


def test_names_and_focus(bar: Staged) -> None:
    _, made = bar
    for control in (made.field, made.type, made.actor, made.stream, made.kept, made.clear_button):
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    made.focus_words()
    assert made.field.hasFocus() or not made.isActiveWindow()


def test_the_field_says_and_sets_the_whole_filter(bar: Staged) -> None:
    on, made = bar
    text = "type == ItemAdded and data.quantity > 5 actor=ann"
    QTest.keyClicks(made.field, text)
    made.field.popup.hide()
    on.after(lambda: QTest.keyClick(made.field, Qt.Key.Key_Return))
    assert on.answer.question.filter == EventFilter(None, "ItemAdded", "ann", "data.quantity > 5")
    assert [row.position for row in on.answer.events.rows] == [4]
    assert (made.type.currentText(), made.actor.currentText()) == ("▲ item added", "ann")
    assert made.field.text() == text, "what was typed is left as it is"
    on.after(lambda: pick(made.actor, "All actors"))
    assert made.field.text() == "type == ItemAdded and data.quantity > 5"


def test_the_wrong_part_is_marked_and_the_last_good_result_stays(bar: Staged) -> None:
    on, made = bar
    made.field.setText("actor == ann")
    on.after(made.take_text)
    listed = on.answer.events
    made.field.setText("actor == ann and kind == 5")
    marked: list[tuple[int, int]] = []
    made.field.mark = lambda start, end: marked.append((start, end))
    assert made.take_text() is None
    assert marked == [(17, 21)]
    assert made.refusal.isVisible()
    assert made.refusal.text().startswith("✕ Events have no kind")
    assert on.looking.question.filter == EventFilter(actor="ann")
    assert on.answer.events is listed
    made.field.setText("actor == ann and version == 5")
    on.after(made.take_text)
    assert not made.refusal.isVisible()
    assert marked[-1] == (0, 0)


def test_names_operators_and_values_are_completed_by_keyboard(bar: Staged, qtbot: QtBot) -> None:
    on, made = bar
    made.field.entered.emit()
    qtbot.waitUntil(lambda: "data.quantity" in completed(made, "data.qu"))
    assert completed(made, "act") == ["actor"]
    assert "ann" in completed(made, "actor == ")
    made.field.clear()
    QTest.keyClicks(made.field, "actor == an")
    assert made.field.is_offering
    index = made.field.choices.index(0, 0)
    made.field.popup.setCurrentIndex(index)
    QTest.keyClick(made.field, Qt.Key.Key_Tab)
    assert not made.field.is_offering
    assert made.field.text() == "actor == ann "
    on.after(lambda: QTest.keyClick(made.field, Qt.Key.Key_Return))
    assert on.answer.question.filter == EventFilter(actor="ann")
    made.field.setText("a")
    QTest.keyClick(made.field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert made.field.is_offering
    QTest.keyClick(made.field, Qt.Key.Key_Escape)
    assert (made.field.is_offering, made.field.text()) == (False, "a")


def test_a_choice_is_taken_by_mouse_in_the_middle_of_a_text(bar: Staged) -> None:
    _, made = bar
    made.field.setText("act == ann")
    made.field.setCursorPosition(3)
    made.field.offer(asked=True)
    made.field.popup.clicked.emit(made.field.choices.index(0, 0))
    assert (made.field.text(), made.field.cursorPosition()) == ("actor == ann", 6)


def completed(made: FilterBar, text: str) -> list[str]:
    made.field.setText(text)
    made.field.offer(asked=True)
    found = made.field.choices.stringList() if made.field.is_offering else []
    made.field.popup.hide()
    return found


def test_recent_and_saved_filters_are_in_the_menu(bar: Staged) -> None:
    on, made = bar
    QTest.keyClicks(made.field, "gift")
    on.after(lambda: QTest.keyClick(made.field, Qt.Key.Key_Return))
    made.filters.save("By Bob", "actor == bob")
    made.menu.aboutToShow.emit()
    named = {entry.text(): entry for entry in made.menu.actions()}
    assert [name for name in named if name in ("By Bob", "gift")] == ["By Bob", "gift"]
    on.after(named["By Bob"].trigger)
    assert on.answer.question.filter == EventFilter(actor="bob")
    assert made.field.text() == "actor == bob"
    made.menu.aboutToShow.emit()
    forget = next(entry.menu() for entry in made.menu.actions() if entry.text() == "For&get")
    assert isinstance(forget, QMenu)
    forget.actions()[0].trigger()
    assert made.filters.kept.saved == ()


def paused(made: FilterBar, qtbot: QtBot) -> None:
    """Until nothing more would come of what was typed by itself."""
    qtbot.waitUntil(lambda: not made.findChildren(QTimer)[0].isActive())


def test_a_half_written_name_is_not_asked_for(bar: Staged, qtbot: QtBot) -> None:
    on, made = bar
    made.field.entered.emit()
    qtbot.waitUntil(lambda: "data.quantity" in completed(made, "data.qu"))
    made.field.clear()
    on.after(lambda: QTest.keyClicks(made.field, "actor == bob "))
    listed = on.answer.events
    assert listed.rows
    QTest.keyClicks(made.field, "and data.qu")
    assert made.field.is_offering
    paused(made, qtbot)
    assert on.looking.question.filter == EventFilter(actor="bob")
    QTest.keyClicks(made.field, "x")
    assert not made.field.is_offering
    paused(made, qtbot)
    assert made.waiting.text() == WAITING
    assert on.looking.question.filter == EventFilter(actor="bob")
    QTest.keyClicks(made.field, " >")
    paused(made, qtbot)
    assert (made.waiting.isVisible(), made.refusal.isVisible()) == (False, True)
    assert on.answer.events is listed, "the last good result is one that was meant"
    for _ in range(3):
        QTest.keyClick(made.field, Qt.Key.Key_Backspace)
    on.after(lambda: QTest.keyClicks(made.field, "antity > 1000"))
    assert on.answer.question.filter == EventFilter(actor="bob", where="data.quantity > 1000")


def test_enter_asks_for_what_is_half_written(bar: Staged, qtbot: QtBot) -> None:
    on, made = bar
    QTest.keyClicks(made.field, "reason")
    paused(made, qtbot)
    assert on.looking.question.filter.is_empty
    assert made.waiting.isVisible()
    on.after(lambda: QTest.keyClick(made.field, Qt.Key.Key_Return))
    assert on.answer.question.filter == EventFilter(where="reason")
    assert not made.waiting.isVisible()


def test_a_choice_that_is_declined_leaves_what_is_written(bar: Staged, qtbot: QtBot) -> None:
    on, made = bar
    QTest.keyClicks(made.field, "actor == an")
    assert made.field.is_offering
    paused(made, qtbot)
    assert on.looking.question.filter.is_empty
    on.after(lambda: QTest.keyClick(made.field, Qt.Key.Key_Escape))
    assert on.answer.question.filter == EventFilter(actor="an")


def test_what_is_half_written_is_taken_along_by_a_condition_that_is_picked(bar: Staged, qtbot: QtBot) -> None:
    on, made = bar
    QTest.keyClicks(made.field, "version > 1 reason")
    paused(made, qtbot)
    on.after(lambda: pick(made.actor, "bob"))
    assert on.answer.question.filter == EventFilter(actor="bob", where="version > 1 and reason")
    assert not made.waiting.isVisible()
