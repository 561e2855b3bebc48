"""Bulk repair in the real window: a dry run first, a reason, one transaction; and what stands in its way, in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import CheckOut, SetNote
from explorer.domain.catalogue import RepriceProduct
from explorer.gui.app import App
from explorer.gui.bulk_repair_dialog import BulkRepairDialog
from explorer.gui.main_window import MainWindow
from explorer.gui.rooms.what_if import WhatIf
from explorer.gui.settings import Settings
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
def driver(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Driver]:
    made = Driver(qtbot, App(qapp, Settings(tmp_path / "window.ini"), tmp_path / "cache"))
    yield made
    for window in list(made.windows):
        made.close(window)


@pytest.fixture
def dialog(driver: Driver, store: Path) -> BulkRepairDialog:
    """Ready for the dry run that puts the price right."""
    window = driver.open(store)
    window.trusting.rest.stop()
    driver.answered(window)
    made = shown(driver, window)
    made.category.setCurrentText("cart")
    made.command.setCurrentText("Reprice")
    assert made.fields.text() == '{"line": "", "sku": "", "only_at": 0}'
    made.fields.setText('{"line": "mug"}')
    made.condition.setText(WRONG)
    return made


def shown(driver: Driver, window: MainWindow) -> BulkRepairDialog:
    window.menus.by_id["bulk_repair"].trigger()
    room = next(room for room in window.rooms if isinstance(room, WhatIf))
    made = room.bulk
    assert made is not None
    driver.until(lambda: made.command.count() > 0)
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


def test_nothing_can_be_appended_before_a_dry_run(dialog: BulkRepairDialog) -> None:
    assert not dialog.isModal()
    assert not dialog.act.isEnabled()
    assert dialog.act.toolTip() == "Do a dry run first"
    assert dialog.skip.isHidden()


def test_a_dry_run_shows_each_stream_and_a_reason_lets_it_be_done(
    driver: Driver, dialog: BulkRepairDialog, store: Path
) -> None:
    run(driver, dialog)
    assert dialog.outcome.text() == "4 streams looked at: 2 would be changed, by 2 events, 1 refused."
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
    dialog.condition.setText(f'{WRONG} and status == "open"')
    run(driver, dialog)
    assert dialog.act.isEnabled()
    assert dialog.skip.isHidden()
    dialog.fields.setText('{"line": "pen"}')
    assert not dialog.act.isEnabled()
    assert streams(dialog) == {}


def test_beneath_the_condition_stands_what_its_amounts_are(driver: Driver, dialog: BulkRepairDialog) -> None:
    hint = dialog.condition.hint
    driver.until(hint.isVisible)
    assert hint.text() == f"Money in minor units: {WRONG} is exactly 0.03 GBP"
    assert dialog.condition.geometry().bottom() < hint.geometry().top() < dialog.command.geometry().top()
    driver.until(lambda: hint.height() < 2 * hint.fontMetrics().lineSpacing())
    dialog.condition.setText("lins[sku=mug].unit_price == 3")
    assert hint.text() == "No state has a field lins: is it lines?"
    dialog.condition.setText("total > 0.03")
    assert dialog.refusal.text() == "⚠ Money is in minor units: write 3 for 0.03."


def test_a_condition_that_is_not_understood_is_marked_and_nothing_runs(dialog: BulkRepairDialog) -> None:
    dialog.condition.setText("units >> 3")
    assert dialog.refusal.isVisible()
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert dialog.task is None
    assert dialog.condition.selectedText()
    dialog.condition.setText("")
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert "of which streams" in dialog.refusal.text()


def test_fields_that_make_no_command_are_refused_in_words(driver: Driver, dialog: BulkRepairDialog) -> None:
    dialog.fields.setText('{"line": ')
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert "no JSON" in dialog.refusal.text()
    assert dialog.task is None
    dialog.fields.setText('{"row": "mug"}')
    run(driver, dialog)
    assert "no field 'row'" in dialog.refusal.text()


def test_after_a_conflict_nothing_was_appended_and_the_reason_is_kept(
    driver: Driver, dialog: BulkRepairDialog, store: Path
) -> None:
    dialog.condition.setText(f'{WRONG} and status == "open"')
    dialog.reason.setText("the price list was wrong")
    run(driver, dialog)
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-2", SetNote("Ring twice."), BOB)
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: "Nothing was appended" in dialog.refusal.text())
    assert "cart 2" in dialog.refusal.text()
    assert dialog.reason.text() == "the price list was wrong"
    assert events_of(store, "cart-1")[-1][0] == "ItemAdded"
    run(driver, dialog)
    assert dialog.act.isEnabled()


def test_a_dry_run_is_stopped(driver: Driver, dialog: BulkRepairDialog) -> None:
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert dialog.run.text() == "S&top"
    QTest.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    driver.until(lambda: dialog.task is None)
    assert dialog.outcome.text() == "The dry run was stopped."
    assert not dialog.act.isEnabled()
