"""A report as PDF, A4, to print and to file: what the HTML page says, with store, checkpoint and key on every page.

Long values are cut, what cannot be seen or drawn is shown by its number: the JSON report is exact and whole. Scripts
that are written from right to left stand in the order of their letters, unjoined.
"""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import BinaryIO

from explorer.application.audit import AuditReport
from explorer.application.reports import told
from explorer.application.reports.lettering import (
    BOLD,
    FINE,
    HEAVY,
    NOTE,
    PLAIN,
    QUIET,
    Piece,
    Style,
    wrapped,
)  # fmt: skip
from explorer.application.reports.paper import ACCENT, FAIL, LEFT, MARK, PASS, RIGHT, STRONG, WHOLE, Column, Paper
from explorer.application.reports.picture import pictures
from explorer.application.reports.shown import LONGEST, Row, compared, cut
from explorer.application.reports.told import EventRow

HIDDEN_WORDS = (
    "characters that cannot be seen, or that the fonts of this file lack, are shown as ⟨U+…⟩; scripts written from "
    "right to left stand letter by letter from left to right"
)
_MARK = 100
"""Characters that `cut` may add."""
_FACT = 112.0
"""Width of a fact's name."""
_POSITION, _TIME, _WHAT, _WHO, _FIELD, _VALUE = LEFT + 36, LEFT + 43, LEFT + 109, LEFT + 243, LEFT + 327, LEFT + 412
"""Where the columns of the events begin; the first ends there."""
_GAP = 7.0


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the pages. Memory does not grow with the number of events, but by a few bytes for each page."""
    paper = Paper(
        stream,
        title=_short(told.title(report)),
        imprint=told.imprint(report),
        subject=f"Store {report.head.store_id}",
        time=report.generated_at,
    )
    _head(paper, report)
    _verdict(paper, report)
    _facts(paper, "The store", [(name, value, "") for name, value in told.identity(report)])
    _facts(paper, "The signed checkpoint", [(name, value, "") for name, value in told.seal(report)])
    _facts(paper, "The range", told.span(report))
    drawn = pictures(report)
    if drawn:
        paper.heading("Over time", 170)
        for picture in drawn:
            paper.picture(picture)
    _states(paper, report)
    for heading, column, counts in told.tallies(report):
        _counts(paper, heading, column, counts)
    if told.has_marks(report):
        _marks(paper, report)
    _ruled(paper, report)
    _events(paper, report)
    paper.gap(14)
    paper.text(told.closing(report, HIDDEN_WORDS), FINE)
    paper.end()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST + _MARK else cut(text)


def _lines(text: str, style: Style, width: float) -> list[Piece]:
    """Every text from a log passes here: none is endless."""
    return wrapped(_short(text), style, width)


def _head(paper: Paper, report: AuditReport) -> None:
    paper.text("Audit report", Style(BOLD, 9, ACCENT))
    paper.text(_short(report.store_file), Style(BOLD, 20))
    paper.gap(4)
    paper.text(_short(report.scope.in_words()), Style(size=10))
    paper.text(told.selection(report), Style(size=9, colour=QUIET))


def _verdict(paper: Paper, report: AuditReport) -> None:
    verdict = report.verdict
    colour = PASS if verdict.ok else FAIL
    paper.gap(14)
    for text, style in ((told.verdict_title(verdict), Style(BOLD, 13, colour)), (told.verdict_words(verdict), PLAIN)):
        paper.columns([Column(LEFT, _lines(text, style, WHOLE))], style.size * 1.35, bar=colour)
    for check in verdict.checks:
        outcome = Piece("✓ passed", Style(BOLD, 8, PASS)) if check.ok else Piece("✗ FAILED", Style(BOLD, 8, FAIL))
        found = _lines(check.detail, NOTE if check.ok else Style(colour=FAIL), WHOLE - 240)
        paper.columns(
            [Column(LEFT, [outcome]), Column(LEFT + 52, _lines(check.claim, PLAIN, 175)), Column(LEFT + 240, found)],
            11.5,
            bar=colour,
        )
    paper.gap(3)
    paper.text(told.VERDICT_NOTE, FINE)


def _facts(paper: Paper, heading: str, facts: Sequence[tuple[str, str, str]]) -> None:
    paper.heading(heading)
    for name, value, then in facts:
        lines = _lines(f"{value} · {then}" if then else value, PLAIN, WHOLE - _FACT)
        paper.columns([Column(LEFT, [Piece(name, NOTE)]), Column(LEFT + _FACT, lines)], 11)


def _states(paper: Paper, report: AuditReport) -> None:
    title, before, after = told.states_titles(report)
    paper.heading(title)
    rows = compared(report.at_start.state, report.at_end.state)
    if not rows:
        paper.text("There was nothing yet, neither before nor after.", NOTE)
        return
    width = (WHOLE - 62) / 3 - 8
    places = [LEFT + number * (width + 8) for number in range(3)]

    def head() -> None:
        names = ("Field", before, after)
        paper.columns([Column(x, _lines(name, NOTE, width)) for x, name in zip(places, names, strict=True)])
        paper.line(paper.y - 4, STRONG)
        paper.gap(4)

    _with_running(paper, head, lambda: [_state(paper, row, places, width) for row in rows])


def _state(paper: Paper, row: Row, places: Sequence[float], width: float) -> None:
    texts = ((row.path, NOTE), (row.before, PLAIN), (row.after, HEAVY if row.differs else PLAIN))
    columns = [Column(x, _lines(text, style, width)) for x, (text, style) in zip(places, texts, strict=True)]
    if row.differs:
        columns.append(Column(RIGHT, [Piece("● changed", Style(colour=ACCENT))], is_right=True))
    paper.columns(columns, 11, mark=MARK if row.differs else "")


def _with_running(paper: Paper, head: Callable[[], None], rows: Callable[[], object]) -> None:
    """Sets a table whose head stands above it on each page that it takes."""
    paper.need(50)
    head()
    paper.running = head
    rows()
    paper.running = lambda: None


def _counts(paper: Paper, heading: str, column: str, counts: Sequence[told.Count]) -> None:
    paper.heading(heading)
    if not counts:
        paper.text("None.", NOTE)
        return
    right = LEFT + 330
    paper.columns([Column(LEFT, [Piece(column, NOTE)]), Column(right, [Piece("Events", NOTE)], is_right=True)])
    for count in counts:
        number = Column(right, [Piece(count.events, PLAIN)], is_right=True)
        paper.columns([Column(LEFT, _lines(count.name, PLAIN, 270)), number], 11)
        paper.share(LEFT, count.share * 3.3)
        paper.gap(3.5)


def _marks(paper: Paper, report: AuditReport) -> None:
    paper.heading(told.MARKS_TITLE, 90)
    paper.text(told.MARKS_NOTE, NOTE)
    paper.gap(4)

    def head() -> None:
        columns = [Column(_POSITION, [Piece("Event", NOTE)], is_right=True)]
        columns += [Column(x, [Piece(name, NOTE)]) for x, name in ((_TIME, "Title and note"), (_FIELD, "Who, when"))]
        paper.columns(columns)
        paper.line(paper.y - 4, STRONG)
        paper.gap(5)

    _with_running(paper, head, lambda: [_mark(paper, mark) for mark in told.marks(report)])


def _mark(paper: Paper, mark: told.MarkRow) -> None:
    width = _FIELD - _TIME - _GAP
    what = _lines(f"⚑ {_short(mark.title)}", HEAVY, width)
    what += _lines(f"{mark.time} · {_short(mark.stream)}", FINE, width)
    for line in mark.note:
        what += _lines(line, PLAIN, width)
    who = _lines(mark.who, NOTE, RIGHT - _FIELD)
    paper.columns(
        [Column(_POSITION, [Piece(mark.position, PLAIN)], is_right=True), Column(_TIME, what), Column(_FIELD, who)]
    )
    paper.line(paper.y - 3.5)
    paper.gap(5.5)


def _ruled(paper: Paper, report: AuditReport) -> None:
    if not report.ruled.rules:
        return
    paper.heading(told.RULES_TITLE)
    paper.text(told.rules_note(report.ruled), NOTE)
    paper.gap(4)
    for severity, name, condition, found in told.rules(report.ruled):
        number = Column(RIGHT, [Piece(found, PLAIN)], is_right=True)
        texts = ((LEFT, severity, 50), (LEFT + 56, name, 150), (LEFT + 214, condition, RIGHT - LEFT - 270))
        paper.columns([*(Column(x, _lines(text, PLAIN, width)) for x, text, width in texts), number], 11)
    paper.gap(6)
    for one in told.findings(report.ruled):
        what = (
            (_TIME, one.time, 96),
            (LEFT + 146, f"{one.severity}: {one.rule}", 120),
            (LEFT + 274, one.what, RIGHT - LEFT - 354),
            (RIGHT - 74, one.actor, 74),
        )
        position = Column(_POSITION, [Piece(one.position, PLAIN)], is_right=True)
        paper.columns([position, *(Column(x, _lines(text, FINE, width)) for x, text, width in what)], 10)


def _events(paper: Paper, report: AuditReport) -> None:
    paper.heading("The events", 90)
    paper.text(told.events_note(report), NOTE)
    paper.gap(4)

    def head() -> None:
        columns = [Column(_POSITION, [Piece("Event", NOTE)], is_right=True)]
        names = ((_TIME, "Time (UTC)"), (_WHAT, "What"), (_WHO, "Who, and why"), (_FIELD, "Previous → new"))
        columns += [Column(x, [Piece(name, NOTE)]) for x, name in names]
        paper.columns(columns)
        paper.line(paper.y - 4, STRONG)
        paper.gap(5)

    is_first = True
    for block in told.blocks(report):
        if block.day:
            paper.beside = block.day
            paper.need(70)
            paper.gap(6)
            paper.text(block.day, Style(BOLD, 9))
            paper.gap(2)
        if is_first:
            head()
            paper.running, is_first = head, False
        for row in block.rows:
            _event(paper, row)
    paper.running, paper.beside = lambda: None, ""
    if is_first:
        paper.text("No event lies in this range.", NOTE)


def _event(paper: Paper, row: EventRow) -> None:
    what_width, who_width = _WHO - _WHAT - _GAP, _FIELD - _WHO - _GAP
    colour = FAIL if row.is_unreadable else ""
    what = _lines(row.type, Style(BOLD, 8, colour or Style().colour), what_width)
    what += _lines(row.summary, Style(colour=colour or Style().colour), what_width)
    what += _lines(f"{_short(row.stream)} · version {row.version}", FINE, what_width)
    who = _lines(row.actor, PLAIN, who_width)
    if row.reason:
        who += _lines(row.reason, NOTE, who_width)
    fields, values = _changes(row)
    small = _lines("   ".join(f"{name} {_short(value)}" for name, value, _ in row.facts), FINE, RIGHT - _TIME)
    height = max(len(what), len(who), len(values))
    paper.need(height * 10.4 + len(small) * 9 + 6)
    paper.columns(
        [
            Column(_POSITION, [Piece(row.position, PLAIN)], is_right=True),
            Column(_TIME, [Piece(f"{row.time}{row.fraction}", Style(size=7.4))]),
            Column(_WHAT, what),
            Column(_WHO, who),
            Column(_FIELD, fields),
            Column(_VALUE, values),
        ]
    )
    paper.columns([Column(_TIME, small)], 9)
    paper.line(paper.y - 3.5)
    paper.gap(5.5)


def _changes(row: EventRow) -> tuple[list[Piece], list[Piece]]:
    fields, values, blank = list[Piece](), list[Piece](), Piece("", PLAIN)
    if not row.changes:
        return [Piece("no field changed", NOTE)], []
    for change in row.changes:
        name = _lines(change.path, FINE, _VALUE - _FIELD - _GAP)
        value = _lines(f"{change.before} → {change.after}", PLAIN, RIGHT - _VALUE)
        for field, text in zip_longest(name, value, fillvalue=blank):
            fields.append(field)
            values.append(text)
    return fields, values
