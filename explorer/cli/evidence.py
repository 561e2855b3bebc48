"""The commands that give evidence: reports, verification, checkpoints and keys, proofs."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.speaking import opened, progress, say, say_json, store
from explorer.errors import Cancelled, Damaged

if TYPE_CHECKING:
    from explorer.application.verdict import Verdict

FAILED = 3
"""Exit status of a check that was carried out and not passed."""


def report_options(parser: argparse.ArgumentParser) -> None:
    from explorer.application.reports import FORMATS  # noqa: PLC0415 - only this command needs them

    store(parser)
    parser.add_argument("--format", choices=sorted({*FORMATS, "bundle"}), required=True)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--stream", metavar="S", help="the events of one stream")
    parser.add_argument("--actor", metavar="A", help="what one actor did")
    parser.add_argument("--filter", metavar="TEXT", help="events for which this holds, such as 'data.quantity > 2'")
    parser.add_argument("--from", dest="start", metavar="POSITION_OR_TIME", help="the range's first event")
    parser.add_argument("--to", dest="end", metavar="POSITION_OR_TIME", help="the range's last event")
    parser.add_argument("--as-of", metavar="POSITION_OR_TIME", help="as if nothing had happened since")
    parser.add_argument("--since", type=Path, metavar="CHECKPOINT", help="prove, too, that the log continues this one")
    _key_option(parser)
    parser.set_defaults(act=_report, parser=parser)


def _key_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the private key that signs; default: the user's, made on first use"
    )


def _report(options: argparse.Namespace) -> None:
    from explorer.application.audit import resolve_scope  # noqa: PLC0415 - only this command needs them
    from explorer.application.evidence import write_evidence  # noqa: PLC0415

    if options.since is not None and options.format != "bundle":
        options.parser.error("--since is for --format bundle")
    with opened(options) as session:
        scope = resolve_scope(
            session,
            stream=options.stream,
            actor=options.actor,
            start=options.start,
            end=options.end,
            as_of=options.as_of,
            wanted=options.filter,
        )
        report = write_evidence(
            session, scope, options.format, options.output, key=options.key, since=options.since, progress=progress
        )
        say(f"{options.output} was written: {report.verdict.in_words()}")


def verify_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], metavar="FILE", help="one kept elsewhere; repeatable"
    )
    parser.add_argument(
        "--key", action="append", default=[], metavar="VKEY", help="a public key whose signatures count; repeatable"
    )
    parser.add_argument("--full", action="store_true", help="the database's structure and the read models, too")
    parser.add_argument("--resume", action="store_true", help="go on where the last verification was stopped")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_verify, parser=parser)


def _verify(options: argparse.Namespace) -> int:
    from explorer.application.checkpoints import given_checkpoints  # noqa: PLC0415
    from explorer.application.verification import verify_store  # noqa: PLC0415
    from explorer.proof.note import parse_key  # noqa: PLC0415

    if options.full and options.resume:
        options.parser.error("--full begins anew each time; leave --resume out")
    keys = [parse_key(text) for text in options.key]
    try:
        with opened(options, catch_up=False) as session:
            given = given_checkpoints(session, options.checkpoint)
            verdict = verify_store(
                session, checkpoints=given, keys=keys, full=options.full, resume=options.resume,
                progress=progress("Verifying"),
            )  # fmt: skip
            store_id = str(session.store.store_id)
    except KeyboardInterrupt:
        raise Cancelled("The verification was stopped. Go on with --resume, or begin anew without.") from None
    except Damaged as error:
        document: dict[str, Any] = {
            "ok": False,
            "store": options.store.name,
            "position": None,
            "words": str(error),
            "checks": [],
        }
        say_json(document) if options.json else say(str(error))
        return FAILED
    if options.json:
        say_json(_verdict_document(options.store.name, store_id, verdict))
    else:
        _say_verdict(options.store, verdict)
    return 0 if verdict.ok else FAILED


def _verdict_document(name: str, store_id: str, verdict: "Verdict") -> dict[str, Any]:
    return {
        "ok": verdict.ok,
        "store": name,
        "store_id": store_id,
        "events": verdict.events,
        "merkle_root": verdict.root.hex(),
        "position": verdict.damaged[0] if verdict.damaged else None,
        "words": verdict.in_words(),
        "read_before_the_stop": verdict.read_before,
        "checks": [check._asdict() for check in verdict.checks],
    }


def _say_verdict(path: Path, verdict: "Verdict") -> None:
    for check in verdict.checks:
        say(f"{'ok  ' if check.ok else 'FAIL'}  {check.claim}. {check.detail}")
    say()
    say(f"{path}: {verdict.in_words()}.")
    if verdict.damaged:
        say(f"The first damaged position is {verdict.damaged[0]:,}.")


def checkpoint_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where the auditor keeps it")
    _key_option(parser)
    parser.set_defaults(act=_checkpoint)


def _checkpoint(options: argparse.Namespace) -> None:
    from explorer.application import checkpoints, keys  # noqa: PLC0415

    with opened(options, catch_up=False) as session:
        if options.output is not None:
            checkpoints.check_not_own(session, options.output)
        signed = checkpoints.sign(session, keys.signing_key(options.key), progress("Hashing"))
        if options.output is not None:
            checkpoints.export(session, signed, options.output)
    if options.output is None:
        say(signed.note, end="")
    else:
        say(f"{options.output} was written: {signed.size:,} events, signed by {signed.key.text}")


def key_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("--rotate", action="store_true", help="put a new key in its place; the old one signs no more")
    _key_option(parser)
    parser.set_defaults(act=_key)


def _key(options: argparse.Namespace) -> None:
    from explorer.application import checkpoints, keys  # noqa: PLC0415

    with opened(options, catch_up=False) as session:
        key = keys.signing_key(options.key)
        if options.rotate:
            # The old key's last word on this log, and the new one's first.
            checkpoints.sign(session, key)
            key = keys.rotate(options.key)
            checkpoints.sign(session, key)
        for place, public in enumerate(key.keys(session.store.store_id)):
            say(f"{public.text}{'' if place == 0 else '  (retired)'}")


def proof_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", required=True, help="the fields come as JSON on standard input")
    parser.set_defaults(act=_verify_proof)


def _verify_proof(options: argparse.Namespace) -> int:
    del options
    from explorer.application.proof_fields import judged  # noqa: PLC0415

    verdict = judged(sys.stdin.buffer.read())
    say_json(verdict)
    return 0 if verdict["valid"] else FAILED
