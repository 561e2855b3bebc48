"""A cart of two thousand lines stays quick: only the lines in view have a spin box."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.application.history import ABSENT, FieldChange
from explorer.application.session import Session
from explorer.application.view import Answer, Question
from explorer.domain.cart import MAX_LINES, CartOpened, ItemAdded
from explorer.gui.panels.cart_editor import CartEditor
from explorer.gui.panels.cart_lines import MOST_KEPT, PRODUCT, QUANTITY, CartLines, Terms
from explorer.gui.panels.quantity import Quantity
from explorer.gui.panels.state_tree import MARK
from explorer.gui.theme import LIGHT
from explorer.projections.cart_queries import LineRow
from tests.application.shop import happened
from tests.gui.stage import Stage

FACTOR = 10
"""How much longer the cart of 2,000 lines may take than one of 20 in the same run: it draws what is in view."""


def line(number: int, quantity: int = 3) -> LineRow:
    return LineRow(f"sku{number}", f"sku{number}", f"Thing <{number}>", quantity, 250, number, "ann", 10**15, number)


@pytest.fixture
def lines(qtbot: QtBot) -> Iterator[CartLines]:
    holder = QWidget()
    qtbot.addWidget(holder)
    made = CartLines(LIGHT, holder)
    made.setGeometry(0, 0, 600, 300)
    holder.resize(600, 300)
    holder.show()
    yield made
    holder.close()


def show(
    lines: CartLines, rows: list[LineRow], *changes: FieldChange, stream: str = "cart-1", why_not: str = ""
) -> None:
    lines.show_lines(rows, Terms(stream, 1, "GBP", why_not), changes)


def spins(lines: CartLines) -> list[str]:
    """The lines that have a spin box, from the top."""
    return [key for key in lines.keys if lines.spin_of(key) is not None]


def test_lines_that_stay_keep_their_spin_box_and_the_others_get_one(lines: CartLines) -> None:
    show(lines, [line(1), line(2), line(3)])
    second = lines.spin_of("sku2")
    show(lines, [line(2), line(3), line(4)])
    assert lines.spin_of("sku2") is second
    assert spins(lines) == ["sku2", "sku3", "sku4"]
    assert [lines.page.index(row, PRODUCT).data() for row in range(3)] == [
        "Thing <2>, sku2",
        "Thing <3>, sku3",
        "Thing <4>, sku4",
    ]


def test_another_cart_takes_nothing_over_but_what_was_stepped_to_is_still_wanted(lines: CartLines) -> None:
    wanted: list[tuple[str, int]] = []
    lines.quantity_changed.connect(lambda key, quantity: wanted.append((key, quantity)))  # pyright: ignore
    show(lines, [line(1), line(2)])
    spin = lines.spin_of("sku1")
    assert spin is not None
    spin.stepUp()
    show(lines, [line(1, 50)], stream="cart-2")
    assert wanted == [("sku1", 4)]
    assert spin.value() == 50
    assert not spin.is_drafting


def test_what_the_last_event_did_is_marked_by_more_than_a_colour(lines: CartLines) -> None:
    changed = FieldChange("lines[sku=sku2].quantity", 1, 3)
    added = FieldChange("lines[line=sku3]", ABSENT, {"sku": "sku3"})
    show(lines, [line(1), line(2), line(3)], changed, added, FieldChange("total", 1, 2))
    assert [lines.page.index(row, PRODUCT).data() for row in range(3)] == [
        "Thing <1>, sku1",
        f"{MARK} Thing <2>, sku2 · 1 → 3",
        f"{MARK} Thing <3>, sku3 · added",
    ]
    assert "The last event: 1 → 3" in lines.tip_at(1, PRODUCT)
    assert "&lt;2&gt;" in lines.tip_at(1, PRODUCT)


def test_where_nothing_can_be_changed_keys_and_clicks_do_nothing(lines: CartLines) -> None:
    removed: list[str] = []
    lines.removed.connect(removed.append)
    show(lines, [line(1)], why_not="the past")
    lines.setCurrentIndex(lines.page.index(0, QUANTITY))
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_5, Qt.Key.Key_F2):
        QTest.keyClick(lines, key)
    assert lines.spin_of("sku1") is None
    assert lines.page.index(0, QUANTITY).data() == "3"
    assert "the past" in lines.tip_at(0, QUANTITY)
    assert removed == []


def test_a_quantity_is_a_spin_box_only_while_it_can_be_changed_and_keeps_what_was_being_typed(lines: CartLines) -> None:
    show(lines, [line(1), line(2)])
    spin = lines.spin_of("sku1")
    assert spin is not None
    spin.setFocus()
    spin.selectAll()
    QTest.keyClicks(spin, "7")
    show(lines, [line(1, 5), line(2)], why_not="the past")
    assert (lines.spin_of("sku1"), lines.spin_of("sku2")) == (spin, None)
    assert not spin.isEnabled()
    show(lines, [line(1), line(2)])
    assert lines.spin_of("sku1") is spin
    assert lines.spin_of("sku2") is not None


def test_scrolling_through_two_thousand_lines_makes_few_spin_boxes(lines: CartLines) -> None:
    show(lines, [line(number) for number in range(2_000)])
    for place in range(0, 2_000, 50):
        lines.scrollTo(lines.page.index(place, 0), CartLines.ScrollHint.PositionAtTop)
    lines.scrollToBottom()
    alive = [spin for spin in lines.viewport().findChildren(Quantity) if lines.spin_of(spin.line) is spin]
    assert len(alive) <= MOST_KEPT + 20
    assert lines.spin_of("sku1999") is not None


def test_qt_has_no_complaint_about_the_model(lines: CartLines, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(lines.page)  # pyright: ignore[reportUnknownMemberType]
    for rows in ([line(1), line(2)], [line(2)], [], [line(3), line(2), line(9)]):
        show(lines, rows)


def test_a_cart_of_two_thousand_lines_is_edited_without_delay(stage: Callable[[Path], Stage], tmp_path: Path) -> None:
    store = tmp_path / "long.events"
    with Session(store, cache=tmp_path / "cache", create=True) as session:
        events = [ItemAdded(f"sku{number}", 1 + number % 9, 250, "GBP") for number in range(MAX_LINES)]
        happened(session, "cart-long", CartOpened("Bulk buyer", "Leeds"), *events)
        happened(session, "cart-short", CartOpened("Small buyer", "Leeds"), *events[:20])
        session.catch_up()
    on = stage(store)
    editor = on.put(CartEditor, 600, 600)
    on.open()
    on.after(lambda: on.looking.look(line_limit=MAX_LINES))
    long = on.after(lambda: on.looking.choose_stream("cart-long"))
    short = on.after(lambda: on.looking.choose_stream("cart-short"))

    def turn(first: Answer, second: Answer) -> float:
        """The least that drawing one after the other takes."""
        return min(
            seconds(lambda answer=answer: (on.looking.answered.emit(answer), editor.grab()))
            for answer in (first, second) * 3
        )

    small = editor.cart.lines
    small.edit_quantity(0)
    first = small.spin_of("sku0")
    assert first is not None
    QTest.keyClicks(first, "77")
    few = turn(short, on.after(lambda: QTest.keyClick(first, Qt.Key.Key_Return)))
    on.after(lambda: on.looking.choose_stream("cart-long"))
    lines = editor.cart.lines
    last = MAX_LINES - 1
    lines.edit_quantity(last)
    spin = lines.spin_of(f"sku{last}")
    assert spin is not None
    QTest.keyClicks(spin, "77")
    changed = on.after(lambda: QTest.keyClick(spin, Qt.Key.Key_Return))
    assert lines.page.index(last, QUANTITY).data() == "77"
    assert lines.verticalScrollBar().value() == lines.verticalScrollBar().maximum()
    assert turn(long, changed) < FACTOR * few


def test_of_a_long_cart_s_past_more_lines_come_with_scrolling(stage: Callable[[Path], Stage], tmp_path: Path) -> None:
    store = tmp_path / "long.events"
    with Session(store, cache=tmp_path / "cache", create=True) as session:
        events = [ItemAdded(f"sku{number}", 1 + number % 9, 250, "GBP") for number in range(150)]
        happened(session, "cart-long", CartOpened("Bulk buyer", "Leeds"), *events)
        happened(session, "cart-later", CartOpened("Small buyer", "Leeds"))
    on = stage(store)
    editor = on.put(CartEditor, 600, 600)
    on.open()
    on.after(lambda: on.looking.choose_stream("cart-long"))
    assert len(editor.cart.lines.keys) == 150
    on.after(lambda: on.looking.go_to(151))
    lines, begun = editor.cart.lines, Question().line_limit
    assert len(lines.keys) == begun < 150
    bar = lines.verticalScrollBar()
    on.after(lambda: bar.setValue(bar.maximum()))
    assert lines.keys == [f"sku{number}" for number in range(150)]


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def test_a_larger_font_makes_lines_higher(lines: CartLines) -> None:
    show(lines, [line(1), line(2)])
    lines.refuse("sku2", "There are not so many")
    before = lines.rowHeight(0), lines.rowHeight(1)
    font = lines.font()
    font.setPointSizeF(1.5 * font.pointSizeF())
    lines.setFont(font)
    room = 2 * lines.fontMetrics().height()
    assert lines.rowHeight(0) >= room > before[0] - 2
    assert lines.rowHeight(1) > before[1]
    spin = lines.spin_of("sku1")
    assert spin is not None
    assert spin.font().pointSizeF() == font.pointSizeF()
