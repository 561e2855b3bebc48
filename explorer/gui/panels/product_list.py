"""Products with their figures as of the moment; and the way into the chosen cart."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QSpinBox, QStackedWidget, QWidget

from explorer.application.stream_view import StreamView
from explorer.application.view import Answer
from explorer.domain.cart import MAX_QUANTITY, AddItem
from explorer.domain.money import formatted
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_words import money, status_words, why_not
from explorer.gui.panels.elided import Elided
from explorer.gui.panels.listing import Listing
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.panels.search_field import SearchField
from explorer.gui.theme import Look, Theme
from explorer.projections.queries import ProductRow

COLUMNS = (
    Column("Number", sample="00000AA", rank=5),
    Column("Name", takes_rest=True),
    Column("Price", is_number=True, sample="Price, GBP"),
    Column("In carts", is_number=True, sample="000", rank=2),
    Column("Sold", is_number=True, sample="000", rank=3),
    Column("Removed", is_number=True, sample="000", rank=5),
    Column("Revenue", is_number=True, sample="0,000.00", rank=4),
)
PRICE = 2
FIELD = "add_item"


class ProductList(Listing):
    """Search, the products; below, how many of the selected one go into the cart."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, "product_limit", parent)
        self._looking, self._theme = looking, look.theme
        self._products: tuple[ProductRow, ...] | None = None
        self._stream: StreamView | None = None
        self._is_under_way = False
        self._currency = ""
        self.search = SearchField("Search products", "Search name or number", look, self)
        self.rows = Rows("Products", COLUMNS, self)
        self.empty = Placeholder("Clear the search", self)
        self.quantity = QSpinBox(self)
        # Wider than the rule, so that the rule itself answers what is too little or too much.
        self.quantity.setRange(0, MAX_QUANTITY * 10)
        self.quantity.setValue(1)
        self.quantity.setGroupSeparatorShown(True)
        self.quantity.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.quantity.setAccessibleName("Quantity to add")
        self.add = QPushButton("+ Add to cart", self)
        self.add.setAccessibleName("Add the selected product to the cart")
        self.why = Elided(self, "muted")
        self.why.setAccessibleName("What adding does")
        self.refusal = Refusal(self)
        self._lay_out()
        self._connect(looking, look)
        self._enable()

    def focus_search(self) -> None:
        """For the window's "Find product"."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _lay_out(self) -> None:
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.rows)
        self._pages.addWidget(self.empty)
        self.why.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        space = self.fontMetrics().height() // 3
        grid = QGridLayout(self)
        grid.setContentsMargins(space, space, space, space)
        grid.setSpacing(space)
        grid.addWidget(self.search, 0, 0, 1, 2)
        grid.addWidget(self._pages, 1, 0, 1, 2)
        grid.addWidget(self.quantity, 2, 0)
        grid.addWidget(self.add, 2, 1)
        grid.addWidget(self.why, 3, 0, 1, 2)
        grid.addWidget(self.refusal, 4, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 2)
        grid.setRowStretch(1, 1)

    def _connect(self, looking: Looking, look: Look) -> None:
        self.search.sought.connect(self._seek)
        self.search.left_down.connect(self.rows.setFocus)
        self.empty.pressed.connect(self.search.empty)
        self.rows.near_end.connect(self._ask_more)
        self.rows.chosen.connect(self._enable)
        self.rows.activated_key.connect(self._add)
        self.add.clicked.connect(self._add)
        self.quantity.lineEdit().returnPressed.connect(self._add)
        looking.asked.connect(self._enable)
        self.follow(self.rows)
        looking.refused.connect(self._take_refusal)
        looking.accepted.connect(self._take_acceptance)
        look.changed.connect(self._take_theme)

    # What the user wants

    def _seek(self, words: str) -> None:
        self._looking.look(product_words=words, product_limit=self.least)

    def _ask_more(self) -> None:
        self.ask_more(len(self._products or ()))

    def _add(self) -> None:
        sku, stream = self.rows.current_key(), self._stream
        if sku is None or stream is None or self._why_not() or self._is_under_way:
            return
        self._is_under_way = True
        self._refuse("")
        self._looking.command(stream.stream, AddItem(sku, self.quantity.value()), field=FIELD)

    def _take_refusal(self, field: str, reason: str) -> None:
        if field == FIELD:
            self._is_under_way = False
            self._refuse(reason)

    def _take_acceptance(self, field: str) -> None:
        if field == FIELD:
            self._is_under_way = False
            self._refuse("")
            self.quantity.setValue(1)

    def _refuse(self, reason: str) -> None:
        """In the place of what adding would do."""
        self.why.setVisible(not reason)
        if reason:
            self.refusal.say(reason)
        else:
            self.refusal.clear()

    # What is shown

    def show_answer(self, answer: Answer) -> None:
        if answer.products is not self._products and self.is_listed(answer):
            self._products = answer.products
            self._fill(answer.products)
            if self.rows.current_key() is None:
                self.rows.choose_key(self._first_hit(answer))
            self._explain(answer)
        if answer.stream is not self._stream:
            if self._stream is None or answer.stream is None or answer.stream.stream != self._stream.stream:
                self._refuse("")
            self._stream = answer.stream
        self._enable()

    def _fill(self, products: Sequence[ProductRow]) -> None:
        currencies = {product.currency for product in products}
        currency = currencies.pop() if len(currencies) == 1 else ""
        if currency != self._currency:
            self._currency = currency
            self.rows.forget_sources()
            self.rows.entitle(PRICE, f"Price, {currency}" if currency else "Price")
        self.rows.show_rows([product.sku for product in products], lambda row: self._cells(products[row]), products)

    def _first_hit(self, answer: Answer) -> str | None:
        """After a search the first hit is selected: Enter adds it."""
        return answer.products[0].sku if answer.products and answer.question.product_words else None

    def _explain(self, answer: Answer) -> None:
        words = answer.question.product_words
        if words:
            self.empty.say(f"No product matches “{plain(words)}”.", has_way_out=True)
        elif answer.status.is_now:
            self.empty.say("No product is listed yet.")
        else:
            self.empty.say("No product was listed by this moment. Go on in time, or press Esc for now.")
        self._pages.setCurrentIndex(int(not answer.products))

    def _enable(self) -> None:
        reason = self._why_not()
        self.quantity.setEnabled(not reason)
        self.add.setEnabled(not reason and self.rows.current_key() is not None)
        customer = plain(self._stream.cart.customer) if self._stream and self._stream.cart else ""
        aim = f"Goes to {customer}’s cart." if self.add.isEnabled() else "Select a product to add."
        self.why.say(reason or aim)
        for widget in (self.quantity, self.add):
            widget.setToolTip(reason or "Add the selected product (Enter)")

    def _why_not(self) -> str:
        if reason := why_not(self._looking):
            return reason
        cart = self._stream.cart if self._stream is not None else None
        if cart is None or self._stream is None or self._stream.stream != self._looking.question.stream:
            return "Choose an open cart first."
        if cart.status == "open":
            return ""
        return f"The chosen cart is {status_words(cart.status).word}."

    def _cells(self, product: ProductRow) -> tuple[Cell, ...]:
        tip = partial(_about, product)
        return (
            Cell(plain(product.sku), tip, self._theme.muted),
            Cell(plain(product.name), tip),
            Cell(self._money(product.unit_price, product.currency), tip),
            Cell(f"{product.in_carts:,}", tip),
            Cell(f"{product.sold:,}", tip),
            Cell(f"{product.removed:,}", tip),
            Cell(self._money(product.revenue, product.currency), tip),
        )

    def _money(self, amount: int, currency: str) -> str:
        """Without the currency where all have the same: the column's title says it."""
        return formatted(amount, currency) if currency == self._currency else money(amount, currency)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.rows.forget_sources()
        self._fill(self._products or ())


def _about(product: ProductRow) -> str:
    return (
        f"{plain(product.name)}\nNumber {plain(product.sku)}, {money(product.unit_price, product.currency)}\n"
        f"{product.in_carts:,} in carts, {product.sold:,} sold, {product.removed:,} removed\n"
        f"Revenue {money(product.revenue, product.currency)}"
    )
