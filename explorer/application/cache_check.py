"""Whether the read side says what the events say: every cart, its lines, the snapshots, and the shop's totals."""

from collections.abc import Callable, Sequence
from typing import Any

from explorer.application.faults import Faults
from explorer.application.history import changes
from explorer.application.session import Session
from explorer.domain.cart import Cart
from explorer.domain.decider import AnyDecider
from explorer.domain.event import Json
from explorer.errors import Cancelled, KnownError
from explorer.projections import cart_queries, queries
from explorer.projections.states import folded, snapshots_of
from explorer.projections.totals import Sums, share
from explorer.store.codec import Record

PERSONAL = frozenset({"customer", "location", "note"})
"""Fields whose values are not told: what was found is kept, and would outlive an erasure."""


class CacheCheck:
    """Is told every stream's states as folded from its events alone, and compares them with the cache.

    `moments` are the positions, in order, at which the totals are compared; the carts are compared at the last.
    """

    def __init__(self, session: Session, moments: Sequence[int]) -> None:
        self._session, self.moments = session, moments
        self.faults = Faults("cache", "What the program shows is what the events add up to")
        self.carts = 0
        self._is_broken = False
        self._stream = ""
        self._snapshots: frozenset[int] = frozenset()
        self._sums: dict[int, dict[str, Sums]] = {moment: {} for moment in moments}

    def snapshot(self, decider: AnyDecider, record: Record, state: Any) -> None:
        """Compares the state after `record` with the snapshot that later states are folded from, if there is one."""
        if record.stream != self._stream:
            self._stream = record.stream
            self._ask(self._find_snapshots)
        if record.version in self._snapshots:
            self._ask(lambda: self._compare_snapshot(decider, record, state))

    def moment(self, moment: int, state: Any, first: Record | None, last: Record | None) -> None:
        """Takes a stream's state as of one of the moments, and the first and last event that lead to it."""
        if not isinstance(state, Cart) or first is None or last is None:
            return
        cart, began, reached = state, first, last
        sums = self._sums[moment]
        sums[cart.currency] = sums.get(cart.currency, Sums()).plus(share(cart))
        if moment == self.moments[-1]:
            self.carts += 1
            self._ask(lambda: self._compare_cart(moment, cart, began, reached))

    def finish(self, check: Callable[[], None]) -> None:
        """Compares what is known only when every stream has been told; `check` may raise Cancelled meanwhile."""
        self._ask(self._compare_totals)
        self._ask(self._compare_number)
        self._ask(lambda: self._check_file(check))
        self._ask(self._check_reached)

    def _ask(self, compare: Callable[[], None]) -> None:
        """Whatever ails the cache is a fault of the cache, not of the log; it is told once."""
        if self._is_broken:
            return
        try:
            compare()
        except Cancelled:
            raise
        except KnownError as error:
            self._is_broken = True
            self.faults.add(f"The read side cannot be asked ({error})")

    def _find_snapshots(self) -> None:
        self._snapshots = frozenset()
        with self._session.asking() as connection:
            self._snapshots = frozenset(snapshots_of(connection.connection.cursor(), self._stream))

    def _compare_snapshot(self, decider: AnyDecider, record: Record, state: Any) -> None:
        with self._session.asking() as connection:
            cursor = connection.connection.cursor()
            kept = folded(self._session.store, cursor, decider, record.stream, record.version)
        if kept != state:
            self.faults.add(f"The snapshot of {record.stream} at version {record.version:,} differs", record.position)

    def _compare_cart(self, moment: int, state: Cart, first: Record, last: Record) -> None:
        decider = self._session.decider(last.stream)
        expected: dict[str, Json] = {
            **decider.document(state),
            "stream": last.stream,
            "version": last.version,
            "since": last.position,
            "actor": last.actor,
            "time": last.occurred_at,
            "opened_at": first.occurred_at,
        }
        found = self._cached_cart(last.stream, moment)
        if found is None:
            self.faults.add(f"{last.stream} is missing in the read side", last.position)
            return
        # The order of lines is no field; in an undamaged log it follows from that of the events.
        for field, by_events, shown in changes(expected, found)[:1]:
            words = f"{last.stream} has {field} {by_events!r} by its events, but {shown!r} is shown"
            if field in PERSONAL:
                words = f"{last.stream} has another {field} by its events than is shown"
            self.faults.add(words, last.position)

    def _cached_cart(self, stream: str, as_of: int) -> dict[str, Json] | None:
        """A cart of the cache in the shape of the decider's document."""
        with self._session.asking() as connection:
            cart = cart_queries.cart(connection, stream, as_of)
            lines = cart_queries.cart_lines(connection, stream, as_of)
        if cart is None:
            return None
        return {
            "stream": cart.stream,
            "status": cart.status,
            "customer": cart.customer,
            "location": cart.location,
            "currency": cart.currency,
            "lines": [_line(line) for line in lines],
            "units": cart.units,
            "subtotal": cart.subtotal,
            "coupon": None if cart.coupon is cart.percent is None else {"code": cart.coupon, "percent": cart.percent},
            "discount": cart.discount,
            "total": cart.total,
            "note": cart.note,
            "version": cart.version,
            "since": cart.since,
            "actor": cart.actor,
            "time": cart.time,
            "opened_at": cart.opened_at,
        }

    def _check_reached(self) -> None:
        """A cache that somebody threw away meanwhile is not wrong everywhere, but empty."""
        with self._session.asking() as connection:
            reached = queries.checkpoint(connection)
        if reached < self.moments[-1]:
            self.faults = Faults(self.faults.name, self.faults.claim)
            self.faults.add(f"The read side answers up to event {reached:,} only, not up to event {self.moments[-1]:,}")

    def _check_file(self, check: Callable[[], None]) -> None:
        """A question may be answered from an index alone, another from the table: they must say the same."""
        if fault := self._session.cache.fault(check):
            self.faults.add(f"The file of the read side is damaged ({fault})")

    def _compare_totals(self) -> None:
        for moment in self.moments:
            with self._session.asking() as connection:
                found = queries.totals(connection, moment)
            expected = self._sums[moment]
            for currency in sorted({*found, *expected}):
                by_events, shown = expected.get(currency, Sums()), found.get(currency, Sums())
                for name, one, other in zip(Sums._fields, by_events, shown, strict=True):
                    if one != other:
                        words = f"{name} in {currency or 'no currency'} as of event {moment:,}"
                        self.faults.add(f"{words} is {one:,} by the events, but {other:,} is shown")

    def _compare_number(self) -> None:
        """Carts that are shown without an event."""
        as_of, before, shown = self.moments[-1], None, 0
        while True:
            with self._session.asking() as connection:
                page = cart_queries.carts(connection, as_of, before=before, limit=1_000)
            if not page:
                break
            before, shown = page[-1].since, shown + len(page)
        if shown != self.carts:
            self.faults.add(f"{shown:,} carts are shown, but the events tell of {self.carts:,}")


def _line(line: cart_queries.LineRow) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "line_total": line.total,
    }
    return entry if line.line == line.sku else {**entry, "line": line.line}
