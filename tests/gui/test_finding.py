"""Finding the moment in the real window, and stopping there when history is played."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.domain.cart import ItemQuantityChanged
from explorer.gui import watchpoint
from explorer.gui.main_window import MainWindow
from explorer.gui.meant import Picked
from explorer.gui.moment_dialog import MomentDialog
from explorer.gui.rooms.finding import Finding
from tests.application.shop import Clock, happened, long_cart, note, opened, record
from tests.gui.driver import Driver


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 2 mugs at event 2, 7 at 3, 2 at 4, 7 at 5; 40 notes on tap-1; cart-2 with 7 mugs at 48; 50 notes."""
    with opened(tmp_path, Clock()) as session:
        long_cart(session, 2, "cart-1")
        for before, after in ((2, 7), (7, 2), (2, 7)):
            happened(session, "cart-1", ItemQuantityChanged("mug", before, after))
        record(session, "tap-1", *(note({"n": n}) for n in range(40)))
        long_cart(session, 2, "cart-2")
        happened(session, "cart-2", ItemQuantityChanged("mug", 2, 7))
        record(session, "tap-1", *(note({"n": n}) for n in range(50)))
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.choose_stream("cart-1")
    driver.answered(window)
    return window


def test_from_a_field_it_is_asked_when_that_became_so(driver: Driver, window: MainWindow) -> None:
    window.looking.pick(Picked("status", "open", "state"))
    window.menus.by_id["find_moment"].trigger()
    room = next(room for room in window.rooms if isinstance(room, Finding))
    assert room.dialog is not None
    assert room.dialog.field.text() == 'status == "open"'
    room.dialog.field.setText("units > 3")
    room.dialog.close()
    window.menus.by_id["find_moment"].trigger()
    assert room.dialog.field.text() == "units > 3", "what was written is kept"


@pytest.fixture
def dialog(driver: Driver, window: MainWindow) -> MomentDialog:
    window.menus.by_id["find_moment"].trigger()
    room = next(room for room in window.rooms if isinstance(room, Finding))
    assert room.dialog is not None
    driver.until(room.dialog.isVisible)
    return room.dialog


def press(window: MainWindow, action: str) -> None:
    found = window.menus.by_id[action]
    assert found.isEnabled(), found.property("reason")
    found.trigger()


def arrived(driver: Driver, window: MainWindow, dialog: MomentDialog, action: str) -> str:
    """What is said when a search has ended."""
    dialog.say("")
    press(window, action)
    driver.until(lambda: bool(dialog.outcome.text()))
    driver.answered(window)
    return dialog.outcome.text()


def test_it_goes_from_moment_to_moment_both_ways(driver: Driver, window: MainWindow, dialog: MomentDialog) -> None:
    assert not window.menus.by_id["find_next_moment"].isEnabled()
    assert "Ctrl+Shift+M" in window.menus.by_id["find_next_moment"].property("reason")
    QTest.keyClicks(dialog.field, "units >= 5")
    said = arrived(driver, window, dialog, "find_first_moment")
    assert said == "Event 3: units >= 5 becomes true in cart 1."
    assert window.looking.position == 3
    arrived(driver, window, dialog, "find_next_moment")
    assert window.looking.position == 5
    arrived(driver, window, dialog, "find_next_moment")
    assert (window.looking.position, window.looking.question.stream) == (48, "cart-2")
    said = arrived(driver, window, dialog, "find_next_moment")
    assert said == "units >= 5 becomes true nowhere after event 48."
    assert window.looking.position == 48
    arrived(driver, window, dialog, "find_previous_moment")
    assert (window.looking.position, window.looking.question.stream) == (5, "cart-1")
    window.looking.go_to(None)
    driver.answered(window)
    arrived(driver, window, dialog, "find_previous_moment")
    assert window.looking.position == 48


def test_one_stream_can_be_sought_in(driver: Driver, window: MainWindow, dialog: MomentDialog) -> None:
    dialog.field.setText("units >= 5")
    assert dialog.scope.itemText(0) == "This stream (cart 1)"
    dialog.scope.setCurrentIndex(0)
    window.looking.go_to(5, "cart-1")
    driver.answered(window)
    assert (
        arrived(driver, window, dialog, "find_next_moment")
        == "units >= 5 becomes true nowhere in cart 1 after event 5."
    )


def test_what_is_not_understood_is_marked_and_said(driver: Driver, window: MainWindow, dialog: MomentDialog) -> None:
    dialog.field.setText("units >")
    assert dialog.field.condition is None
    assert dialog.outcome.text().startswith("⚠ ")
    assert not window.menus.by_id["find_next_moment"].isEnabled()
    dialog.field.setText("units > 3")
    assert dialog.outcome.text() == ""
    assert window.menus.by_id["find_next_moment"].isEnabled()


def test_what_was_sought_is_remembered(driver: Driver, window: MainWindow, dialog: MomentDialog, store: Path) -> None:
    for text in ("units >= 5", "units >= 6", "units >= 5"):
        dialog.field.setText(text)
        arrived(driver, window, dialog, "find_first_moment")
    assert [dialog.predicate.itemText(row) for row in range(dialog.predicate.count())] == ["units >= 5", "units >= 6"]
    assert dialog.field.text() == "units >= 5"
    driver.close(window)
    second = driver.open(store)
    second.trusting.rest.stop()
    press(second, "find_moment")
    room = next(room for room in second.rooms if isinstance(room, Finding))
    assert room.dialog is not None
    assert [room.dialog.predicate.itemText(row) for row in range(2)] == ["units >= 5", "units >= 6"]
    assert room.dialog.field.text() == "units >= 5"


@pytest.mark.parametrize("stretch", [1, 3, 400])
def test_playing_stops_where_it_holds_however_fast(
    driver: Driver, window: MainWindow, dialog: MomentDialog, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(watchpoint, "STRETCH", stretch)
    dialog.field.setText("units >= 5")
    press(window, "stop_at_moment")
    assert dialog.watch.isChecked()
    looking = window.looking
    looking.set_speed(1_000)
    looking.go_to(0)
    stops: list[int] = []
    for _ in range(3):
        looking.play()
        driver.until(lambda: not looking.is_playing)
        stops.append(looking.position)
        driver.answered(window)
    assert stops == [3, 5, 48]
    assert dialog.outcome.text() == "Stopped at event 48: units >= 5 becomes true."
    looking.play()
    driver.until(lambda: not looking.is_playing)
    assert looking.is_now
    press(window, "stop_at_moment")
    assert looking.watch is None


def test_it_watches_the_chosen_stream_only_if_it_is_so_chosen(
    driver: Driver, window: MainWindow, dialog: MomentDialog
) -> None:
    dialog.field.setText("units >= 5")
    dialog.scope.setCurrentIndex(0)
    QTest.mouseClick(dialog.watch, Qt.MouseButton.LeftButton)
    looking = window.looking
    looking.set_speed(1_000)
    looking.go_to(5, "cart-1")
    looking.play()
    driver.until(lambda: not looking.is_playing)
    assert looking.is_now


def test_amounts_of_money_are_said_while_it_is_written(
    driver: Driver, window: MainWindow, dialog: MomentDialog
) -> None:
    field = dialog.field
    QTest.keyClicks(field, "total > 500")
    driver.until(field.hint.isVisible)
    assert field.hint.text() == "Money in minor units: total > 500 is more than 5.00 GBP"
    assert field.hint.mapTo(dialog, field.hint.rect().topLeft()).y() >= dialog.predicate.geometry().bottom()
    assert field.hint.geometry().bottom() <= dialog.scope.geometry().top()
    QTest.keyClicks(field, "0")
    assert field.hint.text().endswith("more than 50.00 GBP")
    field.setText("units > 500")
    assert not field.hint.isVisible()
    field.setText("total > 5.00")
    assert dialog.outcome.text() == "⚠ Money is in minor units: write 500 for 5.00."
    assert not window.menus.by_id["find_next_moment"].isEnabled()
    field.select_wrong()
    assert field.selectedText() == "5.00"


def test_a_field_that_no_state_has_is_doubted_at_once_and_when_nothing_was_found(
    driver: Driver, window: MainWindow, dialog: MomentDialog
) -> None:
    field = dialog.field
    field.setText("units > 3")
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "totl > 500")
    driver.until(field.hint.isVisible)
    assert field.hint.text() == "No state has a field totl: is it total?"
    said = arrived(driver, window, dialog, "find_next_moment")
    assert said == "totl > 500 becomes true nowhere. No state has a field totl: is it total?"
    field.setText("fields.m > 3")
    said = arrived(driver, window, dialog, "find_previous_moment")
    assert "No state seen has a field fields.m" in said
    dialog.scope.setCurrentIndex(0)
    field.setText("unit_price > 3")
    assert field.hint.text().startswith("Money"), "a product has such a field"
    said = arrived(driver, window, dialog, "find_first_moment")
    assert "unit_price > 3 becomes true nowhere in cart 1. No state has a field unit_price; there are " in said


def test_a_name_that_is_being_written_is_not_doubted(driver: Driver, window: MainWindow, dialog: MomentDialog) -> None:
    del window
    field = dialog.field
    field.setText("total > 5")
    driver.until(field.hint.isVisible)  # so that it is known what there is
    field.clear()
    QTest.keyClicks(field, "to")
    assert field.hint.text() == ""
    QTest.keyClicks(field, " ")
    assert field.hint.text().startswith("No state has a field to")


def test_at_now_enter_looks_backwards(driver: Driver, window: MainWindow, dialog: MomentDialog) -> None:
    looking = window.looking
    first, back, on = dialog.buttons
    assert (back.isDefault(), on.isDefault()) == (True, False)
    QTest.keyClicks(dialog.field, "units >= 5")
    for position in (48, 5, 3):
        dialog.say("")
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
        driver.until(lambda: bool(dialog.outcome.text()))
        driver.answered(window)
        assert looking.position == position
        assert back.isDefault(), "it goes on the way it went"
    arrived(driver, window, dialog, "find_next_moment")
    assert (looking.position, on.isDefault(), on.property("primary")) == (5, True, "true")
    assert not first.isDefault()
    looking.go_to(None)
    driver.answered(window)
    assert (back.isDefault(), back.property("primary"), on.property("primary")) == (True, "true", "false")
    said = arrived(driver, window, dialog, "find_next_moment")
    assert said == "units >= 5 becomes true nowhere behind now; before, it last did at event 48: Shift+F3 goes there."
    assert back.isDefault()
    dialog.field.setText("units >= 500")
    assert arrived(driver, window, dialog, "find_next_moment") == "units >= 500 becomes true nowhere."
