"""The banner over the past."""

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.gui.panels.banner import PastBanner
from explorer.gui.theme import local_time
from tests.gui.stage import MINUTE, START, Stage

Staged = tuple[Stage, PastBanner]


@pytest.fixture
def banner(stage: Callable[[Path], Stage], short_store: Path) -> Staged:
    on = stage(short_store)
    made = on.put(PastBanner, height=40)
    on.open()
    return on, made


def ground(made: PastBanner) -> str:
    return made.grab().toImage().pixelColor(2, 2).name()


def test_it_says_the_past_in_colour_and_words_and_leads_back(banner: Staged) -> None:
    on, made = banner
    height = made.height()
    assert not made.button.isVisible()
    assert ground(made) != on.look.theme.past
    on.after(lambda: on.looking.go_to(6))
    time = local_time(START + 5 * MINUTE)
    assert made.label.text() == f"State as of event 6 · {time} · 4 events behind · editing is off"
    assert ground(made) == on.look.theme.past
    on.after(made.button.click)
    assert on.answer.status.is_now
    assert not made.button.isVisible()
    assert made.label.text().startswith("Now · event 10")
    assert made.height() == height, "what is below must not move under the hand"


def test_one_event_and_none(banner: Staged) -> None:
    on, made = banner
    on.after(lambda: on.looking.go_to(9))
    assert "· 1 event behind ·" in made.label.text()
    on.after(lambda: on.looking.go_to(0))
    assert made.label.text() == "State before the first event · 10 events behind · editing is off"


def test_an_empty_store_is_now(stage: Callable[[Path], Stage], empty_store: Path) -> None:
    on = stage(empty_store)
    made = on.put(PastBanner, height=40)
    on.open()
    assert made.label.text() == "Now · no events"
    assert not made.button.isVisible()


def test_names(banner: Staged) -> None:
    _, made = banner
    assert made.button.accessibleName() == "Back to now"
    assert made.label.accessibleName() == "The moment shown"
