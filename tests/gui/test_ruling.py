"""Rules in the real window: set, found by, gone to, shown in list and timeline, changed and retired."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from explorer.application.rules import rules_of, set_rule
from explorer.application.session import Session
from explorer.domain.cart import ItemQuantityChanged
from explorer.gui.main_window import MainWindow
from explorer.gui.panels.findings_panel import FindingsPanel
from explorer.gui.panels.timeline import Timeline
from explorer.gui.rooms.ruling import Ruling
from explorer.gui.rule_dialog import RuleDialog
from tests.application.shop import ANN, SECOND, Clock, happened, long_cart, opened
from tests.gui.driver import Driver


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 2 mugs at event 2, 7 at 3, 2 at 4, 7 at 5; cart-2 with 7 mugs at 8. A second apart."""
    clock = Clock()
    with opened(tmp_path, clock) as session:
        long_cart(session, 2, "cart-1")
        for before, after in ((2, 7), (7, 2), (2, 7)):
            clock.time += 60 * SECOND
            happened(session, "cart-1", ItemQuantityChanged("mug", before, after))
        long_cart(session, 2, "cart-2")
        clock.time += 60 * SECOND
        happened(session, "cart-2", ItemQuantityChanged("mug", 2, 7))
        session.catch_up()
    return tmp_path / "shop.events"


def room_of(window: MainWindow) -> Ruling:
    return next(room for room in window.rooms if isinstance(room, Ruling))


@pytest.fixture
def window(driver: Driver, store: Path) -> MainWindow:
    window = driver.open(store)
    window.trusting.rest.stop()
    room_of(window)._patience.setInterval(0)  # type: ignore[reportPrivateUsage]  # noqa: SLF001
    window.looking.choose_stream("cart-1")
    window.menus.by_id["show_findings"].trigger()
    driver.until(room_of(window).findings.isVisible)
    driver.answered(window)
    return window


@pytest.fixture
def ruled(driver: Driver, window: MainWindow, store: Path) -> FindingsPanel:
    """With two rules, one of which has found 3, 5 and 8."""
    with Session(store, cache=store.parent / "other-cache") as session:
        set_rule(session, "Too many", "units >= 5", ANN, severity="error")
        set_rule(session, "Never", "units >= 500", ANN, severity="info")
    panel = room_of(window).findings
    driver.until(lambda: len(panel.rows.keys) == 3)
    return panel


def texts(panel: FindingsPanel, rules: bool = False) -> list[list[str]]:  # noqa: FBT002 - which table
    rows = panel.rules if rules else panel.rows
    return [[cell.text for cell in rows.page.cells(row)] for row in range(len(rows.keys))]


def asked(driver: Driver, window: MainWindow) -> RuleDialog:
    before = {id(dialog) for dialog in window.findChildren(RuleDialog)}
    found = window.menus.by_id["set_rule"]
    assert found.isEnabled(), found.property("reason")
    found.trigger()
    made = [dialog for dialog in window.findChildren(RuleDialog) if id(dialog) not in before]
    driver.until(made[0].isVisible)
    return made[0]


def test_a_rule_is_set_and_what_it_finds_is_listed(driver: Driver, window: MainWindow, store: Path) -> None:
    panel = room_of(window).findings
    assert "no rules yet" in panel.empty.words.text()
    assert not window.menus.by_id["next_finding"].isEnabled()
    dialog = asked(driver, window)
    assert not dialog.act.isEnabled()
    QTest.keyClicks(dialog.name, "Too many")
    QTest.keyClicks(dialog.condition, "units >")
    assert not dialog.act.isEnabled()
    assert dialog.refusal.text()
    QTest.keyClicks(dialog.condition, "= 5")
    assert dialog.refusal.text() == ""
    dialog.severity.setCurrentIndex(2)
    QTest.keyClicks(dialog.reason, "a try")
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: len(panel.rows.keys) == 3)
    assert [row[0] for row in texts(panel)] == ["3", "5", "8"]
    assert [row[2] for row in texts(panel)] == ["‼ error"] * 3
    assert panel.headline.text().startswith("‼ error 3")
    with Session(store, cache=store.parent / "other-cache") as session:
        (rule,) = rules_of(session)
        (event,) = session.store.read_stream(rule.stream)
    assert (rule.rule.condition, event.metadata.reason) == ("units >= 5", "a try")


def test_a_rule_says_what_its_amounts_are_and_doubts_a_name(driver: Driver, window: MainWindow) -> None:
    dialog = asked(driver, window)
    QTest.keyClicks(dialog.condition, "total > 500")
    hint = dialog.condition.hint
    driver.until(hint.isVisible)
    assert hint.text() == "Money in minor units: total > 500 is more than 5.00 GBP"
    assert dialog.condition.geometry().bottom() < hint.geometry().top() < dialog.severity.geometry().top()
    dialog.condition.setText("totl > 500")
    assert hint.text() == "No state has a field totl: is it total?"
    dialog.name.setText("Much")
    assert dialog.act.isEnabled(), "nothing is refused for a name"
    dialog.condition.setText("total > 5.00")
    assert "write 500 for 5.00." in dialog.refusal.text()
    assert not dialog.act.isEnabled()
    dialog.reject()
    again = asked(driver, window)
    QTest.keyClicks(again.condition, "total > 500")
    driver.until(again.condition.hint.isVisible)


def test_findings_are_gone_to_by_click_and_by_keys(driver: Driver, window: MainWindow, ruled: FindingsPanel) -> None:
    looking = window.looking
    QTest.mouseClick(
        ruled.rows.viewport(),
        Qt.MouseButton.LeftButton,
        pos=ruled.rows.visualRect(ruled.rows.page.index(1, 0)).center(),
    )
    driver.answered(window)
    assert (looking.position, looking.question.stream) == (5, "cart-1")
    for action, position in (
        ("next_finding", 8), ("previous_finding", 5), ("previous_finding", 3), ("previous_finding", 3),
    ):  # fmt: skip
        assert window.menus.by_id[action].isEnabled()
        told: list[str] = []
        looking.told.connect(told.append)
        window.menus.by_id[action].trigger()
        driver.until(lambda: looking.position == position or bool(told))  # noqa: B023
        assert looking.position == position
        driver.answered(window)
    driver.until(lambda: told == ["No rule has found anything further that way."])
    assert looking.question.stream == "cart-1"


def test_a_rule_that_is_chosen_narrows_the_list_and_is_changed_or_retired(
    driver: Driver, window: MainWindow, ruled: FindingsPanel
) -> None:
    assert texts(ruled, rules=True) == [
        ["‼ error", "Too many", "units >= 5", "3"],
        ["ℹ info", "Never", "units >= 500", "0"],
    ]
    assert not window.menus.by_id["retire_rule"].isEnabled()
    ruled.rules.chosen.emit("rule-never")
    driver.answered(window)
    assert ruled.rows.keys == []
    assert "“Never” has found nothing." in ruled.none.words.text()
    dialog = asked(driver, window)
    assert dialog.name.isReadOnly()
    dialog.condition.setText("units == 2")
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: [row[0] for row in texts(ruled)] == ["2", "4", "7"])
    window.menus.by_id["retire_rule"].trigger()
    driver.until(lambda: texts(ruled, rules=True)[1][:2] == ["retired", "Never (retired)"])
    assert not window.menus.by_id["retire_rule"].isEnabled()
    ruled.of_all.click()
    driver.until(lambda: [row[0] for row in texts(ruled)] == ["3", "5", "8"])


def test_somebody_else_s_change_is_not_overwritten(
    driver: Driver, window: MainWindow, ruled: FindingsPanel, store: Path
) -> None:
    ruled.rules.chosen.emit("rule-never")
    driver.answered(window)
    dialog = asked(driver, window)
    with Session(store, cache=store.parent / "other-cache") as session:
        set_rule(session, "Never", "units >= 600", ANN, severity="info")
    dialog.condition.setText("units == 2")
    QTest.mouseClick(dialog.act, Qt.MouseButton.LeftButton)
    driver.until(lambda: "somebody else changed it first" in dialog.refusal.text())
    assert dialog.condition.text() == "units == 2"
    dialog.reject()


def test_they_are_marked_in_the_list_of_events_and_in_the_timeline(
    driver: Driver, window: MainWindow, ruled: FindingsPanel
) -> None:
    table = window.events.table
    driver.until(lambda: bool(table.shown.found))
    rows = {row.position: number for number, row in enumerate(table.shown.page.rows)}
    summary = table.model().index(rows[5], 5)
    assert summary.data() == "‼ mug: 2 → 7"
    assert table.model().index(rows[4], 5).data() == "mug: 7 → 2"
    assert isinstance(window.timeline, Timeline)
    view = window.timeline.view
    signs = view.findings
    driver.until(lambda: [one.position for one in signs.found] == [3, 5, 8])
    (x, found), *_ = signs.places
    point = QPointF(x, view.canvas.room.lane - 4) + QPointF(view.canvas.pos())
    assert found[0].position == 3
    assert "Event 3: ‼ error, Too many" in view.words_at(point)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=point.toPoint())
    driver.until(lambda: window.looking.position == 3)


def test_what_comes_is_found_while_the_window_is_open(
    driver: Driver, window: MainWindow, ruled: FindingsPanel, store: Path
) -> None:
    with Session(store, cache=store.parent / "other-cache") as session:
        happened(session, "cart-2", ItemQuantityChanged("mug", 7, 1), ItemQuantityChanged("mug", 1, 8))
        head = session.store.head().size
    driver.until(lambda: ruled.rows.keys[-1:] == [f"{head} rule-too-many"])
