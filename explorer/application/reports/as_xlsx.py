"""A report as a workbook: the report's facts, its activity and sums with charts, and its events, one a row.

Every text is a text: nothing in it becomes a formula, a link or a number, and a cell that is edited stays a text. What
cannot be seen is shown, what is too long for a cell is cut: the JSON report is exact. Each sheet names store,
checkpoint and key in its first row and on each of its printed pages.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, BinaryIO

import msgspec
import xlsxwriter

from explorer.application.audit import AuditReport, Entry
from explorer.application.charts import Activity, Course
from explorer.application.history import Absent, Value
from explorer.application.reports import told
from explorer.application.reports.shown import compared, cut, time_text
from explorer.application.reports.table import COLUMNS, LONGEST, row
from explorer.application.visible import visible
from explorer.domain.money import DIGITS

EVENTS_A_SHEET = 1_000_000
"""A sheet has room for 1,048,576 rows, and what is beyond them would be lost without a word."""
EXACT = 10**15
"""Numbers from here on lose digits in a spreadsheet: they become texts."""
_WIDTHS = (9, 24, 8, 22, 40, 16, 24, 27, 27, 26, 20, 20, 30, 30, 16, 16, 16, 38, 8, 66)
_OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    "use_zip64": True,
}  # fmt: skip


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the workbook. Memory does not grow with the number of events: rows wait in a private temporary folder."""
    with tempfile.TemporaryDirectory(prefix="event-explorer-") as folder:
        book = _Book(stream, folder, report)
        try:
            _report(book, report)
            if report.activity.counts:
                _activity(book, report.activity)
            for number, course in enumerate(report.courses, 1):
                _course(book, course, f"Over time {number}")
            _events(book, report)
            book.close()
        except BaseException:
            book.abandon()
            raise


def text_cell(text: str) -> str:
    """The text as a cell shows it. A spreadsheet counts UTF-16 units."""
    shown = visible(text[: LONGEST + 1])
    if len(text) <= LONGEST and _units(shown) <= LONGEST:
        return shown
    kept = text[:LONGEST]
    while _units(visible(kept)) > LONGEST:
        kept = kept[: len(kept) * 3 // 4]
    return visible(kept) + cut(text, 0)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(value: Value) -> str | int:
    if isinstance(value, Absent):
        return ""
    if isinstance(value, str):
        return text_cell(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < EXACT:
        return value
    return text_cell(msgspec.json.encode(value).decode())


class _Book:
    """The workbook and its formats; a sheet of it is written row by row, downwards."""

    def __init__(self, stream: BinaryIO, folder: str, report: AuditReport) -> None:
        # xlsxwriter knows its own types in part only.
        self._book: Any = xlsxwriter.Workbook(stream, {**_OPTIONS, "tmpdir": folder})
        time = datetime.fromtimestamp(report.generated_at // 1_000_000, UTC).replace(tzinfo=None)
        self._book.set_properties(
            {
                "title": text_cell(told.title(report))[:200],
                "subject": f"Store {report.head.store_id}",
                "author": "event-explorer",
                "created": time,
            }
        )
        self.imprint = told.imprint(report)
        self._title = visible(told.title(report))
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

    def sheet(self, name: str, widths: Sequence[float]) -> "_Sheet":
        sheet: Any = self._book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&L{_for_margin(self._title)}&R&A")
        sheet.set_footer(f"&L{_for_margin(self.imprint)}&RPage &P of &N")
        made = _Sheet(self, sheet)
        made.add([self.imprint])
        return made

    def money(self, currency: str) -> Any:
        digits = DIGITS.get(currency, 2) if currency else 0
        return self._book.add_format({"valign": "top", "num_format": "#,##0" + ("." + "0" * digits if digits else "")})

    def chart(self, kind: str) -> Any:
        return self._book.add_chart({"type": kind})

    def close(self) -> None:
        self._book.close()

    def abandon(self) -> None:
        """Lets go of the rows that wait; their folder is about to be removed."""
        for sheet in self._book.worksheets():
            with suppress(AttributeError, ValueError):
                sheet.row_data_fh.close()


def _for_margin(text: str) -> str:
    """A text in a page's margin: & would begin a code there, and more than 255 characters are refused for all three."""
    return text[:90].replace("&", "&&")


class _Sheet:
    def __init__(self, book: _Book, sheet: Any) -> None:
        self._book, self.sheet, self.next = book, sheet, 0

    def add(self, values: Iterable[str | int | float], formats: Sequence[Any] = ()) -> None:
        """A row. `formats` are those of its first cells, None for the usual one."""
        for column, value in enumerate(values):
            given = formats[column] if column < len(formats) else None
            if isinstance(value, str):
                if value:
                    self.sheet.write_string(self.next, column, value, given or self._book.text)
            else:
                self.sheet.write_number(self.next, column, value, given or self._book.number)
        self.next += 1

    def skip(self) -> None:
        self.next += 1

    def title(self, text: str) -> None:
        self.skip()
        self.add([text], [self._book.strong])

    def freeze(self) -> None:
        self.sheet.freeze_panes(self.next, 0)
        self.sheet.repeat_rows(self.next - 1)


def _report(book: _Book, report: AuditReport) -> None:
    verdict, sheet = report.verdict, book.sheet("Report", (30, 56, 56, 14))
    sheet.add([text_cell(told.title(report))], [book.strong])
    sheet.add([text_cell(report.scope.in_words())])
    sheet.add([told.selection(report)])
    sheet.title(told.verdict_title(verdict))
    sheet.add([told.verdict_words(verdict)])
    for check in verdict.checks:
        outcome = "✓ passed" if check.ok else "✗ FAILED"
        sheet.add([outcome, text_cell(check.claim), text_cell(check.detail)], [book.good if check.ok else book.bad])
    sheet.add([told.VERDICT_NOTE])
    for heading, facts in (
        ("The store", [(name, value, "") for name, value in told.identity(report)]),
        ("The signed checkpoint", [(name, value, "") for name, value in told.seal(report)]),
        ("The range", told.span(report)),
    ):
        sheet.title(heading)
        for fact in facts:
            sheet.add([text_cell(text) for text in fact])
    heading, before, after = told.states_titles(report)
    sheet.title(heading)
    sheet.add(["Field", before, after], [book.strong] * 3)
    for field in compared(report.at_start.state, report.at_end.state):
        texts = (field.path, field.before, field.after, "changed" if field.differs else "")
        sheet.add([text_cell(text) for text in texts])
    for heading, column, counts in (
        ("By type", "Type", report.totals.by_type),
        ("By actor", "Actor", report.totals.by_actor),
    ):
        sheet.title(heading)
        sheet.add([column, "Events"], [book.strong] * 2)
        for name, number in counts:
            sheet.add([text_cell(name), number])
    sheet.skip()
    sheet.add([told.closing(report, "characters that cannot be seen are shown as ⟨U+…⟩ or as their pictures (␀ ␊)")])


def _activity(book: _Book, activity: Activity) -> None:
    sheet = book.sheet("Activity", (30, 12))
    sheet.add([f"Events per {activity.in_words()}"], [book.strong])
    sheet.add(["from", "events"], [book.strong] * 2)
    first = sheet.next
    for number, count in enumerate(activity.counts):
        sheet.add([time_text(activity.start + number * activity.width), count])
    _chart(book, sheet, "column", f"Events per {activity.in_words()}", [("Activity", "events")], first)


def _course(book: _Book, course: Course, name: str) -> None:
    sheet = book.sheet(name, (30, *(18 for _ in course.lines)))
    sheet.add([text_cell(f"{course.title}, each value from its time to the next")], [book.strong])
    lines = [text_cell(line.name) for line in course.lines]
    sheet.add(["from", *lines], [book.strong] * (len(lines) + 1))
    first, amount = sheet.next, book.money(course.currency)
    unit = 10 ** DIGITS.get(course.currency, 2) if course.currency else 1
    for number, moment in enumerate(course.times):
        amounts = [line.values[number] for line in course.lines]
        cells = [value / unit if abs(value) < EXACT else str(value) for value in amounts]
        sheet.add([time_text(moment), *cells], [None, *(amount for _ in cells)])
    _chart(book, sheet, "line", text_cell(course.title)[:200], [(name, line[:200]) for line in lines], first)


def _chart(book: _Book, sheet: _Sheet, kind: str, title: str, series: Sequence[tuple[str, str]], first: int) -> None:
    """A chart of the columns B, C … over column A, of rows `first` up to the last written."""
    chart, last = book.chart(kind), sheet.next - 1
    for column, (where, name) in enumerate(series, 1):
        times, values = [where, first, 0, last, 0], [where, first, column, last, column]
        chart.add_series({"name": name.lstrip("="), "categories": times, "values": values})
    chart.set_title({"name": title.lstrip("="), "overlay": False})
    chart.set_size({"width": 900, "height": 360})
    if len(series) == 1:
        chart.set_legend({"none": True})
    sheet.sheet.insert_chart(first - 1, len(series) + 2, chart)


def _events(book: _Book, report: AuditReport) -> None:
    entries, number = iter(report.entries), 1
    for first in entries:
        sheet = book.sheet("Events" if number == 1 else f"Events {number}", _WIDTHS)
        sheet.add(COLUMNS, [book.strong] * len(COLUMNS))
        sheet.freeze()
        formats = [book.plain_number if name in ("position", "version", "schema_version") else None for name in COLUMNS]
        for entry in _some(first, entries):
            sheet.add([_text(value) for value in row(entry)], formats)
        sheet.sheet.autofilter(1, 0, sheet.next - 1, len(COLUMNS) - 1)
        number += 1
    if number == 1:
        book.sheet("Events", _WIDTHS).add(["No event lies in this range."])


def _some(first: Entry, entries: Iterator[Entry]) -> Iterator[Entry]:
    return chain([first], islice(entries, EVENTS_A_SHEET - 1))
