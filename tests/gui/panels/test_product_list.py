"""The product list on a real store: figures of the moment, and the way into the cart."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.domain.cart import AddItem
from explorer.domain.catalogue import ListProduct, RepriceProduct, product_stream
from explorer.gui.panels.product_list import ProductList
from tests.gui.stage import Stage, fill


@pytest.fixture
def listed(on: Stage) -> ProductList:
    products = on.put(ProductList, 900, 400)
    on.open()
    return products


@pytest.fixture
def adding(on: Stage, listed: ProductList) -> ProductList:
    """Jane's cart is chosen, and the cake cases are selected."""
    on.after(lambda: on.looking.choose_stream("cart-jane"))
    listed.rows.selectRow(0)
    return listed


def texts(products: ProductList, column: int) -> list[str]:
    return [products.rows.page.index(row, column).data() for row in range(products.rows.page.rowCount())]


def lines_of(on: Stage) -> dict[str, int]:
    assert on.answer.stream is not None
    return {line.sku: line.quantity for line in on.answer.stream.lines}


def test_products_are_listed_with_their_figures(listed: ProductList) -> None:
    assert texts(listed, 0) == ["21212", "22423", "85123"]
    assert texts(listed, 1) == ["Cake cases", "Regency cakestand", "White heart holder"]
    assert texts(listed, 2) == ["0.55", "12.75", "2.55"]
    assert listed.rows.page.headerData(2, Qt.Orientation.Horizontal) == "Price, GBP"
    assert [texts(listed, column)[1] for column in range(3, 7)] == ["2", "1", "0", "12.75"]
    assert listed.rows.page.index(0, 2).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert "Revenue 12.75 GBP" in listed.rows.tip_at(1, 1)


def test_figures_are_those_of_the_moment(on: Stage, listed: ProductList) -> None:
    on.after(lambda: on.looking.go_to(7))
    assert [texts(listed, column)[1] for column in range(3, 7)] == ["0", "0", "0", "0.00"]
    assert texts(listed, 3)[2] == "6"
    on.after(lambda: on.looking.go_to(0))
    assert listed.empty.isVisible()
    assert "by this moment" in listed.empty.words.text()


def test_a_price_that_changes_is_seen(on: Stage, listed: ProductList) -> None:
    on.after(lambda: on.looking.command("product-21212", RepriceProduct(60)))
    assert texts(listed, 2)[0] == "0.60"


def test_two_currencies_are_named_at_every_price(on: Stage, listed: ProductList) -> None:
    on.after(lambda: on.looking.command(product_stream("E1"), ListProduct("E1", "Euro thing", 100, "EUR")))
    assert texts(listed, 2) == ["0.55 GBP", "12.75 GBP", "2.55 GBP", "1.00 EUR"]
    assert listed.rows.page.headerData(2, Qt.Orientation.Horizontal) == "Price"


def test_the_button_enter_and_a_double_click_add_to_the_cart(on: Stage, adding: ProductList) -> None:
    assert adding.why.text() == "Goes to Jane Doe’s cart."
    on.after(lambda: QTest.mouseClick(adding.add, Qt.MouseButton.LeftButton))
    assert lines_of(on)["21212"] == 1
    on.after(lambda: QTest.keyClick(adding.rows, Qt.Key.Key_Return))
    assert lines_of(on)["21212"] == 2
    place = adding.rows.visualRect(adding.rows.page.index(2, 1)).center()
    viewport = adding.rows.viewport()

    def double_click() -> None:
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)

    on.after(double_click)
    assert lines_of(on) == {"85123": 7, "22423": 2, "21212": 2}


def test_a_quantity_is_added_and_goes_back_to_one(on: Stage, adding: ProductList) -> None:
    adding.quantity.selectAll()
    QTest.keyClicks(adding.quantity, "12")
    on.after(lambda: QTest.keyClick(adding.quantity, Qt.Key.Key_Return))
    assert lines_of(on)["21212"] == 12
    assert adding.quantity.value() == 1


def test_a_refusal_stands_below_and_keeps_the_quantity(on: Stage, adding: ProductList, qtbot: QtBot) -> None:
    adding.quantity.setValue(100_000)
    with qtbot.waitSignal(on.looking.refused):
        QTest.mouseClick(adding.add, Qt.MouseButton.LeftButton)
    assert adding.refusal.isVisible()
    assert "at most 99,999" in adding.refusal.text()
    assert not adding.why.isVisible()
    assert adding.quantity.value() == 100_000
    adding.quantity.setValue(3)
    on.after(lambda: QTest.mouseClick(adding.add, Qt.MouseButton.LeftButton))
    assert not adding.refusal.isVisible()
    assert adding.why.isVisible()
    assert lines_of(on)["21212"] == 3


def test_why_nothing_can_be_added_is_said_in_words(on: Stage, listed: ProductList) -> None:
    listed.rows.selectRow(0)

    def said() -> tuple[str, bool]:
        assert listed.add.toolTip() in {listed.why.text(), "Add the selected product (Enter)"}
        return listed.why.text(), listed.add.isEnabled()

    assert said() == ("Choose an open cart first.", False)
    on.after(lambda: on.looking.choose_stream("cart-omar"))
    assert said() == ("The chosen cart is checked out.", False)
    on.after(lambda: on.looking.choose_stream("product-21212"))
    assert said() == ("Choose an open cart first.", False)
    on.after(lambda: on.looking.choose_stream("cart-jane"))
    assert said() == ("Goes to Jane Doe’s cart.", True)
    on.after(lambda: on.looking.go_to(8))
    assert said() == ("You are looking at the past; Esc returns to now.", False)
    asked = on.looking.question
    QTest.keyClick(listed.rows, Qt.Key.Key_Return)
    assert on.looking.question is asked


def test_the_selection_is_kept_when_figures_change(on: Stage, adding: ProductList) -> None:
    adding.rows.selectRow(1)
    on.after(lambda: on.looking.command("cart-jane", AddItem("21212", 1)))
    assert adding.rows.current_key() == "22423"
    on.after(lambda: on.looking.command(product_stream("10000"), ListProduct("10000", "First", 1, "GBP")))
    assert adding.rows.current_key() == "22423"
    assert adding.rows.currentIndex().row() == 2


def test_a_search_selects_its_first_hit_and_enter_adds_it(on: Stage, listed: ProductList) -> None:
    on.after(lambda: on.looking.choose_stream("cart-jane"))
    listed.focus_search()
    on.after(lambda: QTest.keyClicks(listed.search, "CAKESTAND"))
    assert texts(listed, 0) == ["22423"]
    assert listed.add.isEnabled()
    QTest.keyClick(listed.search, Qt.Key.Key_Down)
    on.after(lambda: QTest.keyClick(listed.rows, Qt.Key.Key_Return))
    assert lines_of(on)["22423"] == 3
    on.after(lambda: QTest.keyClicks(listed.search, "zzz"))
    assert listed.empty.words.text() == "No product matches “CAKESTANDzzz”."
    on.after(lambda: QTest.mouseClick(listed.empty.button, Qt.MouseButton.LeftButton))
    assert len(texts(listed, 0)) == 3


def test_hostile_names_stay_plain(stage: Callable[[Path], Stage], tmp_path: Path, qtmodeltester: ModelTester) -> None:
    name = "<b>x</b>\u202egnp\x00 شكرا"
    fill(tmp_path / "h.events", [(product_stream("<i>"), ListProduct("<i>", name, 1, "GBP"), "ann", "")])
    on = stage(tmp_path / "h.events")
    products = on.put(ProductList)
    on.open()
    shown = texts(products, 1)[0]
    assert shown.startswith("<b>x</b>")
    assert "شكرا" in shown
    assert not {"\u202e", "\x00"} & set(shown)
    assert "<b>" not in products.rows.tip_at(0, 1)
    qtmodeltester.check(products.rows.page)  # pyright: ignore[reportUnknownMemberType]


def test_every_control_has_a_name(listed: ProductList) -> None:
    controls = [listed.search, listed.rows, listed.quantity, listed.add, *listed.findChildren(QPushButton)]
    assert [control for control in controls if not (control.accessibleName() or control.property("text"))] == []
