"""A report as a workbook: the report's facts, its activity and sums with charts, and its events, one a row.

Every text is a text: nothing in it becomes a formula, a link or a number, and a cell that is edited stays a text. What
cannot be seen is shown, what is too long for a cell is cut: the JSON report is exact. Each sheet names store,
checkpoint and key in its first row and on each of its printed pages.
"""

import tempfile
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

import msgspec

from explorer.application.audit import AuditReport, Entry
from explorer.application.charts import Activity, Course
from explorer.application.history import Absent, Value
from explorer.application.reports import told
from explorer.application.reports.shown import compared, time_text
from explorer.application.reports.table import COLUMNS, fitted, row
from explorer.application.reports.workbook import Book, Sheet
from explorer.domain.money import DIGITS

EVENTS_A_SHEET = 1_000_000
"""A sheet has room for 1,048,576 rows, and what is beyond them would be lost without a word."""
LISTED = 10_000
"""Types and actors listed by name; the rarest are counted together."""
EXACT = 10**15
"""Numbers from here on lose digits in a spreadsheet: they become texts."""
_WIDTHS = (9, 24, 8, 22, 40, 16, 24, 27, 27, 26, 20, 20, 30, 30, 16, 16, 16, 38, 8, 66, 30, 9, 16)


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the workbook. Memory does not grow with the number of events: rows wait in a private temporary folder."""
    with tempfile.TemporaryDirectory(prefix="event-explorer-") as folder:
        book = Book(
            stream,
            folder,
            title=told.title(report),
            imprint=told.imprint(report),
            subject=f"Store {report.head.store_id}",
            time=report.generated_at,
        )
        try:
            _report(book, report)
            if report.activity.counts:
                _activity(book, report.activity)
            for number, course in enumerate(report.courses, 1):
                _course(book, course, f"Over time {number}")
            if told.has_marks(report):
                _marks(book, report)
            if report.ruled.rules:
                _ruled(book, report)
            _events(book, report)
            book.close()
        except BaseException:
            book.abandon()
            raise


def _text(value: Value) -> str | int:
    if isinstance(value, Absent):
        return ""
    if isinstance(value, str):
        return fitted(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < EXACT:
        return value
    return fitted(msgspec.json.encode(value).decode())


def _report(book: Book, report: AuditReport) -> None:
    verdict, sheet = report.verdict, book.sheet("Report", (30, 56, 56, 14))
    sheet.add([fitted(told.title(report))], [book.strong])
    sheet.add([fitted(report.scope.in_words())])
    sheet.add([told.selection(report)])
    sheet.title(told.verdict_title(verdict))
    sheet.add([told.verdict_words(verdict)])
    for check in verdict.checks:
        outcome = "✓ passed" if check.ok else "✗ FAILED"
        sheet.add([outcome, fitted(check.claim), fitted(check.detail)], [book.good if check.ok else book.bad])
    sheet.add([told.VERDICT_NOTE])
    for heading, facts in (
        ("The store", [(name, value, "") for name, value in told.identity(report)]),
        ("The signed checkpoint", [(name, value, "") for name, value in told.seal(report)]),
        ("The range", told.span(report)),
    ):
        sheet.title(heading)
        for fact in facts:
            sheet.add([fitted(text) for text in fact])
    heading, before, after = told.states_titles(report)
    sheet.title(heading)
    sheet.add(["Field", before, after], [book.strong] * 3)
    for field in compared(report.at_start.state, report.at_end.state):
        texts = (field.path, field.before, field.after, "changed" if field.differs else "")
        sheet.add([fitted(text) for text in texts])
    for heading, column, counts in (
        ("By type", "Type", report.totals.by_type),
        ("By actor", "Actor", report.totals.by_actor),
    ):
        sheet.title(heading)
        sheet.add([column, "Events"], [book.strong] * 2)
        for name, number in counts[:LISTED]:
            sheet.add([fitted(name), number])
        if counts[LISTED:]:
            sheet.add([f"{len(counts[LISTED:]):,} others", sum(number for _, number in counts[LISTED:])])
    sheet.skip()
    sheet.add([told.closing(report, "characters that cannot be seen are shown as ⟨U+…⟩ or as their pictures (␀ ␊)")])


def _marks(book: Book, report: AuditReport) -> None:
    sheet = book.sheet("Bookmarks", (12, 27, 40, 60, 24, 44))
    sheet.add(["event", "time", "title", "note", "about", "who, when"], [book.strong] * 6)
    for mark in told.marks(report):
        texts = (mark.position, mark.time, mark.title, "\n".join(mark.note), mark.stream, mark.who)
        sheet.add([fitted(text) for text in texts])


def _ruled(book: Book, report: AuditReport) -> None:
    sheet = book.sheet("Findings", (12, 30, 12, 30, 40, 12, 26, 20))
    sheet.add([fitted(told.rules_note(report.ruled))])
    sheet.add(["severity", "rule", "found", "category", "condition", "fault"], [book.strong] * 6)
    for one in report.ruled.rules:
        rule = one.rule
        texts = [fitted(text) for text in (rule.category, rule.condition, one.fault)]
        sheet.add([fitted(rule.severity), fitted(rule.name), one.found, *texts])
    sheet.skip()
    names = ["severity", "rule", "position", "occurred_at", "stream", "version", "type", "actor"]
    sheet.add(names, [book.strong] * len(names))
    formats = [book.plain_number if name in {"position", "version"} else None for name in names]
    for found in report.ruled.listed:
        first = [fitted(found.rule.severity), fitted(found.rule.name), found.position, time_text(found.occurred_at)]
        sheet.add([*first, fitted(found.stream), found.version, fitted(found.type), fitted(found.actor)], formats)


def _activity(book: Book, activity: Activity) -> None:
    sheet = book.sheet("Activity", (30, 12))
    sheet.add([f"Events per {activity.in_words()}"], [book.strong])
    sheet.add(["from", "events"], [book.strong] * 2)
    first = sheet.next
    for number, count in enumerate(activity.counts):
        sheet.add([time_text(activity.start + number * activity.width), count])
    _chart(book, sheet, "column", 1, first)


def _course(book: Book, course: Course, name: str) -> None:
    sheet = book.sheet(name, (30, *(18 for _ in course.lines)))
    sheet.add([fitted(f"{course.title}, each value from its time to the next")], [book.strong])
    lines = [fitted(line.name) for line in course.lines]
    sheet.add(["from", *lines], [book.strong] * (len(lines) + 1))
    first, amount = sheet.next, book.money(course.currency)
    unit = 10 ** DIGITS.get(course.currency, 2) if course.currency else 1
    for number, moment in enumerate(course.times):
        amounts = [line.values[number] for line in course.lines]
        cells = [value / unit if abs(value) < EXACT else str(value) for value in amounts]
        sheet.add([time_text(moment), *cells], [None, *(amount for _ in cells)])
    _chart(book, sheet, "line", len(lines), first)


def _chart(book: Book, sheet: Sheet, kind: str, columns: int, first: int) -> None:
    """A chart of the columns B, C … over column A, of rows `first` up to the last written.

    Its title and the names of its lines are cells: the library takes some texts for references.
    """
    chart, where, last = book.chart(kind), sheet.name, sheet.next - 1
    for column in range(1, columns + 1):
        times, values = [where, first, 0, last, 0], [where, first, column, last, column]
        chart.add_series({"name": [where, first - 1, column], "categories": times, "values": values})
    chart.set_title({"name": [where, first - 2, 0], "overlay": False})
    chart.set_size({"width": 900, "height": 360})
    if columns == 1:
        chart.set_legend({"none": True})
    sheet.sheet.insert_chart(first - 1, columns + 2, chart)


def _events(book: Book, report: AuditReport) -> None:
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
