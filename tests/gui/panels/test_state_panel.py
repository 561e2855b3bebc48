"""The state before and after the event."""

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.gui.panels.state_panel import StatePanel
from tests.gui.stage import Stage

Staged = tuple[Stage, StatePanel]


@pytest.fixture
def state(stage: Callable[[Path], Stage], short_store: Path) -> Staged:
    on = stage(short_store)
    made = on.put(StatePanel)
    on.open()
    return on, made


def test_where_it_stands_between_two_versions(state: Staged) -> None:
    on, made = state
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    assert made.title.text() == "cart 1001 · version 2 → 3 · #5 → #6"
    on.after(lambda: on.looking.go_to(3))
    assert made.title.text() == "cart 1001 · begins: version 1 · #2 → #3"


def test_from_change_to_change_of_the_stream(state: Staged) -> None:
    on, made = state
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    assert not made.next.isEnabled()
    seen = [on.answer.status.as_of]
    while made.previous.isEnabled():
        on.after(made.previous.click)
        seen.append(on.answer.status.as_of)
    assert seen == [10, 8, 6, 4, 3]
    on.after(made.next.click)
    assert on.answer.status.as_of == 4


def test_empty_states(state: Staged) -> None:
    on, made = state
    assert made.empty.text().startswith("No stream is chosen")
    assert not made.previous.isEnabled()
    assert not made.next.isEnabled()
    on.after(lambda: on.looking.go_to(2, "cart-1001"))
    assert made.empty.text() == "cart 1001 had not begun at event 2."
    assert made.next.isEnabled()
    assert not made.previous.isEnabled()


def test_a_hidden_panel_draws_when_it_is_shown(state: Staged) -> None:
    on, made = state
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    made.hide()
    on.after(lambda: on.looking.go_to(4))
    assert made.title.text().endswith("#5 → #6")
    made.show()
    assert made.title.text().endswith("#3 → #4")


def test_names_and_mnemonics(state: Staged) -> None:
    _, made = state
    keys = {button.text().partition("&")[2][0].lower() for button in (made.previous, made.next)}
    assert len(keys) == 2
    assert made.tree.view.accessibleName() == "State before and after the event"
