"""Which later event has set again what one set, whatever was undone and done again in between."""

import pytest

from explorer.application.handle import handle
from explorer.application.repair import carry_out, plan_restore, plan_undo
from explorer.application.session import Session
from explorer.application.since import set_since
from explorer.domain.cart import AddItem, ChangeQuantity, RemoveItem, SetNote
from explorer.errors import Refused
from tests.application.shop import ANN, BOB, open_cart, stock


@pytest.fixture
def shop(session: Session) -> Session:
    """cart-1: opened, two mugs."""
    stock(session)
    open_cart(session)
    return session


def later(session: Session, version: int) -> int | None:
    (record,) = session.store.stream_records("cart-1", version, version)
    found = set_since(session, record)
    return found.version if found is not None else None


def undo(session: Session, version: int) -> None:
    carry_out(session, plan_undo(session, "cart-1", version), "Ann", "a test")


def test_the_same_value_again_is_another_event_s(shop: Session) -> None:
    handle(shop, "cart-1", RemoveItem("mug"), BOB)
    handle(shop, "cart-1", AddItem("mug", 2), BOB)
    assert later(shop, 2) == 4
    with pytest.raises(Refused, match=r"Version 4 \(ItemAdded, Bob\) has set the same again since: undo that first"):
        plan_undo(shop, "cart-1", 2)
    assert later(shop, 4) is None
    undo(shop, 4)


def test_what_is_about_something_else_sets_nothing_again(shop: Session) -> None:
    for command in (AddItem("pen", 1), SetNote("Ring twice."), ChangeQuantity("pen", 3)):
        handle(shop, "cart-1", command, BOB)
    assert [later(shop, version) for version in (2, 3, 4, 5)] == [None, 5, None, None]


def test_what_was_undone_counts_no_more_and_what_was_done_again_is_the_same(shop: Session) -> None:
    handle(shop, "cart-1", ChangeQuantity("mug", 9), ANN)
    handle(shop, "cart-1", ChangeQuantity("mug", 2), BOB)
    assert later(shop, 3) == 4
    undo(shop, 4)
    assert later(shop, 3) is None, "nine, as it left it"
    undo(shop, 3)
    undo(shop, 6)
    assert later(shop, 3) is None, "undone and done again"
    handle(shop, "cart-1", ChangeQuantity("mug", 5), BOB)
    assert later(shop, 3) == 8


def test_a_restored_value_is_the_restoring_s(shop: Session) -> None:
    handle(shop, "cart-1", ChangeQuantity("mug", 9), ANN)
    handle(shop, "cart-1", ChangeQuantity("mug", 4), BOB)
    carry_out(shop, plan_restore(shop, "cart-1", 3), "Bob", "nine after all")
    assert later(shop, 3) == 5
