"""The window on one store: it lays the panels out, and makes menus and toolbar of the table of actions.

Panels know what is looked at (`Looking`), not each other.
"""

import gc
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QSizePolicy,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from explorer.application import outside
from explorer.application.session import Session
from explorer.application.view import Answer, Question
from explorer.errors import KnownError
from explorer.gui.actions import ACTIONS
from explorer.gui.deeds import Deeds
from explorer.gui.docks import Area, Docks
from explorer.gui.jobs import Jobs
from explorer.gui.looking import Looking
from explorer.gui.menus import Menus
from explorer.gui.needs import missing_needs
from explorer.gui.palette import Palette
from explorer.gui.pane import Pane, stacked
from explorer.gui.panels.banner import PastBanner
from explorer.gui.panels.cart_editor import CartEditor
from explorer.gui.panels.cart_list import CartList
from explorer.gui.panels.damage_strip import DamageStrip
from explorer.gui.panels.event_detail import EventDetail
from explorer.gui.panels.event_list import EventList
from explorer.gui.panels.filter_bar import FilterBar
from explorer.gui.panels.product_list import ProductList
from explorer.gui.panels.state_panel import StatePanel
from explorer.gui.panels.stream_list import StreamList
from explorer.gui.panels.totals_bar import TotalsBar
from explorer.gui.panels.transport import Transport
from explorer.gui.panels.trust_panel import TrustPanel
from explorer.gui.room import House, Room
from explorer.gui.rooms import ROOMS
from explorer.gui.settings import Place, Settings
from explorer.gui.status import StatusLine
from explorer.gui.theme import Look, Theme
from explorer.gui.trusting import Trusting
from explorer.gui.worker import Worker

SIZE = 1400, 900
LAYOUTS = 8
"""How deep layouts whose contents change with an answer are nested, at most; deeper ones would be laid out later."""
TOLD_FOR = 10_000
"""Milliseconds a note stays in the status bar."""
FAILED_FOR = 60_000
"""And what failed: it hides the line that says where one is."""


class MainWindow(Deeds):
    """`open_session` is called in the worker's thread. `first_answer` comes once, when the window can be used."""

    first_answer = Signal()

    def __init__(self, store: Path, open_session: Callable[[], Session], look: Look, settings: Settings) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self.setWindowTitle(f"{store.name} – Event Explorer")
        self.setDockNestingEnabled(True)
        self.setAnimated(False)  # a panel that slides is drawn many times over
        self.store, self._look, self._settings = store, look, settings
        self.worker = Worker(open_session, self)
        self.looking = Looking(self.worker, settings.text("actor") or outside.user_name(), self)
        self._restore_place()
        self.menus = Menus(self)
        self.jobs = Jobs(self, open_session, self.looking)
        house = House(self, store, self.looking, look, settings, self.jobs, self.show_panel, self.menus.by_id)
        self.rooms: list[Room] = [room(house) for room in ROOMS]
        self.timeline: QWidget | None = None
        self._paint: Callable[[], None] = lambda: None
        self._is_answered = False
        self._has_chosen = False
        self._make_actions()
        self._make_panels()
        self._make_toolbar()
        self.trusting = Trusting(self.jobs, self.looking, self)
        self.palette_dialog = Palette(list(self.menus.by_id.values()), self)
        self.resize(*SIZE)
        self._proportion()
        self._first_layout: QByteArray = self.saveState()
        self._restore_layout()
        self._connect()
        self.worker.start()
        self.looking.ask_again()

    # Building

    def _make_actions(self) -> None:
        self.menus.add(ACTIONS, self)
        for room in self.rooms:
            self.menus.add_room(room)
            room.changed.connect(self._enable_actions)
        files = self.menus.menus["File"]
        self._recent = QMenu("Open r&ecent", files)
        self._recent.aboutToShow.connect(self._list_recent)
        files.insertMenu(files.actions()[1], self._recent)
        self._panels_menu = self.menus.menus["View"].addMenu("P&anels")

    def _make_panels(self) -> None:
        self.banner = PastBanner(self.looking, self._look, self)
        self.totals = TotalsBar(self.looking, self._look, self)
        self.editor = CartEditor(self.looking, self._look, self)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.totals, self.editor):
            column.addWidget(widget)
        column.setStretchFactor(self.editor, 1)
        self.setCentralWidget(Pane(centre, self))
        self.carts = CartList(self.looking, self._look, self)
        self.streams = StreamList(self.looking, self._look, self)
        self.products = ProductList(self.looking, self._look, self)
        self.detail = EventDetail(self.looking, self._look, self)
        self.state_panel = StatePanel(self.looking, self._look, self)
        self.trust_panel = TrustPanel(self.looking, self._look, self.menus.by_id, self)
        self.filter_bar = FilterBar(self.looking, self._look, self, self._settings)
        self.events = EventList(self.looking, self._look, self)
        self.transport = Transport(self.looking, self._look, self)
        self.transport.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._time_panel = stacked(self, self.transport)
        self._place_panels()

    def _place_panels(self) -> None:
        docks = self._docks = Docks(self, self._panels_menu.addAction)
        docks.add("Carts", self.carts, Area.LeftDockWidgetArea)
        docks.add("Products", self.products, Area.LeftDockWidgetArea)
        docks.add("Event", self.detail, Area.RightDockWidgetArea)
        docks.add("Events", stacked(self, self.filter_bar, self.events), Area.RightDockWidgetArea)
        docks.add("Timeline", self._time_panel, Area.BottomDockWidgetArea)
        docks.add_beside("Streams", self.streams, "Carts")
        docks.add_beside("State before and after", self.state_panel, "Event")
        docks.add_beside("Trust", self.trust_panel, "Event")
        own = [room.panel for room in self.rooms if room.panel is not None]
        for room in self.rooms:
            if room.panel is not None:
                docks.add_beside(room.TITLE, room.panel, room.BESIDE)
        docks.raise_("Carts", "Event")
        self._focus_order: list[QWidget] = [
            self.carts, self.products, self.editor, self.detail, self.trust_panel, *own, self.events, self._time_panel,
        ]  # fmt: skip

    def _proportion(self) -> None:
        """The panels' first sizes, as shares of the window."""
        self._docks.share(("Carts", "Event"), (24, 38), Qt.Orientation.Horizontal)
        halves = ("Carts", "Products", "Event", "Events", "Timeline")
        self._docks.share(halves, (33, 27, 32, 28, 23), Qt.Orientation.Vertical)

    def _make_toolbar(self) -> None:
        bar = QToolBar("Tools", self)
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.addActions([*self.menus.on_toolbar()])
        bar.addSeparator()
        label = QLabel("Acting &as ", bar)
        self.actor = QLineEdit(self.looking.actor, bar)
        self.actor.setAccessibleName("Acting as")
        self.actor.setToolTip("The name under which your changes are recorded")
        self.actor.setMaximumWidth(self.fontMetrics().averageCharWidth() * 20)
        self.actor.editingFinished.connect(self._take_actor)
        label.setBuddy(self.actor)
        bar.addWidget(label)
        bar.addWidget(self.actor)
        self.addToolBar(bar)
        self.addToolBarBreak()
        strip = self._docks.strip("Moment", "moment", self.banner)
        self.addToolBarBreak()
        self.damage_strip = DamageStrip(self)
        self._damage_bar = self._docks.strip("Read only", "read_only", self.damage_strip)
        self._damage_bar.hide()
        for toolbar in (bar, strip, self._damage_bar):
            toolbar.toggleViewAction().setEnabled(False)
        self.status_line = StatusLine(self.looking, self.worker, self)
        self.statusBar().addWidget(Pane(self.status_line, self), 1)  # a note covers it, and is not covered by it

    def _connect(self) -> None:
        self.looking.answered.connect(self._show)
        self.looking.shown.connect(self._settle)
        self.looking.asked.connect(self._enable_actions)
        self.looking.picked_changed.connect(self._enable_actions)
        self.looking.menu_opening.connect(self._offer)
        self.looking.places_changed.connect(self._enable_actions)
        self.looking.failed.connect(self._fail)
        self.looking.told.connect(self._tell)
        for teller in (self.status_line, self.damage_strip):
            teller.trust_wanted.connect(self.show_trust)
        self.damage_strip.go_wanted.connect(self.go_to_damage)
        self.trust_panel.damage_chosen.connect(self.looking.visit)
        self.trust_panel.stop_wanted.connect(self.trusting.stop)
        self.trusting.progressed.connect(self.trust_panel.show_progress)
        self.trusting.failed.connect(self.trust_panel.show_failure)
        self.trusting.changed.connect(self._enable_actions)
        self.first_answer.connect(self.trusting.begin)
        self._look.changed.connect(self._take_theme)
        self._take_theme(self._look.theme)
        self._enable_actions()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_first:
            # Qt forgets sizes given to docks before they are laid out.
            self._is_first = False
            QTimer.singleShot(0, self._proportion)
        QTimer.singleShot(0, self._docks.tidy_tab_bars)
        if self.timeline is None:
            # pyqtgraph takes half a second to import: after the first paint.
            QTimer.singleShot(0, self._add_timeline)

    def _add_timeline(self) -> None:
        if self.timeline is not None:
            return
        from explorer.gui.panels.timeline import Timeline  # noqa: PLC0415 - see showEvent

        _spare_the_modules()
        self.timeline = timeline = Timeline(self.looking, self._look, self)
        self._paint = timeline.view.canvas.paint_now
        cast("QVBoxLayout", self._time_panel.layout()).addWidget(self.timeline, 1)
        if self.looking.answer is not None:
            self.looking.answered.emit(self.looking.answer)

    # What the panels do not show

    def _show(self, answer: Answer) -> None:
        self._enable_actions()
        self._show_read_only(answer)
        if not self._is_answered:
            self._is_answered = True
            self._settings.remember(self.store.absolute())
            self.first_answer.emit()
        if not self._has_chosen and answer.question.cart_limit > 0:
            self._has_chosen = True
            self._choose_something(answer)

    def _show_read_only(self, answer: Answer) -> None:
        self.damage_strip.show_standing(answer.standing, str(self.store))
        if self._damage_bar.isHidden() == self.damage_strip.is_needed:
            self._damage_bar.setVisible(self.damage_strip.is_needed)

    def _settle(self) -> None:
        """Lays out what the answer has moved now: else it is painted before, and once more for each nested layout."""
        for _ in range(LAYOUTS):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateLater.value)
        self._paint()

    def _choose_something(self, answer: Answer) -> None:
        """A newcomer should see a cart, not where one would be."""
        if answer.question.stream is None and answer.carts:
            open_carts = [cart for cart in answer.carts if cart.status == "open" and cart.lines]
            self.looking.look(stream=(open_carts or answer.carts)[0].stream)

    def _tell(self, text: str) -> None:
        self.statusBar().showMessage(text, TOLD_FOR)

    def _fail(self, error: KnownError) -> None:
        if self._is_answered:
            self.statusBar().showMessage(str(error), FAILED_FOR)
            return
        self.editor.setEnabled(False)
        box = QMessageBox(QMessageBox.Icon.Warning, "The store cannot be opened", str(error), parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setObjectName("open_failed")
        box.open()

    def _take_actor(self) -> None:
        name = self.actor.text().strip()
        if not name:
            self.actor.setText(self.looking.actor)
            return
        self.looking.actor = name
        self._settings.set_text("actor", name)

    def _take_theme(self, theme: Theme) -> None:
        self.menus.show_theme(theme)

    def _enable_actions(self, question: Question | None = None) -> None:
        del question
        missing: set[str] = {*missing_needs(self.looking, is_verifying=self.trusting.is_verifying)}
        self.menus.enable(missing.union(*(room.missing() for room in self.rooms)))

    def _offer(self, place: str, menu: QMenu) -> None:
        self._enable_actions()
        self.menus.offer(place, menu)

    # Remembering

    def _restore_place(self) -> None:
        place = self._settings.place(self.store.absolute())
        self.looking.go_to(place.as_of, place.stream)

    def _restore_layout(self) -> None:
        self.restoreGeometry(self._settings.state("geometry"))
        self._is_first = not self.restoreState(self._settings.state("docks"))
        self.events.restore_columns(self._settings.state("events"))

    def reset_layout(self) -> None:
        self._settings.forget_layout()
        self.restoreState(self._first_layout)
        self._damage_bar.setVisible(self.damage_strip.is_needed)
        self._proportion()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.jobs.cancel_all()
        self.looking.pause()
        self._settings.set_state("geometry", self.saveGeometry())
        self._settings.set_state("docks", self.saveState())
        self._settings.set_state("events", self.events.save_columns())
        question = self.looking.question
        if self._is_answered:
            as_of = question.as_of if question.at_time is None else self.looking.position
            self._settings.set_place(self.store.absolute(), Place(as_of, question.stream))
        self._settings.save()
        self.worker.stop()
        super().closeEvent(event)

    def _list_recent(self) -> None:
        self._recent.clear()
        for path in self._settings.recent:
            action = self._recent.addAction(str(path).replace("&", "&&"))
            action.setEnabled(path.exists())
            action.triggered.connect(lambda _=False, path=path: self.store_wanted.emit(path))
        if self._recent.isEmpty():
            self._recent.addAction("(none yet)").setEnabled(False)


@cache
def _spare_the_modules() -> None:
    """What was imported stays; looking through it for garbage would take 50 ms, every few hundred frames."""
    gc.freeze()
