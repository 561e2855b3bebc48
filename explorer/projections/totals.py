"""The shop's totals after every event, a row for each currency: "as of P" is one look-up, never a sum over carts.

Carts without an item have no currency yet; they count under the empty one.
"""

from operator import add, sub
from typing import Any, NamedTuple

from explorer.domain.cart import Cart, Status
from explorer.projections.projection import FOREVER, Change, Versioned


class Sums(NamedTuple):
    """Counts of carts and units; money in minor units. `revenue` is net of `discounts`."""

    carts_open: int = 0
    carts_checked_out: int = 0
    carts_abandoned: int = 0
    units_in_carts: int = 0
    value_in_carts: int = 0
    units_sold: int = 0
    revenue: int = 0
    discounts: int = 0

    def plus(self, other: "Sums") -> "Sums":
        return Sums._make(map(add, self, other))

    def minus(self, other: "Sums") -> "Sums":
        return Sums._make(map(sub, self, other))


def share(cart: Cart) -> Sums:
    """What one cart adds to the totals of its currency."""
    match cart.status:
        case Status.OPEN:
            return Sums(carts_open=1, units_in_carts=cart.units, value_in_carts=cart.total)
        case Status.CHECKED_OUT:
            return Sums(carts_checked_out=1, units_sold=cart.units, revenue=cart.total, discounts=cart.discount)
        case Status.ABANDONED:
            return Sums(carts_abandoned=1)
        case Status.NEW:
            return Sums()


class Totals:
    name = "totals"
    version = 1
    tables = (
        "CREATE TABLE totals (currency TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, "
        + ", ".join(f"{name} INTEGER NOT NULL" for name in Sums._fields)
        + ", PRIMARY KEY (currency, since)) STRICT, WITHOUT ROWID",
    )

    def __init__(self) -> None:
        self._rows = Versioned("totals", ("currency",), Sums._fields)
        self._sums: dict[str, Sums | None] = {}

    def apply(self, change: Change, cursor: Any) -> None:
        if not isinstance(change.after, Cart):
            return
        before, after = share(change.before), share(change.after)
        old, new = change.before.currency, change.after.currency
        if old == new:
            if before != after:
                self._add(new, after.minus(before), change.record.position, cursor)
        else:
            self._add(old, Sums().minus(before), change.record.position, cursor)
            self._add(new, after, change.record.position, cursor)

    def _add(self, currency: str, delta: Sums, position: int, cursor: Any) -> None:
        if currency not in self._sums:
            row = cursor.execute(
                f"SELECT {', '.join(Sums._fields)} FROM totals WHERE currency = ? AND until = {FOREVER}", (currency,)
            ).fetchone()
            self._sums[currency] = Sums(*row) if row else None
        held = self._sums[currency]
        self._sums[currency] = sums = (held or Sums()).plus(delta)
        self._rows.put((currency,), position, sums, replaces=held is not None)

    def flush(self, cursor: Any) -> None:
        self._rows.flush(cursor)

    def forget(self) -> None:
        self._rows.forget()
        self._sums.clear()
