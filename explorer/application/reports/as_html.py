"""The report as one self-contained page: no script, nothing fetched, every value escaped.

It is legible in print and in the dark.
"""

from collections.abc import Iterator
from typing import IO, Any

from jinja2 import Environment, StrictUndefined

from explorer.application.audit import AuditReport, Entry
from explorer.application.documents import iso
from explorer.application.history import FieldChange
from explorer.application.kinds import spoken
from explorer.application.reports.words import currency_of, in_words, visible
from explorer.application.resources import resource
from explorer.projections.runner import Progress


def write_html(report: AuditReport, file: IO[str], progress: Progress) -> None:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["visible"] = lambda value: visible(str(value))
    environment.filters["spoken"] = spoken
    environment.filters["number"] = lambda value: f"{value:,}"
    template = environment.from_string(resource("reports", "report.html.jinja").read_text(encoding="utf-8"))
    parts = template.generate(
        report=report,
        scope=report.scope,
        verdict=report.verdict,
        changes=[_change(change, currency_of(report.state_at_end)) for change in report.changes],
        state=_flat(report.state_at_end),
        entries=(_entry(entry) for entry in report.entries(progress)),
    )
    file.writelines(parts)


def _entry(entry: Entry) -> dict[str, Any]:
    record, event = entry.record, entry.event
    return {
        "record": record,
        "time": iso(record.occurred_at),
        "recorded": iso(record.recorded_at),
        "id": str(event.id) if event else record.id.hex(),
        "about": event.metadata if event else None,
        "summary": entry.summary,
        "changes": [_change(change, entry.currency) for change in entry.changes],
    }


def _change(change: FieldChange, currency: str) -> dict[str, str]:
    return {
        "path": change.path,
        "before": in_words(change.before, change.path, currency),
        "after": in_words(change.after, change.path, currency),
    }


def _flat(document: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every plain value of a document with its path."""
    if isinstance(document, dict):
        mapping: dict[str, Any] = document
        for name, value in mapping.items():
            yield from _flat(value, f"{path}.{name}" if path else name)
    elif isinstance(document, list):
        items: list[Any] = document
        for number, value in enumerate(items, 1):
            yield from _flat(value, f"{path}[{number}]")
    else:
        yield path, in_words(document)
