"""Undo and redo by the keyboard in the real window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.view import Answer
from explorer.domain.cart import AddItem, ChangeQuantity
from explorer.gui.bookmark_dialog import BookmarkDialog
from explorer.gui.main_window import MainWindow
from explorer.gui.repair_dialog import RepairDialog
from explorer.gui.rooms.bookmarking import Bookmarking
from explorer.gui.rooms.ruling import Ruling
from explorer.gui.rule_dialog import RuleWish
from tests.application.shop import BOB, Clock, open_cart, opened, stock
from tests.gui.driver import Driver

SHIFTED = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: opened, two mugs."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.choose_stream("cart-1")
    driver.version(window, 2)
    window.events.setFocus()
    return window


def action(window: MainWindow, name: str) -> QAction:
    return window.menus.by_id[name]


def undo(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def redo(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Z, SHIFTED)


def change(driver: Driver, window: MainWindow, quantity: int, version: int) -> None:
    """By the line in the cart, as the user does it."""
    window.editor.cart.lines.quantity_changed.emit("mug", quantity)
    driver.version(window, version)
    driver.until(action(window, "undo").isEnabled)


def units(driver: Driver, window: MainWindow, version: int) -> object:
    answer = driver.version(window, version)
    assert answer.stream is not None
    return answer.stream.after["units"]


def said(driver: Driver, window: MainWindow, words: str) -> None:
    driver.until(lambda: words in window.statusBar().currentMessage())


def elsewhere(store: Path, command: object) -> None:
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-1", command, BOB)


def test_changes_are_undone_one_after_the_other_and_done_again(driver: Driver, window: MainWindow) -> None:
    change(driver, window, 5, 3)
    change(driver, window, 7, 4)
    assert not action(window, "redo").isEnabled()
    undo(window)
    assert units(driver, window, 5) == 5
    said(driver, window, "Undone by event #9: item quantity changed mug: 5 → 7")
    undo(window)
    assert units(driver, window, 6) == 2
    driver.until(lambda: not action(window, "undo").isEnabled())
    redo(window)
    assert units(driver, window, 7) == 5
    QTest.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert units(driver, window, 8) == 7
    said(driver, window, "Redone by event #12: item quantity changed mug: 5 → 7")
    driver.until(lambda: not action(window, "redo").isEnabled())
    undo(window)
    assert units(driver, window, 9) == 5


def test_keys_that_come_faster_than_the_store_are_all_obeyed(driver: Driver, window: MainWindow) -> None:
    for version, quantity in enumerate((5, 7, 9), 3):
        change(driver, window, quantity, version)
    for _ in range(3):
        undo(window)
    assert units(driver, window, 8) == 2


def test_a_new_change_leaves_nothing_to_be_done_again(driver: Driver, window: MainWindow) -> None:
    change(driver, window, 5, 3)
    undo(window)
    driver.version(window, 4)
    driver.until(action(window, "redo").isEnabled)
    change(driver, window, 6, 5)
    assert not action(window, "redo").isEnabled()
    assert "undone nothing" in action(window, "redo").property("reason")


def test_what_somebody_else_has_changed_is_not_undone(driver: Driver, window: MainWindow, store: Path) -> None:
    change(driver, window, 5, 3)
    elsewhere(store, ChangeQuantity("mug", 8))
    undo(window)
    said(driver, window, "Not undone: The quantity of mug was changed again since")
    assert action(window, "undo").isEnabled(), "it stays to be undone"
    assert units(driver, window, 4) == 8
    elsewhere(store, ChangeQuantity("mug", 5))
    driver.version(window, 5)
    undo(window)
    said(driver, window, "Not undone: Version 5 (ItemQuantityChanged, Bob) has set the same again since")


def test_another_s_change_of_something_else_does_not_matter(driver: Driver, window: MainWindow, store: Path) -> None:
    change(driver, window, 5, 3)
    elsewhere(store, AddItem("pen", 1))
    undo(window)
    assert units(driver, window, 5) == 3


def test_where_there_is_nothing_to_undo_it_says_why(driver: Driver, window: MainWindow) -> None:
    assert not action(window, "undo").isEnabled()
    assert "changed nothing" in action(window, "undo").property("reason")
    assert "a new event is appended" in action(window, "undo").toolTip()
    undo(window)
    change(driver, window, 5, 3)
    window.looking.go_to(5, "cart-1")
    driver.until(lambda: not action(window, "undo").isEnabled())
    assert "past" in action(window, "undo").property("reason")


def test_a_repair_is_undone_as_a_whole(driver: Driver, window: MainWindow, store: Path) -> None:
    elsewhere(store, AddItem("pen", 1))
    elsewhere(store, ChangeQuantity("mug", 9))
    driver.version(window, 4)
    window.looking.go_to(6, "cart-1")
    driver.version(window, 2)
    action(window, "restore_stream").trigger()
    driver.until(lambda: window.findChild(RepairDialog) is not None)
    dialog = window.findChild(RepairDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.reason, "a typing error")
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    assert units(driver, window, 6) == 2
    driver.until(lambda: window.findChild(RepairDialog) is None)
    driver.until(action(window, "undo").isEnabled)
    window.activateWindow()
    driver.until(window.isActiveWindow)
    window.events.setFocus()
    undo(window)
    assert units(driver, window, 8) == 10
    said(driver, window, "Undone by events #11 to #12")


def test_a_text_field_with_the_focus_keeps_its_own_undo(driver: Driver, window: MainWindow) -> None:
    change(driver, window, 5, 3)
    note = window.editor.cart.note
    note.setFocus()
    QTest.keyClicks(note, "Ring")
    QTest.keyClick(note, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driver.until(lambda: note.text() == "")
    window.looking.ask_again()
    assert units(driver, window, 3) == 5
    assert action(window, "undo").isEnabled()


def test_what_came_of_it_is_seen(driver: Driver, window: MainWindow) -> None:
    bar = window.statusBar()
    bar.clearMessage()
    before = bar.grab().toImage()
    change(driver, window, 5, 3)
    undo(window)
    said(driver, window, "Undone by event #8")
    assert not window.status_line.isVisible()
    assert bar.grab().toImage() != before
    bar.clearMessage()
    assert window.status_line.isVisible()


def mark(driver: Driver, window: MainWindow, title: str) -> None:
    action(window, "bookmark_moment").trigger()
    driver.until(lambda: window.findChild(BookmarkDialog) is not None)
    dialog = window.findChild(BookmarkDialog)
    assert dialog is not None
    dialog.title.setText(title)
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.findChild(BookmarkDialog) is None)


def titles(driver: Driver, window: MainWindow, *expected: str) -> None:
    looking = window.looking
    driver.until(lambda: bool(looking.answer and tuple(row.title for row in looking.answer.flags) == expected))
    window.activateWindow()
    driver.until(window.isActiveWindow)
    window.events.setFocus()


def test_a_bookmark_is_undone_and_done_again_where_one_stands(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to(5, "cart-1")
    driver.version(window, 1)
    mark(driver, window, "Here")
    titles(driver, window, "Here")
    mark(driver, window, "There")
    titles(driver, window, "There")
    driver.until(action(window, "undo").isEnabled)
    undo(window)
    titles(driver, window, "Here")
    said(driver, window, "Undone by event #9: bookmark changed “Here” → “There”")
    undo(window)
    titles(driver, window)
    assert not window.looking.is_now, "one stays where one is"
    redo(window)
    titles(driver, window, "Here")
    redo(window)
    titles(driver, window, "There")
    said(driver, window, "Redone by event")


def test_the_removal_of_a_bookmark_is_undone(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to(5, "cart-1")
    driver.version(window, 1)
    mark(driver, window, "Here")
    titles(driver, window, "Here")
    driver.until(action(window, "remove_bookmark").isEnabled)
    action(window, "remove_bookmark").trigger()
    titles(driver, window)
    room = next(room for room in window.rooms if isinstance(room, Bookmarking))
    driver.until(room.list.put_back.isEnabled)
    undo(window)
    titles(driver, window, "Here")
    driver.until(lambda: not room.list.put_back.isEnabled())
    said(driver, window, "bookmark removed “Here”")


def test_a_cart_edit_is_not_undone_in_the_past_even_where_a_bookmark_was(driver: Driver, window: MainWindow) -> None:
    change(driver, window, 5, 3)
    window.looking.go_to(5, "cart-1")
    driver.version(window, 1)
    mark(driver, window, "Here")
    titles(driver, window, "Here")
    driver.until(action(window, "undo").isEnabled)
    undo(window)
    titles(driver, window)
    driver.until(lambda: not action(window, "undo").isEnabled())
    assert "past" in action(window, "undo").property("reason")
    assert action(window, "redo").isEnabled()


def test_a_rule_that_was_set_or_retired_is_undone_and_done_again(driver: Driver, window: MainWindow) -> None:
    looking = window.looking
    room = next(room for room in window.rooms if isinstance(room, Ruling))

    def in_force(*expected: str) -> None:
        driver.until(lambda: bool(looking.answer and conditions(looking.answer) == expected))
        window.activateWindow()
        driver.until(window.isActiveWindow)
        window.events.setFocus()

    def conditions(answer: Answer) -> tuple[str, ...]:
        return tuple(one.stored.rule.condition for one in answer.rulings.in_force)

    for condition in ("units >= 5", "units >= 9"):
        room.carry_out(RuleWish("Too many", condition, "warning", "", "", None))
        in_force(condition)
    undo(window)
    in_force("units >= 5")
    said(driver, window, "rule set “Too many”")
    undo(window)
    in_force()
    redo(window)
    in_force("units >= 5")
    redo(window)
    in_force("units >= 9")
