"""The launcher starts a sidecar for a store, and nothing else that happens to lie about."""

from pathlib import Path
from select import select

import pytest

from explorer.application.session import Session
from explorer.launcher import Beside
from explorer.projections.keeper import is_kept

PATIENCE = 30.0


def test_nothing_is_run_from_the_folder_that_the_window_was_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(tmp_path / "shop.events", cache=tmp_path / "cache", create=True) as session:
        folder = session.cache.folder
    stranger = tmp_path / "downloads" / "explorer"
    stranger.mkdir(parents=True)
    for name in ("__init__.py", "__main__.py"):
        (stranger / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(stranger.parent)
    beside = Beside()
    try:
        beside.start(tmp_path / "shop.events", tmp_path / "cache")
        for _ in range(int(PATIENCE / 0.02)):
            if is_kept(folder) or (tmp_path / "ran").exists():
                break
            select([], [], [], 0.02)
        assert is_kept(folder)
    finally:
        beside.close()
    assert not (tmp_path / "ran").exists()
    assert not is_kept(folder)
