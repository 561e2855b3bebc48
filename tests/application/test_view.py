"""One question, one answer: every part shows the same moment, and what did not change is the very same object."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.bookmarks import put_bookmark
from explorer.application.event_list import EventFilter
from explorer.application.handle import handle
from explorer.application.history import FieldChange, state_at
from explorer.application.rules import set_rule
from explorer.application.session import Session
from explorer.application.stream_view import MARKS
from explorer.application.timeline import Viewport
from explorer.application.view import Answer, Question, answer
from explorer.application.watching import watch
from explorer.domain.cart import AddItem, ApplyCoupon, ChangeQuantity, CheckOut
from explorer.domain.cart_decider import CART
from explorer.errors import Cancelled
from tests.application.shop import (
    ANN,
    BOB,
    NOW,
    SECOND,
    Clock,
    note,
    open_cart,
    opened,
    record,
    spoil,
    stock,
)

FOUND = ("rulings", "findings", "finding_marks", "finding_places")
PARTS = (
    "totals", "carts", "products", "streams", "types", "actors", "activity", "stream", "marks", "events",
    "standing", "damage", "fresh", "bookmarks", "flags", "marked", "bookmarks_in_all",
    "row_colours", "mark_colours", "comparison", *FOUND,
)  # fmt: skip
HEAD = 11


@pytest.fixture
def shop(session: Session, clock: Clock) -> Session:
    """Every event a second after the one before it, so that position N has the time NOW + N seconds.

    1 to 4 the catalogue (in one second), 5 and 6 open cart-1 with two mugs, 7 gives it the coupon, 8 and 9 open cart-2
    with three mugs, 10 makes of cart-1's two mugs five, 11 checks it out.
    """
    steps: list[Callable[[], object]] = [
        lambda: open_cart(session, mugs=0),
        lambda: handle(session, "cart-1", AddItem("mug", 2), ANN),
        lambda: handle(session, "cart-1", ApplyCoupon("TEN"), ANN),
        lambda: open_cart(session, "cart-2", mugs=0),
        lambda: handle(session, "cart-2", AddItem("mug", 3), ANN),
        lambda: handle(session, "cart-1", ChangeQuantity("mug", 5), BOB),
        lambda: handle(session, "cart-1", CheckOut(), ANN),
    ]
    clock.time = NOW + 4 * SECOND
    stock(session)
    for step in steps:
        clock.time += SECOND
        step()
    session.catch_up()
    return session


# The moment.


@pytest.mark.parametrize(
    ("question", "as_of"),
    [
        (Question(), 11),
        (Question(as_of=7), 7),
        (Question(as_of=0), 0),
        (Question(as_of=11), 11),
        (Question(as_of=99), 11),
        (Question(as_of=-5), 0),
        (Question(at_time=NOW + 7 * SECOND), 7),
        (Question(at_time=NOW + 8 * SECOND - 1), 7),
        (Question(at_time=NOW + 8 * SECOND), 8),
        (Question(at_time=NOW + 4 * SECOND), 4),
        (Question(at_time=NOW), 0),
        (Question(at_time=NOW + 99 * SECOND), 11),
        (Question(as_of=3, at_time=NOW + 8 * SECOND), 8),
    ],
)
def test_the_moment_is_a_position_or_a_time(shop: Session, question: Question, as_of: int) -> None:
    status = answer(shop, question).status
    assert (status.as_of, status.is_now, status.behind) == (as_of, as_of == HEAD, HEAD - as_of)
    assert status.time == (NOW + max(as_of, 4) * SECOND if as_of else None)


def test_the_status_says_which_store_and_how_far_it_goes(shop: Session) -> None:
    status = answer(shop, Question()).status
    assert (status.store, status.head, status.checkpoint, status.lag) == ("shop.events", HEAD, HEAD, 0)
    assert (status.extent, status.poison) == ((NOW + 4 * SECOND, NOW + 11 * SECOND), ())


def test_now_is_as_far_as_the_cache_has_come(shop: Session) -> None:
    open_cart(shop, "cart-3")
    status = answer(shop, Question()).status
    assert (status.head, status.checkpoint, status.lag, status.as_of, status.is_now) == (13, 11, 2, 11, True)
    shop.catch_up()
    assert answer(shop, Question()).status.as_of == 13


def test_an_empty_store_has_an_answer(session: Session) -> None:
    session.catch_up()
    shown = answer(session, Question(stream="cart-1"))
    assert (shown.status.as_of, shown.status.time, shown.status.extent, shown.status.is_now) == (0, None, None, True)
    assert (shown.carts, shown.products, shown.streams, shown.types, shown.actors, shown.marks) == ((),) * 6
    assert (shown.totals, shown.activity.rows, shown.events.rows) == ({}, (), ())


def test_every_part_shows_the_moment(shop: Session) -> None:
    now, then = answer(shop, Question(stream="cart-1")), answer(shop, Question(as_of=9, stream="cart-1"))
    assert [(cart.stream, cart.status, cart.units) for cart in now.carts] == [
        ("cart-1", "checked_out", 5),
        ("cart-2", "open", 3),
    ]
    assert [(cart.stream, cart.status, cart.units) for cart in then.carts] == [
        ("cart-2", "open", 3),
        ("cart-1", "open", 2),
    ]
    mugs = [next(product for product in shown.products if product.sku == "mug") for shown in (then, now)]
    assert [(mug.in_carts, mug.sold) for mug in mugs] == [(5, 0), (3, 5)]
    assert [(s.totals["GBP"].units_in_carts, s.totals["GBP"].revenue) for s in (then, now)] == [(5, 0), (3, 1_795)]
    assert [stream.name for stream in answer(shop, Question(as_of=5)).streams][:2] == ["cart-1", "coupon-TEN"]


def test_what_can_be_filtered_by_and_the_timeline_are_the_whole_log_s(shop: Session) -> None:
    now, then = answer(shop, Question()), answer(shop, Question(as_of=3))
    assert then.actors == now.actors == ("Ann", "Bob")
    assert then.types == now.types
    assert then.activity == now.activity
    assert sum(row.events for row in then.activity.rows) == HEAD


def test_the_event_list_follows_the_moment_unless_it_is_scrolled(shop: Session) -> None:
    def listed(question: Question) -> list[int]:
        return [row.position for row in answer(shop, question).events.rows]

    assert listed(Question(as_of=6, rows=4)) == [4, 5, 6, 7]
    assert listed(Question(rows=4)) == [8, 9, 10, 11]
    assert listed(Question(as_of=6, rows=4, top=1)) == [1, 2, 3, 4]
    assert listed(Question(as_of=0, rows=2)) == [1, 2]


# The chosen stream.


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


# Marks.


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


def test_what_a_rebuild_makes_better_is_shown(shop: Session) -> None:
    with shop.cache.writing() as cursor:
        cursor.execute("UPDATE cart_head SET total = 999999")
    spoilt = answer(shop, Question())
    assert spoilt.carts[0].total == 999_999
    shop.rebuild()
    better = answer(shop, Question(), spoilt)
    assert better.carts[0].total != 999_999
    assert better.changed_since(spoilt)


# What did not change is the same object.


def parts_that_differ(before: Answer, after: Answer) -> set[str]:
    return {part for part in PARTS if getattr(before, part) is not getattr(after, part)}


def test_these_are_all_the_parts(shop: Session) -> None:
    assert set(answer(shop, Question()).keys) == set(PARTS)


ASKED = Question(as_of=9, stream="cart-1", top=1)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (ASKED, set[str]()),
        (replace(ASKED, as_of=None, at_time=NOW + 9 * SECOND), set[str]()),
        (replace(ASKED, as_of=8), {"totals", "carts", "products", "streams"}),
        (replace(ASKED, as_of=6), {"totals", "carts", "products", "streams", "stream"}),
        (replace(ASKED, stream="cart-2"), {"stream", "marks"}),
        (replace(ASKED, cart_status="open"), {"carts"}),
        (replace(ASKED, cart_words="ann"), {"carts"}),
        (replace(ASKED, cart_limit=1), {"carts"}),
        (replace(ASKED, product_words="mug"), {"products"}),
        (replace(ASKED, product_limit=1), {"products"}),
        (replace(ASKED, stream_words="cart"), {"streams"}),
        (replace(ASKED, stream_limit=1), {"streams"}),
        (replace(ASKED, filter=EventFilter(type="ItemAdded")), {"events"}),
        (replace(ASKED, top=2), {"events"}),
        (replace(ASKED, rows=3), {"events"}),
        (replace(ASKED, viewport=Viewport(NOW, NOW + SECOND)), {"activity", "marks"}),
        (replace(ASKED, width=100), {"activity"}),
        (replace(ASKED, compare=7), {"comparison"}),
        (replace(ASKED, compare=99, compare_limit=5), {"comparison"}),
        (replace(ASKED, compare=2, compare_limit=5, compare_whole=True), {"comparison"}),
        (replace(ASKED, compare_time=NOW + 3 * SECOND), {"comparison"}),
        (replace(ASKED, compare_limit=5), set[str]()),
    ],
)
def test_only_parts_whose_inputs_changed_are_made_anew(shop: Session, question: Question, parts: set[str]) -> None:
    before = answer(shop, ASKED)
    after = answer(shop, question, before)
    assert parts_that_differ(before, after) == parts
    assert after.changed_since(before) == bool(parts)
    assert after == replace(answer(shop, question), keys=after.keys)


def test_bookmarks_are_shown_wherever_what_they_mark_is_shown(shop: Session) -> None:
    for position in (5, 9):
        put_bookmark(shop, position, f"Mark {position}", "", ANN)
    shop.catch_up()
    question = Question(as_of=9, stream="cart-1", top=1, rows=3, bookmark_limit=10)
    before = answer(shop, question)
    assert [row.position for row in before.bookmarks] == [row.position for row in before.flags] == [5, 9]
    assert {*before.marked} == {9}, "the moment is marked; of the page 1 to 3 nothing is, nor is the event shown, 7"
    assert {*answer(shop, replace(question, as_of=6, top=4), before).marked} == {5}
    assert before.bookmarks_in_all == 2
    narrow = replace(question, viewport=Viewport(NOW + 8 * SECOND, NOW + 9 * SECOND))
    near = answer(shop, narrow, before)
    assert [row.position for row in near.flags] == [9]
    assert near.bookmarks is before.bookmarks
    assert parts_that_differ(before, answer(shop, replace(question, as_of=10), before)) >= {"marked"}
    assert answer(shop, replace(question, bookmark_limit=0)).bookmarks == ()
    put_bookmark(shop, 9, "Changed", "", BOB)
    shop.catch_up()
    after = answer(shop, question, before)
    assert (after.marked[9].title, after.flags[1].title, after.bookmarks[1].title) == ("Changed",) * 3


def test_following_the_moment_the_event_list_rests_as_long_as_it_holds_it(shop: Session) -> None:
    before = answer(shop, Question(as_of=8, rows=4))
    assert "events" not in parts_that_differ(before, answer(shop, Question(as_of=9, rows=4), before))
    assert "events" in parts_that_differ(before, answer(shop, Question(as_of=5, rows=4), before))


def test_something_new_in_the_log_changes_what_is_shown_of_now(shop: Session) -> None:
    now, then = answer(shop, Question(stream="cart-1")), answer(shop, ASKED)
    record(shop, "cart-1", note({}))
    open_cart(shop, "cart-3")
    shop.catch_up()
    assert parts_that_differ(now, answer(shop, Question(stream="cart-1"), now)) == {*PARTS} - {
        "standing", "damage", "fresh", "bookmarks", "flags", "marked", "bookmarks_in_all",
        "row_colours", "mark_colours", "comparison", *FOUND,
    }  # fmt: skip
    later = answer(shop, ASKED, then)
    assert not parts_that_differ(then, later) & {"totals", "carts", "products", "streams"}
    assert [mark.position for mark in later.marks] == [5, 6, 7, 10, 11, 12]
    assert later.changed_since(then)


def test_what_rules_have_found_is_a_part_of_its_own(shop: Session) -> None:
    before = answer(shop, ASKED)
    set_rule(shop, "Mugs", "units >= 2", ANN)
    shop.catch_up()
    behind = answer(shop, ASKED, before)
    assert behind.rulings.is_behind
    watch(shop)
    asked = replace(ASKED, finding_limit=1)
    found = answer(shop, asked, answer(shop, ASKED, behind))
    assert not found.rulings.is_behind
    assert found.rulings.counts == {"error": 0, "warning": 2, "info": 0}
    assert [one.position for one in found.finding_marks] == [6, 9]
    assert [(one.position, one.name, one.severity) for one in found.findings] == [(9, "Mugs", "warning")]
    assert [*found.finding_places] == [6, 9]
    assert not parts_that_differ(found, answer(shop, replace(asked, as_of=8), found)) & set(FOUND)
    assert parts_that_differ(found, answer(shop, replace(asked, finding_limit=9), found)) == {"findings"}


def test_an_answer_may_be_built_upon_any_earlier_one(shop: Session) -> None:
    questions = [replace(ASKED, as_of=position, stream=stream) for stream in ("cart-1", None) for position in range(12)]
    previous = None
    for question in (*questions, *reversed(questions), *questions[::5]):
        previous = answer(shop, question, previous)
        assert previous == replace(answer(shop, question), keys=previous.keys)


def test_an_answer_that_nobody_waits_for_is_called_off(shop: Session) -> None:
    calls = count(1)

    def check() -> None:
        if next(calls) == 1:
            raise Cancelled("There is a newer question.")

    with pytest.raises(Cancelled):
        answer(shop, Question(filter=EventFilter(where="nowhere")), None, check)
