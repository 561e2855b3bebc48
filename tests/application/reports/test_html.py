"""The page loads nothing, runs nothing, and shows every text as text."""

import re
from html.parser import HTMLParser

import pytest

from explorer.application.audit import AuditReport, audit_report
from explorer.application.reports.picture import pictures
from explorer.application.reports.shown import LONGEST, compared, value_text
from explorer.application.reports.told import BLOCK, imprint
from explorer.application.session import Session
from explorer.application.visible import HIDDEN, visible
from explorer.domain.event import Metadata
from tests.application.evidence import HOSTILE, report_of, sealed, tamper, written
from tests.application.shop import long_cart, note, record

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "section", "div", "footer", "h1", "h2", "h3", "p",
    "table", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "span", "b", "a",
    "figure", "figcaption", "svg", "desc", "line", "rect", "polyline", "text",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "style", "scope", "colspan", "aria-labelledby",
    "aria-label", "role", "viewbox", "x", "y", "width", "height", "x1", "y1", "x2", "y2", "points", "text-anchor",
    "href",
}  # fmt: skip
VOID = {"meta", "col"}


class Page(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.classes: set[str] = set()
        self.styles: list[str] = []
        self.policy = ""
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(raw.decode())
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.text.append(" ")
        self.elements.add(tag)
        self.attributes |= set(found)
        self.classes |= set((found.get("class") or "").split())
        if "style" in found:
            self.styles.append(found["style"] or "")
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"] or ""
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.text.append(" ")
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def page_of(report: AuditReport) -> Page:
    return Page(written(report, "html"))


def test_it_says_what_was_asked_of_which_log_and_the_verdict(report: AuditReport) -> None:
    page = page_of(report)
    assert "Every event, as of the end of the log. It shows all 17 events." in page.words
    assert "✓ The log is complete and unaltered 17 events, 8 checks, all passed." in page.words
    assert page.words.count("✓ passed") == 8
    assert str(report.head.store_id) in page.words
    assert report.head.root.hex() in page.words
    assert "passed" in page.classes


def test_an_event_stands_with_who_what_when_why_and_the_change_in_money(report: AuditReport) -> None:
    words = page_of(report).words
    assert "Thursday 1 January 2026" in words
    assert "8 01:00:00 .000000 ItemQuantityChanged mug: 2 → 5 cart-1 · version 3 Bob correction" in words
    assert "lines[sku=mug].quantity 2 → 5" in words
    assert "total 7.98 → 19.95" in words
    assert "money.GBP.revenue — 14.36 ● changed" in words


def test_it_runs_nothing_and_loads_nothing(hostile: AuditReport) -> None:
    page = page_of(hostile)
    assert page.policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert page.elements <= ELEMENTS
    assert page.attributes <= ATTRIBUTES
    assert all(re.fullmatch(r"width: \d+%|contain-intrinsic-size: auto \d+rem", style) for style in page.styles)
    assert not re.search(rb"url\(|@import|https?:|javascript:", written(hostile, "html"))


def test_hostile_texts_are_shown_as_text_and_nothing_of_them_is_hidden(hostile: AuditReport) -> None:
    raw = written(hostile, "html").decode()
    assert set(HIDDEN.findall(raw)) == {"\n"}
    words = Page(raw.encode()).words
    for text in HOSTILE:
        assert " ".join(visible(text).split()) in words


def test_a_very_long_text_is_cut_and_says_so(hostile: AuditReport) -> None:
    words = page_of(hostile).words
    assert "=abab" in words
    assert "(600,001 characters; the JSON report has them all)" in words
    assert max(map(len, words.split())) <= LONGEST + 10


def test_a_failed_verdict_is_said_in_words_and_signs_not_in_colour_alone(report: AuditReport, session: Session) -> None:
    tamper(session.path, "UPDATE events SET data = x'00ff' WHERE position = 8")
    page = page_of(audit_report(session))
    assert "✗ The log did not pass" in page.words
    assert "✗ FAILED Every event is as it was recorded Event 8 was altered" in page.words
    assert {"failed", "unreadable"} <= page.classes


def test_a_part_says_of_how_many_it_is(report: AuditReport, session: Session) -> None:
    assert "It shows 3 of 17 events." in page_of(report_of(session, actor="Bob")).words
    assert "What others changed in between is left out." in page_of(report_of(session, actor="Bob")).words


def test_charts_are_told_in_words_too(report: AuditReport) -> None:
    raw = written(report, "html").decode()
    for number, picture in enumerate(pictures(report), 1):
        assert f'role="img" aria-labelledby="chart-{number} chart-{number}-words"' in raw
        assert f'<title id="chart-{number}">{picture.title}</title>' in raw
        assert raw.count(picture.description) == 2
        assert raw.count("<rect ") == len(pictures(report)[0].bars)


def test_every_printed_page_names_store_checkpoint_and_key(report: AuditReport) -> None:
    raw = written(sealed(report), "html").decode()
    assert f'@bottom-left {{ content: "{imprint(sealed(report))}"' in raw
    assert re.search(r"Store \S+ · checkpoint 17 events, root [0-9a-f]{16}… · key [0-9a-f]{8}", raw)


def test_an_empty_report_says_so(session: Session) -> None:
    words = page_of(audit_report(session)).words
    assert "No event lies in this range." in words
    assert "It shows all 0 events." in words
    assert "Over time" not in words


def test_many_events_of_a_day_share_one_heading(session: Session) -> None:
    long_cart(session, BLOCK * 2 + 5)
    page = page_of(audit_report(session))
    assert page.words.count("Thursday 1 January 2026") == 1
    assert "hidden-head" in page.classes


def test_who_did_least_is_counted_together(session: Session) -> None:
    for number in range(30):
        record(session, "taking-1", note({}, about=Metadata(f"actor {number:02}")))
    assert "15 others 15" in page_of(audit_report(session)).words


@pytest.mark.parametrize(
    ("value", "path", "currency", "shown"),
    [
        (123456, "total", "GBP", "1,234.56"),
        (123456, "total", "JPY", "123,456"),
        (123456, "total", "", "123,456"),
        (123456, "lines[sku=a.total].quantity", "GBP", "123,456"),
        (5, "money.GBP.revenue", "", "0.05"),
        (None, "coupon", "", "none"),
        ("", "note", "", "“”"),
        ([], "fields.x", "", "(none)"),
        ({}, "fields.x", "", "(empty)"),
        ([True, {"unit_price": 255}], "lines", "GBP", "true, unit_price 2.55"),
    ],
)
def test_values_as_people_read_them(value: object, path: str, currency: str, shown: str) -> None:
    assert value_text(value, path, currency) == shown  # type: ignore[arg-type]


def test_two_documents_side_by_side() -> None:
    before = {"status": "open", "coupon": None, "lines": [{"sku": "a", "n": 1}], "total": 0}
    after = {"status": "open", "coupon": {"code": "X"}, "lines": [{"sku": "b", "n": 2}], "total": 5, "currency": "GBP"}
    rows = {row.path: (row.before, row.after, row.differs) for row in compared(before, after)}  # type: ignore[arg-type]
    assert rows == {
        "status": ("open", "open", False),
        "coupon": ("none", "—", True),
        "coupon.code": ("—", "X", True),
        "lines[sku=a]": ("sku a, n 1", "—", True),
        "lines[sku=b]": ("—", "sku b, n 2", True),
        "total": ("0.00", "0.05", True),
        "currency": ("—", "GBP", True),
    }
