"""What conditions say of values: two answers, and never a failure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.language.meaning import NOTHING, Holds, meaning
from explorer.language.moments import DAY, instant, moment
from explorer.language.monotone import is_rising_in
from explorer.language.parser import parse
from explorer.language.syntax import Condition, Dialect, Not
from tests.language.strategies import conditions

STATE: dict[str, Any] = {
    "total": 600,
    "status": "Open",
    "note": "",
    "gone": None,
    "is_big": True,
    "money": {"GBP": 5},
    "when": "2011-01-05T10:00Z",
    "lines": [{"sku": "22423", "quantity": 10}, {"sku": "MUG-1", "quantity": 2}, {"sku": 7, "quantity": 1}],
}


def says(text: str, state: object = STATE, **roots: object) -> bool:
    return predicate(parse(text, Dialect.STATES))({"": state, **roots})


def predicate(condition: Condition) -> Holds[dict[str, object]]:
    return meaning(condition, look, lambda _, word: word == "there")


def look(roots: dict[str, object], name: str) -> object:
    return roots.get(name, NOTHING)


@pytest.mark.parametrize(
    "text",
    [
        "total > 500", "total == 600.0", "not total > 600", "total >= 600", "500 < total", "total / 7 * 7 == total",
        "status == 'Open'", "status != 'open'", "status ~ 'o?en'", "status ~ '*E*'", "status !~ 'x*'", "note == ''",
        "lines[sku=22423].quantity >= 10", "lines[sku=MUG-1].quantity == 2", "lines[sku=7].quantity == 1",
        "lines[*].quantity > 9", "lines[0].sku == '22423'", "lines[-1].sku == 7", "count(lines) == 3",
        "count(lines[*].quantity) == 3", "count(nothing) == 0", "lines[*].quantity - 9 == 1", "money.GBP in (4, 5)",
        "money.GBP not in (4, '5')", "total", "money", "is_big", "not note", "not gone", "gone == null",
        "is_big == true", "when > 2011-01-05T09:59", "when == 2011-01-05", "when <= 2011-01-05", "money[*] == 5",
    ],
)  # fmt: skip
def test_what_holds(text: str) -> None:
    assert says(text)
    assert not says(f"not ({text})")


@pytest.mark.parametrize(
    "text",
    [
        "nothing == 1", "nothing < 1", "nothing == null", "nothing", "total == '600'", "total < 'x'", "is_big == 1",
        "is_big > 0", "total / 0 == 1", "total / 0 < 1", "status > 5", "lines[9].sku == 1", "lines.quantity == 1",
        "total[0] == 6", "total.x == 1", "lines == lines", "status + 1 == 2", "when > 2011-01-05", "when < 2011-01-05",
        "status ~ total", "lines[*].quantity * lines[*].quantity > 0", "was.total == 1", "event.position > 0",
    ],
)  # fmt: skip
def test_what_does_not_hold(text: str) -> None:
    assert not says(text)


@pytest.mark.parametrize("sign", ["!=", "!~"])
def test_not_equal_is_not_an_equal_one(sign: str) -> None:
    assert says(f"nothing {sign} 'x'")
    assert not says("lines[*].quantity != 2")


def test_the_state_before_and_the_event() -> None:
    assert says("total <= was.total / 2", {"total": 50}, was={"total": 100})
    assert says("event.time >= 1970-01-01 and event.time < 1970-01-02", {}, **{"event.time": instant(DAY - 1)})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats() | st.sampled_from(["2011-01-05"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["quantity", "sku", "1"]), inner),
    max_leaves=6,
)


@given(condition=conditions(Dialect.STATES), state=VALUES, was=VALUES, data=VALUES)
def test_it_answers_for_whatever_there_is(condition: Condition, state: object, was: object, data: object) -> None:
    roots = {"": state, "was": was, "event.data": data, "event.time": instant(5), "event.actor": "ann"}
    holds = predicate(condition)(roots)
    assert holds in (True, False)
    assert predicate(Not(condition))(roots) is not holds


@given(pattern=st.text("ab*?", max_size=8), text=st.text("abB", max_size=8))
def test_a_pattern_fits_as_it_does_by_trying(pattern: str, text: str) -> None:
    def fits(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(fits(pattern[1:], text[start:]) for start in range(len(text) + 1))
        return bool(text) and pattern[0] in ("?", text[0].lower()) and fits(pattern[1:], text[1:])

    assert says(f"x ~ '{pattern}'", {"x": text}) == fits(pattern, text)


def test_a_pattern_of_stars_takes_no_time() -> None:
    assert not says(f"x ~ '{'a*' * 500}b'", {"x": "a" * 10_000})


@given(st.datetimes(), st.sampled_from(["", "Z", "+02:00", "-11:30"]))
def test_times_are_those_of_the_calendar(time: Any, offset: str) -> None:
    from explorer.application.documents import microseconds

    text = time.isoformat() + offset
    try:
        expected = microseconds(text)
    except Exception:  # noqa: BLE001 beyond what Python counts
        return
    found = moment(text)
    assert found is not None
    assert found.start == expected


@pytest.mark.parametrize("text", ["2011-02-29", "2011-13-01", "2011-1-5", "0000-01-01", "2011-01-05T24:00", "x", ""])
def test_what_is_no_time(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    ("text", "rises"),
    [
        ("total > 500", True),
        ("500 <= total", True),
        ("total > 500 and (units >= 1 or total > 9)", True),
        ("totals.units > 3", True),
        ("total < 500", False),
        ("total == 500", False),
        ("not total > 500", False),
        ("price > 5", False),
        ("total > 500 and price > 5", False),
        ("total > was.total", False),
        ("lines[0] > 1", False),
        ("total", False),
    ],
)
def test_what_stays_true(text: str, rises: bool) -> None:
    assert is_rising_in(parse(text, Dialect.STATES), {"total", "units", "totals.units"}) is rises
