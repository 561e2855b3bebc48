"""Repairs in the real window: looked at first, given a reason, carried out by the rules, and refused in words."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.application.handle import handle
from explorer.application.repair import carry_out, plan_undo
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, RemoveItem, SetNote
from explorer.gui.main_window import MainWindow
from explorer.gui.repair_dialog import RepairDialog
from explorer.gui.rooms.what_if import WhatIf
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
    told: list[str] = []
    window.looking.told.connect(told.append)
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
    assert told == ["Repaired cart 1 by events #10 to #11."]
    assert reason_of(store, 7) == ("ItemQuantityChanged", "a typing error")


def elsewhere(store: Path, *commands: object) -> None:
    with Session(store, cache=store.parent / "other-cache") as session:
        for command in commands:
            handle(session, "cart-1", command, BOB)


def too_late(driver: Driver, dialog: RepairDialog, reason: str) -> None:
    """Confirmed when somebody else has been quicker."""
    QTest.keyClicks(dialog.reason, reason)
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(dialog.again.isEnabled)
    assert not dialog.act.isEnabled()
    assert dialog.act.toolTip().startswith("Plan it again first")


def planned_again(driver: Driver, dialog: RepairDialog) -> None:
    """By Enter, wherever the keyboard is."""
    assert dialog.again.isDefault()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    driver.until(dialog.meanwhile.isVisible)


def test_an_old_plan_is_made_anew_and_carried_out_on_top(driver: Driver, window: MainWindow, store: Path) -> None:
    dialog = asked(driver, window, "restore_stream")
    assert not dialog.again.isEnabled()
    assert not dialog.meanwhile.isVisible()
    elsewhere(store, AddItem("vase", 1), SetNote("Ring thrice."))
    too_late(driver, dialog, "a typing error")
    assert dialog.refusal.text() == (
        "⚠ Nothing was appended: cart 1 was changed since this was planned, version 5 → 7. "
        "Plan again (Enter) shows what it would do now."
    )
    planned_again(driver, dialog)
    assert dialog.meanwhile.text().startswith("⚠ Bob changed cart 1 while you were at it: 2 events, version 5 → 7")
    assert "units: 10 → 11" in dialog.meanwhile.text()
    assert "note: Ring twice. → Ring thrice." in dialog.meanwhile.toolTip()
    assert not dialog.refusal.isVisible()
    assert shown(dialog)[:3] == ["item removed  1 × pen", "item removed  1 × vase", "item quantity changed  mug: 9 → 2"]
    assert len(shown(dialog)) == 4
    assert "behind version 7" in dialog.about.text()
    assert dialog.reason.text() == "a typing error", "what was typed stays"
    assert (dialog.act.isDefault(), dialog.again.isEnabled()) == (True, False)
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    answer = driver.version(window, 11)
    assert answer.stream is not None
    assert (answer.stream.after["units"], answer.stream.after["note"]) == (2, "Ring twice.")
    driver.until(lambda: window.findChild(RepairDialog) is None)
    assert reason_of(store, 11)[1] == "a typing error"
    driver.until(window.menus.by_id["undo"].isEnabled)


def test_it_may_grow_old_again(driver: Driver, window: MainWindow, store: Path) -> None:
    dialog = asked(driver, window, "restore_stream")
    elsewhere(store, SetNote("Ring thrice."))
    too_late(driver, dialog, "why")
    planned_again(driver, dialog)
    elsewhere(store, SetNote("Do not ring."))
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    driver.until(dialog.again.isEnabled)
    QTest.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    driver.until(lambda: "version 6 → 7" in dialog.meanwhile.text())
    assert "note: Ring thrice. → Do not ring." in dialog.meanwhile.text(), "since what was shown last"
    dialog.reject()
    driver.until(lambda: window.findChild(RepairDialog) is None)


def test_an_undoing_that_a_rule_refuses_by_now_says_the_rule(driver: Driver, window: MainWindow, store: Path) -> None:
    window.looking.go_to(8, "cart-1")
    driver.version(window, 4)
    dialog = asked(driver, window, "undo_event")
    assert shown(dialog) == ["item quantity changed  mug: 9 → 2"]
    elsewhere(store, ChangeQuantity("mug", 5))
    too_late(driver, dialog, "too many")
    planned_again(driver, dialog)
    assert "The quantity of mug was changed again since" in dialog.refusal.text()
    assert (shown(dialog), dialog.act.isEnabled()) == ([], False)
    assert "cannot be done" in dialog.act.toolTip()
    with Session(store, cache=store.parent / "other-cache") as session:
        carry_out(session, plan_undo(session, "cart-1", 6), "Bob", "not five")
    QTest.keyClick(dialog, Qt.Key.Key_P, Qt.KeyboardModifier.AltModifier)
    driver.until(lambda: shown(dialog) == ["item quantity changed  mug: 9 → 2"])
    assert not dialog.refusal.isVisible()
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    driver.until(lambda: window.findChild(RepairDialog) is None)
    assert reason_of(store, 8) == ("ItemQuantityChanged", "too many")


def test_what_somebody_else_has_repaired_already_is_needless(driver: Driver, window: MainWindow, store: Path) -> None:
    dialog = asked(driver, window, "restore_stream")
    elsewhere(store, RemoveItem("pen"), ChangeQuantity("mug", 2))
    too_late(driver, dialog, "why")
    planned_again(driver, dialog)
    assert dialog.changes.note.text() == "Nothing differs from that in cart 1 any more: there is nothing to do."
    assert (shown(dialog), dialog.act.isEnabled()) == ([], False)
    dialog.reject()
    driver.until(lambda: window.findChild(RepairDialog) is None)


def test_a_what_if_that_has_grown_old_is_applied_on_top(driver: Driver, window: MainWindow, store: Path) -> None:
    window.looking.go_to(8, "cart-1")
    driver.version(window, 4)
    window.menus.by_id["try_what_if"].trigger()
    what_if = next(room for room in window.rooms if isinstance(room, WhatIf)).dialog
    assert what_if is not None
    driver.until(lambda: what_if.scratch is not None)
    what_if.out.click()
    driver.until(what_if.apply.isEnabled)
    what_if.apply.click()
    driver.until(lambda: window.findChild(RepairDialog) is not None)
    dialog = window.findChild(RepairDialog)
    assert dialog is not None
    elsewhere(store, SetNote("Ring thrice."))
    too_late(driver, dialog, "never wanted")
    planned_again(driver, dialog)
    QTest.keyClick(dialog.reason, Qt.Key.Key_Return)
    answer = driver.version(window, 7)
    assert answer.stream is not None
    assert (answer.stream.after["units"], answer.stream.after["note"]) == (3, "Ring thrice.")
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
