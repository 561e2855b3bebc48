"""Charts lie on their sheet, at the places that their numbers say."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.audit import AuditReport
from explorer.application.charts import Activity, Course, Line
from explorer.application.reports import picture
from explorer.application.reports.picture import HEIGHT, WIDTH, Picture, pictures
from explorer.store.appending import EARLIEST, LATEST
from tests.application.shop import NOW, SECOND


def drawn(report: AuditReport, activity: Activity | None = None, *courses: Course) -> list[Picture]:
    from dataclasses import replace

    return pictures(replace(report, activity=activity or Activity(0, SECOND, ()), courses=courses))


def test_a_days_charts(report: AuditReport) -> None:
    activity, money = pictures(report)
    assert activity.title == "Activity: events per minute"
    assert "17 in all, most, 4, in the minute from 2026-01-01T00:00:00.000000Z." in activity.description
    assert len(activity.bars) == sum(count > 0 for count in report.activity.counts)
    assert money.title == "Totals in GBP over time"
    assert money.description.endswith(
        "revenue from 0.00 GBP to 14.36 GBP; value in open carts from 0.00 GBP to 0.00 GBP."
    )
    assert [label.text for label in money.key] == ["revenue", "value in open carts"]
    assert {"00:00", "01:00", "02:00", "20", "Thu 1 Jan 2026"} <= {label.text for label in money.labels}


def test_a_bar_is_as_high_as_its_number(report: AuditReport) -> None:
    (found,) = drawn(report, Activity(NOW, 60 * SECOND, (1, 0, 4, 2)))
    one, four, two = found.bars
    assert four.height == pytest.approx(4 * one.height, abs=0.3)
    assert two.height == pytest.approx(2 * one.height, abs=0.3)
    assert one.y + one.height == pytest.approx(four.y + four.height)
    assert two.x - four.x == pytest.approx((four.x - one.x) / 2, abs=0.2)


def test_a_value_holds_until_the_next(report: AuditReport) -> None:
    course = Course("x", "", (NOW, NOW + SECOND, NOW + 3 * SECOND), (Line("x", (0, 0, 8)),))
    (found,) = drawn(report, None, course)
    (stroke,) = found.strokes
    assert all(before[0] == after[0] or before[1] == after[1] for before, after in pairwise(stroke.points))
    assert stroke.points[0][1] > stroke.points[-1][1]


def test_a_single_moment_is_a_level_line(report: AuditReport) -> None:
    (found,) = drawn(report, None, Course("x", "GBP", (NOW,), (Line("x", (250,)),)))
    (left, right) = found.strokes[0].points
    assert left[1] == right[1]
    assert right[0] > left[0] + 100
    assert "2.50 GBP" in found.description


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=240).filter(any),
    st.integers(EARLIEST, LATEST),
    st.sampled_from([SECOND, 86_400 * SECOND]),
    st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=60),
    st.sampled_from(["", "GBP", "JPY", "KWD"]),
)
def test_everything_lies_on_the_sheet(
    counts: list[int], start: int, width: int, values: list[int], currency: str
) -> None:
    course = Course("x", currency, tuple(start + number for number in range(len(values))), (Line("x", tuple(values)),))
    activity = picture._activity(Activity(start, width, tuple(counts)))  # type: ignore[reportPrivateUsage] # noqa: SLF001
    course_ = picture._course(course)  # type: ignore[reportPrivateUsage] # noqa: SLF001
    for found in (activity, course_):
        places = [
            *((bar.x, bar.y) for bar in found.bars),
            *((bar.x + bar.width, bar.y + bar.height) for bar in found.bars),
            *(point for stroke in found.strokes for point in stroke.points),
            *((label.x, label.y) for label in found.labels),
            *((rule.x1, rule.y1) for rule in found.rules),
        ]
        assert all(-0.2 <= x <= WIDTH + 0.2 and -0.2 <= y <= HEIGHT + 0.2 for x, y in places)
        assert len(found.rules) < 60
    assert len(activity.bars) == sum(count > 0 for count in counts)
