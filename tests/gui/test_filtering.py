"""Filters and colour rules in the real window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from explorer.application.colouring import MOST, Coloured, rule
from explorer.application.filtering import EventFilter
from explorer.gui.colour_rules_dialog import ColourRulesDialog, Draft
from explorer.gui.main_window import MainWindow
from explorer.gui.panels.event_cells import Column, tip_of
from explorer.gui.rooms.filtering import Filtering
from tests.application.shop import Clock, open_cart, opened, stock
from tests.gui.driver import Driver


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Positions 1 to 4 a shop; 5 and 6 cart-1 with 2 mugs, 7 and 8 cart-2 with 9."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        open_cart(session, "cart-2", mugs=9)
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.go_to(8, "cart-2")
    driver.version(window, 2)
    return window


def room_of(window: MainWindow) -> Filtering:
    return next(room for room in window.rooms if isinstance(room, Filtering))


def listed(driver: Driver, window: MainWindow) -> list[int]:
    return [row.position for row in driver.answered(window).events.rows]


def test_the_value_picked_in_the_data_narrows_the_list(driver: Driver, window: MainWindow) -> None:
    action = window.menus.by_id["filter_by_value"]
    assert not action.isEnabled()
    assert "No value is picked" in action.property("reason")
    window.detail.tabs.setCurrentWidget(window.detail.data)
    tree = window.detail.data
    row = next(r for r in range(tree.model.rowCount()) if tree.model.item(r, 0).text() == "quantity")
    tree.view.setCurrentIndex(tree.model.index(row, 0))
    assert action.isEnabled()
    assert action.text().endswith(": data.quantity == 9")
    action.trigger()
    assert listed(driver, window) == [8]
    assert window.filter_bar.field.text() == "data.quantity == 9"
    window.looking.show_filter(EventFilter(type="ItemAdded"))
    window.menus.by_id["exclude_value"].trigger()
    assert listed(driver, window) == [6]
    assert window.filter_bar.field.text() == "type == ItemAdded and data.quantity != 9"


def test_a_change_of_the_state_is_filtered_by_as_the_event_says_it(driver: Driver, window: MainWindow) -> None:
    window.detail.tabs.setCurrentWidget(window.detail.changes)
    room = room_of(window)
    window.detail.changes.table.chosen.emit("units")
    assert room.condition == "", "no field of the event is called so"
    window.looking.go_to(6, "cart-1")
    driver.version(window, 2)
    change = next(c for c in driver.answered(window).stream.changes if c.path.startswith("lines"))  # type: ignore[union-attr]
    window.detail.changes.table.chosen.emit(change.path)
    assert room.condition in ("", "data.quantity == 2")


def test_the_envelope_and_the_cells_of_the_list_are_filtered_by(driver: Driver, window: MainWindow) -> None:
    window.detail.tabs.setCurrentWidget(window.detail.envelope)
    window.detail.envelope.values["Stream"].setFocus(Qt.FocusReason.MouseFocusReason)
    driver.until(lambda: room_of(window).condition == "stream == cart-2")
    window.detail.envelope.values["Causation id"].setFocus(Qt.FocusReason.MouseFocusReason)
    driver.until(lambda: room_of(window).condition == "causation == null")
    row = driver.answered(window).events.rows[-1]
    window.events._pick(row, Column.ACTOR)  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    menu = window.events.menu_for(row)
    texts = [action.text() for action in menu.actions()]
    assert "Filter b&y this value: actor == Ann" in texts
    menu.close()


def test_what_is_offered_on_a_field(driver: Driver, window: MainWindow) -> None:
    menus: list[QMenu] = []

    def note(place: str, menu: QMenu) -> None:
        if place == "field":
            menus.append(menu)

    window.looking.menu_opening.connect(note)
    menu = QMenu(window)
    menu.addAction("Copy")
    window.detail.data.offering.emit(menu)
    assert menus == [menu]
    assert window.menus.by_id["filter_by_value"] in menu.actions()


def test_a_filter_is_saved_and_found_again_in_another_window(driver: Driver, window: MainWindow, store: Path) -> None:
    assert not window.menus.by_id["save_filter"].isEnabled()
    window.looking.show_filter(EventFilter(actor="Ann", where="data.quantity > 2"))
    driver.answered(window)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    driver.until(lambda: window.findChild(QInputDialog, "save_filter") is not None)
    asked = window.findChild(QInputDialog, "save_filter")
    assert asked is not None
    assert asked.okButtonText() == "Save filter"
    asked.setTextValue("Large")
    asked.accept()
    assert window.filter_bar.filters.kept.saved == (("Large", "actor == Ann and data.quantity > 2"),)
    driver.close(window)
    again = driver.open(store)
    driver.until(lambda: bool(again.filter_bar.own_actions))
    again.filter_bar.menu.aboutToShow.emit()
    assert again.menus.by_id["save_filter"] in again.filter_bar.menu.actions()
    next(entry for entry in again.filter_bar.menu.actions() if entry.text() == "Large").trigger()
    assert driver.answered(again).question.filter == EventFilter(actor="Ann", where="data.quantity > 2")


def test_colour_rules_mark_the_rows_and_the_marks_and_are_kept(
    driver: Driver, window: MainWindow, store: Path, qtbot: QtBot
) -> None:
    window.menus.by_id["colour_rules"].trigger()
    driver.until(lambda: window.findChild(ColourRulesDialog) is not None)
    dialog = window.findChild(ColourRulesDialog)
    assert dialog is not None
    line = dialog.lines[0]
    line.name.setText("large")
    line.text.setText("data.quantity > ")
    dialog.wish()
    assert dialog.isVisible()
    assert dialog.refusal.text().startswith("✕ large: Something is missing")
    line.text.setText("data.quantity > 5")
    line.colour.setCurrentIndex(line.colour.findData("purple"))
    dialog.wish()
    expected = {8: Coloured("large", "L", "purple")}
    answer = driver.answered(window)
    assert (answer.row_colours, answer.mark_colours) == (expected, expected)
    shown = window.events.table.shown
    number = [row.position for row in shown.page.rows].index(8)
    assert tip_of(shown, number, Column.SUMMARY).endswith("Colour rule: large")
    driver.close(window)
    again = driver.open(store)
    assert room_of(again).rules == (rule("large", "data.quantity > 5", "purple"),)
    assert driver.answered(again).row_colours == expected


def test_lines_of_colour_rules_keep_their_height_and_what_is_written(
    driver: Driver, window: MainWindow, store: Path
) -> None:
    dialog = opened_rules(driver, window)
    usual = dialog.lines[0].name.height()
    assert usual == dialog.lines[0].name.sizeHint().height()
    while dialog.add.isEnabled():
        dialog.add.click()
    assert len(dialog.lines) == MOST
    line = dialog.lines[-1]
    line.name.setText("large")
    line.text.setText("data.quantity >")
    dialog.wish()
    driver.until(lambda: line.text.visibleRegion().boundingRect().height() == usual)
    assert dialog.refusal.isVisible()
    assert {one.name.height() for one in dialog.lines} == {usual}
    QTest.keyClick(line.text, Qt.Key.Key_Escape)
    driver.until(lambda: window.findChild(ColourRulesDialog) is None)
    again = opened_rules(driver, window)
    assert [line.draft for line in again.lines] == [Draft("large", "data.quantity >", "sky")]
    assert again.kept.isVisible()
    again.undo.click()
    assert [line.is_blank for line in again.lines] == [True]
    assert not again.undo.isEnabled()
    again.reject()
    driver.until(lambda: window.findChild(ColourRulesDialog) is None)
    assert not opened_rules(driver, window).kept.isVisible()


def test_a_colour_rule_is_written_as_a_filter_is(driver: Driver, window: MainWindow) -> None:
    dialog = opened_rules(driver, window)
    field = dialog.lines[0].text
    field.setFocus()
    QTest.keyClicks(field, "ty")
    assert field.is_offering
    QTest.keyClick(field.popup, Qt.Key.Key_Escape)
    driver.until(lambda: not field.is_offering)
    assert dialog.isVisible()
    assert field.text() == "ty"


def opened_rules(driver: Driver, window: MainWindow) -> ColourRulesDialog:
    window.menus.by_id["colour_rules"].trigger()
    driver.until(lambda: window.findChild(ColourRulesDialog) is not None)
    dialog = window.findChild(ColourRulesDialog)
    assert dialog is not None
    driver.until(dialog.isActiveWindow)
    return dialog


def test_find_events_goes_to_the_field(driver: Driver, window: MainWindow) -> None:
    window.menus.by_id["find_events"].trigger()
    driver.until(window.filter_bar.field.hasFocus)


def test_while_a_condition_is_half_typed_the_list_stays(driver: Driver, window: MainWindow) -> None:
    bar = window.filter_bar
    bar.field.setFocus()
    driver.until(bar.field.hasFocus)
    QTest.keyClicks(bar.field, "type == ItemAdded ")
    driver.until(lambda: window.looking.question.filter == EventFilter(type="ItemAdded"))
    assert listed(driver, window) == [6, 8]
    QTest.keyClicks(bar.field, "and data.qua")
    driver.until(lambda: bar.field.is_offering or bar.waiting.isVisible())
    QTest.keyClicks(bar.field, "ntty ")
    driver.until(bar.waiting.isVisible)
    QTest.keyClicks(bar.field, ">")
    driver.until(bar.refusal.isVisible)
    assert listed(driver, window) == [6, 8], "not what a field that nobody has would leave"
    bar.field.setText('actr == "ann"')
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert "Events have no actr: is it actor, or data.actr?" in bar.refusal.text()
    assert listed(driver, window) == [6, 8]
