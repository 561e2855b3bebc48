"""A meter that stops too early would flatter every figure: here it is held against a panel that paints late."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.main_window import MainWindow
from tests.benchmarks.frame_meter import QUIET_ROUNDS, FrameMeter
from tests.benchmarks.frames import KINDS, measure_frames, open_window


class Latecomer(QWidget):
    """Paints the moment only after so many turns of the loop; its layout, too, is asked for at the last one."""

    def __init__(self, looking: Looking, turns: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking, self._turns, self._left = looking, turns, 0
        self.painted: list[int] = []
        self.painted_at = 0.0
        self.setFixedSize(20, 10)
        looking.answered.connect(self._begin)

    def _begin(self) -> None:
        self._left = self._turns
        self._wait()

    def _wait(self) -> None:
        if self._left:
            self._left -= 1
            QTimer.singleShot(0, self, self._wait)
        else:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._looking.answer is not None:
            self.painted.append(self._looking.answer.status.as_of)
            self.painted_at = perf_counter()


@pytest.fixture
def window(qapp: object, long_store: Path) -> Iterator[MainWindow]:
    with open_window(long_store, long_store.parent / "cache") as made:
        yield made


@pytest.mark.parametrize("turns", [0, 1, QUIET_ROUNDS - 3])
def test_a_frame_ends_behind_the_last_paint_event_that_its_answer_causes(window: MainWindow, turns: int) -> None:
    late = Latecomer(window.looking, turns, window)
    late.show()
    meter = FrameMeter(window, window.looking)

    for position in range(4_000, 100, -390):
        frame = meter.frame(lambda position=position: window.looking.go_to(position))

        assert frame is not None
        assert late.painted[-1] == position
        assert meter.end >= late.painted_at


def test_a_layout_that_is_asked_for_by_an_answer_is_part_of_the_frame(window: MainWindow) -> None:
    label = QLabel(window)
    window.statusBar().addWidget(label)

    def show(answer: Answer) -> None:
        label.setText("m" * (answer.status.as_of % 37))

    window.looking.answered.connect(show)
    meter = FrameMeter(window, window.looking)

    for position in (4_000, 10, 3_003):
        meter.frame(lambda position=position: window.looking.go_to(position))

        assert label.width() == label.sizeHint().width()


def test_a_frame_is_that_of_the_last_question_not_of_an_answer_that_was_on_its_way(window: MainWindow) -> None:
    meter = FrameMeter(window, window.looking)

    def ask_thrice() -> None:
        for position in (3_000, 2_000, 1_000):
            window.looking.go_to(position)

    assert meter.frame(ask_thrice) is not None
    assert window.looking.answer is not None
    assert window.looking.answer.status.as_of == 1_000


def test_what_asks_nothing_makes_no_frame(window: MainWindow) -> None:
    assert FrameMeter(window, window.looking).frame(lambda: None) is None


def test_every_kind_of_frame_is_measured(qapp: object, long_store: Path) -> None:
    found = measure_frames(long_store, long_store.parent / "cache", 3, 1)

    assert {kind: len(frames) for kind, frames in found.items()} == dict.fromkeys(KINDS, 3)
    assert all(frame > 0 for frames in found.values() for frame in frames)
