"""Fields that differ, as lines and as JSON, and what is the same of all repairs."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from explorer.application.history import ABSENT, FieldChange
from explorer.cli.speaking import VISIBLE, say
from explorer.errors import BadInput
from explorer.store.canonical import text


def check_reason(options: argparse.Namespace) -> None:
    """A dry run takes the reasons that the real one takes. Raises BadInput."""
    if not options.reason.strip():
        raise BadInput("A repair needs a reason, which is recorded with it. Say why, with --reason.")
    text(options.reason, "reason")
    text(options.actor, "actor", required=True)


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


def event_documents(events: Sequence[object]) -> list[dict[str, Any]]:
    """What would be appended: each by its type."""
    return [{type(event).__name__: msgspec.to_builtins(event)} for event in events]


def json_of(value: object) -> Any:
    return None if value is ABSENT else value


def shown(value: object) -> str:
    return "(absent)" if value is ABSENT else msgspec.json.encode(value).decode()
