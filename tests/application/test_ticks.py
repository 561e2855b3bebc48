"""The calendar under the timeline."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.ticks import GAP, STEPS, local, spelled, ticks
from explorer.application.timeline import MAX_SPAN, MIN_SPAN, SECOND, Viewport

HOUR = 3_600 * SECOND
DAY = 24 * HOUR
LONDON, BERLIN, APIA = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")
SAO_PAULO, LORD_HOWE, KATHMANDU = (
    ZoneInfo("America/Sao_Paulo"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"),
)  # fmt: skip
ZONES: tuple[tzinfo | None, ...] = (
    UTC, LONDON, BERLIN, APIA, SAO_PAULO, LORD_HOWE, KATHMANDU, timezone(timedelta(hours=-3, minutes=-30)), None,
)  # fmt: skip
CHARACTER = 8.0


def at(*moment: int, zone: tzinfo = UTC) -> int:
    year, month, day, *clock = moment
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return round(datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp()) * SECOND


def minor(start: int, span: int, zone: tzinfo | None = UTC, width: int = 900) -> list[str]:
    return [tick.label for tick in ticks(Viewport(start, start + span), width, CHARACTER, zone).minor]


def major(start: int, span: int, zone: tzinfo | None = UTC, width: int = 900) -> list[str]:
    return [tick.label for tick in ticks(Viewport(start, start + span), width, CHARACTER, zone).major]


MONDAY = at(2010, 12, 6)


@pytest.mark.parametrize(
    ("span", "labels", "above"),
    [
        (MIN_SPAN, ["00:00:00.0000", "00:00:00.0002"], ["Mon 6 Dec 2010"]),
        (SECOND, ["00:00:00.0", "00:00:00.2"], ["Mon 6 Dec 2010"]),
        (20 * SECOND, ["00:00:00", "00:00:02"], ["Mon 6 Dec 2010"]),
        (600 * SECOND, ["00:00", "00:01"], ["Mon 6 Dec 2010"]),
        (6 * HOUR, ["00:00", "00:30"], ["Mon 6 Dec 2010"]),
        (DAY, ["00:00", "02:00"], ["Mon 6 Dec 2010"]),
        (5 * DAY, ["00:00", "12:00"], ["Mon 6 Dec 2010", "Tue 7 Dec 2010"]),
        (14 * DAY, ["Mon 6", "Tue 7"], []),
        (24 * DAY, ["Tue 7", "Thu 9"], []),
        (60 * DAY, ["Mon 6", "Mon 13"], ["Jan 2011", "Feb 2011"]),
        (365 * DAY, ["Jan", "Feb"], ["2011"]),
        (3 * 365 * DAY, ["Jan", "Apr"], ["2011", "2012"]),
        (30 * 365 * DAY, ["2012", "2014"], []),
        (600 * 365 * DAY, ["2050", "2100"], []),
    ],
)
def test_two_rows_of_labels(span: int, labels: list[str], above: list[str]) -> None:
    assert minor(MONDAY, span)[:2] == labels
    assert major(MONDAY, span)[:2] == above


def test_the_unit_in_which_the_view_begins_is_named() -> None:
    start = at(2010, 12, 7, 14, 3)
    assert ticks(Viewport(start, start + HOUR), 900, CHARACTER, UTC).context == ("Tue 7 Dec 2010", "Tue 7 Dec")
    assert ticks(Viewport(start, start + 60 * DAY), 900, CHARACTER, UTC).context == ("Dec 2010", "Dec")
    assert ticks(Viewport(start, start + 900 * DAY), 900, CHARACTER, UTC).context == ("2010",)
    assert ticks(Viewport(start, start + MAX_SPAN), 900, CHARACTER, UTC).context == ()


def test_larger_units_are_named_in_fewer_words_where_there_is_less_room() -> None:
    assert major(MONDAY, 2 * DAY, width=900) == ["Mon 6 Dec 2010", "Tue 7 Dec 2010"]
    assert major(MONDAY, 2 * DAY, width=240) == ["Mon 6 Dec", "Tue 7 Dec"]


def test_ticks_stand_at_local_hours_and_local_midnight() -> None:
    found = ticks(Viewport(MONDAY, MONDAY + 2 * DAY), 900, CHARACTER, KATHMANDU)
    assert [spelled(tick.time, KATHMANDU) for tick in found.major] == [
        "Tue 7 Dec 2010 00:00:00",
        "Wed 8 Dec 2010 00:00:00",
    ]
    assert [tick.label for tick in found.minor][:3] == ["06:00", "09:00", "12:00"]
    assert found.minor[0].time == at(2010, 12, 6, 6, zone=KATHMANDU)


def test_when_the_clock_is_put_back_an_hour_comes_twice() -> None:
    assert minor(at(2021, 10, 30, 22), 5 * HOUR, BERLIN, 300) == ["00:00", "01:00", "02:00", "02:00", "03:00"]


def test_when_the_clock_is_put_forward_an_hour_is_left_out() -> None:
    assert minor(at(2021, 3, 27, 23), 5 * HOUR, BERLIN, 300) == ["00:00", "01:00", "03:00", "04:00", "05:00"]


@pytest.mark.parametrize("change", [(2021, 3, 27, 16), (2021, 10, 30, 16)])
def test_six_hours_are_by_the_wall_clock_on_such_days_too(change: tuple[int, ...]) -> None:
    assert minor(at(*change), 2 * DAY, BERLIN, 500)[:6] == ["18:00", "00:00", "06:00", "12:00", "18:00", "00:00"]


def test_a_change_of_half_an_hour() -> None:
    labels = minor(at(2021, 10, 2, 14), 3 * HOUR, LORD_HOWE, 400)
    assert labels == ["00:30", "01:00", "01:30", "02:30", "03:00", "03:30"]


def test_a_day_that_does_not_begin_at_midnight() -> None:
    found = ticks(Viewport(at(2018, 11, 3, 12), at(2018, 11, 5, 12)), 900, CHARACTER, SAO_PAULO).major
    assert [spelled(tick.time, SAO_PAULO) for tick in found] == ["Sun 4 Nov 2018 01:00:00", "Mon 5 Nov 2018 00:00:00"]


def test_a_day_that_never_was() -> None:
    assert major(at(2011, 12, 28, 12), 4 * DAY, APIA) == [
        "Thu 29 Dec 2011",
        "Sat 31 Dec 2011",
        "Sun 1 Jan 2012",
        "Mon 2 Jan 2012",
    ]


@pytest.mark.parametrize("start", [-(10**18), 10**18, at(1, 1, 2), at(9999, 1, 1)])
def test_beyond_the_calendar_there_are_no_ticks(start: int) -> None:
    assert ticks(Viewport(start, start + DAY), 900, CHARACTER, LONDON) == ((), (), ())


def test_without_room_there_are_no_ticks() -> None:
    assert ticks(Viewport(MONDAY, MONDAY + DAY), 0, CHARACTER, UTC) == ((), (), ())


def test_times_are_spelled_in_full() -> None:
    time = at(2010, 7, 5, 13, 3, 22) + 999_999
    assert spelled(time, UTC) == "Mon 5 Jul 2010 13:03:22"
    assert spelled(time, LONDON) == "Mon 5 Jul 2010 14:03:22"
    assert spelled(-1, UTC) == "Wed 31 Dec 1969 23:59:59"
    assert spelled(10**18, UTC) == "1,000,000,000,000,000,000 µs"


def test_the_system_s_own_zone() -> None:
    assert local(MONDAY, None) == local(MONDAY, UTC)
    assert local(MONDAY, None).utcoffset() == datetime(2010, 12, 6, tzinfo=UTC).astimezone().utcoffset()


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    start = draw(st.integers(at(1900, 1, 1), at(2100, 1, 1)))
    step = draw(st.sampled_from([step.span for step in STEPS]))
    return Viewport(start, start + min(MAX_SPAN, max(MIN_SPAN, draw(st.integers(step, 30 * step)))))


@given(viewports(), st.integers(60, 2_000), st.sampled_from(ZONES))
def test_ticks_rise_and_are_in_view(view: Viewport, width: int, zone: tzinfo | None) -> None:
    found = ticks(view, width, CHARACTER, zone)
    for row in (found.minor, found.major):
        assert all(view.contains(tick.time) for tick in row)
        assert all(before.time < after.time for before, after in pairwise(row))


@given(viewports(), st.integers(200, 2_000), st.sampled_from(ZONES[:4]))
def test_labels_have_room(view: Viewport, width: int, zone: tzinfo) -> None:
    """But for the days on which the clock is put forward, and for February."""
    row = ticks(view, width, CHARACTER, zone).minor
    rooms = sorted(
        (view.x_of(after.time, width) - view.x_of(before.time, width)) / (len(before.label) + GAP)
        for before, after in pairwise(row)
    )
    assert not rooms or rooms[len(rooms) // 2] >= CHARACTER * 0.9


@given(viewports(), st.integers(200, 2_000), st.sampled_from(ZONES))
def test_every_tick_is_round_on_the_wall_clock(view: Viewport, width: int, zone: tzinfo | None) -> None:
    found = ticks(view, width, CHARACTER, zone)
    for tick in found.minor:
        if tick.label.count(":") == 1:
            shown = local(tick.time, zone)
            assert f"{shown:%H:%M}" == tick.label
            assert (shown.second, shown.microsecond) == (0, 0)
