"""A cart in words: its status with a shape, its money, its times."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from explorer.application.history import Absent, FieldChange
from explorer.application.kinds import Kind
from explorer.domain.money import formatted
from explorer.gui.looking import Looking
from explorer.gui.panels.plain import shown
from explorer.gui.theme import local_time, local_time_with_offset, utc_time

PAST = "You are looking at the past; Esc returns to now."
"""Why nothing can be changed there."""


def why_not(looking: Looking) -> str:
    """Why nothing at all can be changed at the moment that is asked for; "" if it can."""
    return looking.locked if looking.is_now else PAST


class StatusWords(NamedTuple):
    """The shape goes with the word: state never by colour alone."""

    shape: str
    word: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.shape} {self.word}"


STATUSES: Mapping[str, StatusWords] = {
    "open": StatusWords("●", "open", "opened"),
    "checked_out": StatusWords("■", "checked out", "done"),
    "abandoned": StatusWords("✕", "abandoned", "abandoned"),
}


def status_words(status: str) -> StatusWords:
    return STATUSES.get(status) or StatusWords("·", status, "other")


def money(amount: int, currency: str) -> str:
    """`1,234.50 GBP`; an empty cart has no currency yet."""
    return f"{formatted(amount, currency)} {currency}".rstrip()


@lru_cache(maxsize=10_000)
def short_time(microseconds: int) -> str:
    """`7 Dec 2010 14:03` in the user's time zone."""
    return local_time(microseconds)[:-3].split(maxsplit=1)[1]


def both_times(microseconds: int) -> str:
    """The local time with its offset, and UTC: for tooltips."""
    return f"{local_time_with_offset(microseconds)}\n{utc_time(microseconds)}"


def line_marks(changes: Sequence[FieldChange]) -> dict[str, str]:
    """What the last event did, in words, by line: from paths like `lines[sku=22423].quantity`."""
    marks: dict[str, str] = {}
    for change in changes:
        if not change.path.startswith("lines[") or isinstance(change.after, Absent):
            continue
        identity, _, field = change.path.removeprefix("lines[").rpartition("]")
        line = identity.partition("=")[2]
        if not line:
            continue
        if not field:
            marks[line] = "added"
        elif field == ".quantity":
            marks[line] = f"{shown(change.before)} → {shown(change.after)}"
        else:
            marks.setdefault(line, "changed")
    return marks
