"""A repair that has grown old is planned anew, and who changed what meanwhile is told."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from explorer.application.handle import handle
from explorer.application.history import state_at
from explorer.application.repair import carry_out, plan_restore, plan_undo
from explorer.application.replanning import plan_again
from explorer.application.session import Session
from explorer.application.what_if import ChangeField, plan_what_if
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, Reprice, SetNote
from explorer.domain.catalogue import RepriceProduct
from explorer.errors import Conflict
from tests.application.shop import BOB, Clock, open_cart, opened, stock


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Session]:
    """cart-1: 1 opened, 2 two mugs, 3 nine mugs."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
        session.catch_up()
        yield session


def test_an_old_plan_is_made_anew_upon_what_others_did(shop: Session) -> None:
    planner = partial(plan_restore, stream="cart-1", version=2)
    old = planner(shop)
    handle(shop, "cart-1", AddItem("pen", 3), BOB)
    with pytest.raises(Conflict):
        carry_out(shop, old, "Ann", "a typing error")
    again = plan_again(shop, old, planner)
    assert again.between is not None
    assert [(row.version, row.actor, row.type) for row in again.between.rows] == [(4, "Bob", "ItemAdded")]
    assert again.plan is not None
    assert [type(event).__name__ for event in again.plan.events] == ["ItemRemoved", "ItemQuantityChanged"]
    carry_out(shop, again.plan, "Ann", "a typing error")
    assert state_at(shop, "cart-1").state == state_at(shop, "cart-1", 2).state


def test_what_others_have_done_already_is_needless(shop: Session) -> None:
    planner = partial(plan_restore, stream="cart-1", version=2)
    old = planner(shop)
    handle(shop, "cart-1", ChangeQuantity("mug", 2), BOB)
    again = plan_again(shop, old, planner)
    assert again.is_needless
    assert not again.refused


def test_a_rule_that_refuses_it_by_now_is_told(shop: Session) -> None:
    planner = partial(plan_undo, stream="cart-1", version=3)
    old = planner(shop)
    handle(shop, "cart-1", CheckOut(), BOB)
    again = plan_again(shop, old, planner)
    assert again.plan is None
    assert not again.is_needless
    assert "checked out" in again.refused
    assert again.between is not None
    assert again.between.rows[-1].type == "CartCheckedOut"


def test_a_what_if_is_planned_anew_too(shop: Session) -> None:
    planner = partial(plan_what_if, stream="cart-1", edits=[ChangeField(3, "quantity", 4)])
    old = planner(shop)
    handle(shop, "cart-1", SetNote("Ring twice."), BOB)
    again = plan_again(shop, old, planner)
    assert again.plan is not None
    carry_out(shop, again.plan, "Ann", "miscounted")
    state = state_at(shop, "cart-1").state
    assert (state["units"], state["note"]) == (4, "Ring twice.")


def test_what_is_appended_is_what_was_shown(shop: Session) -> None:
    """The stream is where it was, but its product costs something else than when the repair was planned."""
    handle(shop, "product-mug", RepriceProduct(500), BOB)
    handle(shop, "cart-1", Reprice("mug"), BOB)
    handle(shop, "cart-1", ChangeQuantity("mug", 8), BOB)
    handle(shop, "product-mug", RepriceProduct(399), BOB)
    planner = partial(plan_undo, stream="cart-1", version=4)
    old = planner(shop)
    handle(shop, "product-mug", RepriceProduct(450), BOB)
    head = shop.store.head().size
    with pytest.raises(Conflict, match="depends on"):
        carry_out(shop, old, "Ann", "too dear")
    assert shop.store.head().size == head
    again = plan_again(shop, old, planner)
    assert again.between is None, "nobody has changed the cart"
    assert "today's price" in again.refused
