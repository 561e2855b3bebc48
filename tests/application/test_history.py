"""States of the past, and what lies between two of them."""

import json
import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.history import ABSENT, IDENTITIES, FieldChange, StateAt, Value, changes, state_at
from explorer.application.session import Session
from explorer.domain.cart import ItemAdded
from explorer.domain.cart_decider import CART
from explorer.domain.event import Json
from explorer.errors import Missing
from explorer.projections.states import SNAPSHOT_EVERY
from tests.application.shop import happened, long_cart, note, open_cart, record, stock

Document = dict[str, Json]


# The state at a moment.


@pytest.fixture
def shop(session: Session) -> Session:
    """Positions 1 to 4 are the catalogue, 5 and 6 open cart-1, 7 and 8 open cart-2, at 9 cart-1 gets a pen."""
    stock(session)
    open_cart(session)
    open_cart(session, "cart-2")
    happened(session, "cart-1", ItemAdded("pen", 1, 25, "GBP"))
    return session


def units(state: StateAt) -> tuple[int, int, Json]:
    return state.version, state.position, state.state["units"]


def test_the_latest_state_is_shown_unless_another_is_asked_for(shop: Session) -> None:
    state = state_at(shop, "cart-1")
    assert (state.stream, units(state)) == ("cart-1", (3, 9, 3))
    assert state.state["customer"] == "Ann"


@pytest.mark.parametrize(("version", "shown"), [(0, (0, 0, 0)), (1, (1, 5, 0)), (2, (2, 6, 2)), (3, (3, 9, 3))])
def test_a_state_is_asked_for_by_version(shop: Session, version: int, shown: tuple[int, int, int]) -> None:
    assert units(state_at(shop, "cart-1", version)) == shown


@pytest.mark.parametrize(
    ("position", "shown"),
    [
        (0, (0, 0, 0)),
        (4, (0, 0, 0)),
        (5, (1, 5, 0)),
        (6, (2, 6, 2)),
        (8, (2, 6, 2)),
        (9, (3, 9, 3)),
        (99, (3, 9, 3)),
    ],
)
def test_a_state_is_asked_for_by_position(shop: Session, position: int, shown: tuple[int, int, int]) -> None:
    assert units(state_at(shop, "cart-1", position=position)) == shown


@pytest.mark.parametrize("version", [-1, 4])
def test_a_version_that_was_never_reached_is_missing(shop: Session, version: int) -> None:
    with pytest.raises(Missing) as missing:
        state_at(shop, "cart-1", version)
    assert str(missing.value) == f"cart-1 has the versions 1 to 3; there is no version {version}."


def test_a_stream_that_never_began_is_missing(shop: Session) -> None:
    with pytest.raises(Missing) as missing:
        state_at(shop, "cart-3")
    assert str(missing.value) == f"There is no stream 'cart-3' in {shop.path}."


def test_a_stream_without_rules_has_a_state_too(shop: Session) -> None:
    record(shop, "creditnote-1", note({"sku": "mug", "quantity": 2}), note({"quantity": 3}))
    assert state_at(shop, "creditnote-1").state == {"fields": {"sku": "mug", "quantity": 3}, "events": {"NoteTaken": 2}}


def test_an_event_that_cannot_be_read_leaves_the_state_as_it_was(shop: Session) -> None:
    record(shop, "cart-1", note({"what": "of a newer program"}))
    before, after = state_at(shop, "cart-1", 3), state_at(shop, "cart-1", 4)
    assert (after.version, after.position, after.state) == (4, 10, before.state)


@pytest.mark.parametrize("caught_up", [False, True], ids=["no snapshots", "snapshots"])
def test_a_state_from_a_snapshot_is_the_state_from_the_first_event_on(session: Session, *, caught_up: bool) -> None:
    last = 2 * SNAPSHOT_EVERY + 50
    long_cart(session, last)
    if caught_up:
        session.catch_up()
    typed = [session.store.codec.domain_event(record) for record in session.store.stream_records("cart-long")]
    for version in (1, 2, *(n * SNAPSHOT_EVERY + off for n in (1, 2) for off in (-1, 0, 1)), last):
        folded = reduce(CART.evolve, typed[:version], CART.initial)
        assert state_at(session, "cart-long", version).state == CART.document(folded)
        assert folded.units == (version if version > 1 else 0)


# What lies between two documents.


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1, "b": 2}, {"c": 0, "b": 4}, [("a", 1, ABSENT), ("b", 2, 4), ("c", ABSENT, 0)]),
        ({"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"c": 1, "d": 3}}}, [("a.b.d", 2, 3)]),
        ({"a": {"b": 1}}, {"a": [1]}, [("a", {"b": 1}, [1])]),
        ({"coupon": None}, {"coupon": {"code": "TEN"}}, [("coupon", None, {"code": "TEN"})]),
    ],
    ids=["nothing", "the same", "another", "in their order", "nested", "another kind", "null to object"],
)  # fmt: skip
def test_the_fields_that_differ_are_found(
    before: Document, after: Document, expected: list[tuple[str, Value, Value]]
) -> None:
    assert changes(before, after) == [FieldChange(*change) for change in expected]


@pytest.mark.parametrize("before", [{"a": None}, {}], ids=["null", "absent"])
@pytest.mark.parametrize("after", [{"a": None}, {}], ids=["null", "absent"])
def test_null_is_not_the_same_as_absent(before: Document, after: Document) -> None:
    expected = [] if before == after else [FieldChange("a", before.get("a", ABSENT), after.get("a", ABSENT))]
    assert changes(before, after) == expected
    assert repr(ABSENT) == "(absent)"


NESTS: list[Callable[[Json], Json]] = [
    lambda value: value,
    lambda value: [value],
    lambda value: {"inner": [value]},
    lambda value: [{"sku": "mug", "inner": value}],
]


@pytest.mark.parametrize("nest", NESTS, ids=["plain", "in a list", "in an object", "in a thing"])
@pytest.mark.parametrize(("one", "true"), [(1, True), (0, False)])
def test_one_is_not_the_same_as_true(nest: Callable[[Json], Json], one: int, true: bool) -> None:
    (change,) = changes({"a": nest(one)}, {"a": nest(true)})
    assert (change.before, change.after) == (one, true)
    assert (type(change.before), type(change.after)) == (int, bool)


MUG: Document = {"sku": "mug", "quantity": 2}
PEN: Document = {"sku": "pen", "quantity": 1}
VASE: Document = {"sku": "vase", "quantity": 1}
MUG_AT_450: Document = {"sku": "mug", "quantity": 1, "line": "mug at 450"}


def with_quantity(item: Document, quantity: int) -> Document:
    return {**item, "quantity": quantity}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([MUG, PEN, VASE], [PEN, VASE], [("lines[sku=mug]", MUG, ABSENT)]),
        ([MUG, VASE], [MUG, PEN, VASE], [("lines[sku=pen]", ABSENT, PEN)]),
        ([], [MUG], [("lines[sku=mug]", ABSENT, MUG)]),
        ([MUG, PEN], [with_quantity(PEN, 7)], [("lines[sku=mug]", MUG, ABSENT), ("lines[sku=pen].quantity", 1, 7)]),
        ([MUG, MUG_AT_450], [MUG, with_quantity(MUG_AT_450, 4)], [("lines[line=mug at 450].quantity", 1, 4)]),
        ([MUG, PEN], [PEN, MUG], []),
    ],
    ids=["taken out", "put in between", "first", "taken out and changed", "one product on two lines", "another order"],
)
def test_the_lines_of_a_cart_are_followed_by_their_identity(
    before: list[Json], after: list[Json], expected: list[tuple[str, Value, Value]]
) -> None:
    assert changes({"lines": before}, {"lines": after}) == [FieldChange(*change) for change in expected]


@pytest.mark.parametrize("name", IDENTITIES)
def test_other_things_have_identities_too(name: str) -> None:
    before: Json = [{name: 1, "x": 1}, {name: 2, "x": 2}]
    after: Json = [{name: 2, "x": 3}]
    assert changes({"list": before}, {"list": after}) == [
        FieldChange(f"list[{name}=1]", before[0], ABSENT),
        FieldChange(f"list[{name}=2].x", 2, 3),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([1, 2, 3], [1, 3], [("list[1]", 2, 3), ("list[2]", 3, ABSENT)]),
        ([], [None], [("list[0]", ABSENT, None)]),
        ([[1], [2]], [[1], [2, 3]], [("list[1][1]", ABSENT, 3)]),
        ([{"x": 1}], [{"x": 2}], [("list[0].x", 1, 2)]),
        ([{"sku": "mug"}, 5], [{"sku": "mug"}, 6], [("list[1]", 5, 6)]),
        ([MUG, MUG], [MUG, with_quantity(MUG, 3)], [("list[1].quantity", 2, 3)]),
        ([MUG], [MUG, MUG], [("list[1]", ABSENT, MUG)]),
    ],
    ids=[
        "shorter",
        "null added",
        "nested",
        "no identity",
        "not all have one",
        "the same twice",
        "becomes the same twice",
    ],
)
def test_what_identity_does_not_tell_apart_is_told_apart_by_its_place(
    before: list[Json], after: list[Json], expected: list[tuple[str, Value, Value]]
) -> None:
    assert changes({"list": before}, {"list": after}) == [FieldChange(*change) for change in expected]


# Any two documents.

names = st.sampled_from(["a", "b", "lines"])
plain = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "x"])
things: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {}, optional={"sku": st.sampled_from(["mug", "pen"]), "id": st.integers(0, 2), "quantity": st.integers(0, 2)}
).map(lambda thing: cast(Json, thing))
values: st.SearchStrategy[Json] = st.recursive(
    plain | things | st.lists(things, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(names, values, max_size=3)

STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


def applied(found: Sequence[FieldChange], before: Document) -> Document:
    """The document after the changes. Items go from the back, so that those before them keep their places."""
    document = json.loads(json.dumps(before))
    taken_out = [change for change in found if change.after is ABSENT]
    for change in (*(change for change in found if change.after is not ABSENT), *reversed(taken_out)):
        *way, last = [name or f"[{item}" for name, item in STEP.findall(change.path)]
        put(reduce(lambda at, step: at[place(at, step)], way, document), last, change)
    return document


def put(at: Any, step: str, change: FieldChange) -> None:
    """Puts in, replaces or takes out, and sees that what was there is what the change says."""
    key = place(at, step)
    is_there = key in at if isinstance(at, dict) else key < len(at)
    assert is_there == (change.before is not ABSENT)
    assert not is_there or strict(at[key]) == strict(change.before)
    if change.after is ABSENT:
        del at[key]
    elif is_there or isinstance(at, dict):
        at[key] = change.after
    else:
        at.append(change.after)


def place(at: Any, step: str) -> Any:
    """The key in an object; in a list the place of the item so called, or the end."""
    if not step.startswith("["):
        return step
    return place_of(at, step[1:]) if "=" in step else int(step[1:])


def place_of(items: Sequence[Document], identity: str) -> int:
    return next((place for place, item in enumerate(items) if identity_of(item) == identity), len(items))


def identity_of(item: Document) -> str:
    name = "sku" if "sku" in item else "id"
    return f"{name}={item[name]}"


def strict(value: Any) -> str:
    """Text that tells 1 from true; lists of things with an identity in the order of their identities."""
    return json.dumps(in_order(value), sort_keys=True)


def in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: in_order(inner) for name, inner in cast(Document, value).items()}
    if isinstance(value, list):
        items = [in_order(item) for item in cast(list[Json], value)]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True)) if is_identified(items) else items
    return value


def is_identified(items: Sequence[Any]) -> bool:
    have_one = all(isinstance(item, dict) and ("sku" in item or "id" in item) for item in items)
    return have_one and len(set(map(identity_of, items))) == len(items)


@settings(max_examples=500)
@given(documents, documents)
def test_the_changes_applied_to_what_was_before_give_what_is_after(before: Document, after: Document) -> None:
    assert strict(applied(changes(before, after), before)) == strict(after)


@given(documents)
def test_nothing_lies_between_a_document_and_itself(document: Document) -> None:
    assert changes(document, document) == []
    assert changes(document, json.loads(json.dumps(document))) == []


@given(documents, documents)
def test_the_way_back_is_the_way_there(before: Document, after: Document) -> None:
    there = {(path, repr(old), repr(new)) for path, old, new in changes(before, after)}
    assert there == {(path, repr(new), repr(old)) for path, old, new in changes(after, before)}
