"""The events of a report: who did what, when and why, and what each changed, one after the other."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from explorer.application.bookmarks import Marks
from explorer.application.history import FieldChange, changes
from explorer.application.log_reading import log_pages, stream_pages
from explorer.application.scope import Range, Scope
from explorer.application.session import Session
from explorer.domain.decider import AnyDecider
from explorer.domain.event import Json
from explorer.errors import Damaged
from explorer.projections.causes import effects_of
from explorer.projections.states import SNAPSHOT_EVERY, evolved, folded
from explorer.store.codec import Record
from explorer.store.event_store import EventStore

EFFECTS = 10
"""Events, of those that name one as their cause, that are told."""
KEPT = 50_000
"""Fields and lines of documents kept in memory between a stream's events."""


class Link(NamedTuple):
    """Another event of the log, as far as it is told beside one."""

    position: int
    stream: str
    type: str
    actor: str


class Entry(NamedTuple):
    """One event. Times are µs UTC, ids text; `hash` is its leaf in the Merkle tree, in hexadecimal.

    `data` is None for an event that cannot be read; `summary` then says why, and it changed nothing. `currency` is
    what the money in `changes` is in; empty if the stream knows of none.
    """

    position: int
    stream: str
    version: int
    id: str
    type: str
    schema_version: int
    summary: str
    actor: str
    reason: str
    occurred_at: int
    recorded_at: int
    correlation_id: str | None
    causation_id: str | None
    origin: str
    hash: str
    changes: tuple[FieldChange, ...]
    data: dict[str, Json] | None
    currency: str
    bookmark: str = ""
    """The title of the event's, as it was at the moment that the report is made as of."""
    cause: Link | None = None
    """The event of this log that its causation id names."""
    effects: tuple[Link, ...] = ()
    """The first events that name it as their cause, up to the moment that the report is made as of."""

    @property
    def repairs(self) -> Link | None:
        """The event of its own stream that it repairs: whose effect it takes back, or whose state it restores."""
        return self.cause if self.cause is not None and self.cause.stream == self.stream else None

    @property
    def repaired_by(self) -> tuple[Link, ...]:
        """The events of its own stream that repair it."""
        return tuple(effect for effect in self.effects if effect.stream == self.stream)


class Entries:
    """The entries of a scope. Each iteration reads the log anew, a page a short transaction, and keeps little."""

    def __init__(self, session: Session, scope: Scope, within: Range) -> None:
        self._session, self._scope, self._within = session, scope, within

    def __iter__(self) -> Iterator[Entry]:
        documents = _Documents(self._session)
        for page in pages_of(self._session.store, self._scope, self._within):
            titles, causes, effects = self._titles(page), self._causes(page), self._effects(page)
            for record in page:
                entry, position = documents.entry(record), record.position
                if position in titles or position in causes or position in effects:
                    entry = entry._replace(
                        bookmark=titles.get(position, ""), cause=causes.get(position), effects=effects.get(position, ())
                    )
                yield entry

    def _titles(self, page: list[Record]) -> dict[int, str]:
        if not page:
            return {}
        marks = Marks(self._session, page[0].position, page[-1].position, self._within.as_of)
        return {mark.position: mark.title for mark in marks}

    def _causes(self, page: list[Record]) -> dict[int, Link]:
        """By position the event of this log that each names as its cause."""
        caused = {record.position: record.causation_id for record in page if record.causation_id is not None}
        if not caused:
            return {}
        found = {record.id: _link(record) for record in self._session.store.records_of({*caused.values()})}
        return {position: found[id_] for position, id_ in caused.items() if id_ in found}

    def _effects(self, page: list[Record]) -> dict[int, tuple[Link, ...]]:
        """By position the first events that name each as their cause."""
        if not page:
            return {}
        with self._session.asking() as connection:
            found = effects_of(connection, [record.id for record in page], EFFECTS)
        wanted = {position for positions in found.values() for position in positions}
        links = {record.position: _link(record) for record in self._session.store.records_at(wanted)}
        until = self._within.as_of
        return {
            record.position: tuple(links[one] for one in found[record.id] if one in links and one <= until)
            for record in page
            if record.id in found
        }


def _link(record: Record) -> Link:
    return Link(record.position, record.stream, record.type, record.actor)


def pages_of(store: EventStore, scope: Scope, within: Range) -> Iterator[list[Record]]:
    """The events of a scope, in order, chosen from the log itself: no index of the read side decides what is shown."""
    after, until = within.first - 1, within.last
    pages = log_pages(store, after, until) if scope.stream is None else stream_pages(store, scope.stream, after, until)
    for page in pages:
        is_all = scope.actor is None and not scope.filter
        yield page if is_all else [record for record in page if scope.has(record, store.codec)]


class _Known(NamedTuple):
    version: int
    state: Any
    document: dict[str, Json]
    weight: int


class _Documents:
    """The last state of each stream and its document; the least recently used are let go and folded again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._weight = 0

    def entry(self, record: Record) -> Entry:
        decider = self._session.decider(record.stream)
        before = self._before(record, decider)
        after, schema_version, data = before, record.schema_version, None
        try:
            event = self._session.store.codec.domain_event(record)
            schema_version, data = self._session.store.codec.data(record)
            summary = decider.summary(event)
            state = decider.evolve(before.state, event)
            document = decider.document(state)
            after = _Known(record.version, state, document, _weight(document))
        except Damaged as error:
            summary = f"unreadable: {error}"
        self._keep(record, after)
        return Entry(
            record.position, record.stream, record.version, _id(record.id) or "", record.type, schema_version,
            summary, record.actor, record.reason, record.occurred_at, record.recorded_at, _id(record.correlation_id),
            _id(record.causation_id), record.origin, record.leaf.hex(), tuple(changes(before.document, after.document)),
            data, _currency(after.document) or _currency(before.document),
        )  # fmt: skip

    def _before(self, record: Record, decider: AnyDecider) -> _Known:
        known = self._known.pop(record.stream, None)
        if known is not None:
            self._weight -= known.weight
            if known.version == record.version - 1:
                return known
        state = self._state_before(record, decider, known)
        return _Known(record.version - 1, state, decider.document(state), 0)

    def _state_before(self, record: Record, decider: AnyDecider, known: _Known | None) -> Any:
        store, wanted = self._session.store, record.version - 1
        if wanted <= 0:
            return decider.initial
        if known is None or not 0 <= wanted - known.version <= SNAPSHOT_EVERY:
            with self._session.asking() as connection:
                return folded(store, connection.connection.cursor(), decider, record.stream, wanted)
        state = known.state
        for earlier in store.stream_records(record.stream, known.version + 1, wanted):
            state = evolved(store, decider, state, earlier)
        return state

    def _keep(self, record: Record, after: _Known) -> None:
        self._known[record.stream] = after._replace(version=record.version)
        self._weight += after.weight
        while self._weight > KEPT and len(self._known) > 1:
            self._weight -= self._known.popitem(last=False)[1].weight


def _weight(document: Mapping[str, Json]) -> int:
    return len(document) + sum(len(value) for value in document.values() if isinstance(value, list | dict))


def _currency(document: Mapping[str, Json]) -> str:
    currency = document.get("currency")
    return currency if isinstance(currency, str) else ""


def _id(value: bytes | None) -> str | None:
    if value is None:
        return None
    return str(UUID(bytes=value)) if len(value) == 16 else value.hex()
