"""Audit reports as files: one format a module, with one function `write(report, stream)` that writes bytes.

A new format is a module and a line in FORMATS.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from explorer.application.audit import AuditReport, Entry
from explorer.application.reports import as_csv, as_html, as_json
from explorer.application.whole_file import is_same, replacing
from explorer.errors import BadInput
from explorer.projections.runner import Progress, no_progress


def _write_xlsx(report: AuditReport, stream: BinaryIO) -> None:
    from explorer.application.reports import as_xlsx  # noqa: PLC0415 - its library takes long to load

    as_xlsx.write(report, stream)


def _write_pdf(report: AuditReport, stream: BinaryIO) -> None:
    from explorer.application.reports import as_pdf  # noqa: PLC0415 - its library takes long to load

    as_pdf.write(report, stream)


FORMATS: Mapping[str, Callable[[AuditReport, BinaryIO], None]] = {
    "html": as_html.write,
    "csv": as_csv.write,
    "json": as_json.write,
    "xlsx": _write_xlsx,
    "pdf": _write_pdf,
}
"""Name → what writes it. The same report gives the same bytes."""

STEP = 250
"""Entries between two calls of `progress`."""


def write_report(report: AuditReport, report_format: str, path: Path, progress: Progress = no_progress) -> None:
    """Writes a report to a file, whole or not at all: on any failure, and on Cancelled from `progress`, what was there
    before is kept.

    Raises BadInput for an unknown format and for a path that is no file or is the store's own; see `replacing`.
    """
    if report_format not in FORMATS:
        raise BadInput(f"There is no report format {report_format!r}; there are {', '.join(sorted(FORMATS))}.")
    _check_not_the_store(report, path)
    with replacing(path) as stream:
        FORMATS[report_format](replace(report, entries=_Counted(report, progress)), stream)
    progress(report.totals.events, report.totals.events)


class _Counted:
    """A report's entries that tell how far they have been read."""

    def __init__(self, report: AuditReport, progress: Progress) -> None:
        self._report, self._progress = report, progress

    def __iter__(self) -> Iterator[Entry]:
        for number, entry in enumerate(self._report.entries):
            if number % STEP == 0:
                self._progress(number, self._report.totals.events)
            yield entry


def _check_not_the_store(report: AuditReport, path: Path) -> None:
    """Raises BadInput if `path` is one of the files of the store that the report is about."""
    store = report.store_path
    for own in (store, *(store.with_name(store.name + ending) for ending in ("-wal", "-shm", "-journal"))):
        if is_same(path, own):
            raise BadInput(f"{path} is the store itself. Name another file for the report.")
