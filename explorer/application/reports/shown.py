"""Values of documents as people read them: money in its currency's units, times in UTC, nothing as a dash."""

from collections.abc import Mapping
from typing import NamedTuple

from explorer.application.documents import iso
from explorer.application.history import ABSENT, Absent, Value, changes
from explorer.domain.event import Json
from explorer.domain.money import MONEY, formatted
from explorer.store.appending import EARLIEST, LATEST

NOTHING = "—"
LONGEST = 2_000
"""Characters of one value that a page shows."""


class Row(NamedTuple):
    """One field at two moments."""

    path: str
    before: str
    after: str
    differs: bool


def time_text(microseconds: int) -> str:
    """ISO 8601 in UTC; for a number that is no time, as only a damaged file has it, the number."""
    return iso(microseconds) if EARLIEST <= microseconds <= LATEST else f"{microseconds} µs"


def optional_time(microseconds: int | None) -> str | None:
    return None if microseconds is None else time_text(microseconds)


def value_text(value: Value, path: str, currency: str = "") -> str:
    """One value in one line; `path` tells whether it is money."""
    if isinstance(value, Absent):
        return NOTHING
    if isinstance(value, str):
        return cut(value) if value else "“”"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _number(value, path, currency)
    return cut(_nested(value, path, currency))


def _number(value: int, path: str, currency: str) -> str:
    if path.startswith("money."):
        return formatted(value, path.split(".")[1])
    name = path.rpartition(".")[2]
    return formatted(value, currency) if currency and name in MONEY else f"{value:,}"


def _nested(value: list[Json] | dict[str, Json], path: str, currency: str) -> str:
    if isinstance(value, list):
        return ", ".join(value_text(item, path, currency) for item in value) or "(none)"
    return ", ".join(f"{name} {value_text(item, name, currency)}" for name, item in value.items()) or "(empty)"


def cut(text: str, longest: int = LONGEST) -> str:
    """The beginning of a text that is too long for a page, and how long it is."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text):,} characters; the JSON report has them all)"


def compared(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Row]:
    """Two documents side by side, field by field, as `history.changes` names them."""
    olds, news = _leaves(before), _leaves(after)
    currencies = [str(document.get("currency") or "") for document in (before, after)]
    old_currency, new_currency = currencies[0] or currencies[1], currencies[1] or currencies[0]
    rows: list[Row] = []
    for path in (*olds, *(path for path in news if path not in olds)):
        old, new = olds.get(path, ABSENT), news.get(path, ABSENT)
        rows.append(
            Row(path, value_text(old, path, old_currency), value_text(new, path, new_currency), differs=old != new)
        )
    return rows


def _leaves(document: Mapping[str, Json]) -> dict[str, Value]:
    """Every field by its path: what a hollow document would have to gain to become this one."""
    return {change.path: change.after for change in changes(_hollow(document), document)}


def _hollow(document: Mapping[str, Json]) -> dict[str, Json]:
    hollow: dict[str, Json] = {}
    for name, value in document.items():
        if isinstance(value, list):
            hollow[name] = []
        elif isinstance(value, dict):
            hollow[name] = _hollow(value)
    return hollow
