"""The controls of time."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from explorer.application.view import Answer
from explorer.errors import BadInput
from explorer.gui.looking import SPEEDS
from explorer.gui.panels.transport import Transport, moment
from explorer.gui.theme import local_time
from tests.gui.stage import MINUTE, START, Stage

Staged = tuple[Stage, Transport]


@pytest.fixture
def controls(stage: Callable[[Path], Stage], short_store: Path) -> Staged:
    on = stage(short_store)
    made = on.put(Transport, height=40)
    on.open()
    return on, made


def enabled(made: Transport) -> tuple[bool, ...]:
    return tuple(button.isEnabled() for button in (made.to_start, made.back, made.play, made.on, made.to_now))


def go(made: Transport, text: str) -> None:
    made.place.setText(text)
    QTest.keyClick(made.place, Qt.Key.Key_Return)


def test_buttons_step_and_are_disabled_at_the_ends(controls: Staged) -> None:
    on, made = controls
    assert enabled(made) == (True, True, True, False, False)
    on.after(made.back.click)
    assert on.answer.status.as_of == 9
    assert enabled(made) == (True, True, True, True, True)
    on.after(made.to_start.click)
    assert made.where.text() == "Event 0 of 10"
    assert enabled(made) == (False, False, True, True, True)
    on.after(made.on.click)
    assert on.answer.status.as_of == 1
    on.after(made.to_now.click)
    assert on.answer.status.is_now
    assert enabled(made) == (True, True, True, False, False)


def test_playing_from_the_start_to_now(controls: Staged, qtbot: QtBot) -> None:
    on, made = controls
    made.speed.setCurrentIndex(len(SPEEDS) - 1)
    made.speed.activated.emit(len(SPEEDS) - 1)
    assert on.looking.speed == SPEEDS[-1]
    made.play.click()
    assert on.looking.is_playing
    assert made.play.accessibleName() == "Pause"
    with qtbot.waitSignal(on.looking.playing):
        pass
    assert on.looking.is_now
    assert made.play.accessibleName() == "Play"


def test_pausing(controls: Staged) -> None:
    on, made = controls
    on.after(made.play.click)
    made.play.click()
    assert not on.looking.is_playing


@pytest.mark.parametrize("text", ["6", "#6", " 6 "])
def test_going_to_an_event(controls: Staged, text: str) -> None:
    on, made = controls
    on.after(lambda: go(made, text))
    assert on.answer.status.as_of == 6
    assert made.place.text() == ""


def test_going_to_a_time_ends_on_the_last_event_by_then(controls: Staged, qtbot: QtBot) -> None:
    on, made = controls
    time = START + 4 * MINUTE + MINUTE // 2
    shown = local_time(time).partition(" ")[2]

    def is_exact(answer: Answer) -> bool:
        return answer.question.as_of == 5

    with qtbot.waitSignal(on.looking.answered, check_params_cb=is_exact):
        go(made, shown)
    assert on.looking.question.at_time is None
    assert on.answer.status.as_of == 5


def test_what_is_no_place_is_refused_beside_the_field_and_kept(controls: Staged) -> None:
    on, made = controls
    before = on.looking.question
    go(made, "yesterday")
    assert on.looking.question is before
    assert made.refusal.text().startswith("Write an event's number")
    assert made.place.text() == "yesterday"
    QTest.keyClick(made.place, Qt.Key.Key_5)
    assert made.refusal.text() == ""


@pytest.mark.parametrize(
    ("text", "position"), [("1,204", 1204), ("1 204", 1204), ("1_204", 1204), ("0", 0), ("12345678", 12_345_678)]
)
def test_positions_as_people_write_them(text: str, position: int) -> None:
    assert moment(text) == (position, None)


def test_times_as_people_write_them() -> None:
    local = datetime(2010, 12, 7, 14, 3).astimezone()
    expected = int(local.timestamp()) * 1_000_000
    for text in ("2010-12-07 14:03", "2010-12-07T14:03:00", "7 Dec 2010 14:03", local_time(expected)):
        assert moment(text) == (None, expected)
    assert moment("2010-12-07T14:03:22.000001Z") == (
        None, int(datetime(2010, 12, 7, 14, 3, 22, tzinfo=UTC).timestamp()) * 1_000_000 + 1,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "2010.12.07", "-5", "12,34", "0001-01-01T00:00:00+23:00", "９" * 40])
def test_what_is_neither(text: str) -> None:
    with pytest.raises(BadInput):
        moment(text)


def test_names_focus_and_icons(controls: Staged) -> None:
    on, made = controls
    buttons = made.findChildren(QPushButton)
    assert len({button.accessibleName() for button in buttons}) == 5
    for control in (*buttons, made.speed, made.place):
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    light = made.play.icon().pixmap(16).toImage()
    on.look.choose("dark")
    assert made.play.icon().pixmap(16).toImage() != light
