"""What a user types becomes a scope, or a reason why it cannot."""

import pytest

from explorer.application.scope import Bound, Range, Scope, resolve_scope
from explorer.application.session import Session
from explorer.errors import BadInput, Missing
from tests.application.shop import NOW, SECOND, note, record

DAY = 86_400 * SECOND


@pytest.fixture
def week(session: Session) -> Session:
    """Ten events at noon of ten days from 2026-01-01 on; the fifth is told late, with the time of the second."""
    for day in range(10):
        at = NOW + (1 if day == 4 else day) * DAY + DAY // 2
        record(session, f"log-{day % 2}", note({"day": day}, at=at))
    return session


def within(session: Session, **asked: str | None) -> Range:
    return resolve_scope(session, **asked).within(session.store.head().size)


def test_nothing_asked_is_everything_up_to_now(week: Session) -> None:
    assert resolve_scope(week, start="", end=" ") == Scope()
    assert within(week) == Range(1, 10, 10)


def test_positions_are_included_at_both_ends_and_may_be_written_with_commas(week: Session) -> None:
    assert within(week, start="3", end="0,007", as_of="9") == Range(3, 7, 9)
    assert Scope(last=Bound(7)).within(10) == Range(1, 7, 10)


def test_a_range_of_times_begins_at_the_first_event_at_or_after_and_ends_at_the_last_at_or_before(
    week: Session,
) -> None:
    assert within(week, start="2026-01-02T12:00", end="2026-01-04T12:00") == Range(2, 5, 10)
    assert within(week, start="2026-01-02T12:00:00.000001", end="2026-01-04T11:59") == Range(3, 3, 10)
    assert within(week, start="2026-01-02T14:00+02:00", end="2026-01-02T07:00-05:00") == Range(2, 2, 10)


def test_an_end_that_is_a_day_is_all_of_it_and_the_beginning_is_its_first_moment(week: Session) -> None:
    assert within(week, start="2026-01-02", end="2026-01-02") == Range(2, 2, 10)
    assert within(week, as_of="2026-01-02") == Range(1, 1, 1)


def test_nothing_after_the_moment_it_is_made_as_of_is_in_the_range(week: Session) -> None:
    assert within(week, end="9", as_of="6") == Range(1, 6, 6)
    assert within(week, as_of="0") == Range(1, 0, 0)


def test_a_range_of_times_in_which_nothing_happened_is_empty(week: Session) -> None:
    assert within(week, start="2026-01-02T13:00", end="2026-01-03T11:00") == Range(3, 2, 10)
    assert within(week, start="2027-01-01") == Range(11, 10, 10)
    assert within(week, end="2020-01-01") == Range(1, 0, 10)


@pytest.mark.parametrize(
    ("asked", "kind", "says"),
    [
        ({"start": "yesterday"}, BadInput, "neither a position nor a time"),
        ({"start": "2026-13-01"}, BadInput, "neither a position nor a time"),
        ({"start": "0001-01-01T00:00+14:00"}, BadInput, "neither"),
        ({"start": "-1"}, BadInput, "neither"),
        ({"start": "0"}, BadInput, "count from 1"),
        ({"end": "0"}, BadInput, "count from 1"),
        ({"start": "11"}, Missing, "has 10 events; there is no event 11"),
        ({"as_of": "9" * 5_000}, Missing, "has 10 events"),
        ({"start": "8", "end": "3"}, BadInput, "ends at event 3, before it begins at event 8"),
        ({"start": "2026-01-05", "end": "2026-01-03"}, BadInput, "before it begins"),
        ({"start": "8", "as_of": "5"}, BadInput, "after event 5"),
        ({"stream": "log-7"}, Missing, "There is no stream 'log-7'"),
        ({"stream": "log-1", "as_of": "1"}, Missing, "'log-1' begins after event 1"),
        ({"actor": "Nobody"}, Missing, "Nobody called 'Nobody'"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    week: Session, asked: dict[str, str], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        resolve_scope(week, **asked)


def test_a_scope_says_itself_in_one_sentence(week: Session) -> None:
    assert resolve_scope(week).in_words() == "Every event, as of the end of the log."
    asked = resolve_scope(week, stream="log-1", actor="Ann", start="2026-01-02", end="6", as_of="9")
    assert asked.in_words() == (
        "Every event of the stream log-1 that Ann caused, from 2026-01-02T00:00:00Z (event 2), up to event 6, "
        "as of event 9."
    )


def test_an_empty_store_has_an_empty_range(session: Session) -> None:
    assert within(session) == Range(1, 0, 0)
    assert within(session, start="2026-01-01", end="2026-02-01") == Range(1, 0, 0)
