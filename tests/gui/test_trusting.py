"""Signing, replacing the key, and what is verified when nobody asks, in the real window."""

import stat
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from explorer.application import keys
from explorer.application.checkpoints import known_checkpoints
from explorer.application.session import Session
from explorer.gui.main_window import MainWindow
from explorer.gui.report_dialog import Wish
from tests.gui.driver import Driver
from tests.gui.stage import SHORT, fill
from tests.gui.trust_stage import click, verified


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


def test_signing_puts_a_file_beside_the_store_and_names_the_key(driver: Driver, store: Path, tmp_path: Path) -> None:
    window = opened(driver, store)
    panel = window.trust_panel
    assert panel.signed.text() == "○ Never signed"
    assert not panel.show_folder.isEnabled()
    assert not panel.buttons["copy_public_key"].isEnabled()
    click(panel.buttons["sign_checkpoint"])
    driver.until(lambda: panel.signed.text().startswith("✓ Signed: all 10 events, today"))
    [kept] = known_checkpoints(store)
    assert (kept.size, kept.path.parent) == (10, store.with_name("shop.events.checkpoints"))
    key = keys.signing_key()
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    public = key.key(_store_id(store))
    assert f"By key {public.id_text} (yours)" in panel.signed_detail.text()
    assert panel.key.text() == public.text
    assert panel.kept.text() == "1 checkpoint in shop.events.checkpoints"
    click(panel.buttons["copy_public_key"])
    assert QGuiApplication.clipboard().text() == public.text
    aim = tmp_path / "for the auditor.checkpoint"
    assert "10 events, signed by key" in str(driver.ended(window.trusting.export(aim)))
    assert aim.read_bytes() == kept.path.read_bytes()


def _store_id(store: Path) -> UUID:
    with Session(store, cache=store.parent / "cache") as session:
        return session.store.store_id


def test_a_key_is_replaced_only_when_it_is_said_so(driver: Driver, store: Path) -> None:
    window = opened(driver, store)
    assert "No key has been made yet" in window.menus.by_id["rotate_key"].property("reason")
    driver.ended(window.trusting.sign())
    driver.until(window.menus.by_id["rotate_key"].isEnabled)
    old = keys.signing_key().public
    for act in ("Cancel", "Replace key"):
        window.menus.by_id["rotate_key"].trigger()
        box = window.findChild(QMessageBox, "replace_key")
        assert isinstance(box, QMessageBox)
        assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
        assert "cannot be taken back" in box.informativeText()
        buttons = {button.text().replace("&", ""): button for button in box.buttons()}
        assert keys.signing_key().public == old
        with driver.qtbot.waitSignal(box.destroyed):
            click(buttons[act])
    driver.until(lambda: keys.signing_key().public != old)
    driver.until(lambda: len(known_checkpoints(store)) == 2)
    new = keys.signing_key().key(_store_id(store)).id_text
    driver.until(lambda: window.trust_panel.key.text() == keys.signing_key().key(_store_id(store)).text)
    assert {new in one.key_ids for one in known_checkpoints(store)} == {True, False}


def test_a_report_from_the_window_is_signed(driver: Driver, store: Path, tmp_path: Path) -> None:
    window = opened(driver, store)
    task = window.jobs.report(Wish("html", tmp_path / "r.html", None, None, None, None, None))
    driver.ended(task)
    [kept] = known_checkpoints(store)
    assert kept.key_ids[0] in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_a_small_store_is_looked_after_when_the_user_rests(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    assert window.trusting.rest.isActive()
    left = window.trusting.rest.remainingTime()
    # Of a timer that is coarse a twentieth more or less says nothing.
    driver.until(lambda: window.trusting.rest.remainingTime() < left / 2)
    window.looking.step(-1)
    assert window.trusting.rest.remainingTime() > left * 3 / 4, "it has begun anew"
    window.looking.go_to_now()
    window.trusting.rest.setInterval(1)
    window.trusting.rest.start()
    driver.until(lambda: window.status_line.trust.text().startswith("✓ verified to 10 today"))
    driver.until(lambda: len(known_checkpoints(store)) == 1)
    assert not window.trusting.rest.isActive()
    driver.until(lambda: driver.answered(window).standing.trust.checkpoints == 1)
    driver.until(lambda: not window.trusting.is_verifying)
    assert window.trusting.keep_signed() is None
    window.show_trust()
    verified(driver, window)
    key = keys.signing_key().key(_store_id(store)).id_text
    assert f"as signed by key {key}." in window.trust_panel.detail.text()


def test_what_nobody_asked_for_waits_while_the_user_looks_around(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    window.looking.step(-1)
    task = window.trusting.look_after()
    assert task is not None
    for _ in range(5):
        window.looking.step(-1)
        QTest.qWait(50)
        assert not task.isFinished()
    driver.ended(task)
    driver.until(lambda: driver.answered(window).standing.found is not None)


def test_a_window_that_closes_does_not_wait_for_it(driver: Driver, store: Path) -> None:
    window = driver.open(store)
    window.looking.step(-1)
    assert window.trusting.look_after() is not None
    driver.close(window)
    assert known_checkpoints(store) == []
