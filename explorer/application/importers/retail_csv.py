"""Reading the Online Retail CSV files: rows with their line numbers, and invoices that are complete."""

import csv
import gzip
import io
import os
import zlib
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, NamedTuple

from explorer.domain.money import minor_units
from explorer.errors import BadInput
from explorer.store.appending import EARLIEST, LATEST

COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
CURRENCY = "GBP"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_GZIP = b"\x1f\x8b"
_NO_CELLS: list[str] = []


class Row(NamedTuple):
    """One line of the file; `line` counts from 1, the header's line. `cells` are as they are, in order of COLUMNS."""

    line: int
    cells: Sequence[str]


class Item(NamedTuple):
    """A row that can become an event. `unit_price` in pence, `time` in µs UTC."""

    row: Row
    sku: str
    name: str
    quantity: int
    unit_price: int
    time: int


class Invoice(NamedTuple):
    """All rows of one invoice, in the file's order."""

    number: str
    rows: list[Row]

    @property
    def is_credit_note(self) -> bool:
        return self.number.startswith("C")


class RetailFile:
    """A CSV file, plain or gzipped, with or without a byte order mark.

    It is read once to its end when it is opened, to learn which row is the last of each invoice. Raises BadInput with
    file, line and what to do; so what is wrong with a file is said before anything of it is imported.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw: IO[bytes] | None = None
        try:
            self.size = path.stat().st_size
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
        self._rows_of: Counter[str] = Counter()
        with self._reading() as reader:
            header = next(reader, _NO_CELLS)
            numbers = Counter(map(itemgetter(self._places(header)[0]), self._rows(reader, len(header))))
        for number, count in numbers.items():
            self._rows_of[number.strip()] += count

    @property
    def read(self) -> int:
        """Bytes read so far, of `size`."""
        return self.size if self._raw is None or self._raw.closed else self._raw.tell()

    def invoices(self) -> Iterator[Invoice]:
        """Each as soon as its last row is read; rows of one may lie among those of others."""
        begun: dict[str, Invoice] = {}
        with self._reading() as reader:
            header = next(reader, _NO_CELLS)
            chosen = itemgetter(*self._places(header))
            for all_cells in self._rows(reader, len(header)):
                cells = chosen(all_cells)
                number = cells[0].strip()
                invoice = begun.get(number)
                if invoice is None:
                    invoice = begun[number] = Invoice(number, [])
                invoice.rows.append(Row(reader.line_num, cells))
                if len(invoice.rows) == self._rows_of[number]:
                    yield begun.pop(number)

    def _rows(self, reader: Any, width: int) -> Iterator[list[str]]:
        """The rows behind the header, without empty lines."""
        for cells in reader:
            if len(cells) == width:
                yield cells
            elif cells:
                raise BadInput(
                    f"{self.path}, line {reader.line_num}: {len(cells)} cells instead of {width}. "
                    "Mend the line and import again."
                )

    @contextmanager
    def _reading(self) -> Generator[Any]:
        """A CSV reader at the file's start. Turns what goes wrong into BadInput with file and line."""
        reader: Any = None
        try:
            with self.path.open("rb") as self._raw, _text(self._raw) as text:
                reader = csv.reader(text, strict=True)
                yield reader
        except csv.Error as error:
            raise BadInput(f"{self.path}, line {reader.line_num}: {error}. Mend the line and import again.") from error
        except UnicodeDecodeError as error:
            line = _line_not_utf8(self.path)
            raise BadInput(f"{self.path}, line {line} is not UTF-8. Save it as CSV in UTF-8, import again.") from error
        except (OSError, EOFError, zlib.error) as error:
            line = f", line {reader.line_num + 1}" if reader else ""
            raise BadInput(f"{self.path}{line}: {error}. Is it whole, plain or gzipped?") from error

    def _places(self, header: Sequence[str]) -> list[int]:
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise BadInput(
                f"{self.path}, line 1 lacks the columns {', '.join(missing)}: "
                f"an Online Retail file is a CSV file, plain or gzipped, with {', '.join(COLUMNS)}."
            )
        return [header.index(name) for name in COLUMNS]


def _binary(raw: IO[bytes]) -> IO[bytes]:
    """By its first bytes, not by its name."""
    is_gzip = raw.read(2) == _GZIP
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if is_gzip else raw  # type: ignore[return-value]


def _text(raw: IO[bytes]) -> IO[str]:
    return io.TextIOWrapper(_binary(raw), encoding="utf-8-sig", newline="")


def _line_not_utf8(path: Path) -> int:
    """The decoder fails a whole block of lines at once; so look for the line. It may be the one where a gzip breaks."""
    sound = 0
    with path.open("rb") as raw, suppress(OSError, EOFError, zlib.error):
        for _ in takewhile(_is_utf8, _binary(raw)):
            sound += 1
    return 1 + sound


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def item(row: Row, *, is_credit_note: bool) -> Item | str:
    """What a row says, or why it cannot be an event."""
    cells = row.cells
    sku, name = cells[1].strip(), cells[2].strip()
    quantity, time, price = _whole(cells[3]), _time(cells[4]), _price(cells[5])
    if not sku:
        return "no stock code"
    if price is None:
        return "the price is not a whole number of pence"
    if price <= 0:
        return "no positive price"
    if quantity is None or time is None:
        return "the quantity is not a whole number" if quantity is None else "the date is not a date"
    if (quantity >= 0) if is_credit_note else (quantity <= 0):
        return "not a negative quantity in a credit note" if is_credit_note else "no positive quantity"
    if not name:
        return "no description"
    return Item(row, sku, name, abs(quantity), price, time)


@lru_cache(maxsize=10_000)
def _price(text: str) -> int | None:
    try:
        return minor_units(text.strip(), CURRENCY)
    except BadInput:
        return None


@lru_cache(maxsize=10_000)
def _whole(text: str) -> int | None:
    text = text.strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None


@lru_cache(maxsize=1_000)
def _time(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    time = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
    return time if EARLIEST <= time <= LATEST else None


class Rejects:
    """The side file: rejected rows with file, line and reason. It appears whole, or not at all.

    The cells are those of the source to the letter, also where a spreadsheet would take them for a formula: the file
    is there to be mended and imported again.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path, self._source = path, source
        self.counts: Counter[str] = Counter()
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._file: IO[str] | None = None
        self._writer: Any = None

    def add(self, row: Row, reason: str) -> None:
        if self._file is None:
            self._file = self._draft.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(("file", "line", "reason", *COLUMNS))
        self.counts[reason] += 1
        self._writer.writerow((self._source, row.line, reason, *row.cells))

    def keep(self) -> Path | None:
        """Puts the file in its place; None if nothing was rejected."""
        if self._file is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.replace(self.path)
        return self.path

    def drop(self) -> None:
        """Leaves no draft behind."""
        if self._file is not None:
            self._file.close()
        self._draft.unlink(missing_ok=True)
