"""Words sought in the window: how far the search is, stopping it, letting it go on, and moving on meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.application import word_search
from explorer.application.event_list import EventFilter
from explorer.application.view import Answer
from explorer.gui import worker
from explorer.gui.panels.event_list import EventList
from tests.gui.conftest import LONG
from tests.gui.stage import Stage

Staged = tuple[Stage, EventList]


@pytest.fixture
def long(stage: Callable[[Path], Stage], long_store: Path) -> Staged:
    on = stage(long_store)
    events = on.put(EventList, height=300)
    on.open()
    return on, events


def test_words_that_are_sought_tell_how_far_the_search_is(
    long: Staged, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    on, events = long
    monkeypatch.setattr(word_search, "STRETCH", 400)
    monkeypatch.setattr(worker, "SEARCH_ON", 1)
    said: list[str] = []
    on.looking.shown.connect(lambda: said.append(events.strip.words.text()))
    assert not events.strip.isVisible()
    on.after(lambda: on.looking.look(filter=EventFilter(where="nowhere"), seek=False))
    assert said[0] == f"Stopped: nothing found in 200 of {LONG:,} events"
    assert (events.strip.button.text(), 0 < events.strip.bar.value() < 20) == ("Go on", True)
    assert events.empty.words.text().endswith(" so far.")

    def is_done(answer: Answer) -> bool:
        return answer.events.sought is not None and answer.events.sought.is_done

    with qtbot.waitSignal(on.looking.answered, check_params_cb=is_done):
        events.strip.button.click()
    assert said[-1] == f"Nothing found in {LONG:,} events"
    assert len([text for text in said if text.startswith("Searching… 0 found in ")]) > 5
    assert not events.strip.button.isVisible()
    on.after(lambda: on.looking.show_filter(EventFilter()))
    assert not events.strip.isVisible()


def test_a_search_can_be_stopped(long: Staged, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    on, events = long
    monkeypatch.setattr(word_search, "STRETCH", 2)
    monkeypatch.setattr(worker, "SEARCH_ON", 1)
    on.after(lambda: on.looking.show_filter(EventFilter(where="nowhere")))

    def is_stopped(answer: Answer) -> bool:
        return not answer.question.seek

    with qtbot.waitSignal(on.looking.answered, check_params_cb=is_stopped):
        events.strip.button.click()
    assert events.strip.words.text().startswith("Stopped: nothing found in ")
    assert not on.answer.is_seeking


def test_the_moment_can_be_moved_while_words_are_sought(long: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    on, events = long
    monkeypatch.setattr(word_search, "STRETCH", 2)
    monkeypatch.setattr(worker, "SEARCH_ON", 1)
    on.after(lambda: on.looking.show_filter(EventFilter(where="nowhere")))
    for position in (1_000, 20, 3_000):
        answer = on.after(lambda position=position: on.looking.go_to(position))
        assert (answer.status.as_of, answer.is_seeking) == (position, True)
    assert events.strip.isVisible()
