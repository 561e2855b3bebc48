"""Who changed a field, in the real window: from a state, from what changed, from a cart's lines; and back to then."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, SetNote
from explorer.gui.main_window import MainWindow
from explorer.gui.meant import Picked
from explorer.gui.panels.field_panel import FieldPanel
from explorer.gui.panels.state_tree import PATH, StateTree
from explorer.gui.rooms import blaming
from explorer.gui.rooms.blaming import Blaming
from explorer.gui.rooms.comparing import Comparing
from tests.application.shop import ANN, BOB, Clock, note, open_cart, opened, record, stock
from tests.gui.driver import Driver

QUANTITY = "lines[sku=mug].quantity"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 5 opened, 6 two mugs, 7 a note, 8 nine mugs by Bob, 9 a pen; 10 and 11 are a tap's, without rules."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        for about, command in (
            (ANN, SetNote("Ring twice.")),
            (BOB, ChangeQuantity("mug", 9)),
            (ANN, AddItem("pen", 1)),
        ):
            handle(session, "cart-1", command, about)
        record(session, "tap-1", note({"open": False}), note({"open": True}))
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    """At the fifth version of cart-1."""
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.go_to(9, "cart-1")
    driver.version(window, 5)
    return window


def panel_of(window: MainWindow) -> FieldPanel:
    return next(room for room in window.rooms if isinstance(room, Blaming)).fields


def asked(driver: Driver, window: MainWindow, path: str) -> FieldPanel:
    """Presses the keys, and waits for what is known of the field."""
    driver.until(window.menus.by_id["who_changed"].isEnabled)
    QTest.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = panel_of(window)
    driver.until(lambda: panel.isVisible() and panel.history is not None and panel.history.path == path)
    return panel


def values(panel: FieldPanel) -> list[tuple[str, str, str]]:
    cells = map(panel.rows.page.cells, range(len(panel.rows.keys)))
    return [(row[0].text, row[2].text, row[3].text) for row in cells]


def choose(tree: StateTree, path: str) -> None:
    model = tree.model
    found = model.match(model.index(0, 0), PATH, path, 1, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    tree.view.setCurrentIndex(found[0])


def test_a_field_of_a_line_is_asked_about_and_its_events_are_gone_to(driver: Driver, window: MainWindow) -> None:
    lines = window.editor.cart.lines
    driver.until(lambda: len(lines.keys) == 2)
    lines.setCurrentIndex(lines.page.index(0, 1))
    assert window.looking.picked == Picked(QUANTITY, 9, "state")
    panel = asked(driver, window, QUANTITY)
    assert values(panel) == [("6", "2", "Ann"), ("8", "9", "Bob")]
    assert panel.title.text() == f"{QUANTITY} = 9"
    assert panel.about.text().startswith("Set by event 8, item quantity changed, by Bob, ")
    assert panel.about.text().endswith("Reason: correction")
    assert panel.chart is not None
    assert panel.chart.is_of_numbers
    assert panel.rows.current_key() == "8"
    QTest.mouseClick(
        panel.rows.viewport(),
        Qt.MouseButton.LeftButton,
        pos=panel.rows.visualRect(panel.rows.page.index(0, 1)).center(),
    )
    driver.version(window, 2)
    driver.until(lambda: panel.title.text() == f"{QUANTITY} = 2")
    window.looking.go_to(5)
    driver.until(lambda: "not set yet" in panel.about.text())
    assert panel.rows.current_key() is None


def test_a_text_is_shown_as_a_strip(driver: Driver, window: MainWindow) -> None:
    window.show_panel(window.state_panel)
    driver.until(window.state_panel.tree.view.isVisible)
    choose(window.state_panel.tree, "note")
    panel = asked(driver, window, "note")
    assert values(panel) == [("7", "Ring twice.", "Ann")], "a cart begins without one"
    assert panel.chart is not None
    assert not panel.chart.is_of_numbers


def test_a_changed_field_is_asked_about_from_its_menu(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to(8, "cart-1")
    driver.version(window, 4)
    table = window.detail.changes
    driver.until(lambda: QUANTITY in table.table.keys)
    menu = table.menu_for(table.table.keys.index(QUANTITY))
    assert isinstance(menu, QMenu)
    assert window.menus.by_id["who_changed"] in menu.actions()
    menu.popup(window.mapToGlobal(QPoint(10, 10)))
    menu.close()
    assert len(asked(driver, window, QUANTITY).rows.keys) == 2


def test_an_event_field_is_none_of_a_state(driver: Driver, window: MainWindow) -> None:
    window.looking.pick(Picked("data.quantity", 1, "event"))
    driver.until(lambda: not window.menus.by_id["who_changed"].isEnabled())
    assert "Select a field" in window.menus.by_id["who_changed"].property("reason")


def test_a_stream_without_rules_can_be_asked(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to(11, "tap-1")
    driver.version(window, 2)
    choose(window.editor.tree, "fields.open")
    assert values(asked(driver, window, "fields.open")) == [("10", "false", "Ann"), ("11", "true", "Ann")]
    window.looking.pick(Picked("fields.other", 1, "state"))
    panel = asked(driver, window, "fields.other")
    assert "No event of tap 1 ever set fields.other." in panel.empty.text()


def test_a_field_in_a_comparison_is_of_the_stream_that_is_selected_there(driver: Driver, window: MainWindow) -> None:
    room = next(room for room in window.rooms if isinstance(room, Comparing))
    compare = room.comparison
    room.compare_with(11, whole=True)
    window.looking.go_to(4)
    driver.until(lambda: compare.streams.keys == ["tap-1", "cart-1"] and "fields.open" in compare.fields.table.keys)
    compare.fields.table.setCurrentIndex(compare.fields.table.page.index(0, 0))
    assert window.looking.question.stream == "cart-1", "to look at a field is not to turn to its stream"
    panel = asked(driver, window, "fields.open")
    assert panel.history is not None
    assert panel.history.stream == "tap-1"


def test_a_long_stream_is_read_by_a_task_and_news_are_told(
    driver: Driver, window: MainWindow, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blaming, "LONG", 1)
    window.looking.go_to_now()
    window.looking.pick(Picked("units", 0, "state"))
    panel = asked(driver, window, "units")
    assert [value for _, value, _ in values(panel)] == ["2", "9", "10"]
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "cart-1", ChangeQuantity("mug", 1), BOB)
    driver.until(panel.again.isVisible)
    assert panel.again.text() == "The stream has 1 new event: look again"
    QTest.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    driver.until(lambda: [value for _, value, _ in values(panel)] == ["2", "9", "10", "2"])
    assert not panel.again.isVisible()
