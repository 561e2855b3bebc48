"""One question, one answer: every part shows the same moment, and what did not change is the very same object."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from explorer.application.bookmarks import put_bookmark
from explorer.application.event_list import EventFilter
from explorer.application.rules import set_rule
from explorer.application.session import Session
from explorer.application.timeline import Viewport
from explorer.application.view import Answer, Question, answer
from explorer.application.watching import watch
from explorer.errors import Cancelled
from tests.application.shop import (
    ANN,
    BOB,
    NOW,
    SECOND,
    Clock,
    note,
    open_cart,
    record,
    two_carts,
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
    two_carts(session, clock)
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


def chosen(session: Session, **wanted: Any) -> Any:
    return answer(session, Question(**wanted)).stream


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
