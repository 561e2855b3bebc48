"""`diff`: what lies between two versions of a stream, or between two moments of the whole store."""

import argparse
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from explorer.application.documents import iso
from explorer.cli.changes import change_documents, change_lines, say_changes
from explorer.cli.speaking import VISIBLE, json_text, opened, say, say_json, store, whole
from explorer.errors import BadInput
from explorer.projections.product_changes import FIGURES

if TYPE_CHECKING:
    from explorer.application.comparing import ProductChange, Side, StreamChange, TotalChange

SHOWN = 20
"""Streams and products that are told without --limit or --all."""

T = TypeVar("T")


def diff_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument(
        "first", metavar="A", help="a position or a time; with --stream a version, 0 is before the first"
    )
    parser.add_argument("second", metavar="B", help="another; the earlier one may be either")
    parser.add_argument("--stream", metavar="S", help="only this stream; A and B are then versions of it")
    parser.add_argument("--limit", type=whole, metavar="N", help=f"streams and products shown (default {SHOWN})")
    parser.add_argument("--all", action="store_true", help="all of them, however many")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_diff)


def _diff(options: argparse.Namespace) -> None:
    if options.all and options.limit is not None:
        raise BadInput("--limit N and --all exclude each other: leave one out.")
    if options.stream is None:
        _diff_store(options)
    elif options.all or options.limit is not None:
        raise BadInput("--limit and --all are about the whole store: leave them out, or --stream.")
    else:
        _diff_stream(options)


# One stream


def _diff_stream(options: argparse.Namespace) -> None:
    from explorer.application.history import changes, state_at  # noqa: PLC0415

    with opened(options, catch_up=False) as session:
        first = state_at(session, options.stream, _version(options.first))
        second = state_at(session, options.stream, _version(options.second))
    found = changes(first.state, second.state)
    if options.json:
        sides = [{"version": side.version, "position": side.position} for side in (first, second)]
        say_json({"stream": options.stream, "from": sides[0], "to": sides[1], "changes": change_documents(found)})
        return
    say(f"{options.stream}: version {first.version:,} → {second.version:,}".translate(VISIBLE))
    say_changes(found, "Nothing differs.")


def _version(text: str) -> int:
    digits = text.replace(",", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise BadInput(f"{text!r} is no version; with --stream write two numbers, such as 3 4, or leave --stream out.")
    return int(digits)


# The whole store


def _diff_store(options: argparse.Namespace) -> None:
    from explorer.application.comparing import changed_totals, every_product, every_stream, side_at  # noqa: PLC0415
    from explorer.application.scope import position_of  # noqa: PLC0415

    with opened(options) as session:
        a, b = (position_of(session, text) for text in (options.first, options.second))
        limit = None if options.all else SHOWN if options.limit is None else options.limit
        told = _Told(
            side_at(session, a),
            side_at(session, b),
            changed_totals(session, a, b),
            _Some(every_stream(session, a, b), limit),
            _Some(every_product(session, a, b), limit),
        )
        (_say_json if options.json else _say)(told)


class _Some(Generic[T]):
    """The first few of what there is; `has_more` is known when they have been told."""

    def __init__(self, every: Iterator[T], limit: int | None) -> None:
        self._every, self._limit = every, limit
        self.has_more = False

    def __iter__(self) -> Iterator[T]:
        yield from islice(self._every, self._limit)
        self.has_more = next(self._every, None) is not None


class _Told(NamedTuple):
    """What differs between two sides; streams and products are read as they are told."""

    before: "Side"
    after: "Side"
    totals: "list[TotalChange]"
    streams: "_Some[StreamChange]"
    products: "_Some[ProductChange]"


def _say(told: _Told) -> None:
    say(f"{told.before.in_words()} → {told.after.in_words()}")
    _say_part("Totals", (_total_line(row) for row in told.totals))
    _say_part("Streams", (line for row in told.streams for line in _stream_lines(row)))
    if told.streams.has_more:
        say("  … and more: --limit N or --all tells them.")
    _say_part("Products", (line for row in told.products for line in _product_lines(row)))
    if told.products.has_more:
        say("  … and more: --limit N or --all tells them.")


def _say_part(title: str, lines: Iterable[str]) -> None:
    is_first = True
    for line in lines:
        if is_first:
            say(f"{title}:")
        is_first = False
        say(line.translate(VISIBLE))
    if is_first:
        say(f"{title}: nothing differs.")


def _total_line(row: "TotalChange") -> str:
    currency = f" {row.currency}" if row.currency else ""
    return f"  {row.name}{currency}: {row.before} → {row.after}"


def _stream_lines(row: "StreamChange") -> Iterator[str]:
    events = "1 event" if row.events == 1 else f"{row.events:,} events"
    same = "" if row.changes else ", the same again"
    yield f"  {row.stream}: version {row.before:,} → {row.after:,}, {events}{same}"
    yield from change_lines(row.changes, "    ")


def _product_lines(row: "ProductChange") -> Iterator[str]:
    yield f"  {row.sku}  {row.named.name}"
    yield from change_lines(row.figures, "    ")


def _say_json(told: _Told) -> None:
    """A page at a time: what is told may be more than memory holds."""
    head = {"from": _side(told.before), "to": _side(told.after), "totals": [row._asdict() for row in told.totals]}
    say(json_text(head).removesuffix("}"), end="")
    for name, documents in (
        ("streams", map(_stream_document, told.streams)),
        ("products", map(_product_document, told.products)),
    ):
        say(f', "{name}": [', end="")
        for number, document in enumerate(documents):
            say(("," if number else "") + "\n" + json_text(document), end="")
        say("]", end="")
    more = {"streams": told.streams.has_more, "products": told.products.has_more}
    say(f', "more": {json.dumps(more)}}}')


def _side(side: "Side") -> dict[str, Any]:
    time = iso(side.time) if side.time is not None else None
    return {"position": side.position, "time": time, "name": side.in_words()}


def _stream_document(row: "StreamChange") -> dict[str, Any]:
    return {
        "stream": row.stream,
        "category": row.category,
        "position": row.position,
        "from_version": row.before,
        "to_version": row.after,
        "events": row.events,
        "changes": change_documents(row.changes),
    }


def _product_document(row: "ProductChange") -> dict[str, Any]:
    sides = {"before": row.before, "after": row.after}
    return {"sku": row.sku, "position": row.position} | {
        name: {figure: getattr(side, figure) for figure in FIGURES} if side else None for name, side in sides.items()
    }
