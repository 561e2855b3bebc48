"""Filters by a value that is pointed at, the fields of events, and colour rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.colouring import Coloured, as_text, colours, from_text, rule
from explorer.application.conditions import EventCondition
from explorer.application.history import ABSENT, Value
from explorer.application.session import Session
from explorer.application.values import data_paths, equal_to, field_of_event
from explorer.errors import BadInput
from tests.application.shop import NOW, note, record, spoil


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("actor", "ann", "actor == ann"),
        ("actor", "Bob Smith", 'actor == "Bob Smith"'),
        ("data.quantity", 5, "data.quantity == 5"),
        ("data.is_gift", True, "data.is_gift == true"),
        ("data.coupon", None, "data.coupon == null"),
        ("data.lines[sku=MUG-1].quantity", -5, "data.lines[sku=MUG-1].quantity == -5"),
        ("time", NOW, "time == 2026-01-01T00:00:00.000000Z"),
        ("data.lines", [1], ""),
        ("data.x", ABSENT, ""),
        ("data.odd name", 1, ""),
    ],
)
def test_a_condition_by_a_value(path: str, value: Value, text: str) -> None:
    assert equal_to(path, value) == text


@given(st.text(st.characters(exclude_categories=("Cs",))) | st.integers(-(2**53), 2**53) | st.booleans() | st.none())
def test_it_is_understood_whatever_the_value(value: Value) -> None:
    EventCondition.parse(equal_to("data.x", value))


def test_the_paths_of_what_events_say(session: Session) -> None:
    record(session, "parcel-1", note({"a": 1, "b": {"c d": 2}, "lines": [{"sku": 1}], "empty": {}}), note({"a": 1}))
    record(session, "parcel-1", note({"spoilt": 1}))
    spoil(session.path, 3)
    paths = data_paths(session, [1, 2, 3])
    assert paths == ("data.a", "data.b.`c d`", "data.empty", "data.lines[*].sku")
    for path in paths:
        EventCondition.parse(f"{path} == 1")


def test_a_field_of_the_state_and_that_of_the_event() -> None:
    assert field_of_event("lines[sku=1.5].quantity", {"quantity": 5}) == "data.quantity"
    assert field_of_event("total", {"quantity": 5}) == ""


def test_the_first_rule_that_holds_counts(session: Session) -> None:
    record(session, "parcel-1", note({"n": 1}), note({"n": 5}), note({"n": 9}))
    rules = [rule("Very many", "data.n > 6", "orange"), rule("many", "data.n > 2", "blue")]
    many = Coloured("many", "M", "blue")
    assert colours(session, rules, [1, 2, 3]) == {2: many, 3: Coloured("Very many", "V", "orange")}
    assert colours(session, rules, [2]) == {2: many}
    assert colours(session, [], [2]) == {}
    assert list(from_text(as_text(rules))) == rules


@pytest.mark.parametrize("text", ["", "nonsense", "[{}]", '[{"name": "", "text": "x", "colour": "blue"}]'])
def test_rules_that_cannot_be_read_are_none(text: str) -> None:
    assert from_text(text) == ()


@pytest.mark.parametrize(("name", "text"), [("", "x"), ("a", ""), ("a", "kind == x")])
def test_a_rule_needs_a_name_and_a_condition(name: str, text: str) -> None:
    with pytest.raises(BadInput):
        rule(name, text, "blue")
