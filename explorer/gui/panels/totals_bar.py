"""The shop's totals at the moment, in one line."""

from collections.abc import Mapping

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.application.view import Answer
from explorer.domain.money import formatted
from explorer.gui.looking import Looking
from explorer.gui.theme import Look, tabular
from explorer.projections.totals import Sums

TIPS = {
    "Open": "Carts that are open",
    "Checked out": "Carts that were checked out",
    "Abandoned": "Carts that were abandoned",
    "Units": "Units in open carts",
    "In carts": "What the open carts come to",
    "Revenue": "What the checked-out carts came to, coupons taken off",
    "Discounts": "What coupons took off the checked-out carts",
}


class TotalsBar(QWidget):
    """Captions above, figures below."""

    CAPTIONS = ("Open", "Checked out", "Abandoned", "Units", "In carts", "Revenue", "Discounts")

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        del look  # it draws nothing by itself
        self._shown: Mapping[str, Sums] | None = None
        self.figures: dict[str, QLabel] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        for caption in self.CAPTIONS:
            self.figures[caption] = self._figure(caption, row)
        row.addStretch(1)
        # In a narrow window its end is cut off, rather than the panels beside it.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)
        looking.answered.connect(self._show)

    def _figure(self, caption: str, row: QHBoxLayout) -> QLabel:
        title, figure = QLabel(caption, self), QLabel("–", self)
        figure.setToolTip(TIPS[caption])
        title.setToolTip(TIPS[caption])
        title.setProperty("role", "muted")
        figure.setProperty("role", "heading")
        figure.setFont(tabular(self.font()))
        figure.setAccessibleName(caption)
        holder = QVBoxLayout()
        holder.setSpacing(0)
        holder.addWidget(title)
        holder.addWidget(figure)
        row.addLayout(holder)
        row.addSpacing(8)
        return figure

    def _show(self, answer: Answer) -> None:
        if answer.totals is self._shown:
            return
        self._shown = answer.totals
        every = Sums()
        for sums in answer.totals.values():
            every = every.plus(sums)
        counts = (every.carts_open, every.carts_checked_out, every.carts_abandoned, every.units_in_carts)
        money = ("value_in_carts", "revenue", "discounts")
        texts = [f"{count:,}" for count in counts] + [_money(answer.totals, name) for name in money]
        for caption, text in zip(self.CAPTIONS, texts, strict=True):
            self.figures[caption].setText(text)


def _money(totals: Mapping[str, Sums], name: str) -> str:
    amounts = {currency: formatted(getattr(sums, name), currency) for currency, sums in totals.items() if currency}
    # With one currency, which every cart names, the figure stands by itself.
    if len(amounts) == 1:
        return next(iter(amounts.values()))
    return ", ".join(f"{amount} {currency}" for currency, amount in amounts.items()) or "0"
