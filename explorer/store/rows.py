"""Rows as the driver gives them, to records: what a column holds is looked at, for damage may have changed its type.

A table that is STRICT refuses another type when a row is written; nobody looks again when it is read.
"""

from collections.abc import Iterable
from itertools import pairwise
from types import NoneType
from typing import Any, TypeVar, get_type_hints

from explorer.errors import Damaged
from explorer.store.codec import Essence, Record


def _shapes(kind: Any) -> frozenset[tuple[type, ...]]:
    """Every combination of types that a row of the kind may have."""
    shapes: list[tuple[type, ...]] = [()]
    for hint in get_type_hints(kind).values():
        choices: tuple[type, ...] = (bytes, NoneType) if hint == bytes | None else (hint,)
        shapes = [(*shape, choice) for shape in shapes for choice in choices]
    return frozenset(shapes)


_RECORDS, _ESSENCES = _shapes(Record), _shapes(Essence)


def records(rows: Iterable[tuple[Any, ...]]) -> list[Record]:
    """Raises Damaged for a row that is none of an event."""
    return [Record._make(row) if tuple(map(type, row)) in _RECORDS else _refuse(Record, row) for row in rows]


def essences(rows: Iterable[tuple[Any, ...]]) -> list[Essence]:
    """As `records`."""
    return [Essence._make(row) if tuple(map(type, row)) in _ESSENCES else _refuse(Essence, row) for row in rows]


Placed = TypeVar("Placed", Record, Essence)


def rising(found: list[Placed]) -> list[Placed]:
    """What was read in order of position. Raises Damaged where it is not: then SQLite's own order is broken."""
    for one, other in pairwise(found):
        if other.position <= one.position:
            raise Damaged(f"Event {other.position:,} is damaged: it stands behind event {one.position:,}.")
    return found


def is_record(row: tuple[Any, ...]) -> bool:
    """Whether the types of a row are those of an event."""
    return tuple(map(type, row)) in _RECORDS


def _refuse(kind: Any, row: tuple[Any, ...]) -> Any:
    hints = get_type_hints(kind)
    wrong = next(
        f"its {name} is {type(value).__name__}"
        for (name, hint), value in zip(hints.items(), row, strict=True)
        if not isinstance(value, hint) or type(value) is bool
    )
    raise Damaged(f"Event {row[0]!s:.20} is damaged: {wrong}.")
