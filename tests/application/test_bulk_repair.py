"""Bulk repair: looked at first, all or nothing, one piece of work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.application.bulk_repair import carry_out_bulk, command_names, plan_bulk
from explorer.application.handle import handle
from explorer.application.privacy import erase, protect
from explorer.application.session import Session
from explorer.domain.cart import CheckOut, OpenCart, SetNote
from explorer.domain.catalogue import RepriceProduct
from explorer.errors import BadInput, Conflict, Refused
from explorer.language.parser import NotUnderstood
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock

WRONG = "lines[sku=mug].unit_price == 3"
FIELDS = {"line": "mug"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Session]:
    """Mugs cost 3 instead of 399 while cart-1 to cart-3 are filled; cart-3 is checked out, cart-4 is right."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        handle(session, "product-mug", RepriceProduct(3), BOB)
        for number in (1, 2, 3):
            open_cart(session, f"cart-{number}")
        handle(session, "cart-3", CheckOut(), ANN)
        handle(session, "product-mug", RepriceProduct(399), ANN)
        open_cart(session, "cart-4")
        session.catch_up()
        yield session


def test_every_stream_of_which_the_condition_holds_is_looked_at_first(shop: Session) -> None:
    head = shop.store.head().size
    plan = plan_bulk(shop, WRONG, "Reprice", {**FIELDS})
    assert {one.stream: bool(one.refused) for one in plan.plans} == {"cart-1": False, "cart-2": False, "cart-3": True}
    assert (plan.events, plan.streams, plan.refusals, plan.looked_at) == (2, 2, 1, 4)
    assert "checked out" in next(one.refused for one in plan.plans if one.refused)
    assert shop.store.head().size == head, "nothing was appended"


def test_it_is_carried_out_as_one_piece_of_work(shop: Session) -> None:
    plan = plan_bulk(shop, f'{WRONG} and status == "open"', "Reprice", {**FIELDS})
    events = carry_out_bulk(shop, plan, "Ann", "the price list was wrong", "test")
    assert sorted(event.stream for event in events) == ["cart-1", "cart-2"]
    assert {event.type for event in events} == {"ItemRepriced"}
    assert len({event.metadata.correlation_id for event in events}) == 1
    assert {event.metadata.reason for event in events} == {"the price list was wrong"}
    assert not plan_bulk(shop, f'{WRONG} and status == "open"', "Reprice", {**FIELDS}).plans


def test_each_event_names_what_it_repairs(shop: Session) -> None:
    plan = plan_bulk(shop, f'{WRONG} and status == "open"', "Reprice", {**FIELDS})
    events = carry_out_bulk(shop, plan, "Ann", "the price list was wrong", "test")
    for event in events:
        (added,) = shop.store.read_stream(event.stream, 2, 2)
        assert (added.type, event.metadata.causation_id) == ("ItemAdded", added.id)


@pytest.mark.parametrize("condition", ['event.actor != "Bob"', "unit_price < was.unit_price / 2", "not was.units > 3"])
def test_what_came_before_means_nothing_there(shop: Session, condition: str) -> None:
    with pytest.raises(BadInput, match="as they are now"):
        plan_bulk(shop, condition, "RepriceProduct", {"unit_price": 5}, "product")


@pytest.mark.parametrize("condition", ["totl != 5", "not unit > 3", 'status == "open" and lins[*].quantity > 3'])
def test_a_name_that_no_state_has_repairs_nothing(shop: Session, condition: str) -> None:
    with pytest.raises(BadInput, match="No state has a field"):
        plan_bulk(shop, condition, "Reprice", {**FIELDS})


def test_somebody_erased_is_refused_in_the_dry_run_already(shop: Session) -> None:
    protect(shop, ANN)
    for stream, customer in (("cart-5", "Grace"), ("cart-6", "Alan")):
        handle(shop, stream, OpenCart(customer, "Leeds"), ANN)
    erase(shop, ANN, subject="Grace")
    plan = plan_bulk(shop, "units == 0", "SetNote", {"note": "call back"})
    assert {one.stream: bool(one.refused) for one in plan.plans} == {"cart-5": True, "cart-6": False}
    (event,) = carry_out_bulk(shop, plan, "Ann", "a campaign", skip_refused=True)
    assert event.stream == "cart-6"


def test_refused_streams_stop_it_unless_they_are_left_out(shop: Session) -> None:
    plan = plan_bulk(shop, WRONG, "Reprice", {**FIELDS})
    head = shop.store.head().size
    with pytest.raises(Refused, match="1 of 3 streams are refused, the first cart-3"):
        carry_out_bulk(shop, plan, "Ann", "wrong")
    assert shop.store.head().size == head
    assert len(carry_out_bulk(shop, plan, "Ann", "wrong", skip_refused=True)) == 2


def test_a_stream_that_has_moved_on_stops_all(shop: Session) -> None:
    plan = plan_bulk(shop, f'{WRONG} and status == "open"', "Reprice", {**FIELDS})
    handle(shop, "cart-2", SetNote("wait"), BOB)
    head = shop.store.head().size
    with pytest.raises(Conflict):
        carry_out_bulk(shop, plan, "Ann", "wrong")
    assert shop.store.head().size == head, "all or nothing"


def test_a_price_that_was_changed_meanwhile_is_a_conflict_too(shop: Session) -> None:
    plan = plan_bulk(shop, f'{WRONG} and status == "open"', "Reprice", {**FIELDS})
    handle(shop, "product-mug", RepriceProduct(500), BOB)
    with pytest.raises(Conflict):
        carry_out_bulk(shop, plan, "Ann", "wrong")


def test_it_needs_a_reason(shop: Session) -> None:
    with pytest.raises(BadInput, match="needs a reason"):
        carry_out_bulk(shop, plan_bulk(shop, WRONG, "Reprice", {**FIELDS}), "Ann", " ")


@pytest.mark.parametrize(
    ("command", "fields", "category", "sentence"),
    [
        ("Explode", {}, "cart", "knows no command 'Explode'. It knows: OpenCart"),
        ("Reprice", {}, "cart", "These fields make no Reprice"),
        ("Reprice", {"line": "mug", "colour": 1}, "cart", "has no field 'colour'"),
        ("Reprice", FIELDS, "thing", "Nobody has written rules"),
    ],
)
def test_what_makes_no_plan_is_told(
    shop: Session, command: str, fields: dict[str, str], category: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        plan_bulk(shop, WRONG, command, {**fields}, category)


def test_a_condition_that_is_not_understood_is_told(shop: Session) -> None:
    with pytest.raises(NotUnderstood):
        plan_bulk(shop, "lines[", "Reprice", {**FIELDS})


def test_the_commands_of_a_category_have_names(shop: Session) -> None:
    assert "Reprice" in command_names(shop, "cart")
    assert command_names(shop, "thing") == []
