"""The timeline's arithmetic, by numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.kinds import KINDS, Kind
from explorer.application.timeline import (
    LEAST_MARGIN,
    MAX_BARS,
    MAX_SPAN,
    MIN_SPAN,
    NO_ACTIVITY,
    SECOND,
    WIDTH_NAMES,
    WIDTHS,
    Activity,
    Viewport,
    clusters,
    level_for,
    mark_at,
    nearest,
    runs,
    stacked,
)

HOUR = 3_600 * SECOND
DAY = 24 * HOUR
NOW = 1_291_586_400 * SECOND
MINUTE_VIEW = Viewport(NOW, NOW + 60 * SECOND)

moments = st.integers(-10 * 366 * DAY, 200 * 366 * DAY)
pixels = st.integers(50, 4_000)


@st.composite
def viewports(draw: st.DrawFn, longest: int = 20 * 366 * DAY) -> Viewport:
    start = draw(moments)
    return Viewport(start, start + draw(st.integers(MIN_SPAN, longest)))


# The viewport


@pytest.mark.parametrize("end", [NOW, NOW - 1])
def test_a_viewport_is_never_empty(end: int) -> None:
    with pytest.raises(ValueError, match="shows nothing"):
        Viewport(NOW, end)


def test_everything_fits_with_a_margin() -> None:
    assert Viewport.fitted(NOW, NOW + 100 * DAY) == Viewport(NOW - 2 * DAY, NOW + 102 * DAY)


def test_a_single_moment_stands_in_the_middle_of_a_minute() -> None:
    assert Viewport.fitted(NOW, NOW) == Viewport(NOW - LEAST_MARGIN, NOW + LEAST_MARGIN)


def test_an_empty_log_has_a_viewport_too() -> None:
    assert Viewport.fitted(None, None).contains(0)


@pytest.mark.parametrize(
    ("time", "x"), [(NOW, 0), (NOW + 15 * SECOND, 250), (NOW + 60 * SECOND, 1_000), (NOW - 6 * SECOND, -100)]
)
def test_where_a_time_is(time: int, x: float) -> None:
    assert MINUTE_VIEW.x_of(time, 1_000) == x


@pytest.mark.parametrize(("x", "seconds"), [(0, 0), (250, 15), (1_000, 60), (-1, 0), (1_001, 60)])
def test_the_time_at_a_pixel_ends_at_the_edges(x: float, seconds: int) -> None:
    assert MINUTE_VIEW.time_at(x, 1_000) == NOW + seconds * SECOND


def test_the_time_at_a_pixel_of_no_width() -> None:
    assert MINUTE_VIEW.time_at(5, 0) == NOW + 60 * SECOND


def test_what_a_viewport_contains() -> None:
    inside = (NOW - 1, NOW, NOW + 60 * SECOND - 1, NOW + 60 * SECOND)
    assert [MINUTE_VIEW.contains(time) for time in inside] == [False, True, True, False]


def test_panning_by_a_share() -> None:
    assert MINUTE_VIEW.panned(0.5) == Viewport(NOW + 30 * SECOND, NOW + 90 * SECOND)
    assert MINUTE_VIEW.panned(-1) == Viewport(NOW - 60 * SECOND, NOW)


def test_zooming_about_a_quarter() -> None:
    about = NOW + 15 * SECOND
    assert MINUTE_VIEW.zoomed(about, 0.5) == Viewport(about - 7_500_000, about + 22_500_000)
    assert MINUTE_VIEW.zoomed(about, 2) == Viewport(about - 30 * SECOND, about + 90 * SECOND)


def test_zooming_ends_somewhere() -> None:
    assert MINUTE_VIEW.zoomed(NOW, 0).span == MIN_SPAN
    assert MINUTE_VIEW.zoomed(NOW, 1e30).span == MAX_SPAN


@pytest.mark.parametrize(
    ("asked", "shown"),
    [((-5, 5), (0, 10)), ((95, 105), (90, 100)), ((-50, 200), (0, 100)), ((20, 30), (20, 30)), ((300, 310), (90, 100))],
)
def test_nothing_beyond_the_extent_is_shown(asked: tuple[int, int], shown: tuple[int, int]) -> None:
    assert Viewport(*asked).clamped(Viewport(0, 100)) == Viewport(*shown)


@given(viewports(), pixels, st.floats(0, 1))
def test_a_pixel_s_time_is_at_that_pixel(view: Viewport, width: int, share: float) -> None:
    x = share * width
    half_a_microsecond = width / view.span / 2
    assert abs(view.x_of(view.time_at(x, width), width) - x) <= half_a_microsecond + 1e-6


@given(viewports(), st.floats(0.01, 100), st.floats(0, 1), pixels)
def test_zooming_keeps_what_is_under_the_pointer(view: Viewport, factor: float, share: float, width: int) -> None:
    about = view.time_at(share * width, width)
    zoomed = view.zoomed(about, factor)
    assert abs(zoomed.x_of(about, width) - view.x_of(about, width)) <= width / zoomed.span / 2 + 1e-6
    assert MIN_SPAN <= zoomed.span <= MAX_SPAN


@given(viewports(), viewports())
def test_clamping_twice_is_clamping_once(view: Viewport, extent: Viewport) -> None:
    clamped = view.clamped(extent)
    assert clamped.clamped(extent) == clamped
    assert extent.start <= clamped.start < clamped.end <= extent.end
    assert clamped.span == min(view.span, extent.span)


@given(viewports(), st.floats(-10, 10))
def test_panning_back_undoes_panning(view: Viewport, share: float) -> None:
    assert view.panned(share).panned(-share) == view


@given(moments, st.integers(0, 50 * 366 * DAY))
def test_what_is_fitted_is_seen(first: int, length: int) -> None:
    view = Viewport.fitted(first, first + length)
    assert view.contains(first)
    assert view.contains(first + length)


# Bars


def test_every_level_has_a_name() -> None:
    assert len(WIDTH_NAMES) == len(WIDTHS)


@pytest.mark.parametrize(
    ("span", "width", "seconds"),
    [
        (MIN_SPAN, 1_400, 1),
        (350 * SECOND, 1_400, 1),
        (350 * SECOND + 1, 1_400, 5),
        (7 * DAY, 1_400, 3_600),
        (7 * DAY, 700, 3_600),
        (7 * DAY, 600, 14_400),
        (365 * DAY, 1_400, 14_400 * 6 * 7),
        (350 * DAY, 1_400, 86_400),
        (MAX_SPAN, 1_400, 3_500 * 86_400),
        (DAY, 0, 86_400),
    ],
)
def test_the_level_for_a_view(span: int, width: int, seconds: int) -> None:
    assert WIDTHS[level_for(Viewport(NOW, NOW + span), width)] == seconds


@given(viewports(), pixels)
def test_the_level_is_the_finest_whose_bars_can_be_told_apart(view: Viewport, width: int) -> None:
    level = level_for(view, width)
    bars = [view.span / (seconds * SECOND) for seconds in WIDTHS]
    most = min(MAX_BARS, width // 4)
    assert bars[level] <= most or level == len(WIDTHS) - 1
    assert level == 0 or bars[level - 1] > most


ROWS: list[tuple[int, Kind, int]] = [
    (120, "added", 2),
    (0, "removed", 1),
    (0, "added", 3),
    (120, "opened", 1),
    (0, "added", 1),
    (60, "other", 7),
]
ACTIVITY = Activity.of(60, ROWS)


def test_rows_are_counted_by_bucket_and_kind() -> None:
    counts: dict[Kind, tuple[int, ...]] = {
        "opened": (0, 0, 1),
        "added": (4, 0, 2),
        "removed": (1, 0, 0),
        "other": (0, 7, 0),
    }
    assert Activity(60, (0, 60, 120), counts) == ACTIVITY
    assert ACTIVITY.totals() == (5, 7, 3)


@pytest.mark.parametrize(("time", "index"), [(-1, None), (0, 0), (59, 0), (60, 1), (179, 2), (180, None)])
def test_the_bucket_of_a_time(time: int, index: int | None) -> None:
    assert ACTIVITY.bucket_at(time) == index


def test_what_a_bucket_holds_in_the_order_of_the_stack() -> None:
    assert ACTIVITY.counted(0) == (("added", 4), ("removed", 1))
    assert ACTIVITY.counted(2) == (("opened", 1), ("added", 2))


def test_without_activity_there_is_nothing() -> None:
    assert NO_ACTIVITY.totals() == ()
    assert NO_ACTIVITY.bucket_at(0) is None
    assert stacked(NO_ACTIVITY, Viewport(0, 10), 100, 50) == {}


def test_bars_stand_on_whole_pixels_and_the_highest_fills_the_height() -> None:
    bars = stacked(ACTIVITY, Viewport(0, 180), 30, 70)
    assert bars == {
        "opened": [(20, 61, 9, 9)],  # a hairline below the next part
        "added": [(0, 31, 9, 39), (20, 40, 9, 20)],
        "removed": [(0, 20, 9, 10)],
        "other": [(10, 0, 9, 70)],
    }


def test_narrow_bars_touch_and_low_ones_can_be_seen() -> None:
    bars = stacked(Activity(1, (0, 1), {"added": (1_000, 1)}), Viewport(0, 10), 20, 100)
    assert bars == {"added": [(0, 0, 2, 100), (2, 99, 2, 1)]}


def test_bars_beyond_the_view_do_not_count() -> None:
    bars = stacked(Activity(10, (0, 10, 20), {"added": (9, 1, 9)}), Viewport(10, 20), 10, 50)
    assert bars == {"added": [(0, 0, 9, 50)]}


def test_a_bar_that_reaches_into_the_view_is_drawn() -> None:
    bars = stacked(Activity(10, (0,), {"added": (9,)}), Viewport(5, 15), 100, 50)
    assert bars == {"added": [(-50, 0, 99, 50)]}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(KINDS), st.integers(1, 10**9)), max_size=60),
    st.integers(1, 3),
)
def test_bars_stay_within_the_height_and_never_overlap(rows: list[tuple[int, Kind, int]], line: int) -> None:
    activity = Activity.of(1, rows)
    taken: set[tuple[int, int]] = set()
    for boxes in stacked(activity, Viewport(0, 41), 205, 40, line).values():
        for left, top, width, height in boxes:
            pixels = {(x, y) for x in range(left, left + width) for y in range(top, top + height)}
            assert height >= 1
            assert width >= 1
            assert 0 <= top < top + height <= 40
            assert not taken & pixels
            taken |= pixels
    assert {x // 5 for x, y in taken if y == 39} == set(activity.buckets)


# Marks


@pytest.mark.parametrize(("time", "reach", "index"), [(12, 5, 0), (16, 5, 1), (15, 5, 0), (30, 9, None), (0, 10, 0)])
def test_the_nearest_within_reach(time: int, reach: int, index: int | None) -> None:
    assert nearest([10, 20], time, reach) == index


def test_nothing_is_near_where_nothing_is() -> None:
    assert nearest([], 5, 100) is None


@pytest.mark.parametrize(("x", "index"), [(94, None), (95, 0), (100, 0), (105, 0), (106, None), (500, 1), (502, 2)])
def test_the_mark_at_a_pixel(x: float, index: int | None) -> None:
    times = [NOW + 6 * SECOND, NOW + 30 * SECOND, NOW + 30_120_000]
    assert mark_at(times, x, MINUTE_VIEW, 1_000, 5) == index


def test_marks_that_would_overlap_share_a_place() -> None:
    view = Viewport(0, 1_000)
    assert [tuple(c) for c in clusters([100, 111, 300], view, 1_000, 10, 20)] == [
        (0, 1, 100, 100),
        (1, 2, 111, 111),
        (2, 3, 300, 300),
    ]
    assert [tuple(c) for c in clusters([100, 109, 300], view, 1_000, 10, 20)] == [(0, 2, 100, 109), (2, 3, 300, 300)]


def test_the_sign_for_several_takes_in_what_it_would_cover() -> None:
    found = clusters([100, 112, 115], Viewport(0, 1_000), 1_000, 10, 30)
    assert [(c.first, c.end) for c in found] == [(0, 3)]


def test_marks_out_of_view_are_left_out() -> None:
    found = clusters([5, 50, 100], Viewport(10, 100), 90, 10, 20)
    assert [(c.first, c.end, c.left, c.size) for c in found] == [(1, 2, 40, 1)]
    assert clusters([], Viewport(10, 100), 90, 10, 20) == []


@given(st.lists(st.integers(-100, 1_100)).map(sorted), st.integers(1, 30), st.integers(1, 60))
def test_clusters_hold_every_mark_in_view_once_and_in_order(times: list[int], alone: int, together: int) -> None:
    view = Viewport(0, 1_000)
    found = clusters(times, view, 500, alone, together)
    inside = [index for index, time in enumerate(times) if view.contains(time)]
    assert [index for cluster in found for index in range(cluster.first, cluster.end)] == inside
    halves = [(alone if cluster.size == 1 else together) / 2 for cluster in found]
    middles = [(cluster.left + cluster.right) / 2 for cluster in found]
    for before, after in zip(range(len(found)), range(1, len(found)), strict=False):
        assert middles[before] + halves[before] <= middles[after] - halves[after]


def test_runs_of_pixels() -> None:
    assert runs([], Viewport(0, 100), 100) == []
    assert runs([3, 3, 4, 5, 9, 20], Viewport(0, 100), 100) == [(3, 6), (9, 10), (20, 21)]
    assert runs(range(1_000), Viewport(0, 1_000), 100) == [(0, 100)]
