"""The chosen stream in an answer, and the marks of its events."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.history import FieldChange, state_at
from explorer.application.session import Session
from explorer.application.stream_view import MARKS
from explorer.application.timeline import Viewport
from explorer.application.view import Question, answer
from explorer.domain.cart_decider import CART
from tests.application.shop import (
    BOB,
    NOW,
    SECOND,
    Clock,
    note,
    opened,
    record,
    spoil,
    two_carts,
)


@pytest.fixture
def shop(session: Session, clock: Clock) -> Session:
    two_carts(session, clock)
    return session


def chosen(session: Session, **wanted: Any) -> Any:
    return answer(session, Question(**wanted)).stream


def test_without_a_chosen_stream_there_is_none(shop: Session) -> None:
    shown = answer(shop, Question())
    assert (shown.stream, shown.marks) == (None, ())


def test_the_stream_shows_its_last_event_and_what_that_changed(shop: Session) -> None:
    stream = chosen(shop, stream="cart-1", as_of=10)
    assert (stream.stream, stream.category, stream.version, stream.latest) == ("cart-1", "cart", 4, 5)
    assert (stream.event.type, stream.event.position, stream.event.metadata) == ("ItemQuantityChanged", 10, BOB)
    assert stream.record is not None
    assert stream.record.data == b'{"previous_quantity":2,"quantity":5,"sku":"mug"}'
    assert stream.before == state_at(shop, "cart-1", 3).state
    assert stream.after == state_at(shop, "cart-1", 4).state
    assert stream.changes[0] == FieldChange("lines[sku=mug].quantity", 2, 5)
    assert [change.path for change in stream.changes[2:]] == ["units", "subtotal", "discount", "total"]
    assert (stream.cart.total, [(line.name, line.quantity) for line in stream.lines]) == (1_795, [("Mug, white", 5)])


def test_the_stream_s_last_event_may_lie_before_the_moment(shop: Session) -> None:
    assert chosen(shop, stream="cart-1", as_of=9).event.position == 7


@pytest.mark.parametrize(("stream", "latest"), [("cart-2", 2), ("cart-ghost", 0)], ids=["later", "never"])
def test_a_stream_that_had_not_begun_is_empty(shop: Session, stream: str, latest: int) -> None:
    shown = chosen(shop, stream=stream, as_of=7)
    assert (shown.version, shown.latest, shown.event, shown.record, shown.unreadable) == (0, latest, None, None, "")
    assert shown.before == shown.after == CART.document(CART.initial)
    assert (shown.changes, shown.cart, shown.lines) == ((), None, ())


def test_a_stream_without_rules_is_shown_as_far_as_json_goes(shop: Session) -> None:
    record(shop, "creditnote-1", note({"sku": "mug"}), note({"sku": "pen"}))
    shop.catch_up()
    stream = chosen(shop, stream="creditnote-1")
    assert stream.changes == (FieldChange("fields.sku", "mug", "pen"), FieldChange("events.NoteTaken", 1, 2))
    assert stream.cart is None


def test_an_event_of_an_unknown_kind_is_shown_and_changes_nothing(shop: Session) -> None:
    record(shop, "cart-2", note({"what": "of a newer program"}))
    shop.catch_up()
    shown = answer(shop, Question(stream="cart-2"))
    assert shown.stream is not None
    assert shown.stream.unreadable == "Event 12 has the type NoteTaken, which cart does not know."
    assert shown.stream.event is not None
    assert (shown.stream.before, shown.stream.changes) == (shown.stream.after, ())
    assert shown.status.poison == ((12, shown.stream.unreadable),)


def test_an_event_that_is_no_json_is_shown_raw(shop: Session, tmp_path: Path) -> None:
    record(shop, "cart-2", note({"what": "of a newer program"}))
    spoil(tmp_path / "shop.events", 12)
    shop.catch_up()
    stream = chosen(shop, stream="cart-2")
    assert stream.record is not None
    assert (stream.event, stream.record.data, stream.version) == (None, b"{spoilt", 3)
    assert stream.unreadable.startswith("The data of event 12 cannot be decoded: ")
    assert stream.after["units"] == 3


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_stream_as_of_any_moment_is_its_state_at_that_position(long_session: Session, data: st.DataObject) -> None:
    position = data.draw(st.integers(1, 2_500))
    stream = chosen(long_session, stream="cart-long", as_of=position)
    assert stream.after == state_at(long_session, "cart-long", position=position).state
    assert stream.cart.units == stream.after["units"]


@pytest.fixture(scope="module")
def long_session(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with opened(tmp_path_factory.mktemp("long"), Clock()) as session:
        record(session, "cart-long", *(note({}, at=NOW + number * SECOND) for number in range(2_500)))
        session.catch_up()
        yield session


def test_marks_are_the_stream_s_events_at_the_times_of_their_positions(shop: Session) -> None:
    early = NOW - 5 * SECOND
    record(shop, "cart-1", note({}, at=early))
    shop.catch_up()
    marks = answer(shop, Question(stream="cart-1", as_of=6)).marks
    assert [(mark.position, mark.kind) for mark in marks] == [
        (5, "opened"),
        (6, "added"),
        (7, "added"),
        (10, "changed"),
        (11, "done"),
        (12, "other"),
    ]
    assert [mark.time for mark in marks] == [NOW + n * SECOND for n in (5, 6, 7, 10, 11, 11)]
    assert marks[0].type == "CartOpened"


def test_marks_are_those_in_view(long_session: Session) -> None:
    began, ended = NOW + 1_000 * SECOND, NOW + 1_200 * SECOND
    marks = answer(long_session, Question(stream="cart-long", viewport=Viewport(began, ended))).marks
    records = list(long_session.store.stream_records("cart-long"))
    assert [mark.version for mark in marks] == [r.version for r in records if began <= r.occurred_at < ended]
    assert {mark.events for mark in marks} == {1}


def test_where_there_are_too_many_each_mark_stands_for_several(long_session: Session) -> None:
    first = answer(long_session, Question(stream="cart-long"))
    assert len(first.marks) <= MARKS + 1
    assert [mark.events for mark in first.marks] == [16] * 156 + [4]
    assert [mark.version for mark in first.marks][-2:] == [2_496, 2_500]
    assert [mark.version % 16 for mark in first.marks[:-1]] == [0] * (len(first.marks) - 1)
    # What is known already is not read again, and is the same.
    start, end = first.status.extent or (0, 0)
    moved = Question(stream="cart-long", viewport=Viewport(start + 100 * SECOND, end))
    assert answer(long_session, moved, first).marks == answer(long_session, moved).marks


def test_a_stream_tells_the_positions_round_its_event_and_its_extent(shop: Session) -> None:
    view = answer(shop, Question(stream="cart-1", as_of=9)).stream
    assert view is not None
    assert (view.version, view.previous, view.next) == (3, 6, 10)
    assert view.extent == (NOW + 5 * SECOND, NOW + 11 * SECOND)
    before = answer(shop, Question(stream="cart-1", as_of=2)).stream
    assert before is not None
    assert (before.version, before.previous, before.next) == (0, None, 5)


def test_a_stream_s_extent_follows_the_read_side_where_the_log_is_ahead(shop: Session) -> None:
    shop.catch_up()
    question = Question(stream="cart-1")
    before = answer(shop, question)
    record(shop, "cart-1", note({}, at=NOW + 3_600 * SECOND))
    lagging = answer(shop, question, before)
    assert lagging.status.lag == 1
    shop.catch_up()
    chained, fresh = answer(shop, question, lagging), answer(shop, question)
    assert chained.stream is not None
    assert fresh.stream is not None
    assert chained.stream.extent == fresh.stream.extent
    assert fresh.stream.extent is not None
    assert fresh.stream.extent[1] == NOW + 3_600 * SECOND
