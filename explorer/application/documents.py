"""What is seen of events, carts and totals as JSON: part of the interface, used by the command line and the reports.

Times are ISO 8601 in UTC with microseconds, money whole minor units.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from explorer.domain.event import Event, Json
from explorer.errors import BadInput, Damaged
from explorer.projections.cart_queries import CartRow, LineRow
from explorer.projections.totals import Sums
from explorer.store.codec import Codec, Record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def iso(microseconds: int) -> str:
    """`2010-12-07T14:03:22.000000Z`."""
    # Not fromtimestamp: some systems know no time before 1970, and strftime writes the year 1 with one digit.
    return (_EPOCH + microseconds * _MICROSECOND).isoformat(timespec="microseconds").replace("+00:00", "Z")


def microseconds(text: str) -> int:
    """The time that ISO 8601 text names; without an offset it is UTC. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"{text!r} is neither a position nor a time; write a number, or a time like 2010-12-07T14:03."
        ) from error
    return (moment - _EPOCH) // _MICROSECOND


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


def record_document(record: Record, codec: Codec) -> dict[str, Json]:
    """An event as `event_document`; of one that cannot be read what is known beside its data, and why."""
    try:
        return event_document(codec.event(record))
    except Damaged as error:
        return {
            "position": record.position,
            "stream": record.stream,
            "version": record.version,
            "type": record.type,
            "unreadable": str(error),
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
