"""The events as a table, one event a row: what CSV and XLSX have in common.

The columns are COLUMNS. `field`, `previous` and `new` are the event's main change: the first of an item in a list, else
the first. `changes` are all of them and `data` is the event's own data. Times are ISO 8601 in UTC, money is whole minor
units. `repairs` is the position of the event that one repairs, `repaired_by` those of the events that repair it.
"""

from explorer.application.audit import Entry
from explorer.application.history import ABSENT, FieldChange, Value
from explorer.application.reports.as_json import change_document
from explorer.application.reports.shown import cut, time_text
from explorer.application.visible import visible
from explorer.domain.event import Json

COLUMNS = (
    "position", "stream", "version", "type", "summary", "actor", "reason", "occurred_at", "recorded_at", "field",
    "previous", "new", "changes", "data", "correlation_id", "causation_id", "origin", "id", "schema_version", "hash",
    "bookmark", "repairs", "repaired_by",
)  # fmt: skip

LONGEST = 32_000
"""Characters of one cell. A spreadsheet takes 32,767, and some spill the rest over the cells beside and below."""


def row(entry: Entry) -> list[Value]:
    """The values of the columns, as they are; who writes them makes them harmless."""
    main = _main(entry)
    changes: list[Json] = [change_document(change) for change in entry.changes]
    return [
        entry.position, entry.stream, entry.version, entry.type, entry.summary, entry.actor, entry.reason,
        time_text(entry.occurred_at), time_text(entry.recorded_at), main.path, main.before, main.after, changes,
        ABSENT if entry.data is None else entry.data, entry.correlation_id or "", entry.causation_id or "",
        entry.origin, entry.id, entry.schema_version, entry.hash, entry.bookmark,
        entry.repairs.position if entry.repairs else "", ", ".join(str(one.position) for one in entry.repaired_by),
    ]  # fmt: skip


def fitted(text: str) -> str:
    """The text as a cell shows it: nothing hidden, and what is too long cut, with a mark that says so.

    Spreadsheets count UTF-16 units.
    """
    shown = visible(text[: LONGEST + 1])
    if len(text) <= LONGEST and _units(shown) <= LONGEST:
        return shown
    kept = text[:LONGEST]
    while _units(shown := visible(kept)) > LONGEST:
        kept = kept[: len(kept) * 3 // 4]
    return shown + cut(text, 0)


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _main(entry: Entry) -> FieldChange:
    in_lists = (change for change in entry.changes if "[" in change.path)
    return next(in_lists, entry.changes[0] if entry.changes else FieldChange("", ABSENT, ABSENT))
