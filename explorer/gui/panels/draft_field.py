"""A line of text that is recorded: what stands in it is either what is recorded or what the user is writing."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.gui.panels.plain import plain


class DraftField(QLineEdit):
    """Enter takes the draft as wanted, and so does leaving where `takes_on_leaving`; Esc returns to what is recorded.

    What was refused is kept, and only Enter or another edit tries again.
    """

    wanted = Signal(str)
    dropped = Signal()
    """The user wants what is recorded after all."""

    def __init__(self, name: str, parent: QWidget, *, takes_on_leaving: bool = False) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._takes_on_leaving = takes_on_leaving
        self._recorded = ""
        self._draft: str | None = None
        self._sent: str | None = None
        self._is_refused = False
        self.textEdited.connect(self._type)
        self.returnPressed.connect(self.want)

    def show_text(self, recorded: str, why_not: str) -> None:
        """`why_not` is why it cannot be changed; then it shows what is recorded, and keeps the draft for later."""
        # As it is seen, so it is recorded when it is changed: an invisible letter is not smuggled on.
        self._recorded = plain(recorded)
        if self.isEnabled() == bool(why_not):
            self.setEnabled(not why_not)
        text = self._recorded if why_not or self._draft is None else self._draft
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)

    def forget(self) -> None:
        """The draft was about another cart."""
        self._draft = self._sent = None
        self._is_refused = False

    def take_acceptance(self) -> None:
        if self._draft == self._sent:
            self._draft = None
        self._sent = None

    def take_refusal(self) -> None:
        self._is_refused = self._draft == self._sent
        self._sent = None

    def want(self) -> None:
        """The draft is wanted, if there is one."""
        if self._draft is None or self._draft == self._sent:
            return
        if self._draft == self._recorded and self._sent is None:
            self._go_back()
        else:
            self._sent = self._draft
            self.wanted.emit(self._draft)

    def flush(self) -> None:
        """What would be wanted on leaving is wanted now."""
        if self._takes_on_leaving and not self._is_refused:
            self.want()

    def _type(self, text: str) -> None:
        self._draft, self._is_refused = text, False

    def _go_back(self) -> None:
        self.forget()
        self.setText(self._recorded)
        self.dropped.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._is_own_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_own_escape(event):
            self._go_back()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.flush()

    def _is_own_escape(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._draft is not None
