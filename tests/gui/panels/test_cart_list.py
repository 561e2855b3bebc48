"""The cart list on a real store: what it lists, how it is chosen from, and how a cart is opened."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.domain.cart import AddItem, OpenCart
from explorer.gui.panels.cart_list import CartList
from explorer.gui.theme import DARK, LIGHT
from tests.gui.stage import Stage, Step, fill


@pytest.fixture
def listed(on: Stage) -> CartList:
    carts = on.put(CartList, 360, 600)
    on.open()
    return carts


def texts(carts: CartList, column: int) -> list[str]:
    return [carts.rows.page.index(row, column).data() for row in range(carts.rows.page.rowCount())]


def click(carts: CartList, row: int) -> None:
    place = carts.rows.visualRect(carts.rows.page.index(row, 1)).center()
    QTest.mouseClick(carts.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_last_changed_comes_first_with_shape_word_and_amounts(listed: CartList) -> None:
    assert texts(listed, 0) == ["● open", "✕ abandoned", "■ checked out", "● open"]
    assert texts(listed, 1) == ["Nobody Yet", "Lena Fischer", "Omar Haddad", "Jane Doe"]
    assert texts(listed, 4) == ["0.00", "0.00", "11.47 GBP", "40.80 GBP"]
    assert listed.rows.page.index(3, 4).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_a_tooltip_tells_all_and_is_no_mark_up(listed: CartList) -> None:
    words = listed.rows.tip_at(3, 0)
    assert "Jane Doe · Leeds · open" in words
    assert "2 lines, 8 units, 40.80 GBP" in words
    assert "UTC" in words


def test_a_click_and_the_arrows_choose_a_cart(on: Stage, listed: CartList) -> None:
    on.after(lambda: click(listed, 2))
    assert on.looking.question.stream == "cart-omar"
    on.after(lambda: QTest.keyClick(listed.rows, Qt.Key.Key_Down))
    assert on.looking.question.stream == "cart-jane"
    assert on.answer.stream is not None
    assert on.answer.stream.cart is not None


def test_the_selection_follows_the_cart_when_rows_change(on: Stage, listed: CartList) -> None:
    on.after(lambda: click(listed, 1))
    on.after(lambda: on.looking.command("cart-jane", AddItem("21212", 1)))
    assert texts(listed, 1) == ["Jane Doe", "Nobody Yet", "Lena Fischer", "Omar Haddad"]
    assert listed.rows.current_key() == "cart-lena"
    assert [index.row() for index in listed.rows.selectionModel().selectedRows()] == [2]
    assert on.looking.question.stream == "cart-lena"


def test_the_selection_follows_what_is_chosen_elsewhere(on: Stage, listed: CartList) -> None:
    on.after(lambda: on.looking.choose_stream("cart-omar"))
    assert listed.rows.current_key() == "cart-omar"
    on.after(lambda: on.looking.choose_stream("product-22423"))
    assert not listed.rows.selectionModel().hasSelection()


def test_status_and_words_narrow_the_list_and_clear_widens_it(on: Stage, listed: CartList) -> None:
    assert [listed.status.itemText(index) for index in range(4)] == [
        "All carts 4",
        "● Open 2",
        "■ Checked out 1",
        "✕ Abandoned 1",
    ]

    def choose_abandoned() -> None:
        listed.status.setCurrentIndex(3)
        listed.status.activated.emit(3)

    on.after(choose_abandoned)
    assert texts(listed, 1) == ["Lena Fischer"]
    on.after(lambda: QTest.keyClicks(listed.search, "leeds"))
    assert listed.empty.isVisible()
    assert listed.empty.words.text() == "No abandoned cart matches “leeds”."
    on.after(lambda: QTest.mouseClick(listed.empty.button, Qt.MouseButton.LeftButton))
    assert listed.search.text() == ""
    on.after(on.looking.ask_again) if len(texts(listed, 1)) < 4 else None
    assert len(texts(listed, 1)) == 4
    assert listed.status.currentIndex() == 0


def test_escape_empties_the_search(on: Stage, listed: CartList) -> None:
    on.after(lambda: QTest.keyClicks(listed.search, "jane"))
    assert texts(listed, 1) == ["Jane Doe"]
    on.after(lambda: QTest.keyClick(listed.search, Qt.Key.Key_Escape))
    assert len(texts(listed, 1)) == 4


def test_the_past_is_listed_as_it_was(on: Stage, listed: CartList) -> None:
    on.after(lambda: on.looking.go_to(7))
    assert texts(listed, 1) == ["Jane Doe"]
    assert texts(listed, 4) == ["15.30 GBP"]
    assert listed.status.itemText(0) == "All carts 1"
    on.after(lambda: on.looking.go_to(3))
    assert "by this moment" in listed.empty.words.text()
    assert not listed.empty.button.isVisible()


def test_an_empty_store_says_what_to_do(stage: Callable[[Path], Stage], empty_store: Path) -> None:
    on = stage(empty_store)
    carts = on.put(CartList)
    on.open()
    assert carts.empty.isVisible()
    assert "Open one" in carts.empty.words.text()


def test_a_cart_is_opened_by_keyboard_and_chosen(on: Stage, listed: CartList, qtbot: QtBot) -> None:
    QTest.mouseClick(listed.button, Qt.MouseButton.LeftButton)
    QTest.keyClicks(listed.form.location, "Lyon")
    QTest.keyClick(listed.form.customer, Qt.Key.Key_Return)
    qtbot.waitUntil(listed.form.refusals["customer"].isVisible)
    assert "needs a customer" in listed.form.refusals["customer"].text()
    assert listed.form.location.text() == "Lyon"
    QTest.keyClicks(listed.form.customer, "Li Wei")
    with qtbot.waitSignal(on.looking.accepted):
        QTest.keyClick(listed.form.customer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: texts(listed, 1)[0] == "Li Wei")
    assert not listed.form.isVisible()
    assert listed.rows.current_key() == on.looking.question.stream
    assert str(on.looking.question.stream).startswith("cart-")


def test_escape_puts_the_form_away_and_keeps_what_was_typed(listed: CartList) -> None:
    listed.open_cart()
    QTest.keyClicks(listed.form.customer, "Li")
    QTest.keyClick(listed.form.customer, Qt.Key.Key_Escape)
    assert not listed.form.isVisible()
    listed.open_cart()
    assert listed.form.customer.text() == "Li"


def test_in_the_past_no_cart_is_opened_and_the_button_says_why(on: Stage, listed: CartList) -> None:
    listed.open_cart()
    on.after(lambda: on.looking.go_to(8))
    assert not listed.button.isEnabled()
    assert listed.button.toolTip() == "You are looking at the past; Esc returns to now."
    assert not listed.form.customer.isEnabled()
    on.after(on.looking.go_to_now)
    assert listed.button.isEnabled()


def test_more_carts_come_when_the_end_is_near(stage: Callable[[Path], Stage], tmp_path: Path) -> None:
    steps: list[Step] = [(f"cart-{number}", OpenCart(f"Customer {number}", ""), "ann", "") for number in range(150)]
    fill(tmp_path / "many.events", steps)
    on = stage(tmp_path / "many.events")
    carts = on.put(CartList)
    on.open()
    few = carts.rows.page.rowCount()
    assert len(carts.rows.rows_in_view()) < few < 100
    on.after(carts.rows.scrollToBottom)
    assert carts.rows.page.rowCount() == few + 100
    on.after(carts.rows.scrollToBottom)
    assert carts.rows.page.rowCount() == 150
    on.after(lambda: on.looking.choose_stream("cart-40"))
    assert carts.rows.current_key() == "cart-40"
    place = carts.rows.verticalScrollBar().value()
    on.after(lambda: on.looking.go_to(149))
    assert carts.rows.current_key() == "cart-40"
    assert carts.rows.verticalScrollBar().value() == place


def test_a_hidden_list_asks_for_nothing_and_draws_nothing(on: Stage, listed: CartList) -> None:
    before = texts(listed, 1)
    on.after(listed.hide)
    assert on.answer.carts == ()
    on.after(lambda: on.looking.go_to(8))
    assert texts(listed, 1) == before
    on.after(listed.show)
    assert texts(listed, 1) == ["Jane Doe"]


HOSTILE = ["<b>bold</b>", "\u202egnp.exe", "a\x00b", "شكرا", "& Sons"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_plain(
    stage: Callable[[Path], Stage], tmp_path: Path, name: str, qtmodeltester: ModelTester
) -> None:
    fill(tmp_path / "h.events", [("cart-<i>1</i>", OpenCart(name, name), name, "")])
    on = stage(tmp_path / "h.events")
    carts = on.put(CartList)
    on.open()
    shown = texts(carts, 1)[0]
    assert "\u202e" not in shown
    assert "\x00" not in shown
    assert "<b>" not in carts.rows.tip_at(0, 1)
    for label in carts.findChildren(QLabel):
        assert label.textFormat() in {Qt.TextFormat.PlainText, Qt.TextFormat.AutoText}
    qtmodeltester.check(carts.rows.page)  # pyright: ignore[reportUnknownMemberType]


def test_columns_give_way_where_there_is_no_room(on: Stage, listed: CartList) -> None:
    def hidden() -> list[int]:
        return [column for column in range(7) if listed.rows.isColumnHidden(column)]

    assert 0 not in hidden()
    assert 4 not in hidden()
    assert hidden()
    listed.resize(1_000, 600)
    assert hidden() == []


def test_every_control_has_a_name_and_every_mnemonic_its_own_letter(listed: CartList) -> None:
    listed.open_cart()
    for kind in (QLineEdit, QPushButton):
        for control in listed.findChildren(kind):
            assert control.accessibleName() or control.text(), control
    assert listed.rows.accessibleName()
    assert listed.status.accessibleName()
    assert doubled_mnemonics(listed) == []


def doubled_mnemonics(panel: QWidget) -> list[str]:
    marked = [w.text() for kind in (QPushButton, QLabel) for w in panel.findChildren(kind) if "&" in w.text()]
    letters = [text[text.index("&") + 1].lower() for text in marked]
    return sorted({letter for letter in letters if letters.count(letter) > 1})


def test_the_theme_colours_what_is_shown_at_once(on: Stage, listed: CartList) -> None:
    on.look.choose("dark")
    assert listed.rows.page.index(0, 0).data(Qt.ItemDataRole.ForegroundRole).name() == DARK.kinds["opened"]
    on.look.choose("light")
    assert listed.rows.page.index(0, 0).data(Qt.ItemDataRole.ForegroundRole).name() == LIGHT.kinds["opened"]
