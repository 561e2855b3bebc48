"""Bookmarks are set, changed, removed and found again, now and as they were."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.bookmarks import (
    bookmark_of,
    listed,
    next_bookmark,
    previous_bookmark,
    put_bookmark,
    remove_bookmark,
)
from explorer.application.handle import handle
from explorer.application.repair import carry_out, plan_restore, plan_undo
from explorer.application.session import Session
from explorer.application.verification import verify_store
from explorer.domain.bookmark import BookmarkSet, SetBookmark
from explorer.errors import Missing, Refused
from explorer.projections.bookmarks import bookmarks, bookmarks_at
from tests.application.shop import ANN, BOB, NOW, Clock, happened, note, open_cart, opened, record, spoil, stock


@pytest.fixture
def shop(session: Session) -> Session:
    """Events 1 to 6: three products, a coupon, and cart-1 with mugs."""
    stock(session)
    open_cart(session)
    return session


def test_a_moment_is_marked_changed_and_unmarked_by_events_that_are_audited(shop: Session) -> None:
    first = put_bookmark(shop, 6, "Too many", "Ask Jane.", ANN)
    assert [(event.stream, event.type, event.position) for event in first] == [("bookmark-6", "BookmarkSet", 7)]
    second = put_bookmark(shop, 6, "Too many mugs", "Asked.", BOB)
    assert [event.type for event in second] == ["BookmarkChanged"]
    shop.catch_up()
    row = bookmark_of(shop, 6)
    assert row is not None
    assert row == (6, NOW, "Too many mugs", "Asked.", "cart-1", "Bob", NOW, 8)
    remove_bookmark(shop, 6, ANN)
    shop.catch_up()
    assert (bookmark_of(shop, 6), listed(shop)) == (None, [])
    put_bookmark(shop, 6, "Again", "", ANN)
    shop.catch_up()
    assert [row.title for row in listed(shop)] == ["Again"]
    assert [[row.title for row in listed(shop, as_of=place)] for place in range(6, 11)] == [
        [], ["Too many"], ["Too many mugs"], [], ["Again"],
    ]  # fmt: skip
    assert verify_store(shop).ok


def test_the_same_text_again_appends_nothing(shop: Session) -> None:
    put_bookmark(shop, 6, "Too many", "", ANN)
    assert put_bookmark(shop, 6, "Too many", "", BOB) == []
    assert shop.store.head().size == 7


@pytest.mark.parametrize("position", [0, 7, 10**15])
def test_what_has_not_happened_cannot_be_marked(shop: Session, position: int) -> None:
    with pytest.raises(Missing, match="the log has the events 1 to 6"):
        put_bookmark(shop, position, "T", "", ANN)
    assert shop.store.head().size == 6


def test_an_empty_log_has_nothing_to_mark(session: Session) -> None:
    with pytest.raises(Missing, match="no events yet"):
        put_bookmark(session, 1, "T", "", ANN)


def test_what_is_not_there_is_not_removed(shop: Session) -> None:
    with pytest.raises(Missing, match="no bookmark at event 6"):
        remove_bookmark(shop, 6, ANN)
    put_bookmark(shop, 6, "T", "", ANN)
    remove_bookmark(shop, 6, ANN)
    with pytest.raises(Missing, match="no bookmark at event 6"):
        remove_bookmark(shop, 6, ANN)


def test_a_title_that_is_blank_is_refused(shop: Session) -> None:
    with pytest.raises(Refused, match="title"):
        put_bookmark(shop, 6, " ", "", ANN)


def test_a_bookmark_may_be_about_another_stream_and_about_what_is_damaged(shop: Session) -> None:
    put_bookmark(shop, 6, "T", "", ANN, "product-mug")
    record(shop, "weather-1", note({"wind": 3}))
    spoil(shop.path, 5)
    put_bookmark(shop, 5, "Damaged?", "", ANN)
    put_bookmark(shop, 8, "Windy", "", ANN)
    shop.catch_up()
    assert [row.stream for row in listed(shop)] == ["cart-1", "product-mug", "weather-1"]


def test_bookmarks_are_gone_through_in_both_directions(shop: Session) -> None:
    for position in (2, 5, 3):
        put_bookmark(shop, position, f"Mark {position}", "", ANN)
    shop.catch_up()
    following = [row.position if (row := next_bookmark(shop, place)) else None for place in range(6)]
    assert following == [2, 2, 3, 5, 5, None]
    before = [row.position if (row := previous_bookmark(shop, place)) else None for place in range(7)]
    assert before == [None, None, None, 2, 3, 3, 5]
    assert [row.position for row in listed(shop, 2, 1)] == [3]
    with shop.asking() as connection:
        assert [row.position for row in bookmarks(connection, until=3)] == [2, 3]
        assert [*bookmarks_at(connection, [5, 4, 2])] == [2, 5]


def test_an_undone_removal_brings_back_what_it_said(shop: Session) -> None:
    put_bookmark(shop, 6, "Too many", "Ask Jane.", ANN)
    remove_bookmark(shop, 6, ANN)
    carry_out(shop, plan_undo(shop, "bookmark-6", 2), "Ann", "it was right")
    shop.catch_up()
    assert [(row.title, row.note) for row in listed(shop)] == [("Too many", "Ask Jane.")]
    carry_out(shop, plan_undo(shop, "bookmark-6", 1), "Ann", "it was not")
    assert carry_out(shop, plan_restore(shop, "bookmark-6", 1), "Ann", "it was")[0].type == "BookmarkSet"


def test_somebody_else_who_was_quicker_is_written_over_knowingly(
    open_session: Callable[[], Session], shop: Session
) -> None:
    other = open_session()
    put_bookmark(other, 6, "Theirs", "", BOB)
    assert [event.data["previous_title"] for event in put_bookmark(shop, 6, "Mine", "", ANN)] == ["Theirs"]


def test_what_the_rules_would_not_write_marks_nothing(shop: Session) -> None:
    happened(shop, "bookmark-99", BookmarkSet(99, "Of what never was"))  # type: ignore[arg-type]
    happened(shop, "bookmark-0", BookmarkSet(0, "Before all"))  # type: ignore[arg-type]
    handle(shop, "bookmark-x", SetBookmark(5, "Under another name"), ANN)
    shop.catch_up()
    assert [row.title for row in listed(shop)] == ["Under another name"]


deeds = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["A", "B", ""])), max_size=12)


@settings(max_examples=25)
@given(deeds, st.integers(0, 12), st.booleans())
def test_the_table_says_at_every_moment_what_the_events_say(
    done: list[tuple[int, str]], caught_up: int, rebuilt: bool
) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder), Clock()) as session:
        stock(session)
        open_cart(session)
        expected: list[dict[int, str]] = [{}] * (session.store.head().size + 1)
        for number, (position, title) in enumerate(done):
            if number == caught_up:
                session.catch_up()
            now = do(session, position, title, expected[-1])
            if session.store.head().size == len(expected):
                expected.append(now)
        session.catch_up()
        if rebuilt:
            session.rebuild()
        for as_of, marks in enumerate(expected):
            assert {row.position: row.title for row in listed(session, as_of=as_of)} == marks
        assert {row.position: row.title for row in listed(session)} == expected[-1]


def do(session: Session, position: int, title: str, marks: dict[int, str]) -> dict[int, str]:
    """Marks a position, or unmarks it where there is no title; what is marked then."""
    if title:
        put_bookmark(session, position, title, "", ANN)
        return {**marks, position: title}
    if position in marks:
        remove_bookmark(session, position, ANN)
    return {place: title for place, title in marks.items() if place != position}
