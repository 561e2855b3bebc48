"""Comparing two moments in the real window: by keys, by hand in the timeline, the stream and the whole store."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from explorer.application.bookmarks import put_bookmark
from explorer.application.comparison import Comparison
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, SetNote
from explorer.gui.main_window import MainWindow
from explorer.gui.panels.compare_panel import PRODUCTS_PART, TOTALS_PART, ComparePanel
from explorer.gui.panels.rows import Rows
from explorer.gui.panels.timeline import Timeline
from explorer.gui.rooms.comparing import Comparing
from tests.application.shop import ANN, BOB, SECOND, Clock, open_cart, opened, stock
from tests.gui.driver import Driver

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
ALT_SHIFT = ALT | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """1 to 4 the catalogue; cart-1: 5 opened, 6 two mugs, 7 a note, 8 nine mugs, 9 a pen; cart-2: 10 opened, 11 a mug.
    An hour between any two."""
    clock = Clock()
    with opened(tmp_path, clock) as session:
        stock(session)
        clock.time += 3_600 * SECOND
        open_cart(session)
        for about, command in (
            (ANN, SetNote("Ring twice.")),
            (BOB, ChangeQuantity("mug", 9)),
            (ANN, AddItem("pen", 1)),
        ):
            clock.time += 3_600 * SECOND
            handle(session, "cart-1", command, about)
        clock.time += 3_600 * SECOND
        open_cart(session, "cart-2", mugs=1)
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    """At the fourth version of cart-1."""
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.go_to(8, "cart-1")
    driver.version(window, 4)
    return window


def room_of(window: MainWindow) -> Comparing:
    return next(room for room in window.rooms if isinstance(room, Comparing))


def panel_of(window: MainWindow) -> ComparePanel:
    return room_of(window).comparison


def act(driver: Driver, window: MainWindow, action: str) -> None:
    found = window.menus.by_id[action]
    driver.until(found.isEnabled)
    found.trigger()


def compared(driver: Driver, window: MainWindow) -> Comparison:
    """What the panel shows, once it has been told all it asked for."""
    panel = panel_of(window)

    def is_told() -> bool:
        answer = window.looking.answer
        return (
            answer is not None
            and answer.question == window.looking.question
            and answer.question.compare_limit > 0
            and answer.comparison is not None
            and panel.isVisible()
        )

    driver.until(is_told)
    answer = window.looking.answer
    assert answer is not None
    assert answer.comparison is not None
    return answer.comparison


def listed(rows: Rows, *columns: int) -> list[tuple[str, ...]]:
    return [tuple(rows.page.cells(row)[column].text for column in columns) for row in range(len(rows.keys))]


def test_the_stream_is_compared_with_its_event_before(driver: Driver, window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    found = compared(driver, window)
    panel = panel_of(window)
    assert (found.here.position, found.there.position) == (8, 7)
    assert panel.title.text().startswith("B #7, ")
    assert " → A #8, " in panel.title.text()
    assert listed(panel.changes.table, 0, 1, 2)[0] == ("lines[sku=mug].quantity", "2", "9")
    assert panel.changes.note.text() == "cart 1 · Version 3 → 4, 1 event: 5 fields differ."
    act(driver, window, "end_comparing")
    driver.until(panel.empty.isVisible)
    assert "Ctrl+Alt+D" in panel.empty.words.text()
    assert not window.menus.by_id["swap_sides"].isEnabled()


def test_from_before_its_first_event_a_stream_is_new(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to(5, "cart-1")
    driver.version(window, 1)
    act(driver, window, "compare_previous")
    found = compared(driver, window)
    assert found.stream is not None
    assert (found.there.position, found.stream.before, found.stream.after) == (4, 0, 1)


def test_a_moment_is_pinned_and_left(driver: Driver, window: MainWindow) -> None:
    act(driver, window, "compare_here")
    assert panel_of(window).changes.note.text() or compared(driver, window)
    window.looking.go_to(9, "cart-1")
    driver.version(window, 5)
    found = compared(driver, window)
    assert (found.here.position, found.there.position) == (9, 8)
    assert found.stream is not None
    assert found.stream.events == 1


def test_now_stays_now_and_sides_are_swapped(driver: Driver, window: MainWindow, store: Path) -> None:
    act(driver, window, "compare_now")
    assert compared(driver, window).there.position == 11
    assert panel_of(window).title.text().endswith("(now)")
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-1", SetNote("Ring thrice."), ANN)
    driver.until(lambda: compared(driver, window).there.position == 12)
    before = compared(driver, window).stream
    act(driver, window, "swap_sides")
    driver.until(lambda: window.looking.is_now and compared(driver, window).there.position == 8)
    assert compared(driver, window).stream == before, "it is told from the earlier to the later"
    act(driver, window, "swap_sides")
    driver.until(lambda: window.looking.position == 8 and compared(driver, window).there.position == 12)
    assert panel_of(window).title.text().startswith("A #8")


def test_the_empty_panel_offers_a_second_moment(driver: Driver, window: MainWindow) -> None:
    panel = panel_of(window)
    QTest.keyClick(window, Qt.Key.Key_F7)
    driver.until(lambda: panel.empty.isVisible() and panel.empty.button.text() == "Compare with now")
    window.looking.go_to_now()
    driver.until(lambda: panel.empty.button.text() == "Compare with previous")
    assert panel.empty.button.hasFocus()
    QTest.keyClick(panel.empty.button, Qt.Key.Key_Space)
    assert compared(driver, window).there.position == 8


def test_the_whole_store(driver: Driver, window: MainWindow) -> None:
    panel = panel_of(window)
    window.looking.go_to(6, "cart-1")
    act(driver, window, "compare_now")
    QTest.mouseClick(panel.of_store, LEFT)
    driver.until(lambda: compared(driver, window).wanted.is_whole and len(panel.streams.keys) == 2)
    assert listed(panel.streams, 1, 2, 3) == [("cart 2", "0 → 2", "2"), ("cart 1", "2 → 5", "3")]
    assert panel.streams.page.cells(0)[4].text == "new: status open, customer Ann and 6 more"
    assert [panel.parts.tabText(part) for part in range(3)] == ["Totals 3", "Streams 2", "Products 2"]
    assert panel.fields.note.text() == "cart 2 · New. Version 0 → 2, 2 events: 8 fields."
    assert {before for (before,) in listed(panel.fields.table, 1)} == {"–"}
    QTest.keyClick(panel.streams, Qt.Key.Key_Down)
    assert panel.fields.note.text() == "cart 1 · Version 2 → 5, 3 events: 7 fields differ."
    panel.parts.setCurrentIndex(PRODUCTS_PART)
    assert panel.products.isVisible()
    assert listed(panel.products, 0, 3) == [("mug", "2 → 10"), ("pen", "0 → 1")]
    panel.parts.setCurrentIndex(TOTALS_PART)
    assert ("Units in carts", "GBP", "2", "11", "+9") in listed(panel.totals, 0, 1, 2, 3, 4)
    window.looking.go_to_now()
    driver.until(lambda: "Nothing differs" in panel.none.words.text())


def test_enter_turns_to_a_stream(driver: Driver, window: MainWindow) -> None:
    panel = panel_of(window)
    room_of(window).compare_with(11, whole=True)
    driver.until(lambda: panel.streams.keys == ["cart-2", "cart-1"])
    panel.streams.setFocus()
    QTest.keyClick(panel.streams, Qt.Key.Key_Return)
    driver.until(lambda: window.looking.question.stream == "cart-2")


def test_an_event_in_the_list_is_compared_with(driver: Driver, window: MainWindow) -> None:
    answer = driver.answered(window)
    row = next(row for row in answer.events.rows if row.position == 6)
    driver.until(lambda: not window.menus.by_id["compare_event"].isEnabled())
    menu = window.events.menu_for(row)
    assert window.menus.by_id["compare_event"] in menu.actions()
    act(driver, window, "compare_event")
    assert compared(driver, window).there.position == 6
    menu.popup(window.pos())
    menu.close()


def test_the_lists_grow_as_they_are_scrolled(driver: Driver, window: MainWindow, store: Path) -> None:
    with Session(store, cache=store.parent / "other-cache") as session:
        for number in range(400):
            open_cart(session, f"cart-n{number}", mugs=0)
        session.catch_up()
    panel = panel_of(window)
    room_of(window).compare_with(0, whole=True)
    window.looking.go_to_now()
    driver.until(lambda: compared(driver, window).here.position == 411)
    driver.until(lambda: 0 < len(panel.streams.keys) < 400)
    assert panel.parts.tabText(1).endswith("+")
    driver.until(lambda: _scrolled(panel.streams) >= 406)


def _scrolled(rows: Rows) -> int:
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum())
    return len(rows.keys)


# In the timeline


def timeline_of(window: MainWindow) -> Timeline:
    assert isinstance(window.timeline, Timeline)
    return window.timeline


def x_of(timeline: Timeline, time: int) -> int:
    viewport = timeline.view.viewport
    assert viewport is not None
    return timeline.view.canvas.x() + round(viewport.x_of(time, timeline.view.plot_width))


def test_b_is_placed_by_hand_and_dragged(driver: Driver, window: MainWindow) -> None:
    act(driver, window, "show_comparison")
    timeline = timeline_of(window)
    view, second = timeline.view, timeline.second
    with Session(window.store, cache=window.store.parent / "other-cache") as session:
        times = {event.position: event.occurred_at for event in session.store.read_all()}
    y = view.height() // 2
    QTest.mousePress(view, LEFT, ALT, QPoint(x_of(timeline, times[7]) + 2, y))
    QTest.mouseRelease(view, LEFT, ALT, QPoint(x_of(timeline, times[7]) + 2, y))
    driver.until(lambda: window.looking.question.compare == 7 and compared(driver, window).there.position == 7)
    assert second.line.isVisible()
    assert window.looking.position == 8, "the cursor stays"
    line = second.line.line
    assert line is not None
    start = view.canvas.x() + line
    QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(start, y))
    QTest.mouseMove(view, QPoint(x_of(timeline, times[9]) + 3, y))
    QTest.mouseRelease(view, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(x_of(timeline, times[9]) + 3, y))
    driver.until(lambda: window.looking.question.compare == 9)
    assert window.looking.position == 8
    act(driver, window, "end_comparing")
    driver.until(lambda: not second.line.isVisible())


def test_b_is_moved_by_the_keyboard(driver: Driver, window: MainWindow) -> None:
    view = timeline_of(window).view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Left, ALT_SHIFT)
    driver.until(lambda: window.looking.question.compare == 7)
    driver.answered(window)
    QTest.keyClick(view, Qt.Key.Key_Left, ALT_SHIFT)
    driver.until(lambda: window.looking.question.compare == 6)
    driver.answered(window)
    QTest.keyClick(view, Qt.Key.Key_Right, ALT_SHIFT)
    driver.until(lambda: window.looking.question.compare == 7)
    assert window.looking.position == 8
    assert "second moment" in view.accessibleDescription()


def test_a_bookmark_is_chosen_as_the_second_moment(driver: Driver, store: Path) -> None:
    with Session(store, cache=store.parent / "other-cache") as session:
        session.catch_up()
        put_bookmark(session, 7, "The note", "", ANN)
    window = driver.open(store)
    window.looking.go_to(None, "cart-1")
    driver.until(window.menus.by_id["compare_bookmark"].isEnabled)
    window.menus.by_id["compare_bookmark"].trigger()
    driver.until(lambda: window.findChild(QInputDialog, "compare_bookmark") is not None)
    dialog = window.findChild(QInputDialog, "compare_bookmark")
    assert dialog is not None
    assert dialog.comboBoxItems() == ["#7  The note"]
    assert dialog.okButtonText() == "Compare"
    dialog.accept()
    driver.until(lambda: window.looking.question.compare == 7)
    compared = driver.answered(window).comparison
    assert compared is not None
