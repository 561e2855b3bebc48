"""A cart with all that can be done to it at now, and all that is seen of it in the past."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from explorer.application.stream_view import StreamView
from explorer.domain import privacy
from explorer.gui.panels.cart_lines import CartLines, Terms
from explorer.gui.panels.cart_words import both_times, money, short_time, status_words
from explorer.gui.panels.draft_field import DraftField
from explorer.gui.panels.elided import Elided
from explorer.gui.panels.placeholder import Placeholder
from explorer.gui.panels.plain import plain, short_stream
from explorer.gui.panels.refusal import Refusal
from explorer.gui.panels.state_tree import MARK
from explorer.gui.theme import Theme, explain, ink, tabular
from explorer.projections.cart_queries import CartRow

EMPTY = "The cart is empty. Select a product in the list of products and press Enter to put it in."
WHY = "reason for the next change, if there is one to record"
WHY_REOPEN = "reason to reopen; nothing else can be changed while abandoned"
SUMS = ("Subtotal", "Discount", "Total")
_PLACES = {
    "coupon": "coupon",
    "remove_coupon": "coupon",
    "note": "note",
    "check_out": "end",
    "abandon": "end",
    "reopen": "end",
}
"""Where a refusal stands, by the name of the field."""


class CartForm(QWidget):
    """Lays out and fills the fields; what is done with them is the editor's."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._stream: StreamView | None = None
        self.status, self.customer = Elided(self, "heading"), Elided(self, "heading")
        self.id, self.about = Elided(self, "muted"), Elided(self, "muted")
        self.notice = Elided(self, "muted")
        self.notice.setAccessibleName("Why nothing can be changed")
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason for the next change")
        self.reason.setToolTip("Recorded with your next change of this cart, then cleared")
        self.lines = CartLines(theme, self)
        self.empty = Placeholder("", self)
        self.coupon = DraftField("Coupon", self)
        self.apply, self.remove_coupon = QPushButton("App&ly", self), QPushButton("Re&move", self)
        self.remove_coupon.setAccessibleName("Remove the coupon")
        self.apply.setAccessibleName("Apply the coupon")
        self.note = DraftField("Note", self, takes_on_leaving=True)
        self._drafts = {"coupon": self.coupon, "note": self.note}
        # It names a coupon, which may be long: that must not make the window wider.
        self._discount = Elided(self)
        self.captions: dict[str, QLabel] = {
            name: self._discount if name == "Discount" else QLabel(name, self) for name in ("Coupon", "Note", *SUMS)
        }
        self.marks = {name: QLabel(self) for name in self.captions}
        self.sums = {name: QLabel(self) for name in SUMS}
        self.refusals = {name: Refusal(self) for name in ("coupon", "note", "end")}
        self.check_out = QPushButton("Chec&k out", self)
        self.check_out.setProperty("primary", "true")
        self.abandon, self.reopen = QPushButton("A&bandon", self), QPushButton("Reopen", self)
        self._lay_out()

    # Layout

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 3
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * space, space, 2 * space, 2 * space)
        column.setSpacing(space)
        self._lay_out_head(column)
        self._middle = QStackedWidget(self)
        self._middle.addWidget(self.lines)
        self._middle.addWidget(self.empty)
        column.addWidget(self._middle, 1)
        foot = QHBoxLayout()
        foot.setSpacing(4 * space)
        foot.addLayout(self._terms(space), 1)
        foot.addLayout(self._sums(space))
        column.addLayout(foot)
        column.addWidget(_rule(self))
        buttons = QHBoxLayout()
        for button in (self.reopen, self.abandon):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.check_out)
        column.addLayout(buttons)
        column.addWidget(self.refusals["end"])

    def _lay_out_head(self, column: QVBoxLayout) -> None:
        large = self.customer.font()
        large.setPointSizeF(large.pointSizeF() * 1.25)
        for label in (self.customer, self.status):
            label.setFont(large)
        self.customer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.id.setFont(tabular(self.font()))
        self.about.setFont(tabular(self.font()))
        self.about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        for label, stretch in ((self.customer, 1), (self.id, 0), (self.status, 0)):
            head.addWidget(label, stretch)
        column.addLayout(head)
        column.addWidget(self.about)
        why = QWidget(self)
        row = QHBoxLayout(why)
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel("&Why?", why)
        label.setBuddy(self.reason)
        row.addWidget(label)
        row.addWidget(self.reason, 1)
        self._why = QStackedWidget(self)
        self._why.addWidget(why)
        self._why.addWidget(self.notice)
        self._why.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.notice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column.addWidget(self._why)

    def _terms(self, space: int) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(space)
        self.captions["Coupon"].setBuddy(self.coupon)
        self.captions["Note"].setBuddy(self.note)
        self.coupon.setMinimumWidth(self.fontMetrics().averageCharWidth() * 9)
        grid.addWidget(self.coupon, 0, 2)
        grid.addWidget(self.apply, 0, 3)
        grid.addWidget(self.remove_coupon, 0, 4)
        grid.addWidget(self.refusals["coupon"], 1, 2, 1, 3)
        grid.addWidget(self.note, 2, 2, 1, 3)
        grid.addWidget(self.refusals["note"], 3, 2, 1, 3)
        self._caption(grid, 0, "Coupon")
        self._caption(grid, 2, "Note")
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(4, 1)
        return grid

    def _sums(self, space: int) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * space)
        grid.setVerticalSpacing(space)
        for row, (name, label) in enumerate(self.sums.items()):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(tabular(self.font()))
            label.setAccessibleName(name)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setMinimumWidth(self.fontMetrics().horizontalAdvance("00,000.00 GBP"))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.captions[name].setTextFormat(Qt.TextFormat.PlainText)
            role = "heading" if name == "Total" else ""
            for part in (label, self.captions[name]):
                part.setProperty("role", role)
            self._caption(grid, row, name)
            grid.addWidget(label, row, 2)
        grid.setRowStretch(len(self.sums), 1)
        return grid

    def _caption(self, grid: QGridLayout, row: int, name: str) -> None:
        """The caption, and left of it the place of its mark, which is kept free."""
        mark = self.marks[name]
        mark.setFixedWidth(self.fontMetrics().horizontalAdvance(MARK))
        grid.addWidget(mark, row, 0)
        grid.addWidget(self.captions[name], row, 1)

    # What is shown

    def show_cart(self, stream: StreamView, cart: CartRow, theme: Theme, locked: str) -> None:
        """`locked` is why nothing can be changed, whatever the cart; "" if it can."""
        if self._stream is None or self._stream.stream != stream.stream:
            self._forget()
        self._stream = stream
        self._head(cart, theme)
        why_not = locked or _why_not(cart)
        self.notice.say(why_not)
        can_reopen = not locked and cart.status == "abandoned"
        self._why.setCurrentIndex(int(bool(why_not) and not can_reopen))
        self.reason.setPlaceholderText(WHY_REOPEN if can_reopen else WHY)
        self.lines.show_lines(
            stream.lines, Terms(stream.stream, stream.version, cart.currency, why_not), stream.changes
        )
        self._middle.setCurrentIndex(int(not stream.lines))
        self.empty.say("The cart is empty." if why_not else EMPTY)
        self._foot(cart, stream.version, why_not)
        self._mark(cart, [change.path for change in stream.changes], theme)
        self._enable(cart, why_not, can_reopen=can_reopen)

    def _forget(self) -> None:
        """Drafts and reasons were about another cart; what is wanted on leaving was taken when its field was left."""
        for field in (self.note, self.coupon):
            field.flush()
            field.forget()
        for refusal in self.refusals.values():
            refusal.clear()

    def _head(self, cart: CartRow, theme: Theme) -> None:
        status = status_words(cart.status)
        self.customer.say(plain(cart.customer), _why_no_note(cart))
        self.status.say(str(status))
        ink(self.status, theme.kinds[status.kind])
        self.id.say(short_stream(cart.stream), plain(cart.stream))
        opened, changed = short_time(cart.opened_at), short_time(cart.time)
        day, _, hour = changed.rpartition(" ")
        changed = hour if opened.startswith(day) else changed
        place = f"{plain(cart.location)} · " if cart.location else ""
        self.about.say(
            f"{place}opened {opened} · changed {changed} by {plain(cart.actor)}",
            f"Opened {both_times(cart.opened_at)}\nLast change {both_times(cart.time)}",
        )

    def _foot(self, cart: CartRow, version: int, why_not: str) -> None:
        self.coupon.show_text("", version, why_not)
        self.coupon.setPlaceholderText("" if why_not else "code")
        why_no_note = why_not or _why_no_note(cart)
        self.note.show_text(cart.note, version, why_no_note)
        self.note.setPlaceholderText("" if why_not else why_no_note)
        amounts = (cart.subtotal, -cart.discount, cart.total)
        for name, amount in zip(SUMS, amounts, strict=True):
            self.sums[name].setText(money(amount, cart.currency).replace("-", "−"))

    def _mark(self, cart: CartRow, paths: Sequence[str], theme: Theme) -> None:
        discount = f"{plain(cart.coupon)} −{cart.percent} %" if cart.coupon else "Discount"
        for name, mark in self.marks.items():
            is_marked = any(path == name.lower() or path.startswith(f"{name.lower()}.") for path in paths)
            mark.setText(MARK if is_marked else "")
            ink(mark, theme.accent if is_marked else "")
            why = "Changed by the last event" if is_marked else ""
            explain(mark, why)
            if name == "Discount":
                self._discount.say(discount, why)
            else:
                explain(self.captions[name], why)

    def _enable(self, cart: CartRow, why_not: str, *, can_reopen: bool) -> None:
        tips: tuple[tuple[QWidget, str, str], ...] = (
            (self.apply, why_not, "Apply the coupon (Enter)"),
            (self.remove_coupon, why_not or ("" if cart.coupon else "The cart has no coupon."), "Take the coupon off"),
            (self.check_out, why_not, "Sell what is in the cart; it cannot be changed afterwards"),
            (self.abandon, why_not, "The customer has left; the cart can be reopened"),
            (self.reopen, "" if can_reopen else why_not or "Only an abandoned cart can be reopened.", "Open it again"),
            (self.coupon, why_not, "Type a coupon’s code and press Enter"),
            (self.note, why_not or _why_no_note(cart), "Recorded when you press Enter or leave the field"),
        )
        for widget, reason, what in tips:
            if widget.isEnabled() == bool(reason):
                widget.setEnabled(not reason)
            explain(widget, reason or what)

    # What became of what the user wanted; `field` is the name it was sent under.

    def refuse(self, field: str, reason: str) -> None:
        """Says so next to the field, and keeps what is in it."""
        if draft := self._drafts.get(field):
            draft.take_refusal()
        self.refusals[_PLACES[field]].say(reason)

    def accept(self, field: str) -> None:
        if draft := self._drafts.get(field):
            draft.take_acceptance()
        self.refusals[_PLACES[field]].clear()


def _why_not(cart: CartRow) -> str:
    match cart.status:
        case "open":
            return ""
        case "abandoned":
            return "This cart is abandoned: reopen it before you change it."
        case _:
            return "This cart is checked out and cannot be changed any more."


def _why_no_note(cart: CartRow) -> str:
    """Why nothing personal can be recorded of this customer; "" if it can."""
    match cart.customer:
        case privacy.ERASED:
            return "This customer's personal data were erased: no note can be added."
        case privacy.KEY_MISSING:
            return "The key file of the personal data is missing: bring it back to read or change them."
        case _:
            return ""


def _rule(parent: QWidget) -> QFrame:
    rule = QFrame(parent)
    rule.setFrameShape(QFrame.Shape.HLine)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    rule.setStyleSheet("color: palette(mid)")
    return rule
