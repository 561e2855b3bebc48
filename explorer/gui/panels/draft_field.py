"""A line of text that is recorded: what stands in it is either what is recorded or what the user is writing."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from explorer.gui.panels.draft import Draft
from explorer.gui.panels.plain import plain


class DraftField(QLineEdit):
    """Enter takes the draft as wanted, and so does leaving where `takes_on_leaving`; Esc returns to what is recorded.

    What was refused is kept, and only Enter or another edit tries again.
    """

    wanted = Signal(str)
    dropped = Signal()
    """The user wants what is recorded after all."""
    overtaken = Signal(str, int)
    """Somebody else has changed what the user is changing: his draft, and the version at which he began."""

    def __init__(self, name: str, parent: QWidget, *, takes_on_leaving: bool = False) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._takes_on_leaving = takes_on_leaving
        self._draft = Draft("")
        self.textEdited.connect(self._type)
        self.returnPressed.connect(self.want)

    def show_text(self, recorded: str, version: int, why_not: str) -> None:
        """As of a version of the stream. `why_not` is why it cannot be changed; then it shows what is recorded, and
        keeps the draft for later.
        """
        # As it is seen, so it is recorded when it is changed: an invisible letter is not smuggled on.
        seen, was_overtaken = plain(recorded), self._draft.is_overtaken
        if not why_not:
            self._draft.show(seen, version)
        if self.isEnabled() == bool(why_not):
            self.setEnabled(not why_not)
        text = seen if why_not or self._draft.value is None else self._draft.value
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)
        if not why_not and not was_overtaken:
            self._look_behind()

    def forget(self) -> None:
        """The draft was about another cart."""
        self._draft.forget()

    def take_acceptance(self) -> None:
        self._draft.accept()

    def take_refusal(self) -> None:
        self._draft.refuse()

    def want(self) -> None:
        """The draft is wanted, if there is one."""
        draft = self._draft
        if draft.value == draft.recorded and draft.sent is None:
            self._go_back()
        elif not self._look_behind() and (wanted := draft.send()) is not None:
            self.wanted.emit(wanted)

    def want_on_top(self) -> None:
        """The draft is wanted, whatever others have recorded meanwhile."""
        self._draft.catch_up()
        self.want()

    def flush(self) -> None:
        """What would be wanted on leaving is wanted now."""
        if self._takes_on_leaving and not self._draft.is_refused and self._draft.value is not None:
            self.want()

    def _type(self, text: str) -> None:
        self._draft.put(text)
        self._look_behind()

    def _look_behind(self) -> bool:
        """Tells if somebody else was here."""
        draft = self._draft
        if draft.value is not None and draft.is_overtaken:
            self.overtaken.emit(draft.value, draft.seen)
            return True
        return False

    def _go_back(self) -> None:
        self.forget()
        self.setText(self._draft.recorded)
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
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._draft.value is not None
