"""The launcher's sidecars: begun again when they are killed, ended with the window."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from explorer import launcher
from explorer.launcher import Beside
from explorer.projections.keeper import is_kept
from tests.sidecar.stage import application, note


def until(holds: Callable[[], object]) -> None:
    for _ in range(3_000):
        if holds():
            return
        Event().wait(0.02)
    raise AssertionError("waited in vain")


def test_one_that_is_killed_is_begun_again_and_all_end_with_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "AGAIN", 0.01)
    started, popen = list[int](), launcher.subprocess.Popen

    def counted(*values: object, **named: object) -> object:
        process = popen(*values, **named)  # type: ignore[call-overload]
        started.append(process.pid)
        return process

    monkeypatch.setattr(launcher.subprocess, "Popen", counted)
    with application(tmp_path) as session:
        note(session.store)
    beside = Beside()
    beside.start(tmp_path / "shop.events", tmp_path / "cache")
    beside.start(tmp_path / "shop.events", tmp_path / "cache")
    try:
        until(lambda: is_kept(tmp_path / "cache"))
        os.kill(started[0], signal.SIGKILL)
        until(lambda: len(started) == 2)
        until(lambda: is_kept(tmp_path / "cache"))
    finally:
        beside.close()
    assert not is_kept(tmp_path / "cache")
    assert len(started) == 2
