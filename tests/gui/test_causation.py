"""The graph of causes: where its boxes stand, and what it shows and does in the real window."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem

from explorer.application.causation import Edge, Graph, Node, branches
from explorer.application.handle import handle
from explorer.application.repair import carry_out, plan_undo
from explorer.application.session import Session
from explorer.domain.cart import SetNote
from explorer.domain.catalogue import RepriceProduct
from explorer.domain.event import Metadata
from explorer.gui.causation_layout import Neighbours, Place, neighbours, places
from explorer.gui.main_window import MainWindow
from explorer.gui.panels.causation_panel import CausationPanel
from explorer.gui.rooms.causation import Causation
from tests.application.shop import Clock, open_cart, opened, stock
from tests.gui.driver import Driver

OUTSIDE = UUID(int=99)


def wood(*edges: tuple[str, str], alone: str = "") -> Graph:
    ids = sorted({id_ for edge in edges for id_ in edge} | {*alone})
    return Graph(0, None, tuple(Node(id_) for id_ in ids), tuple(Edge(*edge) for edge in edges))


def test_effects_stand_to_the_right_of_their_cause_and_the_first_beside_it() -> None:
    found = wood(("a", "b"), ("a", "c"), ("b", "d"), alone="z")
    assert places(branches(found)) == {
        "a": Place(0, 0), "b": Place(1, 0), "d": Place(2, 0), "c": Place(1, 1), "z": Place(0, 2),
    }  # fmt: skip


def test_the_arrow_keys_lead_along_the_lines_and_through_all() -> None:
    found = wood(("a", "b"), ("a", "c"))
    assert neighbours(branches(found), found.edges) == {
        "a": Neighbours("", "b", "", "b"),
        "b": Neighbours("a", "", "a", "c"),
        "c": Neighbours("a", "", "b", ""),
    }


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=10))
def test_no_two_boxes_share_a_place_whatever_causes_what(causes: list[int | None]) -> None:
    ids = "abcdefghij"
    edges = [(ids[cause], ids[effect]) for effect, cause in enumerate(causes) if cause is not None]
    found = wood(*edges, alone=ids[: len(causes)])
    where = places(branches(found))
    assert where.keys() == {node.id for node in found.nodes}
    assert len({*where.values()}) == len(where)
    assert {place.row for place in where.values()} == set(range(max(place.row for place in where.values()) + 1))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 5 opened, 6 two mugs, 7 a note of somebody's outside; 8 takes 6 back; 9 a price because of 8."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        handle(session, "cart-1", SetNote("<b>Ring</b>"), Metadata("ann", "", None, OUTSIDE))
        (done,) = carry_out(session, plan_undo(session, "cart-1", 2), "Bob", "too many")
        about = Metadata("bob", "", done.metadata.correlation_id, done.id)
        handle(session, "product-mug", RepriceProduct(500), about)
        session.catch_up()
    return tmp_path / "shop.events"


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    """At event 8."""
    window = driver.open(store)
    window.trusting.rest.stop()
    window.looking.go_to(8, "cart-1")
    driver.version(window, 4)
    return window


def shown(driver: Driver, window: MainWindow, position: int) -> CausationPanel:
    """The panel, once it shows the graph of an event."""
    panel = next(room for room in window.rooms if isinstance(room, Causation)).graph
    driver.until(lambda: panel.graph is not None and panel.graph.shown == position)
    return panel


def asked(driver: Driver, window: MainWindow, position: int) -> CausationPanel:
    action = window.menus.by_id["show_causes"]
    assert action.isEnabled(), action.property("reason")
    action.trigger()
    return shown(driver, window, position)


def lines(panel: CausationPanel) -> list[str]:
    found = panel.tree.findItems("*", Qt.MatchFlag.MatchWildcard | Qt.MatchFlag.MatchRecursive)
    return [item.text(0) for item in found]


def below(panel: CausationPanel, *numbers: int) -> QTreeWidgetItem:
    """A descendant of the tree's first line, by the numbers of the children that lead there."""
    item = panel.tree.topLevelItem(0)
    for number in numbers:
        assert item is not None
        item = item.child(number)
    assert item is not None
    return item


def test_what_led_to_an_event_and_what_followed_is_shown(driver: Driver, window: MainWindow) -> None:
    panel = asked(driver, window, 8)
    assert panel.isVisible()
    assert lines(panel) == ["6", "▶ 8", "9"]
    assert panel.heading.text().startswith("Event 8: 3 events · piece of work …")
    second = below(panel, 0)
    assert (second.text(1), second.text(4)) == ("▼ item removed", "Bob")


def test_the_keys_move_along_the_lines_and_enter_goes_there(driver: Driver, window: MainWindow) -> None:
    panel = asked(driver, window, 8)
    picture, graph = panel.picture, panel.graph
    assert graph is not None
    ids = {node.position: node.id for node in graph.nodes}
    assert picture.current == ids[8]
    for key, position in ((Qt.Key.Key_Right, 9), (Qt.Key.Key_Right, 9), (Qt.Key.Key_Up, 8), (Qt.Key.Key_Left, 6)):
        QTest.keyClick(picture, key)
        assert picture.current == ids[position]
    item = panel.tree.currentItem()
    assert item is not None
    assert item.text(0) == "6", "the list follows"
    panel.tree.setCurrentItem(below(panel, 0, 0))
    assert picture.current == ids[9], "and the picture follows the list"
    QTest.keyClick(picture, Qt.Key.Key_Return)
    # 9 is the last event: that is now.
    driver.until(lambda: window.looking.question.stream == "product-mug")
    shown(driver, window, 9)


def test_a_cause_outside_is_shown_but_cannot_be_gone_to(driver: Driver, window: MainWindow) -> None:
    window.looking.go_to(7, "cart-1")
    panel = asked(driver, window, 7)
    assert lines(panel) == ["–", "▶ 7"]
    outer = panel.tree.topLevelItem(0)
    assert outer is not None
    assert (outer.text(1), outer.text(3)) == ("outside this log", str(OUTSIDE))
    panel.tree.itemActivated.emit(outer, 0)
    assert "outside this log" in window.statusBar().currentMessage()
    assert "&lt;b&gt;Ring&lt;/b&gt;" in below(panel, 0).toolTip(1)
    assert below(panel, 0).text(3) == "“<b>Ring</b>”"


def test_a_click_and_a_double_click(driver: Driver, window: MainWindow) -> None:
    panel = asked(driver, window, 8)
    picture, graph = panel.picture, panel.graph
    assert graph is not None
    first = next(node.id for node in graph.nodes if node.position == 6)
    picture.choose(first)
    place = picture.mapFromScene(picture.boxes[first].sceneBoundingRect().center())
    QTest.mouseClick(picture.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert picture.current == first
    QTest.mouseDClick(picture.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    driver.until(lambda: window.looking.question.as_of == 6)
    shown(driver, window, 6)


def test_the_menu_of_a_listed_event_shows_that_event_s(driver: Driver, window: MainWindow) -> None:
    row = next(row for row in driver.answered(window).events.rows if row.position == 6)
    menu = window.events.menu_for(row)
    assert window.menus.by_id["show_causes"] in menu.actions()
    window.menus.by_id["show_causes"].trigger()
    shown(driver, window, 6)
    menu.popup(window.pos())
    menu.close()
    driver.until(lambda: window.looking.pointed is None)


def test_what_follows_later_comes_by_itself(driver: Driver, window: MainWindow, store: Path) -> None:
    panel = asked(driver, window, 8)
    assert panel.graph is not None
    cause = next(node.id for node in panel.graph.nodes if node.position == 8)
    with Session(store, cache=store.parent / "other-cache") as session:
        handle(session, "product-mug", RepriceProduct(600), Metadata("bob", causation_id=UUID(cause)))
    driver.until(lambda: len(lines(panel)) == 4)
    window.looking.go_to(0)
    driver.until(lambda: panel.graph is None)
    assert "Click an event" in panel.empty.words.text()


def test_the_events_of_a_piece_of_work_are_listed(driver: Driver, window: MainWindow) -> None:
    window.menus.by_id["filter_by_work"].trigger()
    driver.until(lambda: not window.looking.question.filter.is_empty)
    driver.until(lambda: [row.position for row in driver.answered(window).events.rows] == [8, 9])
    window.menus.by_id["clear_filter"].trigger()
    window.looking.go_to(6, "cart-1")
    driver.version(window, 2)
    window.menus.by_id["filter_by_work"].trigger()
    driver.until(lambda: "no piece of work" in window.statusBar().currentMessage())


def test_light_and_dark(driver: Driver, window: MainWindow) -> None:
    panel = asked(driver, window, 8)
    ground = panel.picture.scene().backgroundBrush().color()
    window.menus.by_id["dark_theme"].trigger()
    assert panel.picture.scene().backgroundBrush().color() != ground
    assert lines(panel) == ["6", "▶ 8", "9"]
    window.menus.by_id["light_theme"].trigger()
