"""A report as one HTML page: nothing to load, nothing that runs, and every text from the log in a text node, escaped.

The template decides how it looks, this module what stands in it. What cannot be seen is shown (see `visible`), long
values are cut: the JSON report is exact and whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from explorer.application.audit import AuditReport, Entry, Moment
from explorer.application.history import FieldChange
from explorer.application.reports.shown import NOTHING, Row, compared, cut, optional_time, time_text, value_text
from explorer.application.resources import resource
from explorer.application.verdict import Verdict
from explorer.application.visible import visible
from explorer.store.event_store import EARLIEST, LATEST

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
"""Of our own: `strftime` would ask the locale."""
BLOCK = 100
"""Events in one table at most: a browser lays out only those that are on the screen."""
LISTED = 15
"""Types and actors listed by name; the rarest are counted together."""
SECOND = 1_000_000
PIECES = 200
"""Pieces of the template put together before they are written."""


class EventRow(NamedTuple):
    """One event as it stands in the table. `facts` are the small print: ids, origin, hash."""

    position: str
    time: str
    fraction: str
    type: str
    summary: str
    stream: str
    version: str
    actor: str
    reason: str
    changes: list[Row]
    facts: list[tuple[str, str]]
    is_unreadable: bool


class Block(NamedTuple):
    """Consecutive events of one day; `day` is empty where it is the day of the block before."""

    day: str
    rows: list[EventRow]


class Count(NamedTuple):
    """A name, its number of events, and its share of the largest in hundredths."""

    name: str
    events: str
    share: int


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the page. Memory does not grow with the number of events."""
    verdict, of_stream = report.verdict, report.scope.stream is not None
    pieces = _template().stream(
        report=report,
        verdict=verdict,
        title=f"Audit report · {report.store_file}",
        asked=report.scope.in_words(),
        selection=_selection(report),
        verdict_words=_verdict_words(verdict),
        identity=_identity(report),
        span=_span(report),
        state_title="The stream before and after" if of_stream else "The whole store before and after",
        before_title=f"Before event {report.first.position:,}",
        after_title=f"After event {report.last.position:,}",
        states=compared(report.at_start.state, report.at_end.state),
        tallies=_tallies(report),
        events_note=_events_note(report),
        blocks=_blocks(report.entries),
        made_at=time_text(report.generated_at),
        nothing=NOTHING,
    )
    pieces.enable_buffering(PIECES)
    pieces.dump(stream, encoding="utf-8")


def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_finalized, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(resource("reports", "report.html.jinja").read_text(encoding="utf-8"))


def _finalized(value: object) -> object:
    """Every expression of the template passes here, so that none can forget it."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _selection(report: AuditReport) -> str:
    events, of = report.totals.events, report.within.as_of
    return f"It shows {events:,} of {_number(of, 'event')}." if events < of else f"It shows all {_number(of, 'event')}."


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _identity(report: AuditReport) -> list[tuple[str, str]]:
    head = report.head
    return [
        ("File", report.store_file),
        ("Identity", str(head.store_id)),
        ("Made", time_text(head.created_at)),
        ("Events", f"{head.size:,}"),
        ("Last event", time_text(head.time) if head.size else NOTHING),
        ("Merkle root", head.root.hex()),
    ]


def _span(report: AuditReport) -> list[tuple[str, str, str]]:
    totals = report.totals
    first, last = (
        (("none", ""), ("none", ""))
        if report.first.position > report.last.position
        else (_moment(report.first), _moment(report.last))
    )
    return [
        ("First event", *first),
        ("Last event", *last),
        ("As of", *_moment(report.as_of)),
        ("Events shown", f"{totals.events:,}", ""),
        ("Earliest shown", optional_time(totals.earliest) or NOTHING, ""),
        ("Latest shown", optional_time(totals.latest) or NOTHING, ""),
        ("Streams begun", f"{totals.streams_begun:,}", ""),
    ]


def _moment(moment: Moment) -> tuple[str, str]:
    return f"event {moment.position:,}", optional_time(moment.time) or "before the first event"


def _verdict_words(verdict: Verdict) -> str:
    if verdict.ok:
        return f"{_number(verdict.events, 'event')}, {len(verdict.checks)} checks, all passed."
    words = verdict.in_words()
    return f"{words[:1].upper()}{words[1:]}."


def _tallies(report: AuditReport) -> list[tuple[str, str, list[Count]]]:
    totals = report.totals
    return [
        ("By type", "Type", _counts(totals.by_type)),
        ("By actor", "Actor", _counts(totals.by_actor)),
    ]


def _counts(counts: Sequence[tuple[str, int]]) -> list[Count]:
    largest = max((number for _, number in counts), default=1)
    found = [Count(name, f"{number:,}", max(1, number * 100 // largest)) for name, number in counts[:LISTED]]
    rest = counts[LISTED:]
    if rest:
        number = sum(number for _, number in rest)
        found.append(Count(f"{len(rest):,} others", f"{number:,}", min(100, max(1, number * 100 // largest))))
    return found


def _events_note(report: AuditReport) -> str:
    order = "In the order of the log, which is the order in which they were recorded."
    return f"{order} What others changed in between is left out." if report.scope.actor is not None else order


def _blocks(entries: Iterable[Entry]) -> Iterator[Block]:
    day, is_new, rows = "", True, list[EventRow]()
    for entry in entries:
        of = _day(entry.occurred_at)
        if rows and (of != day or len(rows) == BLOCK):
            yield Block(day if is_new else "", rows)
            rows, is_new = [], of != day
        day = of
        rows.append(_row(entry))
    if rows:
        yield Block(day if is_new else "", rows)


def _day(time: int) -> str:
    if not EARLIEST <= time <= LATEST:
        return "No day"
    at = datetime.fromtimestamp(time // SECOND, UTC)
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def _row(entry: Entry) -> EventRow:
    _, _, time = time_text(entry.occurred_at).partition("T")
    return EventRow(
        f"{entry.position:,}", time[:8], time[8:].rstrip("Z"), entry.type, cut(entry.summary), entry.stream,
        f"{entry.version:,}", entry.actor, entry.reason,
        [_change(change, entry.currency) for change in entry.changes], _facts(entry), entry.data is None,
    )  # fmt: skip


def _change(change: FieldChange, currency: str) -> Row:
    before, after = (value_text(value, change.path, currency) for value in (change.before, change.after))
    return Row(cut(change.path, 200), before, after, differs=True)


def _facts(entry: Entry) -> list[tuple[str, str]]:
    facts = [("id", entry.id), ("hash", f"{entry.hash[:16]}…")]
    if entry.correlation_id:
        facts.append(("correlation", entry.correlation_id))
    if entry.causation_id:
        facts.append(("caused by", entry.causation_id))
    if entry.origin:
        facts.append(("origin", entry.origin))
    if entry.recorded_at != entry.occurred_at:
        facts.append(("recorded", time_text(entry.recorded_at)))
    return facts
