"""The tree of a state: what changed is marked, what is copied is what is meant, and little is drawn anew."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QStandardItem
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.application.history import changes
from explorer.gui.panels.state_tree import MARK, MOST, StateTree
from explorer.gui.theme import DARK, LIGHT

BEFORE: dict[str, Any] = {
    "status": "open",
    "currency": "GBP",
    "lines": [{"sku": "22423", "quantity": 6, "unit_price": 255}, {"sku": "85123", "quantity": 1, "unit_price": 99}],
    "coupon": None,
    "total": 1_629,
}
AFTER: dict[str, Any] = {
    **BEFORE,
    "lines": [{"sku": "22423", "quantity": 12, "unit_price": 255}],
    "note": "gift",
    "total": 3_060,
}


@pytest.fixture
def tree(qtbot: QtBot) -> Iterator[StateTree]:
    holder = QWidget()
    qtbot.addWidget(holder)
    made = StateTree(holder)
    made.setGeometry(0, 0, 600, 400)
    holder.resize(600, 400)
    holder.show()
    yield made
    holder.close()


def rows(tree: StateTree, parent: QStandardItem | None = None) -> list[tuple[str, ...]]:
    """All rows, children below their parent."""
    held = parent or tree.model.invisibleRootItem()
    found: list[tuple[str, ...]] = []
    for row in range(held.rowCount()):
        found.append(tuple(held.child(row, column).text() for column in range(tree.model.columnCount())))
        found += rows(tree, held.child(row, 0))
    return found


def show(tree: StateTree, before: dict[str, Any], after: dict[str, Any]) -> None:
    tree.show_states(before, after, changes(before, after), LIGHT)


def test_changed_fields_are_marked_with_what_they_were_and_are(tree: StateTree) -> None:
    show(tree, BEFORE, AFTER)
    assert rows(tree) == [
        ("status", "open", "open"),
        ("currency", "GBP", "GBP"),
        ("lines", "2 items", "1 item"),
        ("sku=22423", "3 fields", "3 fields"),
        ("sku", "22423", "22423"),
        (f"{MARK} quantity", "6", "12"),
        ("unit_price", "2.55", "2.55"),
        (f"{MARK} sku=85123", "3 fields", "–"),
        ("sku", "85123", "–"),
        ("quantity", "1", "–"),
        ("unit_price", "0.99", "–"),
        ("coupon", "none", "none"),
        (f"{MARK} total", "16.29", "30.60"),
        (f"{MARK} note", "–", "gift"),
    ]
    total = tree.model.item(4, 2)
    assert total.font().bold()
    assert total.background().color().name() == LIGHT.changed
    assert not tree.model.item(0, 2).font().bold()
    assert tree.view.isExpanded(tree.model.item(2, 0).index())


def test_one_state_alone_has_one_column_of_values(tree: StateTree) -> None:
    tree.show_states(AFTER, AFTER, (), LIGHT)
    assert tree.model.columnCount() == 2
    assert rows(tree)[0] == ("status", "open")
    show(tree, BEFORE, AFTER)
    assert tree.model.columnCount() == 3


def test_what_the_user_closed_stays_closed_and_selected_stays_selected(tree: StateTree) -> None:
    show(tree, BEFORE, BEFORE | {"total": 1})
    lines = tree.model.item(2, 0).index()
    assert tree.view.isExpanded(lines)
    tree.view.collapse(lines)
    tree.view.setCurrentIndex(tree.model.item(3, 0).index())
    show(tree, BEFORE | {"total": 1}, BEFORE | {"total": 2})
    assert not tree.view.isExpanded(lines)
    assert tree.view.currentIndex().row() == 3
    show(tree, BEFORE, AFTER)
    assert tree.view.isExpanded(lines), "a change is not hidden"


def test_only_what_differs_is_touched(tree: StateTree) -> None:
    show(tree, BEFORE, BEFORE | {"total": 1})
    touched: list[str] = []

    def note(top: QModelIndex, _: QModelIndex) -> None:
        touched.append(str(top.siblingAtColumn(0).data()))

    tree.model.dataChanged.connect(note)
    show(tree, BEFORE | {"total": 1}, BEFORE | {"total": 2})
    assert {name.removeprefix(MARK).strip() for name in touched} == {"total"}


def test_a_long_list_shows_its_beginning_and_its_changes_and_the_rest_on_demand(tree: StateTree) -> None:
    before = {"lines": [{"sku": f"s{number}", "quantity": 1} for number in range(2_000)]}
    after = {"lines": [*before["lines"][:1_500], {"sku": "s1500", "quantity": 9}, *before["lines"][1_501:]]}
    show(tree, before, after)
    lines = tree.model.item(0, 0)
    assert lines.rowCount() == MOST + 2
    assert lines.child(MOST, 0).text() == "sku=s1500"
    rest = lines.child(MOST + 1, 0)
    assert rest.text() == "… 1,799 more"
    tree.view.activated.emit(rest.index())
    assert lines.rowCount() > 1_000
    show(tree, after, after | {"note": "x"})
    assert lines.rowCount() > 1_000


def test_rows_are_copied_with_path_and_values(tree: StateTree) -> None:
    show(tree, BEFORE, AFTER)
    quantity = tree.model.item(2, 0).child(0, 0).child(1, 0).index()
    tree.view.setCurrentIndex(quantity)
    tree.view.setFocus()
    tree.copy_rows()
    assert QGuiApplication.clipboard().text() == "lines[sku=22423].quantity\t6\t12"
    tree.view.selectAll()
    QTest.keyClick(tree.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QGuiApplication.clipboard().text().splitlines()) >= 6


def test_hostile_fields_and_values_stay_plain(tree: StateTree, qtmodeltester: ModelTester) -> None:
    document: dict[str, Any] = {"<b>k</b>": "<img src=x>", "a.b[c]": {"\u202e": "x\x00y"}, "": [], "deep": [[[1]]]}
    show(tree, {}, document)
    texts = [text for row in rows(tree) for text in row]
    assert "<img src=x>" in texts
    assert not any({"\u202e", "\x00"} & set(text) for text in texts)
    assert "<img" not in tree.model.item(0, 2).toolTip()
    qtmodeltester.check(tree.model)  # pyright: ignore[reportUnknownMemberType]


def test_a_theme_is_taken_up(tree: StateTree) -> None:
    show(tree, BEFORE, AFTER)
    tree.show_states(BEFORE, AFTER, changes(BEFORE, AFTER), DARK)
    assert tree.model.item(4, 2).background().color().name() == DARK.changed


def test_it_can_be_emptied_and_filled_again(tree: StateTree) -> None:
    show(tree, BEFORE, AFTER)
    tree.clear()
    assert rows(tree) == []
    show(tree, BEFORE, AFTER)
    assert len(rows(tree)) == 14
    assert tree.view.accessibleName() == "State"
