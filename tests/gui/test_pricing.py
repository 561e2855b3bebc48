"""A line of a cart takes today's price, in the real window: by the keyboard and from the line's menu."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.catalogue import RepriceProduct
from explorer.gui.main_window import MainWindow
from tests.application.shop import BOB, Clock, open_cart, opened, stock
from tests.gui.driver import Driver


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: opened, two mugs at 3.99, which cost 4.50 since."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        handle(session, "product-mug", RepriceProduct(450), BOB)
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    """Its user is in the price of the mugs."""
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.choose_stream("cart-1")
    driver.version(window, 2)
    lines = window.editor.cart.lines
    driver.until(lambda: len(lines.keys) == 1)
    lines.setCurrentIndex(lines.page.index(0, 2))
    driver.until(window.menus.by_id["take_price"].isEnabled)
    return window


def press(window: MainWindow) -> None:
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(window, Qt.Key.Key_P, modifiers)


def test_a_line_takes_the_price_its_product_has_now_once(driver: Driver, window: MainWindow, store: Path) -> None:
    told: list[str] = []
    window.looking.told.connect(told.append)
    press(window)
    driver.version(window, 3)
    lines = window.editor.cart.lines
    driver.until(lambda: [cell.text for cell in lines.page.cells(0)][2:4] == ["4.50", "9.00"])
    press(window)
    driver.until(lambda: "Mug, white has today's price already." in told)
    told.clear()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driver.until(lambda: bool(told))
    assert told[0].startswith("Not undone: By today's rules nothing leads back to before this event; a price")
    with Session(store, cache=store.parent / "cache-2") as session:
        assert session.store.version_of("cart-1") == 3


def test_it_stands_in_the_line_s_menu_and_is_only_for_lines_and_now(driver: Driver, window: MainWindow) -> None:
    menus: list[QMenu] = []
    lines = window.editor.cart.lines
    lines.offering.connect(menus.append)
    lines.customContextMenuRequested.emit(lines.visualRect(lines.page.index(0, 2)).center() + QPoint(1, 1))
    action = window.menus.by_id["take_price"]
    assert action in menus[0].actions()
    menus[0].close()
    window.looking.go_to(5)
    driver.until(lambda: not action.isEnabled())
    window.looking.go_to_now()
    driver.until(action.isEnabled)
    window.looking.pick(None)
    driver.until(lambda: not action.isEnabled())
