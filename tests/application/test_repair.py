"""A repair is planned, looked at, and carried out by the rules: what it leads to is what was wanted."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.handle import handle
from explorer.application.history import state_at
from explorer.application.repair import carry_out, plan_restore, plan_undo
from explorer.application.session import Session
from explorer.application.verification import verify_store
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, RemoveItem, Reprice, SetNote
from explorer.domain.catalogue import RepriceProduct
from explorer.errors import BadInput, Conflict, Missing, Refused
from tests.application.shop import ANN, BOB, open_cart, stock
from tests.projections.shopping import CARTS, Shopper, steps
from tests.projections.test_runner import open_session


@pytest.fixture
def shop(session: Session) -> Session:
    """cart-1: opened, 2 mugs, a note, 9 mugs, a pen."""
    stock(session)
    open_cart(session)
    for command in (SetNote("Ring twice."), ChangeQuantity("mug", 9), AddItem("pen", 1)):
        handle(session, "cart-1", command, ANN)
    return session


def test_a_cart_is_restored_by_new_events_that_say_what_they_repair(shop: Session) -> None:
    plan = plan_restore(shop, "cart-1", 3)
    assert [type(event).__name__ for event in plan.events] == ["ItemRemoved", "ItemQuantityChanged"]
    assert plan.left == ()
    assert shop.store.version_of("cart-1") == 5, "a plan changes nothing"
    done = carry_out(shop, plan, "Bob", "a typing error", "test")
    assert state_at(shop, "cart-1").state == state_at(shop, "cart-1", 3).state
    assert [event.version for event in done] == [6, 7]
    third = next(shop.store.read_stream("cart-1", 3, 3))
    for event in done:
        about = event.metadata
        assert (about.actor, about.reason, about.origin, about.causation_id) == (
            "Bob",
            "a typing error",
            "test",
            third.id,
        )
    assert len({event.metadata.correlation_id for event in done}) == 1
    assert verify_store(shop).ok


def test_what_cannot_be_brought_back_is_told(shop: Session) -> None:
    handle(shop, "product-pen", RepriceProduct(30), BOB)
    wanted = state_at(shop, "cart-1").state
    carry_out(shop, plan_restore(shop, "cart-1", 3), "Bob", "not wanted")
    plan = plan_restore(shop, "cart-1", 5)
    assert {change.path: (change.before, change.after) for change in plan.left}["lines[sku=pen].unit_price"] == (30, 25)
    carry_out(shop, plan, "Bob", "wanted after all")
    lines = state_at(shop, "cart-1").state["lines"]
    assert isinstance(lines, list)
    assert lines != wanted["lines"]


def test_a_line_s_price_is_brought_back_where_it_is_today_s(shop: Session) -> None:
    handle(shop, "product-mug", RepriceProduct(299), BOB)
    handle(shop, "cart-1", Reprice("mug"), ANN)
    with pytest.raises(Refused, match=r"leads there: lines\[sku=mug\].unit_price, lines.*line_total, subtotal, total"):
        plan_restore(shop, "cart-1", 5)
    with pytest.raises(Refused, match="today's price"):
        plan_undo(shop, "cart-1", 6)
    handle(shop, "product-mug", RepriceProduct(399), BOB)
    plan = plan_restore(shop, "cart-1", 5)
    assert (len(plan.events), plan.left) == (1, ())
    assert plan_undo(shop, "cart-1", 6).events == plan.events
    carry_out(shop, plan, "Bob", "the price was wrong")
    assert state_at(shop, "cart-1").state == state_at(shop, "cart-1", 5).state


def test_a_product_that_is_put_in_again_at_another_price_says_so(shop: Session) -> None:
    handle(shop, "cart-1", RemoveItem("pen"), ANN)
    assert plan_undo(shop, "cart-1", 6).left == ()
    handle(shop, "product-pen", RepriceProduct(30), BOB)
    plan = plan_undo(shop, "cart-1", 6)
    assert [(change.path, change.before, change.after) for change in plan.left][:1] == [
        ("lines[sku=pen].unit_price", 30, 25)
    ]


def test_an_event_is_undone_and_the_undoing_too(shop: Session) -> None:
    undone = carry_out(shop, plan_undo(shop, "cart-1", 4), "Bob", "nine were too many")
    assert [(event.type, event.data["quantity"]) for event in undone] == [("ItemQuantityChanged", 2)]
    again = carry_out(shop, plan_undo(shop, "cart-1", 6), "Ann", "they were not")
    assert again[0].data["quantity"] == 9
    assert again[0].metadata.causation_id == undone[0].id


def test_what_was_done_already_has_nothing_to_do(shop: Session) -> None:
    plan = plan_restore(shop, "cart-1", 5)
    assert (plan.commands, plan.changes, plan.left) == ((), (), ())
    assert carry_out(shop, plan, "Bob", "to be sure") == []


def test_a_plan_that_has_grown_old_is_a_conflict(shop: Session) -> None:
    plan = plan_restore(shop, "cart-1", 3)
    handle(shop, "cart-1", SetNote("Meanwhile"), ANN)
    with pytest.raises(Conflict):
        carry_out(shop, plan, "Bob", "a typing error")
    assert shop.store.version_of("cart-1") == 6


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_repair_says_why(shop: Session, reason: str) -> None:
    with pytest.raises(BadInput, match="reason"):
        carry_out(shop, plan_restore(shop, "cart-1", 3), "Bob", reason)
    assert shop.store.version_of("cart-1") == 5


def test_the_rules_hold_for_repairs_too(shop: Session) -> None:
    handle(shop, "cart-1", CheckOut(), ANN)
    with pytest.raises(Refused, match="checked out"):
        plan_restore(shop, "cart-1", 3)
    with pytest.raises(Refused, match="checked out"):
        plan_undo(shop, "cart-1", 3)


def test_what_is_not_there_is_said(shop: Session) -> None:
    for stream, version in (("cart-9", 1), ("cart-1", 0), ("cart-1", 6)):
        with pytest.raises(Missing):
            plan_undo(shop, stream, version)
    with pytest.raises(Refused, match="Nobody has said"):
        plan_undo(shop, "coupon-TEN", 1)


@settings(max_examples=15, deadline=None)
@given(st.lists(steps, min_size=5, max_size=40), st.data())
def test_whatever_happened_a_restored_cart_is_what_it_was_but_for_what_is_told(
    history: list[object], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder, open_session(Path(folder)) as session:
        shopper = Shopper(session)
        for step in history:
            shopper.step(step)
        stream = data.draw(st.sampled_from(CARTS))
        latest = session.store.version_of(stream)
        if not latest:
            return
        version = data.draw(st.integers(1, latest))
        wanted = state_at(session, stream, version).state
        try:
            plan = plan_restore(session, stream, version)
        except Refused:
            return
        carry_out(session, plan, "Bob", "as it was")
        state = state_at(session, stream).state
        differs = {change.path for change in plan.left}
        for name, value in wanted.items():
            assert state[name] == value or any(path.startswith(name) for path in differs) or name == "lines"
        assert verify_store(session).ok
