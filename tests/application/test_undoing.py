"""Undo and redo append: an edit is taken back by the rules, as a whole, and what others did is not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.application.bulk_repair import carry_out_bulk, plan_bulk
from explorer.application.handle import handle
from explorer.application.history import state_at
from explorer.application.repair import carry_out, plan_restore
from explorer.application.session import Session
from explorer.application.undoing import Edit, Work, deed_of, edit_of, settle, take_back
from explorer.domain.cart import AddItem, ChangeQuantity, SetNote
from explorer.errors import Refused
from tests.application.shop import ANN, BOB, Clock, note, open_cart, opened, record, stock


@pytest.fixture
def shop(session: Session) -> Session:
    """cart-1: opened, 2 mugs."""
    stock(session)
    open_cart(session)
    return session


def do(session: Session, command: object) -> Edit:
    return edit_of(handle(session, "cart-1", command, ANN))


def quantity(session: Session) -> object:
    return state_at(session, "cart-1").state["units"]


def repair(session: Session, version: int) -> Edit:
    return edit_of(carry_out(session, plan_restore(session, "cart-1", version), "Ann", "a repair"))


def test_an_edit_is_undone_by_an_event_that_says_what_it_undid(shop: Session) -> None:
    edit = do(shop, ChangeQuantity("mug", 9))
    came = take_back(shop, edit, "Bob")
    assert quantity(shop) == 2
    assert came.first == came.last == shop.store.head().size
    undone, event = shop.store.read_stream("cart-1", 3, 4)
    assert event.metadata.actor == "Bob"
    assert event.metadata.reason == "Undone: item quantity changed mug: 2 → 9"
    assert event.metadata.causation_id == undone.id
    again = take_back(shop, came.edit, "Ann", again=True)
    assert quantity(shop) == 9
    (event,) = shop.store.read_stream("cart-1", 5, 5)
    assert event.metadata.reason == "Redone: item quantity changed mug: 2 → 9"
    assert again.edit.words == came.edit.words


def test_what_may_be_personal_is_not_repeated_in_a_reason(shop: Session) -> None:
    take_back(shop, do(shop, SetNote("Ring at Grace Hopper's.")), "Ann")
    (event,) = shop.store.read_stream("cart-1", 4, 4)
    assert event.metadata.reason == "Undone: note changed"


def test_a_repair_is_undone_as_a_whole_and_done_again(shop: Session) -> None:
    for command in (ChangeQuantity("mug", 9), AddItem("pen", 1)):
        do(shop, command)
    edit = repair(shop, 2)
    assert (edit.first, edit.last) == (5, 6)
    came = take_back(shop, edit, "Ann")
    assert state_at(shop, "cart-1").state == state_at(shop, "cart-1", 4).state
    assert came.edit.words.endswith(", and 1 more")
    take_back(shop, came.edit, "Ann", again=True)
    assert state_at(shop, "cart-1").state == state_at(shop, "cart-1", 2).state


def test_a_repair_is_not_undone_over_what_another_did_since(shop: Session) -> None:
    for command in (ChangeQuantity("mug", 9), AddItem("pen", 1)):
        do(shop, command)
    edit = repair(shop, 2)
    handle(shop, "cart-1", AddItem("vase", 1), BOB)
    with pytest.raises(Refused, match="has changed since these 2 events"):
        take_back(shop, edit, "Ann")
    assert shop.store.version_of("cart-1") == 7


def test_a_repair_is_undone_when_what_came_since_was_undone(shop: Session) -> None:
    for command in (ChangeQuantity("mug", 9), AddItem("pen", 1)):
        do(shop, command)
    first = repair(shop, 2)
    stack: list[Edit | Work] = [first]
    later = do(shop, AddItem("vase", 1))
    settle(stack, later, take_back(shop, later, "Ann").edit)
    assert stack == [first._replace(at=8)]
    take_back(shop, stack[0], "Ann")
    assert quantity(shop) == 10


def test_what_is_as_it_was_is_not_undone(shop: Session) -> None:
    for command in (ChangeQuantity("mug", 9), AddItem("pen", 1)):
        do(shop, command)
    edit = repair(shop, 2)
    last = do(shop, ChangeQuantity("mug", 9))
    last = do(shop, AddItem("pen", 1))
    with pytest.raises(Refused, match="nothing to undo"):
        take_back(shop, edit._replace(at=last.at), "Ann")


def test_a_change_of_the_same_since_is_refused_with_the_rule(shop: Session) -> None:
    edit = do(shop, ChangeQuantity("mug", 9))
    handle(shop, "cart-1", ChangeQuantity("mug", 4), BOB)
    with pytest.raises(Refused, match="changed again since"):
        take_back(shop, edit, "Ann")


def test_a_stream_that_nobody_has_rules_for_is_refused(shop: Session) -> None:
    (event,) = record(shop, "diary-1", note({"text": "Dear diary"}))
    with pytest.raises(Refused):
        take_back(shop, edit_of([event]), "Ann")


def test_what_changed_several_streams_is_taken_back_and_done_again_as_a_whole(shop: Session) -> None:
    open_cart(shop, "cart-2")
    plan = plan_bulk(shop, "units == 2", "SetNote", {"note": "call back"})
    deed = deed_of(carry_out_bulk(shop, plan, "Ann", "a campaign"))
    assert isinstance(deed, Work)
    assert deed.words == "2 events in 2 streams"
    came = take_back(shop, deed, "Ann")
    notes = [state_at(shop, name).state["note"] for name in ("cart-1", "cart-2")]
    assert notes == ["", ""]
    head = shop.store.head().size
    events = [shop.store.codec.event(one) for one in shop.store.records(head - 2)]
    assert {event.metadata.reason for event in events} == {"Undone: 2 events in 2 streams"}
    assert len({event.metadata.correlation_id for event in events}) == 1
    with pytest.raises(Refused, match="taken back already"):
        take_back(shop, deed, "Ann")
    take_back(shop, came.edit, "Ann", again=True)
    assert [state_at(shop, name).state["note"] for name in ("cart-1", "cart-2")] == ["call back", "call back"]


def test_of_what_changed_several_streams_all_is_taken_back_or_nothing(shop: Session) -> None:
    open_cart(shop, "cart-2")
    plan = plan_bulk(shop, "units == 2", "SetNote", {"note": "call back"})
    deed = deed_of(carry_out_bulk(shop, plan, "Ann", "a campaign"))
    handle(shop, "cart-2", SetNote("mine"), BOB)
    head = shop.store.head().size
    with pytest.raises(Refused, match="of 2 events in 2 streams 1 cannot be taken back, the first in cart-2: The note"):
        take_back(shop, deed, "Ann")
    assert shop.store.head().size == head


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.data())
def test_any_walk_along_the_edits_leads_to_what_was_there(
    tmp_path_factory: pytest.TempPathFactory, quantities: list[int], data: st.DataObject
) -> None:
    with opened(tmp_path_factory.mktemp("walk"), Clock()) as session:
        stock(session)
        open_cart(session)
        stood, edits, undone = [2], list[Edit | Work](), list[Edit | Work]()
        for number in quantities:
            if number != stood[-1]:
                edits.append(do(session, ChangeQuantity("mug", number)))
                stood.append(number)
        for again in data.draw(st.lists(st.booleans(), max_size=8)):
            source, target = (undone, edits) if again else (edits, undone)
            if source:
                edit = source.pop()
                came = take_back(session, edit, "Ann", again=again)
                settle(source, edit, came.edit)
                target.append(came.edit)
            assert quantity(session) == stood[len(edits)]
