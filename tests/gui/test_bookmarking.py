"""Bookmarks in the real window: set, seen, gone to, changed, removed and put back."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from explorer.application.bookmarks import put_bookmark
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, SetNote
from explorer.gui.bookmark_dialog import BookmarkDialog
from explorer.gui.main_window import MainWindow
from explorer.gui.panels.event_cells import Column
from explorer.gui.panels.timeline import Timeline
from explorer.gui.rooms.bookmarking import Bookmarking
from tests.application.shop import ANN, BOB, SECOND, Clock, open_cart, opened, stock
from tests.gui.driver import Driver


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 1 opened, 2 two mugs, 3 a note, 4 nine mugs, 5 a pen: positions 5 to 9, a minute apart."""
    clock = Clock()
    with opened(tmp_path, clock) as session:
        stock(session)
        clock.time += 60 * SECOND
        open_cart(session)
        for about, command in (
            (ANN, SetNote("Ring twice.")),
            (BOB, ChangeQuantity("mug", 9)),
            (ANN, AddItem("pen", 1)),
        ):
            clock.time += 60 * SECOND
            handle(session, "cart-1", command, about)
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    """At the third version of the cart."""
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.go_to(7, "cart-1")
    driver.version(window, 3)
    return window


def room_of(window: MainWindow) -> Bookmarking:
    return next(room for room in window.rooms if isinstance(room, Bookmarking))


def asked(driver: Driver, window: MainWindow) -> BookmarkDialog:
    driver.until(lambda: window.findChild(BookmarkDialog) is not None)
    dialog = window.findChild(BookmarkDialog)
    assert dialog is not None
    return dialog


def act(window: MainWindow, name: str) -> None:
    found = window.menus.by_id[name]
    assert found.isEnabled(), found.property("reason")
    found.trigger()


def mark(driver: Driver, window: MainWindow, store: Path, position: int, title: str, note: str = "") -> None:
    """As another process would."""
    with Session(store, cache=store.parent / "other-cache") as session:
        put_bookmark(session, position, title, note, BOB)
    looking = window.looking
    driver.until(lambda: looking.answer is not None and title in [row.title for row in looking.answer.flags])


def test_a_moment_of_the_past_is_marked_and_seen_everywhere(driver: Driver, window: MainWindow) -> None:
    act(window, "bookmark_moment")
    dialog = asked(driver, window)
    assert dialog.about.text().startswith("The moment after event 7, ")
    assert dialog.title.text() == "note changed", "what is proposed holds nothing of the event's data"
    QTest.keyClicks(dialog.title, "Too <b>many</b>")
    dialog.note.setPlainText("Ask Jane.\nOr Ann.")
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: window.findChild(BookmarkDialog) is None)
    driver.until(lambda: bool(window.looking.answer and 7 in window.looking.answer.marked))
    answer = driver.answered(window)
    assert (answer.status.as_of, answer.question.as_of) == (7, 7), "one stays where one is"
    assert (answer.flags[0].title, answer.flags[0].note) == ("Too <b>many</b>", "Ask Jane.\nOr Ann.")
    assert "⚑ Too <b>many</b>" in window.detail.about.text()
    assert "&lt;b&gt;" in window.detail.about.toolTip()
    table = window.events.table
    row = next(number for number, row in enumerate(table.shown.page.rows) if row.position == 7)
    assert table.model().index(row, Column.SUMMARY).data().startswith("⚑ ")
    assert not table.model().index(row - 1, Column.SUMMARY).data().startswith("⚑ ")


def test_the_title_is_needed_and_a_refusal_keeps_what_was_typed(driver: Driver, window: MainWindow) -> None:
    act(window, "bookmark_moment")
    dialog = asked(driver, window)
    dialog.title.clear()
    assert not dialog.act.isEnabled()
    assert dialog.act.toolTip() == "Give a title first"
    dialog.title.setText("T")
    dialog.note.setPlainText("x" * 10_001)
    assert "longer than 10,000" in dialog.act.toolTip()
    dialog.note.setPlainText("n")
    window.looking.refused.emit("bookmark", "The disk is full.")
    assert dialog.refusal.text() == "The disk is full."
    assert (dialog.title.text(), dialog.act.isEnabled()) == ("T", True)
    dialog.reject()
    driver.until(lambda: window.findChild(BookmarkDialog) is None)


def test_the_same_action_changes_what_is_there(driver: Driver, window: MainWindow, store: Path) -> None:
    mark(driver, window, store, 7, "Theirs", "Look!")
    act(window, "bookmark_moment")
    dialog = asked(driver, window)
    assert (dialog.title.text(), dialog.note.toPlainText()) == ("Theirs", "Look!")
    assert dialog.windowTitle() == dialog.act.text() == "Change bookmark"
    QTest.keyClicks(dialog.title, "Ours")
    QTest.keyClick(dialog.title, Qt.Key.Key_Return)
    driver.until(lambda: bool(window.looking.answer and window.looking.answer.marked.get(7, ("",) * 3)[2] == "Ours"))


def test_one_goes_from_bookmark_to_bookmark(driver: Driver, window: MainWindow, store: Path) -> None:
    assert "Ctrl+B" in window.menus.by_id["next_bookmark"].property("reason")
    mark(driver, window, store, 2, "Pens")
    mark(driver, window, store, 8, "Nine")
    driver.until(window.menus.by_id["next_bookmark"].isEnabled)
    act(window, "next_bookmark")
    driver.until(lambda: window.looking.question.as_of == 8)
    act(window, "previous_bookmark")
    driver.until(lambda: window.looking.question.as_of == 2 and window.looking.question.stream == "product-pen")
    act(window, "previous_bookmark")
    driver.until(lambda: "No bookmark before event 2" in window.statusBar().currentMessage())


def test_the_panel_lists_them_and_removes_and_puts_back(driver: Driver, window: MainWindow, store: Path) -> None:
    act(window, "show_bookmarks")
    panel = room_of(window).list
    driver.until(lambda: panel.isVisible() and panel.empty.isVisible())
    assert "Ctrl+B" in panel.empty.words.text()
    mark(driver, window, store, 8, "Nine\x1b[", "Why\nnine?")
    mark(driver, window, store, 2, "Pens")
    driver.until(lambda: panel.rows.keys == ["2", "8"])
    texts = [cell.text for cell in panel.rows.page.cells(1)]
    assert (*texts[:2], *texts[3:]) == ("8", "Nine␛[", "Bob", "Why␊nine?")
    assert panel.rows.columnWidth(1) > panel.rows.fontMetrics().horizontalAdvance("A title that is read")
    panel.rows.selectRow(1)
    driver.until(lambda: window.looking.question.as_of == 8 and window.looking.question.stream == "cart-1")
    assert panel.remove.isEnabled()
    assert not panel.put_back.isEnabled()
    window.looking.go_to(6, "cart-1")
    driver.until(lambda: not panel.remove.isEnabled() and not panel.edit.isEnabled())
    window.looking.go_to(8, "cart-1")
    driver.until(panel.remove.isEnabled)
    QTest.keyClick(panel.rows, Qt.Key.Key_Delete)
    driver.until(lambda: panel.rows.keys == ["2"])
    driver.until(panel.put_back.isEnabled)
    assert panel.told.text() == "Removed: “Nine␛[” at event 8. It can be put back."
    QTest.mouseClick(panel.put_back, Qt.MouseButton.LeftButton)
    driver.until(lambda: panel.rows.keys == ["2", "8"])
    driver.until(lambda: not panel.put_back.isEnabled())
    assert driver.answered(window).bookmarks[1].note == "Why\nnine?"


def test_a_bookmark_is_edited_and_removed_from_its_menu(driver: Driver, window: MainWindow, store: Path) -> None:
    act(window, "show_bookmarks")
    mark(driver, window, store, 8, "Nine")
    panel = room_of(window).list
    driver.until(lambda: panel.rows.keys == ["8"])
    menu = panel.menu_for(driver.answered(window).bookmarks[0])
    menu.actions()[1].trigger()
    asked(driver, window).reject()
    driver.until(lambda: window.findChild(BookmarkDialog) is None)
    menu.actions()[2].trigger()
    driver.until(lambda: bool(window.looking.answer and not window.looking.answer.flags))
    menu.deleteLater()


def test_the_menu_of_a_listed_event_marks_that_event(driver: Driver, window: MainWindow) -> None:
    answer = driver.answered(window)
    row = next(row for row in answer.events.rows if row.position == 5)
    menu = window.events.menu_for(row)
    assert window.menus.by_id["bookmark_moment"] in menu.actions()
    window.menus.by_id["bookmark_moment"].trigger()
    dialog = asked(driver, window)
    assert dialog.position == 5
    dialog.reject()
    menu.popup(window.pos())
    menu.close()
    driver.until(lambda: window.looking.pointed is None)


def test_before_the_first_event_nothing_is_marked(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to(0)
    driver.until(lambda: not window.menus.by_id["bookmark_moment"].isEnabled())
    assert "before the first event" in window.menus.by_id["bookmark_moment"].property("reason")
    assert not window.menus.by_id["remove_bookmark"].isEnabled()


def test_the_timeline_shows_flags_that_tell_and_lead_there(driver: Driver, window: MainWindow, store: Path) -> None:
    timeline = window.timeline
    assert isinstance(timeline, Timeline)
    view = timeline.view
    QTest.keyClick(view, Qt.Key.Key_M)
    asked(driver, window).reject()
    driver.until(lambda: window.findChild(BookmarkDialog) is None)
    mark(driver, window, store, 2, "Pens <i>", "cheap")
    driver.until(lambda: bool(view.flags.places))
    (place,) = view.flags.places
    point = QPointF(view.canvas.x() + place + 3, view.canvas.y() + view.canvas.room.top + 4)
    assert "⚑ Pens <i>\ncheap\nBob" in view.words_at(point)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point.toPoint())
    driver.until(lambda: window.looking.question.as_of == 2 and window.looking.question.stream == "product-pen")
