"""What every report says, in words: as_html and as_pdf set the same texts, each in its own way.

The texts are as they come from the log: who sets them shows what cannot be seen (see `visible`) and escapes.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from explorer.application.audit import AuditReport, Entry, Moment
from explorer.application.entries import Link
from explorer.application.history import FieldChange
from explorer.application.reports.shown import LONGEST, NOTHING, Row, cut, optional_time, time_text, value_text
from explorer.application.ruled import MOST_LISTED, Ruled, severities
from explorer.application.verdict import Verdict
from explorer.domain.rule import Rule
from explorer.store.appending import EARLIEST, LATEST

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
NOTE_LINES = 200
"""Lines of a bookmark's note: it is short as a rule."""
SECOND = 1_000_000


class Fact(NamedTuple):
    """Small print of an event. `to` is the position of the event that it names, if that stands in the report too."""

    name: str
    value: str
    to: int = 0


class EventRow(NamedTuple):
    """One event as it stands in the table. `facts` are the small print: ids, origin, hash."""

    number: int
    """The position."""
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
    facts: list[Fact]
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


def selection(report: AuditReport) -> str:
    """How much of the log it shows."""
    events, of = report.totals.events, report.within.as_of
    return f"It shows {events:,} of {_number(of, 'event')}." if events < of else f"It shows all {_number(of, 'event')}."


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def identity(report: AuditReport) -> list[tuple[str, str]]:
    """Which log it is about."""
    head = report.head
    return [
        ("File", report.store_file),
        ("Identity", str(head.store_id)),
        ("Made", time_text(head.created_at)),
        ("Events", f"{head.size:,}"),
        ("Last event", time_text(head.time) if head.size else NOTHING),
        ("Merkle root", head.root.hex()),
    ]


UNSIGNED = "no checkpoint: unsigned"


def seal(report: AuditReport) -> list[tuple[str, str]]:
    """What was signed of the log, and with which key: enough to look the signature up and to check it elsewhere."""
    signed = report.seal
    if signed is None and not report.verdict.ok:
        return [("Checkpoint", "None: the log did not pass its checks, so it was not signed.")]
    if signed is None:
        return [("Checkpoint", "None: this report was made without a key, so nobody has signed for the log.")]
    return [
        ("Signed", f"the first {_number(signed.size, 'event')} of {report.head.size:,}"),
        ("Their Merkle root", signed.root.hex()),
        ("Key id", signed.key.id_text),
        ("Public key", signed.key.text),
        ("Signature", signed.note.rstrip("\n").rpartition("\n")[2]),
    ]


def imprint(report: AuditReport) -> str:
    """The line on every page: which store, what was signed, by which key. Short, and of known length."""
    store, signed = f"Store {report.head.store_id}", report.seal
    if signed is None:
        return f"{store} · {UNSIGNED} · root {report.head.root.hex()[:16]}…"
    size = _number(signed.size, "event")
    return f"{store} · checkpoint {size}, root {signed.root.hex()[:16]}… · key {signed.key.id_text}"


def title(report: AuditReport) -> str:
    return f"Audit report · {report.store_file}"


def states_titles(report: AuditReport) -> tuple[str, str, str]:
    """The heading over the states, and those of their two columns."""
    what = "whole store" if report.scope.stream is None else "stream"
    before, after = f"Before event {report.first.position:,}", f"After event {report.last.position:,}"
    return f"The {what} before and after", before, after


def verdict_title(verdict: Verdict) -> str:
    return "✓ The log is complete and unaltered" if verdict.ok else "✗ The log did not pass"


VERDICT_NOTE = (
    "The checks cover the whole log, whatever part of it this report shows. They find every accidental change, and "
    "every deliberate one by somebody who did not also compute the hashes anew. Against that, compare the signed "
    "checkpoint, or the Merkle root below, with one that was noted elsewhere when the log had as many events."
)


def closing(report: AuditReport, hidden: str) -> str:
    """The last words: how to read what stands above. `hidden` says how what cannot be seen is shown."""
    return (
        f"Made from the log as it stood at {time_text(report.generated_at)}. Times are UTC. {NOTHING} stands for a "
        f"field that is not there, “” for an empty text; {hidden}. The JSON form of this report is exact."
    )


def span(report: AuditReport) -> list[tuple[str, str, str]]:
    """Which part of it: name, value, and the time that belongs to it."""
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


def verdict_words(verdict: Verdict) -> str:
    """What the checks came to."""
    if verdict.ok:
        return f"{_number(verdict.events, 'event')}, {len(verdict.checks)} checks, all passed."
    words = verdict.in_words()
    return f"{words[:1].upper()}{words[1:]}."


def tallies(report: AuditReport) -> list[tuple[str, str, list[Count]]]:
    """Heading, name of the first column, and counts."""
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


class MarkRow(NamedTuple):
    """A bookmark as it stands in its table."""

    position: str
    time: str
    title: str
    note: list[str]
    """Its lines, the first of them."""
    stream: str
    who: str


def marks(report: AuditReport) -> Iterator[MarkRow]:
    """The bookmarks of the range, in the order of what they mark."""
    for row in report.bookmarks:
        yield MarkRow(
            f"{row.position:,}", time_text(row.time), row.title, _lines(row.note), row.stream,
            f"{row.actor}, {time_text(row.set_at)}",
        )  # fmt: skip


def _lines(note: str) -> list[str]:
    if not note:
        return []
    lines = cut(note, LONGEST).split("\n")
    more = [f"… ({len(lines):,} lines; the JSON report has them all)"] if len(lines) > NOTE_LINES else []
    return [*lines[:NOTE_LINES], *more]


def has_marks(report: AuditReport) -> bool:
    return next(iter(report.bookmarks), None) is not None


MARKS_TITLE = "Bookmarks and notes"
MARKS_NOTE = (
    "Somebody's remarks on moments of this range. They are events of the log themselves, and changed by events."
)


class FindingLine(NamedTuple):
    """A finding as it stands in the table."""

    position: str
    time: str
    severity: str
    rule: str
    what: str
    actor: str


RULES_TITLE = "Findings of rules"


def rules_note(ruled: Ruled) -> str:
    """How much the rules find, and how to read it."""
    counts = ", ".join(f"{number:,} {severity}" for severity, number in severities(ruled).items())
    left = f" The first {MOST_LISTED:,} of them are listed." if ruled.found > MOST_LISTED else ""
    fault = f" {ruled.fault}" if ruled.fault else ""
    return (
        f"Rules are conditions on states, kept in the store. An event is found where one becomes true: {counts}."
        f"{left}{fault}"
    )


def rules(ruled: Ruled) -> list[tuple[str, str, str, str]]:
    """Severity, name, condition and number of findings of each rule."""
    return [
        (
            one.rule.severity,
            one.rule.name,
            f"cannot be read: {one.fault}" if one.fault else _condition(one.rule),
            f"{one.found:,}",
        )
        for one in ruled.rules
    ]


def _condition(rule: Rule) -> str:
    return f"{rule.condition} (on {rule.category})" if rule.category else rule.condition


def findings(ruled: Ruled) -> Iterator[FindingLine]:
    for one in ruled.listed:
        what = f"{one.type} · {one.stream} · version {one.version:,}"
        yield FindingLine(
            f"{one.position:,}", time_text(one.occurred_at), one.rule.severity, one.rule.name, what, one.actor
        )


def events_note(report: AuditReport) -> str:
    """The order in which the events stand, and what is left out."""
    order = "In the order of the log, which is the order in which they were recorded."
    if report.scope.filter:
        return f"{order} What other events changed in between is left out."
    return f"{order} What others changed in between is left out." if report.scope.actor is not None else order


def blocks(report: AuditReport) -> Iterator[Block]:
    """The events, a day or BLOCK of them at a time."""
    day, is_new, rows = "", True, list[EventRow]()
    for entry in report.entries:
        of = _day(entry.occurred_at)
        if rows and (of != day or len(rows) == BLOCK):
            yield Block(day if is_new else "", rows)
            rows, is_new = [], of != day
        day = of
        rows.append(_row(entry, report))
    if rows:
        yield Block(day if is_new else "", rows)


def _day(time: int) -> str:
    if not EARLIEST <= time <= LATEST:
        return "No day"
    at = datetime.fromtimestamp(time // SECOND, UTC)
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}"


def _row(entry: Entry, report: AuditReport) -> EventRow:
    _, _, time = time_text(entry.occurred_at).partition("T")
    return EventRow(
        entry.position, f"{entry.position:,}", time[:8], time[8:].rstrip("Z"), entry.type, cut(entry.summary),
        entry.stream, f"{entry.version:,}", entry.actor, entry.reason,
        [_change(change, entry.currency) for change in entry.changes], _facts(entry, report), entry.data is None,
    )  # fmt: skip


def _change(change: FieldChange, currency: str) -> Row:
    before, after = (value_text(value, change.path, currency) for value in (change.before, change.after))
    return Row(cut(change.path, 200), before, after, differs=True)


def _link(name: str, link: Link, report: AuditReport) -> Fact:
    return Fact(
        name,
        f"event {link.position:,} ({link.type}, {link.actor})",
        link.position if _stands_in(report, link) else 0,
    )


def _stands_in(report: AuditReport, link: Link) -> bool:
    """Whether an event is surely among the report's own; of one asked for by a filter that is not known."""
    scope, within = report.scope, report.within
    return (
        within.first <= link.position <= within.last
        and scope.stream in {None, link.stream}
        and scope.actor in {None, link.actor}
        and not scope.filter
    )


def _facts(entry: Entry, report: AuditReport) -> list[Fact]:
    facts = [Fact("id", entry.id), Fact("hash", f"{entry.hash[:16]}…")]
    if entry.bookmark:
        facts.insert(0, Fact("⚑ bookmark", entry.bookmark))
    if entry.cause is not None:
        facts.append(_link("repairs" if entry.repairs else "follows from", entry.cause, report))
    facts += [
        _link("repaired by" if effect.stream == entry.stream else "led to", effect, report) for effect in entry.effects
    ]
    if entry.correlation_id:
        facts.append(Fact("correlation", entry.correlation_id))
    if entry.causation_id:
        facts.append(Fact("caused by", entry.causation_id))
    if entry.origin:
        facts.append(Fact("origin", entry.origin))
    if entry.recorded_at != entry.occurred_at:
        facts.append(Fact("recorded", time_text(entry.recorded_at)))
    return facts
