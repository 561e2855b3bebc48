"""What the deciders have in common."""

import pytest

from explorer.domain.decider import short


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("Ring twice.", "Ring twice."),
        ("  Ring\n\ttwice.\u2028", "Ring twice."),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
    ],
    ids=["nothing", "short", "white space", "just fits", "too long"],
)
def test_somebody_s_text_is_short_enough_for_a_line(text: str, line: str) -> None:
    assert short(text) == line


def test_how_short_is_for_the_list_to_say() -> None:
    assert (short("four", 4), short("fours", 4)) == ("four", "fou…")
