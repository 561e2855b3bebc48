"""A quantity in a cart's line: a spin box that knows what is recorded and what the user wants instead."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QSpinBox, QWidget

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

    def __init__(self, tab: Callable[[str, int], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self.line = ""
        self._recorded = 0
        self._draft: int | None = None
        self._sent: int | None = None
        self._is_typing = self._is_refused = False
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
        return self._is_typing or self._draft is not None

    def show_line(self, line: str, quantity: int, name: str, why_not: str) -> None:
        """`why_not` is why it cannot be changed; then it shows what is recorded, and keeps the draft for later."""
        if line != self.line:
            self.forget()
            self.line = line
        self._recorded = quantity
        if self.isEnabled() == bool(why_not):
            self.setEnabled(not why_not)
            self.lineEdit().deselect()
        if not self._is_typing:
            self.setValue(quantity if why_not or self._draft is None else self._draft)
        self.setAccessibleName(f"Quantity of {name}")
        self.setToolTip(why_not or "Type a number and press Enter, or step")

    def flush(self) -> None:
        """What was stepped to is wanted now, and nothing is kept: another cart comes."""
        if self._pause.isActive():
            self._want()
        self.forget()

    def forget(self) -> None:
        self._pause.stop()
        self._draft = self._sent = None
        self._is_typing = self._is_refused = False

    def take_acceptance(self) -> None:
        if self._draft == self._sent:
            self._draft = None
        self._sent = None

    def take_refusal(self) -> None:
        self._is_refused = self._draft == self._sent
        self._sent = None

    # What the user does

    def _type(self) -> None:
        self._pause.stop()
        self._is_typing, self._is_refused = True, False

    def stepBy(self, steps: int) -> None:
        super().stepBy(steps)
        self._is_typing = self._is_refused = False
        self._draft = self.value()
        self._pause.start()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        up = QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        return up | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled if self.value() > 1 else up

    def _want(self) -> None:
        self._pause.stop()
        self.interpretText()
        self._is_typing = False
        self._draft = self.value()
        if self._draft == self._recorded and self._sent is None:
            self.forget()
            self.dropped.emit(self.line)
        elif self._draft != self._sent:
            self._sent = self._draft
            self.wanted.emit(self.line, self._draft)

    def _go_back(self) -> None:
        self.forget()
        self.setValue(self._recorded)
        self.lineEdit().setText(self.textFromValue(self._recorded))
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
        if leaves and self.is_drafting and not self._is_refused:
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
