"""A workbook whose every text is a text, written sheet by sheet and row by row in memory that stays flat."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from explorer.application.reports.table import fitted
from explorer.application.visible import visible
from explorer.domain.money import DIGITS
from explorer.store.appending import EARLIEST, LATEST

_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "use_zip64": True,
}  # fmt: skip


class Book:
    """The workbook and its formats; a sheet of it is written row by row, downwards."""

    def __init__(self, stream: BinaryIO, folder: str, *, title: str, imprint: str, subject: str, time: int) -> None:
        self._out = _Guarded(stream)
        self._book = xlsxwriter.Workbook(self._out, {**_OPTIONS, "tmpdir": folder})
        made = datetime.fromtimestamp(min(max(time, EARLIEST), LATEST) // 1_000_000, UTC).replace(tzinfo=None)
        about = {"title": fitted(title)[:200], "subject": subject, "author": "event-explorer", "created": made}
        self._book.set_properties(about)
        self._title, self._imprint = visible(title), imprint
        # A text of the log that looks like a formula stays a text, also when somebody edits its cell.
        looks: tuple[dict[str, object], ...] = (
            {},
            {"bold": True},
            {"bold": True, "font_color": "#17663A"},
            {"bold": True, "font_color": "#A31616"},
        )
        self.text, self.strong, self.good, self.bad = (
            self._book.add_format({"quote_prefix": True, "valign": "top", **look}) for look in looks
        )
        self.number = self._book.add_format({"valign": "top", "num_format": "#,##0"})
        self.plain_number = self._book.add_format({"valign": "top", "num_format": "0"})

    def sheet(self, name: str, widths: Sequence[float]) -> "Sheet":
        sheet: Any = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&L{_for_margin(self._title, 90)}&R&A")
        sheet.set_footer(f"&L{_for_margin(self._imprint, 180)}&RPage &P of &N")
        made = Sheet(self, name, sheet)
        made.add([self._imprint])
        return made

    def money(self, currency: str) -> Any:
        digits = DIGITS.get(currency, 2) if currency else 0
        return self._book.add_format({"valign": "top", "num_format": "#,##0" + ("." + "0" * digits if digits else "")})

    def chart(self, kind: str) -> Any:
        return self._book.add_chart({"type": kind})

    def close(self) -> None:
        """Writes it all. Raises OSError as the disk has it."""
        try:
            self._book.close()
        except FileCreateError as error:
            raise (error.__cause__ if isinstance(error.__cause__, OSError) else error) from None
        if self._out.failure is not None:
            raise self._out.failure

    def abandon(self) -> None:
        """Lets go of the rows that wait, whose folder is about to be removed, and of the stream."""
        self._out.leave()
        for sheet in self._book.worksheets():
            with suppress(AttributeError, ValueError, OSError):
                sheet.row_data_fh.close()


def _for_margin(text: str, longest: int) -> str:
    """A text in a page's margin: & would begin a code there, and more than 255 characters are refused."""
    return text[:longest].replace("&", "&&")[:200].rstrip("&")


class _Guarded:
    """Where the workbook goes. After a failure, and when it was left, it takes everything and writes nothing.

    A zip file that cannot be written tries again when Python forgets it, out of anybody's reach.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream: BinaryIO | None = stream
        self.failure: OSError | None = None

    def leave(self) -> None:
        self._stream = None

    def write(self, data: bytes) -> int:
        self._do(lambda stream: stream.write(data))
        return len(data)

    def tell(self) -> int:
        return self._do(lambda stream: stream.tell())

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._do(lambda stream: stream.seek(offset, whence))

    def flush(self) -> None:
        self._do(lambda stream: stream.flush())

    def _do(self, act: Callable[[BinaryIO], int | None]) -> int:
        try:
            return (act(self._stream) if self._stream is not None else None) or 0
        except OSError as error:
            self.failure = error
            self._stream = None
            return 0


class Sheet:
    """Rows one below the other; `sheet` is the library's own."""

    def __init__(self, book: Book, name: str, sheet: Any) -> None:
        self._book, self.name, self.sheet, self.next = book, name, sheet, 0

    def add(self, values: Iterable[str | int | float], formats: Sequence[Any] = ()) -> None:
        """A row. `formats` are those of its first cells, None for the usual one."""
        for column, value in enumerate(values):
            given = formats[column] if column < len(formats) else None
            if isinstance(value, str):
                failed = value and self.sheet.write_string(self.next, column, value, given or self._book.text)
            else:
                failed = self.sheet.write_number(self.next, column, value, given or self._book.number)
            if failed:
                raise ValueError(f"Row {self.next + 1} lies outside of the sheet, or a text is too long for a cell.")
        self.next += 1

    def skip(self) -> None:
        self.next += 1

    def title(self, text: str) -> None:
        self.skip()
        self.add([text], [self._book.strong])

    def freeze(self) -> None:
        self.sheet.freeze_panes(self.next, 0)
        self.sheet.repeat_rows(self.next - 1)
