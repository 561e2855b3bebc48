"""What has come behind a position is counted as the list would show it."""

from pathlib import Path

import pytest

from explorer.application.event_list import EventFilter
from explorer.application.following import MOST, fresh
from explorer.application.handle import handle
from explorer.domain.cart import ChangeQuantity, SetNote
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock


@pytest.mark.parametrize(
    ("wanted", "since", "expected"),
    [
        (EventFilter(), None, 0),
        (EventFilter(), 6, 2),
        (EventFilter(), 8, 0),
        (EventFilter(actor="Bob"), 6, 1),
        (EventFilter(stream="cart-1"), 4, 4),
        (EventFilter(type="NoteChanged"), 0, 1),
    ],
)
def test_only_what_passes_is_new(tmp_path: Path, wanted: EventFilter, since: int | None, expected: int) -> None:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
        handle(session, "cart-1", SetNote("Ring twice."), ANN)
        session.catch_up()
        assert fresh(session, wanted, since, 8) == expected


def test_nobody_counts_for_ever(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        assert fresh(session, EventFilter(), 0, 10_000_000) == MOST
