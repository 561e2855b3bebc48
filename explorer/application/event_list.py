"""The event list: which events pass a filter, a page at a time, from any position and in both directions.

No page counts or skips: it starts at a position by an index (the stream's, the type's, the actor's or the log's own)
and reads on until it is full. Only words have no index; they are sought in stretches of the log, between which the
search can be called off.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from explorer.application.kinds import Kind, kind_of
from explorer.application.session import Session
from explorer.errors import Damaged
from explorer.projections import queries
from explorer.store.codec import Record

STRETCH = 5_000
"""Positions searched for words before asking whether the answer is still wanted."""
PAGE = 64
"""Events looked at a time while a page fills."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What an event must be to be listed; None and the empty text let everything pass."""

    stream: str | None = None
    type: str | None = None
    actor: str | None = None
    words: str = ""

    @property
    def is_empty(self) -> bool:
        return self == EventFilter()

    def passes(self, record: Record) -> bool:
        """Whether an event passes, words left aside."""
        return (
            (self.stream is None or record.stream == self.stream)
            and (self.type is None or record.type == self.type)
            and (self.actor is None or record.actor == self.actor)
        )


class EventRow(NamedTuple):
    """One line of the list. `time` is occurred_at in µs UTC."""

    position: int
    time: int
    type: str
    kind: Kind
    stream: str
    version: int
    summary: str
    actor: str
    reason: str


class EventPage(NamedTuple):
    """Rows in order of position. `first` and `last` bound all events that can pass: what a scroll bar spans.

    `previous` and `next`: the events that pass just before the first row and just behind the last; None if there is
    none.
    """

    rows: tuple[EventRow, ...]
    first: int
    last: int
    previous: int | None
    next: int | None

    @property
    def at_start(self) -> bool:
        return self.previous is None

    @property
    def at_end(self) -> bool:
        return self.next is None

    def holds(self, position: int) -> bool:
        """Whether the last event up to `position` that passes is one of the rows, or none does."""
        if not self.rows:
            return False
        is_begun = self.at_start or self.rows[0].position <= position
        return is_begun and (self.next is None or position < self.next)


def go_on() -> None:
    """For a search that nobody calls off."""


def event_page(
    session: Session,
    wanted: EventFilter,
    start: int,
    rows: int,
    head: int,
    check: Callable[[], None] = go_on,
    *,
    shift: int = 0,
) -> EventPage:
    """A page of `rows` events from position `start` on; filled from before it where the log ends too soon.

    With `shift` it begins so many of the events that pass further on, or, negative, before `start`. `check` is called
    between stretches of a search and may raise Cancelled.
    """
    if shift:
        start = _shifted(session, wanted, start, shift, head, check)
    behind = list(islice(matching(session, wanted, start - 1, head, check), rows + 1))
    found = behind[:rows]
    before = list(islice(matching_before(session, wanted, start, head, check), max(1, rows - len(found) + 1)))
    missing = rows - len(found)
    found = [*reversed(before[:missing]), *found]
    first, last = _bounds(session, wanted, head)
    following = behind[rows].position if len(behind) > rows else None
    previous = before[missing].position if len(before) > missing else None
    return EventPage(tuple(described(session, found)), first, last, previous, following)


def _shifted(
    session: Session, wanted: EventFilter, start: int, shift: int, head: int, check: Callable[[], None]
) -> int:
    if wanted.is_empty:
        return min(max(1, start + shift), max(1, head))  # positions have no gaps
    if shift > 0:
        return next_event(session, wanted, start - 1, shift + 1, head, check) or head
    return next_event(session, wanted, start, shift, head, check) or 1


def next_event(
    session: Session, wanted: EventFilter, position: int, step: int, head: int, check: Callable[[], None] = go_on
) -> int | None:
    """The position of the event `step` matches behind (or, negative, before) `position`; None if there is none."""
    if step > 0:
        found = islice(matching(session, wanted, position, head, check), step - 1, step)
    else:
        found = islice(matching_before(session, wanted, position, head, check), -step - 1, -step)
    record = next(found, None)
    return record.position if record else None


def described(session: Session, records: Sequence[Record]) -> Iterator[EventRow]:
    """Records as rows: with the domain's summary, to which the read side adds the product's name."""
    skus = {record.position: sku for record in records if (sku := _sku(session, record))}
    with session.asking() as connection:
        names = queries.product_names(connection, skus)
    for record in records:
        name = names.get(record.position)
        summary = summary_of(session, record)
        yield EventRow(
            record.position,
            record.occurred_at,
            record.type,
            kind_of(record.type),
            record.stream,
            record.version,
            f"{summary} · {name}" if name and name not in summary else summary,
            record.actor,
            record.reason,
        )


def summary_of(session: Session, record: Record) -> str:
    """One line about an event; for one that cannot be read, why."""
    try:
        return session.decider(record.stream).summary(session.store.codec.domain_event(record))
    except Damaged as error:
        return f"unreadable: {error}"


def _sku(session: Session, record: Record) -> str | None:
    try:
        sku = session.store.codec.data(record)[1].get("sku")
    except Damaged:
        return None
    return sku if isinstance(sku, str) else None


def matching(
    session: Session, wanted: EventFilter, after: int, head: int, check: Callable[[], None] = go_on
) -> Iterator[Record]:
    """The events behind `after` that pass, in order."""
    if wanted.words:
        words = wanted.words.split()
        while after < head:
            check()
            until = min(after + STRETCH, head)
            yield from filter(wanted.passes, session.store.search(words, after, until, STRETCH))
            after = until
        return
    while page := _candidates(session, wanted, after, head, backwards=False):
        check()
        yield from filter(wanted.passes, page)
        after = page[-1].position


def matching_before(
    session: Session, wanted: EventFilter, before: int, head: int, check: Callable[[], None] = go_on
) -> Iterator[Record]:
    """The events before `before` that pass, the last first."""
    before = min(before, head + 1)
    if wanted.words:
        words = wanted.words.split()
        while before > 1:
            check()
            after = max(0, before - 1 - STRETCH)
            yield from filter(wanted.passes, reversed(session.store.search(words, after, before - 1, STRETCH)))
            before = after + 1
        return
    while page := _candidates(session, wanted, before, head, backwards=True):
        check()
        yield from filter(wanted.passes, reversed(page))
        before = page[0].position


def _candidates(session: Session, wanted: EventFilter, bound: int, head: int, *, backwards: bool) -> list[Record]:
    """The next events that may pass, by the narrowest index, in order of position."""
    store = session.store
    if wanted.stream is not None:
        version = store.version_at(wanted.stream, bound - 1 if backwards else bound)
        first, last = (version - PAGE + 1, version) if backwards else (version + 1, version + PAGE)
        found = list(store.stream_records(wanted.stream, max(1, first), last)) if last > 0 else []
        return [record for record in found if record.position <= head]
    for kind, value in (("actor", wanted.actor), ("type", wanted.type)):
        if value is not None:
            with session.asking() as connection:
                positions = queries.positions_with(connection, kind, value, bound, PAGE, backwards=backwards)
            return store.records_at([position for position in positions if position <= head])
    if backwards:
        return store.records_before(bound, PAGE)
    return [record for record in store.records(bound, PAGE) if record.position <= head]


def _bounds(session: Session, wanted: EventFilter, head: int) -> tuple[int, int]:
    """Positions between which all that passes must lie; (1, head) where no index tells."""
    narrowed = replace(wanted, words="")
    if narrowed.is_empty:
        return (1, head) if head else (0, 0)
    first = _candidates(session, narrowed, 0, head, backwards=False)
    last = _candidates(session, narrowed, head + 1, head, backwards=True)
    return (first[0].position, last[-1].position) if first and last else (0, 0)
