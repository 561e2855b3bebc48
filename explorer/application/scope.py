"""What an audit report is about: which events, and as of which moment.

A bound is a position or a time. A time is resolved by the *time of a position*, which never runs backwards: a range
begins with the first event whose time is at or after it and ends with the last whose time is at or before it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from explorer.application.documents import iso, microseconds
from explorer.application.filtering import EventFilter, condition_of
from explorer.application.session import Session
from explorer.errors import BadInput, Busy, Cancelled, Missing
from explorer.projections import queries
from explorer.projections.runner import Progress, no_progress
from explorer.store.codec import Codec, Record

DAY = 86_400_000_000
"""Microseconds."""
_DATE = len("2010-12-07")


class Bound(NamedTuple):
    """A position, and the time (µs UTC) it was asked for by; None if it was asked for as a position."""

    position: int
    time: int | None = None

    def in_words(self) -> str:
        if self.time is None:
            return f"event {self.position:,}"
        return f"{iso(self.time).replace('.000000', '')} (event {self.position:,})"


class Range(NamedTuple):
    """The positions a report covers, both included, and the moment it is made as of. Empty if last is first - 1."""

    first: int
    last: int
    as_of: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What was asked for; None leaves a side open: everything, everybody, from the first event, up to now."""

    stream: str | None = None
    actor: str | None = None
    first: Bound | None = None
    last: Bound | None = None
    as_of: Bound | None = None
    filter: str = ""
    """What must hold of an event, as text of the language."""

    def has(self, record: Record, codec: Codec) -> bool:
        """Whether an event is asked for, its position left aside."""
        return (
            self.stream in (None, record.stream)
            and self.actor in (None, record.actor)
            and (not self.filter or condition_of(self.filter).passes(record, codec))
        )

    def within(self, head: int) -> Range:
        """The positions in a log of `head` events.

        Nothing after `as_of` is in it. Raises BadInput for a range that ends before it begins.
        """
        as_of = min(self.as_of.position, head) if self.as_of else head
        first = self.first.position if self.first else 1
        last = min(self.last.position, as_of) if self.last else as_of
        if self.last and self.last.position < first - 1:
            raise BadInput(f"The range ends at {self.last.in_words()}, before it begins at event {first:,}.")
        if last < first - 1 and self.first and self.first.time is None:
            raise BadInput(f"The range begins at event {first:,}, after event {as_of:,}, as of which it is looked at.")
        return Range(min(first, last + 1), last, as_of)

    def in_words(self) -> str:
        """One sentence for the head of a report."""
        what = "Every event" if self.stream is None else f"Every event of the stream {self.stream}"
        by = f" that {self.actor} caused" if self.actor is not None else ""
        span = f", from {self.first.in_words()}" if self.first else ""
        span += f", up to {self.last.in_words()}" if self.last else ""
        holds = f", for which {self.filter} holds" if self.filter else ""
        return f"{what}{by}{holds}{span}, as of {self.as_of.in_words() if self.as_of else 'the end of the log'}."


def resolve_scope(
    session: Session,
    *,
    stream: str | None = None,
    actor: str | None = None,
    start: str | None = None,
    end: str | None = None,
    as_of: str | None = None,
    wanted: str | None = None,
) -> Scope:
    """What a user typed, as a Scope; None and blank text leave a side open.

    `start`, `end` and `as_of` are positions (`1,204` or `1204`) or ISO 8601 times, UTC without an offset; an `end` that
    is a day alone is the end of that day. `wanted` is a filter. Raises BadInput for what is none of these, or a range
    that ends before it begins; Missing for a position, stream or actor that the store does not have.
    """
    text = EventFilter.parse(wanted or "").text
    caught_up(session)
    scope = Scope(
        stream,
        actor,
        _bound(session, start, first=True),
        _bound(session, end, whole_day=True),
        _bound(session, as_of, least=0),
        text,
    )
    within = scope.within(session.store.head().size)
    if stream is not None:
        _check_stream(session, stream, within.as_of)
    if actor is not None:
        with session.asking() as connection:
            known = queries.positions_with(connection, [("actor", actor)], 0, 1)
        if not known or known[0] > within.as_of:
            raise Missing(f"Nobody called {actor!r} has caused an event in {session.path.name} by then.")
    return scope


def position_of(session: Session, text: str) -> int:
    """The position that a number (0 is before the first event) or a time names; raises as `resolve_scope`."""
    bound = _bound(session, text, least=0)
    if bound is None:
        raise BadInput("Name a moment: a position, or a time like 2010-12-07T14:03.")
    return bound.position


class _Enough(Cancelled):
    """The cache has got as far as it was to get."""


def caught_up(session: Session, progress: Progress = no_progress) -> None:
    """Waits until the cache answers up to the head there is now, by our own work or another process's.

    No further: who follows a busy writer to his end may follow him for ever.
    """
    head = session.store.head().size

    def tell(done: int, total: int) -> None:
        progress(done, total)
        if done >= head:
            raise _Enough

    while True:
        try:
            session.catch_up(tell)
        except _Enough:
            return
        except Busy:
            # Each try waits for the lock by itself; meanwhile the one who has it may have done the work.
            progress(0, head)
            with session.asking() as connection:
                if queries.checkpoint(connection) < head:
                    continue
        return


def _bound(
    session: Session, text: str | None, *, first: bool = False, whole_day: bool = False, least: int = 1
) -> Bound | None:
    text = (text or "").strip()
    if not text:
        return None
    digits = text.replace(",", "")
    if digits.isascii() and digits.isdigit():
        return Bound(_position(session, digits, least))
    time = microseconds(text)
    if whole_day and len(text) == _DATE:
        time += DAY - 1
    with session.asking() as connection:
        return Bound(
            queries.position_at(connection, time - 1) + 1 if first else queries.position_at(connection, time), time
        )


def _position(session: Session, digits: str, least: int) -> int:
    head = session.store.head().size
    # No log is longer than that, and Python refuses to read endless digits.
    position = int(digits) if len(digits) < 20 else head + 1
    if position > head:
        raise Missing(f"{session.path.name} has {head:,} events; there is no event {digits[:20]}.")
    if position < least:
        raise BadInput(f"Events count from 1; there is no event {position}.")
    return position


def _check_stream(session: Session, stream: str, as_of: int) -> None:
    with session.asking() as connection:
        if queries.stream_exists(connection, stream, as_of):
            return
    there = session.store.version_of(stream) > 0
    raise Missing(
        f"The stream {stream!r} begins after event {as_of:,}."
        if there
        else f"There is no stream {stream!r} in {session.path.name}."
    )
