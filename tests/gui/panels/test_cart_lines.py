"""A cart's lines: one change for one quantity, by mouse and by keyboard, and quick with two thousand."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from explorer.gui.panels.cart_lines import QUANTITY, REMOVE, CartLines
from explorer.gui.panels.state_tree import MARK
from explorer.gui.theme import LIGHT
from explorer.projections.queries import LineRow


def line(number: int, quantity: int = 3) -> LineRow:
    return LineRow(f"sku{number}", f"sku{number}", f"Thing <{number}>", quantity, 250, number, "ann", 10**15, number)


@pytest.fixture
def lines(qtbot: QtBot, tmp_path: Path) -> Iterator[CartLines]:
    holder = QWidget()
    qtbot.addWidget(holder)
    made = CartLines(holder)
    made.setGeometry(0, 0, 600, 300)
    holder.resize(600, 300)
    holder.show()
    yield made
    holder.close()


def show(lines: CartLines, *rows: LineRow, changed: frozenset[str] = frozenset(), is_editable: bool = True) -> None:
    lines.show_lines(rows, "GBP", changed, LIGHT, is_editable=is_editable)


def click(lines: CartLines, row: int, column: int) -> None:
    place = lines.visualRect(lines.page.index(row, column)).center()
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place)


def editor(lines: CartLines) -> QSpinBox:
    found = lines.findChild(QSpinBox)
    assert isinstance(found, QSpinBox)
    return found


def asked(lines: CartLines) -> list[Any]:
    told: list[Any] = []

    def tell(key: str, quantity: int) -> None:
        told.append((key, quantity))

    lines.quantity_changed.connect(tell)
    return told


def test_a_typed_quantity_is_one_change_when_enter_comes(lines: CartLines, qtbot: QtBot) -> None:
    show(lines, line(1), line(2))
    told = asked(lines)
    click(lines, 1, QUANTITY)
    box = editor(lines)
    box.selectAll()
    QTest.keyClicks(box, "12")
    QTest.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: lines.findChild(QSpinBox) is None)
    assert told == [("sku2", 12)]


def test_stepping_from_three_to_seven_is_one_change(lines: CartLines, qtbot: QtBot) -> None:
    show(lines, line(1))
    told = asked(lines)
    click(lines, 0, QUANTITY)
    for _ in range(4):
        editor(lines).stepUp()
    qtbot.waitUntil(lambda: bool(told), timeout=5_000)
    assert told == [("sku1", 7)]


def test_a_quantity_left_as_it_was_is_no_change(lines: CartLines, qtbot: QtBot) -> None:
    show(lines, line(1))
    told = asked(lines)
    click(lines, 0, QUANTITY)
    QTest.keyClick(editor(lines), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: lines.findChild(QSpinBox) is None)
    assert told == []


def test_the_cross_and_the_delete_key_take_a_line_out(lines: CartLines) -> None:
    show(lines, line(1), line(2))
    told: list[str] = []
    lines.removed.connect(told.append)
    click(lines, 0, REMOVE)
    lines.choose_key("sku2")
    QTest.keyClick(lines, Qt.Key.Key_Delete)
    assert told == ["sku1", "sku2"]


def test_in_the_past_nothing_can_be_edited(lines: CartLines) -> None:
    show(lines, line(1), is_editable=False)
    told = asked(lines)
    removed: list[str] = []
    lines.removed.connect(removed.append)
    click(lines, 0, QUANTITY)
    click(lines, 0, REMOVE)
    lines.choose_key("sku1")
    QTest.keyClick(lines, Qt.Key.Key_Delete)
    QTest.keyClick(lines, Qt.Key.Key_5)
    assert lines.findChild(QSpinBox) is None
    assert (told, removed) == ([], [])


def test_what_the_last_event_changed_is_marked_by_more_than_a_colour(lines: CartLines) -> None:
    show(lines, line(1), line(2), changed=frozenset({"sku2"}))
    texts = [lines.page.item(row, 0).text() for row in range(2)]
    assert [text.startswith(MARK) for text in texts] == [False, True]
    assert "Thing <2>" in texts[1]


def test_two_thousand_lines_cost_little_more_than_twenty_to_change_one(lines: CartLines) -> None:
    def cost(count: int) -> float:
        rows = [line(number) for number in range(count)]
        show(lines, *rows)
        samples: list[float] = []
        for quantity in range(4, 9):
            rows[0] = line(0, quantity)
            begun = time.perf_counter()
            show(lines, *rows)
            samples.append(time.perf_counter() - begun)
        return min(samples)

    few, many = cost(20), cost(2_000)
    assert many < 300 * few
