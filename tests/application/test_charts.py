"""Charts have a bounded number of points that tell the truth of any number of events, in whatever order they come."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.application.audit import audit_report
from explorer.application.charts import (
    MOMENTS,
    MOST_BUCKETS,
    MOST_COURSES,
    WIDTHS,
    Activity,
    ActivityTally,
    FactsTally,
    moments_between,
    money_courses,
)
from explorer.application.session import Session
from explorer.domain.cart import ItemAdded
from explorer.projections.totals import Sums
from explorer.store.appending import EARLIEST, LATEST
from tests.application.evidence import HOUR, a_day, report_of, tamper
from tests.application.shop import NOW, SECOND, Clock, happened, long_cart, note, record

times = st.integers(EARLIEST, LATEST) | st.integers(NOW, NOW + 10 * HOUR)


def tallied(*moments: int) -> Activity:
    tally = ActivityTally()
    for moment in moments:
        tally.add(moment)
    return tally.activity()


@given(st.lists(times, min_size=1), st.randoms())
@example([EARLIEST, LATEST], None)
def test_every_event_is_counted_in_its_bucket_in_any_order(moments: list[int], order: object) -> None:
    activity = tallied(*moments)
    assert sum(activity.counts) == len(moments)
    assert 1 <= len(activity.counts) <= MOST_BUCKETS
    for number, count in enumerate(activity.counts):
        start = activity.start + number * activity.width
        assert count == sum(start <= moment < start + activity.width for moment in moments)
    assert tallied(*sorted(moments)) == tallied(*sorted(moments, reverse=True)) == activity


def test_buckets_can_be_put_together_and_suffice_for_all_times() -> None:
    assert all(wide % narrow == 0 and wide > narrow for narrow, wide in pairwise(WIDTHS))
    assert WIDTHS[-1] * (MOST_BUCKETS - 1) > LATEST - EARLIEST


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (0, "second"),
        (19 * 60, "5 seconds"),
        (20 * 60, "15 seconds"),
        (86_400, "15 minutes"),
        (365 * 86_400, "week"),
        (20 * 365 * 86_400, "8 weeks"),
    ],
)
def test_a_bucket_is_as_wide_as_people_count(span: int, words: str) -> None:
    activity = tallied(NOW, NOW + span * SECOND)
    assert activity.in_words() == words
    assert activity.start <= NOW < activity.start + activity.width


def test_a_week_begins_on_monday() -> None:
    activity = tallied(NOW, NOW + 365 * 24 * HOUR)  # 1 January 2026 was a Thursday
    assert activity.start == NOW - 3 * 24 * HOUR


def test_what_has_no_time_is_counted_apart() -> None:
    assert tallied(NOW, LATEST + 1, EARLIEST - 1) == tallied(NOW)._replace(untimed=2)
    assert tallied(LATEST + 1).counts == ()


def test_moments_are_at_even_distances_with_both_ends() -> None:
    assert moments_between(5, 5) == [5]
    assert moments_between(0, 2) == [0, 1, 2]
    many = moments_between(NOW, NOW + HOUR)
    assert (many[0], many[-1], len(many)) == (NOW, NOW + HOUR, MOMENTS + 1)


def test_a_store_is_followed_by_its_money(session: Session, clock: Clock) -> None:
    a_day(session, clock)
    report = audit_report(session)
    (course,) = report.courses
    assert (course.title, course.currency, [line.name for line in course.lines]) == (
        "Totals in GBP", "GBP", ["revenue", "value in open carts"],
    )  # fmt: skip
    revenue, in_carts = (line.values for line in course.lines)
    assert (revenue[0], revenue[-1], in_carts[-1]) == (0, 1436, 0)
    assert max(in_carts) == 1995
    assert course.times[-1] == report.last.time
    until = report_of(session, end="10")
    assert until.courses[0].lines[0].values[-1] == 0
    assert until.courses[0].lines[1].values[-1] == until.at_end.state["money"]["GBP"]["in_carts"]  # type: ignore[index, call-overload]


def test_the_activity_is_that_of_the_scope(session: Session, clock: Clock) -> None:
    a_day(session, clock)
    assert sum(audit_report(session).activity.counts) == 17
    assert sum(report_of(session, actor="Bob").activity.counts) == 3
    assert sum(report_of(session, start="8", end="10").activity.counts) == 3


def test_the_currencies_with_most_are_shown() -> None:
    totals = {f"C{number}": Sums(revenue=number % 7, value_in_carts=number // 7) for number in range(30)}
    courses = money_courses([NOW], [{"": Sums(carts_open=1), **totals}])
    assert [course.currency for course in courses] == ["C27", "C20", "C26", "C13"]


def test_a_stream_is_followed_by_its_numbers(session: Session, clock: Clock) -> None:
    a_day(session, clock)
    money, units, percent = report_of(session, stream="cart-1").courses
    assert {line.name: line.values[-1] for line in money.lines} == {"subtotal": 1596, "discount": 160, "total": 1436}
    assert (units.title, units.currency, [*dict.fromkeys(units.lines[0].values)]) == ("units", "", [5, 4])
    assert percent.title == "coupon.percent"


def test_a_long_stream_has_few_points_and_its_last_value(session: Session) -> None:
    long_cart(session, 2, "cart-1")
    for number in range(400):
        happened(session, "cart-1", ItemAdded("pen", 1, 25, "GBP", line=str(number)), at=NOW + number * SECOND)
    units = next(course for course in report_of(session, stream="cart-1").courses if course.title == "units")
    assert MOMENTS <= len(units.times) <= 2 * MOMENTS + 1
    assert [*units.times] == sorted({*units.times})
    assert (units.times[-1], units.lines[0].values[-1]) == (NOW + 399 * SECOND, 402)


def test_a_stream_without_rules_is_followed_by_the_numbers_in_it(session: Session) -> None:
    for number in range(3):
        record(session, "taking-1", note({"amount": number, "same": 7, "is": True, "by": "Ann"}, at=NOW + number))
    titles = [course.title for course in report_of(session, stream="taking-1").courses]
    assert titles == ["fields.amount", "events.NoteTaken"]


def test_a_stream_of_endless_numbers_gets_few_charts() -> None:
    facts = FactsTally()
    for number in range(500):
        facts.take(NOW + number, {f"n{name}": number * name for name in range(1_000)})
    courses = facts.courses("")
    assert [course.title for course in courses] == ["n1", "n2", "n3", "n4"]
    assert len(courses) == MOST_COURSES


def test_a_clock_that_ran_backwards_is_held() -> None:
    facts = FactsTally()
    for number, time in enumerate((NOW, NOW - HOUR, NOW + HOUR)):
        facts.take(time, {"n": number})
    assert facts.courses("")[0].times == (NOW, NOW + HOUR)
    assert facts.courses("")[0].lines[0].values == (1, 2)


def test_nothing_happened(session: Session, clock: Clock) -> None:
    report = audit_report(session)
    assert (report.activity.counts, report.courses) == ((), ())
    a_day(session, clock)
    empty = report_of(session, start="2030-01-01")
    assert (empty.activity.counts, empty.courses) == ((), ())


def test_a_time_that_is_none_breaks_no_chart(session: Session, clock: Clock) -> None:
    a_day(session, clock)
    tamper(session.path, f"UPDATE events SET occurred_at = {1 << 62} WHERE position = 9")
    report = audit_report(session)
    assert report.activity.untimed == 1
    assert sum(report.activity.counts) == 16
