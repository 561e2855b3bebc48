"""Who was too late sees what the others did, event by event and as a whole."""

from pathlib import Path

import pytest

from explorer.application.conflict import MOST, came_between
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import ChangeQuantity, SetNote
from explorer.errors import Conflict
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock


def late(session: Session, seen: int) -> Conflict:
    """The conflict of a command that was decided upon version `seen`."""
    with pytest.raises(Conflict) as told:
        handle(session, "cart-1", SetNote("mine"), ANN, expected_version=seen)
    return told.value


def test_what_others_did_is_told_event_by_event_and_as_a_whole(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        handle(session, "cart-1", ChangeQuantity("mug", 3), BOB)
        handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
        session.catch_up()
        between = came_between(session, late(session, 2))
    assert (between.stream, between.seen, between.met) == ("cart-1", 2, 4)
    assert [(row.version, row.actor) for row in between.rows] == [(3, "Bob"), (4, "Bob")]
    quantity = next(change for change in between.changes if change.path.endswith(".quantity"))
    assert (quantity.before, quantity.after) == (2, 9), "what both did together"


def test_of_many_events_the_last_are_told(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        for quantity in range(3, 3 + MOST + 5):
            handle(session, "cart-1", ChangeQuantity("mug", quantity), BOB)
        between = came_between(session, late(session, 2))
    assert len(between.rows) == MOST
    assert between.rows[-1].version == between.met
