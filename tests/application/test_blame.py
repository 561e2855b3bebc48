"""For every field the event that set it, also where a whole was put in or taken away."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.blame import blame, field_history, history_of, steps
from explorer.application.handle import handle
from explorer.application.history import ABSENT, leaves, state_at, value_at
from explorer.application.session import Session
from explorer.domain.cart import (
    AddItem,
    ChangeQuantity,
    ItemAdded,
    ItemQuantityChanged,
    ItemRemoved,
    RemoveItem,
    SetNote,
)
from explorer.domain.event import Json, NewEvent
from explorer.errors import Cancelled, Missing
from tests.application.shop import ANN, BOB, Clock, happened, note, open_cart, opened, record, stock


@pytest.fixture
def shop(session: Session) -> Session:
    """cart-1: 1 opened, 2 two mugs, 3 a note, 4 nine mugs, 5 a pen, 6 no mugs, 7 a mug."""
    stock(session)
    open_cart(session)
    for about, command in (
        (ANN, SetNote("Ring twice.")),
        (BOB, ChangeQuantity("mug", 9)),
        (ANN, AddItem("pen", 1)),
        (BOB, RemoveItem("mug")),
        (ANN, AddItem("mug", 1)),
    ):
        handle(session, "cart-1", command, about)
    return session


def set_by(session: Session, version: int | None = None) -> dict[str, int]:
    return {one.path: one.record.version for one in blame(session, "cart-1", version)}


def test_every_field_has_the_event_that_set_it(shop: Session) -> None:
    assert set_by(shop, 4) == {
        "status": 1,
        "customer": 1,
        "location": 1,
        "currency": 2,
        "lines[sku=mug].sku": 2,
        "lines[sku=mug].quantity": 4,
        "lines[sku=mug].unit_price": 2,
        "lines[sku=mug].line_total": 4,
        "units": 4,
        "subtotal": 4,
        "total": 4,
        "note": 3,
    }
    now = set_by(shop)
    assert {path: version for path, version in now.items() if path.startswith("lines[sku=mug]")} == {
        f"lines[sku=mug].{name}": 7 for name in ("sku", "quantity", "unit_price", "line_total")
    }
    assert now["lines[sku=pen].quantity"] == 5


def test_the_values_are_those_of_the_state(shop: Session) -> None:
    for version in range(1, 8):
        document = dict(leaves(state_at(shop, "cart-1", version).state))
        for one in blame(shop, "cart-1", version):
            assert document[one.path] == one.value
            assert one.record.version <= version


def test_a_field_has_a_history(shop: Session) -> None:
    history = history_of(shop, "cart-1", "lines[sku=mug].quantity")
    assert [(record.version, value) for record, value in history] == [(2, 2), (4, 9), (6, ABSENT), (7, 1)]
    assert [record.actor for record, _ in history] == ["Ann", "Bob", "Bob", "Ann"]
    assert history_of(shop, "cart-1", "no.such.field") == []


def test_any_stream_can_be_asked(session: Session) -> None:
    record(session, "tap-1", note({"open": False, "at": {"floor": 1}}), note({"open": True, "at": {"floor": 1}}))
    assert {one.path.rpartition(".")[2]: one.record.version for one in blame(session, "tap-1")}["open"] == 2


def test_an_event_that_cannot_be_read_sets_nothing(shop: Session) -> None:
    record(shop, "cart-1", note({"sku": 7}, "ItemAdded"))
    assert set_by(shop) == set_by(shop, 7)
    assert [len(step.changes) for step in steps(shop, "cart-1")][-1] == 0


def test_what_is_not_there_is_said_and_a_long_way_can_be_stopped(shop: Session) -> None:
    for stream, version in (("cart-9", None), ("cart-1", 0), ("cart-1", 8)):
        with pytest.raises(Missing):
            blame(shop, stream, version)

    def stop(done: int, total: int) -> None:
        assert (done, total) == (1, 7)
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        blame(shop, "cart-1", progress=stop)


# What is in lists is followed by its identity.


def test_a_line_is_followed_though_others_come_and_go_before_it(session: Session) -> None:
    """Two lines of one product: the dearer one has a key of its own."""
    stock(session)
    open_cart(session)
    dearer = "mug at 450"
    happened(session, "cart-1", ItemAdded("mug", 1, 450, "GBP", line=dearer), ItemAdded("pen", 3, 25, "GBP"))
    happened(session, "cart-1", ItemRemoved("mug", 2), ItemQuantityChanged("pen", 3, 4))
    happened(session, "cart-1", ItemQuantityChanged("mug", 1, 7, line=dearer))
    path = f"lines[line={dearer}].quantity"
    history = history_of(session, "cart-1", path)
    assert [(record.version, value) for record, value in history] == [(3, 1), (7, 7)]
    assert (set_by(session)[path], set_by(session)[f"lines[line={dearer}].unit_price"]) == (7, 3)
    pens = history_of(session, "cart-1", "lines[sku=pen].quantity")
    assert [(record.version, value) for record, value in pens] == [(4, 3), (6, 4)]


def test_the_items_of_any_list_are_followed(session: Session) -> None:
    def list_of(*items: Json) -> NewEvent:
        return note({"list": list(items)})

    one: Json = {"id": 1, "x": 1}
    two: Json = {"id": 2, "x": 1}
    record(
        session, "tap-1", list_of(one), list_of(two, one), list_of(two, {"id": 1, "x": 7}), list_of({"id": 1, "x": 7})
    )
    history = history_of(session, "tap-1", "fields.list[id=1].x")
    assert [(record.version, value) for record, value in history] == [(1, 1), (3, 7)]
    assert [(r.version, v) for r, v in history_of(session, "tap-1", "fields.list[id=2]")] == [(2, two), (4, ABSENT)]


def test_what_holds_fields_is_as_old_as_the_last_of_them(shop: Session) -> None:
    history = history_of(shop, "cart-1", "lines[sku=mug]")
    assert [record.version for record, _ in history] == [2, 4, 6, 7]
    assert history[2][1] is ABSENT
    assert [record.version for record, _ in history_of(shop, "cart-1", "lines")] == [2, 4, 5, 6, 7]


def test_a_screen_is_told_what_a_field_was_at_every_version(shop: Session) -> None:
    found = field_history(shop, "cart-1", "units")
    assert (found.latest, found.currency, [setting.value for setting in found.settings]) == (7, "GBP", [2, 9, 10, 1, 2])
    assert found.at(1) is None
    for version in range(2, 8):
        setting = found.at(version)
        assert setting is not None
        assert setting.value == state_at(shop, "cart-1", version).state["units"]
    assert (found.settings[1].actor, found.settings[1].reason) == ("Bob", "correction")
    assert field_history(shop, "cart-1", "no.such.field").settings == ()


names = st.sampled_from(["a", "id", "list"])
things = st.fixed_dictionaries({}, optional={"id": st.integers(0, 2), "x": st.integers(0, 2)})
values = st.integers(0, 2) | st.lists(things, max_size=3) | st.dictionaries(names, st.integers(0, 2), max_size=2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(names, values, max_size=3), min_size=1, max_size=6))
def test_since_it_was_set_a_field_has_its_value(documents: list[dict[str, Json]]) -> None:
    """Whatever lists do: the event that is blamed gave the field its value, which it has had ever since."""
    with TemporaryDirectory() as folder, opened(Path(folder), Clock()) as session:
        record(session, "tap-1", *(note({"all": document}) for document in documents))
        states = [state_at(session, "tap-1", version).state for version in range(1, len(documents) + 1)]
        for one in blame(session, "tap-1"):
            history = history_of(session, "tap-1", one.path)
            assert history[-1] == (one.record, one.value)
            *earlier, last = [value_at(state, one.path) for state in ({}, *states)][: one.record.version + 1]
            assert (last, earlier[-1] != last) == (one.value, True)
            assert all(value_at(state, one.path) == one.value for state in states[one.record.version :])
