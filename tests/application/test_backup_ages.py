"""Which backups are kept: by age, never too many, never none."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from explorer.application.backup import DAYS, HOURS, WEEKS, Backup, kept

SECOND = 1_000_000
HOUR, DAY = 3_600 * SECOND, 86_400 * SECOND
NOW = 1_767_225_600 * SECOND
"""2026-01-01T00:00:00Z, a Thursday."""
MOST = HOURS + DAYS + WEEKS


def backup(at: int, events: int = 1) -> Backup:
    return Backup(Path(f"{at}-{events}"), at, events, 1)


ages = st.one_of(
    st.integers(0, 3 * DAY // SECOND), st.integers(0, 100 * DAY // SECOND), st.integers(-2 * DAY // SECOND, 0)
)
lists = st.lists(ages, max_size=120, unique=True).map(lambda found: [backup(NOW - age * SECOND) for age in found])


@given(lists)
def test_the_newest_and_all_from_the_future_stay_and_not_too_many(found: list[Backup]) -> None:
    stay = kept(found, NOW)
    future = {one for one in found if one.at > NOW}
    assert stay <= {*found}
    assert future <= stay
    assert len(stay - future) <= MOST
    if found:
        assert max(found, key=lambda one: one.at) in stay
    if past := [one for one in found if one.at <= NOW]:
        assert max(past, key=lambda one: one.at) in stay


@given(lists)
def test_the_newest_of_each_recent_hour_day_and_week_stays(found: list[Backup]) -> None:
    stay = kept(found, NOW)
    for span, most, offset in ((HOUR, HOURS, 0), (DAY, DAYS, 0), (7 * DAY, WEEKS, 3 * DAY)):
        for back in range(most):
            number = (NOW + offset) // span - back
            within = [one for one in found if (one.at + offset) // span == number and one.at <= NOW]
            if within:
                assert max(within, key=lambda one: one.at) in stay


@given(lists, st.integers(0, 30 * DAY // SECOND))
def test_to_thin_out_often_or_once_is_the_same(found: list[Backup], later: int) -> None:
    stay, then = kept(found, NOW), NOW + later * SECOND
    assert kept(stay, NOW) == stay
    assert kept(stay, then) == kept(found, then)


@given(lists, st.lists(st.integers(1, 10 * DAY // SECOND), max_size=30, unique=True))
def test_what_is_not_kept_is_not_missed_when_newer_ones_come(found: list[Backup], delays: list[int]) -> None:
    last = max([NOW, *(one.at for one in found)])
    newer = [backup(last + delay * SECOND) for delay in delays]
    then = max([last, *(one.at for one in newer)])
    assert kept([*found, *newer], then) & {*found} <= kept(found, then)
    assert kept([*kept(found, last), *newer], then) == kept([*found, *newer], then)


def test_a_backup_each_ten_minutes_for_months_leaves_a_day_of_hours_a_week_of_days_and_eight_weeks() -> None:
    stay, now = set[Backup](), NOW
    for step in range(119 * 144):
        now = NOW + step * 600 * SECOND
        stay = kept({*stay, backup(now, step)}, now)
        assert len(stay) <= MOST
    hours = sorted((now - one.at) // HOUR for one in stay)
    assert hours[:24] == [*range(24)]
    # It is the end of a Wednesday: that day is one of the hours', and last week's Sunday one of the days'.
    assert len(hours) == 24 + 6 + 6
    assert 7 * 6 * 24 <= hours[-1] <= 7 * 7 * 24


def test_a_store_at_rest_keeps_its_past() -> None:
    found = [backup(NOW - week * 7 * DAY) for week in range(8)]
    assert kept([*found, backup(NOW + 300 * DAY)], NOW + 300 * DAY) >= {*found[:7]}


def test_of_one_second_the_longer_one_stays() -> None:
    assert kept([backup(NOW, 3), backup(NOW, 2)], NOW) == {backup(NOW, 3)}


def test_weeks_begin_on_monday() -> None:
    sunday, monday = NOW + 3 * DAY + 23 * HOUR, NOW + 4 * DAY + HOUR
    now = NOW + 60 * DAY
    recent = [backup(now - number * HOUR) for number in range(24)] + [backup(now - number * DAY) for number in range(7)]
    stay = kept([*recent, backup(sunday), backup(monday)], now)
    assert {backup(sunday), backup(monday)} <= stay
    assert backup(sunday - DAY) not in kept([*recent, backup(sunday), backup(sunday - DAY)], now)


def test_a_roll_back_does_not_take_the_longest_one_with_it() -> None:
    long, stay = backup(NOW, 9), {backup(NOW, 9)}
    for step in range(1, 100 * 24):
        stay = kept({*stay, backup(NOW + step * HOUR, 3)}, NOW + step * HOUR)
    assert long in stay
    assert len(stay) <= MOST + 1
    assert long not in kept({*stay, backup(NOW + 100 * DAY, 10)}, NOW + 100 * DAY)
