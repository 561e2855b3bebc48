"""Every rule of bookmarks as given / when / then."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.domain.bookmark import (
    BOOKMARK,
    Bookmark,
    BookmarkChanged,
    BookmarkCommand,
    BookmarkEvent,
    BookmarkRemoved,
    BookmarkSet,
    ChangeNote,
    RemoveBookmark,
    SetBookmark,
    bookmark_stream,
)
from explorer.domain.decider import Facts
from explorer.domain.event import category_of
from explorer.errors import Refused
from tests.domain.specification import Specification
from tests.domain.stored_form import stored_and_read, through_json

FACTS = Facts(now=0)
bookmark = Specification(BOOKMARK, FACTS)
SET = BookmarkSet(7, "Too cheap", "Ask Ann.", "cart-1")
CHANGED = BookmarkChanged("Too cheap", "Wrong price", "Ask Ann.", "")
REMOVED = BookmarkRemoved("Too cheap", "Ask Ann.")
NO_TITLE = "A bookmark's title needs 1 to 200 characters that are not all blank."


def test_a_bookmark_has_a_stream_of_its_own() -> None:
    assert bookmark_stream(7) == "bookmark-7"
    assert category_of(bookmark_stream(7)) == BOOKMARK.category


@pytest.mark.parametrize(("title", "note"), [("T", ""), ("x" * 200, "y" * 10_000)])
def test_a_moment_is_marked(title: str, note: str) -> None:
    bookmark.given().when(SetBookmark(7, title, note, "cart-1")).then(BookmarkSet(7, title, note, "cart-1"))


def test_a_moment_has_one_bookmark_and_may_have_another_when_that_is_removed() -> None:
    bookmark.given(SET).when(SetBookmark(7, "Again")).then_refused_because(
        "There is a bookmark here already; change its note instead.", beside="title"
    )
    bookmark.given(SET, REMOVED).when(SetBookmark(7, "Again")).then(BookmarkSet(7, "Again"))


def test_a_stream_is_of_one_moment() -> None:
    bookmark.given(SET, REMOVED).when(SetBookmark(8, "Again")).then_refused_because(
        "This is the bookmark of event 7; another event has one of its own.", beside="position"
    )


@pytest.mark.parametrize("position", [0, -1])
def test_before_the_first_event_there_is_nothing_to_mark(position: int) -> None:
    bookmark.given().when(SetBookmark(position, "T")).then_refused_because(
        "Only a moment after an event can be marked; the first is event 1.", beside="position"
    )


@pytest.mark.parametrize("title", ["", "  ", "\n", "x" * 201])
def test_a_title_has_its_limits(title: str) -> None:
    bookmark.given().when(SetBookmark(7, title)).then_refused_because(NO_TITLE, beside="title")
    bookmark.given(SET).when(ChangeNote(title)).then_refused_because(NO_TITLE, beside="title")


def test_a_note_has_its_limit() -> None:
    reason = "A note may have 10,000 characters; this has 10,001."
    bookmark.given().when(SetBookmark(7, "T", "x" * 10_001)).then_refused_because(reason, beside="note")
    bookmark.given(SET).when(ChangeNote("T", "x" * 10_001)).then_refused_because(reason, beside="note")


def test_a_stream_s_name_has_its_limit() -> None:
    reason = "A stream's name may have 1,000 characters."
    bookmark.given().when(SetBookmark(7, "T", "", "x" * 1_001)).then_refused_because(reason, beside="stream")


def test_a_change_records_what_was_said_before() -> None:
    bookmark.given(SET).when(ChangeNote("Wrong price")).then(CHANGED)
    bookmark.given(SET).when(ChangeNote("Too cheap", "Ask Ann.")).then_nothing_happened()


def test_a_removal_records_what_it_said() -> None:
    bookmark.given(SET).when(RemoveBookmark()).then(REMOVED)


@pytest.mark.parametrize("command", [ChangeNote("T"), RemoveBookmark()])
@pytest.mark.parametrize("history", [(), (SET, REMOVED)])
def test_what_is_not_there_is_not_changed(history: tuple[BookmarkEvent, ...], command: BookmarkCommand) -> None:
    bookmark.given(*history).when(command).then_refused_because("There is no bookmark here.")


UNDOINGS: list[tuple[BookmarkEvent, tuple[BookmarkEvent, ...]]] = [
    (SET, (SET,)),
    (CHANGED, (SET, CHANGED)),
    (REMOVED, (SET, REMOVED)),
]


@pytest.mark.parametrize(("event", "history"), UNDOINGS)
def test_what_an_event_did_is_taken_back(event: BookmarkEvent, history: tuple[BookmarkEvent, ...]) -> None:
    before, now = folded(*history[:-1]), folded(*history)
    after = carried_out(now, [*BOOKMARK.undo(event, now)])
    assert (after.title, after.note) == (before.title, before.note)


@pytest.mark.parametrize(
    ("event", "now"), [(SET, (SET, CHANGED)), (CHANGED, (SET,)), (REMOVED, (SET,)), (SET, (SET, REMOVED))]
)
def test_what_was_changed_again_is_not_taken_back(event: BookmarkEvent, now: tuple[BookmarkEvent, ...]) -> None:
    with pytest.raises(Refused, match=r"again since: undo that first"):
        BOOKMARK.undo(event, folded(*now))


commands = st.one_of(
    st.builds(SetBookmark, st.just(7), st.sampled_from(["A", "B"]), st.sampled_from(["", "n"]), st.just("cart-1")),
    st.builds(ChangeNote, st.sampled_from(["A", "B"]), st.sampled_from(["", "n"])),
    st.just(RemoveBookmark()),
)


@given(st.lists(commands, max_size=8))
def test_any_state_can_be_restored_from_any_other(sent: list[BookmarkCommand]) -> None:
    states = [BOOKMARK.initial]
    for command in sent:
        try:
            events = BOOKMARK.decide(command, states[-1], FACTS)
        except Refused:
            continue
        assert [stored_and_read(event) for event in events] == events
        states.append(reduce(BOOKMARK.evolve, events, states[-1]))
    for then in states:
        after = carried_out(states[-1], [*BOOKMARK.restore(states[-1], then)])
        assert (after.title, after.note) == (then.title, then.note)
        assert through_json(BOOKMARK.document(then)) == BOOKMARK.document(then)


def folded(*events: BookmarkEvent) -> Bookmark:
    return reduce(BOOKMARK.evolve, events, BOOKMARK.initial)


def carried_out(state: Bookmark, sent: list[BookmarkCommand]) -> Bookmark:
    for command in sent:
        state = reduce(BOOKMARK.evolve, BOOKMARK.decide(command, state, FACTS), state)
    return state
