"""A report's events as one CSV table (RFC 4180, UTF-8, every cell quoted), one event a row, for a spreadsheet.

The columns are those of `table`; `changes` and `data` are JSON. It is one table and nothing else, so that every program
reads it: of the signed checkpoint it has no more than each event's `hash`, which is its leaf in the signed tree.

What a spreadsheet would take for a formula is made harmless by an apostrophe before it (see `guarded`), and what cannot
be seen is shown, what is too long for a cell is cut (see `fitted`). So a text may differ from the recorded one: the
JSON report is exact.
"""

import codecs
import csv
from typing import BinaryIO

import msgspec

from explorer.application.audit import AuditReport
from explorer.application.history import Absent, Value
from explorer.application.reports.table import COLUMNS, fitted, row

DANGEROUS = frozenset("=+-@＝＋－＠\t\r\n")
"""With any of these at its beginning a cell is a formula to some spreadsheet (OWASP, CSV injection), or hides one."""
APOSTROPHE = "'"


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the header and a row for each event. Memory does not grow with their number."""
    table = csv.writer(codecs.getwriter("utf-8")(stream), quoting=csv.QUOTE_ALL)
    table.writerow(COLUMNS)
    table.writerows(map(cell, row(entry)) for entry in report.entries)


def cell(value: Value) -> str | int:
    """A value as a cell: a whole number stays one, a text is made harmless, no value is `null`, no field is empty."""
    if isinstance(value, Absent):
        return ""
    if isinstance(value, str):
        return fitted(guarded(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return fitted(msgspec.json.encode(value).decode())


def guarded(text: str) -> str:
    """The text, behind an apostrophe if it could be a formula, or has one already, so that it can be undone."""
    is_formula = text[:1] in DANGEROUS or text.lstrip()[:1] in DANGEROUS
    return APOSTROPHE + text if is_formula or text.startswith(APOSTROPHE) else text
