"""Nothing in a text stays hidden."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\x00b\n", "a␀b␊"),
        ("\x7f\x85", "␡⟨U+0085⟩"),
        ("in \u202efull", "in ⟨U+202E⟩full"),
        ("\ufefftag\U000e0041", "⟨U+FEFF⟩tag⟨U+E0041⟩"),
        ("👩‍👩‍👧 می‌خواهم ❤️", "👩‍👩‍👧 می‌خواهم ❤️"),
    ],
)
def test_what_is_not_seen_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_no_control_and_nothing_that_turns_the_text_is_left(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in shown)
    assert not any(
        unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        for character in shown
    )
    assert visible(shown) == shown
