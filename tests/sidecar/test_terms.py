"""The sidecar's terms: what ends the process, and what only ends a term."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.errors import Missing, ReadOnly
from explorer.projections.keeper import Keeper
from explorer.sidecar import running
from explorer.sidecar.facts import Facts
from explorer.sidecar.running import Sidecar, Wanted
from explorer.sidecar.supervisor import Hung, Supervisor
from tests.sidecar.stage import application, note


@pytest.fixture
def sidecar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sidecar:
    monkeypatch.setattr(running, "RETRY", 0.01)
    with application(tmp_path) as session:
        note(session.store)
    wanted = Wanted(tmp_path / "shop.events", tmp_path / "cache")
    return Sidecar(wanted, Facts(), logging.getLogger("event_explorer.sidecar"))


def in_turn(*happens: Callable[[], object]) -> Callable[..., object]:
    left: Iterator[Callable[[], object]] = iter(happens)

    def happen(*_: object) -> object:
        return next(left)()

    return happen


def raising(error: Exception) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


@pytest.mark.parametrize("terms", [0, 1, 2])
def test_a_task_that_hangs_ends_the_process_in_any_term(
    sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch, terms: int
) -> None:
    ended = [lambda: None] * terms
    again = raising(AssertionError("a thread hangs, and another term was begun beside it"))
    monkeypatch.setattr(Supervisor, "run", in_turn(*ended, raising(Hung("It hangs.")), again))
    with pytest.raises(Hung):
        sidecar.run()


def test_what_fails_once_the_store_was_opened_is_waited_for(sidecar: Sidecar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "take", in_turn(raising(ReadOnly("The folder is closed.")), lambda: True))
    monkeypatch.setattr(Supervisor, "run", in_turn(sidecar.stop))
    sidecar.run()


def test_a_store_that_is_not_there_in_the_beginning_is_said(sidecar: Sidecar, tmp_path: Path) -> None:
    (tmp_path / "shop.events").unlink()
    with pytest.raises(Missing):
        sidecar.run()
