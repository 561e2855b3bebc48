"""The order and the marks of a scratch branch's events, edit by edit."""

from hypothesis import given
from hypothesis import strategies as st

from explorer.application.editable import Editable, Line
from explorer.application.scratch import Scratch
from explorer.application.what_if import ChangeField, Insert, LeaveOut, Move

FIRST, LAST = 3, 7


def scratch() -> Scratch:
    """Versions 3 to 7, the latest of a longer stream."""
    lines = tuple(Line(n, "Noted", f"note {n}", "Ann", n, {"n": n}) for n in range(FIRST, LAST + 1))
    return Scratch(Editable("tap-1", LAST, lines, (), is_ruled=False))


def order(branch: Scratch) -> list[int | None]:
    return [row.version for row in branch.rows]


def test_an_event_is_left_out_and_taken_in_again() -> None:
    branch = scratch().toggled(4)
    assert branch.edits == (LeaveOut(4),)
    assert branch.rows[1].words == "left out"
    assert branch.toggled(4) == scratch()


def test_the_last_value_of_a_field_counts() -> None:
    branch = scratch().changed(4, "n", 1).toggled(4).changed(4, "n", 2)
    assert branch.edits == (LeaveOut(4), ChangeField(4, "n", 2))
    assert branch.rows[1].words == "left out, changed n"


def test_an_event_is_moved_step_by_step_as_one_edit() -> None:
    branch = scratch().moved(5, -1).moved(5, -1)
    assert order(branch) == [5, 3, 4, 6, 7]
    assert branch.edits == (Move(5, 2),)
    assert branch.moved(5, -1) == branch, "what is earlier is not shown"
    assert branch.moved(5, 1).moved(5, 1) == scratch()
    assert order(scratch().moved(7, 1)) == order(scratch())


def test_an_inserted_event_stands_behind_its_version_and_can_be_taken_out() -> None:
    branch = scratch().inserted(4, "Noted", {"n": 9}).inserted(2, "Noted", {"n": 0})
    assert order(branch) == [None, 3, 4, None, 5, 6, 7]
    assert order(branch.moved(5, -1)) == [None, 3, 5, 4, None, 6, 7]
    (first, _) = (edit for edit in branch.edits if isinstance(edit, Insert))
    assert order(branch.without(first)) == [None, *range(FIRST, LAST + 1)]


@given(st.lists(st.tuples(st.integers(FIRST, LAST), st.sampled_from((-1, 1)))))
def test_a_step_changes_places_with_the_neighbour(steps: list[tuple[int, int]]) -> None:
    branch, expected = scratch(), [*range(FIRST, LAST + 1)]
    for version, step in steps:
        branch, here = branch.moved(version, step), expected.index(version)
        if 0 <= here + step < len(expected):
            expected[here], expected[here + step] = expected[here + step], version
        assert order(branch) == expected
