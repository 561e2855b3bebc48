"""Bulk repair in the real window: a dry run first, a reason, one transaction; and what stands in its way, in words."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.application.filtering import EventFilter
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import ChangeQuantity, CheckOut, SetNote
from explorer.domain.catalogue import RepriceProduct
from explorer.gui.bulk_repair_dialog import BulkRepairDialog
from explorer.gui.main_window import MainWindow
from explorer.gui.rooms.what_if import WhatIf
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock
from tests.gui.driver import Driver

WRONG = "lines[sku=mug].unit_price == 3"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Mugs cost 3 instead of 399 while cart-1 to cart-3 are filled; cart-3 is checked out, cart-4 is right."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        handle(session, "product-mug", RepriceProduct(3), BOB)
        for number in (1, 2, 3):
            open_cart(session, f"cart-{number}")
        handle(session, "cart-3", CheckOut(), ANN)
        handle(session, "product-mug", RepriceProduct(399), ANN)
        open_cart(session, "cart-4")
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    window = driver.open(store)
    window.trusting.rest.stop()
    driver.answered(window)
    return window


@pytest.fixture
def dialog(driver: Driver, window: MainWindow) -> BulkRepairDialog:
    """Ready for the dry run that puts the price right."""
    made = shown(driver, window)
    made.by_command.category.setCurrentText("cart")
    assert made.by_command.command.currentIndex() == -1, "nothing is done that nobody has chosen"
    made.by_command.command.setCurrentText("Reprice")
    assert [*made.by_command.fields.lines] == ["line", "sku", "only_at"]
    made.by_command.fields.lines["line"].setText("mug")
    made.by_command.condition.setText(WRONG)
    return made


def shown(driver: Driver, window: MainWindow) -> BulkRepairDialog:
    window.menus.by_id["bulk_repair"].trigger()
    room = next(room for room in window.rooms if isinstance(room, WhatIf))
    made = room.bulk
    assert made is not None
    driver.until(lambda: made.by_command.command.count() > 0)
    return made


def run(driver: Driver, dialog: BulkRepairDialog) -> None:
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.task is None)


def streams(dialog: BulkRepairDialog) -> dict[str, str]:
    page = dialog.streams.page
    return {key: page.cells(row)[1].text for row, key in enumerate(page.keys)}


def events_of(store: Path, stream: str) -> list[tuple[str, str]]:
    with Session(store, cache=store.parent / "other-cache") as session:
        return [(event.type, event.metadata.reason) for event in session.store.read_stream(stream)]


def elsewhere(store: Path, *commands: object) -> None:
    with Session(store, cache=store.parent / "other-cache") as session:
        for command in commands:
            handle(session, "cart-2", command, BOB)


def test_nothing_can_be_appended_before_a_dry_run(dialog: BulkRepairDialog) -> None:
    assert not dialog.isModal()
    assert not dialog.act.isEnabled()
    assert dialog.act.toolTip() == "Do a dry run first"
    assert dialog.skip.isHidden()


def test_a_dry_run_shows_each_stream_and_a_reason_lets_it_be_done(
    driver: Driver, dialog: BulkRepairDialog, store: Path
) -> None:
    run(driver, dialog)
    assert (
        dialog.outcome.text()
        == "4 streams looked at, of 3 the condition holds: 2 would be changed, by 2 events, 1 refused."
    )
    found = streams(dialog)
    assert set(found) == {"cart-1", "cart-2", "cart-3"}
    assert found["cart-1"].startswith("item repriced")
    assert found["cart-3"].startswith("✕ ")
    assert dialog.act.text() == "Append 2 events in 2 streams"
    assert "refused" in dialog.act.toolTip()
    dialog.skip.setChecked(True)
    assert dialog.act.toolTip() == "Give a reason first"
    QTest.keyClicks(dialog.reason, "the price list was wrong")
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.outcome.text() == "2 events appended in 2 streams.")
    assert events_of(store, "cart-2")[-1] == ("ItemRepriced", "the price list was wrong")
    assert events_of(store, "cart-3")[-1][0] == "CartCheckedOut"
    assert dialog.reason.text() == "the price list was wrong", "it is kept"
    assert not dialog.act.isEnabled()


def test_what_was_shown_is_forgotten_when_an_input_changes(driver: Driver, dialog: BulkRepairDialog) -> None:
    dialog.reason.setText("why")
    dialog.by_command.condition.setText(f'{WRONG} and status == "open"')
    run(driver, dialog)
    assert dialog.act.isEnabled()
    assert dialog.skip.isHidden()
    dialog.by_command.fields.lines["line"].setText("pen")
    assert not dialog.act.isEnabled()
    assert streams(dialog) == {}


def test_beneath_the_condition_stands_what_its_amounts_are(driver: Driver, dialog: BulkRepairDialog) -> None:
    inputs = dialog.by_command
    hint = inputs.condition.hint
    driver.until(hint.isVisible)
    assert hint.text() == f"Money in minor units: {WRONG} is exactly 0.03 GBP"
    assert (
        dialog.by_command.condition.geometry().bottom()
        < hint.geometry().top()
        < dialog.by_command.command.geometry().top()
    )
    driver.until(lambda: hint.height() < 2 * hint.fontMetrics().lineSpacing())
    dialog.by_command.condition.setText("lins[sku=mug].unit_price == 3")
    assert hint.text() == "No state has a field lins: is it lines?"
    dialog.by_command.condition.setText("total > 0.03")
    assert dialog.refusal.text() == "⚠ Money is in minor units: write 3 for 0.03."


def test_a_condition_that_is_not_understood_is_marked_and_nothing_runs(dialog: BulkRepairDialog) -> None:
    dialog.by_command.condition.setText("units >> 3")
    assert dialog.refusal.isVisible()
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert dialog.task is None
    assert dialog.by_command.condition.selectedText()
    dialog.by_command.condition.setText("")
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert "of which streams" in dialog.refusal.text()


def test_fields_that_make_no_command_are_refused_in_words(driver: Driver, dialog: BulkRepairDialog) -> None:
    inputs = dialog.by_command
    inputs.fields.lines["only_at"].setText("4.00")
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert dialog.refusal.text().startswith("⚠ Only at: Here stands a whole number, like 0. Money is in minor units")
    assert dialog.task is None
    inputs.command.setCurrentText("Change quantity")
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert dialog.refusal.text() == "⚠ Quantity is wanted."
    inputs.command.setCurrentIndex(-1)
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert "choose a command" in dialog.refusal.text()


def test_where_all_is_as_it_should_be_it_says_that_the_condition_holds(
    driver: Driver, dialog: BulkRepairDialog
) -> None:
    dialog.by_command.condition.setText("lines[sku=mug].unit_price == 399")
    run(driver, dialog)
    assert dialog.outcome.text() == (
        "4 streams looked at, of 1 the condition holds; none would change: they are so already."
    )
    dialog.by_command.condition.setText("units == 77")
    run(driver, dialog)
    assert dialog.outcome.text() == "4 streams looked at, of none the condition holds."


def test_after_a_conflict_it_is_planned_again_by_enter_and_carried_out_on_top(
    driver: Driver, dialog: BulkRepairDialog, store: Path
) -> None:
    dialog.by_command.condition.setText(f'{WRONG} and status == "open"')
    dialog.reason.setText("the price list was wrong")
    run(driver, dialog)
    elsewhere(store, SetNote("Ring twice."))
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: "Nothing was appended" in dialog.refusal.text())
    assert "cart 2 was changed since the dry run, version 2 → 3" in dialog.refusal.text()
    assert dialog.reason.text() == "the price list was wrong"
    assert events_of(store, "cart-1")[-1][0] == "ItemAdded"
    assert (dialog.run.text(), dialog.run.isDefault()) == ("&Plan again", True)
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    driver.until(dialog.act.isEnabled)
    assert dialog.meanwhile.isVisible()
    assert dialog.meanwhile.text().startswith("⚠ Bob changed cart 2 while you were at it: 1 event")
    assert "Ring twice." in dialog.meanwhile.text()
    assert not dialog.refusal.isVisible()
    assert (dialog.run.text(), dialog.run.isDefault()) == ("&Dry run", False)
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.outcome.text() == "2 events appended in 2 streams.")


def test_what_a_filter_finds_is_undone(
    driver: Driver, dialog: BulkRepairDialog, window: MainWindow, store: Path
) -> None:
    elsewhere(store, SetNote("Ring twice."), ChangeQuantity("mug", 9))
    wanted = EventFilter.parse('actor == "Bob" and stream ~ "cart-*"')
    window.looking.show_filter(wanted)
    window.menus.by_id["bulk_undo"].trigger()
    inputs = dialog.by_filter
    assert dialog.pages.currentWidget() is inputs
    assert EventFilter.parse(inputs.filter.text()) == wanted, "the one in force"
    inputs.filter.setText('stream == "cart-2"')
    dialog.reason.setText("Bob was ill")
    QTest.keyClick(inputs.filter, Qt.Key.Key_Return)
    driver.until(lambda: dialog.plan is not None)
    assert dialog.outcome.text() == "4 events found in 1 stream: 1 would be changed, by 3 events, 1 refused."
    text = streams(dialog)["cart-2"]
    assert text.startswith("item quantity changed  mug: 9 → 2 · note changed")
    assert "✕ v1 cart opened: A cart that was opened" in text
    assert "narrow the filter" in dialog.act.toolTip()
    dialog.skip.setChecked(True)
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.outcome.text() == "3 events appended in 1 stream.")
    assert [event for event in events_of(store, "cart-2") if event[1] == "Bob was ill"] == [
        ("ItemQuantityChanged", "Bob was ill"), ("NoteChanged", "Bob was ill"), ("ItemRemoved", "Bob was ill"),
    ]  # fmt: skip
    inputs.filter.setText('actor == "Bob" and stream == "cart-2"')
    run(driver, dialog)
    assert dialog.outcome.text().endswith("0 would be changed, by 0 events, 2 needless.")
    assert "– v3 note changed: It is taken back already, by event" in streams(dialog)["cart-2"]
    assert not dialog.act.isEnabled()


def test_a_filter_that_is_not_understood_is_marked(dialog: BulkRepairDialog, window: MainWindow) -> None:
    window.menus.by_id["bulk_undo"].trigger()
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert "which events" in dialog.refusal.text()
    dialog.by_filter.filter.setText("actor ==")
    assert dialog.refusal.isVisible()
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert dialog.task is None
    assert dialog.by_filter.filter.selectedText()
    window.menus.by_id["bulk_repair"].trigger()
    assert not dialog.refusal.isVisible()


def test_ctrl_z_takes_a_bulk_repair_back_as_a_whole(
    driver: Driver, dialog: BulkRepairDialog, window: MainWindow, store: Path
) -> None:
    told: list[str] = []
    window.looking.told.connect(told.append)
    window.looking.command("cart-4", ChangeQuantity("mug", 9))
    driver.until(lambda: ("ItemQuantityChanged", "") in events_of(store, "cart-4"))
    window.menus.by_id["bulk_undo"].trigger()
    dialog.by_filter.filter.setText('type == ItemAdded and stream in ("cart-1", "cart-2")')
    dialog.reason.setText("they took nothing")
    QTest.keyClick(dialog.by_filter.filter, Qt.Key.Key_Return)
    driver.until(dialog.act.isEnabled)
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.outcome.text() == "2 events appended in 2 streams.")
    dialog.close()
    window.menus.by_id["undo"].trigger()
    driver.until(lambda: any("Undone by events" in text and "2 events in 2 streams" in text for text in told))
    assert [kind for kind, _ in events_of(store, "cart-1")][-1] == "ItemAdded"
    assert [kind for kind, _ in events_of(store, "cart-2")][-1] == "ItemAdded"
    window.menus.by_id["undo"].trigger()
    driver.until(lambda: sum("Undone by event" in text for text in told) == 2)
    assert len(events_of(store, "cart-4")) == 4, "only then comes what was done before"


def test_a_dry_run_is_stopped(driver: Driver, dialog: BulkRepairDialog) -> None:
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert dialog.run.text() == "S&top"
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.task is None)
    assert dialog.outcome.text() == "The dry run was stopped."
    assert not dialog.act.isEnabled()
