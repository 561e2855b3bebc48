"""The main job in the real window: edit, scrub back, see the old state, return, export, read the file back."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QMessageBox, QPushButton, QWidget

from explorer.application import demo
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.view import Answer
from explorer.domain.cart import AddItem
from explorer.domain.event import Metadata
from explorer.errors import Cancelled, KnownError
from explorer.gui.app import App
from explorer.gui.main_window import MainWindow
from explorer.gui.panels.timeline import Timeline
from explorer.gui.report_dialog import ReportDialog, Wish
from explorer.gui.room import Room
from explorer.gui.rooms import ROOMS, every_action
from explorer.gui.settings import Settings
from explorer.gui.tasks import Task, TaskStrip
from tests.gui.driver import PATIENCE, Driver


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop; the tests that change it add to it."""
    store = tmp_path_factory.mktemp("shop") / "shop.events"
    demo.fill(store, 400, 5, cache=store.parent / "cache")
    return store


@pytest.fixture
def app(qapp: QApplication, shop: Path, tmp_path: Path) -> App:
    return App(qapp, Settings(tmp_path / "window.ini"), shop.parent / "cache")


def open_cart(driver: Driver, window: MainWindow, customer: str) -> Answer:
    """Through the form, by keyboard."""
    window.open_cart()
    QTest.keyClicks(window.carts.form.customer, customer)
    QTest.keyClicks(window.carts.form.location, "Leeds")
    QTest.keyClick(window.carts.form.location, Qt.Key.Key_Return)
    driver.until(lambda: bool(window.looking.question.stream))
    return driver.version(window, 1)


def add_first_product(driver: Driver, window: MainWindow) -> None:
    window.products.rows.selectRow(0)
    QTest.mouseClick(window.products.add, Qt.MouseButton.LeftButton)


def test_the_main_job_from_end_to_end(driver: Driver, shop: Path, tmp_path: Path) -> None:
    window = driver.open(shop)
    opened = open_cart(driver, window, "Ada Lovelace")
    stream = opened.question.stream
    assert opened.stream is not None
    assert opened.stream.cart is not None
    assert (opened.stream.cart.customer, opened.stream.cart.location) == ("Ada Lovelace", "Leeds")

    add_first_product(driver, window)
    added = driver.version(window, 2)
    assert added.stream is not None
    assert [line.quantity for line in added.stream.lines] == [1]
    lines = window.editor.cart.lines
    lines.quantity_changed.emit(added.stream.lines[0].line, 7)
    changed = driver.version(window, 3)
    assert changed.stream is not None
    assert changed.stream.event is not None
    assert changed.stream.event.data == {"sku": added.stream.lines[0].sku, "previous_quantity": 1, "quantity": 7}
    assert lines.page.index(0, 1).data() == "7"

    window.looking.step(-1)
    past = driver.version(window, 2)
    assert not past.status.is_now
    assert past.stream is not None
    assert past.stream.lines[0].quantity == 1
    assert lines.page.index(0, 1).data() == "1"
    assert "State as of event" in window.banner.label.text()
    assert not window.editor.cart.check_out.isEnabled()
    assert "past" in window.editor.cart.check_out.toolTip()
    assert not window.products.add.isEnabled()

    QTest.keyClick(window, Qt.Key.Key_Escape)
    now = driver.version(window, 3)
    assert now.status.is_now
    assert window.editor.cart.check_out.isEnabled()

    report = tmp_path / "audit.json"
    task = window.jobs.report(Wish("json", report, stream, None, None, None, None))
    assert not isinstance(driver.ended(task), KnownError)
    written = json.loads(report.read_text(encoding="utf-8"))
    assert [event["type"] for event in written["events"]] == ["CartOpened", "ItemAdded", "ItemQuantityChanged"]


def test_dragging_the_timeline_winds_every_panel_and_letting_go_ends_on_a_position(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    assert isinstance(window.timeline, Timeline)
    present = driver.answered(window)
    plot = window.timeline.view.canvas
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(plot.width() * 3 // 4, 20))
    for quarter in (3, 2):
        QTest.mouseMove(plot, QPoint(plot.width() * quarter // 4, 20))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(plot.width() // 2, 20))
    driver.until(lambda: window.looking.question.at_time is None and window.looking.question.as_of is not None)
    past = driver.answered(window)
    assert past.status.as_of == window.looking.question.as_of
    assert 0 < past.status.as_of < present.status.as_of
    assert past.totals != present.totals
    assert past.carts != present.carts
    assert past.products != present.products
    assert window.totals.figures["Revenue"].text() != ""
    middle = (present.status.extent[0] + present.status.extent[1]) // 2 if present.status.extent else 0
    assert past.status.time is not None
    assert past.status.time <= middle + 3_600_000_000


def test_selecting_an_event_moves_the_cursor_and_the_reverse(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    row = next(row for row in driver.answered(window).events.rows if row.version > 1)
    window.looking.go_to(row.position, row.stream)
    shown = driver.answered(window)
    assert shown.status.as_of == row.position
    assert shown.stream is not None
    assert shown.stream.event is not None
    assert shown.stream.event.position == row.position
    window.looking.step_in_stream(-1)
    before = driver.answered(window)
    assert before.status.as_of < row.position
    assert any(event.position == before.status.as_of for event in before.events.rows)
    window.looking.go_back()
    assert driver.answered(window).status.as_of == row.position


def test_a_refusal_is_said_next_to_the_field_and_loses_no_input(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    open_cart(driver, window, "Refused Rita")
    form = window.editor.cart
    QTest.keyClicks(form.coupon, "NOSUCH")
    QTest.keyClick(form.coupon, Qt.Key.Key_Return)
    driver.until(form.refusals["coupon"].isVisible)
    assert "NOSUCH" in form.refusals["coupon"].text()
    assert form.coupon.text() == "NOSUCH"
    QTest.mouseClick(form.check_out, Qt.MouseButton.LeftButton)
    driver.until(form.refusals["end"].isVisible)
    assert "empty cart" in form.refusals["end"].text()
    window.products.rows.selectRow(0)
    window.products.quantity.setValue(100_000)
    QTest.mouseClick(window.products.add, Qt.MouseButton.LeftButton)
    driver.until(window.products.refusal.isVisible)
    assert window.products.quantity.value() == 100_000
    assert driver.answered(window).stream is not None
    assert window.looking.answer is not None
    assert window.looking.answer.stream is not None
    assert window.looking.answer.stream.latest == 1


def test_a_note_and_a_reason_are_recorded_with_who_did_it(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    window.actor.setText("zoë")
    window.actor.editingFinished.emit()
    open_cart(driver, window, "Note Nora")
    form = window.editor.cart
    form.reason.setText("customer called")
    QTest.keyClicks(form.note, "gift wrap")
    QTest.keyClick(form.note, Qt.Key.Key_Return)
    event = driver.version(window, 2).stream
    assert event is not None
    assert event.event is not None
    assert (event.event.metadata.actor, event.event.metadata.reason) == ("zoë", "customer called")
    assert event.after["note"] == "gift wrap"
    assert form.reason.text() == ""


def test_what_another_process_appends_appears_by_itself(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    answer = driver.answered(window)
    cart = next(cart for cart in answer.carts if cart.status == "open")
    with Session(shop, cache=shop.parent / "cache") as other:
        handle(other, cart.stream, AddItem(answer.products[0].sku, 1), Metadata("other"))
    driver.until(lambda: bool(window.looking.answer and window.looking.answer.status.head > answer.status.head))
    assert driver.answered(window).status.is_now


def test_place_layout_and_theme_are_restored(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    row = driver.answered(window).events.rows[2]
    window.looking.go_to(row.position, row.stream)
    driver.answered(window)
    dock = window.findChild(QDockWidget, "products")
    assert isinstance(dock, QDockWidget)
    dock.close()
    window.dark_theme()
    driver.close(window)
    again = driver.open(shop)
    answer = driver.answered(again)
    assert (answer.status.as_of, answer.question.stream) == (row.position, row.stream)
    hidden = again.findChild(QDockWidget, "products")
    assert isinstance(hidden, QDockWidget)
    assert hidden.isHidden()
    again.reset_layout()
    assert not hidden.isHidden()
    again.light_theme()


def test_the_last_store_is_opened_again_as_long_as_it_is_there(driver: Driver, shop: Path, tmp_path: Path) -> None:
    assert driver.app.last_store is None
    window = driver.open(shop)
    driver.answered(window)
    assert driver.app.last_store == shop
    settings = Settings(tmp_path / "window.ini")
    settings.remember(tmp_path / "gone.events")
    assert settings.recent == [tmp_path / "gone.events", shop]


def test_the_same_store_twice_raises_its_window(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    assert driver.app.open(shop) is window


def test_a_store_that_cannot_be_opened_is_told_in_words(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a store")
    window = driver.app.open(path)
    driver.windows.append(window)
    driver.until(lambda: window.findChild(QMessageBox, "open_failed") is not None)
    box = window.findChild(QMessageBox, "open_failed")
    assert isinstance(box, QMessageBox)
    assert "not an event store" in box.text()
    box.close()
    assert path.read_text() == "not a store"


def test_a_rebuild_is_a_task_with_its_result_in_the_status_bar(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    before = driver.answered(window)
    assert "rebuilt" in str(driver.ended(window.jobs.rebuild()))
    window.looking.ask_again()
    assert driver.answered(window).totals == before.totals


def test_the_report_dialog_keeps_its_input_when_the_range_is_wrong(driver: Driver, shop: Path, tmp_path: Path) -> None:
    window = driver.open(shop)
    driver.answered(window)
    window.write_report()
    dialog = window.findChild(ReportDialog, "report_dialog")
    assert isinstance(dialog, ReportDialog)
    dialog.path.setText(str(tmp_path / "r.html"))
    dialog.start.setText("next tuesday")
    dialog.start.setFocus()
    dialog.wish()
    driver.until(lambda: "next tuesday" in dialog.refusal.text())
    assert dialog.focusWidget() is dialog.start
    assert dialog.refusal.height() >= dialog.refusal.heightForWidth(dialog.refusal.width())
    assert dialog.start.text() == "next tuesday"
    dialog.start.setText("")
    with driver.qtbot.waitSignal(dialog.accepted, timeout=PATIENCE):
        dialog.wish()
    assert (tmp_path / "r.html").stat().st_size > 10_000


def test_leaving_the_report_dialog_while_it_writes_ends_the_writing(driver: Driver, shop: Path, tmp_path: Path) -> None:
    window = driver.open(shop)
    driver.answered(window)
    window.write_report()
    dialog = window.findChild(ReportDialog, "report_dialog")
    assert isinstance(dialog, ReportDialog)
    gone: list[bool] = []
    dialog.destroyed.connect(lambda: gone.append(True))
    dialog.path.setText(str(tmp_path / "r.html"))
    dialog.wish()
    [task] = window.jobs.findChildren(Task)
    assert not dialog.path.isEnabled()
    write = dialog.findChild(QPushButton, "write")
    assert isinstance(write, QPushButton)
    assert not write.isEnabled()
    results: list[object] = []
    task.ended.connect(results.append)
    dialog.reject()
    driver.until(lambda: bool(results and gone))
    assert isinstance(results[0], Cancelled)
    assert not (tmp_path / "r.html").exists()


def test_what_came_of_a_task_makes_room_for_the_next(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    driver.answered(window)
    for _ in range(3):
        driver.ended(window.jobs.rebuild())
    shown = [strip for strip in window.statusBar().findChildren(TaskStrip) if strip.isVisible()]
    assert len(shown) == 1


def test_no_shortcut_and_no_mnemonic_is_given_out_twice(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    keys = [key.toString() for action in window.menus.by_id.values() for key in action.shortcuts()]
    assert sorted(set(keys)) == sorted(keys)
    for menu in window.menuBar().actions():
        letters = [_mnemonic(action) for action in menu.menu().actions() if _mnemonic(action)]  # type: ignore[attr-defined]
        assert sorted(set(letters)) == sorted(letters), menu.text()
    bar = [_mnemonic(action) for action in window.menuBar().actions()]
    assert sorted(set(bar)) == sorted(bar)


def _mnemonic(action: QAction) -> str:
    return QKeySequence.mnemonic(action.text()).toString()


def test_every_action_does_something_and_a_disabled_one_says_why(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    driver.answered(window)
    for entry in every_action():
        action = window.menus.by_id[entry.id]
        assert action.isEnabled() or action.property("reason"), entry.id


def test_the_palette_finds_actions_and_says_why_one_is_disabled(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    driver.answered(window)
    window.go_to_start()
    driver.answered(window)
    palette = window.palette_dialog
    palette.popup()
    QTest.keyClicks(palette.text, "open cart")
    assert "past" in palette.found.item(0).text()
    palette.text.clear()
    QTest.keyClicks(palette.text, "to now")
    QTest.keyClick(palette.text, Qt.Key.Key_Return)
    assert driver.answered(window).status.is_now
    assert palette.text.text() == "to now"


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_done_in_a_room_is_reached_from_a_context_menu_and_by_keys(room: type[Room]) -> None:
    assert any(action.places for action in room.ACTIONS)
    assert all(action.shortcuts for action in room.ACTIONS)


def test_f6_goes_round_all_panels_without_a_trap(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    driver.answered(window)
    window.activateWindow()
    question = window.looking.question
    seen: set[QWidget] = set()
    for _ in range(12):
        window.next_panel()
        assert window.looking.question == question, "whoever comes by chooses nothing"
        focus = QApplication.focusWidget()
        if focus is not None:
            seen.add(focus)
    assert len(seen) >= 5


def test_every_control_has_an_accessible_name(driver: Driver, shop: Path) -> None:
    window = driver.open(shop)
    driver.answered(window)
    takes_focus = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.focusProxy()
    ]
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in takes_focus
        if not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert nameless == []
