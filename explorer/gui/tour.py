"""The tour: drives the real window through the main job and saves pictures, light and dark, and the report.

It shows the program where there is no screen, and makes the README's pictures.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from explorer.application import outside
from explorer.application.arguments import Parser
from explorer.domain.cart import AddItem, ChangeQuantity, OpenCart
from explorer.errors import KnownError
from explorer.gui.app import App, make_application
from explorer.gui.main_window import SIZE, MainWindow
from explorer.gui.report_dialog import Wish
from explorer.gui.rooms.what_if import WhatIf
from explorer.gui.settings import Settings

EVENTS = 1_500
SEED = 7
PATIENCE = 30_000
"""Milliseconds a step may take before the tour is given up."""


class TourFailed(KnownError):
    """A step of the tour did not come to its end."""


def run_tour(arguments: Sequence[str]) -> int:
    """`tour DIR`; the exit status."""
    parser = Parser(prog=f"{outside.NAME} tour", description="Save pictures of the main job to DIR.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    folder: Path = parser.parse_args(arguments).folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        application = make_application()
        with tempfile.TemporaryDirectory() as scratch:
            pictures = Tour(application, folder, Path(scratch)).run()
    except (KnownError, OSError) as error:
        print(f"{outside.NAME}: {error}", file=sys.stderr)  # noqa: T201 - a command's voice
        return 1
    for path in pictures:
        print(path)  # noqa: T201
    return 0


class Tour:
    """One run through edit, scrub, rewind and report."""

    def __init__(self, application: QApplication, folder: Path, scratch: Path) -> None:
        self._folder, self._scratch = folder, scratch
        self._made: list[Path] = []
        self._application = application

    def run(self) -> list[Path]:
        """The files made: pictures and the report."""
        from explorer.application.demo import fill  # noqa: PLC0415 - as everywhere: on use

        store = self._scratch / "shop.events"
        fill(store, EVENTS, SEED, cache=self._scratch / "cache", until=outside.now())
        app = App(self._application, Settings(self._scratch / "window.ini"), self._scratch / "cache")
        app.look.choose("light")
        window = app.open(store)
        try:
            self._visit(window, app)
        finally:
            # Also after a step that failed: its threads end, and the scratch folder can be cleared away.
            window.close()
            self._application.processEvents()
        return self._made

    def _visit(self, window: MainWindow, app: App) -> None:
        window.resize(*SIZE)
        self._wait(lambda: window.looking.answer is not None and window.timeline is not None, "open the store")
        self._edit(window)
        self._picture(window, app, "1-edit")
        self._scrub(window)
        self._picture(window, app, "2-past")
        self._rewind_to_an_event(window)
        self._picture(window, app, "3-event")
        self._compare(window)
        self._picture(window, app, "4-compare")
        self._what_if(window, app)
        window.menus.by_id["end_comparing"].trigger()
        window.looking.go_to_now()
        self._wait(lambda: _is_at(window, None), "return to now")
        self._report(window)
        self._verify(window)
        self._picture(window, app, "6-trust")

    def _edit(self, window: MainWindow) -> None:
        """A customer comes in: three products, one of them counted again."""
        looking = window.looking
        skus = [row.sku for row in looking.answer.products[:3]] if looking.answer else []
        stream = f"cart-{outside.new_id()}"
        looking.choose_stream(stream)
        commands = [OpenCart("Grace Hopper", "Leeds"), *(AddItem(sku, 2) for sku in skus), ChangeQuantity(skus[0], 5)]
        for command in commands:
            looking.command(stream, command)
        self._wait(
            lambda: (
                looking.answer is not None
                and looking.answer.stream is not None
                and looking.answer.stream.version == len(commands)
            ),
            "edit a cart",
        )

    def _scrub(self, window: MainWindow) -> None:
        """Drags the cursor from the right edge to the middle of the week."""
        looking = window.looking
        assert looking.answer is not None
        assert looking.answer.status.extent is not None
        first, last = looking.answer.status.extent
        carts = [row.stream for row in looking.answer.carts if row.units > 3]
        looking.choose_stream(carts[len(carts) // 2])
        week = last - first
        for percent in range(95, 55, -5):
            looking.drag_to(first + week * percent // 100)
            self._application.processEvents()
        looking.drop()
        self._wait(lambda: looking.question.at_time is None and _is_at(window, looking.question.as_of), "scrub")
        looking.choose_stream(looking.answer.carts[0].stream)
        self._wait(lambda: _is_at(window, looking.question.as_of), "choose a cart of the past")

    def _rewind_to_an_event(self, window: MainWindow) -> None:
        """Winds back to where the chosen cart's quantity was changed."""
        looking = window.looking
        assert looking.answer is not None
        changed = [row for row in looking.answer.events.rows if row.kind == "changed"] or looking.answer.events.rows[:1]
        looking.go_to(changed[0].position, changed[0].stream)
        self._wait(lambda: _is_at(window, changed[0].position), "rewind to an event")

    def _compare(self, window: MainWindow) -> None:
        """The event's moment with now: what else has changed meanwhile, in the cart and in the shop."""
        looking = window.looking
        window.menus.by_id["compare_now"].trigger()
        self._wait(
            lambda: looking.answer is not None and looking.answer.comparison is not None and _is_answered(window),
            "compare with now",
        )

    def _what_if(self, window: MainWindow, app: App) -> None:
        """The cart without its second event: what would differ, and what the rules would have refused."""
        window.menus.by_id["try_what_if"].trigger()
        dialog = next(room.dialog for room in window.rooms if isinstance(room, WhatIf))
        assert dialog is not None
        self._wait(lambda: dialog.branch is not None, "try what if")
        dialog.table.choose(lambda row: row.version == 2)
        dialog.out.click()
        self._wait(lambda: dialog.branch is not None and bool(dialog.branch.edits), "leave an event out")
        self._picture(dialog, app, "5-what-if")
        dialog.close()

    def _report(self, window: MainWindow) -> None:
        path = self._folder / "audit-report.html"
        task = window.jobs.report(Wish("html", path, None, None, None, None, None))
        results: list[object] = []
        task.ended.connect(results.append)
        self._wait(lambda: bool(results), "write the report")
        if isinstance(results[0], KnownError):
            raise results[0]
        self._made.append(path)

    def _verify(self, window: MainWindow) -> None:
        """What the report has signed is held against the log."""
        task, results = window.trusting.verify(), list[object]()
        assert task is not None
        task.ended.connect(results.append)
        self._wait(lambda: bool(results), "verify the log")
        window.show_trust()
        looking = window.looking
        self._wait(lambda: looking.answer is not None and looking.answer.standing.found is not None, "see that it is")

    def _picture(self, window: QWidget, app: App, name: str) -> None:
        for scheme in ("light", "dark"):
            app.look.choose(scheme)
            QTest.qWait(50)  # a frame: the style sheet is polished when the event loop turns
            path = self._folder / f"{name}-{scheme}.png"
            if not window.grab().save(str(path)):
                raise TourFailed(f"The picture {path} could not be written. Check the folder's rights and room.")
            self._made.append(path)
        app.look.choose("light")

    def _wait(self, is_done: Callable[[], bool], what: str) -> None:
        loop, patience = QEventLoop(), QTimer()
        patience.setSingleShot(True)
        patience.timeout.connect(loop.quit)
        patience.start(PATIENCE)
        while not is_done():
            if not patience.isActive():
                raise TourFailed(f"The tour came to a halt: could not {what} within {PATIENCE // 1000} s.")
            loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


def _is_answered(window: MainWindow) -> bool:
    answer = window.looking.answer
    return answer is not None and answer.question == window.looking.question


def _is_at(window: MainWindow, position: int | None) -> bool:
    answer = window.looking.answer
    if answer is None or not _is_answered(window):
        return False
    return answer.status.is_now if position is None else answer.status.as_of == position
