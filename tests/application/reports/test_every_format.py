"""What holds for each format: who signed stands in it, hostile and endless texts do no harm, memory stays flat."""

import errno
import gc
import re
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest

from explorer.application.audit import AuditReport, Entry, audit_report, resolve_scope
from explorer.application.reports import FORMATS
from explorer.application.session import Session
from tests.application.evidence import of_giants, sealed, written

SHOWN_CUT = sorted({*FORMATS} - {"json"})


def everything_in(raw: bytes, report_format: str) -> str:
    """The file's texts, one after the other."""
    if report_format == "pdf":
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(raw)).pages)
    if report_format == "xlsx":
        from openpyxl import load_workbook

        book = load_workbook(BytesIO(raw), read_only=True)
        return "\n".join(
            str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell
        )
    return raw.decode()


@pytest.mark.parametrize("report_format", sorted({*FORMATS} - {"csv"}))
def test_store_checkpoint_and_key_are_named(report: AuditReport, report_format: str) -> None:
    signed = sealed(report)
    assert signed.seal
    said = everything_in(written(signed, report_format), report_format).replace("\n", "")
    for needed in (str(report.head.store_id), signed.seal.root.hex(), signed.seal.key.id_text, signed.seal.key.text):
        assert needed in said, needed
    assert signed.seal.note.split()[-1] in said
    unsigned = everything_in(written(report, report_format), report_format)
    assert signed.seal.key.id_text not in unsigned
    assert ('"checkpoint":null' if report_format == "json" else "no checkpoint: unsigned") in unsigned


@pytest.mark.parametrize("report_format", sorted({*FORMATS} - {"csv"}))
def test_the_filter_stands_in_the_head(session: Session, report: AuditReport, report_format: str) -> None:
    narrowed = audit_report(session, resolve_scope(session, wanted="data.quantity > 3 and actor = Bob"))
    said = " ".join(everything_in(written(narrowed, report_format), report_format).split())
    assert "for which actor == Bob and data.quantity > 3 holds" in said.replace("&gt;", ">")
    assert "for which" not in everything_in(written(report, report_format), report_format)


@pytest.mark.parametrize("report_format", SHOWN_CUT)
def test_ten_million_characters_in_every_text_are_cut(report: AuditReport, report_format: str) -> None:
    giants, began = of_giants(report), time.monotonic()
    raw = written(giants, report_format)
    assert len(raw) < 2_000_000
    assert time.monotonic() - began < 20
    said = "".join(everything_in(raw, report_format).split())
    assert re.search(r"\(10,000,\d\d\dcharacters;theJSONreporthasthemall\)", said)


def test_a_million_characters_are_exact_in_json(report: AuditReport) -> None:
    import msgspec

    giants = of_giants(report, 1_000_000)
    (entry,) = giants.entries
    (event,) = msgspec.json.decode(written(giants, "json"))["events"]
    assert event["data"] == entry.data
    assert event["metadata"]["reason"] == entry.reason


class Many:
    """An event again and again."""

    def __init__(self, entry: Entry, number: int) -> None:
        self._entry, self._number = entry, number

    def __iter__(self) -> Iterator[Entry]:
        for number in range(self._number):
            yield self._entry._replace(position=number + 1, version=number + 1, reason=f"because of {number}")


class Nowhere(BytesIO):
    """Takes everything and keeps nothing."""

    def write(self, data: object) -> int:
        return len(memoryview(data))  # type: ignore[arg-type]


def peak_of_writing(report: AuditReport, report_format: str, events: int) -> int:
    (entry, *_) = [entry for entry in report.entries if entry.type == "ItemQuantityChanged"]
    many = replace(report, entries=Many(entry, events))
    gc.collect()
    tracemalloc.start()
    try:
        FORMATS[report_format](many, Nowhere())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("report_format", ["pdf", "xlsx"])
def test_memory_does_not_grow_with_the_number_of_events(report: AuditReport, report_format: str) -> None:
    peak_of_writing(report, report_format, 1)  # what is loaded once
    few, many = (peak_of_writing(report, report_format, events) for events in (200, 1_200))
    assert many - few < 600_000


class Full(BytesIO):
    """A disk without room."""

    def write(self, data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def writelines(self, lines: object) -> None:
        self.write(lines)


@pytest.mark.parametrize("report_format", sorted(FORMATS))
def test_a_full_disk_is_told_as_such(report: AuditReport, report_format: str) -> None:
    with pytest.raises(OSError, match="No space left"):
        FORMATS[report_format](report, Full())
    gc.collect()  # nobody tries again when he is forgotten


def test_what_few_need_is_loaded_when_it_is_needed() -> None:
    script = (
        "import sys, explorer.application.reports, explorer.cli, explorer.gui.report_dialog\n"
        "print(sorted({'reportlab', 'xlsxwriter', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
