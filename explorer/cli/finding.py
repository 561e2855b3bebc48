"""The commands that find: the moment at which something became true, the rules of a store, and what they found."""

import argparse
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any

from explorer.application import outside
from explorer.application.documents import iso, record_document
from explorer.cli.speaking import (
    VISIBLE,
    appended,
    caught_up,
    complain,
    opened,
    progress,
    say,
    say_hint,
    say_json,
    store,
    whole,
)  # fmt: skip
from explorer.domain.event import Metadata
from explorer.domain.rule import SEVERITIES
from explorer.errors import Busy, Damaged

if TYPE_CHECKING:
    from explorer.application.conditions import StateCondition
    from explorer.application.hinting import States
    from explorer.application.session import Session
    from explorer.application.watching import RuleStanding
    from explorer.projections.findings import Finding
    from explorer.store.codec import Record

LIMIT = 100
ORIGIN = "cli"
NOWHERE, FAILED = 1, 2
"""Exit statuses of `find`, as grep has them: a script can tell that there is nothing from a question that is wrong."""


def find_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("predicate", metavar="PREDICATE",
                        help="a condition on a state, such as 'total > 50000' (money is in minor units)")  # fmt: skip
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stream", metavar="S", help="in this stream only")
    where.add_argument("--category", metavar="C", default="", help="in the streams of this category only")
    parser.add_argument("--last", action="store_true", help="from the end backwards")
    parser.add_argument("--after", type=whole, default=0, metavar="P", help="behind this position")
    parser.add_argument("--before", type=whole, metavar="P", help="before this position")
    parser.add_argument("--all", action="store_true", help="every moment at which it becomes true, not only one")
    parser.add_argument("--limit", type=whole, metavar="N", help=f"with --all, at most so many; default: {LIMIT}")
    parser.add_argument("--json", action="store_true", help="as JSON, one object a line")
    parser.epilog = "The exit status is 0 where it was found, 1 where it becomes true nowhere, 2 for all that fails."
    parser.set_defaults(act=_find, failed=FAILED)


def _find(options: argparse.Namespace) -> int:
    from explorer.application.finding import Where, moments  # noqa: PLC0415 - only this command needs it
    from explorer.application.hinting import doubts, states_of  # noqa: PLC0415

    until = None if options.before is None else max(0, options.before - 1)
    limit = 1 if not options.all and options.limit is None else LIMIT if options.limit is None else options.limit
    found = 0
    with opened(options, catch_up=False) as session:
        where = Where(options.stream, options.category, options.after, until)
        states = states_of(session, where)
        condition = hinted(options.predicate, states, quietly=options.json)
        told = progress("Reading events")
        with closing(moments(session, condition, where, backwards=options.last, progress=told)) as hits:
            for found, record in enumerate(islice(hits, limit), 1):  # noqa: B007 - counted
                _say_event(session, record, as_json=options.json)
    if not found:
        said = nowhere(options.predicate, options.stream, options.after, options.before)
        complain(" ".join((said, *(doubt.words for doubt in doubts(condition.condition, states)))))
        return NOWHERE
    return 0


def nowhere(predicate: str, stream: str | None, after: int, before: int | None) -> str:
    """That it becomes true nowhere, and where it was sought."""
    where = f" in {stream}" if stream else ""
    behind = f" after event {after:,}" if after else ""
    ahead = f" before event {before:,}" if before is not None else ""
    return f"{predicate} becomes true nowhere{where}{behind}{ahead}."


def _say_event(session: "Session", record: "Record", *, as_json: bool, **more: Any) -> None:
    if as_json:
        say_json({**more, **record_document(record, session.store.codec)})
        return
    try:
        session.store.codec.event(record)
    except Damaged as error:
        say(f"{_place(record)}  cannot be read: {error}".translate(VISIBLE))
        return
    try:
        summary = session.decider(record.stream).summary(session.store.codec.domain_event(record))
    except Damaged:
        summary = ""
    why = f" ({record.reason})" if record.reason else ""
    rule = f"  {more['severity']}: {more['rule']}" if "rule" in more else ""
    say(f"{_place(record)}  {record.actor}{why}  {summary}{rule}".translate(VISIBLE))


def _place(record: "Record") -> str:
    return f"{record.position:>9}  {iso(record.occurred_at)[:19]}Z  {record.stream} v{record.version}  {record.type}"


def rules_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--set", nargs=2, metavar=("NAME", "PREDICATE"), help="make this rule, or change it")
    what.add_argument("--retire", metavar="NAME", help="end this rule")
    parser.add_argument("--severity", choices=SEVERITIES, help="how bad it is; a new rule's is warning")
    parser.add_argument("--category", metavar="C", help="on the streams of this category only; '' is on all")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the record; no personal data")
    parser.add_argument("--actor", default=None, metavar="A", help="who does it; else the user of this computer")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_rules)


def _rules(options: argparse.Namespace) -> None:
    from explorer.application.rules import retire_rule, rules_of, set_rule  # noqa: PLC0415
    from explorer.application.watching import standings  # noqa: PLC0415

    about = Metadata(options.actor or outside.user_name(), options.reason, origin=ORIGIN)
    with opened(options, catch_up=False) as session:
        if options.set is not None:
            name, text = options.set
            _doubted(session, text, options)
            done = set_rule(session, name, text, about, severity=options.severity, category=options.category)
        elif options.retire is not None:
            done = retire_rule(session, options.retire, about)
        else:
            _say_rules(standings(session, rules_of(session)), as_json=options.json)
            return
    positions = [event.position for event in done]
    options.done = appended(positions, "It is so already: nothing was appended.")
    if options.json:
        say_json({"appended": positions})
    else:
        say(options.done)


def hinted(text: str, states: "States", *, quietly: bool) -> "StateCondition":
    """A condition on states; said beside the answer is what its amounts of money are. Raises NotUnderstood."""
    from explorer.application.hinting import money_hint, understood  # noqa: PLC0415

    condition = understood(text, states)
    if not quietly:
        say_hint(money_hint(condition.condition, states))
    return condition


def _doubted(session: "Session", text: str, options: argparse.Namespace) -> None:
    """What whoever sets a rule may not know of its condition."""
    from explorer.application.finding import Where  # noqa: PLC0415
    from explorer.application.hinting import doubts, states_of  # noqa: PLC0415
    from explorer.application.rules import kept  # noqa: PLC0415

    _, category = kept(session, options.set[0], options.severity, options.category)
    states = states_of(session, Where(category=category.strip()))
    condition = hinted(text, states, quietly=options.json)
    for doubt in () if options.json else doubts(condition.condition, states):
        say_hint(doubt.words)


def _say_rules(found: "list[RuleStanding]", *, as_json: bool) -> None:
    if as_json:
        say_json([_rule_document(one) for one in found])
        return
    if not found:
        say("There are no rules. Make one: event-explorer rules STORE --set NAME 'PREDICATE' --severity warning")
    for one in found:
        rule = one.stored.rule
        on = f" on {rule.category}" if rule.category else ""
        fault = f"  CANNOT BE READ: {one.stored.fault}" if one.stored.fault else ""
        state = "retired" if rule.is_retired else f"{one.found:,} found up to event {one.watched:,}"
        say(f"{rule.severity:<7}  {rule.name}{on}: {rule.condition}  ({state}){fault}".translate(VISIBLE))


def _rule_document(one: "RuleStanding") -> dict[str, Any]:
    rule = one.stored.rule
    return {
        "name": rule.name,
        "severity": rule.severity,
        "condition": rule.condition,
        "category": rule.category,
        "is_retired": rule.is_retired,
        "fault": one.stored.fault,
        "stream": one.stored.stream,
        "version": one.stored.version,
        "watched": one.watched,
        "found": one.found,
    }


def findings_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("--limit", type=whole, default=LIMIT, metavar="N", help=f"the newest N; default: {LIMIT}")
    parser.add_argument("--json", action="store_true", help="as JSON, one object a line")
    parser.set_defaults(act=_findings)


def _findings(options: argparse.Namespace) -> None:
    from explorer.application.rules import rules_of  # noqa: PLC0415
    from explorer.application.watching import by_severity, standings, watch  # noqa: PLC0415
    from explorer.projections.findings import KEPT  # noqa: PLC0415

    with opened(options, catch_up=False) as session:
        caught_up(session)
        while True:
            try:
                watch(session, progress("Watching"))
            except Busy:
                continue  # each try waits 100 ms for the lock by itself
            break
        found = standings(session, [one for one in rules_of(session) if one.is_watched])
        rules = {one.stored.stream: one.stored.rule for one in found}
        for one in session.findings.newest(options.limit):
            _say_finding(session, one, rules[one.rule].name, as_json=options.json)
        if options.json:
            return
        counts = ", ".join(f"{severity} {count:,}" for severity, count in by_severity(found).items())
        say(f"Findings: {counts}." if found else "There are no rules, so nothing was looked for.")
        for one in found:
            if one.kept < one.found:
                say(f"Of {one.stored.rule.name} only the newest {KEPT:,} are kept.".translate(VISIBLE))


def _say_finding(session: "Session", one: "Finding", rule: str, *, as_json: bool) -> None:
    (record,) = session.store.records_at([one.position])
    _say_event(session, record, as_json=as_json, rule=rule, severity=SEVERITIES[one.severity])
