"""Bookmarks and notes in reports: those of the range, as they were then, harmless whatever they say."""

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from explorer.application.audit import AuditReport
from explorer.application.bookmarks import put_bookmark, remove_bookmark
from explorer.application.reports import FORMATS
from explorer.application.session import Session
from explorer.application.visible import HIDDEN
from explorer.domain.event import Metadata
from explorer.projections.bookmarks import BookmarkRow
from tests.application.evidence import HOSTILE, a_day, report_of, written
from tests.application.reports.test_bundle import bundle_of, checked
from tests.application.reports.test_every_format import everything_in
from tests.application.shop import ANN, BOB, Clock

SHOWN = sorted({*FORMATS} - {"csv"})


@pytest.fixture
def day(session: Session, clock: Clock) -> Session:
    """The day's 17 events; 18 marks 8, 19 marks 13, 20 changes 8's bookmark, 21 marks 2, 22 removes that again."""
    a_day(session, clock)
    put_bookmark(session, 8, "Too many mugs", "Ask Jane.\nOr Omar.", ANN)
    put_bookmark(session, 13, "Pens go", "", BOB)
    put_bookmark(session, 8, "Far too many mugs", "Asked.", BOB)
    put_bookmark(session, 2, "Cheap", "", ANN)
    remove_bookmark(session, 2, ANN)
    return session


def titles(report: AuditReport) -> dict[int, str]:
    marked = {entry.position: entry.bookmark for entry in report.entries if entry.bookmark}
    listed = {row.position: row.title for row in report.bookmarks}
    if report.scope.actor is None:
        assert marked == listed
    return listed


def test_the_bookmarks_of_the_range_are_there_as_they_were_then(day: Session) -> None:
    assert titles(report_of(day)) == {8: "Far too many mugs", 13: "Pens go"}
    assert titles(report_of(day, start="9")) == {13: "Pens go"}
    assert titles(report_of(day, end="8")) == {8: "Far too many mugs"}
    assert titles(report_of(day, as_of="18")) == {8: "Too many mugs"}
    assert titles(report_of(day, as_of="17")) == {}
    assert titles(report_of(day, as_of="21")) == {2: "Cheap", 8: "Far too many mugs", 13: "Pens go"}
    assert titles(report_of(day, stream="cart-2")) == {13: "Pens go"}
    assert titles(report_of(day, actor="Ann")) == {8: "Far too many mugs", 13: "Pens go"}, "whoever marked it"


@pytest.mark.parametrize("report_format", SHOWN)
def test_title_note_and_who_stand_in_the_report(day: Session, report_format: str) -> None:
    said = everything_in(written(report_of(day), report_format), report_format)
    for wanted in ("Far too many mugs", "Asked.", "Pens go", "Bob"):
        assert wanted in said


def test_the_marked_event_has_a_sign_in_its_row(day: Session) -> None:
    report = report_of(day, end="13")
    assert everything_in(written(report, "csv"), "csv").count("Far too many mugs") == 1
    (event,) = [event for event in json.loads(written(report, "json"))["events"] if event["position"] == 8]
    assert event["bookmark"] == "Far too many mugs"
    page = written(report, "html").decode()
    assert page.count("<b>⚑ bookmark</b>") == 2
    assert "⚑ bookmark Pens go" in " ".join(everything_in(written(report, "pdf"), "pdf").split())


def test_json_tells_them_whole(day: Session) -> None:
    first, _ = json.loads(written(report_of(day), "json"))["bookmarks"]
    assert first == {
        "position": 8, "time": first["time"], "title": "Far too many mugs", "note": "Asked.", "stream": "cart-1",
        "actor": "Bob", "set_at": first["set_at"], "since": 20,
    }  # fmt: skip


@pytest.mark.parametrize("report_format", ["html", "pdf", "xlsx"])
def test_without_a_bookmark_nothing_is_said_of_them(session: Session, clock: Clock, report_format: str) -> None:
    a_day(session, clock)
    assert "Bookmarks" not in everything_in(written(report_of(session), report_format), report_format)


def test_hostile_titles_and_notes_do_no_harm(session: Session, clock: Clock) -> None:
    a_day(session, clock)
    usable = [text[:200] for text in HOSTILE]
    for position, text in enumerate(usable[:17], 1):
        put_bookmark(session, position, text, text, Metadata(text))
    report = report_of(session)
    page = written(report, "html").decode()
    assert not re.search(r"<(script|img|svg/)", page)
    assert not HIDDEN.findall(page.replace("\n", ""))
    found = json.loads(written(report, "json"))["bookmarks"]
    assert [mark["title"] for mark in found] == usable[:17]

    from openpyxl import load_workbook

    sheet = load_workbook(BytesIO(written(report, "xlsx")))["Bookmarks"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}


def test_a_bundle_with_bookmarks_is_one_that_its_verifier_knows(day: Session, tmp_path: Path) -> None:
    put_bookmark(day, 5, "</table><script>", "⟨<b>\x1b\n" * 300, ANN)
    bundle_of(day, tmp_path / "b.zip")
    status, said = checked(tmp_path / "b.zip")
    assert status == 0, said


@pytest.mark.parametrize("report_format", SHOWN)
def test_an_endless_note_is_cut_but_in_json(day: Session, report_format: str) -> None:
    giant = "x\n" * 2_000_000
    row = BookmarkRow(8, 0, giant, giant, giant, giant, 0, 20)
    raw = written(replace(report_of(day), bookmarks=[row], entries=[]), report_format)
    assert (len(raw) < 3_000_000) is (report_format != "json")
