"""Repairs in the real window: looked at first, given a reason, carried out by the rules, and refused in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, SetNote
from explorer.gui.app import App
from explorer.gui.main_window import MainWindow
from explorer.gui.repair_dialog import RepairDialog
from explorer.gui.settings import Settings
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock
from tests.gui.driver import Driver


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 1 opened, 2 two mugs, 3 a note, 4 nine mugs, 5 a pen: positions 5 to 9."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        for about, command in (
            (ANN, SetNote("Ring twice.")),
            (BOB, ChangeQuantity("mug", 9)),
            (ANN, AddItem("pen", 1)),
        ):
            handle(session, "cart-1", command, about)
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def driver(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Driver]:
    made = Driver(qtbot, App(qapp, Settings(tmp_path / "window.ini"), tmp_path / "cache"))
    yield made
    for window in list(made.windows):
        made.close(window)


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    """At the third version of the cart."""
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.go_to(7, "cart-1")
    driver.version(window, 3)
    return window


def asked(driver: Driver, window: MainWindow, action: str) -> RepairDialog:
    found = window.menus.by_id[action]
    assert found.isEnabled(), found.property("reason")
    found.trigger()
    driver.until(lambda: window.findChild(RepairDialog) is not None)
    dialog = window.findChild(RepairDialog)
    assert dialog is not None
    return dialog


def shown(dialog: RepairDialog) -> list[str]:
    return [dialog.events.item(row).text() for row in range(dialog.events.count())]


def reason_of(store: Path, version: int) -> tuple[str, str]:
    with Session(store, cache=store.parent / "other-cache") as session:
        (event,) = session.store.read_stream("cart-1", version, version)
    return event.type, event.metadata.reason


def test_a_stream_is_restored_to_the_moment_shown(driver: Driver, window: MainWindow, store: Path) -> None:
    dialog = asked(driver, window, "restore_stream")
    assert dialog.windowTitle() == "Restore version 3"
    assert shown(dialog) == ["item removed  1 × pen", "item quantity changed  mug: 9 → 2"]
    assert dialog.changes.note.text() == "What changes in cart 1:"
    assert not dialog.act.isEnabled()
    assert dialog.act.toolTip() == "Give a reason first"
    QTest.keyClicks(dialog.reason, "a typing error")
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    answer = driver.version(window, 7)
    assert window.looking.is_now
    assert answer.stream is not None
    assert answer.stream.after["units"] == 2
    driver.until(lambda: window.findChild(RepairDialog) is None)
    assert reason_of(store, 7) == ("ItemQuantityChanged", "a typing error")


def test_an_event_is_undone_and_what_has_changed_since_is_said(driver: Driver, window: MainWindow, store: Path) -> None:
    window.looking.go_to(8, "cart-1")
    driver.version(window, 4)
    dialog = asked(driver, window, "undo_event")
    assert shown(dialog) == ["item quantity changed  mug: 9 → 2"]
    # Meanwhile somebody else changes it.
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-1", ChangeQuantity("mug", 5), BOB)
    QTest.keyClicks(dialog.reason, "too many")
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: "changed it first" in dialog.refusal.text())
    assert dialog.reason.text() == "too many", "what was typed stays"
    dialog.reject()
    driver.until(lambda: window.findChild(RepairDialog) is None)


def test_what_the_rules_refuse_is_told(driver: Driver, window: MainWindow, store: Path) -> None:
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-1", CheckOut(), ANN)
    window.menus.by_id["restore_stream"].trigger()
    driver.until(lambda: "checked out" in window.statusBar().currentMessage())
    assert window.findChild(RepairDialog) is None


def test_where_nothing_differs_there_is_nothing_to_do(driver: Driver, window: MainWindow, store: Path) -> None:
    window.looking.go_to(9, "cart-1")
    driver.until(lambda: window.looking.is_now and not window.menus.by_id["restore_stream"].isEnabled())
    assert "latest event" in window.menus.by_id["restore_stream"].property("reason")
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-1", SetNote("Ring thrice."), ANN)
        handle(session, "cart-1", SetNote("Ring twice."), ANN)
    driver.version(window, 7)
    window.looking.go_to(9, "cart-1")
    driver.until(lambda: not window.looking.is_now and window.menus.by_id["restore_stream"].isEnabled())
    window.menus.by_id["restore_stream"].trigger()
    driver.until(lambda: "nothing to do" in window.statusBar().currentMessage())


def test_the_menu_of_a_listed_event_is_about_that_event(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to_now()
    driver.until(lambda: window.looking.is_now and not window.menus.by_id["restore_stream"].isEnabled())
    answer = driver.answered(window)
    row = next(row for row in answer.events.rows if (row.stream, row.version) == ("cart-1", 3))
    menu = window.events.menu_for(row)
    assert window.menus.by_id["restore_stream"] in menu.actions()
    assert window.menus.by_id["restore_stream"].isEnabled(), "not the event shown, which is the latest"
    dialog = asked(driver, window, "restore_stream")
    assert dialog.windowTitle() == "Restore version 3"
    dialog.reject()
    menu.popup(window.pos())
    menu.close()
    driver.until(lambda: not window.menus.by_id["restore_stream"].isEnabled())
