"""A table of rows: changed in place, with the selection where the user put it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.gui.panels.rows import Cell, Column, Rows

COLUMNS = (Column("Name", takes_rest=True), Column("Number", is_number=True))


@pytest.fixture
def rows(qtbot: QtBot) -> Iterator[Rows]:
    holder = QWidget()
    qtbot.addWidget(holder)
    made = Rows("Things", COLUMNS, holder)
    made.setGeometry(0, 0, 300, 200)
    holder.resize(300, 200)
    holder.show()
    yield made
    holder.close()


def show(rows: Rows, names: str) -> None:
    rows.show_rows(list(names), lambda number: (Cell(names[number] * 2), Cell(str(number), "tip")))


def test_the_selection_follows_its_row_and_tells_nobody(rows: Rows) -> None:
    told: list[object] = []
    rows.chosen.connect(told.append)
    show(rows, "abc")
    rows.selectRow(1)
    assert told == ["b"]
    show(rows, "xyab")
    assert (rows.current_key(), rows.currentIndex().row()) == ("b", 3)
    show(rows, "xy")
    assert rows.current_key() is None
    assert told == ["b"]


def test_choosing_a_key_is_silent_and_a_key_that_is_not_there_chooses_nothing(rows: Rows) -> None:
    told: list[object] = []
    rows.chosen.connect(told.append)
    show(rows, "abc")
    rows.choose_key("c")
    assert rows.current_key() == "c"
    rows.choose_key("z")
    assert rows.current_key() is None
    assert told == []


@pytest.mark.parametrize("reason", [Qt.FocusReason.TabFocusReason, Qt.FocusReason.OtherFocusReason])
def test_who_only_comes_by_chooses_nothing_and_the_first_key_the_first_row(
    rows: Rows, qtbot: QtBot, reason: Qt.FocusReason
) -> None:
    told: list[object] = []
    rows.chosen.connect(told.append)
    show(rows, "abc")
    rows.activateWindow()
    qtbot.waitUntil(rows.isActiveWindow)
    for _ in range(2):
        rows.setFocus(reason)
        qtbot.waitUntil(rows.hasFocus)
        assert (told, rows.current_key()) == ([], None)
        rows.clearFocus()
    rows.setFocus(reason)
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert (told, rows.current_key()) == (["a"], "a")
    rows.clearFocus()
    rows.setFocus(reason)
    assert (told, rows.current_key()) == (["a"], "a")


def test_enter_and_double_click_activate_the_row(rows: Rows) -> None:
    told: list[object] = []
    rows.activated_key.connect(told.append)
    show(rows, "abc")
    rows.selectRow(2)
    QTest.keyClick(rows, Qt.Key.Key_Return)
    place = rows.visualRect(rows.page.index(0, 0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told == ["c", "a"]


def test_the_end_of_the_list_asks_for_more(rows: Rows, qtbot: QtBot) -> None:
    asked: list[bool] = []
    rows.near_end.connect(lambda: asked.append(True))
    show(rows, "abcdefghijklmnopqrstuvwxyz" * 4)
    qtbot.waitUntil(lambda: rows.verticalScrollBar().maximum() > 50)
    asked.clear()
    rows.verticalScrollBar().setValue(5)
    assert not asked
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum())
    assert asked


def test_cells_show_text_as_it_is_and_numbers_to_the_right(rows: Rows) -> None:
    rows.show_rows(["1"], lambda _: (Cell("<b>bold</b>"), Cell("7")))
    assert rows.page.index(0, 0).data() == "<b>bold</b>"
    assert rows.page.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_qt_has_no_complaint_about_the_model(rows: Rows) -> None:
    tester = QAbstractItemModelTester(rows.page, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for names in ("abc", "", "cba", "xyz"):
        show(rows, names)
    del tester


def test_a_larger_font_makes_rows_higher_and_columns_wider(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    rows = Rows("Things", (Column("Name", takes_rest=True), Column("Number", is_number=True, sample="000")), holder)
    rows.resize(600, 200)
    holder.show()
    rows.show_rows(["a"], lambda _: (Cell("a"), Cell("1,000,000")))
    height, width = rows.rowHeight(0), rows.columnWidth(1)
    font = rows.font()
    font.setPointSizeF(2 * font.pointSizeF())
    rows.setFont(font)
    assert rows.rowHeight(0) >= rows.fontMetrics().height() > height
    assert rows.columnWidth(1) > rows.fontMetrics().horizontalAdvance("1,000,000") > width
    assert rows.minimumSizeHint().height() > rows.rowHeight(0)
