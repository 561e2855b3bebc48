"""How the palette ranks what is typed."""

import pytest

from explorer.gui.palette import rank

TITLES = ("Go: To start", "Go: To now", "File: Open store…", "Edit: Open cart…", "View: Command palette…")


@pytest.mark.parametrize(
    ("typed", "first"),
    [("now", "Go: To now"), ("open c", "Edit: Open cart…"), ("pal", "View: Command palette…"), ("tst", "Go: To start")],
)
def test_what_fits_best_comes_first(typed: str, first: str) -> None:
    ranked = sorted((fit, title) for title in TITLES if (fit := rank(typed, title)) is not None)
    assert ranked[0][1] == first


def test_letters_out_of_order_do_not_fit() -> None:
    assert rank("won", "Go: To now") is None
    assert rank("", "anything") == 0
