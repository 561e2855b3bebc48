"""The places of the panels round the window's middle."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QToolBar, QWidget

from explorer.gui.pane import Pane

Area = Qt.DockWidgetArea


class Docks:
    """Makes a dock of each panel, and finds it again by its title."""

    def __init__(self, window: QMainWindow, listed: Callable[[QAction], object]) -> None:
        """`listed` is called with the action that shows and hides a panel, for a menu."""
        self._window, self._listed = window, listed
        self._by_title: dict[str, QDockWidget] = {}

    def add(self, title: str, panel: QWidget, area: Area) -> None:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(title.lower().replace(" ", "_"))
        pane = Pane(panel, dock)
        dock.setWidget(pane)
        dock.visibilityChanged.connect(pane.show_panel)
        self._window.addDockWidget(area, dock)
        self._listed(dock.toggleViewAction())
        self._by_title[title] = dock

    def add_beside(self, title: str, panel: QWidget, other: str) -> None:
        """As a tab behind the panels that share the other's place."""
        first = self._by_title[other]
        self.add(title, panel, self._window.dockWidgetArea(first))
        behind = [first, *self._window.tabifiedDockWidgets(first)][-1]
        self._window.tabifyDockWidget(behind, self._by_title[title])

    def raise_(self, *titles: str) -> None:
        for title in titles:
            self._by_title[title].raise_()

    def share(self, titles: tuple[str, ...], percents: tuple[int, ...], direction: Qt.Orientation) -> None:
        """Gives panels a share of the window's width or height."""
        whole = self._window.width() if direction == Qt.Orientation.Horizontal else self._window.height()
        docks = [self._by_title[title] for title in titles]
        self._window.resizeDocks(docks, [whole * percent // 100 for percent in percents], direction)

    def tidy_tab_bars(self) -> None:
        """Names them; and hides those that Qt has left over from an earlier layout, which would show between panels."""
        own = [bar for bar in self._window.findChildren(QTabBar) if bar.parent() is self._window and bar.count()]
        for bar in own:
            newest = [other for other in own if other.tabText(0) == bar.tabText(0)][-1]
            if bar is not newest:
                bar.hide()
        for bar in own:
            # Of a title that is cut nobody knows what it was: rather arrows, where there are too many.
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)
        for bar in self._window.findChildren(QTabBar):
            if not bar.accessibleName():
                bar.setAccessibleName("Panels that share this place")

    def strip(self, title: str, name: str, panel: QWidget) -> QToolBar:
        """A panel over the whole width, below the toolbar."""
        strip = QToolBar(title, self._window)
        strip.setObjectName(name)
        strip.setMovable(False)
        strip.setContentsMargins(0, 0, 0, 0)
        strip.addWidget(Pane(panel, strip))
        self._window.addToolBar(strip)
        return strip
