"""The commands that give evidence: reports."""

import argparse
from pathlib import Path

from explorer.cli.speaking import opened, progress, say, store


def report_options(parser: argparse.ArgumentParser) -> None:
    from explorer.application.reports import FORMATS  # noqa: PLC0415 - only this command needs them

    store(parser)
    parser.add_argument("--format", choices=sorted(FORMATS), required=True)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--stream", metavar="S", help="the events of one stream")
    parser.add_argument("--actor", metavar="A", help="what one actor did")
    parser.add_argument("--from", dest="start", metavar="POSITION_OR_TIME", help="the range's first event")
    parser.add_argument("--to", dest="end", metavar="POSITION_OR_TIME", help="the range's last event")
    parser.add_argument("--as-of", metavar="POSITION_OR_TIME", help="as if nothing had happened since")
    parser.set_defaults(act=_report)


def _report(options: argparse.Namespace) -> None:
    from explorer.application.audit import audit_report, resolve_scope  # noqa: PLC0415 - only this command needs them
    from explorer.application.reports import write_report  # noqa: PLC0415

    with opened(options) as session:
        scope = resolve_scope(
            session,
            stream=options.stream,
            actor=options.actor,
            start=options.start,
            end=options.end,
            as_of=options.as_of,
        )
        report = audit_report(session, scope, progress("Checking"))
        write_report(report, options.format, options.output, progress("Writing"))
        say(f"{options.output} was written: {report.verdict.in_words()}")
