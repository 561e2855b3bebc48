"""The PDF form: all of the report on pages that name store, checkpoint and key, and nothing that acts."""

import re
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from explorer.application.audit import AuditReport, audit_report
from explorer.application.reports.lettering import BOLD, PLAIN, REGULAR, Style, drawable, font, length, wrapped
from explorer.application.session import Session
from explorer.domain.event import Metadata
from tests.application.evidence import HOSTILE, sealed, tamper, written
from tests.application.shop import long_cart, note, record

ACTS = {
    "/JS",
    "/JavaScript",
    "/OpenAction",
    "/AA",
    "/A",
    "/URI",
    "/Launch",
    "/EmbeddedFiles",
    "/EF",
    "/Annots",
    "/AcroForm",
}


def pages(report: AuditReport) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(written(report, "pdf")), strict=True).pages]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_it_says_what_the_page_says(report: AuditReport) -> None:
    text = " ".join(" ".join(pages(report)).split())
    for said in (
        "Every event, as of the end of the log. It shows all 17 events.",
        "✓ The log is complete and unaltered 17 events, 8 checks, all passed.",
        report.head.root.hex(),
        "Activity: events per minute",
        "Totals in GBP over time",
        "money.GBP.revenue — 14.36 ● changed",
        "By actor Actor Events Ann 14 Bob 3",
        "Thursday 1 January 2026",
        "8 01:00:00.000000 ItemQuantityChanged mug: 2 → 5 cart-1 · version 3 Bob correction",
        "lines[sku=mug].quantity lines[sku=mug].line_total units subtotal total 2 → 5 7.98 → 19.95 2 → 5",
    ):
        assert said in text, said
    assert text.count("✓ passed") == 8


def test_every_page_names_store_checkpoint_key_and_its_number(session: Session) -> None:
    long_cart(session, 120)
    report = sealed(audit_report(session))
    assert report.seal
    found = pages(report)
    assert len(found) > 10
    for number, text in enumerate(found, 1):
        assert f"Audit report · {report.store_file}" in text
        assert f"Store {report.head.store_id} · checkpoint 120 events" in text
        assert f"root {report.seal.root.hex()[:16]}… · key {report.seal.key.id_text}" in text
        assert f"Page {number} of" in text
    reader = PdfReader(BytesIO(written(report, "pdf")))
    page: Any = reader.pages[3]
    total = page["/Resources"]["/XObject"]["/FormXob.pages"]
    assert f"({len(found)}) Tj" in total.get_data().decode()


def test_every_event_of_a_long_report_is_there_once_and_in_order(session: Session) -> None:
    long_cart(session, 150)
    numbers = re.findall(r"^ ?(\d+) 00:00:00\.000000$", "\n".join(pages(audit_report(session))), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 151)]


def test_hostile_texts_are_shown_and_nothing_acts(hostile: AuditReport) -> None:
    raw = written(hostile, "pdf")
    reader = PdfReader(BytesIO(raw), strict=True)
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    for hostile_text in HOSTILE:
        if len(hostile_text) < 500:  # longer ones go over several pages
            assert squeezed(drawable(hostile_text)) in text, hostile_text
    names: set[str] = set()
    for number in range(1, len(reader.xref[0]) + 1):
        gather(reader.get_object(IndirectObject(number, 0, reader)), names)
    assert "/Font" in names
    assert not names & ACTS


def gather(thing: object, names: set[str]) -> None:
    """The keys of all dictionaries in an object."""
    if isinstance(thing, DictionaryObject | StreamObject):
        for key, value in thing.items():
            names.add(str(key))
            gather(value, names)
    elif isinstance(thing, ArrayObject):
        for value in thing:  # type: ignore[reportUnknownVariableType]
            gather(value, names)


def test_fonts_are_embedded(report: AuditReport) -> None:
    page: Any = PdfReader(BytesIO(written(report, "pdf"))).pages[0]
    fonts = page["/Resources"]["/Font"]
    assert len(fonts) > 1
    for name in fonts:
        assert "/FontFile2" in fonts[name]["/FontDescriptor"], name


def test_it_was_made_when_the_log_ended(report: AuditReport) -> None:
    about = PdfReader(BytesIO(written(report, "pdf"))).metadata
    assert about is not None
    assert about.get("/CreationDate") == "D:20260101021000+00'00'"
    assert about.title == "Audit report · shop.events"
    assert str(report.head.store_id) in (about.subject or "")


def test_an_event_that_cannot_be_read_is_shown_and_the_verdict_failed(report: AuditReport, session: Session) -> None:
    tamper(session.path, "UPDATE events SET data = x'00ff' WHERE position = 8")
    text = " ".join(" ".join(pages(audit_report(session))).split())
    assert "✗ The log did not pass" in text
    assert "unreadable: The data of event 8" in text


def test_an_empty_report_says_so(session: Session) -> None:
    text = " ".join(" ".join(pages(audit_report(session))).split())
    assert "No event lies in this range." in text
    assert "Over time" not in text


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Zoë → 5", "Zoë → 5"),
        ("日", "⟨U+65E5⟩"),
        ("👩\u200d", "⟨U+1F469⟩⟨U+200D⟩"),
        ("a\x00\u202eb", "a⟨U+0000⟩⟨U+202E⟩b"),
        ("\ud800", "⟨U+D800⟩"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_what_cannot_be_drawn_or_seen_stands_as_its_number(text: str, drawn: str) -> None:
    assert drawable(text) == drawn


@given(st.text(), st.sampled_from([30.0, 100.0, 500.0]), st.sampled_from([PLAIN, Style(BOLD, 20)]))
def test_lines_fit_and_nothing_is_lost(text: str, width: float, style: Style) -> None:
    lines = wrapped(text, style, width)
    assert all(length(line) <= width + 0.01 or len(line.text) == 1 for line in lines)
    assert squeezed("".join(line.text for line in lines)) == squeezed(drawable(text))


@given(st.text())
def test_every_character_that_is_drawn_is_in_the_fonts(text: str) -> None:
    for name in (REGULAR, BOLD):
        assert {*map(ord, drawable(text))} <= font(name).face.charToGlyph.keys()


@pytest.mark.parametrize(
    "text", [":-(", "a) Tj ET (b", "back\\slash \\) \\101", "%%EOF endstream endobj", "<< /JS (x) >>"]
)
def test_what_means_something_to_pdf_is_a_text_like_others(session: Session, text: str) -> None:
    record(session, "taking-1", note({}, about=Metadata("Ann", text)), note({}, about=Metadata("Bob", f"é {text} é")))
    said = squeezed("".join(pages(audit_report(session))))
    assert squeezed(f"Ann{text}") in said
    assert squeezed(f"Bobé {text} é") in said
