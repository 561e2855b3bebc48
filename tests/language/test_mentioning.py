"""What a condition looks at, and that it is rightly not asked where that cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.conditions import StateCondition
from explorer.language.mentioning import mentioned
from explorer.language.parser import parse
from explorer.language.syntax import Dialect


@pytest.mark.parametrize(
    ("text", "names", "is_of_event"),
    [
        ("total > 5", {"total"}, False),
        ("lines[sku=a].quantity >= 10 and not was.note", {"lines", "note"}, False),
        ("total <= was.total / 2 or (a in (b, 3))", {"total", "a", "b"}, False),
        ('event.actor == "ann"', set[str](), True),
        ("count(lines) > event.version + x.y", {"lines", "x"}, True),
        ("1 == 1", set[str](), False),
    ],
)
def test_all_paths_are_told(text: str, names: set[str], is_of_event: bool) -> None:
    known = mentioned(parse(text, Dialect.STATES))
    assert (set(known.names), known.is_of_event) == (names, is_of_event)


documents = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 3) | st.text(max_size=1))


@given(
    st.sampled_from(["c > 1", "not c", "c != a", "a == 1", "not (c or d)", "was.c", "c == was.a", "1 == 1", "c == d"]),
    documents,
    documents,
)
def test_what_may_not_hold_never_does(text: str, after: dict[str, int | str], before: dict[str, int | str]) -> None:
    condition = StateCondition.parse(text)
    if not condition.may_hold(["a", "b"]):
        assert not condition.holds(after, before)  # type: ignore[arg-type]
