"""The report as JSON: `{"report": {…}, "events": [` one event a line `]}`.

`report` has `asked`, `store` (name, id, created_at), `log` (head, time, root), `range` (first, last, as_of, stream,
actor, first_time, last_time), `verdict` (ok, checks), `events`, `by_type`, `by_actor`, `state_at_start`, `state_at_end` and
`changes`. An event is as `events --json` prints it, with `summary` and `changes` (path, before, after; a field that is
not there is left out).
"""

import json
from typing import IO, Any

from explorer.application.audit import AuditReport, Entry
from explorer.application.documents import event_document, iso
from explorer.application.history import Absent, FieldChange
from explorer.projections.runner import Progress


def write_json(report: AuditReport, file: IO[str], progress: Progress) -> None:
    file.write(f'{{"report": {_dumped(head(report))},\n"events": [')
    for number, entry in enumerate(report.entries(progress)):
        file.write(("," if number else "") + "\n" + _dumped(_entry(entry)))
    file.write("\n]}\n")


def head(report: AuditReport) -> dict[str, Any]:
    """Everything but the events."""
    scope = report.scope
    return {
        "asked": scope.in_words(),
        "store": {"name": report.store_name, "id": report.store_id, "created_at": report.created_at},
        "log": {"head": report.head, "time": report.head_time, "root": report.root},
        "range": {
            "first": scope.first,
            "last": scope.last,
            "as_of": scope.as_of,
            "stream": scope.stream,
            "actor": scope.actor,
            "first_time": report.first_time,
            "last_time": report.last_time,
        },
        "verdict": {"ok": report.verdict.ok, "checks": [check._asdict() for check in report.verdict.checks]},
        "events": report.events,
        "by_type": report.by_type,
        "by_actor": report.by_actor,
        "state_at_start": report.state_at_start,
        "state_at_end": report.state_at_end,
        "changes": [_change(change) for change in report.changes],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    record = entry.record
    if entry.event is not None:
        document: dict[str, Any] = event_document(entry.event)
    else:
        document = {
            "position": record.position,
            "stream": record.stream,
            "version": record.version,
            "type": record.type,
            "schema_version": record.schema_version,
            "occurred_at": iso(record.occurred_at),
            "recorded_at": iso(record.recorded_at),
            "unreadable": record.data.hex(),
        }
    return {**document, "summary": entry.summary, "changes": [_change(change) for change in entry.changes]}


def _change(change: FieldChange) -> dict[str, Any]:
    sides = {"before": change.before, "after": change.after}
    return {"path": change.path, **{name: value for name, value in sides.items() if not isinstance(value, Absent)}}


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
