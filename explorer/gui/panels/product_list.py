"""Products with their figures as of the moment; and what puts one into the chosen cart."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget

from explorer.application.view import Answer
from explorer.domain.cart import MAX_QUANTITY, AddItem
from explorer.domain.money import formatted
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_list import MORE, TYPING_PAUSE
from explorer.gui.panels.plain import plain
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.theme import Look
from explorer.projections.queries import ProductRow

COLUMNS = (
    Column("Product"),
    Column("Price", is_number=True),
    Column("In carts", is_number=True),
    Column("Sold", is_number=True),
    Column("Removed", is_number=True),
    Column("Revenue", is_number=True),
    Column("Number"),
)


class ProductList(QWidget):
    FIELD = "add_item"

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        del look  # it draws nothing by itself
        self._looking = looking
        self._shown: tuple[ProductRow, ...] | None = None
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search products by name or number")
        self.search.setAccessibleName("Search products")
        self.search.setClearButtonEnabled(True)
        self.rows = Rows("Products", COLUMNS, self)
        self.quantity = QSpinBox(self)
        # Wider than the rule, so that the rule's own words answer what is too much.
        self.quantity.setRange(0, MAX_QUANTITY * 10)
        self.quantity.setValue(1)
        self.quantity.setAccessibleName("Quantity to add")
        self.add = QPushButton("Add to cart", self)
        self.add.setAccessibleName("Add the selected product to the cart")
        self.why = QLabel(self)
        self.why.setProperty("role", "muted")
        self.refusal = Refusal(self)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE)
        self._lay_out()
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._ask)
        self.add.clicked.connect(self._add)
        self.rows.activated_key.connect(self._add)
        self.rows.chosen.connect(self._enable)
        self.rows.near_end.connect(self._ask_more)
        looking.answered.connect(self._show)
        looking.refused.connect(self._refused)
        looking.accepted.connect(self._accepted)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.quantity)
        bar.addWidget(self.add, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.addWidget(self.search)
        column.addLayout(bar)
        for widget in (self.refusal, self.why):
            column.addWidget(widget)
        column.addWidget(self.rows, 1)
        self.empty = QLabel("No product matches, or none is listed by this moment.", self)
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.empty, 1)
        self.empty.hide()

    def focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _ask(self) -> None:
        self._looking.look(product_words=self.search.text(), product_limit=MORE)

    def _ask_more(self) -> None:
        limit = self._looking.question.product_limit
        if self._shown is not None and len(self._shown) >= limit:
            self._looking.look(product_limit=limit + MORE)

    def _show(self, answer: Answer) -> None:
        if answer.products is not self._shown:
            is_first = self._shown is None
            self._shown = answer.products
            self.rows.show_rows([product.sku for product in answer.products], self._cells)
            if is_first:
                self.rows.fit_columns()
                self.rows.setColumnWidth(0, self.fontMetrics().averageCharWidth() * 24)
            self.rows.setVisible(bool(answer.products))
            self.empty.setVisible(not answer.products)
        self._enable()

    def _enable(self) -> None:
        reason = self._why_not()
        self.add.setEnabled(not reason)
        self.add.setToolTip(reason)
        self.why.setText(reason)
        self.why.setVisible(bool(reason))

    def _why_not(self) -> str:
        answer = self._looking.answer
        if not self._looking.is_now:
            return "You are looking at the past; Esc returns to now."
        cart = answer.stream.cart if answer is not None and answer.stream is not None else None
        if cart is None:
            return "Choose an open cart to add products to."
        if cart.status != "open":
            return "This cart is not open; choose or open another."
        return "" if self.rows.current_key() else "Select a product to add."

    def _add(self) -> None:
        sku, stream = self.rows.current_key(), self._looking.question.stream
        if isinstance(sku, str) and stream and not self._why_not():
            self._looking.command(stream, AddItem(sku, self.quantity.value()), field=self.FIELD)

    def _refused(self, field: str, reason: str) -> None:
        if field in {self.FIELD, "sku"} or (field == "quantity" and self._is_mine()):
            self.refusal.say(reason)

    def _is_mine(self) -> bool:
        return any(widget.hasFocus() for widget in (self.quantity, self.add, self.rows, self.search))

    def _accepted(self, field: str) -> None:
        if field == self.FIELD:
            self.refusal.clear()
            self.quantity.setValue(1)

    def _cells(self, number: int) -> tuple[Cell, ...]:
        assert self._shown is not None
        product = self._shown[number]
        return (
            Cell(plain(product.name), plain(product.name)),
            Cell(formatted(product.unit_price, product.currency), product.currency),
            Cell(f"{product.in_carts:,}"),
            Cell(f"{product.sold:,}"),
            Cell(f"{product.removed:,}"),
            Cell(formatted(product.revenue, product.currency), product.currency),
            Cell(plain(product.sku)),
        )
