"""What if: the branch is what the stream would be, and the rules say what could not have followed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.application.demo import fill
from explorer.application.handle import handle
from explorer.application.history import state_at
from explorer.application.repair import carry_out
from explorer.application.session import Session
from explorer.application.what_if import ChangeField, Edit, Insert, LeaveOut, Move, plan_what_if, what_if
from explorer.domain.cart import AddItem, ApplyCoupon, ChangeQuantity, CheckOut, RemoveItem, SetNote
from explorer.domain.cart_events import ItemAdded
from explorer.domain.catalogue import RepriceProduct
from explorer.domain.event import Json, Metadata, NewEvent
from explorer.errors import BadInput, Missing, Refused
from tests.application.shop import ANN, BOB, SECOND, Clock, happened, open_cart, opened, record, stock


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Session]:
    """cart-1: 1 opened, 2 two mugs, 3 three pens, 4 nine mugs, 5 no pens, 6 a note."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        for about, command in (
            (ANN, AddItem("pen", 3)),
            (BOB, ChangeQuantity("mug", 9)),
            (ANN, RemoveItem("pen")),
            (ANN, SetNote("Ring twice.")),
        ):
            handle(session, "cart-1", command, about)
        session.catch_up()
        yield session


def test_without_an_edit_nothing_differs(shop: Session) -> None:
    branch = what_if(shop, "cart-1", [])
    assert (branch.changes, branch.refused, branch.version) == ((), (), 6)
    assert branch.state == branch.real == state_at(shop, "cart-1").state


def test_what_rests_on_an_event_that_is_left_out_would_have_been_refused(shop: Session) -> None:
    branch = what_if(shop, "cart-1", [LeaveOut(2)])
    assert [(one.version, one.actor) for one in branch.refused] == [(4, "Bob")]
    assert "mug is not in this cart" in branch.refused[0].rule
    assert branch.state["lines"] == []
    assert branch.state["note"] == "Ring twice."
    assert state_at(shop, "cart-1").state["units"] == 9, "nothing was stored"
    assert shop.store.version_of("cart-1") == 6


def test_leaving_out_the_last_event_is_the_state_before_it(shop: Session) -> None:
    assert what_if(shop, "cart-1", [LeaveOut(6)]).state == state_at(shop, "cart-1", 5).state


def test_a_field_may_have_been_another(shop: Session) -> None:
    branch = what_if(shop, "cart-1", [ChangeField(4, "quantity", 4)])
    assert {change.path: (change.before, change.after) for change in branch.changes}["units"] == (9, 4)
    assert not branch.refused


def test_an_event_may_have_happened_besides(shop: Session) -> None:
    branch = what_if(shop, "cart-1", [Insert(5, "ItemRemoved", {"sku": "mug", "quantity": 9})])
    assert branch.state["lines"] == []
    after_it = what_if(shop, "cart-1", [Insert(3, "ItemRemoved", {"sku": "mug", "quantity": 2})])
    assert [one.version for one in after_it.refused] == [4]


def test_events_may_have_come_in_another_order(shop: Session) -> None:
    branch = what_if(shop, "cart-1", [Move(5, 2)])
    assert [one.version for one in branch.refused] == [5], "there was no pen yet"
    assert branch.state["units"] == 12
    assert what_if(shop, "cart-1", [Move(6, 1)]).changes == ()


def test_what_is_left_out_stays_out_though_it_was_changed_too(shop: Session) -> None:
    out = what_if(shop, "cart-1", [LeaveOut(4)])
    for edits in ([LeaveOut(4), ChangeField(4, "quantity", 3)], [ChangeField(4, "quantity", 3), LeaveOut(4)]):
        assert what_if(shop, "cart-1", edits).state == out.state


def test_a_command_that_would_have_met_something_else_causes_something_else(shop: Session) -> None:
    handle(shop, "cart-1", AddItem("pen", 1), BOB)
    pens = {line["sku"]: line for line in what_if(shop, "cart-1", [LeaveOut(5)]).state["lines"]}  # type: ignore[index,union-attr]
    assert pens["pen"]["quantity"] == 4, "who adds one to three has four"  # type: ignore[index,call-overload]
    more: dict[str, Json] = {"sku": "mug", "quantity": 5, "unit_price": 399, "currency": "GBP"}
    assert what_if(shop, "cart-1", [Insert(7, "ItemAdded", more)]).state["units"] == 15


def test_what_really_happened_against_the_rules_is_left_as_it_was(shop: Session) -> None:
    happened(shop, "cart-1", ItemAdded("mug", 1, 399, "GBP"))
    assert state_at(shop, "cart-1").state["units"] == 1, "an importer put it in a second time"
    assert what_if(shop, "cart-1", [LeaveOut(6)]).state["units"] == 1


def test_the_rules_see_the_time_and_the_other_streams_as_they_were_then(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as session:
        stock(session)
        open_cart(session)
        handle(session, "cart-1", ApplyCoupon("TEN"), ANN)
        clock.time += 3 * 86_400 * SECOND
        handle(session, "product-pen", RepriceProduct(99), BOB)
        handle(session, "cart-1", SetNote("late"), ANN)
        coupon: dict[str, Json] = {"code": "TEN", "percent": 10}
        assert not what_if(session, "cart-1", [LeaveOut(2)]).refused, "the coupon was valid then"
        late = what_if(session, "cart-1", [LeaveOut(3), Insert(4, "CouponApplied", coupon)])
        assert len(late.refused) == 1, "and is no longer"


def test_what_an_event_says_of_before_is_what_was_before_in_the_branch(shop: Session) -> None:
    handle(shop, "cart-1", SetNote("Ring thrice."), ANN)
    branch = what_if(shop, "cart-1", [LeaveOut(6)])
    assert branch.state["note"] == "Ring thrice."
    assert not branch.refused


def test_what_the_rules_refused_even_where_it_happened_is_not_held_against_it(shop: Session) -> None:
    happened(shop, "cart-1", ItemAdded("unlisted", 1, 5, "GBP"))
    branch = what_if(shop, "cart-1", [LeaveOut(6)])
    assert not branch.refused
    assert [line["sku"] for line in branch.state["lines"]] == ["mug", "unlisted"]  # type: ignore[index,union-attr]


def test_a_stream_without_rules_is_merged_anew(shop: Session) -> None:
    about = Metadata("ann")
    record(shop, "thing-1", NewEvent("Seen", {"colour": "red"}, about), NewEvent("Seen", {"colour": "blue"}, about))
    branch = what_if(shop, "thing-1", [LeaveOut(2), Insert(1, "Weighed", {"grams": 3})])
    assert not branch.has_rules
    assert branch.state["fields"] == {"colour": "red", "grams": 3}
    assert what_if(shop, "thing-1", [ChangeField(2, "colour", "green")]).state["fields"] == {"colour": "green"}


def test_an_event_that_cannot_be_read_changes_nothing_and_is_named(shop: Session) -> None:
    record(shop, "cart-1", NewEvent("Unheard", {}, Metadata("ann")))
    branch = what_if(shop, "cart-1", [LeaveOut(6)])
    assert branch.unreadable == (7,)
    with pytest.raises(BadInput, match="cannot be read"):
        what_if(shop, "cart-1", [ChangeField(7, "x", 1)])


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (LeaveOut(99), "there is no version 99"),
        (Move(2, 99), "there is no version 99"),
        (Insert(1, "Nonsense", {}), "knows no event 'Nonsense'"),
        (Insert(1, "ItemRemoved", {"sku": "mug"}), "That is no ItemRemoved"),
        (Insert(1, "ItemRemoved", {"sku": "mug", "quantity": 1, "colour": "red"}), "has no field 'colour'"),
        (ChangeField(4, "colour", "red"), "have no field 'colour'"),
        (ChangeField(4, "quantity", "many"), "That is no ItemQuantityChanged"),
    ],
)
def test_an_edit_that_makes_no_event_is_refused_in_words(shop: Session, edit: Edit, sentence: str) -> None:
    with pytest.raises((BadInput, Missing), match=sentence):
        what_if(shop, "cart-1", [edit])


def test_the_branch_may_be_made_true_by_new_events(shop: Session) -> None:
    plan = plan_what_if(shop, "cart-1", [ChangeField(4, "quantity", 4)])
    assert plan.repaired.version == 4
    (event,) = carry_out(shop, plan, "Ann", "nine were too many")
    assert (event.type, event.data["quantity"]) == ("ItemQuantityChanged", 4)
    assert state_at(shop, "cart-1").state["units"] == 4
    with pytest.raises(BadInput, match="Nothing is edited yet"):
        plan_what_if(shop, "cart-1", [])
    handle(shop, "cart-1", CheckOut(), ANN)
    with pytest.raises(Refused, match="checked out"):
        plan_what_if(shop, "cart-1", [LeaveOut(2)])


def test_the_rules_know_what_other_streams_were_at_that_time(shop: Session) -> None:
    handle(shop, "cart-1", ApplyCoupon("TEN"), ANN)
    branch = what_if(shop, "cart-1", [LeaveOut(6)])
    assert not branch.refused, "the coupon held then"


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    path = tmp_path_factory.mktemp("demo") / "shop.events"
    fill(path, 600, 3, cache=path.parent / "cache")
    with Session(path, cache=path.parent / "cache") as session:
        session.catch_up()
        yield session


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_of_any_history_moving_nothing_and_dropping_the_last_are_what_they_are(
    week: Session, data: st.DataObject
) -> None:
    stream = data.draw(st.sampled_from(week.store.streams(limit=1_000)))
    latest = week.store.version_of(stream)
    version = data.draw(st.integers(1, latest))
    same = what_if(week, stream, [Move(version, version - 1)])
    assert (same.changes, same.refused) == ((), ())
    assert what_if(week, stream, [LeaveOut(latest)]).state == state_at(week, stream, latest - 1).state
