"""The command line: the same use cases as the window, without importing Qt.

Errors are one line on standard error; the exit status is 2 for wrong use and 1 for a known failure.
"""

import argparse
import json
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from explorer.application.arguments import Parser
from explorer.application.documents import (
    cart_document,
    event_document,
    iso,
    microseconds,
    totals_document,
)
from explorer.application.event_list import EventFilter, matching, summary_of
from explorer.application.history import state_at
from explorer.application.session import Session
from explorer.domain.money import formatted
from explorer.errors import Busy, KnownError, Missing
from explorer.projections import cart_queries, queries
from explorer.store.codec import Record

PROGRAM = "event-explorer"


def run(arguments: Sequence[str]) -> int:
    """Carries out one command; the exit status."""
    options = _parser(arguments).parse_args(arguments)
    try:
        act: Callable[[argparse.Namespace], None] = options.act
        act(options)
        sys.stdout.flush()
    except KnownError as error:
        print(f"{PROGRAM}: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201 - a command's voice
        return 1
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped.", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it flushes at exit.
        sys.stdout = None  # type: ignore[assignment]
    return 0


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = Parser(
        prog=PROGRAM,
        description="Look at everything that ever happened in an event store. Without a command: the window.",
        epilog=f"{PROGRAM} [STORE] opens the window on a store, or on the demo store of the user's data folder.",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {version(PROGRAM)}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (about, describe) in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("--cache", type=Path, metavar="FOLDER", help="where the read models are kept")
        if name in arguments[:1]:
            # Only what is needed is imported: each command starts as fast as it can.
            describe(command)
    return parser


def _store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE", help="the event store's file")


def _whole(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return number


def _demo_options(parser: argparse.ArgumentParser) -> None:
    _store(parser)
    parser.add_argument("--events", type=_whole, required=True, metavar="N", help="at least so many (more) events")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same history")
    parser.set_defaults(act=_demo)


def _import_options(parser: argparse.ArgumentParser) -> None:
    from explorer.application.importers import FORMATS  # noqa: PLC0415 - only this command needs them

    _store(parser)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--format", choices=sorted(FORMATS), required=True)
    parser.set_defaults(act=_import)


def _events_options(parser: argparse.ArgumentParser) -> None:
    _store(parser)
    parser.add_argument("--stream", metavar="S", help="of this stream only")
    parser.add_argument("--type", metavar="T", help="of this type only")
    parser.add_argument("--actor", metavar="A", help="of this actor only")
    parser.add_argument("--text", default="", metavar="WORDS", help="in which all of these words occur")
    parser.add_argument("--after", type=_whole, default=0, metavar="POSITION", help="behind this position")
    parser.add_argument("--limit", type=_whole, metavar="N", help="at most so many")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(act=_events)


def _state_options(parser: argparse.ArgumentParser) -> None:
    _store(parser)
    parser.add_argument("--stream", metavar="S", help="the state of one stream")
    parser.add_argument("--version", type=_whole, metavar="V", help="at this version of the stream")
    parser.add_argument("--at", metavar="POSITION_OR_TIME", help="all as of then (UTC unless an offset is given)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_state, parser=parser)


def _rebuild_options(parser: argparse.ArgumentParser) -> None:
    _store(parser)
    parser.set_defaults(act=_rebuild)


def _report_options(parser: argparse.ArgumentParser) -> None:
    from explorer.application.reports import FORMATS  # noqa: PLC0415 - only this command needs them

    _store(parser)
    parser.add_argument("--format", choices=sorted(FORMATS), required=True)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--stream", metavar="S", help="the events of one stream")
    parser.add_argument("--actor", metavar="A", help="what one actor did")
    parser.add_argument("--from", dest="start", metavar="POSITION_OR_TIME", help="the range's first event")
    parser.add_argument("--to", dest="end", metavar="POSITION_OR_TIME", help="the range's last event")
    parser.add_argument("--as-of", metavar="POSITION_OR_TIME", help="as if nothing had happened since")
    parser.set_defaults(act=_report)


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "demo": ("Let seeded shoppers fill a store with history.", _demo_options),
    "import": ("Append what files of another system say.", _import_options),
    "events": ("List events.", _events_options),
    "state": ("Show one stream's state at a version, or the whole shop at a moment.", _state_options),
    "rebuild": ("Build the read models anew from the events.", _rebuild_options),
    "report": ("Write an audit report.", _report_options),
}
"""Name → what it does, and what adds its options."""


@contextmanager
def _opened(
    options: argparse.Namespace, *, create: bool = False, catch_up: bool = True
) -> Generator[Session, None, None]:
    with Session(options.store, cache=options.cache, create=create) as session:
        if catch_up:
            _catch_up(session)
        yield session


def _catch_up(session: Session) -> None:
    """Until the cache has reached the head, by our own work or that of a process that is already at it."""
    while True:
        try:
            session.catch_up(_progress("Reading events"))
        except Busy:
            continue  # Each try waits 100 ms for the lock by itself.
        return


def _progress(what: str) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        if sys.stderr.isatty() and total:
            print(f"\r{what}: {done:,} of {total:,}", end="", file=sys.stderr, flush=True)  # noqa: T201
            if done >= total:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201

    return show


def _say(text: str = "") -> None:
    print(text)  # noqa: T201 - standard output is a command's answer


def _say_json(document: Any) -> None:
    _say(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def _demo(options: argparse.Namespace) -> None:
    from explorer.application.demo import fill  # noqa: PLC0415 - only this command needs it

    added = fill(options.store, options.events, options.seed, cache=options.cache, progress=_progress("Shopping"))
    _say(f"{added:,} events added to {options.store}.")


def _import(options: argparse.Namespace) -> None:
    from explorer.application.importers import FORMATS  # noqa: PLC0415

    with _opened(options, create=True, catch_up=False) as session:
        for path in options.files:
            rejects = options.store.with_name(f"{options.store.name}.rejected-{path.name}.csv")
            result = FORMATS[options.format](session, path, rejects=rejects, progress=_progress(path.name))
            for line in result.lines():
                _say(line)


def _events(options: argparse.Namespace) -> None:
    wanted = EventFilter(options.stream, options.type, options.actor, options.text)
    # Only types and actors are looked up in the cache; everything else comes from the store as it is.
    with _opened(options, catch_up=bool(options.type or options.actor)) as session:
        found = matching(session, wanted, options.after, session.store.head().size)
        for record in islice(found, options.limit):
            if options.json:
                _say_json(event_document(session.store.codec.event(record)))
            else:
                _say(_event_line(session, record))


def _event_line(session: Session, record: Record) -> str:
    reason = f" ({record.reason})" if record.reason else ""
    return (
        f"{record.position:>9,}  {iso(record.occurred_at)[:19]}Z  {record.stream} v{record.version}  "
        f"{record.type}  {summary_of(session, record)}  {record.actor}{reason}"
    ).translate(_VISIBLE)


_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}
"""Control characters in somebody's data must not reach a terminal as such."""


def _state(options: argparse.Namespace) -> None:
    if options.stream is None and (options.at is None or options.version is not None):
        options.parser.error("say --stream S, or --at POSITION_OR_TIME; --version needs --stream")
    if options.version is not None and options.at is not None:
        options.parser.error("say --version or --at, not both")
    # One stream's state comes from its own events; only a moment of the whole shop needs the read models.
    with _opened(options, catch_up=options.at is not None) as session:
        if options.stream is None:
            _say_shop(session, options)
        else:
            position = _position(session, options.at) if options.at is not None else None
            found = state_at(session, options.stream, options.version, position=position)
            document = {
                "position": found.position,
                "stream": found.stream,
                "version": found.version,
                "state": found.state,
            }
            _say_json(document) if options.json else _say(json.dumps(document, ensure_ascii=False, indent=2))


def _position(session: Session, text: str) -> int:
    """The position that a number or a time names."""
    with session.asking() as connection:
        head = queries.checkpoint(connection)
        if not text.isascii() or not text.isdigit():
            return queries.position_at(connection, microseconds(text))
    if int(text) > head:
        raise Missing(f"{session.path} has {head:,} events; there is no position {int(text):,}.")
    return int(text)


def _say_shop(session: Session, options: argparse.Namespace) -> None:
    position = _position(session, options.at)
    with session.asking() as connection:
        time = queries.time_at(connection, position)
        totals = totals_document(queries.totals(connection, position))
    if options.json:
        head = json.dumps({"position": position, "time": iso(time) if time is not None else None, "totals": totals})
        sys.stdout.write(head.removesuffix("}") + ', "carts": [')
        for number, document in enumerate(_carts(session, position)):
            sys.stdout.write(("," if number else "") + "\n" + json.dumps(document, ensure_ascii=False))
        _say("]}")
        return
    _say(f"Event {position:,}" + (f" at {iso(time)}" if time is not None else ": before the first"))
    _say(json.dumps(totals, ensure_ascii=False, indent=2))
    for cart in _cart_rows(session, position):
        money = f"{formatted(cart.total, cart.currency)} {cart.currency}".rstrip()
        _say(f"{cart.stream}  {cart.status}  {cart.customer}, {cart.location}  {cart.units:,} units  {money}".translate(
            _VISIBLE))  # fmt: skip


def _cart_rows(session: Session, position: int) -> Iterator[cart_queries.CartRow]:
    """All carts as of a position, the last changed first; each page a short reading."""
    before: int | None = None
    while True:
        with session.asking() as connection:
            page = cart_queries.carts(connection, position, before=before)
        yield from page
        if not page:
            return
        before = page[-1].since


def _carts(session: Session, position: int) -> Iterator[dict[str, Any]]:
    for cart in _cart_rows(session, position):
        with session.asking() as connection:
            yield cart_document(cart, cart_queries.cart_lines(connection, cart.stream, position))


def _rebuild(options: argparse.Namespace) -> None:
    with _opened(options, catch_up=False) as session:
        events = session.rebuild(_progress("Rebuilding"))
    _say(f"The read models were built anew from {events:,} events.")


def _report(options: argparse.Namespace) -> None:
    from explorer.application.audit import audit_report, resolve_scope  # noqa: PLC0415 - only this command needs them
    from explorer.application.reports import write_report  # noqa: PLC0415

    with _opened(options) as session:
        scope = resolve_scope(
            session,
            stream=options.stream,
            actor=options.actor,
            start=options.start,
            end=options.end,
            as_of=options.as_of,
        )
        report = audit_report(session, scope, _progress("Checking"))
        write_report(report, options.format, options.output, _progress("Writing"))
        _say(f"{options.output} was written: {report.verdict.in_words()}")
