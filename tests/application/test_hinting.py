"""What is said of a condition to whoever writes it: amounts of money, and fields that no state has."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.bulk_repair import plan_bulk
from explorer.application.conditions import StateCondition
from explorer.application.finding import Where
from explorer.application.hinting import States, amount_hint, doubts, money_hint, states_of, understood
from explorer.application.rules import set_rule
from explorer.application.session import Session
from explorer.domain.money import formatted
from explorer.language.syntax import NotUnderstood
from tests.application.shop import ANN, Clock, note, open_cart, opened, record, stock

CART = frozenset({"status", "currency", "lines", "units", "discount", "total"})
SHOP = States({"cart": CART, "rule": frozenset({"name"}), "": frozenset({"fields", "events"})}, currencies=("GBP",))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with opened(tmp_path, Clock()) as made:
        stock(made)
        open_cart(made)
        record(made, "tap-1", note({"amount": 3, "total": 7}))
        made.catch_up()
        yield made


def hint(text: str, states: States = SHOP) -> str:
    return money_hint(StateCondition.parse(text).condition, states)


def doubted(text: str, states: States = SHOP) -> list[str]:
    return [one.words for one in doubts(StateCondition.parse(text).condition, states)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("total > 500", "total > 500 is more than 5.00 GBP"),
        ("500 < total", "total > 500 is more than 5.00 GBP"),
        ("total <= 1000 and units > 3", "total <= 1000 is at most 10.00 GBP"),
        ("was.total >= 500", "was.total >= 500 is at least 5.00 GBP"),
        ("lines[*].unit_price == 3", "lines[*].unit_price == 3 is exactly 0.03 GBP"),
        ("lines[sku=22423].line_total < 250000", "lines[sku=22423].line_total < 250000 is less than 2,500.00 GBP"),
        ("not (discount in (5, 10))", "discount == 5 is exactly 0.05 GBP; discount == 10 is exactly 0.10 GBP"),
        ("total - discount > 500", "total - discount > 500 is more than 5.00 GBP"),
        ("total / 2 != 500", "total / 2 != 500 is not 5.00 GBP"),
        ("event.data.previous_unit_price < 3", "event.data.previous_unit_price < 3 is less than 0.03 GBP"),
        ("event.data.unit_price > 500", "event.data.unit_price > 500 is more than 5.00 GBP"),
    ],
)
def test_amounts_are_said_in_their_currency(text: str, said: str) -> None:
    assert hint(text) == f"Money in minor units: {said}"


@pytest.mark.parametrize(
    "text",
    [
        "units > 500", "lines[*].quantity > 500", "total > was.total", "total / was.total > 2", "count(lines) > 5",
        "fields.total > 500", 'total ~ "5*"', 'status == "open"', "total", "event.data.quantity > 3",
    ],
)  # fmt: skip
def test_of_what_is_no_amount_nothing_is_said(text: str) -> None:
    assert hint(text) == ""


def test_each_currency_has_its_digits_and_many_are_not_all_listed() -> None:
    assert hint("total > 500", SHOP._replace(currencies=("GBP", "JPY", "KWD"))) == (
        "Money in minor units: total > 500 is more than 5.00 GBP or 500 JPY or 0.500 KWD"
    )
    assert hint("total > 500", SHOP._replace(currencies=())) == "Money in minor units: total > 500 is more than 5.00"
    assert hint("total in (1, 2, 3, 4, 5)").endswith("exactly 0.03 GBP (and 2 more)")
    assert hint("total > 500", States()) == ""


def test_the_value_of_a_field_is_said() -> None:
    assert amount_hint("unit_price", 500, "GBP") == "Money in minor units: 500 is 5.00 GBP"
    assert amount_hint("previous_unit_price", 500, "JPY") == "Money in minor units: 500 is 500 JPY"
    assert [amount_hint(*one) for one in (("quantity", 5, "GBP"), ("total", 5, ""), ("total", True, "GBP"))] == [""] * 3


@given(st.integers(-(10**9), 10**9))
def test_any_whole_amount_is_said_as_a_state_shows_it(amount: int) -> None:
    assert hint(f"total > {amount}").endswith(f" is more than {formatted(amount, 'GBP')} GBP")


@pytest.mark.parametrize(
    ("text", "wrong", "reason"),
    [
        ("total > 5.00", "5.00", "write 500 for 5.00."),
        ("units > 1 and 0.5 < lines[*].unit_price", "0.5", "write 50 for 0.5."),
        ("total > 5.005", "5.005", "write a whole number, such as 500 for 5.00."),
    ],
)
def test_an_amount_with_decimals_is_marked_and_refused(text: str, wrong: str, reason: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        understood(text, SHOP)
    assert str(caught.value) == f"Money is in minor units: {reason}"
    assert text[caught.value.start : caught.value.end] == wrong
    assert caught.value.text == text


@pytest.mark.parametrize(
    "text", ["total > 500", "total > was.total * 1.5", "units > 1.5", "fields.total > 5.5", "total / units > was.total"]
)
def test_other_numbers_may_have_decimals(text: str) -> None:
    assert understood(text, SHOP).text == text


def test_a_name_that_no_state_has_is_doubted_where_it_stands() -> None:
    text = "units > 3 and was.totl > 500"
    (one,) = doubts(StateCondition.parse(text).condition, SHOP)
    assert one.words == "No state has a field totl: is it total?"
    assert text[one.start : one.end] == "was.totl"
    assert doubted("totl > 1 and totl < 5") == ["No state has a field totl: is it total?"]
    assert doubted("zzz > 1") == [
        "No state has a field zzz; there are currency, discount, events, fields, lines, name, status, total, units."
    ]


@pytest.mark.parametrize("text", ["total > 1", "name == 'x'", "fields.any > 1", "event.actor == 'a'", "lines[0].x > 1"])
def test_a_name_that_some_state_has_is_not_doubted(text: str) -> None:
    assert doubted(text) == []


def test_what_was_seen_is_known_of_streams_without_a_decider() -> None:
    states = SHOP._replace(seen=frozenset({"amount"}))
    assert doubted("amount > 3", states) == ["No state has a field amount: is it fields.amount?"]
    assert doubted("amout > 3", states) == ["No state has a field amout: is it fields.amount?"]
    assert doubted("fields.amout > 3", states) == ["No state seen has a field fields.amout: is it fields.amount?"]
    assert doubted("fields.amount > 3", states) == []


def test_a_store_says_what_its_states_have(session: Session) -> None:
    states = states_of(session)
    assert (states.currencies, states.seen) == (("GBP",), {"amount", "total"})
    assert {"total", "unit_price", "fields"} <= states.names
    assert hint("unit_price > 399", states) == "Money in minor units: unit_price > 399 is more than 3.99 GBP"
    product = states_of(session, Where("product-mug"))
    assert doubted("total > 3", product)[0].startswith("No state has a field total; there are currency, name, ")
    tap = states_of(session, Where("tap-1"))
    assert doubted("total > 3", tap) == ["No state has a field total: is it fields.total?"]
    assert doubted("total > 3", states_of(session, Where(category="cart"))) == []


def test_before_the_cache_is_built_the_newest_events_name_the_currency(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        assert states_of(session).currencies == ("GBP",)


def test_neither_a_rule_nor_a_repair_takes_decimals(session: Session) -> None:
    with pytest.raises(NotUnderstood, match=r"write 500 for 5\.00"):
        set_rule(session, "Much", "total > 5.00", ANN)
    with pytest.raises(NotUnderstood, match=r"write 500 for 5\.00"):
        plan_bulk(session, "total > 5.00", "CheckOut", {})
    assert set_rule(session, "Later", "not_yet_there > 5.00", ANN), "nothing is refused for a name"
