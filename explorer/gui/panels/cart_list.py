"""Carts as of the moment, the last changed first; and the way to open one."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtWidgets import QComboBox, QGridLayout, QPushButton, QSizePolicy, QStackedWidget, QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_words import STATUSES, both_times, money, short_time, status_words, why_not
from explorer.gui.panels.listing import Listing
from explorer.gui.panels.open_form import OpenForm
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.panels.search_field import SearchField
from explorer.gui.theme import Look, Theme, explain
from explorer.projections.cart_queries import CartRow
from explorer.projections.totals import Sums

COLUMNS = (
    Column("Status", sample="■ checked out"),
    Column("Customer", takes_rest=True),
    Column("Location", sample="United Kingdom", rank=4),
    Column("Units", is_number=True, sample="000", rank=2),
    Column("Total", is_number=True, sample="000.00 GBP", rank=1),
    Column("Last change", sample="30 Nov 2010 00:00", rank=3),
    Column("By", sample="mmmmmm", rank=5),
)
_CHOICES = (None, *STATUSES)


class CartList(Listing):
    """Search, status, the carts; below, the form and its button."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, "cart_limit", parent)
        self._looking, self._theme = looking, look.theme
        self._carts: tuple[CartRow, ...] | None = None
        self._totals: Mapping[str, Sums] | None = None
        self.search = SearchField("Search carts", "Search customer, location or id", look, self)
        self.status = QComboBox(self)
        self.status.setAccessibleName("Status of the carts listed")
        self.status.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.status.setMinimumContentsLength(len("■ Checked out 0,000"))
        for value in _CHOICES:
            self.status.addItem(_choice(value), value)
        self.rows = Rows("Carts", COLUMNS, self)
        self.empty = Placeholder("Clear the search", self)
        self.form = OpenForm(looking, self)
        self.button = QPushButton("Open cart…", self)
        self._lay_out()
        self._connect(looking, look)

    def open_cart(self) -> None:
        """Shows the form for a new cart."""
        self.form.begin()

    def _lay_out(self) -> None:
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.rows)
        self._pages.addWidget(self.empty)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        space = self.fontMetrics().height() // 3
        grid = QGridLayout(self)
        grid.setContentsMargins(space, space, space, space)
        grid.setSpacing(space)
        grid.addWidget(self.search, 0, 0, 1, 2)
        grid.addWidget(self.status, 1, 0)
        grid.addWidget(self.button, 1, 1)
        grid.addWidget(self.form, 2, 0, 1, 2)
        grid.addWidget(self._pages, 3, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(3, 1)

    def _connect(self, looking: Looking, look: Look) -> None:
        self.search.sought.connect(self._seek)
        self.search.left_down.connect(self.rows.setFocus)
        self.status.activated.connect(
            lambda: looking.look(cart_status=self.status.currentData(), cart_limit=self.least)
        )
        self.rows.chosen.connect(looking.choose_stream)
        self.rows.near_end.connect(self._ask_more)
        self.empty.pressed.connect(self._clear)
        self.button.clicked.connect(self.open_cart)
        looking.asked.connect(self._follow)
        self.follow(self.rows)
        look.changed.connect(self._take_theme)

    # What the user wants

    def _seek(self, words: str) -> None:
        self._looking.look(cart_words=words, cart_limit=self.least)

    def _ask_more(self) -> None:
        self.ask_more(len(self._carts or ()))

    def _clear(self) -> None:
        self.status.setCurrentIndex(0)
        self._looking.look(cart_status=None, cart_limit=self.least)
        self.search.empty()

    # What is shown

    def show_answer(self, answer: Answer) -> None:
        if answer.carts is not self._carts and self.is_listed(answer):
            self._carts = answer.carts
            self._fill(answer.carts)
            self._explain(answer)
        if answer.totals is not self._totals:
            self._totals = answer.totals
            self._count(answer.totals)
        self._follow()

    def _fill(self, carts: Sequence[CartRow]) -> None:
        self.rows.show_rows([cart.stream for cart in carts], lambda row: self._cells(carts[row]), carts)

    def _follow(self) -> None:
        """The hand is followed at once: an answer on its way may still speak of the cart before."""
        reason = why_not(self._looking)
        self.button.setEnabled(not reason)
        explain(self.button, reason or "Begin a cart for a customer (Ctrl+N)")
        self.form.setEnabled(not reason)
        explain(self.form, reason)
        self.rows.choose_key(self._looking.question.stream)

    def _explain(self, answer: Answer) -> None:
        words, status = answer.question.cart_words, answer.question.cart_status
        is_filtered = bool(words or status)
        if is_filtered:
            which = f" {status_words(status).word}" if status else ""
            like = f" matches “{plain(words)}”" if words else " is here at this moment"
            self.empty.say(f"No{which} cart{like}.", has_way_out=True)
        elif answer.status.is_now:
            self.empty.say("There is no cart yet. Open one with the button above.")
        else:
            self.empty.say("No cart had been opened by this moment. Go on in time, or press Esc for now.")
        self._pages.setCurrentIndex(int(not answer.carts))

    def _count(self, totals: Mapping[str, Sums]) -> None:
        every = Sums()
        for sums in totals.values():
            every = every.plus(sums)
        counts = (every.carts_open, every.carts_checked_out, every.carts_abandoned)
        for index, (value, count) in enumerate(zip(_CHOICES, (sum(counts), *counts), strict=True)):
            self.status.setItemText(index, f"{_choice(value)} {count:,}")

    def _cells(self, cart: CartRow) -> tuple[Cell, ...]:
        status = status_words(cart.status)
        # A narrow list has no room for all: every cell's tooltip tells it.
        tip, muted = partial(_about, cart), self._theme.muted
        return (
            Cell(str(status), tip, self._theme.kinds[status.kind]),
            Cell(plain(cart.customer), tip),
            Cell(plain(cart.location), tip),
            Cell(f"{cart.units:,}", tip),
            Cell(money(cart.total, cart.currency), tip),
            Cell(short_time(cart.time), tip, muted),
            Cell(plain(cart.actor), tip, muted),
        )

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.rows.forget_sources()
        self._fill(self._carts or ())


def _choice(value: str | None) -> str:
    if value is None:
        return "All carts"
    status = STATUSES[value]
    return f"{status.shape} {status.word.capitalize()}"


def _about(cart: CartRow) -> str:
    lines = "1 line" if cart.lines == 1 else f"{cart.lines:,} lines"
    place = f" · {plain(cart.location)}" if cart.location else ""
    return (
        f"{plain(cart.customer)}{place} · {status_words(cart.status).word}\n"
        f"{lines}, {cart.units:,} units, {money(cart.total, cart.currency)}\n"
        f"Last changed by {plain(cart.actor)}\n{both_times(cart.time)}\n{plain(cart.stream)}"
    )
