"""Frames of the real window on a store: `python -m tests.benchmarks.frames STORE CACHE` prints what they take.

The window is 1400x900, drawn offscreen. Nothing is written to the store.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from explorer.application.session import Session
from explorer.gui.app import App, make_application
from explorer.gui.main_window import SIZE, MainWindow
from explorer.gui.panels.timeline import Timeline
from explorer.gui.settings import Settings
from explorer.gui.timeline_view import TimelineView
from tests.benchmarks.frame_meter import Frame, FrameMeter

KINDS = ("drag", "random", "zoom")
RUN = 10
"""Frames of a drag at one place, before the next."""
SCRUBS = 200
"""Frames before the memory of a window is read."""
AHEAD = 500
"""Events that are looked up at a time."""
NOTCH = 120
PATIENCE = 600


def measure_frames(store: Path, cache: Path, samples: int, seed: int) -> dict[str, list[float]]:
    """Seconds of each frame, by kind.

    "drag" scrubs to neighbouring positions and to neighbouring pixels, in turn; "random" goes to positions all over the
    store, every other time with the cart of that event; "zoom" zooms and pans the timeline.
    """
    return {kind: [frame.whole for frame in frames] for kind, frames in measure(store, cache, samples, seed).items()}


def measure(store: Path, cache: Path, samples: int, seed: int) -> dict[str, list[Frame]]:
    """As `measure_frames`, with the parts of each frame."""
    with open_window(store, cache) as window:
        meter = FrameMeter(window, window.looking)
        with meter.timing_the_worker():
            return {kind: frames_of(kind, window, meter, samples, seed) for kind in KINDS}


def frames_of(kind: str, window: MainWindow, meter: FrameMeter, samples: int, seed: int) -> list[Frame]:
    """`samples` frames of a kind, behind a few that warm caches."""
    acts = _ACTS[kind](window, Random(seed))
    found: list[Frame] = []
    warming = min(RUN, samples)
    while len(found) < samples:
        frame = meter.frame(next(acts))
        if frame is not None:
            warming -= 1
            if warming < 0:
                found.append(frame)
    return found


def first_window(store: Path, cache: Path) -> float:
    """Seconds from the start of a process to its first window that is of use: answered, painted, with its timeline."""
    return _run("first", store, cache)[0]


def resident(store: Path, cache: Path) -> int:
    """Bytes that the window's process has in memory after some scrubbing."""
    return int(_run("resident", store, cache)[1])


def _run(what: str, store: Path, cache: Path) -> tuple[float, str]:
    """What a child process says, and after how many seconds."""
    began = perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.frames", "--child", what, str(store), str(cache)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        taken = perf_counter() - began
    if not line or child.returncode:
        raise RuntimeError(f"The window's process ended with {child.returncode}.")
    return taken, line


@contextmanager
def open_window(store: Path, cache: Path) -> Generator[MainWindow]:
    """The window as a user gets it, once everything in it is shown; it is closed afterwards."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application()
    with tempfile.TemporaryDirectory() as scratch:
        app = App(application, Settings(Path(scratch) / "window.ini"), cache)
        window = app.open(store)
        window.resize(*SIZE)
        _until(lambda: _is_usable(window))
        QApplication.processEvents()
        try:
            yield window
        finally:
            window.close()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _until(is_done: Callable[[], bool]) -> None:
    loop, patience = QEventLoop(), QTimer()
    patience.setSingleShot(True)
    patience.start(PATIENCE * 1000)
    while not is_done():
        if not patience.isActive():
            raise TimeoutError("The window does not answer.")
        loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _is_usable(window: MainWindow) -> bool:
    return window.timeline is not None and _is_shown(window)


def _is_shown(window: MainWindow) -> bool:
    """Whether what was asked last is answered."""
    answer = window.looking.answer
    return answer is not None and answer.status.lag == 0 and answer.question == window.looking.question


# What is done for each kind

Acts = Iterator[Callable[[], object]]


def _drag(window: MainWindow, chance: Random) -> Acts:
    for position, stream in _events(window, chance):
        yield from _neighbours(window, position, stream)
        yield from _pixels(window, chance)


def _neighbours(window: MainWindow, position: int, stream: str | None) -> Acts:
    """From event to event back through a cart's life."""
    yield lambda: window.looking.go_to(position, stream)
    for step in range(1, RUN):
        yield lambda step=step: window.looking.go_to(max(1, position - step), stream)


def _pixels(window: MainWindow, chance: Random) -> Acts:
    """By the hand on the timeline, a pixel at a time; let go at the end."""
    view = _view(window)
    reach = view.plot_width - RUN - 20
    start, way = chance.randrange(10, max(11, reach)), chance.choice((-1, 1))
    y = view.canvas.y() + view.canvas.room.height / 3

    def send(kind: QEvent.Type, x: float, held: Qt.MouseButton) -> None:
        point = QPointF(view.canvas.x() + x, y)
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        at = view.mapToGlobal(point.toPoint())
        QApplication.sendEvent(
            view, QMouseEvent(kind, point, QPointF(at), button, held, Qt.KeyboardModifier.NoModifier)
        )

    def press() -> None:
        send(QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)

    yield press
    for step in range(1, RUN):
        yield lambda step=step: send(QEvent.Type.MouseMove, start + step * way, Qt.MouseButton.LeftButton)

    # Not frames of the drag: the cursor comes to stand on its position.
    send(QEvent.Type.MouseButtonRelease, start + RUN * way, Qt.MouseButton.NoButton)
    _until(lambda: window.looking.question.at_time is None and _is_shown(window))


def _random(window: MainWindow, chance: Random) -> Acts:
    """All over the store: with the cart of the event that is hit, and with the cart as it was chosen."""
    events = _events(window, chance)
    for (position, stream), (other, _) in zip(events, events, strict=True):
        yield lambda position=position, stream=stream: window.looking.go_to(position, stream)
        yield lambda other=other: window.looking.go_to(other)


def _zoom(window: MainWindow, chance: Random) -> Acts:
    """In by the wheel about a pixel, along, and out again."""
    view = _view(window)

    def turn(x: int, notches: int, modifiers: Qt.KeyboardModifier) -> None:
        point = QPointF(view.canvas.x() + x, view.canvas.y() + 20)
        event = QWheelEvent(
            point, QPointF(view.mapToGlobal(point.toPoint())), QPoint(), QPoint(0, notches * NOTCH),
            Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)

    plain, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    while True:
        x, depth = chance.randrange(max(1, view.plot_width)), chance.randrange(5, 40)
        for _ in range(depth):
            yield lambda x=x: turn(x, 1, plain)
        for notch in (1, 1, -1, -1, -1, 1):
            yield lambda notch=notch: turn(0, notch, shift)
        for _ in range(depth):
            yield lambda x=x: turn(x, -1, plain)


_ACTS: Mapping[str, Callable[[MainWindow, Random], Acts]] = {"drag": _drag, "random": _random, "zoom": _zoom}


def _view(window: MainWindow) -> TimelineView:
    assert isinstance(window.timeline, Timeline)
    return window.timeline.view


def _events(window: MainWindow, chance: Random) -> Iterator[tuple[int, str | None]]:
    """Events all over the store, with their stream if that is a cart. Read many at a time: a job disturbs a frame."""
    while True:
        assert window.looking.answer is not None
        last = max(1, window.looking.answer.status.checkpoint)
        positions, found = [chance.randint(1, last) for _ in range(AHEAD)], list[list[str]]()
        window.looking.fetch(partial(_streams_at, positions), found.append)
        _until(lambda found=found: bool(found))
        for position, stream in zip(positions, found[0], strict=True):
            yield position, stream if stream.startswith("cart-") else None


def _streams_at(positions: Sequence[int], session: Session) -> list[str]:
    return [session.store.records_at([position])[0].stream for position in positions]


# The command


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.frames", description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", choices=("first", "resident"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        _be_child(options.child, options.store, options.cache)
        return
    print(f"{'ms, median / p95':16}" + "".join(f"{part:>16}" for part in Frame._fields))
    for kind, frames in measure(options.store, options.cache, options.samples, options.seed).items():
        parts = ([frame[index] for frame in frames] for index in range(len(Frame._fields)))
        print(f"{kind:16}" + "".join(f"{median(part) * 1000:>8.1f}{p95(part) * 1000:>8.1f}" for part in parts))


def p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def _be_child(what: str, store: Path, cache: Path) -> None:
    with open_window(store, cache) as window:
        if what == "first":
            print("usable", flush=True)
        else:
            frames_of("random", window, FrameMeter(window, window.looking), SCRUBS, 1)
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            print(pages * os.sysconf("SC_PAGE_SIZE"), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
