"""What if in the real window: edits from the keyboard, what differs, what the rules would refuse, and the repair."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.application.editable import MOST
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, RemoveItem, SetNote
from explorer.gui.branch_table import EDIT, OUT, SUMMARY, VERSION
from explorer.gui.event_forms import ChangeForm, InsertForm
from explorer.gui.main_window import MainWindow
from explorer.gui.repair_dialog import RepairDialog
from explorer.gui.rooms.what_if import WhatIf
from explorer.gui.what_if_dialog import WhatIfDialog
from tests.application.shop import ANN, BOB, Clock, long_cart, note, open_cart, opened, record, spoil, stock
from tests.gui.driver import Driver


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 1 opened, 2 two mugs, 3 a pen, 4 nine mugs, 5 a note, 6 no pen: positions 5 to 10; notes on tap-1."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        for about, command in (
            (ANN, AddItem("pen", 1)),
            (BOB, ChangeQuantity("mug", 9)),
            (ANN, SetNote("Ring twice.")),
            (ANN, RemoveItem("pen")),
        ):
            handle(session, "cart-1", command, about)
        record(session, "tap-1", note({"n": 1}), note({"n": 2}))
        long_cart(session, MOST + 10)
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


def asked(driver: Driver, window: MainWindow) -> WhatIfDialog:
    """The dialog, with the branch of no edits."""
    action = window.menus.by_id["try_what_if"]
    assert action.isEnabled(), action.property("reason")
    action.trigger()
    room = next(room for room in window.rooms if isinstance(room, WhatIf))
    dialog = room.dialog
    assert dialog is not None
    settled(driver, dialog)
    return dialog


@pytest.fixture
def dialog(driver: Driver, window: MainWindow) -> WhatIfDialog:
    return asked(driver, window)


def settled(driver: Driver, dialog: WhatIfDialog) -> None:
    driver.until(
        lambda: bool(dialog.branch and dialog.scratch) and dialog.branch.edits == dialog.scratch.edits  # type: ignore[union-attr]
    )


def column(dialog: WhatIfDialog, number: int) -> list[str]:
    items = [dialog.table.item(row, number) for row in range(dialog.table.rowCount())]
    return [item.text() for item in items if item is not None]


def differences(dialog: WhatIfDialog) -> dict[str, tuple[str, str]]:
    page = dialog.changes.table.page
    rows = [page.cells(row) for row in range(len(page.keys))]
    return {path.text: (before.text, after.text) for path, before, after in rows}


def choose(dialog: WhatIfDialog, version: int) -> None:
    dialog.table.choose(lambda row: row.version == version)


def press(driver: Driver, dialog: WhatIfDialog, key: Qt.Key, *, alt: bool = False) -> None:
    modifier = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(dialog.table, key, modifier)
    settled(driver, dialog)


def click(dialog: WhatIfDialog, name: str) -> None:
    QTest.mouseClick(getattr(dialog, name), Qt.MouseButton.LeftButton)


def test_the_event_that_was_meant_is_chosen_and_nothing_differs_yet(dialog: WhatIfDialog) -> None:
    assert dialog.windowTitle() == "What if – cart 1"
    assert not dialog.isModal()
    assert column(dialog, VERSION) == ["1", "2", "3", "4", "5", "6"]
    assert dialog.table.chosen is not None
    assert dialog.table.chosen.version == 3
    assert not dialog.apply.isEnabled()
    assert dialog.apply.toolTip() == "Edit something first"
    assert "Space" in dialog.changes.note.text()


def test_an_event_is_left_out_from_the_keyboard_and_what_rests_on_it_is_refused(
    driver: Driver, dialog: WhatIfDialog
) -> None:
    press(driver, dialog, Qt.Key.Key_Space)
    assert column(dialog, EDIT) == ["", "", "left out", "", "", "✕ would be refused"]
    assert "1 event would have been refused" in dialog.verdict.text()
    ((version, summary, rule),) = (dialog.refused.page.cells(row) for row in range(len(dialog.refused.page.keys)))
    assert version.text == "6"
    assert "pen" in summary.text
    assert rule.text.startswith("✕ ")
    assert dialog.changes.note.text() == "Nothing would differ: the stream would be as it is."
    press(driver, dialog, Qt.Key.Key_Space)
    assert column(dialog, EDIT) == [""] * 6


def test_a_click_on_its_box_leaves_an_event_out_and_the_edits_are_undone(driver: Driver, dialog: WhatIfDialog) -> None:
    item = dialog.table.item(3, OUT)
    assert item is not None
    item.setCheckState(Qt.CheckState.Checked)
    settled(driver, dialog)
    assert differences(dialog)["units"] == ("9", "2")
    assert "none of the 3 events" in dialog.verdict.text()
    click(dialog, "undo")
    settled(driver, dialog)
    assert differences(dialog) == {}
    assert not dialog.undo.isEnabled()


def test_events_are_moved_by_keys(driver: Driver, dialog: WhatIfDialog) -> None:
    choose(dialog, 6)
    for _ in range(4):
        press(driver, dialog, Qt.Key.Key_Up, alt=True)
    assert column(dialog, VERSION) == ["1", "6", "2", "3", "4", "5"]
    assert dialog.table.chosen is not None
    assert dialog.table.chosen.version == 6, "the event stays chosen"
    assert column(dialog, EDIT)[1] == "✕ would be refused"
    assert "lines[sku=pen]" in " ".join(differences(dialog))
    for _ in range(4):
        press(driver, dialog, Qt.Key.Key_Down, alt=True)
    assert dialog.scratch is not None
    assert dialog.scratch.edits == (), "back where it was it is not moved"


def test_a_field_is_changed_and_what_makes_no_event_is_refused(driver: Driver, dialog: WhatIfDialog) -> None:
    choose(dialog, 4)
    click(dialog, "change")
    form = dialog.findChild(ChangeForm)
    assert form is not None
    form.field.setCurrentText("quantity")
    assert form.value.text() == "9"
    assert form.hint.text() == ""
    form.value.setText("many")
    QTest.mouseClick(form.act, Qt.MouseButton.LeftButton)
    assert "no JSON" in form.refusal.text()
    assert form.isVisible()
    form.value.setText("2.50")
    QTest.mouseClick(form.act, Qt.MouseButton.LeftButton)
    assert "minor units: 2.50 is written 250" in form.refusal.text()
    refusal = form.refusal
    driver.until(lambda: refusal.height() >= refusal.heightForWidth(refusal.width()))
    form.value.setText("4")
    QTest.mouseClick(form.act, Qt.MouseButton.LeftButton)
    settled(driver, dialog)
    assert differences(dialog)["units"] == ("9", "4")
    assert column(dialog, EDIT)[3] == "changed quantity"
    assert column(dialog, SUMMARY)[3] == "mug: 2 → 4", "what it says now"
    driver.until(lambda: dialog.findChild(ChangeForm) is None)
    click(dialog, "change")
    form = dialog.findChild(ChangeForm)
    assert form is not None
    form.field.setCurrentText("quantity")
    form.value.setText('"a dozen"')
    QTest.mouseClick(form.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: "ItemQuantityChanged" in dialog.refusal.text())
    settled(driver, dialog)
    assert differences(dialog)["units"] == ("9", "4"), "the edit before stands"


def test_an_amount_of_money_is_told_while_it_is_written(driver: Driver, dialog: WhatIfDialog) -> None:
    settled(driver, dialog)
    choose(dialog, 2)
    click(dialog, "change")
    form = dialog.findChild(ChangeForm)
    assert form is not None
    form.field.setCurrentText("unit_price")
    assert form.hint.text() == "Money in minor units: 399 is 3.99 GBP"
    form.value.setText("25")
    assert form.hint.text() == "Money in minor units: 25 is 0.25 GBP"
    form.value.setText("much")
    assert form.hint.text() == ""


def test_an_event_is_inserted_and_taken_out(driver: Driver, dialog: WhatIfDialog) -> None:
    choose(dialog, 3)
    click(dialog, "insert")
    form = dialog.findChild(InsertForm)
    assert form is not None
    assert "version 3" in form.windowTitle()
    form.type.setCurrentText("ItemQuantityChanged")
    assert "previous_quantity" in form.data.toPlainText()
    form.data.setPlainText("[1]")
    QTest.mouseClick(form.act, Qt.MouseButton.LeftButton)
    assert "by their names" in form.refusal.text()
    form.type.setCurrentText("NoteChanged")
    form.data.setPlainText('{"previous_note": "", "note": "Knock."}')
    QTest.mouseClick(form.act, Qt.MouseButton.LeftButton)
    settled(driver, dialog)
    assert column(dialog, VERSION) == ["1", "2", "3", "–", "4", "5", "6"]
    assert column(dialog, EDIT)[3] == "inserted"
    dialog.table.choose(lambda row: row.insert is not None)
    press(driver, dialog, Qt.Key.Key_Space)
    assert column(dialog, VERSION) == ["1", "2", "3", "4", "5", "6"]


def test_it_is_applied_as_a_repair_with_a_reason(driver: Driver, window: MainWindow, dialog: WhatIfDialog) -> None:
    choose(dialog, 4)
    press(driver, dialog, Qt.Key.Key_Space)
    assert dialog.apply.isEnabled()
    click(dialog, "apply")
    driver.until(lambda: window.findChild(RepairDialog) is not None)
    repair = window.findChild(RepairDialog)
    assert repair is not None
    QTest.keyClicks(repair.reason, "nobody wants nine")
    QTest.keyClick(repair.reason, Qt.Key.Key_Return)
    answer = driver.version(window, 7)
    assert answer.stream is not None
    assert answer.stream.after["units"] == 2
    driver.until(lambda: dialog.table.rowCount() == 7)
    settled(driver, dialog)
    assert dialog.scratch is not None
    assert dialog.scratch.edits == (), "what was tried out is done"


def test_without_rules_nothing_is_refused_and_nothing_can_be_repaired(driver: Driver, window: MainWindow) -> None:
    window.looking.choose_stream("tap-1")
    window.looking.go_to_now()
    driver.version(window, 2)
    dialog = asked(driver, window)
    press(driver, dialog, Qt.Key.Key_Space)
    assert differences(dialog)["fields.n"] == ("2", "1")
    assert "Nobody wrote rules" in dialog.verdict.text()
    assert not dialog.apply.isEnabled()
    assert "Nobody wrote rules" in dialog.apply.toolTip()


def test_of_a_long_stream_the_latest_are_shown(driver: Driver, window: MainWindow) -> None:
    window.looking.choose_stream("cart-long")
    window.looking.go_to_now()
    driver.version(window, MOST + 10)
    dialog = asked(driver, window)
    assert dialog.table.rowCount() == MOST
    assert f"The latest {MOST} of {MOST + 10} events" in dialog.note.text()
    assert dialog.table.chosen is not None
    assert dialog.table.chosen.version == MOST + 10


def test_of_edits_in_quick_succession_the_newest_is_shown(driver: Driver, dialog: WhatIfDialog) -> None:
    for version in (2, 3, 4, 5):
        choose(dialog, version)
        QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    settled(driver, dialog)
    assert differences(dialog)["units"] == ("9", "0")
    assert dialog.branch is not None
    assert len(dialog.branch.edits) == 4


def test_an_event_that_cannot_be_read_is_named(driver: Driver, window: MainWindow, store: Path) -> None:
    spoil(store, 8)
    dialog = asked(driver, window)
    choose(dialog, 3)
    press(driver, dialog, Qt.Key.Key_Space)
    assert column(dialog, SUMMARY)[3] == "cannot be read"
    assert "cannot be read, and change nothing here: 4" in dialog.verdict.text()
    choose(dialog, 4)
    assert not dialog.change.isEnabled()


def test_the_menu_of_a_listed_event_is_about_that_event(driver: Driver, window: MainWindow) -> None:
    answer = driver.answered(window)
    row = next(row for row in answer.events.rows if (row.stream, row.version) == ("cart-1", 2))
    menu = window.events.menu_for(row)
    assert window.menus.by_id["try_what_if"] in menu.actions()
    dialog = asked(driver, window)
    menu.popup(window.pos())
    menu.close()
    assert dialog.table.chosen is not None
    assert dialog.table.chosen.version == 2


def test_what_others_append_meanwhile_is_shown_and_the_edits_stay(
    driver: Driver, dialog: WhatIfDialog, store: Path
) -> None:
    choose(dialog, 4)
    press(driver, dialog, Qt.Key.Key_Space)
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-1", SetNote("Ring thrice."), BOB)
    choose(dialog, 5)
    press(driver, dialog, Qt.Key.Key_Space)
    driver.until(lambda: dialog.table.rowCount() == 7)
    settled(driver, dialog)
    assert column(dialog, EDIT)[3:5] == ["left out", "left out"]
    assert "7 events" in dialog.note.text()
