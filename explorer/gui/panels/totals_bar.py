"""The shop's totals as of the moment."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_words import STATUSES, money
from explorer.gui.panels.elided import Elided
from explorer.gui.theme import Look, Theme, tabular
from explorer.projections.totals import Sums

CARTS: Mapping[str, str] = {"Open": "open", "Checked out": "checked_out", "Abandoned": "abandoned"}
"""Caption and status."""
MONEY: Mapping[str, str] = {"In carts": "value_in_carts", "Revenue": "revenue", "Discounts": "discounts"}
"""Caption and the name among the sums."""
LINES = (tuple(CARTS), ("Units in carts", "In carts"), ("Revenue", "Discounts"))

ABOUT: Mapping[str, str] = {
    "Open": "Carts that are open",
    "Checked out": "Carts that were checked out",
    "Abandoned": "Carts that were abandoned",
    "Units in carts": "Units in open carts",
    "In carts": "What the open carts come to",
    "Revenue": "What the checked-out carts came to, coupons taken off",
    "Discounts": "What coupons took off the checked-out carts",
}


class TotalsBar(QFrame):
    """Three lines of captions and figures, with room for millions: carts; what is in them; what was earned."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._totals: Mapping[str, Sums] | None = None
        self._shapes: dict[str, QLabel] = {}
        self.figures: dict[str, Elided] = {}
        space = self.fontMetrics().height() // 3
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * space, 2 * space, 2 * space, space)
        column.setSpacing(space // 2)
        for captions in LINES:
            column.addLayout(self._line(captions))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._take_theme(look.theme)
        look.changed.connect(self._take_theme)
        looking.answered.connect(self._show)

    def _line(self, captions: Sequence[str]) -> QHBoxLayout:
        line, letter = QHBoxLayout(), self.fontMetrics().averageCharWidth()
        line.setSpacing(letter)
        for caption in captions:
            if caption in CARTS:
                self._shapes[caption] = QLabel(STATUSES[CARTS[caption]].shape, self)
                line.addWidget(self._shapes[caption])
            title = QLabel(caption, self)
            title.setProperty("role", "muted")
            title.setToolTip(ABOUT[caption])
            figure = Elided(self, "heading")
            figure.setFont(tabular(self.font()))
            figure.setAccessibleName(caption)
            figure.say("–")
            self.figures[caption] = figure
            line.addWidget(title)
            line.addWidget(figure)
            line.addSpacing(letter)
        line.addStretch(1)
        return line

    def _show(self, answer: Answer) -> None:
        if answer.totals is self._totals:
            return
        self._totals = answer.totals
        every = Sums()
        for sums in answer.totals.values():
            every = every.plus(sums)
        counts = (every.carts_open, every.carts_checked_out, every.carts_abandoned, every.units_in_carts)
        for caption, count in zip((*CARTS, "Units in carts"), counts, strict=True):
            self.figures[caption].say(f"{count:,}", ABOUT[caption])
        for caption, name in MONEY.items():
            self.figures[caption].say(_amounts(answer.totals, name), ABOUT[caption])

    def _take_theme(self, theme: Theme) -> None:
        for caption, shape in self._shapes.items():
            shape.setStyleSheet(f"color: {theme.kinds[STATUSES[CARTS[caption]].kind]}")


def _amounts(totals: Mapping[str, Sums], name: str) -> str:
    """One amount for each currency that has any; currencies are never added up."""
    amounts = {currency: getattr(sums, name) for currency, sums in totals.items() if currency}
    some = {currency: amount for currency, amount in amounts.items() if amount} or dict(list(amounts.items())[:1])
    return " + ".join(money(amount, currency) for currency, amount in some.items()) or "0"
