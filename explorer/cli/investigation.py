"""The commands that investigate and repair: who set what, and how it is brought back."""

import argparse
from typing import TYPE_CHECKING, Any

import msgspec

from explorer.application import outside
from explorer.application.documents import iso
from explorer.cli.changes import change_documents, check_reason, event_documents, json_of, say_changes, shown
from explorer.cli.speaking import VISIBLE, appended, opened, progress, say, say_json, store, whole

if TYPE_CHECKING:
    from explorer.application.repair import Plan
    from explorer.store.codec import Record


def _stream(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("--stream", required=True, metavar="S", help="the stream's name")
    parser.add_argument("--json", action="store_true", help="as JSON")


def blame_options(parser: argparse.ArgumentParser) -> None:
    _stream(parser)
    parser.add_argument("--version", type=whole, metavar="V", help="the state at this version; default: the latest")
    parser.add_argument("--field", metavar="PATH", help="all that ever set one field, such as lines[sku=mug].quantity")
    parser.set_defaults(act=_blame)


def _blame(options: argparse.Namespace) -> None:
    from explorer.application.blame import blame, fields_of, history_of  # noqa: PLC0415

    told = progress("Reading the stream")
    with opened(options, catch_up=False) as session:
        if options.field is None:
            found = [(one.path, one.value, one.record) for one in blame(session, options.stream, options.version, told)]
        else:
            fields = fields_of(session, options.stream, options.field, options.version, told)
            found = [
                (path, value, record)
                for path in fields
                for record, value in history_of(session, options.stream, path, options.version, told)
            ]
    if options.json:
        say_json([{"path": path, "value": json_of(value), "set_by": _set_by(record)} for path, value, record in found])
        return
    for path, value, record in found:
        why = f" ({record.reason})" if record.reason else ""
        by = f"v{record.version}  {iso(record.occurred_at)[:19]}Z  {record.type}  {record.actor}{why}"
        say(f"{path} = {shown(value)}  {by}".translate(VISIBLE))
    if options.field is not None and not found:
        say(f"No event ever set {options.field}: it is as it was in the beginning.")


def restore_options(parser: argparse.ArgumentParser) -> None:
    _repair_options(parser, "the version whose state is wanted again")
    parser.set_defaults(act=_restore)


def undo_options(parser: argparse.ArgumentParser) -> None:
    _repair_options(parser, "the version of the event to be undone")
    parser.set_defaults(act=_undo)


def _repair_options(parser: argparse.ArgumentParser, about: str) -> None:
    _stream(parser)
    parser.add_argument("--version", type=whole, required=True, metavar="V", help=about)
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

    check_reason(options)
    with opened(options, catch_up=False) as session:
        plan = planned(session, options.stream, options.version)
        done = [] if options.dry_run else carry_out(session, plan, options.actor, options.reason, "command line")
    positions = [event.position for event in done]
    options.done = appended(positions)
    if options.json:
        say_json(_plan_document(plan) | {"appended": positions, "dry_run": options.dry_run})
        return
    say_changes(plan.changes, "Nothing differs from that: there is nothing to do.")
    for event in plan.events:
        say(f"  {type(event).__name__} {msgspec.json.encode(event).decode()}".translate(VISIBLE))
    if plan.left:
        say("What cannot be brought back:")
        say_changes(plan.left, "")
    if done:
        say(options.done)
    elif plan.events:
        say("Nothing was appended (--dry-run).")


def _plan_document(plan: "Plan") -> dict[str, Any]:
    return {
        "stream": plan.stream,
        "version": plan.version,
        "repairs": _set_by(plan.repaired),
        "commands": [{type(command).__name__: msgspec.to_builtins(command)} for command in plan.commands],
        "events": event_documents(plan.events),
        "changes": change_documents(plan.changes),
        "left": change_documents(plan.left),
    }


def _set_by(record: "Record") -> dict[str, Any]:
    return {
        "position": record.position,
        "version": record.version,
        "type": record.type,
        "occurred_at": iso(record.occurred_at),
        "actor": record.actor,
        "reason": record.reason,
    }
