"""A report as JSON: one object, exact, one event a line, so that a program can read it as a whole or line by line.

    {"report": {
        "kind": "event-explorer audit report", "version": 1, "generated_at": T,
        "asked": {"words", "stream", "actor", "from", "to", "as_of"},
        "store": {"id", "file", "created_at": T, "events", "time": T, "merkle_root": hex},
        "checkpoint": {"size", "merkle_root": hex, "note", "key", "key_id": hex} | null,
        "range": {"first": M, "last": M, "as_of": M},
        "verdict": {"ok", "words", "checks": [{"name", "claim", "ok", "detail", "position", "positions"}]},
        "totals": {"events", "streams_begun", "earliest": T, "latest": T, "by_type": {…}, "by_actor": {…}},
        "state_at_start": {"position", "time": T, "state": {…}},
        "state_at_end": {"position", "time": T, "state": {…}},
        "activity": {"from": T, "seconds", "counts": […], "untimed"},
        "courses": [{"title", "currency", "times": [T, …], "lines": [{"name", "values": […]}]}],
        "findings": {
            "rules": [{"name", "severity", "condition", "category", "found", "fault"}], "fault",
            "events": [{"position", "occurred_at": T, "stream", "version", "type", "actor", "severity", "rule"}]}},
     "bookmarks": [{"position", "time": T, "title", "note", "stream", "actor", "set_at": T, "since"}],
     "events": [
        {"position", "stream", "version", "id", "type", "schema_version", "occurred_at": T, "recorded_at": T,
         "data": {…}, "metadata": {"actor", "reason", "correlation_id", "causation_id", "origin"},
         "summary", "hash": hex, "changes": [{"field", "previous", "new"}], "bookmark", "repairs", "repaired_by": […]}]}

T is ISO 8601 in UTC with microseconds, or null. M is {"position", "time": T}; `first` and `last` are null if no event
lies in the range. `from`, `to` and `as_of` of `asked` are null where nothing was asked, else {"position", "time": T},
`time` null if a position was named. An event is what `events --json` prints, with six fields more: its summary, its
leaf hash, the fields of its stream's state that it changed, its bookmark's title, or null, the position of the event of
its stream that it repairs, or null, and those of the first events that repair it. `previous` is absent for
a field that was not there before, `new` for one that is not there any more. `data` is null for an event that cannot be
read. Money is whole minor units. `checkpoint` is what was signed of the log, a C2SP signed note and its vkey; null if
nobody signed. `activity` numbers the events in buckets of `seconds` each, the first from `from`; `untimed` are those
without a time. `courses` follow sums: each value holds from its time to the next. `bookmarks` are those of moments in
the range as they were `as_of`; `since` is the position of the event that wrote one. `findings` are events with which
the condition of a rule became true, the first thousand; `fault` says why a rule cannot be read, or was not looked on.
Characters that are not seen are escaped (\\u202e), which every JSON reader undoes.
"""

from typing import BinaryIO

import msgspec

from explorer.application.audit import AuditReport, Entry, Moment, StateThen
from explorer.application.charts import Activity, Course
from explorer.application.faults import Check
from explorer.application.history import Absent, FieldChange
from explorer.application.reports.shown import optional_time, time_text
from explorer.application.ruled import Ruled
from explorer.application.scope import Bound
from explorer.application.visible import HIDDEN
from explorer.domain.event import Json
from explorer.projections.bookmarks import BookmarkRow

SECOND = 1_000_000
_encode = msgspec.json.Encoder().encode


def write(report: AuditReport, stream: BinaryIO) -> None:
    """Writes the whole object. Memory does not grow with the number of events."""
    stream.write(b'{"report": ' + encoded(_head(report)) + b', "bookmarks": [')
    separator = b""
    for mark in report.bookmarks:
        stream.write(separator + encoded(_mark(mark)))
        separator = b", "
    stream.write(b'],\n"events": [')
    separator = b"\n"
    for entry in report.entries:
        stream.write(separator + encoded(_event(entry)))
        separator = b",\n"
    stream.write(b"\n]}\n")


def encoded(document: Json) -> bytes:
    """JSON in UTF-8 in one line, in which everything that would not be seen is escaped."""
    encoded = _encode(document)
    if encoded.isascii() and b"\x7f" not in encoded:
        return encoded
    # Such characters stand inside of strings only, where an escape means the same.
    return HIDDEN.sub(lambda found: _escape(found[0]), encoded.decode()).encode()


def _escape(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[start]:02x}{units[start + 1]:02x}" for start in range(0, len(units), 2))


def _head(report: AuditReport) -> dict[str, Json]:
    head, totals, verdict = report.head, report.totals, report.verdict
    return {
        "kind": "event-explorer audit report",
        "version": 1,
        "generated_at": time_text(report.generated_at),
        "asked": _asked(report),
        "store": {
            "id": str(head.store_id),
            "file": report.store_file,
            "created_at": time_text(head.created_at),
            "events": head.size,
            "time": time_text(head.time) if head.size else None,
            "merkle_root": head.root.hex(),
        },
        "checkpoint": _seal(report),
        "range": {
            "first": _moment(report.first) if report.first.position <= report.last.position else None,
            "last": _moment(report.last) if report.first.position <= report.last.position else None,
            "as_of": _moment(report.as_of),
        },
        "verdict": {
            "ok": verdict.ok,
            "words": verdict.in_words(),
            "checks": [_check(check) for check in verdict.checks],
        },
        "totals": {
            "events": totals.events,
            "streams_begun": totals.streams_begun,
            "earliest": optional_time(totals.earliest),
            "latest": optional_time(totals.latest),
            "by_type": dict(totals.by_type),
            "by_actor": dict(totals.by_actor),
        },
        "state_at_start": _state(report.at_start),
        "state_at_end": _state(report.at_end),
        "activity": _activity(report.activity),
        "courses": [_course(course) for course in report.courses],
        "findings": _ruled(report.ruled),
    }


def _ruled(ruled: Ruled) -> dict[str, Json]:
    return {
        "rules": [
            {
                "name": one.rule.name,
                "severity": one.rule.severity,
                "condition": one.rule.condition,
                "category": one.rule.category,
                "found": one.found,
                "fault": one.fault,
            }
            for one in ruled.rules
        ],
        "fault": ruled.fault,
        "events": [
            {
                "position": one.position,
                "occurred_at": time_text(one.occurred_at),
                "stream": one.stream,
                "version": one.version,
                "type": one.type,
                "actor": one.actor,
                "severity": one.rule.severity,
                "rule": one.rule.name,
            }
            for one in ruled.listed
        ],
    }


def _seal(report: AuditReport) -> Json:
    seal = report.seal
    if seal is None:
        return None
    return {
        "size": seal.size,
        "merkle_root": seal.root.hex(),
        "note": seal.note,
        "key": seal.key.text,
        "key_id": seal.key.id_text,
    }


def _activity(activity: Activity) -> dict[str, Json]:
    return {
        "from": time_text(activity.start) if activity.counts else None,
        "seconds": activity.width // SECOND,
        "counts": [*activity.counts],
        "untimed": activity.untimed,
    }


def _course(course: Course) -> dict[str, Json]:
    return {
        "title": course.title,
        "currency": course.currency or None,
        "times": [time_text(time) for time in course.times],
        "lines": [{"name": line.name, "values": [*line.values]} for line in course.lines],
    }


def _check(check: Check) -> dict[str, Json]:
    """Without what is wrong with each position: that belongs to the log, not to the events of the report."""
    return {name: value for name, value in check._asdict().items() if name != "reasons"}


def _asked(report: AuditReport) -> dict[str, Json]:
    scope = report.scope
    return {
        "words": scope.in_words(),
        "stream": scope.stream,
        "actor": scope.actor,
        "filter": scope.filter or None,
        "from": _bound(scope.first),
        "to": _bound(scope.last),
        "as_of": _bound(scope.as_of),
    }


def _bound(bound: Bound | None) -> Json:
    return None if bound is None else {"position": bound.position, "time": optional_time(bound.time)}


def _moment(moment: Moment) -> dict[str, Json]:
    return {"position": moment.position, "time": optional_time(moment.time)}


def _state(state: StateThen) -> dict[str, Json]:
    return {**_moment(state.at), "state": state.state}


def _event(entry: Entry) -> dict[str, Json]:
    return {
        "position": entry.position,
        "stream": entry.stream,
        "version": entry.version,
        "id": entry.id,
        "type": entry.type,
        "schema_version": entry.schema_version,
        "occurred_at": time_text(entry.occurred_at),
        "recorded_at": time_text(entry.recorded_at),
        "data": entry.data,
        "metadata": {
            "actor": entry.actor,
            "reason": entry.reason,
            "correlation_id": entry.correlation_id,
            "causation_id": entry.causation_id,
            "origin": entry.origin,
        },
        "summary": entry.summary,
        "hash": entry.hash,
        "changes": [change_document(change) for change in entry.changes],
        "bookmark": entry.bookmark or None,
        "repairs": entry.repairs.position if entry.repairs else None,
        "repaired_by": [one.position for one in entry.repaired_by],
    }


def _mark(row: BookmarkRow) -> dict[str, Json]:
    return {
        "position": row.position,
        "time": time_text(row.time),
        "title": row.title,
        "note": row.note,
        "stream": row.stream,
        "actor": row.actor,
        "set_at": time_text(row.set_at),
        "since": row.since,
    }


def change_document(change: FieldChange) -> dict[str, Json]:
    """A change as JSON; a side that is not there is left out."""
    document: dict[str, Json] = {"field": change.path}
    if not isinstance(change.before, Absent):
        document["previous"] = change.before
    if not isinstance(change.after, Absent):
        document["new"] = change.after
    return document
