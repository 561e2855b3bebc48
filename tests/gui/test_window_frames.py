"""What a frame of the window must not do: lay the window out, or draw what nobody sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QDockWidget, QWidget

from explorer.application.view import Answer
from explorer.gui.main_window import MainWindow
from explorer.gui.pane import Pane
from tests.benchmarks.frame_meter import FrameMeter
from tests.benchmarks.frames import open_window


@pytest.fixture
def window(qapp: object, long_store: Path) -> Iterator[MainWindow]:
    with open_window(long_store, long_store.parent / "cache") as made:
        yield made


class Seen(QObject):
    """How many events of a type a widget gets."""

    def __init__(self, widget: QWidget, kind: QEvent.Type) -> None:
        super().__init__(widget)
        self._kind, self.count = kind, 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == self._kind
        return False


def scrub(window: MainWindow) -> Answer:
    """There and back, to places all over the store; in each the carts that it holds."""
    meter = FrameMeter(window, window.looking)
    for position in (*range(4_900, 100, -600), *range(100, 4_900, 600)):
        stream = "cart-lone" if position % 400 else "cart-many"
        meter.frame(lambda position=position, stream=stream: window.looking.go_to(position, stream))
    assert window.looking.answer is not None
    return window.looking.answer


def test_scrubbing_does_not_lay_the_window_out(window: MainWindow) -> None:
    scrub(window)  # panes grow to what they need
    layouts, counts = Seen(window, QEvent.Type.LayoutRequest), list[int]()
    for _ in range(3):
        layouts.count = 0
        scrub(window)
        counts.append(layouts.count)
    # A window that becomes active only now may lay itself out once for that.
    assert 0 in counts


def test_a_panel_behind_a_tab_is_not_drawn_until_it_is_raised(window: MainWindow) -> None:
    found = scrub(window)
    assert not window.state_panel.isVisible()
    assert window.looking.question.stream_limit == 0
    before = window.state_panel.title.text()
    assert found.stream is not None
    dock = window.findChild(QDockWidget, "state_before_and_after")
    assert dock is not None
    dock.raise_()
    assert window.state_panel.isVisible()
    assert not window.detail.isVisible()
    assert window.state_panel.title.text() != before
    assert f"version {found.stream.version - 1:,} → {found.stream.version:,}" in window.state_panel.title.text()


def test_a_list_behind_a_tab_is_filled_when_it_is_raised(window: MainWindow) -> None:
    meter = FrameMeter(window, window.looking)
    dock = window.findChild(QDockWidget, "streams")
    assert dock is not None
    meter.frame(dock.raise_)
    assert "cart-lone" in window.streams.rows.keys
    assert window.looking.answer is not None
    assert window.looking.answer.carts == ()


def test_a_pane_asks_for_more_room_only_where_its_panel_needs_more(window: MainWindow) -> None:
    holder = QWidget(window)
    panel = QWidget()
    panel.setMinimumSize(50, 40)
    pane = Pane(panel, holder)
    assert (pane.minimumSizeHint().width(), pane.minimumSizeHint().height()) == (50, 40)
    for width, least in ((60, 60), (30, 60)):
        panel.setMinimumWidth(width)
        pane.event(QEvent(QEvent.Type.LayoutRequest))
        assert pane.minimumSizeHint().width() == least
    pane.resize(200, 100)
    pane.show()
    holder.show()
    assert panel.size() == pane.size()
