"""Trust in the real window: verifying, stopping, signing, keys; and what a damaged store looks like and allows."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from explorer.application.checkpoints import folder_of
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.verification import verify_store
from explorer.domain.cart import OpenCart
from explorer.domain.event import Metadata
from explorer.gui.app import App
from explorer.gui.main_window import MainWindow
from explorer.gui.panels.event_cells import Column, tip_of
from explorer.gui.panels.timeline import Timeline
from explorer.gui.settings import Settings
from explorer.gui.timeline_view import TimelineView
from explorer.store.engine import driver as sqlite
from tests.application.evidence import tamper
from tests.gui.driver import Driver
from tests.gui.stage import SHORT, fill
from tests.gui.trust_stage import click, verified

unasked = pytest.mark.alone("a sidecar verifies the store as well, at once, whether the window has or not")

SPOILED = 6
"""The event that is altered: ann's cart, a quantity."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Ten events; see `SHORT`."""
    path = tmp_path / "shop.events"
    fill(path, SHORT)
    return path


@pytest.fixture(autouse=True)
def own_key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("own")))


def opened(driver: Driver, store: Path) -> MainWindow:
    """With the panel in front, and nothing done by itself."""
    window = driver.open(store)
    window.trusting.rest.stop()
    window.show_trust()
    driver.answered(window)
    return window


def spoil(store: Path) -> bytes:
    """Alters an event; what it was."""
    connection = sqlite.connect(str(store))
    [(data,)] = connection.execute("SELECT data FROM events WHERE position = ?", (SPOILED,)).fetchall()
    connection.close()
    tamper(store, f"UPDATE events SET data = CAST(replace(data, '12', '13') AS BLOB) WHERE position = {SPOILED}")
    return data


def repair(store: Path, was: bytes) -> None:
    tamper(store, f"UPDATE events SET data = ? WHERE position = {SPOILED}", values=(was,))


def elsewhere(store: Path) -> None:
    """Another process verifies the store."""
    with Session(store, cache=store.parent / "cache") as session:
        verify_store(session)


def is_locked(window: MainWindow) -> bool:
    return bool(window.looking.locked)


def view_of(window: MainWindow) -> TimelineView:
    assert isinstance(window.timeline, Timeline)
    return window.timeline.view


# Verifying


@unasked
def test_a_store_is_never_verified_until_it_is(driver: Driver, store: Path) -> None:
    window = opened(driver, store)
    panel, status = window.trust_panel, window.status_line.trust
    assert panel.verdict.text() == "○ Never verified"
    assert status.text() == "○ not verified"
    assert not panel.buttons["go_on_verifying"].isEnabled()
    assert "No verification was stopped" in panel.buttons["go_on_verifying"].toolTip()
    verified(driver, window)
    assert panel.verdict.text().startswith("✓ Verified: all 10 events, today ")
    assert panel.verdict.property("role") == "good"
    root = window.looking.answer.standing.found.root if window.looking.answer else ""  # type: ignore[union-attr]
    assert f"Root {root[:12]}…, held against no checkpoint" in panel.detail.text()
    assert status.text().startswith("✓ verified to 10 today ")
    assert not window.damage_strip.isVisible()


@unasked
def test_what_has_come_since_is_counted_and_the_badge_is_green_no_more(driver: Driver, store: Path) -> None:
    window = opened(driver, store)
    verified(driver, window)
    window.looking.command("cart-new", OpenCart("Ada", "Leeds"))
    driver.until(lambda: "10 of 11" in window.trust_panel.verdict.text())
    assert window.trust_panel.verdict.property("role") == "heading"
    assert "1 newer event not verified yet" in window.trust_panel.detail.text()
    assert window.status_line.trust.text().startswith("◐ verified to 10 ")


@unasked
def test_a_verification_that_is_stopped_can_go_on(driver: Driver, long_store: Path, qapp: QApplication) -> None:
    window = App(qapp, Settings(long_store.parent / "window.ini"), long_store.parent / "cache").open(long_store)
    driver.windows.append(window)
    driver.until(lambda: window.looking.answer is not None)
    window.trusting.rest.stop()
    window.show_trust()
    panel = window.trust_panel
    click(panel.buttons["verify_now"])
    assert panel.progress.isVisible()
    assert not panel.buttons["verify_now"].isEnabled()
    assert window.menus.by_id["verify_now"].property("reason") == "A verification is running."
    QTest.keyClick(panel.stop, Qt.Key.Key_Space)
    driver.until(panel.buttons["go_on_verifying"].isEnabled)
    assert not panel.progress.isVisible()
    assert not panel.stop.isEnabled()
    assert "was stopped at" in panel.detail.text()
    stopped, said = driver.answered(window).standing.stopped, list[tuple[int, int]]()
    window.trusting.progressed.connect(lambda done, total: said.append((done, total)))  # type: ignore[misc]
    click(panel.buttons["go_on_verifying"])
    driver.until(lambda: panel.verdict.text().startswith("✓ Verified: all 5,000 events"))
    assert not panel.buttons["go_on_verifying"].isEnabled()
    # The first of two readings has gone on, not begun anew; one that was stopped near its end may tell nothing more.
    told = [done for done, total in said if total == 5_000]
    assert not told or told[0] > stopped // 2


# A damaged store


@unasked
def test_damage_that_another_process_finds_is_shown_and_locks_until_it_passes(driver: Driver, store: Path) -> None:
    was = spoil(store)
    window = opened(driver, store)
    window.looking.choose_stream("cart-1001")
    driver.answered(window)
    assert window.editor.cart.note.isEnabled()
    assert not window.damage_strip.isVisible()
    elsewhere(store)
    driver.until(lambda: is_locked(window))

    assert window.status_line.trust.text() == f"✕ DAMAGED at event {SPOILED}"
    assert window.status_line.trust.property("role") == "danger"
    assert window.trust_panel.verdict.text().startswith(f"✕ DAMAGED: event {SPOILED}, found today")
    assert window.damage_strip.isVisible()
    assert "editing is off" in window.damage_strip.label.text()
    assert f"event-explorer salvage {store} NEW" in window.damage_strip.label.text()
    assert "was altered" in window.damage_strip.label.toolTip()
    form = window.editor.cart
    for field in (form.note, form.coupon, form.abandon, form.check_out, window.products.add, window.carts.button):
        assert not field.isEnabled()
        assert "failed its last verification" in field.toolTip()
    assert "failed its last verification" in form.notice.text()
    for name in ("open_cart", "import_file", "sign_checkpoint"):
        assert not window.menus.by_id[name].isEnabled()
        assert "open for reading only" in window.menus.by_id[name].property("reason")
    assert "nothing is signed" in window.menus.by_id["export_checkpoint"].property("reason")
    refusals: list[str] = []
    window.looking.refused.connect(lambda field, reason: refusals.append(reason))  # type: ignore[misc]
    window.looking.command("cart-new", OpenCart("Ada", "Leeds"))
    driver.until(lambda: bool(refusals))
    assert "Restore a backup" in refusals[0]

    repair(store, was)
    verified(driver, window)
    driver.until(lambda: not is_locked(window))
    assert not window.damage_strip.isVisible()
    assert form.note.isEnabled()
    assert window.menus.by_id["open_cart"].isEnabled()
    assert not window.menus.by_id["go_to_damage"].isEnabled()
    window.looking.command("cart-new", OpenCart("Ada", "Leeds"))
    driver.until(lambda: bool(window.looking.answer and window.looking.answer.status.head == 11))


def test_a_store_that_failed_opens_read_only(driver: Driver, store: Path) -> None:
    spoil(store)
    elsewhere(store)
    window = opened(driver, store)
    assert is_locked(window)
    assert window.damage_strip.isVisible()
    window.reset_layout()
    assert window.damage_strip.isVisible()
    answer = driver.answered(window)
    assert answer.status.head == 10
    assert answer.carts


def test_one_click_on_the_red_mark_goes_to_the_damaged_event(driver: Driver, store: Path) -> None:
    spoil(store)
    elsewhere(store)
    window = opened(driver, store)
    view = view_of(window)
    [x] = view.damage.places
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(x + view.canvas.x(), view.canvas.y() + 30))
    driver.until(lambda: window.looking.question.as_of == SPOILED)
    answer = driver.answered(window)
    assert answer.question.stream == "cart-1001"
    dock = window.findChild(QDockWidget, "event")
    assert isinstance(dock, QDockWidget)
    dock.raise_()
    driver.until(window.detail.refusal.isVisible)
    assert (
        window.detail.refusal.text() == f"DAMAGED: Event {SPOILED} was altered: its hash is not that of what it says."
    )
    table = window.events.table
    row = [row.position for row in answer.events.rows].index(SPOILED)
    assert table.model().index(row, Column.SUMMARY).data().startswith("DAMAGED · ")
    assert "was altered" in tip_of(table.shown, row, Column.POSITION)
    assert "DAMAGED" in view.words_at(QPoint(x + view.canvas.x(), view.canvas.y() + 30).toPointF())
    window.looking.step(-1)
    driver.until(lambda: "DAMAGED" not in window.detail.refusal.text())


def test_the_damaged_events_are_gone_through_by_key_and_by_row(driver: Driver, store: Path) -> None:
    spoil(store)
    tamper(store, "DELETE FROM events WHERE position = 9")
    elsewhere(store)
    window = opened(driver, store)
    damaged = list(driver.answered(window).damage)
    assert damaged[:2] == [SPOILED, 9]
    seen: list[int] = []
    for _ in range(len(damaged) + 1):
        QTest.keyClick(window, Qt.Key.Key_F8)
        aim = window.trusting.next_damage()
        driver.until(lambda aim=aim: window.trusting.next_damage() != aim or len(damaged) == 1)
        seen.append(driver.answered(window).status.as_of)
    assert seen == [*damaged, SPOILED]
    rows = window.trust_panel.rows
    assert rows.keys == [str(position) for position in damaged]
    rows.setFocus()
    rows.selectRow(1)
    QTest.keyClick(rows, Qt.Key.Key_Return)
    driver.until(lambda: driver.answered(window).status.as_of == 9)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, rows.rowViewportPosition(0) + 4))
    driver.until(lambda: driver.answered(window).status.as_of == SPOILED)


def test_all_of_it_is_reached_by_keyboard(driver: Driver, store: Path) -> None:
    spoil(store)
    elsewhere(store)
    window = driver.open(store)
    window.trusting.rest.stop()
    driver.until(lambda: is_locked(window))
    assert not window.trust_panel.isVisible()
    window.status_line.trust.setFocus(Qt.FocusReason.TabFocusReason)
    assert window.status_line.trust.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.keyClick(window.status_line.trust, Qt.Key.Key_Space)
    driver.until(window.trust_panel.isVisible)
    focus = QApplication.focusWidget()
    assert focus is window.trust_panel.rows or window.trust_panel.isAncestorOf(focus or window)
    reached: set[QWidget] = set()
    for _ in range(20):
        widget = QApplication.focusWidget()
        if widget is None or not window.trust_panel.isAncestorOf(widget):
            break
        reached.add(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    panel = window.trust_panel
    assert {panel.rows, panel.buttons["verify_now"], panel.key, panel.explain} <= reached
    window.resize(1, 1)
    driver.until(lambda: window.size() == window.minimumSizeHint())
    QTest.keyClick(panel.explain, Qt.Key.Key_Space)
    assert panel.proves.isVisible()
    driver.until(
        lambda: panel.proves.visibleRegion().boundingRect().height() > 1
    )  # what opens below the edge is scrolled to
    assert "nobody without the key" in panel.proves.text()


def test_an_altered_checkpoint_is_told_in_red_and_the_window_works_on(driver: Driver, store: Path) -> None:
    window = opened(driver, store)
    driver.ended(window.trusting.sign())
    [path] = folder_of(store).iterdir()
    (folder_of(store) / path.name).write_text(path.read_text().replace("\n10\n", "\n9\n"))
    path.touch()
    (folder_of(store) / "x").touch()  # the folder has changed
    driver.until(lambda: window.status_line.trust.text() == "✕ checkpoints or keys altered")
    panel = window.trust_panel
    assert "altered" in panel.detail.text()
    verified(driver, window)
    assert panel.verdict.text().startswith("✕ NOT TO BE TRUSTED, found")
    assert "is false" in panel.detail.text()


def test_what_could_not_be_done_is_said_in_the_panel(driver: Driver, store: Path) -> None:
    window = opened(driver, store)
    panel = window.trust_panel
    folder_of(store).mkdir()
    kept = folder_of(store) / "000000000000010-00000000.checkpoint"
    kept.write_text("no checkpoint")
    click(panel.buttons["verify_now"])
    driver.until(panel.failure.isVisible)
    assert not window.trusting.is_verifying
    assert "A checkpoint beside the store was altered" in panel.failure.text()
    driver.until(lambda: not panel.buttons["sign_checkpoint"].isEnabled())
    kept.unlink()
    verified(driver, window)
    assert not panel.failure.isVisible()


def test_damage_beside_what_another_process_writes(driver: Driver, store: Path) -> None:
    """The window that is open when a store fails writes nothing more, though the other process goes on."""
    window = opened(driver, store)
    with Session(store, cache=store.parent / "cache") as other:
        handle(other, "cart-new", OpenCart("Ada", "Leeds"), Metadata("other"))
    spoil(store)
    elsewhere(store)
    driver.until(lambda: is_locked(window))
    assert driver.answered(window).status.head == 11


def test_every_button_is_an_action(driver: Driver, store: Path) -> None:
    window = opened(driver, store)
    for name, button in window.trust_panel.buttons.items():
        action = window.findChild(QAction, name)
        assert isinstance(action, QAction)
        assert button.isEnabled() == action.isEnabled()
        assert button.toolTip() == action.toolTip()
        assert button.accessibleName()
