"""The chosen cart as of the moment: edited at now, looked at in the past.

A stream of another kind is shown as a tree.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from explorer.application.history import FieldChange
from explorer.application.view import Answer, StreamView
from explorer.domain.cart import (
    Abandon,
    ApplyCoupon,
    ChangeQuantity,
    CheckOut,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    SetNote,
)
from explorer.domain.money import formatted
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_lines import CartLines
from explorer.gui.panels.cart_list import STATUSES
from explorer.gui.panels.plain import plain, short_stream
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.state_tree import StateTree
from explorer.gui.theme import Look, Theme, local_time, tabular
from explorer.projections.queries import CartRow

PAST = "You are looking at the past; Esc returns to now."


class CartEditor(QWidget):
    """One of three: what to do when nothing is chosen, a cart, or the state of another stream."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking, self._theme = looking, look.theme
        self._shown: StreamView | None = None
        self._was_now = True
        self._empty = QLabel(self)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self.cart = CartForm(looking, self)
        self.tree = StateTree(self)
        self._pages = QStackedLayout(self)
        for page in (self._empty, self.cart, self.tree):
            self._pages.addWidget(page)
        look.changed.connect(self._take_theme)
        looking.answered.connect(self._show)

    def _show(self, answer: Answer) -> None:
        if answer.stream is self._shown and answer.status.is_now == self._was_now and self._shown is not None:
            return
        self._shown, self._was_now = answer.stream, answer.status.is_now
        self._draw(answer.stream)

    def _draw(self, stream: StreamView | None) -> None:
        if stream is None or stream.version == 0:
            name = plain(stream.stream) if stream else ""
            begun = f"{name} had not begun at this moment. Go on in time, or choose another."
            self._empty.setText(begun if stream else "Choose a cart on the left, or an event on the right.")
            self._pages.setCurrentWidget(self._empty)
        elif stream.cart is not None:
            self.cart.show_cart(stream, stream.cart, self._theme, is_now=self._was_now)
            self._pages.setCurrentWidget(self.cart)
        else:
            self.tree.show_states(stream.before, stream.after, stream.changes, self._theme)
            self._pages.setCurrentWidget(self.tree)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._draw(self._shown)


class CartForm(QWidget):
    """Header, lines, coupon, note, totals, and what ends a cart."""

    def __init__(self, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking = looking
        self._stream: StreamView | None = None
        self.title, self.subtitle = self._label("heading"), self._label("muted")
        self.lines = CartLines(self)
        self.coupon, self.note, self.reason = self._line("Coupon"), self._line("Note"), self._line("Why? (optional)")
        self.apply = QPushButton("Apply", self)
        self.check_out = QPushButton("Check out", self)
        self.check_out.setProperty("primary", "true")
        self.abandon, self.reopen = QPushButton("Abandon", self), QPushButton("Reopen", self)
        self.sums = {name: self._label("") for name in ("Subtotal", "Discount", "Total")}
        self.refusals = {name: Refusal(self) for name in ("lines", "coupon", "note", "end")}
        self._lay_out()
        self._connect()

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(tabular(self.font()))
        label.setMinimumWidth(1)  # long names are cut, the window does not grow
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(name)
        line.setAccessibleName(name)
        return line

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        for widget in (self.title, self.subtitle, self.refusals["lines"]):
            column.addWidget(widget)
        column.addWidget(self.lines, 1)
        left, right = QVBoxLayout(), QVBoxLayout()
        coupon = QHBoxLayout()
        coupon.addWidget(self.coupon, 1)
        coupon.addWidget(self.apply)
        left.addLayout(coupon)
        left.addWidget(self.refusals["coupon"])
        left.addWidget(self.note)
        left.addWidget(self.refusals["note"])
        left.addWidget(self.reason)
        left.addStretch(1)
        for name, label in self.sums.items():
            row, caption = QHBoxLayout(), QLabel(name, self)
            caption.setProperty("role", "heading" if name == "Total" else "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            label.setAccessibleName(name)
            row.addWidget(caption)
            row.addWidget(label, 1)
            right.addLayout(row)
        self.sums["Total"].setProperty("role", "heading")
        right.addStretch(1)
        foot = QHBoxLayout()
        foot.addLayout(left, 3)
        foot.addSpacing(16)
        foot.addLayout(right, 2)
        column.addLayout(foot)
        rule = QFrame(self)
        rule.setFrameShape(QFrame.Shape.HLine)
        rule.setFrameShadow(QFrame.Shadow.Plain)
        column.addWidget(rule)
        ends = QHBoxLayout()
        ends.addWidget(self.refusals["end"], 1)
        ends.addStretch(1)
        for button in (self.reopen, self.abandon, self.check_out):
            ends.addWidget(button)
        column.addLayout(ends)

    def _connect(self) -> None:
        self.lines.quantity_changed.connect(
            lambda line, quantity: self._do(ChangeQuantity(line, quantity), f"lines:{line}")  # pyright: ignore
        )
        self.lines.removed.connect(lambda line: self._do(RemoveItem(line), f"lines:{line}"))  # pyright: ignore
        self.apply.clicked.connect(self._coupon)
        self.coupon.returnPressed.connect(self._coupon)
        self.note.editingFinished.connect(self._set_note)
        self.check_out.clicked.connect(lambda: self._do(CheckOut(), "end"))
        self.abandon.clicked.connect(lambda: self._do(Abandon(), "end"))
        self.reopen.clicked.connect(lambda: self._do(Reopen(), "end"))
        self._looking.refused.connect(self._refused)
        self._looking.accepted.connect(self._accepted)

    def show_cart(self, stream: StreamView, cart: CartRow, theme: Theme, *, is_now: bool) -> None:
        is_same = self._stream is not None and self._stream.stream == stream.stream
        self._stream = stream
        shape, word = STATUSES.get(cart.status, ("·", cart.status))
        place = f" · {cart.location}" if cart.location else ""
        self.title.setText(plain(f"{cart.customer}{place} · {shape} {word}"))
        last = local_time(cart.time)
        self.subtitle.setText(plain(f"{short_stream(cart.stream)} · v{cart.version:,} · {cart.actor}, {last}"))
        self.subtitle.setToolTip(plain(f"{cart.stream}, opened {local_time(cart.opened_at)}"))
        is_editable = is_now and cart.status == "open"
        changed = frozenset(filter(None, (_line_of(change) for change in stream.changes)))
        self.lines.show_lines(stream.lines, cart.currency, changed, theme, is_editable=is_editable)
        amounts = (cart.subtotal, -cart.discount, cart.total)
        for label, amount in zip(self.sums.values(), amounts, strict=True):
            label.setText(f"{formatted(amount, cart.currency)} {cart.currency}")
        self._fill_fields(cart, is_same=is_same)
        self._enable(cart, is_now=is_now)
        if not is_same:
            for refusal in self.refusals.values():
                refusal.clear()

    def _fill_fields(self, cart: CartRow, *, is_same: bool) -> None:
        # What somebody is typing stays theirs.
        if not (is_same and self.note.isModified()):
            self.note.setText(cart.note)
        if cart.coupon is not None:
            self.coupon.setText(f"{cart.coupon} −{cart.percent} %")
        elif not is_same or not self.coupon.isEnabled() or self.coupon.isReadOnly():
            self.coupon.clear()
        self.coupon.setReadOnly(cart.coupon is not None)
        self.apply.setText("Remove" if cart.coupon is not None else "Apply")

    def _enable(self, cart: CartRow, *, is_now: bool) -> None:
        is_open = cart.status == "open"
        why = PAST if not is_now else "" if is_open else f"This cart is {STATUSES.get(cart.status, ('', ''))[1]}."
        for widget in (self.coupon, self.apply, self.note, self.check_out, self.abandon):
            widget.setEnabled(not why)
            widget.setToolTip(why)
        self.reopen.setEnabled(is_now and cart.status == "abandoned")
        self.reopen.setToolTip("" if self.reopen.isEnabled() else why or "Only an abandoned cart can be reopened.")
        self.reason.setEnabled(is_now and cart.status != "checked_out")
        self.reason.setToolTip("Recorded with your next change")

    def _coupon(self) -> None:
        if self._stream is None or self._stream.cart is None:
            return
        if self._stream.cart.coupon is not None:
            self._do(RemoveCoupon(), "coupon")
        elif self.coupon.text().strip():
            self._do(ApplyCoupon(self.coupon.text().strip()), "coupon")

    def _set_note(self) -> None:
        if self._stream is not None and self._stream.cart is not None and self.note.text() != self._stream.cart.note:
            self._do(SetNote(self.note.text()), "note")

    def _do(self, command: object, field: str) -> None:
        if self._stream is not None:
            self._looking.command(
                self._stream.stream,
                command,
                field=field,
                expected_version=self._stream.latest,
                reason=self.reason.text().strip(),
            )

    def _refused(self, field: str, reason: str) -> None:
        name, _, line = field.partition(":")
        if name in self.refusals:
            self.refusals[name].say(f"{plain(line)}: {reason}" if line else reason)

    def _accepted(self, field: str) -> None:
        name = field.partition(":")[0]
        if name in self.refusals:
            self.refusals[name].clear()
            self.reason.clear()
        if name == "note":
            self.note.setModified(False)


def _line_of(change: FieldChange) -> str:
    """The line that a change of `lines[sku=22423].quantity` is about."""
    if not change.path.startswith("lines["):
        return ""
    return change.path.removeprefix("lines[").partition("]")[0].partition("=")[2]
