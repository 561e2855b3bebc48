"""Finding the moment: the events at which a condition on a state becomes true, from either end of the log.

Of one stream, and of a condition that stays true once it is, the only moment is bisected from a few folded states.
Everything else is a pass over the events: forwards as they lie, backwards in stretches that grow, so that what is near
is found soon.
"""

from collections.abc import Collection, Generator, Iterator
from typing import NamedTuple, Protocol

from explorer.application.becoming import KEPT, Becoming, Condition, Wanted
from explorer.application.session import Session
from explorer.errors import Missing
from explorer.projections.runner import Progress, no_progress
from explorer.projections.states import evolved, folded
from explorer.store.codec import Record
from explorer.store.event_store import PAGE

FIRST_STRETCH, LONGEST_STRETCH = 500, 16_000
"""Events of a search backwards that are read at once: at first, and at most."""
FOREVER = 2**62


class Findable(Condition, Protocol):
    """A condition that knows whether it stays true. `fields` are paths whose numbers never fall."""

    def is_rising_in(self, fields: Collection[str]) -> bool: ...


class Rising(frozenset[str]):
    """The paths whose numbers never fall; `events.*` is every field of `events`."""

    def __contains__(self, path: object) -> bool:
        whole = isinstance(path, str) and f"{path.rpartition('.')[0]}.*"
        return super().__contains__(path) or super().__contains__(whole)


class Where(NamedTuple):
    """Which events are looked at: those behind `after` and up to `until`, of one stream or category, or of all."""

    stream: str | None = None
    category: str = ""
    after: int = 0
    until: int | None = None


def first(session: Session, condition: Findable, where: Where, progress: Progress = no_progress) -> Record | None:
    """The first event there at which the condition becomes true."""
    return next(moments(session, condition, where, progress=progress), None)


def last(session: Session, condition: Findable, where: Where, progress: Progress = no_progress) -> Record | None:
    """The last event there at which the condition becomes true."""
    return next(moments(session, condition, where, backwards=True, progress=progress), None)


def moments(
    session: Session,
    condition: Findable,
    where: Where,
    *,
    backwards: bool = False,
    progress: Progress = no_progress,
    kept: int = KEPT,
) -> Generator[Record]:
    """The events at which the condition becomes true, in the order in which they are sought.

    `progress` may raise Cancelled. Raises Missing for a stream that does not exist.
    """
    session.protection.refresh()
    size = session.store.head().size
    # Backwards it begins there, however far behind the end that is.
    until = size if where.until is None else min(where.until, size)
    search = _Search(session, condition, where._replace(until=until), progress, kept)
    if where.stream is not None:
        if session.store.version_of(where.stream) == 0:
            raise Missing(f"There is no stream {where.stream!r} in {session.path}.")
        if condition.is_rising_in(Rising(session.decider(where.stream).rising)):
            return search.bisected(where.stream)
    return search.backwards() if backwards else search.forwards()


class _Search:
    def __init__(self, session: Session, condition: Condition, where: Where, progress: Progress, kept: int) -> None:
        self._session, self._condition, self._where, self._progress = session, condition, where, progress
        self._becoming = Becoming(session, [Wanted(condition, where.category)], kept)
        self._first, self._last = self._ends()

    def _ends(self) -> tuple[int, int]:
        """Behind which event it begins and at which it ends: positions, of one stream versions."""
        where, store = self._where, self._session.store
        after, until = where.after, where.until or 0
        if where.stream is None:
            return after, until
        return store.version_at(where.stream, after), store.version_at(where.stream, until)

    def forwards(self) -> Generator[Record]:
        at = self._first
        while at < self._last:
            page = self._page(at, min(PAGE, self._last - at))
            if not page:
                return
            at = self._place(page[-1])
            found = self._becoming.among(page)
            self._progress(at - self._first, self._last - self._first)
            yield from (record for record, _ in found)

    def backwards(self) -> Generator[Record]:
        end, stretch = self._last, FIRST_STRETCH
        while end > self._first:
            begin = max(self._first, end - stretch)
            yield from reversed(list(self._within(begin, end)))
            end, stretch = begin, min(2 * stretch, LONGEST_STRETCH)

    def _within(self, begin: int, end: int) -> Iterator[Record]:
        at = begin
        while at < end:
            page = self._page(at, min(PAGE, end - at))
            if not page:
                return
            at = self._place(page[-1])
            yield from (record for record, _ in self._becoming.among(page))
            self._progress(self._last - end + at - begin, self._last - self._first)

    def _page(self, at: int, events: int) -> list[Record]:
        stream, store = self._where.stream, self._session.store
        if stream is None:
            return [record for record in store.records(at, events) if record.position <= self._last]
        return list(store.stream_records(stream, at + 1, at + events))

    def _place(self, record: Record) -> int:
        return record.position if self._where.stream is None else record.version

    def bisected(self, stream: str) -> Generator[Record]:
        """The one event at which a condition becomes true that stays so; none where that is not in between."""
        low, high = 0, self._last
        while low < high:
            middle = (low + high) // 2
            if self._holds(stream, middle):
                high = middle
            else:
                low = middle + 1
        if self._first < low <= self._last and self._holds(stream, low):
            yield from self._session.store.stream_records(stream, low, low)

    def _holds(self, stream: str, version: int) -> bool:
        store, decider = self._session.store, self._session.decider(stream)
        record = next(store.stream_records(stream, version, version), None) if version > 0 else None
        if record is None:
            return False
        with self._session.asking() as connection:
            before = folded(store, connection.connection.cursor(), decider, stream, version - 1)
        after = evolved(store, decider, before, record)
        return self._condition.holds(decider.document(after), decider.document(before), record, store.codec)
