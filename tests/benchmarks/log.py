"""A log of any length from a block: repeated with other names, ids and times, with the giants among it."""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice

from explorer.application.outside import uuid7
from explorer.domain.event import Metadata, NewEvent, category_of
from explorer.store.event_store import Append
from tests.benchmarks.giants import GIANTS, edits, giants_of
from tests.benchmarks.shape import DAY, Happened, Piece

YEAR = 364 * DAY
"""Whole weeks, so that the closed days stay closed."""
REAL_YEAR = 378 * DAY
"""The real files begin in December 2010 and end in the next one."""

_GIANTS = {giant.stream for giant in GIANTS}

Block = Callable[[], Iterator[Piece]]
"""The pieces of one year; called once for each repetition."""


def log(block: Block, events: int, seed: int, year: int = YEAR) -> Iterator[Append]:
    """Exactly so many events, in order. A cart is cut off where the log ends."""
    giants = [(giant, edits(giant, seed), [0, 0]) for giant in giants_of(events)]
    plain = events - sum(giant.events for giant, _, _ in giants)
    ids, done = _Ids(seed), 0
    for piece in islice_events(_repeated(block, year), plain):
        done += len(piece.events)
        yield ids.append(piece)
        time = piece.events[-1].time
        for giant, steps, told in giants:
            due = giant.events * done // plain - told[0]
            if due:
                told[0] += due
                yield ids.append(Piece(giant.stream, [each._replace(time=time) for each in islice(steps, due)]))


def islice_events(pieces: Iterator[Piece], events: int) -> Iterator[Piece]:
    """Pieces of so many events in all."""
    for piece in pieces:
        if len(piece.events) >= events:
            yield Piece(piece.stream, piece.events[:events])
            return
        events -= len(piece.events)
        yield piece


def _repeated(block: Block, year: int) -> Iterator[Piece]:
    """One block after another. A product is listed once; what changes it again says truly what it was before."""
    known: dict[str, dict[str, object]] = {}
    for repetition in count():
        for stream, events in block():
            if category_of(stream) == "product":
                events = list(_of_product(known.setdefault(stream, {}), events))  # noqa: PLW2901 - fewer of them
            elif repetition:
                stream = f"{stream}y{repetition}"  # noqa: PLW2901 - the year after
            if events:
                yield Piece(stream, _later(events, repetition * year))


def _later(events: Sequence[Happened], by: int) -> Sequence[Happened]:
    return [event._replace(time=event.time + by) for event in events] if by else events


def _of_product(known: dict[str, object], events: Sequence[Happened]) -> Iterator[Happened]:
    for event in events:
        if event.type == "ProductListed" and known:
            continue
        field = {"ProductRenamed": "name", "ProductRepriced": "unit_price"}.get(event.type)
        if field is not None:
            before, after = known.get(field), event.data[field]
            if before == after:
                continue
            event = event._replace(data={**event.data, f"previous_{field}": before})  # type: ignore[dict-item]  # noqa: PLW2901
        known.update({name: event.data[name] for name in ("name", "unit_price") if name in event.data})
        yield event


class _Ids:
    """Numbers and ids for events, from the seed alone; each stream is told its version while it can still go on."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"ids {seed}")
        self._versions: dict[str, int] = {}

    def append(self, piece: Piece) -> Append:
        stream, events = piece
        # Invoices come whole, so only those that come back are remembered: memory does not grow with the log.
        version = self._versions.get(stream, 0)
        if category_of(stream) == "product" or stream in _GIANTS:
            self._versions[stream] = version + len(events)
        base, correlation = self._random.getrandbits(64) << 16, self._random.randbytes(10)
        milliseconds = events[0].time // 1_000
        correlation_id = uuid7(milliseconds, correlation)
        return Append(
            stream,
            version,
            [
                NewEvent(
                    event.type,
                    event.data,
                    Metadata(event.actor, event.reason, correlation_id, None, "benchmark"),
                    event.schema_version,
                    event.time,
                    uuid7(event.time // 1_000, ((base + version + number) % 2**80).to_bytes(10, "big")),
                )
                for number, event in enumerate(events, 1)
            ],
        )
