"""A report as one HTML page: nothing to load, nothing that runs, and every text from the log in a text node, escaped.

The template decides how it looks, this module what stands in it. What cannot be seen is shown (see `visible`), long
values are cut: the JSON report is exact and whole.
"""

from typing import BinaryIO

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from explorer.application.audit import AuditReport
from explorer.application.reports import told
from explorer.application.reports.picture import HEIGHT, WIDTH, pictures
from explorer.application.reports.shown import LONGEST, compared, cut
from explorer.application.resources import resource
from explorer.application.visible import visible

PIECES = 200
"""Pieces of the template put together before they are written."""
HIDDEN_WORDS = "characters that cannot be seen are shown as ⟨U+…⟩ or as their pictures (␀ ␊)"
_MARK = 100
"""Characters that `cut` may add."""


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the page. Memory does not grow with the number of events."""
    verdict = report.verdict
    state_title, before_title, after_title = told.states_titles(report)
    pieces = _template().stream(
        report=report,
        verdict=verdict,
        title=told.title(report),
        asked=report.scope.in_words(),
        selection=told.selection(report),
        verdict_title=told.verdict_title(verdict),
        verdict_words=told.verdict_words(verdict),
        verdict_note=told.VERDICT_NOTE,
        identity=told.identity(report),
        seal=told.seal(report),
        imprint=told.imprint(report),
        span=told.span(report),
        pictures=pictures(report),
        picture_size=(WIDTH, HEIGHT),
        state_title=state_title,
        before_title=before_title,
        after_title=after_title,
        states=compared(report.at_start.state, report.at_end.state),
        marks=told.marks(report) if told.has_marks(report) else None,
        marks_title=told.MARKS_TITLE,
        marks_note=told.MARKS_NOTE,
        tallies=told.tallies(report),
        rules_title=told.RULES_TITLE,
        rules_note=told.rules_note(report.ruled),
        rules=told.rules(report.ruled),
        findings=told.findings(report.ruled),
        events_note=told.events_note(report),
        blocks=told.blocks(report),
        closing=told.closing(report, HIDDEN_WORDS),
    )
    pieces.enable_buffering(PIECES)
    pieces.dump(stream, encoding="utf-8")


def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_finalized, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(resource("reports", "report.html.jinja").read_text(encoding="utf-8"))


def _finalized(value: object) -> object:
    """Every expression of the template passes here, so that none can forget it: nothing is hidden, nothing endless."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return visible(value if len(value) <= LONGEST + _MARK else cut(value))
