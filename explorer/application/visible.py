"""Somebody's text, made safe to look at: nothing in it is hidden, and nothing in it turns the text around it.

A file of evidence must not let a reason read "refunded" on screen and mean something else: control characters appear as
their pictures (␀, ␊), and those that are not seen but reorder or split what is seen by their numbers (⟨U+202E⟩).
"""

import re

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
"""Not in it: U+200C, U+200D and U+FE0E, U+FE0F, without which Persian, Hindi and emoji cannot be written."""


def visible(text: str) -> str:
    """The text in one line, with everything invisible shown. Unambiguous to a reader, not to a program."""
    return text if text.isascii() and text.isprintable() else HIDDEN.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
