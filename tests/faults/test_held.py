"""Others hold a lock, are stopped with one, or let nobody write: it is said in words, and nobody waits long (F13)."""

from pathlib import Path

import pytest

from explorer.domain.event import NewEvent
from tests.faults.conftest import Told
from tests.faults.deeds import ANN
from tests.faults.inspection import STORE, inspect, inspect_cache, names_in, session_at
from tests.faults.zygote import Child, Zygote

QUICK, REAL = 0.3, 5.0
"""Seconds that a writer waits for the lock."""
SLACK = 3.0
"""Seconds by which a busy machine may be late."""

patiences = pytest.mark.parametrize("patience", [QUICK, pytest.param(REAL, marks=pytest.mark.faults)])


def made(folder: Path) -> None:
    with session_at(folder) as session:
        session.store.append("note-1", 0, [NewEvent("Noted", {}, ANN)])
        session.catch_up()


def held(zygote: Zygote, path: Path, how: str) -> Child:
    child = zygote.start("hold", str(path), how)
    assert child.hear(60) == [["held"]]
    child.stop()
    return child


def attempted(zygote: Zygote, folder: Path, patience: float) -> dict[str, tuple[str, str]]:
    lines = zygote.start("attempt", str(folder), patience).hear_out()
    assert all(took < patience + SLACK for *_, took in lines), lines
    return {what: (how, said) for what, how, said, _ in lines}


@patiences
def test_a_store_whose_writer_is_stopped_is_read_and_said_to_be_busy(
    zygote: Zygote, tmp_path: Path, tell: Told, patience: float
) -> None:
    made(tmp_path)
    other = held(zygote, tmp_path / STORE, "write")
    outcome = attempted(zygote, tmp_path, patience)
    assert [outcome[what][0] for what in ("open", "look", "append", "catch up")] == ["done", "done", "Busy", "done"]
    assert "in use by another program" in outcome["append"][1]
    other.kill()
    assert {how for how, _ in attempted(zygote, tmp_path, patience).values()} == {"done"}
    inspect(tmp_path)
    tell("F13 writer of the store stopped", 1, 1)


@patiences
def test_a_cache_whose_projector_is_stopped_answers_with_what_it_has(
    zygote: Zygote, tmp_path: Path, tell: Told, patience: float
) -> None:
    made(tmp_path)
    with session_at(tmp_path) as session:
        cache = session.cache.path
    other = held(zygote, cache, "write")
    outcome = attempted(zygote, tmp_path, patience)
    assert [outcome[what][0] for what in ("open", "look", "append", "catch up")] == ["done", "done", "done", "Busy"]
    other.kill()
    inspect_cache(tmp_path)
    tell("F13 projector of the cache stopped", 1, 1)


@pytest.mark.faults
def test_a_file_that_another_program_has_for_itself_is_said_to_be_busy(
    zygote: Zygote, tmp_path: Path, tell: Told
) -> None:
    made(tmp_path)
    other = held(zygote, tmp_path / STORE, "exclusive")
    outcome = attempted(zygote, tmp_path, REAL)
    assert outcome["open"][0] == "Busy"
    assert "in use by another program" in outcome["open"][1]
    other.kill()
    assert attempted(zygote, tmp_path, REAL)["append"][0] == "done"
    tell("file locked by another program", 1, 1)


def test_writers_stopped_at_any_moment_hold_nobody_up_for_ever(zygote: Zygote, quick_folder: Path, tell: Told) -> None:
    made(quick_folder)
    stopped, busy = zygote.start("trade", str(quick_folder), 1), 0
    acknowledged = [id_ for word, *ids in stopped.hear(60) if word == "acknowledged" for id_ in ids]
    rounds = 8
    for _ in range(rounds):
        stopped.stop()
        outcome = attempted(zygote, quick_folder, QUICK)
        assert outcome["append"][0] in ("done", "Busy")
        busy += outcome["append"][0] == "Busy"
        stopped.go_on()
        acknowledged += [id_ for word, *ids in stopped.hear(60) if word == "acknowledged" for id_ in ids]
    acknowledged += [id_ for word, *ids in stopped.kill() if word == "acknowledged" for id_ in ids]
    inspect(quick_folder, acknowledged)
    inspect_cache(quick_folder)
    tell("F13 a writer stopped at any moment", rounds, rounds, 0, f"{busy} times Busy")


def test_who_may_only_read_is_shown_all_and_told_why_he_cannot_write(zygote: Zygote, quick_folder: Path) -> None:
    home = quick_folder / "home"
    home.mkdir()
    made(home)
    (quick_folder / "visitors-cache").mkdir()
    (quick_folder / "visitors-cache").chmod(0o777)
    quick_folder.chmod(0o755)
    for path in (home, *home.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222 | 0o444)
    listed = names_in(home)
    try:
        sees, *told = zygote.start("visit", str(home)).hear_out()
    finally:
        home.chmod(0o755)
    assert sees == ["sees", 1, 1]
    assert [kind for _, kind, _ in told] == ["ReadOnly", "Missing", "ReadOnly", "ReadOnly"]
    assert "open for reading only" in told[0][2]
    assert "new" in told[2][2]
    assert "--cache" in told[3][2]
    assert names_in(home) == listed
