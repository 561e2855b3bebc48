"""The task that watches by rules: findings are there soon after the events, whoever else is at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.application.rules import retire_rule, set_rule
from explorer.application.session import Session
from explorer.application.watching import watch
from explorer.sidecar import watching as module
from explorer.sidecar.watching import watching
from tests.sidecar.stage import ANN, application, beside, note, running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACE", 0.01)
    monkeypatch.setattr(module, "POLL", 0.05)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with application(tmp_path) as opened:
        note(opened.store, events=50)
        yield opened


def positions(session: Session) -> list[int]:
    return [one.position for one in session.findings.newest(100)]


def test_what_rules_find_is_told_as_events_come(session: Session, tmp_path: Path) -> None:
    set_rule(session, "Tens", "fields.n >= 10", ANN, severity="error")
    with running(watching(beside(tmp_path))) as run:
        run.until(lambda: run.told.findings.get("error") == 1)
        assert run.told.rules == 1
        set_rule(session, "Odd", "fields.n == 51", ANN, severity="info")
        run.until(lambda: run.told.rules == 2)
        note(session.store, events=3)
        run.until(lambda: run.told.findings == {"error": 1, "warning": 0, "info": 1})
        assert watch(session) == 0
        assert len(positions(session)) == 2
        retire_rule(session, "Tens", ANN)
        run.until(lambda: run.told.findings == {"error": 0, "warning": 0, "info": 1})
    assert "rules found something" in [record.getMessage() for record in run.records]


def test_without_rules_it_does_nothing(session: Session, tmp_path: Path) -> None:
    with running(watching(beside(tmp_path))) as run:
        run.until(lambda: run.told.findings == {"error": 0, "warning": 0, "info": 0})
    assert not list(session.cache.folder.glob("findings-*"))


def test_it_works_beside_the_application(session: Session, tmp_path: Path) -> None:
    set_rule(session, "Any", "fields.n >= 0", ANN)
    with running(watching(beside(tmp_path))) as run:
        for number in range(10):
            note(session.store, f"note-{number}", events=2)
        run.until(lambda: run.told.findings.get("warning") == 10)
