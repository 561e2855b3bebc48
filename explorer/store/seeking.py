"""Seeking in events, as they are stored: by words, which have no index, and by whatever else SQL can say."""

from collections.abc import Sequence
from typing import Any

import msgspec

from explorer.store.engine import lowered


def occurring(word: str) -> tuple[str, tuple[str, ...]]:
    """The condition that a word occurs in stream, type, actor, reason or data, without regard to case in ASCII."""
    # The data is a BLOB of UTF-8 JSON, in which a word stands as JSON writes it.
    as_json = msgspec.json.encode(word)[1:-1].decode()
    others = "stream || char(10) || type || char(10) || actor || char(10) || reason"
    if as_json == word:
        return f"(instr(lower({others} || char(10) || CAST(data AS TEXT)), ?) > 0)", (lowered(word),)
    text = f"(instr(lower({others}), ?) > 0 OR instr(lower(CAST(data AS TEXT)), ?) > 0)"
    return text, (lowered(word), lowered(as_json))


def sought(
    cursor: Any,
    columns: tuple[str, tuple[Any, ...]],
    place: str,
    values: Sequence[Any],
    condition: tuple[str, tuple[Any, ...]],
    *,
    type_: str | None,
    actor: str | None,
) -> list[Any]:
    """The columns of the rows in a place where a condition holds; each with `?` for its values."""
    bound = list(values)
    for column, value in (("type", type_), ("actor", actor)):
        if value is not None:
            place, bound = f"{place} AND {column} = ?", [*bound, value]
    (named, first), (text, last) = columns, condition
    sql = f"SELECT {named} FROM events WHERE {place} AND {text} ORDER BY 1"
    return cursor.execute(sql, (*first, *bound, *last)).fetchall()
