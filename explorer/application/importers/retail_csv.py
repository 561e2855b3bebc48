"""Reading the Online Retail CSV files: rows with their line numbers, and invoices that are complete."""

import csv
import gzip
import io
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from explorer.domain.money import minor_units
from explorer.errors import BadInput

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
SECOND = 1_000_000
_NO_CELLS: list[str] = []


class Row(NamedTuple):
    """One line of the file; `line` counts from 1, the header's line."""

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
    """A CSV file, plain or gzipped. Raises BadInput with file, line and what to do."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.size = path.stat().st_size
        except OSError as error:
            raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
        self.read = 0
        self._places: list[int] = []
        self._rows_of: Counter[str] = Counter(number for _, number, _ in self._rows())

    def invoices(self) -> Iterator[Invoice]:
        """Each as soon as its last row is read; rows of one may lie among those of others."""
        begun: dict[str, Invoice] = {}
        order = self._places
        for line, number, cells in self._rows():
            invoice = begun.setdefault(number, Invoice(number, []))
            invoice.rows.append(Row(line, [cells[place] for place in order]))
            if len(invoice.rows) == self._rows_of[number]:
                yield begun.pop(number)

    def _rows(self) -> Iterator[tuple[int, str, list[str]]]:
        """Line number, invoice number and all cells as they are."""
        reader: Any = None
        try:
            with self.path.open("rb") as raw:
                reader = csv.reader(_text(raw, self.path), strict=True)
                header = next(reader, _NO_CELLS)
                self._places = self._order(header)
                invoice, width = self._places[0], len(header)
                for cells in reader:
                    if len(cells) != width:
                        raise BadInput(
                            f"{self.path}, line {reader.line_num}: {len(cells)} cells instead of {width}. "
                            "Mend the line and import again; what was imported before it stays."
                        )
                    self.read = raw.tell()
                    yield reader.line_num, cells[invoice], cells
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
            line = f", line {reader.line_num + 1}" if reader is not None else ""
            what = "Is it a CSV file in UTF-8, whole, plain or gzipped?"
            raise BadInput(f"{self.path}{line}: {error}. {what}") from error

    def _order(self, header: Sequence[str]) -> list[int]:
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise BadInput(
                f"{self.path} lacks the columns {', '.join(missing)}; an Online Retail file has {', '.join(COLUMNS)}."
            )
        return [header.index(name) for name in COLUMNS]


def _text(raw: IO[bytes], path: Path) -> IO[str]:
    stream: Any = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


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
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp()) * SECOND


class Rejects:
    """The side file: rejected rows with file, line and reason. It appears whole, or not at all."""

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
