"""The newest question wins and is never starved: a cursor that is dragged without a pause is followed all the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from explorer.application import event_list, outside, word_search
from explorer.application.event_list import EventFilter
from explorer.application.session import Session
from explorer.application.view import Answer, Question
from explorer.errors import StorageFailed
from explorer.gui import worker as worker_module
from explorer.gui.worker import Worker
from explorer.projections import queries, rebuilding
from tests.gui.conftest import LONG
from tests.gui.stage import Stage
from tests.projections.test_rebuilding import another_version
from tests.sidecar.stage import application, note

WORDS = EventFilter(where="nowhere to be found")


class Dragged(Worker):
    """While it answers, a newer question is always waiting, as if the hand never rested."""

    def __init__(self, store: Path, after: Question, parent: QObject) -> None:
        super().__init__(lambda: Session(store, cache=store.parent / "cache"), parent)
        self.after = after
        self.turns = 0

    def _answer(self, session: Session, question: Question, latest: Answer | None) -> Answer | None:
        self._move()
        return super()._answer(session, question, latest)

    def _check(self) -> None:
        self._move()
        super()._check()

    def _move(self) -> None:
        self.turns += 1
        self.ask(replace(self.after, as_of=self.turns * 401 % LONG))


@pytest.fixture
def dragged(qapp: QObject, long_store: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Question], Dragged]:
    monkeypatch.setattr(event_list, "STRETCH", 50)
    return lambda after: Dragged(long_store, after, qapp)


def answers(qtbot: QtBot, worker: Worker, question: Question, count: int) -> list[Answer]:
    """The first answers that come."""
    found: list[Answer] = []
    worker.answered.connect(found.append)
    worker.ask(question)
    worker.start()
    try:
        qtbot.waitUntil(lambda: len(found) >= count, timeout=20_000)
    finally:
        worker.stop()
    return found


class Failing(Worker):
    """Looks at the log once; from then on the disk is broken."""

    looked = False

    def _catch_up(self, session: Session) -> None:
        if self.looked:
            raise StorageFailed("The disk failed.")
        self.looked = True
        super()._catch_up(session)


def test_what_fails_is_not_tried_again_at_once(
    qapp: QObject, qtbot: QtBot, long_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_search, "STRETCH", 100)
    monkeypatch.setattr(worker_module, "LOOK_AGAIN", 1_000.0)
    worker = Failing(lambda: Session(long_store, cache=long_store.parent / "cache"), qapp)
    failures: list[object] = []
    worker.failed.connect(failures.append)
    with qtbot.waitSignal(worker.failed):
        # The search goes on of itself, until the disk fails.
        worker.ask(Question(filter=WORDS))
        worker.start()
    question = Question(filter=WORDS, as_of=1)

    def is_answered(found: Answer) -> bool:
        return found.question == question

    with qtbot.waitSignal(worker.answered, check_params_cb=is_answered):
        worker.ask(question)
    worker.stop()
    assert 1 <= len(failures) <= 2


@pytest.mark.parametrize("wanted", [EventFilter(), EventFilter(actor="chi"), WORDS])
def test_a_drag_without_a_pause_is_answered_all_the_way(
    qtbot: QtBot, dragged: Callable[[Question], Dragged], wanted: EventFilter
) -> None:
    question = Question(filter=wanted)
    found = answers(qtbot, dragged(question), question, 5)
    assert len({answer.question.as_of for answer in found}) >= 5


def test_of_searches_that_take_long_every_other_is_finished(
    qtbot: QtBot, dragged: Callable[[Question], Dragged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LONG", 0.0)
    question = Question(filter=WORDS)
    assert len(answers(qtbot, dragged(question), question, 3)) >= 3


def test_a_search_is_called_off_for_another_filter(qtbot: QtBot, dragged: Callable[[Question], Dragged]) -> None:
    worker = dragged(Question())
    found = answers(qtbot, worker, Question(filter=WORDS), 1)
    assert found[0].question.filter == EventFilter()


def test_a_cursor_that_is_let_go_ends_on_the_last_position_of_its_time(
    stage: Callable[[Path], Stage], long_store: Path, qtbot: QtBot
) -> None:
    on = stage(long_store)
    on.open()
    assert on.answer.status.extent is not None
    first, last = on.answer.status.extent
    shown: list[Answer] = []
    on.looking.answered.connect(shown.append)
    for share in range(100):
        on.looking.drag_to(last - (last - first) * share // 150)
    time = on.looking.question.at_time
    assert time is not None
    on.looking.drop()
    qtbot.waitUntil(lambda: on.looking.question.at_time is None and on.answer.question == on.looking.question)

    with Session(long_store, cache=long_store.parent / "cache") as session, session.asking() as connection:
        position = queries.position_at(connection, time)
    assert on.answer.status.as_of == on.looking.question.as_of == position
    assert shown[-1].status.as_of == position
    assert len(shown) < 20, "stale questions are forgotten, not answered one by one"


def test_read_models_that_another_process_makes_are_not_asked_for_at_once_again(
    qapp: QObject, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_AGAIN", 1_000.0)
    with another_version(), application(tmp_path) as session:
        note(session.store)
        session.catch_up()
        note(session.store)
    with application(tmp_path) as session:
        assert rebuilding.claim(session.cache, outside.new_id(), outside.now())
    worker, asked = Worker(lambda: application(tmp_path), qapp), list[Question]()

    def answer(session: Session, question: Question, *more: Any) -> Answer:
        asked.append(question)
        return real(session, question, *more)

    real = worker_module.answer
    monkeypatch.setattr(worker_module, "answer", answer)
    with qtbot.waitSignal(worker.answered):
        worker.ask(Question())
        worker.start()
    for question in [Question(as_of=turn % 2) for turn in range(10)]:

        def is_answered(found: Answer, question: Question = question) -> bool:
            return found.question == question

        with qtbot.waitSignal(worker.answered, check_params_cb=is_answered):
            worker.ask(question)
    worker.stop()
    assert len(asked) <= 12, "once for each question, and once more to see that nothing moves"


class Roomless(Worker):
    """There is no room for the read models."""

    tries = 0

    def __init__(self, store: Path, parent: QObject) -> None:
        super().__init__(lambda: self._opened(store), parent)

    def _opened(self, store: Path) -> Session:
        session = Session(store, cache=store.parent / "cache")
        session.catch_up = self._fail  # type: ignore[method-assign] - a disk cannot be filled so surely
        return session

    def _fail(self, *_: object) -> int:
        self.tries += 1
        raise StorageFailed("The disk is full.")


def test_without_room_for_the_read_models_those_that_are_there_answer(
    qtbot: QtBot, qapp: QObject, short_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LOOK_AGAIN", 0.02)
    worker, told = Roomless(short_store, qapp), list[object]()
    worker.answered.connect(told.append)
    worker.failed.connect(told.append)
    worker.ask(Question())
    worker.start()
    try:
        qtbot.waitUntil(lambda: sum(not isinstance(one, Answer) for one in told) >= 3, timeout=20_000)
    finally:
        worker.stop()
    QCoreApplication.processEvents()
    assert isinstance(told[0], Answer)
    assert told[0].status.checkpoint > 0
    failures = [one for one in told if not isinstance(one, Answer)]
    assert [str(failure) for failure in failures[:3]] == ["The disk is full."] * 3
    # Each try is told once, behind its answer; the last may have been stopped before that.
    assert worker.tries - len(failures) in {0, 1}
