"""What lies between the version that a command was decided upon and the one it met: for whoever was too late."""

from typing import NamedTuple

from explorer.application.event_list import EventRow, described
from explorer.application.history import FieldChange, changes, state_at
from explorer.application.session import Session
from explorer.errors import Conflict

MOST = 20
"""Events that are told one by one, the last ones."""


class Between(NamedTuple):
    """What others did to a stream: the events behind version `seen` up to `met`, of which the last are `rows`.

    `changes` are what all of them together did to its state.
    """

    stream: str
    seen: int
    met: int
    rows: tuple[EventRow, ...]
    changes: tuple[FieldChange, ...]
    currency: str = ""


def came_between(session: Session, conflict: Conflict) -> Between:
    """What others did in between, up to what there is now: more may have come since the conflict."""
    stream, seen = conflict.stream, conflict.expected
    before, after = state_at(session, stream, min(seen, conflict.actual)), state_at(session, stream)
    met = after.version
    records = session.store.stream_records(stream, max(seen + 1, met - MOST + 1), met)
    currency = after.state.get("currency")
    return Between(
        stream,
        seen,
        met,
        tuple(described(session, list(records))),
        tuple(changes(before.state, after.state)),
        currency if isinstance(currency, str) else "",
    )
