"""Following in the real window: another session writes meanwhile."""

from pathlib import Path

import pytest

from explorer.application.event_list import EventFilter
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import ChangeQuantity
from explorer.gui.main_window import MainWindow
from tests.application.shop import BOB, Clock, open_cart, opened, stock
from tests.gui.driver import Driver

CHANGES = 60
"""More than a page of the list has room for."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        for quantity in range(10, 10 + CHANGES):
            handle(session, "cart-1", ChangeQuantity("mug", quantity), BOB)
        session.catch_up()
    return tmp_path / "shop.events"


def write(store: Path, *quantities: int) -> None:
    """As another process does it."""
    with Session(store, cache=store.parent / "other-cache") as session:
        for quantity in quantities:
            handle(session, "cart-1", ChangeQuantity("mug", quantity), BOB)


def newest(window: MainWindow) -> int:
    answer = window.looking.answer
    assert answer is not None
    return answer.events.rows[-1].position


def test_the_newest_event_is_shown_as_it_comes(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    follow = window.menus.by_id["follow_events"]
    driver.until(follow.isChecked)
    head = newest(window)
    write(store, 1, 2)
    driver.until(lambda: newest(window) == head + 2)
    assert window.events.pill.isHidden()


def test_a_list_that_rests_keeps_its_place_and_counts_what_is_new(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    follow, pill = window.menus.by_id["follow_events"], window.events.pill
    answer = driver.answered(window)
    rows, head = answer.events.rows, answer.status.head
    follow.trigger()
    driver.until(pill.isVisible)
    assert pill.text() == "▼ Paused"
    assert not follow.isChecked()
    write(store, 1, 2, 3)
    driver.until(lambda: pill.text() == "▼ 3 new")
    assert driver.answered(window).events.rows == rows, "the place is not lost"
    assert window.looking.is_now
    pill.click()
    driver.until(lambda: newest(window) == head + 3)
    assert pill.isHidden()
    assert follow.isChecked()


def test_what_is_new_is_what_the_filter_lists(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    window.looking.show_filter(EventFilter(actor="Nobody"))
    driver.answered(window)
    window.looking.show_filter(EventFilter(actor="Bob"))
    driver.answered(window)
    window.looking.hold()
    with Session(store, cache=store.parent / "other-cache") as session:
        open_cart(session, "cart-2")
    write(store, 4)
    driver.until(lambda: window.events.pill.text() == "▼ 1 new")


def test_in_the_past_it_is_told_that_something_has_come(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    head = driver.answered(window).status.head
    window.looking.go_to(5)
    driver.answered(window)
    assert window.events.pill.isHidden()
    write(store, 5, 6)
    driver.until(lambda: window.events.pill.text() == "▼ 2 new")
    window.events.pill.click()
    driver.until(lambda: window.looking.is_now and newest(window) == head + 2)


def test_whoever_scrolls_up_rests_and_whoever_scrolls_to_the_end_follows(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    driver.answered(window)
    window.events.table.scrolled.emit("page up")
    driver.until(window.events.pill.isVisible)
    assert not window.looking.is_following
    window.events.table.scrolled.emit("end")
    driver.until(window.events.pill.isHidden)
    assert window.looking.is_following
