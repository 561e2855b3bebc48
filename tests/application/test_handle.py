"""Commands become events: decided upon what was read, appended under the version that was read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from explorer.application import handle as handling
from explorer.application.handle import Desk, handle, new_event
from explorer.application.outside import Outside, new_id
from explorer.application.session import Session
from explorer.domain.cart import (
    AddItem,
    ApplyCoupon,
    CartOpened,
    ChangeQuantity,
    CheckOut,
    ItemAdded,
    ItemQuantityChanged,
    OpenCart,
    RemoveItem,
    SetNote,
)
from explorer.domain.catalogue import ListProduct, RepriceProduct
from explorer.domain.event import Event, Metadata
from explorer.errors import Conflict, Refused
from tests.application.shop import ANN, BOB, NOW, SECOND, Clock, note, open_cart, record, stock


@pytest.fixture
def shop(session: Session) -> Session:
    stock(session)
    open_cart(session)
    return session


@pytest.fixture
def other(shop: Session, open_session: Callable[[], Session]) -> Session:
    """Somebody else at the same store."""
    return open_session()


@dataclass(slots=True)
class Interruption:
    """A clock whose look at the time, which lies between reading and appending, lets somebody else be quicker."""

    deeds: Iterator[Callable[[], object]]
    looks: int = 0

    def __call__(self) -> int:
        self.looks += 1
        next(self.deeds, lambda: None)()
        return NOW


def interrupted(session: Session, *deeds: Callable[[], object]) -> Interruption:
    clock = Interruption(iter(deeds))
    session.world = Outside(clock, new_id)
    return clock


def size(session: Session) -> int:
    return session.store.head().size


def types(events: list[Event]) -> list[str]:
    return [event.type for event in events]


# One command.


def test_a_command_becomes_a_recorded_event_that_says_who_when_and_why(shop: Session, clock: Clock) -> None:
    clock.time += SECOND
    about = Metadata("Bob", "she rang", new_id(), new_id(), "window")
    (event,) = handle(shop, "cart-1", ChangeQuantity("mug", 5), about)
    assert event.data == {"sku": "mug", "previous_quantity": 2, "quantity": 5}
    assert (event.stream, event.version, event.position) == ("cart-1", 3, 7)
    assert (event.type, event.metadata) == ("ItemQuantityChanged", about)
    assert event.occurred_at == event.recorded_at == NOW + SECOND
    assert shop.store.read_all(6) == [event]


def test_a_command_that_changes_nothing_appends_nothing(shop: Session) -> None:
    before = size(shop)
    assert handle(shop, "cart-1", ChangeQuantity("mug", 2), ANN) == []
    assert size(shop) == before


@pytest.mark.parametrize(
    ("stream", "command", "field"),
    [
        ("cart-1", AddItem("ghost", 1), "sku"),
        ("cart-1", ApplyCoupon("NONE"), "coupon"),
        ("cart-2", CheckOut(), ""),
        ("creditnote-1", CheckOut(), ""),
    ],
    ids=["unknown product", "unknown coupon", "no such cart", "no rules"],
)
def test_a_refused_command_appends_nothing(shop: Session, stream: str, command: object, field: str) -> None:
    before = size(shop)
    with pytest.raises(Refused) as refusal:
        handle(shop, stream, command, ANN)
    assert refusal.value.field == field
    assert size(shop) == before


def test_a_decision_knows_the_catalogue_as_it_is_now(shop: Session) -> None:
    (applied,) = handle(shop, "cart-1", ApplyCoupon("TEN"), ANN)
    assert applied.data == {"code": "TEN", "percent": 10}


def test_a_coupon_has_expired_by_the_session_s_clock(shop: Session, clock: Clock) -> None:
    clock.time += 86_400 * SECOND
    with pytest.raises(Refused, match="Coupon TEN has expired"):
        handle(shop, "cart-1", ApplyCoupon("TEN"), ANN)


def test_an_event_is_stored_under_the_schema_version_of_its_type() -> None:
    assert new_event(ItemAdded("mug", 2, 399, "GBP"), ANN).schema_version == 2
    assert new_event(CartOpened("Ann", ""), ANN, NOW).occurred_at == NOW


# Two at once.


def test_without_an_expected_version_a_command_is_decided_anew_upon_what_somebody_else_did(
    shop: Session, other: Session
) -> None:
    clock = interrupted(shop, lambda: handle(other, "cart-1", AddItem("mug", 3), BOB))
    (event,) = handle(shop, "cart-1", AddItem("mug", 1), ANN)
    assert event.data == {"sku": "mug", "previous_quantity": 5, "quantity": 6}
    assert event.version == 4
    assert clock.looks == 2


def test_what_somebody_else_did_may_break_the_rules_for_it(shop: Session, other: Session) -> None:
    interrupted(shop, lambda: handle(other, "cart-1", CheckOut(), BOB))
    with pytest.raises(Refused, match="checked out"):
        handle(shop, "cart-1", AddItem("mug", 1), ANN)
    assert shop.store.version_of("cart-1") == 3


def test_what_somebody_else_did_may_leave_nothing_to_do(shop: Session, other: Session) -> None:
    interrupted(shop, lambda: handle(other, "cart-1", SetNote("Ring twice."), BOB))
    assert handle(shop, "cart-1", SetNote("Ring twice."), ANN) == []


def test_it_gives_up_when_somebody_else_is_always_quicker(shop: Session, other: Session) -> None:
    quicker = [lambda: handle(other, "cart-1", AddItem("pen", 1), BOB)] * handling.RETRIES
    clock = interrupted(shop, *quicker)
    with pytest.raises(Conflict) as conflict:
        handle(shop, "cart-1", AddItem("mug", 1), ANN)
    assert (conflict.value.expected, conflict.value.actual) == (5, 6)
    assert clock.looks == handling.RETRIES


def test_with_the_right_expected_version_a_command_is_carried_out(shop: Session) -> None:
    assert types(handle(shop, "cart-1", CheckOut(), ANN, expected_version=2)) == ["CartCheckedOut"]


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_with_another_expected_version_it_is_a_conflict_that_has_both_numbers(shop: Session, expected: int) -> None:
    before = size(shop)
    with pytest.raises(Conflict) as conflict:
        handle(shop, "cart-1", CheckOut(), ANN, expected_version=expected)
    assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == ("cart-1", expected, 2)
    assert size(shop) == before


def test_with_an_expected_version_it_is_not_tried_again(shop: Session, other: Session) -> None:
    clock = interrupted(shop, lambda: handle(other, "cart-1", AddItem("pen", 1), BOB))
    with pytest.raises(Conflict) as conflict:
        handle(shop, "cart-1", CheckOut(), ANN, expected_version=2)
    assert (conflict.value.expected, conflict.value.actual) == (2, 3)
    assert clock.looks == 1
    assert shop.store.version_of("cart-1") == 3


# What the session remembers.


@pytest.mark.parametrize("versions", [None, 3])
def test_a_remembered_state_that_is_old_refuses_nothing(shop: Session, other: Session, versions: int | None) -> None:
    handle(other, "cart-1", RemoveItem("mug"), BOB)
    with pytest.raises(Refused, match="empty cart"):
        handle(shop, "cart-1", CheckOut(), ANN, expected_version=versions)
    handle(other, "cart-1", AddItem("pen", 1), BOB)
    wanted = None if versions is None else 4
    assert types(handle(shop, "cart-1", CheckOut(), ANN, expected_version=wanted)) == ["CartCheckedOut"]


def test_a_remembered_state_that_is_old_hides_no_change(shop: Session, other: Session) -> None:
    handle(other, "cart-1", ChangeQuantity("mug", 5), BOB)
    (event,) = handle(shop, "cart-1", ChangeQuantity("mug", 2), ANN)
    assert event.data == {"sku": "mug", "previous_quantity": 5, "quantity": 2}


def test_the_price_is_that_of_the_moment_of_the_append(shop: Session, other: Session) -> None:
    handle(shop, "cart-1", AddItem("pen", 1), ANN)
    open_cart(shop, "cart-2", mugs=0)
    handle(other, "product-pen", RepriceProduct(30), BOB)
    (event,) = handle(shop, "cart-2", AddItem("pen", 1), ANN)
    assert event.data["unit_price"] == 30
    interrupted(shop, lambda: handle(other, "product-pen", RepriceProduct(40), BOB))
    (event,) = handle(shop, "cart-2", ApplyCoupon("TEN"), ANN)
    assert event.version == 3
    open_cart(shop, "cart-3", mugs=0)
    interrupted(shop, lambda: handle(other, "product-pen", RepriceProduct(50), BOB))
    (event,) = handle(shop, "cart-3", AddItem("pen", 1), ANN, expected_version=1)
    assert event.data["unit_price"] == 50


def test_what_a_pending_decision_needed_is_not_looked_up_behind_its_back(shop: Session, other: Session) -> None:
    handle(shop, "cart-1", AddItem("pen", 1), ANN)
    open_cart(shop, "cart-2", mugs=0)
    handle(other, "product-pen", RepriceProduct(30), BOB)
    desk = Desk(shop)
    desk.decide("cart-2", AddItem("pen", 1), ANN)
    with pytest.raises(Refused):
        desk.decide("cart-3", CheckOut(), ANN)
    with pytest.raises(Conflict) as conflict:
        desk.append()
    assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == ("product-pen", 1, 2)
    (added,) = desk.decide("cart-2", AddItem("pen", 1), ANN)
    assert added == ItemAdded("pen", 1, 30, "GBP")


def test_a_refusal_that_rests_on_what_is_pending_is_a_conflict_where_that_is_old(shop: Session, other: Session) -> None:
    handle(shop, "cart-1", AddItem("mug", 1), ANN)
    handle(other, "cart-1", AddItem("pen", 1), BOB)
    desk = Desk(shop)
    desk.decide("cart-1", AddItem("mug", 1), ANN)
    with pytest.raises(Conflict) as conflict:
        desk.decide("cart-1", RemoveItem("pen"), ANN)
    assert (conflict.value.expected, conflict.value.actual) == (3, 4)


def test_a_state_is_the_same_remembered_as_read(shop: Session, open_session: Callable[[], Session]) -> None:
    for number in range(1, 8):
        handle(shop, "cart-1", AddItem("mug", number), ANN)
        handle(open_session(), "cart-1", AddItem("mug", number), ANN)
    (event,) = handle(shop, "cart-1", RemoveItem("mug"), ANN)
    assert event.data == {"sku": "mug", "quantity": 2 + 2 * 28}


def test_a_session_that_has_met_many_streams_begins_anew(shop: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.application.session.REMEMBERED", 3)
    for number in range(5, 12):
        open_cart(shop, f"cart-{number}")
    assert types(handle(shop, "cart-5", CheckOut(), ANN)) == ["CartCheckedOut"]
    assert shop.remembered("cart-6") is None


# Several commands on one desk.


def test_a_desk_decides_each_command_upon_what_it_decided_before(shop: Session) -> None:
    desk, before = Desk(shop), size(shop)
    desk.decide("product-cup", ListProduct("cup", "Cup", 250, "GBP"), ANN)
    desk.decide("cart-2", OpenCart("Bob", "York"), ANN)
    assert list(desk.decide("cart-2", AddItem("cup", 1), ANN)) == [ItemAdded("cup", 1, 250, "GBP")]
    assert list(desk.decide("cart-2", AddItem("cup", 2), ANN)) == [ItemQuantityChanged("cup", 1, 3)]
    assert size(shop) == before
    recorded = desk.append()
    assert types(recorded) == ["ProductListed", "CartOpened", "ItemAdded", "ItemQuantityChanged"]
    assert [event.version for event in recorded] == [1, 1, 2, 3]
    assert shop.store.read_all(before) == recorded


def test_streams_that_take_turns_are_recorded_in_the_order_of_the_decisions(shop: Session) -> None:
    desk = Desk(shop)
    for stream, command in (
        ("cart-2", OpenCart("Bob", "York")),
        ("cart-1", AddItem("pen", 1)),
        ("cart-2", AddItem("pen", 1)),
        ("cart-1", CheckOut()),
        ("cart-2", CheckOut()),
    ):
        desk.decide(stream, command, ANN)
    recorded = [(event.position, event.stream, event.version) for event in desk.append()]
    assert recorded == [(7, "cart-2", 1), (8, "cart-1", 3), (9, "cart-2", 2), (10, "cart-1", 4), (11, "cart-2", 3)]


def test_a_desk_goes_on_after_it_has_appended(shop: Session) -> None:
    desk = Desk(shop)
    desk.decide("cart-1", AddItem("pen", 1), ANN)
    desk.append()
    assert desk.append() == []
    desk.decide("cart-1", CheckOut(), ANN)
    assert [event.version for event in desk.append()] == [4]


def test_a_desk_says_when_each_thing_happened(shop: Session) -> None:
    desk = Desk(shop)
    desk.decide("cart-1", AddItem("pen", 1), ANN, occurred_at=NOW - SECOND)
    (event,) = desk.append()
    assert (event.occurred_at, event.recorded_at) == (NOW - SECOND, NOW)


def test_a_desk_judges_by_the_time_at_which_it_happened(shop: Session) -> None:
    with pytest.raises(Refused, match="expired"):
        Desk(shop).decide("cart-1", ApplyCoupon("TEN"), ANN, occurred_at=NOW + 86_400 * SECOND)


def test_several_carts_are_appended_all_or_nothing(shop: Session, other: Session) -> None:
    open_cart(shop, "cart-2")
    before, desk = size(shop), Desk(shop)
    for cart in ("cart-1", "cart-2"):
        desk.decide(cart, CheckOut(), ANN)
    handle(other, "cart-2", AddItem("pen", 1), BOB)
    with pytest.raises(Conflict) as conflict:
        desk.append()
    assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == ("cart-2", 2, 3)
    assert size(shop) == before + 1


def test_after_a_conflict_a_desk_looks_again(shop: Session, other: Session) -> None:
    desk = Desk(shop)
    desk.decide("cart-1", CheckOut(), ANN)
    handle(other, "cart-1", AddItem("mug", 3), BOB)
    with pytest.raises(Conflict):
        desk.append()
    assert desk.append() == []
    desk.decide("cart-1", AddItem("mug", 1), ANN)
    (event,) = desk.append()
    assert (event.version, event.data["previous_quantity"]) == (4, 5)


@pytest.mark.parametrize("bad", [CheckOut(), AddItem("ghost", 1)], ids=["status", "product"])
def test_a_refused_command_adds_nothing_to_the_desk(shop: Session, bad: object) -> None:
    desk = Desk(shop)
    desk.decide("cart-1", RemoveItem("mug"), ANN)
    with pytest.raises(Refused):
        desk.decide("cart-1", bad, ANN)
    desk.decide("cart-1", AddItem("pen", 1), ANN)
    assert types(desk.append()) == ["ItemRemoved", "ItemAdded"]


def test_a_desk_counts_its_own_events_towards_the_expected_version(shop: Session) -> None:
    desk = Desk(shop)
    desk.decide("cart-1", AddItem("pen", 1), ANN, expected_version=2)
    with pytest.raises(Conflict) as conflict:
        desk.decide("cart-1", CheckOut(), ANN, expected_version=2)
    assert (conflict.value.expected, conflict.value.actual) == (2, 3)
    desk.decide("cart-1", CheckOut(), ANN, expected_version=3)
    assert [event.version for event in desk.append()] == [3, 4]


def test_a_desk_that_forgets_reads_again(shop: Session, other: Session) -> None:
    desk = Desk(shop)
    desk.decide("cart-1", SetNote(""), ANN)
    handle(other, "cart-1", AddItem("mug", 3), BOB)
    desk.forget()
    (change,) = desk.decide("cart-1", AddItem("mug", 1), ANN)
    assert change == ItemQuantityChanged("mug", 5, 6)


def test_an_event_that_cannot_be_read_does_not_stop_the_next_command(shop: Session) -> None:
    record(shop, "cart-1", note({"what": "of a newer program"}))
    (event,) = handle(shop, "cart-1", AddItem("mug", 1), ANN)
    assert (event.version, event.data) == (4, {"sku": "mug", "previous_quantity": 2, "quantity": 3})
