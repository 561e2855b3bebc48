"""The events as a table: a row for each field that an event changed, or one row for an event that changed none.

Every cell of text is quoted. One that a spreadsheet would take for a formula, because it begins with = + - @, a tab, a
carriage return or a line feed (or the full-width forms), gets an apostrophe in front (OWASP, "CSV Injection"). The
exact values are in the JSON report.
"""

import csv
from typing import IO

from explorer.application.audit import AuditReport, Entry
from explorer.application.documents import iso
from explorer.application.reports.words import in_words
from explorer.projections.runner import Progress

COLUMNS = (
    "position", "occurred_at", "recorded_at", "actor", "reason", "stream", "version", "type", "summary", "field",
    "previous", "new", "event_id", "correlation_id", "causation_id", "origin", "log_complete",
)  # fmt: skip
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")


def guarded(text: str) -> str:
    """The text, made harmless for a spreadsheet."""
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip(" ").startswith(DANGEROUS[:4]) else text


def write_csv(report: AuditReport, file: IO[str], progress: Progress) -> None:
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    verdict = "yes" if report.verdict.ok else "NO"
    for entry in report.entries(progress):
        for field, previous, new in _changes(entry):
            writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in (
                *_event(entry), field, previous, new, *_ids(entry), verdict)])  # fmt: skip


def _changes(entry: Entry) -> list[tuple[str, str | int, str | int]]:
    found = [(change.path, _cell(change.before), _cell(change.after)) for change in entry.changes]
    return found or [("", "", "")]


def _cell(value: object) -> str | int:
    # Numbers stay numbers; a negative one is no formula.
    return value if type(value) is int else in_words(value)  # type: ignore[arg-type]


def _event(entry: Entry) -> tuple[str | int, ...]:
    record = entry.record
    return (
        record.position, iso(record.occurred_at), iso(record.recorded_at), record.actor, record.reason, record.stream,
        record.version, record.type, entry.summary,
    )  # fmt: skip


def _ids(entry: Entry) -> tuple[str, ...]:
    event = entry.event
    if event is None:
        return (entry.record.id.hex(), "", "", entry.record.origin)
    about = event.metadata
    return (str(event.id), str(about.correlation_id or ""), str(about.causation_id or ""), about.origin)
