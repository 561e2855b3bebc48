"""Fields that differ, as lines and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from explorer.application.history import ABSENT, FieldChange
from explorer.cli.speaking import VISIBLE, say


def say_changes(found: Sequence[FieldChange], none: str) -> None:
    for line in change_lines(found):
        say(line.translate(VISIBLE))
    if not found and none:
        say(none)


def change_lines(found: Sequence[FieldChange], indent: str = "  ") -> Iterator[str]:
    return (f"{indent}{change.path}: {shown(change.before)} → {shown(change.after)}" for change in found)


def change_documents(found: Sequence[FieldChange]) -> list[dict[str, Any]]:
    """A side without the field is left out."""
    return [
        {"path": change.path}
        | {side: value for side, value in (("before", change.before), ("after", change.after)) if value is not ABSENT}
        for change in found
    ]


def json_of(value: object) -> Any:
    return None if value is ABSENT else value


def shown(value: object) -> str:
    return "(absent)" if value is ABSENT else msgspec.json.encode(value).decode()
