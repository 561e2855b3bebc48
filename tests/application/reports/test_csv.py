"""The CSV form is a table that a spreadsheet shows and does not run."""

import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.application.audit import AuditReport, audit_report
from explorer.application.history import ABSENT
from explorer.application.reports.as_csv import APOSTROPHE, DANGEROUS, cell, guarded
from explorer.application.reports.table import COLUMNS
from explorer.application.session import Session
from explorer.application.visible import HIDDEN, visible
from tests.application.evidence import HOSTILE, tamper, written


def rows(report: AuditReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(report, "csv").decode(), newline=""), strict=True))


def test_a_row_for_each_event_with_its_main_change(report: AuditReport) -> None:
    table = rows(report)
    assert [row["position"] for row in table] == [str(position) for position in range(1, 18)]
    assert tuple(table[0]) == COLUMNS
    quantity = table[7]
    assert (quantity["field"], quantity["previous"], quantity["new"]) == ("lines[sku=mug].quantity", "2", "5")
    assert (quantity["actor"], quantity["reason"]) == ("Bob", "correction")
    assert quantity["occurred_at"] == "2026-01-01T01:00:00.000000Z"
    assert json.loads(quantity["data"]) == {"sku": "mug", "previous_quantity": 2, "quantity": 5}
    assert json.loads(quantity["changes"])[0] == {"field": "lines[sku=mug].quantity", "previous": 2, "new": 5}
    assert (table[11]["field"], table[11]["previous"], table[11]["new"]) == ("status", "open", "checked_out")
    assert (table[14]["field"], table[14]["new"]) == ("lines[sku=pen]", "")


def test_what_changed_comes_back_from_the_table(report: AuditReport) -> None:
    for row, entry in zip(rows(report), report.entries, strict=True):
        assert (int(row["position"]), int(row["version"]), row["id"], row["hash"]) == (
            entry.position, entry.version, entry.id, entry.hash,
        )  # fmt: skip
        assert [change["field"] for change in json.loads(row["changes"])] == [change.path for change in entry.changes]
        assert json.loads(row["data"]) == entry.data


def test_it_is_plain_rfc_4180(report: AuditReport) -> None:
    raw = written(report, "csv")
    assert raw.startswith(b'"position","stream","version","type",')
    assert raw.endswith(b'"\r\n')
    assert raw.count(b"\r\n") == raw.count(b"\n") == 18


def test_hostile_texts_are_harmless_in_every_cell(hostile: AuditReport) -> None:
    table = rows(hostile)
    assert len(table) == hostile.totals.events
    for row in table:
        for name, value in row.items():
            assert value[:1] not in DANGEROUS, (name, value)
            assert value.lstrip()[:1] not in DANGEROUS, (name, value)
            assert not HIDDEN.search(value), (name, value)
    assert {visible(guarded(text)) for text in HOSTILE} <= {row["reason"] for row in table}


def test_a_damaged_event_has_an_empty_cell_for_its_data(report: AuditReport, session: Session) -> None:
    tamper(session.path, "UPDATE events SET data = x'00ff' WHERE position = 17")
    row = rows(audit_report(session))[-1]
    assert (row["data"], row["changes"], row["field"]) == ("", "[]", "")


def test_what_no_spreadsheet_can_hold_is_cut_and_says_so(hostile: AuditReport) -> None:
    row = rows(hostile)[-1]
    assert all(len(value) < 32_767 for value in row.values())
    assert row["data"].endswith("… (600,012 characters; the JSON report has them all)")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-5, -5),
        (True, "true"),
        (None, "null"),
        (ABSENT, ""),
        ("", ""),
        ("-5", "'-5"),
        ("=1", "'=1"),
        ("'quoted'", "''quoted'"),
        ("\t=1", "'␉=1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("a=1", "a=1"),
        ({"a": ["=1"]}, '{"a":["=1"]}'),
    ],
)
def test_numbers_stay_numbers_and_texts_are_guarded(value: object, shown: object) -> None:
    assert cell(value) == shown  # type: ignore[arg-type]


@given(st.text())
@example("'")
@example("\r\n=")
def test_the_guard_can_be_undone_and_leaves_no_formula(text: str) -> None:
    guard = guarded(text)
    assert guard.removeprefix(APOSTROPHE) == text if guard != text else not text.startswith(APOSTROPHE)
    assert guard[:1] not in DANGEROUS
    assert guard.lstrip()[:1] not in DANGEROUS


@given(st.text(), st.text())
def test_no_two_texts_share_a_guarded_form(one: str, other: str) -> None:
    assert (guarded(one) == guarded(other)) == (one == other)
