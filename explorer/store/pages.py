"""The pages of a store's file and its write-ahead log, read as bytes: for files that SQLite no longer reads.

sqlite.org/fileformat2.html §1.3 (header), §4 (WAL). Nothing is opened for writing, no lock is taken and nothing is left
beside the file. Closing it would drop the locks that SQLite holds on it in this process: never use it on an open store.
"""

import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from explorer.errors import Busy, Missing, NotAStore

USUAL_PAGE = 4096
FRAME_HEADER, WAL_HEADER = 24, 32
_WAL_MAGIC = (0x377F0682, 0x377F0683)
_SIZES = frozenset(1 << bits for bits in range(9, 17))


class Page(NamedTuple):
    """A page's number (from 1) and where its image is: an offset into the file, or beyond it into the log."""

    number: int
    offset: int
    in_wal: bool


class Pages:
    """All pages as of the last whole transaction; `loose` are those of the log that no whole transaction reaches.

    Raises Missing if the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        path = path.resolve()
        self.path, self._wal_path = path, Path(f"{path}-wal")
        try:
            self._file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            raise Missing(f"{path} cannot be opened: {error.strerror}.") from error
        if not stat.S_ISREG(os.fstat(self._file).st_mode):
            os.close(self._file)
            raise NotAStore(f"{path} is not a file. Name an event store.")
        self._wal = _opened(self._wal_path)
        self._before = self._marks()
        self.size, self.reserved = self._page_size()
        self._committed, self.loose = self._frames()
        self._read = lru_cache(maxsize=256)(self._image)

    def close(self) -> None:
        os.close(self._file)
        if self._wal is not None:
            os.close(self._wal)

    def check_unchanged(self) -> None:
        """Raises Busy if somebody has written to the file meanwhile."""
        if self._marks() != self._before:
            raise Busy(f"{self.path} was written to while it was read. Close what uses it and try again.")

    def _marks(self) -> list[tuple[int, int]]:
        found = [os.fstat(file) for file in (self._file, self._wal) if file is not None]
        return [(status.st_size, status.st_mtime_ns) for status in found]

    def _page_size(self) -> tuple[int, int]:
        header = self._pread(self._file, 0, 100)
        size = int.from_bytes(header[16:18], "big")
        size = 65536 if size == 1 else size
        if header[:16] == b"SQLite format 3\0" and size in _SIZES:
            return size, header[20]
        # Garbled: the log says it too, and this program makes no other.
        size = int.from_bytes(self._pread(self._wal, 8, 4), "big")
        return (size if size in _SIZES else USUAL_PAGE), 0

    def _pread(self, file: int | None, offset: int, length: int) -> bytes:
        """As many bytes as there are; none where the disk fails."""
        try:
            return b"" if file is None else os.pread(file, length, offset)
        except OSError:
            return b""

    def _frames(self) -> tuple[dict[int, int], dict[int, int]]:
        """Page number → offset of its image in the log: of whole transactions, and of frames of its age behind them."""
        committed, begun, behind = dict[int, int](), dict[int, int](), dict[int, int]()
        header = self._pread(self._wal, 0, WAL_HEADER)
        magic = int.from_bytes(header[:4], "big")
        if (
            len(header) < WAL_HEADER
            or (magic & ~1) != _WAL_MAGIC[0]
            or int.from_bytes(header[8:12], "big") != self.size
        ):
            return committed, behind
        order = "big" if magic & 1 else "little"
        sums = _checksum(header[:24], (0, 0), order)
        is_sound = sums == (int.from_bytes(header[24:28], "big"), int.from_bytes(header[28:32], "big"))
        offset = WAL_HEADER
        while len(frame := self._pread(self._wal, offset, FRAME_HEADER + self.size)) == FRAME_HEADER + self.size:
            number = int.from_bytes(frame[:4], "big")
            if frame[8:16] == header[16:24]:
                if is_sound:
                    sums = _checksum(frame[FRAME_HEADER:], _checksum(frame[:8], sums, order), order)
                    is_sound = sums == (int.from_bytes(frame[16:20], "big"), int.from_bytes(frame[20:24], "big"))
                (begun if is_sound else behind)[number] = offset + FRAME_HEADER
                if is_sound and frame[4:8] != b"\0\0\0\0":
                    committed |= begun
                    begun.clear()
            else:
                is_sound = False
            offset += FRAME_HEADER + self.size
        return committed, begun | behind

    def __iter__(self) -> Iterator[Page]:
        count = -(-self._before[0][0] // self.size)
        yield from map(self.place, range(1, count + 1))
        yield from map(self.place, sorted(number for number in self._committed if number > count))

    def place(self, number: int, *, loose: bool = False) -> Page:
        if loose and number in self.loose:
            return Page(number, self.loose[number], in_wal=True)
        if number in self._committed:
            return Page(number, self._committed[number], in_wal=True)
        return Page(number, (number - 1) * self.size, in_wal=False)

    def image(self, page: Page) -> bytes:
        """The page's bytes without what is reserved; filled with zeros where the file has been cut off."""
        return self._read(page)

    def _image(self, page: Page) -> bytes:
        found = self._pread(self._wal if page.in_wal else self._file, page.offset, self.size)
        return found.ljust(self.size, b"\0")[: self.size - self.reserved]


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None


def _checksum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    words = memoryview(data).cast("I") if order == "little" else _swapped(data)
    for place in range(0, len(words), 2):
        first = (first + words[place] + second) & 0xFFFFFFFF
        second = (second + words[place + 1] + first) & 0xFFFFFFFF
    return first, second


def _swapped(data: bytes) -> list[int]:
    return [int.from_bytes(data[place : place + 4], "big") for place in range(0, len(data), 4)]
