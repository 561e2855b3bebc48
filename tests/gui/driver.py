"""Whole windows: opening them, doing things to them, waiting for what comes of it."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from explorer.application.view import Answer
from explorer.gui.app import App
from explorer.gui.main_window import MainWindow
from explorer.gui.tasks import Task

PATIENCE = 20_000


class Driver:
    """Opens windows, does things to them and waits for the answers."""

    def __init__(self, qtbot: QtBot, app: App) -> None:
        self.qtbot, self.app = qtbot, app
        self.windows: list[MainWindow] = []

    def open(self, store: Path) -> MainWindow:
        window = self.app.open(store)
        self.windows.append(window)
        self.until(lambda: window.looking.answer is not None and window.timeline is not None)
        window.activateWindow()
        self.until(window.isActiveWindow)  # bare X gives the keyboard only after the window is shown
        return window

    def until(self, is_done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_done, timeout=PATIENCE)

    def answered(self, window: MainWindow) -> Answer:
        """What is answered to the question as it stands."""
        looking = window.looking
        self.until(lambda: looking.answer is not None and looking.answer.question == looking.question)
        assert looking.answer is not None
        return looking.answer

    def version(self, window: MainWindow, version: int) -> Answer:
        """Waits until the chosen stream has come to a version."""
        looking = window.looking
        self.until(lambda: bool(looking.answer and looking.answer.stream and looking.answer.stream.version == version))
        return self.answered(window)

    def ended(self, task: Task) -> object:
        """What a task says when it has ended."""
        said: list[object] = []
        task.ended.connect(said.append)
        self.until(lambda: bool(said))
        return said[0]

    def close(self, window: MainWindow) -> None:
        gone: list[bool] = []
        window.destroyed.connect(lambda: gone.append(True))
        window.close()
        self.until(lambda: bool(gone))
        self.windows.remove(window)
