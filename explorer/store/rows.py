"""Rows as the driver gives them, to records: types and sizes are looked at, for damage may have changed them.

A table that is STRICT refuses another type when a row is written; nobody looks again when it is read.
"""

import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, TypeVar

import msgspec

from explorer.errors import Damaged
from explorer.store.canonical import MAX_DATA
from explorer.store.codec import Essence, Record

LARGEST = MAX_DATA + 64 * 1024
"""Bytes or characters of a row's data and texts at most: many rows may share the pages of one that claims more."""
PAGE_WEIGHT = 64 * 1024 * 1024
"""Bytes of data of a page at most: then it ends early."""
Placed = TypeVar("Placed", Record, Essence)
Row = tuple[Any, ...]


def records(rows: Iterable[Row], weight: int = sys.maxsize) -> list[Record]:
    """Raises Damaged for a row that is none of an event. Stops behind the row with which the data exceeds `weight`."""
    found = list[Row]()
    row: Row = ()
    try:
        for row in rows:
            _, stream, _, _, kind, _, _, _, data, actor, reason, _, _, origin, _ = row
            size = len(data)
            if size + len(stream) + len(kind) + len(actor) + len(reason) + len(origin) > LARGEST:
                raise _too_large(row)
            found.append(row)
            weight -= size
            if weight < 0:
                break
    except TypeError as error:
        raise _no_event(row) from error
    return _typed(found, Record)


def essences(rows: Iterable[Row], weight: int = sys.maxsize) -> list[Essence]:
    """As `records`."""
    found = list[Row]()
    row: Row = ()
    try:
        for row in rows:
            _, stream, _, kind, _, _, data, actor, correlation, cause, _ = row
            size = len(data)
            ids = (len(correlation) if correlation else 0) + (len(cause) if cause else 0)
            if size + len(stream) + len(kind) + len(actor) + ids > LARGEST:
                raise _too_large(row)
            found.append(row)
            weight -= size
            if weight < 0:
                break
    except TypeError as error:
        raise _no_event(row) from error
    return _typed(found, Essence)


def is_heavy(page: list[Record]) -> bool:
    """Whether a page ended early for its weight."""
    return sum(len(record.data) for record in page) > PAGE_WEIGHT


def rising(found: list[Placed]) -> list[Placed]:
    """What was read in order of position. Raises Damaged where it is not: then SQLite's own order is broken."""
    for one, other in pairwise(found):
        if other.position <= one.position:
            raise Damaged(f"Event {other.position:,} is damaged: it stands behind event {one.position:,}.")
    return found


def is_record(row: Row, kind: type[Any] = Record) -> bool:
    """Whether the types of a row are those of an event."""
    try:
        msgspec.convert(row, kind, builtin_types=(bytes,))
    except msgspec.ValidationError:
        return False
    return True


T = TypeVar("T")


def typed(rows: Iterable[Row], kind: type[T]) -> list[T]:
    """Rows of a few columns, as tuples of these types. Raises Damaged for one that is not."""
    try:
        return msgspec.convert(list(rows), list[kind], builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise Damaged(f"A row is damaged: {error}.") from error


def _typed(found: list[Row], kind: type[Placed]) -> list[Placed]:
    # Faster than NamedTuple's own _make, which looks at no type.
    try:
        return msgspec.convert(found, list[kind], builtin_types=(bytes,))
    except msgspec.ValidationError:
        wrong = next(row for row in found if not is_record(row, kind))
        raise _no_event(wrong) from None


def _no_event(row: Row) -> Damaged:
    return Damaged(f"Event {row[0]!s:.20} is damaged: a column has a type that no event has.")


def _too_large(row: Row) -> Damaged:
    return Damaged(f"Event {row[0]!s:.20} is damaged: it claims to be larger than any event may be.")
