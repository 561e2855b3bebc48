"""Starting the window: arguments, application, one window a store."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from explorer.application import outside
from explorer.application.arguments import Parser
from explorer.application.session import Session
from explorer.gui.main_window import MainWindow
from explorer.gui.settings import Settings
from explorer.gui.theme import Look

DEMO_EVENTS = 1_500
SMOKE_SECONDS = 60

Opened = Callable[[Path, Path | None], None]
"""Called with a store that is shown for the first time, and the folder of its cache if one was named."""


class App(QObject):
    """The windows of one process: a store has one window, which is raised when it is opened again."""

    def __init__(
        self, app: QApplication, settings: Settings, cache: Path | None = None, opened: Opened | None = None
    ) -> None:
        super().__init__(app)
        self._settings, self._cache, self._opened = settings, cache, opened
        scheme = settings.text("theme", "system")
        self.look = Look(app, scheme if scheme in {"light", "dark"} else "system")  # type: ignore[arg-type]
        self.windows: dict[Path, MainWindow] = {}

    def open(self, store: Path | None) -> MainWindow:
        """The window on a store; without one, on the demo store, which is made on first use."""
        path = (store or demo_store()).absolute()
        if path in self.windows:
            self.windows[path].raise_()
            self.windows[path].activateWindow()
            return self.windows[path]
        window = MainWindow(path, self._opener(path, is_demo=store is None), self.look, self._settings)
        window.store_wanted.connect(self.open)
        window.destroyed.connect(lambda: self.windows.pop(path, None))
        if self._opened is not None:
            window.first_answer.connect(partial(self._opened, path, self._cache))
        self.windows[path] = window
        window.show()
        return window

    @property
    def last_store(self) -> Path | None:
        """The store that was last open, if it is still there."""
        recent = self._settings.recent
        return recent[0] if recent and recent[0].exists() else None

    def _opener(self, path: Path, *, is_demo: bool) -> Callable[[], Session]:
        cache = self._cache

        def open_session() -> Session:
            if is_demo and not path.exists():
                from explorer.application.demo import fill  # noqa: PLC0415 - on first use only

                path.parent.mkdir(parents=True, exist_ok=True)
                fill(path, DEMO_EVENTS, 1, cache=cache, until=outside.now())
            return Session(path, cache=cache)

        return open_session


def demo_store() -> Path:
    """Where the demo store is, or will be."""
    return outside.data_folder() / "demo.events"


def start(arguments: Sequence[str], opened: Opened | None = None) -> int:
    """Opens the window (or does the tour) and runs until the last window is closed; the exit status.

    `opened` is told of each store that a window shows.
    """
    if arguments and arguments[0] == "tour":
        from explorer.gui.tour import run_tour  # noqa: PLC0415 - not needed for a window

        return run_tour(arguments[1:])
    options = _parser().parse_args(arguments)
    if options.store is not None and not options.store.exists():
        print(f"{outside.NAME}: there is no store {options.store}, and no command of that name.", file=sys.stderr)  # noqa: T201
        return 1
    if not has_screen() and not options.smoke:
        print(f"{outside.NAME}: there is no screen here. The tour needs none: {outside.NAME} tour DIR", file=sys.stderr)  # noqa: T201
        return 1
    application = make_application()
    app = App(application, Settings(), options.cache, opened)
    window = app.open(options.store or app.last_store)
    if options.smoke:
        window.first_answer.connect(lambda: QTimer.singleShot(0, window.close))
        QTimer.singleShot(SMOKE_SECONDS * 1000, lambda: application.exit(1))
    return application.exec()


def _pass_on(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's messages go to standard error, but for one that the offscreen platform says of every window."""
    del kind, context
    if "does not support propagateSizeHints" not in text:
        sys.stderr.write(f"{text}\n")


def has_screen() -> bool:
    """Whether a window would be seen, or somebody has said how to draw it."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def make_application() -> QApplication:
    """The process's application. Without a screen it draws into memory instead of failing."""
    if QApplication.instance() is None:
        qInstallMessageHandler(_pass_on)
    if not has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication.instance() or QApplication([outside.NAME])
    assert isinstance(application, QApplication)
    application.setApplicationName(outside.NAME)
    application.setApplicationDisplayName("Event Explorer")
    return application


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog=outside.NAME, description="Open the window on an event store.")
    parser.add_argument("store", type=Path, nargs="?", metavar="STORE", help="default: the demo store")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where the read models are kept")
    parser.add_argument("--smoke", action="store_true", help="close again as soon as everything is shown")
    return parser
