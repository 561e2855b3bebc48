"""What is seen of events, carts and totals as JSON: part of the interface, used by the command line and the reports.

Times are ISO 8601 in UTC with microseconds, money whole minor units.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from explorer.domain.event import Event, Json
from explorer.errors import BadInput
from explorer.projections.queries import CartRow, LineRow
from explorer.projections.totals import Sums


def iso(microseconds: int) -> str:
    """`2010-12-07T14:03:22.000000Z`."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06d}Z".rjust(27, "0")


def microseconds(text: str) -> int:
    """The time that ISO 8601 text names; without an offset it is UTC. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{text!r} is neither a position nor a time; write a number, or a time like 2010-12-07T14:03."
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def event_document(event: Event) -> dict[str, Json]:
    """An event as it is read today: upcast."""
    about = event.metadata
    return {
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "id": str(event.id),
        "type": event.type,
        "schema_version": event.schema_version,
        "occurred_at": iso(event.occurred_at),
        "recorded_at": iso(event.recorded_at),
        "data": event.data,
        "metadata": {
            "actor": about.actor,
            "reason": about.reason,
            "correlation_id": str(about.correlation_id) if about.correlation_id else None,
            "causation_id": str(about.causation_id) if about.causation_id else None,
            "origin": about.origin,
        },
    }


def totals_document(totals: Mapping[str, Sums]) -> dict[str, Json]:
    """The shop's totals: carts and units over all currencies, money by currency."""
    every = Sums()
    for sums in totals.values():
        every = every.plus(sums)
    return {
        "carts": {
            "open": every.carts_open,
            "checked_out": every.carts_checked_out,
            "abandoned": every.carts_abandoned,
        },
        "units_in_carts": every.units_in_carts,
        "units_sold": every.units_sold,
        "money": {
            currency: {"in_carts": sums.value_in_carts, "revenue": sums.revenue, "discounts": sums.discounts}
            for currency, sums in totals.items()
            if currency
        },
    }


def cart_document(cart: CartRow, lines: Sequence[LineRow]) -> dict[str, Json]:
    """A cart as the read side knows it: with names, places and times."""
    return {
        "stream": cart.stream,
        "version": cart.version,
        "status": cart.status,
        "customer": cart.customer,
        "location": cart.location,
        "currency": cart.currency,
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "line_total": line.total,
            }
            for line in lines
        ],
        "units": cart.units,
        "subtotal": cart.subtotal,
        "coupon": {"code": cart.coupon, "percent": cart.percent} if cart.coupon else None,
        "discount": cart.discount,
        "total": cart.total,
        "note": cart.note,
        "opened_at": iso(cart.opened_at),
        "last_actor": cart.actor,
        "last_time": iso(cart.time),
    }
