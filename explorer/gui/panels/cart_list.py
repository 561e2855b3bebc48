"""Carts as of the moment, the last changed first; and a form that opens one."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.view import Answer
from explorer.domain.cart import OpenCart
from explorer.domain.event import Metadata
from explorer.domain.money import formatted
from explorer.gui.looking import Looking
from explorer.gui.panels.plain import plain
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Look, Theme, local_time, utc_time
from explorer.projections.queries import CartRow
from explorer.projections.totals import Sums

STATUSES = {"open": ("○", "open"), "checked_out": ("■", "checked out"), "abandoned": ("✕", "abandoned")}
KINDS = {"open": "opened", "checked_out": "done", "abandoned": "abandoned"}
COLUMNS = (
    Column("Status"),
    Column("Customer", takes_rest=True),
    Column("Units", is_number=True),
    Column("Total", is_number=True),
)
TYPING_PAUSE = 200
"""Milliseconds after the last key before the list is searched."""
MORE = 100


class CartList(QWidget):
    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking, self._theme = looking, look.theme
        self._shown: tuple[CartRow, ...] | None = None
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search customer, place or number")
        self.search.setAccessibleName("Search carts")
        self.search.setClearButtonEnabled(True)
        self.status = QComboBox(self)
        self.status.setAccessibleName("Status of carts")
        for text, value in (
            ("All", None),
            ("Open", "open"),
            ("Checked out", "checked_out"),
            ("Abandoned", "abandoned"),
        ):
            self.status.addItem(text, value)
        self.rows = Rows("Carts", COLUMNS, self)
        self.empty = QLabel(self)
        self.empty.setProperty("role", "muted")
        self.empty.setWordWrap(True)
        self.empty.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.form = OpenForm(looking, self)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE)
        self._lay_out()
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._ask)
        self.status.currentIndexChanged.connect(self._ask)
        self.rows.chosen.connect(looking.choose_stream)
        self.rows.near_end.connect(self._ask_more)
        looking.answered.connect(self._show)
        look.changed.connect(self._take_theme)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.status, 1)
        self.button = QPushButton("Open cart…", self)
        self.button.clicked.connect(self.open_cart)
        bar.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.addWidget(self.search)
        column.addLayout(bar)
        column.addWidget(self.form)
        column.addWidget(self.rows, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()

    def open_cart(self) -> None:
        """Shows the form for a new cart."""
        self.form.begin()

    def _ask(self) -> None:
        self._looking.look(cart_words=self.search.text(), cart_status=self.status.currentData(), cart_limit=MORE)

    def _ask_more(self) -> None:
        limit = self._looking.question.cart_limit
        if self._shown is not None and len(self._shown) >= limit:
            self._looking.look(cart_limit=limit + MORE)

    def _show(self, answer: Answer) -> None:
        self.button.setEnabled(self._looking.is_now)
        self.button.setToolTip("" if self._looking.is_now else "You are looking at the past; Esc returns to now.")
        if answer.carts is not self._shown:
            is_first = self._shown is None
            self._shown = answer.carts
            self.rows.show_rows([cart.stream for cart in answer.carts], self._cells)
            if is_first:
                self.rows.fit_columns()
            self._count(answer)
        if self.rows.current_key() != answer.question.stream:
            self.rows.choose_key(answer.question.stream)
        self._say_empty(answer)

    def _say_empty(self, answer: Answer) -> None:
        is_filtered = bool(answer.question.cart_words or answer.question.cart_status)
        self.empty.setText(
            f"No cart matches “{plain(answer.question.cart_words)}”. Clear the search, or choose All."
            if is_filtered
            else "There is no cart yet at this moment. Open one with the button above, or go on in time."
        )
        self.empty.setVisible(not answer.carts)
        self.rows.setVisible(bool(answer.carts))

    def _count(self, answer: Answer) -> None:
        every = Sums()
        for sums in answer.totals.values():
            every = every.plus(sums)
        counts = (every.carts_open, every.carts_checked_out, every.carts_abandoned)
        for index, (name, count) in enumerate(
            zip(("All", "Open", "Checked out", "Abandoned"), (sum(counts), *counts), strict=True)
        ):
            self.status.setItemText(index, f"{name} ({count:,})")

    def _cells(self, number: int) -> tuple[Cell, ...]:
        assert self._shown is not None
        cart = self._shown[number]
        shape, word = STATUSES.get(cart.status, ("·", cart.status))
        colour = self._theme.kinds[KINDS.get(cart.status, "other")]  # type: ignore[index]
        place = f", {cart.location}" if cart.location else ""
        return (
            Cell(f"{shape} {word}", plain(cart.stream), colour),
            Cell(
                plain(cart.customer + place),
                f"{plain(f'last changed by {cart.actor}')}, {local_time(cart.time)}\n{utc_time(cart.time)}",
            ),
            Cell(f"{cart.units:,}"),
            Cell(formatted(cart.total, cart.currency), cart.currency),
        )

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        if self._shown is not None:
            self.rows.show_rows([cart.stream for cart in self._shown], self._cells)


class OpenForm(QFrame):
    """Customer and place of a new cart. Enter opens it, Esc goes away; a refusal loses nothing."""

    FIELD = "open_cart"

    def __init__(self, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking = looking
        self.customer = self._line("Customer")
        self.location = self._line("Place")
        self.button = QPushButton("Open", self)
        self.button.setProperty("primary", "true")
        self.button.clicked.connect(self._open)
        self.refusal = Refusal(self)
        row = QHBoxLayout()
        for widget in (self.customer, self.location, self.button):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.refusal)
        looking.refused.connect(self._refused)
        looking.accepted.connect(self._accepted)
        self.hide()

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(name)
        line.setAccessibleName(name)
        line.returnPressed.connect(self._open)
        return line

    def begin(self) -> None:
        self.show()
        self.customer.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        command = OpenCart(self.customer.text().strip(), self.location.text().strip())
        about = Metadata(self._looking.actor, origin="window")

        def job(session: Session) -> str:
            stream = f"cart-{session.world.ids()}"
            handle(session, stream, command, about, expected_version=0)
            return stream

        self._looking.do(job, self.FIELD)

    def _refused(self, field: str, reason: str) -> None:
        if self.isVisible() and field in {self.FIELD, "customer", "location"}:
            self.refusal.say(reason)

    def _accepted(self, field: str, stream: str) -> None:
        if field == self.FIELD:
            for line in (self.customer, self.location):
                line.clear()
            self.refusal.clear()
            self.hide()
            self._looking.choose_stream(stream)
