"""A report's events as one CSV table (RFC 4180, UTF-8, every cell quoted), one event a row, for a spreadsheet.

The columns are COLUMNS. `field`, `previous` and `new` are the event's main change: the first of an item in a list, else
the first. `changes` are all of them and `data` is the event's own data, both as JSON. Times are ISO 8601 in UTC, money
is whole minor units.

What a spreadsheet would take for a formula is made harmless by an apostrophe before it (see `guarded`), and what cannot
be seen is shown (see `visible`), what is too long for a cell is cut. So a text may differ from the recorded one: the
JSON report is exact.
"""

import codecs
import csv
from typing import BinaryIO

import msgspec

from explorer.application.audit import AuditReport, Entry
from explorer.application.history import ABSENT, Absent, FieldChange, Value
from explorer.application.reports.as_json import change_document
from explorer.application.reports.shown import cut, time_text
from explorer.application.visible import visible
from explorer.domain.event import Json

COLUMNS = (
    "position", "stream", "version", "type", "summary", "actor", "reason", "occurred_at", "recorded_at", "field",
    "previous", "new", "changes", "data", "correlation_id", "causation_id", "origin", "id", "schema_version", "hash",
)  # fmt: skip

DANGEROUS = frozenset("=+-@＝＋－＠\t\r\n")
"""With any of these at its beginning a cell is a formula to some spreadsheet (OWASP, CSV injection), or hides one."""
APOSTROPHE = "'"
LONGEST = 32_000
"""Characters of one cell. A spreadsheet takes 32,767, and some spill the rest over the cells beside and below."""


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the header and a row for each event. Memory does not grow with their number."""
    table = csv.writer(codecs.getwriter("utf-8")(stream), quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    table.writerows(map(_row, report.entries))


def _row(entry: Entry) -> list[str | int]:
    main = _main(entry)
    changes: list[Json] = [change_document(change) for change in entry.changes]
    return [
        entry.position, cell(entry.stream), entry.version, cell(entry.type), cell(entry.summary), cell(entry.actor),
        cell(entry.reason), cell(time_text(entry.occurred_at)), cell(time_text(entry.recorded_at)), cell(main.path),
        cell(main.before), cell(main.after), cell(changes),
        "" if entry.data is None else cell(entry.data), cell(entry.correlation_id or ""),
        cell(entry.causation_id or ""), cell(entry.origin), cell(entry.id), entry.schema_version, cell(entry.hash),
    ]  # fmt: skip


def _main(entry: Entry) -> FieldChange:
    in_lists = (change for change in entry.changes if "[" in change.path)
    return next(in_lists, entry.changes[0] if entry.changes else FieldChange("", ABSENT, ABSENT))


def cell(value: Value) -> str | int:
    """A value as a cell: a whole number stays one, a text is made harmless, no value is `null`, no field is empty."""
    if isinstance(value, Absent):
        return ""
    if isinstance(value, str):
        return cut(visible(guarded(value)), LONGEST)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return cut(visible(msgspec.json.encode(value).decode()), LONGEST)


def guarded(text: str) -> str:
    """The text, behind an apostrophe if it could be a formula, or has one already, so that it can be undone."""
    is_formula = text[:1] in DANGEROUS or text.lstrip()[:1] in DANGEROUS
    return APOSTROPHE + text if is_formula or text.startswith(APOSTROPHE) else text
