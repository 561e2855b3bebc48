"""The shop's totals after every event, a row for each currency: "as of P" is one look-up, never a sum over carts.

Carts without an item have no currency yet; they count under the empty one.
"""

from collections.abc import Sequence
from operator import add, sub
from typing import Any, NamedTuple

from explorer.domain.cart import Cart, Status
from explorer.projections.projection import Change, insertion


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


NOTHING = Sums()
_UNITS, _VALUE = (Sums._fields.index(name) for name in ("units_in_carts", "value_in_carts"))


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
            return NOTHING


class Totals:
    name = "totals"
    version = 3
    tables = (
        "CREATE TABLE totals (currency TEXT NOT NULL, since INTEGER NOT NULL, "
        + ", ".join(f"{name} INTEGER NOT NULL" for name in Sums._fields)
        + ", PRIMARY KEY (currency, since)) STRICT, WITHOUT ROWID",
    )
    _insert = insertion("totals", ("currency", "since", *Sums._fields))
    _latest = f"SELECT {', '.join(Sums._fields)} FROM totals WHERE currency = ? ORDER BY since DESC LIMIT 1"

    def __init__(self) -> None:
        self._sums: dict[str, list[int]] = {}

    def apply(self, changes: Sequence[Change], cursor: Any) -> None:
        rows: list[tuple[Any, ...]] = []
        for change in changes:
            after = change.after
            if not isinstance(after, Cart):
                continue
            before: Cart = change.before
            old, new, position = before.currency, after.currency, change.position
            if old == new and before.status is after.status is Status.OPEN:
                # Most events: only what is in the cart has changed.
                is_full_price = before.coupon is None and after.coupon is None
                value = after.subtotal - before.subtotal if is_full_price else after.total - before.total
                units = after.units - before.units
                if units or value:
                    sums = self._of(new, cursor)
                    sums[_UNITS] += units
                    sums[_VALUE] += value
                    rows.append((new, position, *sums))
            elif old == new:
                changed = share(after).minus(share(before))
                if changed != NOTHING:
                    rows.append(self._add(new, changed, position, cursor))
            else:
                rows.append(self._add(old, NOTHING.minus(share(before)), position, cursor))
                rows.append(self._add(new, share(after), position, cursor))
        cursor.executemany(self._insert, rows)

    def _add(self, currency: str, changed: Sums, position: int, cursor: Any) -> tuple[Any, ...]:
        sums = self._of(currency, cursor)
        sums[:] = map(add, sums, changed)
        return (currency, position, *sums)

    def _of(self, currency: str, cursor: Any) -> list[int]:
        sums = self._sums.get(currency)
        if sums is None:
            row = cursor.execute(self._latest, (currency,)).fetchone()
            sums = self._sums[currency] = [*(row or NOTHING)]
        return sums

    def forget(self) -> None:
        self._sums.clear()
