"""Events taken from the pages of a file that SQLite refuses, or reads only in part.

An event says itself whether it is whole: its hash is stored with it. So no index, inner page or schema is needed: every
page that looks like a leaf of a table is searched for rows with as many columns as an event has
(sqlite.org/fileformat2.html §1.6 and §2), and each is believed only as far as its hash goes.
"""

from array import array
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy

from explorer.proof import merkle
from explorer.store.canonical import MAX_DATA
from explorer.store.codec import Record, leaf_bytes
from explorer.store.pages import Page, Pages
from explorer.store.rows import is_record

COLUMNS = len(Record._fields)
HEAD_COLUMNS = 6
LARGEST_ROW = MAX_DATA + 65_536
"""Bytes of a row at most: whatever claims more is damaged."""
LEAF = 0x0D
_OTHERS = frozenset({0x00, 0x02, 0x05, 0x0A})
"""First bytes of pages that are no leaf of a table: overflow, inner pages, leaves of an index."""
_HASHED = "its hash is not that of what it says"


class Found(NamedTuple):
    """What the file has of one position. `fault` says why it is not believed; `record` is then what can be read of it.

    `is_loose`: it was found in the write-ahead log behind the last whole transaction.
    """

    position: int
    record: Record | None
    fault: str
    is_loose: bool


class OldHead(NamedTuple):
    """What the file's head tells: see `Head`."""

    store_id: UUID
    created_at: int
    size: int
    time: int
    root: bytes


class Carving:
    """Everything that can be found in a file. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._pages = Pages(path)
        self._loose = frozenset(self._pages.loose)
        self._heads: list[OldHead] = []
        self._positions, self._places = array("Q"), array("Q")
        try:
            for page in self._pages:
                self._search(page, loose=False)
            for number in sorted(self._loose):
                self._search(self._pages.place(number, loose=True), loose=True)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Carving":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._pages.close()

    def check_unchanged(self) -> None:
        """Raises Busy if somebody has written to the file meanwhile."""
        self._pages.check_unchanged()

    @property
    def head(self) -> OldHead | None:
        """The head as of the last whole transaction; None if there is none that can be read."""
        return max(self._heads, key=lambda head: head.size, default=None)

    def __len__(self) -> int:
        """Rows found, more than one for some positions."""
        return len(self._positions)

    def _search(self, page: Page, *, loose: bool) -> None:
        image = self._pages.image(page)
        for start in _cells(image, page.number):
            columns, position = _width(image, start)
            if columns == COLUMNS:
                self._positions.append(position)
                self._places.append(((page.number << 17) | (start << 1)) | loose)
            elif columns == HEAD_COLUMNS and position == 1 and not loose:
                row = self._row(image, start, loose=False)
                if row is not None and (head := _head(row)) is not None:
                    self._heads.append(head)

    def events(self) -> Iterator[Found]:
        """One for each position that was found, in order; the first row of a position that is whole is taken."""
        positions, places = numpy.frombuffer(self._positions, "Q"), numpy.frombuffer(self._places, "Q")
        order: list[int] = numpy.lexsort((places, places & 1, positions)).tolist()
        for position, group in groupby(order, key=self._positions.__getitem__):
            best: Found | None = None
            for index in group:
                found = self._found(position, self._places[index])
                if best is None or not found.fault:
                    best = found
                if not found.fault:
                    break
            if best is not None:
                yield best

    def _found(self, position: int, place: int) -> Found:
        loose = bool(place & 1)
        page = self._pages.place(place >> 17, loose=loose)
        row = self._row(self._pages.image(page), (place >> 1) & 0xFFFF, loose=loose)
        if row is None:
            return Found(position, None, "its row cannot be read", loose)
        if not is_record(row):
            return Found(position, None, "its columns are not those of an event", loose)
        record = Record._make(row)
        return Found(position, record, "" if merkle.leaf_hash(leaf_bytes(record)) == record.leaf else _HASHED, loose)

    def _row(self, image: bytes, start: int, *, loose: bool) -> tuple[Any, ...] | None:
        """The columns of the cell at `start`; None if that is no row."""
        try:
            payload, position = self._payload(image, start, loose=loose)
            return _columns(payload, position)
        except (IndexError, ValueError):
            return None

    def _payload(self, image: bytes, start: int, *, loose: bool) -> tuple[bytes, int]:
        length, start = _varint(image, start)
        position, start = _varint(image, start)
        if length > LARGEST_ROW:
            raise ValueError("no event is that long")
        local = _local(length, len(image))
        parts, rest = [image[start : start + local]], length - local
        following = int.from_bytes(image[start + local : start + local + 4], "big")
        while rest > 0:
            if not following:
                raise ValueError("it ends too early")
            overflow = self._pages.image(self._pages.place(following, loose=loose))
            parts.append(overflow[4 : 4 + rest])
            rest -= len(parts[-1])
            following = int.from_bytes(overflow[:4], "big")
        return b"".join(parts), position


def _cells(image: bytes, number: int) -> Iterator[int]:
    """Where the cells of a leaf begin; nothing if it is none."""
    start = 100 if number == 1 else 0
    if image[start] != LEAF and image[start] in _OTHERS:
        return
    count = int.from_bytes(image[start + 3 : start + 5], "big")
    for place in range(start + 8, min(start + 8 + 2 * count, len(image) - 1), 2):
        cell = int.from_bytes(image[place : place + 2], "big")
        if start + 8 < cell < len(image):
            yield cell


def _width(image: bytes, start: int) -> tuple[int, int]:
    """Number of columns and row number of a cell; no columns if it is no row of a position."""
    try:
        _, start = _varint(image, start)
        position, start = _varint(image, start)
        header, at = _varint(image, start)
        count = 0
        while at < start + header and count <= COLUMNS:
            _, at = _varint(image, at)
            count += 1
    except IndexError:
        return 0, 0
    return (count, position) if 0 < position < 2**53 else (0, 0)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        byte = data[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    return value << 8 | data[at + 8], at + 9


def _local(length: int, usable: int) -> int:
    """How many bytes of a row lie in its leaf."""
    if length <= usable - 35:
        return length
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    return local if local <= usable - 35 else least


_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Serial type → bytes."""


def _columns(payload: bytes, position: int) -> tuple[Any, ...]:
    header, at = _varint(payload, 0)
    body, values = header, list[Any]()
    while at < header:
        kind, at = _varint(payload, at)
        if kind in (0, 8, 9):
            values.append({0: None, 8: 0, 9: 1}[kind])
            continue
        length = _INTEGERS.get(kind) or (kind - 12) // 2
        value = payload[body : body + length]
        if length < 0 or len(value) < length or kind in (7, 10, 11):
            raise ValueError("no column of ours")
        body += length
        if kind in _INTEGERS:
            values.append(int.from_bytes(value, "big", signed=True))
        else:
            values.append(value.decode() if kind & 1 else value)
    # The first column is the number of the row and not stored a second time.
    return (position, *values[1:]) if values and values[0] is None else tuple(values)


def _head(row: tuple[Any, ...]) -> OldHead | None:
    if [type(value) for value in row] != [int, bytes, int, int, int, bytes]:
        return None
    _, store_id, created_at, size, time, frontier = row
    if len(store_id) != 16 or size < 0 or len(frontier) != merkle.HASH_SIZE * size.bit_count():
        return None
    return OldHead(UUID(bytes=store_id), created_at, size, time, merkle.root(merkle.unpacked(frontier)))
