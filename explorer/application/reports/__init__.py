"""Audit reports as files: one format a file, one function each. A file appears whole, or not at all."""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from explorer.application.audit import AuditReport
from explorer.application.reports.as_csv import write_csv
from explorer.application.reports.as_html import write_html
from explorer.application.reports.as_json import write_json
from explorer.errors import BadInput, ReadOnly, StorageFailed
from explorer.projections.runner import Progress, no_progress

FORMATS: Mapping[str, Callable[[AuditReport, IO[str], Progress], None]] = {
    "html": write_html,
    "csv": write_csv,
    "json": write_json,
}


def write_report(report: AuditReport, report_format: str, path: Path, progress: Progress = no_progress) -> None:
    """Writes beside the target and renames, so that the old file is there whole until the new one is.

    Raises BadInput, ReadOnly or StorageFailed in words, or Cancelled from `progress`; then nothing has changed.
    """
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent} to write {path.name} in.")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise ReadOnly(f"{path.parent} cannot be written to: {error.strerror}. Name another folder.") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            FORMATS[report_format](report, file, progress)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageFailed(
            f"{path} could not be written: {error.strerror}. The old file, if any, is as it was."
        ) from (error)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
