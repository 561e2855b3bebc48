"""The commands that make, read and replay history."""

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from explorer.application.documents import cart_document, iso, microseconds, record_document, totals_document
from explorer.application.event_list import matching, summary_of
from explorer.application.filtering import EventFilter, words
from explorer.application.history import state_at
from explorer.application.session import Session
from explorer.cli.speaking import VISIBLE, json_text, opened, progress, say, say_json, store, whole
from explorer.domain.money import formatted
from explorer.errors import Missing
from explorer.projections import cart_queries, queries
from explorer.store.codec import Record


def demo_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("--events", type=whole, required=True, metavar="N", help="at least so many (more) events")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same history")
    parser.add_argument(
        "--protect-personal-data", action="store_true", help="store names, places and notes encrypted from now on"
    )
    parser.add_argument("--wrong-price", action="store_true", help="a wrong price slips in, to be found and repaired")
    parser.set_defaults(act=_demo)


def import_options(parser: argparse.ArgumentParser) -> None:
    from explorer.application.importers import FORMATS  # noqa: PLC0415 - only this command needs them

    store(parser)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--format", choices=sorted(FORMATS), required=True)
    parser.set_defaults(act=_import)


def events_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument(
        "--filter",
        default="",
        metavar="TEXT",
        help="for which this holds: 'type == ItemAdded and data.quantity > 2'",
    )
    parser.add_argument("--stream", metavar="S", help="of this stream only")
    parser.add_argument("--type", metavar="T", help="of this type only")
    parser.add_argument("--actor", metavar="A", help="of this actor only")
    parser.add_argument("--text", default="", metavar="WORDS", help="in which all of these words occur")
    parser.add_argument("--after", type=whole, default=0, metavar="POSITION", help="behind this position")
    parser.add_argument("--limit", type=whole, metavar="N", help="at most so many")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(act=_events)


def state_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("--stream", metavar="S", help="the state of one stream")
    parser.add_argument("--version", type=whole, metavar="V", help="at this version of the stream")
    parser.add_argument("--at", metavar="POSITION_OR_TIME", help="all as of then (UTC unless an offset is given)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_state, parser=parser)


def rebuild_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.set_defaults(act=_rebuild)


def _demo(options: argparse.Namespace) -> None:
    from explorer.application.demo import fill  # noqa: PLC0415 - only this command needs it

    added = fill(
        options.store,
        options.events,
        options.seed,
        cache=options.cache,
        protected=options.protect_personal_data,
        wrong_price=options.wrong_price,
        progress=progress("Shopping"),
    )
    options.done = f"{added:,} events added to {options.store}."
    say(options.done)


def _import(options: argparse.Namespace) -> None:
    from explorer.application.importers import FORMATS  # noqa: PLC0415

    with opened(options, create=True, catch_up=False) as session:
        for path in options.files:
            rejects = options.store.with_name(f"{options.store.name}.rejected-{path.name}.csv")
            result = FORMATS[options.format](session, path, rejects=rejects, progress=progress(path.name))
            lines = result.lines()
            options.done = " ".join([getattr(options, "done", ""), *lines])
            for line in lines:
                say(line)


def _events(options: argparse.Namespace) -> None:
    named = EventFilter(options.stream, options.type, options.actor, words(options.text))
    wanted = named.and_also(options.filter) if options.filter.strip() else named
    # Types, actors and times are looked up in the cache; everything else comes from the store as it is.
    with opened(options, catch_up=bool(wanted.type or wanted.actor or options.filter)) as session:
        found = matching(session, wanted, options.after, session.store.head().size)
        for record in islice(found, options.limit):
            if options.json:
                say_json(record_document(record, session.store.codec))
            else:
                say(_event_line(session, record))


def _event_line(session: Session, record: Record) -> str:
    reason = f" ({record.reason})" if record.reason else ""
    return (
        f"{record.position:>9,}  {iso(record.occurred_at)[:19]}Z  {record.stream} v{record.version}  "
        f"{record.type}  {summary_of(session, record)}  {record.actor}{reason}"
    ).translate(VISIBLE)


def _state(options: argparse.Namespace) -> None:
    if options.stream is None and (options.at is None or options.version is not None):
        options.parser.error("say --stream S, or --at POSITION_OR_TIME; --version needs --stream")
    if options.version is not None and options.at is not None:
        options.parser.error("say --version or --at, not both")
    # One stream's state comes from its own events; only a moment of the whole shop needs the read models.
    with opened(options, catch_up=options.at is not None) as session:
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
            say_json(document) if options.json else say(json_text(document, indent=2))


def _position(session: Session, text: str) -> int:
    """The position that a number or a time names."""
    with session.asking() as connection:
        head = queries.checkpoint(connection)
        if not text.isascii() or not text.isdigit():
            return queries.position_at(connection, microseconds(text))
    # No log is longer than that, and Python refuses to read endless digits.
    if len(text) > 19 or int(text) > head:
        raise Missing(f"{session.path} has {head:,} events; there is no position {text[:20]}.")
    return int(text)


def _say_shop(session: Session, options: argparse.Namespace) -> None:
    position = _position(session, options.at)
    with session.asking() as connection:
        time = queries.time_at(connection, position)
        totals = totals_document(queries.totals(connection, position))
    if options.json:
        head = json.dumps({"position": position, "time": iso(time) if time is not None else None, "totals": totals})
        say(head.removesuffix("}") + ', "carts": [', end="")
        for number, document in enumerate(_carts(session, position)):
            say(("," if number else "") + "\n" + json_text(document), end="")
        say("]}")
        return
    say(f"Event {position:,}" + (f" at {iso(time)}" if time is not None else ": before the first"))
    say(json_text(totals, indent=2))
    for cart in _cart_rows(session, position):
        money = f"{formatted(cart.total, cart.currency)} {cart.currency}".rstrip()
        say(f"{cart.stream}  {cart.status}  {cart.customer}, {cart.location}  {cart.units:,} units  {money}".translate(
            VISIBLE))  # fmt: skip


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
    with opened(options, catch_up=False) as session:
        events = session.rebuild(progress("Rebuilding"))
    say(f"The read models were built anew from {events:,} events.")
