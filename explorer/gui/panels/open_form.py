"""The form that opens a cart: a customer and a place."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.undoing import Done
from explorer.domain.cart import OpenCart
from explorer.domain.event import Metadata
from explorer.errors import Refused
from explorer.gui.looking import Looking
from explorer.gui.panels.refusal import Refusal

FIELD = "open_cart"


class OpenForm(QWidget):
    """Enter opens the cart and turns to it, Esc goes away; a refusal stands under its field and loses nothing."""

    def __init__(self, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking = looking
        self._is_under_way = False
        self._refused_field = ""
        self.refusals: dict[str, Refusal] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self.customer = self._line("customer", "C&ustomer", "Jane Doe")
        self.location = self._line("location", "Locat&ion", "Leeds")
        self.refusals[""] = Refusal(self)
        self.button = QPushButton("Open cart", self)
        self.button.setProperty("primary", "true")
        self.button.setToolTip("Begin the cart and turn to it (Enter)")
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setToolTip("Close the form (Esc)")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.button)
        self._grid.addWidget(self.refusals[""], self._grid.rowCount(), 0, 1, 2)
        self._grid.addLayout(buttons, self._grid.rowCount(), 0, 1, 2)
        self.button.clicked.connect(self._open)
        self.cancel.clicked.connect(self.put_away)
        looking.refused.connect(self._take_refusal)
        looking.accepted.connect(self._take_acceptance)
        self.hide()

    def _line(self, name: str, title: str, example: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(f"for example {example}")
        line.setAccessibleName(title.replace("&", ""))
        line.returnPressed.connect(self._open)
        label = QLabel(title, self)
        label.setBuddy(line)
        self.refusals[name] = Refusal(self)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(line, row, 1)
        self._grid.addWidget(self.refusals[name], row + 1, 1)
        return line

    def begin(self) -> None:
        self.show()
        self.customer.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.customer.selectAll()

    def put_away(self) -> None:
        """What was typed is still there the next time."""
        self._clear_refusals()
        self.hide()

    def _clear_refusals(self) -> None:
        for refusal in self.refusals.values():
            refusal.clear()

    def _open(self) -> None:
        if self._is_under_way:
            return
        self._is_under_way = True
        self._refused_field = ""
        self._clear_refusals()
        command = OpenCart(self.customer.text().strip(), self.location.text().strip())
        about = Metadata(self._looking.actor, origin="window")

        def job(session: Session) -> Done:
            stream = f"cart-{session.world.ids()}"
            try:
                return Done(stream, handle(session, stream, command, about, expected_version=0))
            except Refused as error:
                self._refused_field = error.field
                raise

        self._looking.do(job, FIELD)

    def _take_refusal(self, field: str, reason: str) -> None:
        if field == FIELD:
            self._is_under_way = False
            self.refusals.get(self._refused_field, self.refusals[""]).say(reason)

    def _take_acceptance(self, field: str, stream: str) -> None:
        if field == FIELD:
            self._is_under_way = False
            self.customer.clear()
            self.location.clear()
            self.put_away()
            self._looking.choose_stream(stream)

    def event(self, event: QEvent) -> bool:
        # Esc is the window's "back to now" too; while the form is open it closes the form.
        if event.type() == QEvent.Type.ShortcutOverride and _is_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_escape(event):
            self.put_away()
        else:
            super().keyPressEvent(event)


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
