"""The commands about personal data: to protect them, and to erase them."""

import argparse

from explorer.application import outside
from explorer.cli.speaking import opened, progress, say, store
from explorer.domain.event import Metadata

ORIGIN = "cli"


def protect_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    _author(parser)
    parser.add_argument(
        "--new-key-file", action="store_true", help="begin another where it is lost for good; what it opened stays lost"
    )
    parser.set_defaults(act=_protect)


def erase_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--subject", metavar="NAME", help="the person, named as the store names them")
    who.add_argument("--stream", metavar="S", help="the person whom this stream is about")
    _author(parser)
    parser.set_defaults(act=_erase)


def _author(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the record; no personal data")
    parser.add_argument("--actor", metavar="A", help="who does it; else the user of this computer")


def _about(options: argparse.Namespace) -> Metadata:
    return Metadata(options.actor or outside.user_name(), options.reason, origin=ORIGIN)


def _protect(options: argparse.Namespace) -> None:
    from explorer.application.privacy import protect  # noqa: PLC0415 - only this command needs it

    with opened(options, create=True, catch_up=False) as session:
        is_new = protect(session, _about(options), new_keys=options.new_key_file)
        keys = session.protection.keys.path
    if not is_new:
        say(f"Personal data in {options.store} are protected already; the keys are in {keys}.")
        return
    options.done = f"Personal data are stored encrypted in {options.store} from now on; the keys are in {keys}."
    say(options.done)
    say("Keep that file safe, apart from copies of the store: what it cannot open, nobody can.")


def _erase(options: argparse.Namespace) -> None:
    from explorer.application.privacy import erase  # noqa: PLC0415 - only this command needs it

    with opened(options, catch_up=False) as session:
        erased = erase(
            session,
            _about(options),
            subject=options.subject,
            stream=options.stream,
            progress=progress("Making the read models anew"),
        )
    events = "1 event" if erased.events == 1 else f"{erased.events:,} events"
    options.done = f"Key {erased.key} is destroyed: the personal texts of {events} are erased, and the log says so."
    say(options.done)
