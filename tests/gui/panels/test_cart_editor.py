"""The cart editor on a real store: every edit, every refusal next to its field, and nothing lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from explorer.application.handle import handle
from explorer.application.privacy import erase, protect
from explorer.application.session import Session
from explorer.domain.cart import AddItem, OpenCart, SetNote
from explorer.domain.event import Metadata
from explorer.domain.privacy import ERASED, KEY_MISSING
from explorer.gui.panels.cart_lines import PRODUCT, QUANTITY, REMOVE
from explorer.gui.panels.quantity import Quantity
from explorer.gui.panels.state_tree import MARK
from tests.gui.panels.desk import Desk, click, press
from tests.gui.stage import Stage, fill

PAST = "You are looking at the past; Esc returns to now."


@pytest.fixture
def desk(on: Stage, qtbot: QtBot) -> Desk:
    return Desk(on, qtbot)


# What is shown


def test_a_cart_is_shown_with_all_that_is_known_of_it(desk: Desk) -> None:
    form = desk.form
    assert (form.customer.text(), form.status.text()) == ("Jane Doe", "● open")
    assert "Leeds" in form.about.text()
    assert "by ann" in form.about.text()
    texts = [[form.lines.page.index(row, column).data() for column in range(5)] for row in range(2)]
    assert texts[0] == ["White heart holder, 85123", "6", "2.55", "15.30", "✕"]
    assert texts[1] == [f"{MARK} Regency cakestand, 22423 · added", "2", "12.75", "25.50", "✕"]
    assert [form.sums[name].text() for name in ("Subtotal", "Discount", "Total")] == [
        "40.80 GBP",
        "0.00 GBP",
        "40.80 GBP",
    ]


def test_nothing_chosen_says_what_to_do_and_a_stream_not_begun_says_so(desk: Desk) -> None:
    on = desk.on
    on.after(lambda: on.looking.go_to(5))
    assert desk.editor.empty.isVisible()
    assert "had not begun at this moment" in desk.editor.empty.words.text()
    on.after(lambda: on.looking.go_to(None, "cart-of-nobody"))
    assert "has not begun. Choose another" in desk.editor.empty.words.text()
    on.after(lambda: on.looking.choose_stream(None))
    assert "Choose a cart" in desk.editor.empty.words.text()


def test_a_stream_that_is_no_cart_is_shown_as_a_tree(desk: Desk) -> None:
    desk.on.after(lambda: desk.on.looking.choose_stream("product-22423"))
    assert desk.editor.tree.isVisible()
    assert desk.editor.title.text() == "product 22423 · version 1"
    assert desk.editor.tree.model.index(1, 2).data() == "Regency cakestand"


# Lines


def test_lines_are_taken_out_by_mouse_and_by_key(desk: Desk) -> None:
    lines = desk.form.lines
    place = lines.visualRect(lines.page.index(0, REMOVE)).center()
    desk.on.after(lambda: QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place))
    assert desk.event.data == {"sku": "85123", "quantity": 6}
    assert desk.quantities() == ["2"]
    assert desk.spin("22423").value() == 2
    lines.setFocus()
    lines.setCurrentIndex(lines.page.index(0, PRODUCT))
    desk.on.after(press(lines, Qt.Key.Key_Delete))
    assert desk.form.empty.isVisible()
    assert "The cart is empty" in desk.form.empty.words.text()


def test_the_focus_stays_in_its_line_when_another_goes(desk: Desk) -> None:
    spin = desk.spin("22423")
    spin.setFocus()
    QTest.keyClicks(spin, "5")
    desk.on.after(lambda: desk.form.lines.removed.emit("85123"))
    assert desk.quantities() == ["2"]
    assert desk.spin("22423") is spin
    assert spin.hasFocus()
    assert "5" in spin.text()


# Coupon, note, reason


def test_a_refused_coupon_says_why_next_to_the_field_and_stays(desk: Desk) -> None:
    form = desk.form
    assert "There is no coupon" in desk.refused(lambda: desk.type(form.coupon, "NOPE", Qt.Key.Key_Return))
    assert form.refusals["coupon"].isVisible()
    assert "NOPE" in form.refusals["coupon"].text()
    assert form.coupon.text() == "NOPE"
    assert "expired" in desk.refused(lambda: desk.type(form.coupon, "OLD", Qt.Key.Key_Return))
    desk.on.after(lambda: (desk.type(form.coupon, "TEN"), click(form.apply)()))
    assert not form.refusals["coupon"].isVisible()
    assert form.coupon.text() == ""
    assert form.captions["Discount"].text() == "TEN −10 %"
    narrow = form.minimumSizeHint().width()
    form.captions["Discount"].setText("W" * 30)  # however long its code, a coupon does not widen the window
    assert form.minimumSizeHint().width() == narrow
    form.captions["Discount"].setText("TEN −10 %")
    assert form.sums["Discount"].text() == "−4.08 GBP"
    assert form.marks["Coupon"].text() == MARK
    assert (
        "not possible beside" in desk.refused(lambda: desk.type(form.coupon, "OLDER", Qt.Key.Key_Return))
        or "There is no coupon" in form.refusals["coupon"].text()
    )
    desk.on.after(click(form.remove_coupon))
    assert form.captions["Discount"].text() == "Discount"
    assert not form.remove_coupon.isEnabled()


def test_a_note_is_recorded_on_leaving_and_a_long_one_is_refused_and_kept(desk: Desk) -> None:
    note = desk.form.note
    desk.on.after(lambda: (desk.type(note, "gift wrap"), desk.elsewhere.setFocus()))
    assert desk.event.data["note"] == "gift wrap"
    assert note.text() == "gift wrap"
    note.setText("x" * 1_001)
    note.textEdited.emit(note.text())
    assert "1,001" in desk.refused(press(note, Qt.Key.Key_Return))
    assert len(note.text()) == 1_001
    assert desk.form.refusals["note"].isVisible()
    QTest.keyClick(note, Qt.Key.Key_Escape)
    assert note.text() == "gift wrap"
    assert not desk.form.refusals["note"].isVisible()


def test_of_somebody_erased_no_note_can_be_written_and_all_else_goes_on(on: Stage, shop: Path, qtbot: QtBot) -> None:
    with Session(shop, cache=shop.parent / "cache") as session:
        protect(session, Metadata("ann"))
        handle(session, "cart-zoe", OpenCart("Zoe Lambert", "Lyon"), Metadata("ann"))
        handle(session, "cart-zoe", AddItem("85123", 1), Metadata("ann"))
        erase(session, Metadata("ann"), subject="Zoe Lambert")
    desk = Desk(on, qtbot)
    note = desk.form.note
    assert note.isEnabled()
    desk.on.after(lambda: on.looking.choose_stream("cart-zoe"))
    assert desk.form.customer.text() == ERASED
    assert not note.isEnabled()
    for words in (note.placeholderText(), note.toolTip(), desk.form.customer.toolTip()):
        assert "were erased: no note can be added" in words
    desk.on.after(lambda: desk.type(desk.spin("85123"), "4", Qt.Key.Key_Return))
    assert desk.event.data["quantity"] == 4


def test_a_missing_key_file_is_told_where_the_text_would_be(on: Stage, shop: Path, qtbot: QtBot) -> None:
    with Session(shop, cache=shop.parent / "cache") as session:
        protect(session, Metadata("ann"))
        handle(session, "cart-zoe", OpenCart("Zoe Lambert", "Lyon"), Metadata("ann"))
    shop.with_name("shop.events.keys").unlink()
    desk = Desk(on, qtbot)
    desk.on.after(lambda: on.looking.choose_stream("cart-zoe"))
    assert desk.form.customer.text() == KEY_MISSING
    assert not desk.form.note.isEnabled()
    assert "key file" in desk.form.note.toolTip()


def test_the_reason_goes_with_the_next_change_and_survives_a_refusal(desk: Desk) -> None:
    form = desk.form
    desk.type(form.reason, "customer called")
    desk.refused(lambda: desk.type(form.coupon, "NOPE", Qt.Key.Key_Return))
    assert form.reason.text() == "customer called"
    desk.on.after(lambda: desk.type(desk.spin("85123"), "3", Qt.Key.Key_Return))
    assert desk.event.metadata.reason == "customer called"
    assert form.reason.text() == ""
    desk.on.after(lambda: desk.type(desk.spin("85123"), "4", Qt.Key.Key_Return))
    assert desk.event.metadata.reason == ""


# The end of a cart


def test_an_empty_cart_cannot_be_checked_out_and_the_reason_stands_by_the_button(desk: Desk) -> None:
    desk.on.after(lambda: desk.on.looking.choose_stream("cart-none"))
    assert "empty cart" in desk.refused(click(desk.form.check_out))
    assert desk.form.refusals["end"].isVisible()
    desk.on.after(lambda: desk.on.looking.choose_stream("cart-jane"))
    assert not desk.form.refusals["end"].isVisible()


def test_a_checked_out_cart_says_that_it_cannot_be_changed(desk: Desk) -> None:
    form = desk.form
    desk.on.after(click(form.check_out))
    assert form.status.text() == "■ checked out"
    assert form.notice.text() == "This cart is checked out and cannot be changed any more."
    assert form.notice.isVisible()
    fields = (form.coupon, form.note, form.apply, form.check_out, form.abandon, form.reopen)
    assert [field for field in fields if field.isEnabled()] == []
    assert all("checked out" in field.toolTip() for field in fields)
    assert form.lines.spin_of("85123") is None
    assert "checked out" in form.lines.tip_at(0, QUANTITY)


def test_an_abandoned_cart_can_be_reopened(desk: Desk) -> None:
    form = desk.form
    desk.on.after(click(form.abandon))
    assert form.status.text() == "✕ abandoned"
    assert not form.coupon.isEnabled()
    assert form.reason.isVisible()
    desk.on.after(click(form.reopen))
    assert form.status.text() == "● open"
    assert form.coupon.isEnabled()
    assert not form.reopen.isEnabled()
    assert form.reopen.toolTip() == "Only an abandoned cart can be reopened."


# The past


def test_the_past_is_shown_and_cannot_be_edited(desk: Desk) -> None:
    form, on = desk.form, desk.on
    desk.on.after(lambda: desk.type(desk.spin("85123"), "12", Qt.Key.Key_Return))
    desk.refused(lambda: desk.type(desk.spin("22423"), "100000", Qt.Key.Key_Return))
    on.after(lambda: on.looking.go_to(8))
    assert desk.quantities() == ["6", "2"]
    assert form.lines.spin_of("85123") is None
    assert desk.spin("22423").value() == 2  # it keeps what was refused
    fields = (form.coupon, form.note, form.apply, form.check_out, form.abandon, form.reopen, desk.spin("22423"))
    assert [field for field in fields if field.isEnabled()] == []
    assert {field.toolTip() for field in fields} == {PAST}
    assert form.notice.isVisible()
    assert form.notice.text() == PAST
    on.after(on.looking.go_to_now)
    assert desk.quantities() == ["12", "2"]
    assert desk.spin("22423").value() == 100_000
    assert "at most" in form.lines.refusals["22423"]
    assert form.note.isEnabled()


def test_editing_ends_when_the_past_is_asked_for_not_when_it_is_answered(desk: Desk) -> None:
    desk.on.looking.go_to(8)
    assert not desk.form.check_out.isEnabled()
    desk.on.looking.go_to_now()
    assert desk.form.check_out.isEnabled()


def test_editing_begins_when_now_is_answered(desk: Desk, qtbot: QtBot) -> None:
    desk.on.after(lambda: desk.on.looking.go_to(8))
    desk.on.looking.go_to_now()
    assert not desk.form.check_out.isEnabled()
    qtbot.waitUntil(desk.form.check_out.isEnabled)


# Safety


HOSTILE = ["<b>bold</b>", "\u202egnp.exe", "a\x00b", "شكرا", "Sons & Co"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_plain(stage: Callable[[Path], Stage], tmp_path: Path, text: str, qtbot: QtBot) -> None:
    store = tmp_path / "hostile.events"
    fill(store, [("cart-jane", OpenCart(text, text), text, text), ("cart-jane", SetNote(text), text, text)])
    desk = Desk(stage(store), qtbot)
    form = desk.form
    for label in form.findChildren(QLabel):
        assert label.textFormat() != Qt.TextFormat.RichText
        assert "\u202e" not in label.text()
        assert "\x00" not in label.text()
        assert "<b>" not in label.toolTip()
    assert "\u202e" not in form.note.text()
    if text.isprintable() and text[0] != "\u202e":
        assert form.customer.text() == text
    # Leaving the note as it is changes nothing, whatever is in it.
    form.note.setFocus()
    desk.elsewhere.setFocus()
    desk.on.after(lambda: desk.type(form.reason, "") or desk.type(form.note, "clean", Qt.Key.Key_Return))
    assert desk.event.data["previous_note"] == text
    assert desk.event.version == 3


def test_every_control_has_a_name_and_every_mnemonic_its_own_letter(desk: Desk) -> None:
    form = desk.form
    for kind in (QLineEdit, QPushButton, Quantity):
        for control in form.findChildren(kind):
            if control.objectName() != "qt_spinbox_lineedit" and control.text() != "":
                assert control.accessibleName() or control.text(), control
    assert desk.spin("85123").accessibleName() == "Quantity of White heart holder"
    assert form.lines.accessibleName()
    marked = [w.text() for kind in (QPushButton, QLabel) for w in form.findChildren(kind) if "&" in w.text()]
    letters = [text[text.index("&") + 1].lower() for text in marked]
    assert sorted(set(letters)) == sorted(letters)
