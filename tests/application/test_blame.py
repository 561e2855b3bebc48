"""For every field the event that set it, also where a whole was put in or taken away."""

import pytest

from explorer.application.blame import blame, history_of, steps
from explorer.application.handle import handle
from explorer.application.history import ABSENT, leaves, state_at
from explorer.application.session import Session
from explorer.domain.cart import AddItem, ChangeQuantity, RemoveItem, SetNote
from explorer.errors import Cancelled, Missing
from tests.application.shop import ANN, BOB, note, open_cart, record, stock


@pytest.fixture
def shop(session: Session) -> Session:
    """cart-1: 1 opened, 2 two mugs, 3 a note, 4 nine mugs, 5 a pen, 6 no mugs, 7 a mug."""
    stock(session)
    open_cart(session)
    for about, command in (
        (ANN, SetNote("Ring twice.")),
        (BOB, ChangeQuantity("mug", 9)),
        (ANN, AddItem("pen", 1)),
        (BOB, RemoveItem("mug")),
        (ANN, AddItem("mug", 1)),
    ):
        handle(session, "cart-1", command, about)
    return session


def set_by(session: Session, version: int | None = None) -> dict[str, int]:
    return {one.path: one.record.version for one in blame(session, "cart-1", version)}


def test_every_field_has_the_event_that_set_it(shop: Session) -> None:
    assert set_by(shop, 4) == {
        "status": 1,
        "customer": 1,
        "location": 1,
        "currency": 2,
        "lines[sku=mug].sku": 2,
        "lines[sku=mug].quantity": 4,
        "lines[sku=mug].unit_price": 2,
        "lines[sku=mug].line_total": 4,
        "units": 4,
        "subtotal": 4,
        "total": 4,
        "note": 3,
    }
    now = set_by(shop)
    assert {path: version for path, version in now.items() if path.startswith("lines[sku=mug]")} == {
        f"lines[sku=mug].{name}": 7 for name in ("sku", "quantity", "unit_price", "line_total")
    }
    assert now["lines[sku=pen].quantity"] == 5


def test_the_values_are_those_of_the_state(shop: Session) -> None:
    for version in range(1, 8):
        document = dict(leaves(state_at(shop, "cart-1", version).state))
        for one in blame(shop, "cart-1", version):
            assert document[one.path] == one.value
            assert one.record.version <= version


def test_a_field_has_a_history(shop: Session) -> None:
    history = history_of(shop, "cart-1", "lines[sku=mug].quantity")
    assert [(record.version, value) for record, value in history] == [(2, 2), (4, 9), (6, ABSENT), (7, 1)]
    assert [record.actor for record, _ in history] == ["Ann", "Bob", "Bob", "Ann"]
    assert history_of(shop, "cart-1", "no.such.field") == []


def test_any_stream_can_be_asked(session: Session) -> None:
    record(session, "tap-1", note({"open": False, "at": {"floor": 1}}), note({"open": True, "at": {"floor": 1}}))
    assert {one.path.rpartition(".")[2]: one.record.version for one in blame(session, "tap-1")}["open"] == 2


def test_an_event_that_cannot_be_read_sets_nothing(shop: Session) -> None:
    record(shop, "cart-1", note({"sku": 7}, "ItemAdded"))
    assert set_by(shop) == set_by(shop, 7)
    assert [len(step.changes) for step in steps(shop, "cart-1")][-1] == 0


def test_what_is_not_there_is_said_and_a_long_way_can_be_stopped(shop: Session) -> None:
    for stream, version in (("cart-9", None), ("cart-1", 0), ("cart-1", 8)):
        with pytest.raises(Missing):
            blame(shop, stream, version)

    def stop(done: int, total: int) -> None:
        assert (done, total) == (1, 7)
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        blame(shop, "cart-1", progress=stop)
