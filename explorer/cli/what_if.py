"""The commands that try out what might have been, and repair many streams at once."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from explorer.application import outside
from explorer.application.documents import iso
from explorer.application.faults import counted
from explorer.cli.changes import change_documents, check_reason, event_documents, say_changes
from explorer.cli.finding import hinted
from explorer.cli.speaking import VISIBLE, appended, opened, progress, say, say_json, store, whole
from explorer.errors import BadInput

if TYPE_CHECKING:
    from explorer.application.bulk_repair import BulkPlan, StreamPlan
    from explorer.application.repair import Plan
    from explorer.application.session import Session
    from explorer.application.what_if import Branch, Edit


def what_if_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("--stream", required=True, metavar="S", help="the stream's name")
    parser.add_argument(
        "--without", type=whole, nargs="+", default=[], metavar="VERSION", help="had these not happened"
    )
    parser.add_argument("--change", nargs=2, action="append", default=[], metavar=("VERSION", "FIELD=JSON"),
                        help="had a field of an event's data been another")  # fmt: skip
    parser.add_argument("--insert", nargs=3, action="append", default=[], metavar=("AFTER", "TYPE", "JSON"),
                        help="had this happened behind version AFTER")  # fmt: skip
    parser.add_argument("--move", type=whole, nargs=2, action="append", default=[], metavar=("VERSION", "AFTER"),
                        help="had an event happened behind version AFTER")  # fmt: skip
    parser.add_argument("--apply", action="store_true", help="repair the stream so that it is as in the branch")
    _reason(parser, required=False)
    parser.set_defaults(act=_what_if)


def repair_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("condition", nargs="?", metavar="CONDITION",
                        help='on the state: total > 50000 and status == "open"')  # fmt: skip
    parser.add_argument("--command", metavar="NAME", help="what is done to each stream: Reprice")
    parser.add_argument("--fields", default="{}", metavar="JSON", help='the command\'s: {"line": "MUG-203"}')
    parser.add_argument("--category", default="cart", metavar="C", help="of which streams; default: cart")
    parser.add_argument("--undo", metavar="FILTER",
                        help="instead: undo every event for which this holds, newest first within a stream: "
                        "actor == \"import\" and time >= 2011-01-05")  # fmt: skip
    parser.add_argument("--skip-refused", action="store_true",
                        help="leave out the streams, or the events, whose rules refuse it")  # fmt: skip
    _reason(parser, required=True)
    parser.set_defaults(act=_repair, parser=parser)


def _reason(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--reason", required=required, default="", metavar="TEXT", help="why; recorded with the repair")
    parser.add_argument("--actor", default=outside.user_name(), metavar="NAME", help="who; default: the user's name")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be done")
    parser.add_argument("--json", action="store_true", help="as JSON")


def _what_if(options: argparse.Namespace) -> None:
    from explorer.application.repair import carry_out  # noqa: PLC0415
    from explorer.application.what_if import plan_what_if, what_if  # noqa: PLC0415

    edits = _edits(options)
    if options.reason or (options.apply and not options.dry_run):
        check_reason(options)
    with opened(options, catch_up=False) as session:
        branch = what_if(session, options.stream, edits, progress("Replaying"))
        plan = plan_what_if(session, options.stream, edits) if options.apply else None
        done = []
        if plan is not None and not options.dry_run:
            done = carry_out(session, plan, options.actor, options.reason, "command line")
    positions = [event.position for event in done]
    options.done = appended(positions)
    if options.json:
        say_json(_branch_document(branch) | (_plan_document(plan, positions) if plan is not None else {}))
        return
    _say_branch(branch)
    if plan is not None:
        _say_plan(plan)
        say(options.done)


def _say_branch(branch: "Branch") -> None:
    say(f"{branch.stream} at version {branch.version:,}, really → what if:".translate(VISIBLE))
    say_changes(branch.changes, "Nothing would differ.")
    for one in branch.refused:
        version = f"v{one.version}" if one.version is not None else "inserted"
        say(f"  refused: {version} {one.type} {one.summary} ({one.actor}): {one.rule}".translate(VISIBLE))
    if branch.unreadable:
        say(f"  unreadable, changing nothing: versions {', '.join(map(str, branch.unreadable))}")
    if not branch.has_rules:
        say("  Nobody has written rules for this category: nothing can be refused.")


def _say_plan(plan: "Plan") -> None:
    for event in plan.events:
        say(f"  repair: {type(event).__name__} {msgspec.json.encode(event).decode()}".translate(VISIBLE))
    if plan.left:
        say("What cannot be brought about:")
        say_changes(plan.left, "")


def _plan_document(plan: "Plan", positions: list[int]) -> dict[str, Any]:
    return {"events": event_documents(plan.events), "left": change_documents(plan.left), "appended": positions}


def _edits(options: argparse.Namespace) -> "list[Edit]":
    from explorer.application.editable import json_of, object_of  # noqa: PLC0415
    from explorer.application.what_if import ChangeField, Insert, LeaveOut, Move  # noqa: PLC0415

    edits: list[Edit] = [LeaveOut(version) for version in options.without]
    for version, field in options.change:
        path, sign, value = field.partition("=")
        if not sign:
            raise BadInput(f"{field!r} says no value. Write it as FIELD=JSON, such as quantity=3.")
        edits.append(ChangeField(_whole(version), path, json_of(value)))
    for after, kind, data in options.insert:
        edits.append(Insert(_whole(after), kind, object_of(data)))
    edits += [Move(version, after) for version, after in options.move]
    return edits


def _repair(options: argparse.Namespace) -> None:
    from explorer.application.bulk_repair import OneCommand, carry_out_bulk  # noqa: PLC0415

    if (options.undo is None) == (options.condition is None) or (options.undo is None) != bool(options.command):
        options.parser.error("say CONDITION and --command NAME, or --undo FILTER")
    check_reason(options)
    with opened(options) as session:
        plan = _bulk_plan(session, options)
        done = []
        if not options.dry_run:
            done = carry_out_bulk(session, plan, options.actor, options.reason, "command line",
                                  skip_refused=options.skip_refused, progress=progress("Deciding"))  # fmt: skip
    positions = [event.position for event in done]
    options.done = appended(positions)
    if options.json:
        say_json(_bulk_document(plan) | {"appended": positions})
        return
    for one in plan.plans:
        for line in _lines(one):
            say(line.translate(VISIBLE))
    is_command = isinstance(plan.deed, OneCommand)
    rest = f"{plan.looked_at:,} looked at" if is_command else _found(plan)
    done_to = f"{counted(plan.events, 'event')} in {counted(plan.streams, 'stream')}"
    say(f"{done_to}; {plan.refusals:,} refused; {rest}.")
    say(options.done)


def _found(plan: "BulkPlan") -> str:
    return f"{plan.needless:,} needless; {counted(plan.looked_at, 'event')} found"


def _bulk_plan(session: "Session", options: argparse.Namespace) -> "BulkPlan":
    from explorer.application.bulk_repair import plan_bulk  # noqa: PLC0415
    from explorer.application.bulk_undo import plan_bulk_undo  # noqa: PLC0415
    from explorer.application.editable import object_of  # noqa: PLC0415
    from explorer.application.finding import Where  # noqa: PLC0415
    from explorer.application.hinting import states_of  # noqa: PLC0415

    if options.undo is not None:
        return plan_bulk_undo(session, options.undo, progress("Looking for events"))
    states = states_of(session, Where(category=options.category))
    hinted(options.condition, states, quietly=options.json)
    fields, told = object_of(options.fields), progress("Looking at streams")
    return plan_bulk(session, options.condition, options.command, fields, options.category, told)


def _lines(one: "StreamPlan") -> Iterator[str]:
    name = f"{one.stream} v{one.version}  "
    if one.steps:
        yield name + "; ".join(f"{kind} {words}".strip() for kind, words in one.words)
    for stays in one.stays:
        what = f"v{stays.version} {stays.type}: " if stays.version else ""
        yield f"{name}{'needless' if stays.is_needless else 'refused'}: {what}{stays.why}"


def _bulk_document(plan: "BulkPlan") -> dict[str, Any]:
    from explorer.application.bulk_repair import OneCommand  # noqa: PLC0415

    if isinstance(plan.deed, OneCommand):
        condition, command, category = plan.deed
        named = {type(command).__name__: msgspec.to_builtins(command)}
        head: dict[str, Any] = {"condition": condition, "command": named, "category": category}
    else:
        head = {"undo": plan.deed.filter}
    return {**head, "looked_at": plan.looked_at, "streams": [_stream_document(plan, one) for one in plan.plans]}


def _stream_document(plan: "BulkPlan", one: "StreamPlan") -> dict[str, Any]:
    from explorer.application.bulk_repair import Undoing  # noqa: PLC0415

    repaired = [step.repaired.version for step in one.steps if step.repaired is not None]
    return {
        "stream": one.stream,
        "version": one.version,
        "repairs": repaired,
        "undone": repaired if isinstance(plan.deed, Undoing) else [],
        "events": event_documents(one.events),
        "changes": change_documents(one.changes),
        "refused": one.refused or None,
        "stays": [stays._asdict() for stays in one.stays],
    }


def _branch_document(branch: "Branch") -> dict[str, Any]:
    return {
        "stream": branch.stream,
        "version": branch.version,
        "changes": change_documents(branch.changes),
        "refused": [verdict._asdict() | {"time": iso(verdict.time)} for verdict in branch.refused],
        "unreadable": branch.unreadable,
        "has_rules": branch.has_rules,
        "real": branch.real,
        "state": branch.state,
    }


def _whole(text: str) -> int:
    try:
        return whole(text)
    except argparse.ArgumentTypeError as error:
        raise BadInput(f"{text[:40]!r} is no version. Versions are whole numbers from 1.") from error
