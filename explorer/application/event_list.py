"""The event list: which events pass a filter, a page at a time, from any position and in both directions.

No page counts or skips: it starts at a position by an index (the stream's, the type's, the actor's or the log's own)
and reads on until it is full. What has no index is sought; see `explorer.application.word_search`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from explorer.application.filtering import EventFilter, sieve_of
from explorer.application.kinds import Kind, kind_of
from explorer.application.session import Session
from explorer.application.word_search import Search, Sought, Wanted
from explorer.errors import Damaged
from explorer.projections import queries
from explorer.store.codec import Record

STRETCH = 5_000
"""Versions of a stream searched before asking whether the answer is still wanted."""
PAGE = 64
"""Events looked at a time where nobody says how many he wants."""


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
    none. `sought`: how far a search has come that has no index; while it goes on, all of this is what is found so far.
    """

    rows: tuple[EventRow, ...]
    first: int
    last: int
    previous: int | None
    next: int | None
    sought: Sought | None = None

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


def sought_by(wanted: EventFilter) -> Wanted | None:
    """What must be sought through the whole log; None where an index leads to all that passes."""
    return Wanted(wanted.where, wanted.type, wanted.actor) if wanted.where and wanted.stream is None else None


def go_on() -> None:
    """For a search that nobody calls off."""


def no_further(stretches: int) -> bool:
    """For a search that is to look no further than where it is asked."""
    del stretches
    return False


def one_more(stretches: int) -> bool:
    """For a search that is asked again for more."""
    return stretches < 1


def event_page(
    session: Session,
    wanted: EventFilter,
    start: int,
    rows: int,
    head: int,
    check: Callable[[], None] = go_on,
    *,
    shift: int = 0,
    search: Search | None = None,
) -> EventPage:
    """A page of `rows` events from position `start` on; filled from before it where the log ends too soon.

    With `shift` it begins so many of the events that pass further on, or, negative, before `start`. `check` is called
    while candidates are looked through and may raise Cancelled. Where a filter must be `sought`, the page is of what
    `search` has found; without one, the whole log is sought first.
    """
    if search is None and (unindexed := sought_by(wanted)) is not None:
        search = Search(unindexed)
        while not search.go_on(session, start, head, one_more).is_done:
            check()
    events = _Passing(session, wanted, head, check, search)
    if shift:
        start = _shifted(events, start, shift)
    behind = events.behind(start - 1, rows + 1)
    found = behind[:rows]
    before = events.before(start, max(1, rows - len(found) + 1))
    missing = rows - len(found)
    found = [*reversed(before[:missing]), *found]
    first, last = events.bounds()
    following = behind[rows].position if len(behind) > rows else None
    previous = before[missing].position if len(before) > missing else None
    sought = search.sought(head) if search else None
    return EventPage(tuple(described(session, found)), first, last, previous, following, sought)


def _shifted(events: "_Passing", start: int, shift: int) -> int:
    """Where a page begins that is to begin `shift` events further on; where there are not so many, at the last."""
    if events.wanted.is_empty:
        return min(max(1, start + shift), max(1, events.head))  # positions have no gaps
    around = events.behind(start - 1, shift + 1) if shift > 0 else events.before(start, -shift)
    return around[-1].position if around else start


def matching(
    session: Session, wanted: EventFilter, after: int, head: int, check: Callable[[], None] = go_on
) -> Iterator[Record]:
    """The events behind `after` that pass, in order; what has no index is sought as it goes."""
    unindexed = sought_by(wanted)
    search = Search(unindexed) if unindexed else None
    if search is None:
        yield from _Passing(session, wanted, head, check, None).all_behind(after, PAGE)
        return
    while after < head:
        check()
        search.go_on(session, after + 1, head, no_further)
        until = min(head, (after // search.stretch + 1) * search.stretch)
        positions = [position for position in search.behind(after) if position <= until]
        yield from session.store.records_at(positions)
        after = until


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


class _Passing:
    """The events up to `head` that pass a filter, from any position in both directions."""

    def __init__(
        self, session: Session, wanted: EventFilter, head: int, check: Callable[[], None], search: Search | None
    ) -> None:
        self._session, self.wanted, self.head, self._check, self._search = session, wanted, head, check, search

    def behind(self, position: int, limit: int) -> list[Record]:
        """The next so many behind a position, in order."""
        return list(islice(self.all_behind(position, limit), limit))

    def before(self, position: int, limit: int) -> list[Record]:
        """The last so many before a position, the last first."""
        return list(islice(self.all_before(position, limit), limit))

    def all_behind(self, position: int, size: int) -> Iterator[Record]:
        """Those behind a position, in order, looked at so many at a time."""
        if self._search is not None:
            yield from self._found(self._search.behind(position), size)
            return
        while (candidates := self._candidates(position, size, backwards=False)) is not None:
            self._check()
            yield from filter(self._passes, candidates.records)
            position = candidates.end

    def all_before(self, position: int, size: int) -> Iterator[Record]:
        """Those before a position, the last first, looked at so many at a time."""
        position = min(position, self.head + 1)
        if self._search is not None:
            yield from self._found(self._search.before(position), size)
            return
        while (candidates := self._candidates(position, size, backwards=True)) is not None:
            self._check()
            yield from filter(self._passes, reversed(candidates.records))
            position = candidates.end

    def bounds(self) -> tuple[int, int]:
        """Positions between which all that passes must lie; (1, head) where no index tells."""
        if self._search is not None:
            return self._search.bounds()
        stream = self.wanted.stream
        narrowed = replace(self.wanted, where="") if stream is None else EventFilter(stream=stream)
        if narrowed.is_empty:
            return (1, self.head) if self.head else (0, 0)
        narrow = _Passing(self._session, narrowed, self.head, self._check, None)
        first = narrow._candidates(0, 1, backwards=False)
        last = narrow._candidates(self.head + 1, 1, backwards=True)
        if first is None or last is None or not first.records or not last.records:
            return (0, 0)
        return first.records[0].position, last.records[-1].position

    def _passes(self, record: Record) -> bool:
        return record.position <= self.head and self.wanted.passes(record)

    def _found(self, positions: Iterator[int], size: int) -> Iterator[Record]:
        while page := list(islice(positions, size)):
            # In the order of the positions, which may be falling.
            records = self._session.store.records_at(page)
            yield from records if page[0] < page[-1] else reversed(records)

    def _candidates(self, bound: int, size: int, *, backwards: bool) -> "_Candidates | None":
        """The next events that may pass, by the narrowest index; None where there are no more."""
        if self.wanted.stream is not None:
            return self._of_stream(self.wanted.stream, bound, size, backwards=backwards)
        facets = [
            (kind, value)
            for kind, value in (("actor", self.wanted.actor), ("type", self.wanted.type))
            if value is not None
        ]
        store = self._session.store
        if facets:
            with self._session.asking() as connection:
                positions = queries.positions_with(connection, facets, bound, size, backwards=backwards)
            records = store.records_at([position for position in positions if position <= self.head])
        elif backwards:
            records = store.records_before(bound, size)
        else:
            records = store.records(bound, min(size, max(0, self.head - bound)))
        return _Candidates(records, records[0 if backwards else -1].position) if records else None

    def _of_stream(self, stream: str, bound: int, size: int, *, backwards: bool) -> "_Candidates | None":
        store, wanted = self._session.store, self.wanted
        version = store.version_at(stream, min(bound - 1 if backwards else bound, self.head))
        is_narrowed = bool(wanted.where or wanted.type or wanted.actor)
        size = STRETCH if is_narrowed else size
        first, last = (max(1, version - size + 1), version) if backwards else (version + 1, version + size)
        if last < first or (not backwards and version >= store.version_at(stream, self.head)):
            return None
        if not is_narrowed:
            records = list(store.stream_records(stream, first, last))
        else:
            sieve = sieve_of(wanted.where, store.codec)
            records = store.search_stream(stream, sieve, first, last, type_=wanted.type, actor=wanted.actor)
            if not sieve.is_exact:
                records = [record for record in records if wanted.condition.passes(record, store.codec)]
        ends = store.steps(stream, [first if backwards else min(last, store.version_of(stream))])
        return _Candidates(records, ends[0][1]) if ends else None


class _Candidates(NamedTuple):
    """Events in order of position, and the position from which to go on."""

    records: list[Record]
    end: int
