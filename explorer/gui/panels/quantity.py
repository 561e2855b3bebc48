"""A quantity in a cart's line: a spin box that knows what is recorded and what the user wants instead."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QSpinBox, QWidget

from explorer.gui.panels.draft import Draft

STEP_PAUSE = 400
"""Milliseconds after the last step before the quantity is changed: stepping from 3 to 7 is one event."""
MOST = 999_999_999
"""More than the rule allows, so that the rule itself answers what is too much."""


class Quantity(QSpinBox):
    """Steps are taken as wanted when they pause, typed digits on Enter or on leaving; Esc returns to what is recorded.

    What was refused is kept, and only Enter or another edit tries again.
    """

    wanted = Signal(str, int)
    """Line and quantity."""
    dropped = Signal(str)
    """Line: the user wants what is recorded after all."""
    overtaken = Signal(str, int, int)
    """Line, draft, and the version at which it was begun: somebody else has changed the quantity since."""

    def __init__(self, tab: Callable[[str, int], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self.line = ""
        self._draft = Draft(0)
        self._is_typing = False
        self._tab = tab
        self.setRange(0, MOST)
        self.setKeyboardTracking(False)
        self.setGroupSeparatorShown(True)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(STEP_PAUSE)
        self._pause.timeout.connect(self._want)
        self.lineEdit().textEdited.connect(self._type)

    @property
    def is_drafting(self) -> bool:
        """Whether it shows something that is not recorded."""
        return self._is_typing or self._draft.value is not None

    def show_line(self, line: str, quantity: int, name: str, version: int, why_not: str) -> None:
        """As of a version of the stream. `why_not` is why it cannot be changed; then it shows what is recorded, and
        keeps the draft for later.
        """
        if line != self.line:
            self.forget()
            self.line = line
        was_overtaken = self._draft.is_overtaken
        if not why_not:
            self._draft.show(quantity, version)
        if self.isEnabled() == bool(why_not):
            self.setEnabled(not why_not)
            self.lineEdit().deselect()
        if not self._is_typing:
            self.setValue(quantity if why_not or self._draft.value is None else self._draft.value)
        self.setAccessibleName(f"Quantity of {name}")
        self.setToolTip(why_not or "Type a number and press Enter, or step")
        if not why_not and not was_overtaken:
            self._look_behind()

    def flush(self) -> None:
        """What was stepped to is wanted now, and nothing is kept: another cart comes."""
        if self._pause.isActive():
            self._want()
        self.forget()

    def forget(self) -> None:
        self._pause.stop()
        self._draft.forget()
        self._is_typing = False

    def take_acceptance(self) -> None:
        self._draft.accept()

    def take_refusal(self) -> None:
        self._draft.refuse()

    def want_on_top(self) -> None:
        """The draft is wanted, whatever others have recorded meanwhile."""
        self._draft.catch_up()
        self._want()

    # What the user does

    def _type(self) -> None:
        self._pause.stop()
        self._is_typing = True
        self._draft.begin()

    def stepBy(self, steps: int) -> None:
        super().stepBy(steps)
        self._is_typing = False
        self._draft.put(self.value())
        self._pause.start()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        up = QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        return up | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled if self.value() > 1 else up

    def _want(self) -> None:
        self._pause.stop()
        self.interpretText()
        self._is_typing = False
        draft = self._draft
        draft.put(self.value())
        if draft.value == draft.recorded and draft.sent is None:
            self.forget()
            self.dropped.emit(self.line)
        elif not self._look_behind() and (wanted := draft.send()) is not None:
            self.wanted.emit(self.line, wanted)

    def _look_behind(self) -> bool:
        """Tells if somebody else was here."""
        draft = self._draft
        if draft.is_overtaken:
            self.overtaken.emit(self.line, self.value() if draft.value is None else draft.value, draft.seen)
        return draft.is_overtaken

    def _go_back(self) -> None:
        self.forget()
        self.setValue(self._draft.recorded)
        self.lineEdit().setText(self.textFromValue(self._draft.recorded))
        self.selectAll()
        self.dropped.emit(self.line)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._is_own_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_own_escape(event):
            self._go_back()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self.is_drafting:
                self._want()
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        leaves = event.reason() != Qt.FocusReason.PopupFocusReason
        if leaves and self.is_drafting and not self._draft.is_refused:
            self._want()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001 - Qt's
        return self._tab(self.line, 1 if next else -1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A table that is scrolled must not change quantities on its way.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _is_own_escape(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.is_drafting
