"""Seeking words in events, as they are stored."""

from collections.abc import Sequence
from typing import Any

import msgspec

from explorer.store.engine import lowered


def sought(
    cursor: Any,
    columns: str,
    place: str,
    values: Sequence[Any],
    words: Sequence[str],
    *,
    type_: str | None,
    actor: str | None,
) -> list[Any]:
    """The rows of a place, a condition with `?` for each of `values`, where every word occurs; without regard to case
    in ASCII."""
    bound = list(values)
    for column, value in (("type", type_), ("actor", actor)):
        if value is not None:
            place, bound = f"{place} AND {column} = ?", [*bound, value]
    for word in words:
        # The data is a BLOB of UTF-8 JSON, in which a word stands as JSON writes it.
        as_json = msgspec.json.encode(word)[1:-1].decode()
        others = "stream || char(10) || type || char(10) || actor || char(10) || reason"
        if as_json == word:
            place += f" AND instr(lower({others} || char(10) || CAST(data AS TEXT)), ?) > 0"
            bound.append(lowered(word))
        else:
            place += f" AND (instr(lower({others}), ?) > 0 OR instr(lower(CAST(data AS TEXT)), ?) > 0)"
            bound += [lowered(word), lowered(as_json)]
    return cursor.execute(f"SELECT {columns} FROM events WHERE {place} ORDER BY 1", bound).fetchall()
