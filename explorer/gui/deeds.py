"""What a window does for each action: a method for each id in the table of actions."""

from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QDockWidget, QInputDialog, QMainWindow, QWidget

from explorer.application.repair import plan_restore, plan_undo
from explorer.application.replanning import Planner
from explorer.gui.jobs import Jobs
from explorer.gui.looking import Looking
from explorer.gui.meant import Meant
from explorer.gui.palette import Palette
from explorer.gui.panels.cart_list import CartList
from explorer.gui.panels.event_detail import EventDetail
from explorer.gui.panels.event_list import EventList
from explorer.gui.panels.filter_bar import FilterBar
from explorer.gui.panels.product_list import ProductList
from explorer.gui.panels.trust_panel import TrustPanel
from explorer.gui.rooms import every_action
from explorer.gui.settings import Settings
from explorer.gui.theme import Look
from explorer.gui.trusting import Trusting


class Deeds(QMainWindow):
    """The half of the main window that acts; the other half, which lays it out, sets the attributes named here."""

    store_wanted = Signal(object)
    """Path of a store to open in a window of its own; None for the demo."""

    looking: Looking
    jobs: Jobs
    palette_dialog: Palette
    carts: CartList
    products: ProductList
    events: EventList
    detail: EventDetail
    filter_bar: FilterBar
    trusting: Trusting
    trust_panel: TrustPanel
    _look: Look
    _settings: Settings
    _focus_order: list[QWidget]

    def open_store(self) -> None:
        self.jobs.choose_store(self.store_wanted.emit)

    def open_demo(self) -> None:
        self.store_wanted.emit(None)

    def import_file(self) -> None:
        self.jobs.choose_import()

    def write_report(self) -> None:
        self.jobs.ask_report()

    def close_window(self) -> None:
        self.close()

    def quit(self) -> None:
        cast("Any", QGuiApplication.instance()).closeAllWindows()

    def open_cart(self) -> None:
        self.show_panel(self.carts)
        self.carts.open_cart()

    def find_events(self) -> None:
        self.show_panel(self.events)
        self.filter_bar.focus_words()

    def find_product(self) -> None:
        self.show_panel(self.products)
        self.products.focus_search()

    def clear_filter(self) -> None:
        self.filter_bar.clear()

    def refresh(self) -> None:
        self.looking.ask_again()

    def command_palette(self) -> None:
        self.palette_dialog.popup()

    def next_panel(self) -> None:
        self._cycle(1)

    def previous_panel(self) -> None:
        self._cycle(-1)

    def show_trust(self) -> None:
        self.show_panel(self.trust_panel)
        _first_focus(self.trust_panel).setFocus(Qt.FocusReason.OtherFocusReason)

    def full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def light_theme(self) -> None:
        self._choose_theme("light")

    def dark_theme(self) -> None:
        self._choose_theme("dark")

    def system_theme(self) -> None:
        self._choose_theme("system")

    def go_to_start(self) -> None:
        self.looking.go_to(0)

    def step_back(self) -> None:
        self.looking.step(-1)

    def step_on(self) -> None:
        self.looking.step(1)

    def go_to_now(self) -> None:
        self.looking.go_to_now()

    def step_back_in_stream(self) -> None:
        self.looking.step_in_stream(-1)

    def step_on_in_stream(self) -> None:
        self.looking.step_in_stream(1)

    def play(self) -> None:
        self.looking.pause() if self.looking.is_playing else self.looking.play()

    def go_to_event(self) -> None:
        answer = self.looking.answer
        if answer is None:
            return
        dialog = QInputDialog(self)
        dialog.setObjectName("go_to_event")
        dialog.setWindowTitle("Go to event")
        dialog.setLabelText(f"Position (0 to {answer.status.checkpoint:,}):")
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setIntRange(0, min(answer.status.checkpoint, 2**31 - 1))
        dialog.setOkButtonText("Go to event")
        dialog.setIntValue(answer.status.as_of)
        dialog.intValueSelected.connect(self.looking.go_to)
        dialog.open()

    def go_to_damage(self) -> None:
        position = self.trusting.next_damage()
        if position is not None:
            self.looking.visit(position)

    def go_back(self) -> None:
        self.looking.go_back()

    def go_forward(self) -> None:
        self.looking.go_forward()

    def rewind_to_event(self) -> None:
        meant = self._meant()
        self.looking.go_to(meant.position, meant.stream)

    def show_stream_only(self) -> None:
        self._filter(stream=self.looking.question.stream)

    def show_type_only(self) -> None:
        self._filter(type=self._meant().type)

    def show_actor_only(self) -> None:
        self._filter(actor=self._meant().actor)

    def copy_event(self) -> None:
        self.detail.copy_json()

    def restore_stream(self) -> None:
        meant = self._meant()
        self._repair(
            lambda session: plan_restore(session, meant.stream, meant.version), f"Restore version {meant.version:,}"
        )

    def undo_event(self) -> None:
        meant = self._meant()
        self._repair(lambda session: plan_undo(session, meant.stream, meant.version), f"Undo version {meant.version:,}")

    def rebuild(self) -> None:
        self.jobs.rebuild()

    def verify_now(self) -> None:
        self.trusting.verify()

    def go_on_verifying(self) -> None:
        self.trusting.verify(resume=True)

    def sign_checkpoint(self) -> None:
        self.trusting.sign()

    def export_checkpoint(self) -> None:
        answer = self.looking.answer
        if answer is not None:
            self.jobs.choose_checkpoint(f"{answer.status.store}-{answer.status.head}.checkpoint", self.trusting.export)

    def copy_public_key(self) -> None:
        self.trusting.copy_key()

    def rotate_key(self) -> None:
        self.jobs.ask(
            "replace_key",
            "Replace your signing key?",
            "A new key signs from now on, for every store. What the old one has signed stays valid, but its private "
            "half is destroyed: this cannot be taken back. Hand the new public key to whoever checks your signatures.",
            "Replace key",
            self.trusting.rotate,
        )

    def shortcuts(self) -> None:
        self.jobs.show_shortcuts(every_action())

    def about(self) -> None:
        self.jobs.show_about()

    # And what they share

    def _repair(self, planner: Planner, what: str) -> None:
        self.looking.fetch(planner, lambda plan: self.jobs.ask_repair(planner, plan, what, self._look.theme))

    def _meant(self) -> Meant:
        meant = self.looking.meant
        assert meant is not None  # the action needs one
        return meant

    def _filter(self, **conditions: str | None) -> None:
        self.looking.show_filter(type(self.looking.question.filter)(**cast("Any", conditions)))

    def _choose_theme(self, scheme: Any) -> None:
        self._settings.set_text("theme", scheme)
        self._look.choose(scheme)

    def show_panel(self, panel: QWidget) -> None:
        """Brings a panel to the front, wherever it is."""
        parent = panel.parentWidget()
        while parent is not None and not isinstance(parent, QDockWidget):
            parent = parent.parentWidget()
        if parent is not None:
            parent.show()
            parent.raise_()

    def _cycle(self, step: int) -> None:
        panels = [panel for panel in self._focus_order if panel.isVisible()]
        focus = QGuiApplication.focusObject()
        here = next((n for n, panel in enumerate(panels) if isinstance(focus, QWidget)
                     and (panel is focus or panel.isAncestorOf(focus))), -step if step > 0 else 0)  # fmt: skip
        if panels:
            first = _first_focus(panels[(here + step) % len(panels)])
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.store_wanted.emit(Path(url.toLocalFile()))


def _first_focus(panel: QWidget) -> QWidget:
    """The first widget in a panel that takes the focus by Tab."""
    if panel.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return panel
    children = panel.findChildren(QWidget)
    takes = (c for c in children if c.isVisible() and c.isEnabled() and c.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return next(takes, panel)
