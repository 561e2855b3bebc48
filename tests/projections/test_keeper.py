"""One keeper of a cache at a time, and another as soon as it ends, is silent, or its lock is gone."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import pytest

from explorer.application import outside
from explorer.errors import ReadOnly
from explorer.projections import keeper
from explorer.projections.keeper import NAME, Keeper, is_kept

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock: its last value is now."""
    times = [0.0]
    monkeypatch.setattr(keeper, "monotonic", lambda: times[-1])
    return times


def test_there_is_one_at_a_time(tmp_path: Path) -> None:
    first, second = Keeper(tmp_path, ONE), Keeper(tmp_path, TWO)
    assert not is_kept(tmp_path)
    assert first.take()
    assert is_kept(tmp_path)
    assert not second.take()
    assert first.keep()
    first.close()
    assert not is_kept(tmp_path)
    assert not first.keep()
    assert second.take()
    second.close()


def test_one_who_is_silent_is_supplanted_and_learns_of_it(tmp_path: Path, passed: list[float]) -> None:
    first, second = Keeper(tmp_path, ONE), Keeper(tmp_path, TWO)
    assert first.take()
    assert not second.take()
    passed.append(4.9)
    assert not second.take()
    assert first.keep()
    passed.append(9.7)
    assert not second.take(), "it has beaten since"
    passed.append(9.7 + keeper.SILENT)
    assert second.take()
    assert is_kept(tmp_path)
    assert not first.keep()
    assert second.keep()
    assert not first.take()
    second.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME]


def test_a_clock_that_was_set_back_is_a_beat_like_any_other(tmp_path: Path, passed: list[float]) -> None:
    first, second = Keeper(tmp_path, ONE), Keeper(tmp_path, TWO)
    assert first.take()
    assert not second.take()
    passed.append(4.0)
    os.utime(tmp_path / NAME, (1_000.0, 1_000.0))
    assert not second.take()
    passed.append(8.0)
    assert not second.take()
    first.close()


def test_who_has_lost_its_file_keeps_nothing_any_more(tmp_path: Path) -> None:
    first, second = Keeper(tmp_path / "cache", ONE), Keeper(tmp_path / "cache", TWO)
    assert first.take()
    (tmp_path / "cache" / NAME).unlink()
    (tmp_path / "cache").rmdir()
    assert not first.keep()
    assert second.take()
    assert not first.take()
    second.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReadOnly, match="cannot be written"):
        Keeper(tmp_path / "file", ONE).take()


def keep_for_ever(folder: Path, told: Connection) -> None:
    own = Keeper(folder, outside.new_id())
    told.send(own.take())
    signal.pause()


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    heard, told = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=keep_for_ever, args=(tmp_path, told))
    process.start()
    assert heard.poll(30)
    assert heard.recv()
    own = Keeper(tmp_path, ONE)
    assert not own.take()
    process.kill()
    process.join(10)
    assert own.take()
    own.close()


def test_one_who_is_silent_where_nothing_can_be_written_is_left_with_a_word(
    tmp_path: Path, passed: list[float]
) -> None:
    first, second = Keeper(tmp_path, ONE), Keeper(tmp_path, TWO)
    assert first.take()
    assert not second.take()
    (tmp_path / f"{NAME}.{TWO}").mkdir()
    passed.append(keeper.SILENT)
    with pytest.raises(ReadOnly, match="cannot be written"):
        second.take()
    assert first.keep()
    first.close()
