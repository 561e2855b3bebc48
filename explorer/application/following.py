"""How many events have come that a list, which rests elsewhere, does not show yet."""

from collections.abc import Callable
from itertools import islice

from explorer.application.event_list import go_on, matching
from explorer.application.filtering import EventFilter
from explorer.application.session import Session

MOST = 1_000
"""So many are counted; more are more than anybody wants to know exactly."""


def fresh(
    session: Session, wanted: EventFilter, since: int | None, head: int, check: Callable[[], None] = go_on
) -> int:
    """The number of events behind `since` up to `head` that pass, MOST at most; none without a `since`."""
    if since is None or since >= head:
        return 0
    if wanted.is_empty:
        return min(MOST, head - since)
    return sum(1 for _ in islice(matching(session, wanted, since, head, check), MOST))
