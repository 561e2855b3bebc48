"""The workbook holds texts and numbers, never a formula, and as many rows as there are events."""

import re
import zipfile
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from explorer.application.audit import AuditReport, audit_report
from explorer.application.reports import as_xlsx
from explorer.application.reports.table import COLUMNS, LONGEST, fitted
from explorer.application.session import Session
from explorer.application.visible import HIDDEN
from tests.application.evidence import HOSTILE, report_of, sealed, written
from tests.application.shop import long_cart, note, record


def book_of(report: AuditReport) -> Any:
    return load_workbook(BytesIO(written(report, "xlsx")))


def charts_in(book: Any) -> dict[str, int]:
    return {sheet.title: len(sheet._charts) for sheet in book if sheet._charts}  # noqa: SLF001


def rows(sheet: Any) -> list[dict[str, Any]]:
    table = list(sheet.iter_rows(min_row=2, values_only=True))
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def test_a_row_for_each_event_with_numbers_as_numbers(report: AuditReport) -> None:
    table = rows(book_of(report)["Events"])
    assert tuple(table[0]) == COLUMNS
    assert [row["position"] for row in table] == list(range(1, 18))
    quantity = table[7]
    assert (quantity["field"], quantity["previous"], quantity["new"]) == ("lines[sku=mug].quantity", 2, 5)
    assert (quantity["actor"], quantity["reason"]) == ("Bob", "correction")
    assert quantity["occurred_at"] == "2026-01-01T01:00:00.000000Z"
    for row, entry in zip(table, report.entries, strict=True):
        assert (row["version"], row["id"], row["hash"]) == (entry.version, entry.id, entry.hash)


def test_every_sheet_names_store_checkpoint_and_key_also_in_print(report: AuditReport) -> None:
    signed = sealed(report)
    assert signed.seal
    book = book_of(signed)
    assert book.sheetnames == ["Report", "Activity", "Over time 1", "Events"]
    for sheet in book:
        for said in (sheet["A1"].value, sheet.oddFooter.left.text):
            assert f"Store {report.head.store_id} · checkpoint 17 events" in said
            assert said.endswith(f"key {signed.seal.key.id_text}")
        assert sheet.oddHeader.left.text == "Audit report · shop.events"


def test_the_facts_and_the_verdict(report: AuditReport) -> None:
    cells = [cell for row in book_of(report)["Report"].iter_rows(values_only=True) for cell in row if cell is not None]
    for said in ("✓ The log is complete and unaltered", report.head.root.hex(), "It shows all 17 events.", "14.36"):
        assert said in cells
    assert cells.count("✓ passed") == 8
    assert cells[cells.index("Ann") + 1] == 14


def test_sums_stand_in_units_with_a_chart(report: AuditReport) -> None:
    book = book_of(report)
    activity, money = book["Activity"], book["Over time 1"]
    assert sum(row[1] for row in activity.iter_rows(min_row=4, values_only=True)) == 17
    assert list(money.iter_rows(values_only=True))[-1] == ("2026-01-01T02:10:00.000000Z", 14.36, 0)
    assert charts_in(book) == {"Activity": 1, "Over time 1": 1}


def test_hostile_texts_stay_texts(hostile: AuditReport) -> None:
    raw = written(hostile, "xlsx")
    book: Any = load_workbook(BytesIO(raw))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n"}, (sheet.title, cell.coordinate)
                assert cell.hyperlink is None
                assert not (isinstance(cell.value, str) and HIDDEN.search(cell.value))
                assert cell.data_type == "n" or cell.quotePrefix or not cell.value, cell.coordinate
    assert {fitted(text) for text in HOSTILE} <= {row["reason"] for row in rows(book["Events"])}
    with zipfile.ZipFile(BytesIO(raw)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode()
            assert "<f>" not in text, name
            assert "<f " not in text, name
            assert not re.search(r'TargetMode="External"|<hyperlink|vbaProject|DDE', text), name
            for reference in re.findall(r"<c:f>(.*?)</c:f>", text):
                assert re.fullmatch(r"(Activity|'Over time \d')!\$[A-D]\$\d+(:\$[A-D]\$\d+)?", reference), reference


def test_nothing_beyond_a_sheets_last_row_is_lost(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    long_cart(session, 25)
    monkeypatch.setattr(as_xlsx, "EVENTS_A_SHEET", 10)
    book = book_of(audit_report(session))
    sheets = [sheet for sheet in book if sheet.title.startswith("Events")]
    assert [sheet.title for sheet in sheets] == ["Events", "Events 2", "Events 3"]
    assert [row["position"] for sheet in sheets for row in rows(sheet)] == list(range(1, 26))


def test_numbers_that_a_spreadsheet_would_round_are_texts(session: Session) -> None:
    record(session, "taking-1", note({"n": 2**53 - 1}), note({"n": 2**53 - 2, "m": -(10**14)}))
    values = [(row["previous"], row["new"]) for row in rows(book_of(audit_report(session))["Events"])]
    assert values[1] == ("9007199254740991", "9007199254740990")


def test_who_did_least_is_counted_together(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_xlsx, "LISTED", 1)
    record(session, "taking-1", note({}), note({}, "A"), note({}, "B"))
    table = list(book_of(audit_report(session))["Report"].iter_rows(values_only=True))
    assert ("2 others", 2) in [row[:2] for row in table]


def test_an_empty_report_has_its_sheets(session: Session) -> None:
    book = book_of(report_of(session))
    assert book.sheetnames == ["Report", "Events"]
    assert book["Events"]["A2"].value == "No event lies in this range."


@given(st.text(max_size=50))
@example("👩" * 20_000)
@example("\u202e" * 40_000)
@example("x" * LONGEST)
def test_every_text_fits_into_a_cell_and_tells_if_it_was_cut(text: str) -> None:
    shown = fitted(text)
    assert len(shown.encode("utf-16-le", "surrogatepass")) // 2 <= 32_767
    assert not HIDDEN.search(shown)
    assert shown.endswith("the JSON report has them all)") == (len(text) > 4_000 and text[0] != "x")
