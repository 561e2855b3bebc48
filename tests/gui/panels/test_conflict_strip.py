"""A cart that others change, too: what they did is shown, and the own input kept."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, SetNote
from explorer.domain.event import Metadata
from tests.gui.panels.desk import Desk, click, press
from tests.gui.stage import Stage

PAST = "You are looking at the past; Esc returns to now."


@pytest.fixture
def desk(on: Stage, qtbot: QtBot) -> Desk:
    return Desk(on, qtbot)


def test_own_commands_in_one_breath_do_not_conflict(desk: Desk, qtbot: QtBot) -> None:
    lines = desk.form.lines

    def much_at_once() -> None:
        lines.quantity_changed.emit("85123", 7)
        lines.quantity_changed.emit("22423", 8)
        desk.type(desk.form.note, "quick", Qt.Key.Key_Return)

    much_at_once()
    qtbot.waitUntil(lambda: desk.on.answer.stream is not None and desk.on.answer.stream.version == 6)
    assert desk.quantities() == ["7", "8"]
    assert desk.form.note.text() == "quick"


def test_somebody_elses_change_in_between_is_a_conflict_that_keeps_the_input(desk: Desk, qtbot: QtBot) -> None:
    form = desk.form

    def change(session: Session) -> str:
        handle(session, "cart-jane", ChangeQuantity("85123", 99), Metadata("bob"))
        return "cart-jane"

    desk.on.looking.do(change, "somebody else")
    reason = desk.refused(lambda: desk.type(form.note, "mine", Qt.Key.Key_Return))
    assert "somebody else changed it first" in reason
    assert form.refusals["note"].isVisible()
    assert form.note.text() == "mine"
    qtbot.waitUntil(lambda: desk.quantities() == ["99", "2"])
    desk.elsewhere.setFocus()
    assert form.note.text() == "mine"
    desk.on.after(press(form.note, Qt.Key.Key_Return))
    assert desk.event.data["note"] == "mine"


def test_a_conflict_shows_what_the_other_did_and_is_settled_on_top(desk: Desk, qtbot: QtBot) -> None:
    strip, form = desk.editor.conflict, desk.form
    assert not strip.isVisible()

    def change(session: Session) -> str:
        handle(session, "cart-jane", ChangeQuantity("85123", 99), Metadata("bob", "customer called"))
        return "cart-jane"

    desk.on.looking.do(change, "somebody else")
    desk.refused(lambda: desk.type(form.note, "mine", Qt.Key.Key_Return))
    qtbot.waitUntil(strip.isVisible)
    assert "bob changed cart jane while you were at it: 1 event, version 3 → 4" in strip.title.text()
    assert "lines[sku=85123].quantity: 6 → 99" in strip.changes.text()
    assert "customer called" in strip.changes.toolTip()
    assert strip.mine.text() == "Yours, not recorded yet: set note mine"
    desk.on.after(click(strip.retry))
    assert desk.event.data["note"] == "mine"
    assert desk.event.version == 5
    assert not strip.isVisible()
    assert desk.quantities() == ["99", "2"]


def test_a_conflict_may_be_left_as_the_others_made_it(desk: Desk, qtbot: QtBot) -> None:
    strip = desk.editor.conflict

    def change(session: Session) -> str:
        handle(session, "cart-jane", ChangeQuantity("85123", 99), Metadata("bob"))
        return "cart-jane"

    desk.on.looking.do(change, "somebody else")
    desk.refused(lambda: desk.editor.cart.lines.quantity_changed.emit("85123", 7))
    qtbot.waitUntil(strip.isVisible)
    click(strip.leave)()
    assert not strip.isVisible()
    assert desk.on.looking.clash is None
    qtbot.waitUntil(lambda: desk.on.answer.stream is not None and desk.on.answer.stream.version == 4)


def test_what_others_do_is_shown_and_a_draft_is_kept(desk: Desk, shop: Path, qtbot: QtBot) -> None:
    form = desk.form
    desk.type(form.note, "half a no")
    with Session(shop, cache=shop.parent / "cache") as other:
        handle(other, "cart-jane", AddItem("21212", 3), Metadata("bob"))
    qtbot.waitUntil(lambda: desk.quantities() == ["6", "2", "3"])
    assert form.note.text() == "half a no"
    desk.on.after(press(form.note, Qt.Key.Key_Return))
    assert desk.event.data["note"] == "half a no"


def elsewhere(shop: Path, *commands: object) -> None:
    with Session(shop, cache=shop.parent / "cache") as other:
        for command in commands:
            handle(other, "cart-jane", command, Metadata("bob"))


def test_a_note_that_somebody_else_has_changed_meanwhile_is_not_overwritten_unseen(
    desk: Desk, shop: Path, qtbot: QtBot
) -> None:
    strip, note = desk.editor.conflict, desk.form.note
    desk.type(note, "mine")
    elsewhere(shop, SetNote("theirs"))
    qtbot.waitUntil(strip.isVisible)
    assert "bob changed cart jane while you were at it: 1 event, version 3 → 4" in strip.title.text()
    assert strip.mine.text() == "Yours, not recorded yet: set note mine"
    assert note.text() == "mine"
    click(strip.leave)()
    desk.elsewhere.setFocus()
    qtbot.waitUntil(strip.isVisible)
    assert note.text() == "mine", "leaving the field takes nothing that was not seen"
    assert desk.on.answer.stream is not None
    assert desk.on.answer.stream.version == 4
    desk.on.after(click(strip.retry))
    assert desk.event.data == {"note": "mine", "previous_note": "theirs"}
    assert not strip.isVisible()
    desk.on.after(lambda: desk.type(note, "mine again", Qt.Key.Key_Return))
    assert desk.event.data == {"note": "mine again", "previous_note": "mine"}


def test_a_note_may_be_left_as_the_other_wrote_it(desk: Desk, shop: Path, qtbot: QtBot) -> None:
    desk.type(desk.form.note, "mine")
    elsewhere(shop, SetNote("theirs"))
    qtbot.waitUntil(desk.editor.conflict.isVisible)
    QTest.keyClick(desk.form.note, Qt.Key.Key_Escape)
    assert desk.form.note.text() == "theirs"
    assert not desk.editor.conflict.isVisible()


def test_a_quantity_that_somebody_else_has_changed_meanwhile_is_not_overwritten_unseen(
    desk: Desk, shop: Path, qtbot: QtBot
) -> None:
    strip = desk.editor.conflict
    desk.type(desk.spin("85123"), "7")
    elsewhere(shop, ChangeQuantity("22423", 9))
    qtbot.waitUntil(lambda: desk.quantities()[1] == "9")
    assert not strip.isVisible(), "another line is another's"
    elsewhere(shop, ChangeQuantity("85123", 99))
    qtbot.waitUntil(strip.isVisible)
    QTest.keyClick(desk.spin("85123"), Qt.Key.Key_Return)
    assert desk.on.answer.stream is not None
    assert desk.on.answer.stream.version == 5
    desk.on.after(click(strip.retry))
    assert desk.event.data == {"previous_quantity": 99, "quantity": 7, "sku": "85123"}


def test_a_refusal_for_a_cart_no_longer_shown_is_told_in_the_status_bar(desk: Desk, qtbot: QtBot) -> None:
    on, told = desk.on, list[str]()
    on.looking.told.connect(told.append)
    jane = on.answer
    on.after(lambda: on.looking.choose_stream("cart-none"))
    none = on.answer
    on.looking.answered.emit(jane)
    desk.type(desk.form.coupon, "NOPE", Qt.Key.Key_Return)
    # The other cart is shown before the reply about this one comes.
    on.looking.answered.emit(none)
    qtbot.waitUntil(lambda: bool(told))
    assert "cart jane" in told[0]
    assert "NOPE" in told[0]
    assert not desk.form.refusals["coupon"].isVisible()
