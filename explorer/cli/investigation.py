"""The commands that investigate and repair: what differs, who set it, and how it is brought back."""

import argparse
from typing import TYPE_CHECKING, Any

import msgspec

from explorer.application import outside
from explorer.application.documents import iso
from explorer.cli.speaking import VISIBLE, opened, progress, say, say_json, store

if TYPE_CHECKING:
    from explorer.application.history import FieldChange
    from explorer.application.repair import Plan
    from explorer.store.codec import Record


def _stream(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("--stream", required=True, metavar="S", help="the stream's name")
    parser.add_argument("--json", action="store_true", help="as JSON")


def diff_options(parser: argparse.ArgumentParser) -> None:
    _stream(parser)
    parser.add_argument("first", type=int, metavar="A", help="a version; 0 is before the first")
    parser.add_argument("second", type=int, metavar="B", help="another")
    parser.set_defaults(act=_diff)


def _diff(options: argparse.Namespace) -> None:
    from explorer.application.history import changes, state_at  # noqa: PLC0415

    with opened(options, catch_up=False) as session:
        first = state_at(session, options.stream, options.first)
        second = state_at(session, options.stream, options.second)
    found = changes(first.state, second.state)
    if options.json:
        sides = [{"version": side.version, "position": side.position} for side in (first, second)]
        say_json({"stream": options.stream, "from": sides[0], "to": sides[1], "changes": change_documents(found)})
        return
    say(f"{options.stream}: version {first.version:,} → {second.version:,}".translate(VISIBLE))
    say_changes(found, "Nothing differs.")


def blame_options(parser: argparse.ArgumentParser) -> None:
    _stream(parser)
    parser.add_argument("--version", type=int, metavar="V", help="the state at this version; default: the latest")
    parser.add_argument("--field", metavar="PATH", help="all that ever set one field, such as lines[sku=mug].quantity")
    parser.set_defaults(act=_blame)


def _blame(options: argparse.Namespace) -> None:
    from explorer.application.blame import blame, history_of  # noqa: PLC0415

    told = progress("Reading the stream")
    with opened(options, catch_up=False) as session:
        if options.field is None:
            found = [(one.path, one.value, one.record) for one in blame(session, options.stream, options.version, told)]
        else:
            history = history_of(session, options.stream, options.field, options.version, told)
            found = [(options.field, value, record) for record, value in history]
    if options.json:
        say_json([{"path": path, "value": _json(value), "set_by": _set_by(record)} for path, value, record in found])
        return
    for path, value, record in found:
        why = f" ({record.reason})" if record.reason else ""
        by = f"v{record.version}  {iso(record.occurred_at)[:19]}Z  {record.type}  {record.actor}{why}"
        say(f"{path} = {_shown(value)}  {by}".translate(VISIBLE))


def restore_options(parser: argparse.ArgumentParser) -> None:
    _repair_options(parser, "the version whose state is wanted again")
    parser.set_defaults(act=_restore)


def undo_options(parser: argparse.ArgumentParser) -> None:
    _repair_options(parser, "the version of the event to be undone")
    parser.set_defaults(act=_undo)


def _repair_options(parser: argparse.ArgumentParser, about: str) -> None:
    _stream(parser)
    parser.add_argument("--version", type=int, required=True, metavar="V", help=about)
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; recorded with the repair")
    parser.add_argument("--actor", default=outside.user_name(), metavar="NAME", help="who; default: the user's name")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be done")


def _restore(options: argparse.Namespace) -> None:
    from explorer.application.repair import plan_restore  # noqa: PLC0415

    _repair(options, plan_restore)


def _undo(options: argparse.Namespace) -> None:
    from explorer.application.repair import plan_undo  # noqa: PLC0415

    _repair(options, plan_undo)


def _repair(options: argparse.Namespace, planned: Any) -> None:
    from explorer.application.repair import carry_out  # noqa: PLC0415

    with opened(options, catch_up=False) as session:
        plan = planned(session, options.stream, options.version)
        done = [] if options.dry_run else carry_out(session, plan, options.actor, options.reason, "command line")
    if options.json:
        say_json(_plan_document(plan) | {"appended": [event.position for event in done], "dry_run": options.dry_run})
        return
    say_changes(plan.changes, "Nothing differs from that: there is nothing to do.")
    for event in plan.events:
        say(f"  {type(event).__name__} {msgspec.json.encode(event).decode()}".translate(VISIBLE))
    if plan.left:
        say("What cannot be brought back:")
        say_changes(plan.left, "")
    if done:
        first, last = done[0].position, done[-1].position
        say(f"Appended: event {first:,}." if first == last else f"Appended: events {first:,} to {last:,}.")
    elif plan.events:
        say("Nothing was appended (--dry-run).")


def _plan_document(plan: "Plan") -> dict[str, Any]:
    return {
        "stream": plan.stream,
        "version": plan.version,
        "repairs": _set_by(plan.repaired),
        "commands": [{type(command).__name__: msgspec.to_builtins(command)} for command in plan.commands],
        "events": [{type(event).__name__: msgspec.to_builtins(event)} for event in plan.events],
        "changes": change_documents(plan.changes),
        "left": change_documents(plan.left),
    }


def say_changes(found: "list[FieldChange] | tuple[FieldChange, ...]", none: str) -> None:
    for change in found:
        say(f"  {change.path}: {_shown(change.before)} → {_shown(change.after)}".translate(VISIBLE))
    if not found and none:
        say(none)


def change_documents(found: "list[FieldChange] | tuple[FieldChange, ...]") -> list[dict[str, Any]]:
    """A side without the field is left out."""
    return [
        {"path": change.path}
        | {side: value for side, value in (("before", change.before), ("after", change.after)) if _is_there(value)}
        for change in found
    ]


def _set_by(record: "Record") -> dict[str, Any]:
    return {
        "position": record.position,
        "version": record.version,
        "type": record.type,
        "occurred_at": iso(record.occurred_at),
        "actor": record.actor,
        "reason": record.reason,
    }


def _is_there(value: object) -> bool:
    from explorer.application.history import ABSENT  # noqa: PLC0415

    return value is not ABSENT


def _json(value: object) -> Any:
    return value if _is_there(value) else None


def _shown(value: object) -> str:
    return msgspec.json.encode(value).decode() if _is_there(value) else "(absent)"
