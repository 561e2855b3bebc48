"""A stream that nobody wrote a decider for is understood as far as JSON goes."""

from functools import reduce
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.domain.decider import Facts
from explorer.domain.event import Event, Json, Metadata
from explorer.domain.schemaless import SCHEMALESS, Merged, document, evolve, summary
from tests.domain.specification import Specification
from tests.domain.stored_form import through_json


def event(kind: str, data: dict[str, Json]) -> Event:
    return Event(1, "creditnote-C1", 1, UUID(int=1), kind, 1, 0, 0, data, Metadata("Ann"))


def test_nothing_is_known_of_an_empty_stream() -> None:
    assert document(Merged()) == {"fields": {}, "events": {}}


def test_the_latest_value_of_each_field_wins_and_events_are_counted_by_type() -> None:
    history = (
        event("ItemCredited", {"sku": "mug", "quantity": 2}),
        event("ItemCredited", {"sku": "pen", "reason": None}),
        event("CreditNoteClosed", {"quantity": {"mug": 2}}),
    )
    assert document(reduce(evolve, history, Merged())) == {
        "fields": {"sku": "pen", "quantity": {"mug": 2}, "reason": None},
        "events": {"ItemCredited": 2, "CreditNoteClosed": 1},
    }


def test_a_document_shares_no_list_with_the_state() -> None:
    state = evolve(Merged(), event("ItemCredited", {"lines": [{"sku": "mug"}]}))
    shown = through_json(document(state))
    spoilt: Any = document(state)
    spoilt["fields"]["lines"][0]["sku"] = "pen"
    spoilt["events"].clear()
    assert document(state) == shown


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({}, ""),
        ({"sku": "mug", "quantity": 2}, "sku mug · quantity 2"),
        ({"lines": [1], "who": {"name": "Ann"}, "sku": "mug"}, "sku mug"),
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, "a 1 · b 2 · c 3 · d 4"),
        ({"note": "Ring\n" * 30, "sku": "mug"}, f"note {'Ring ' * 14}Ring… · sku mug"),
    ],
    ids=["nothing", "plain", "nested left out", "four at most", "one line, and not too long"],
)
def test_a_summary_is_the_first_four_plain_fields(data: dict[str, Json], line: str) -> None:
    assert summary(event("ItemCredited", data)) == line


def test_what_has_no_rules_cannot_be_edited() -> None:
    Specification(SCHEMALESS, Facts(now=0)).given(event("ItemCredited", {})).when("anything").then_refused_because(
        "This stream can be read but not edited: nobody wrote rules for its category."
    )


values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)
events = st.builds(
    event,
    st.sampled_from(["ItemCredited", "CreditNoteClosed"]),
    st.dictionaries(st.sampled_from(["sku", "quantity", "reason"]), values),
)


@given(st.lists(events), st.lists(st.integers(0, 20)))
def test_a_history_folds_to_the_same_state_however_it_is_cut_into_reads(history: list[Event], cuts: list[int]) -> None:
    state = Merged()
    for start, end in pairwise([0, *sorted(cuts), len(history)]):
        state = reduce(evolve, history[start:end], state)
        state = Merged(**msgspec.json.decode(msgspec.json.encode(state)))
    assert state == reduce(evolve, history, Merged())
    assert through_json(document(state)) == document(state)
