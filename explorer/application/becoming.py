"""Where conditions on a state become true, event by event: such an event's state meets them, and its stream's state
before it did not.

Before its first event a stream meets nothing. An event that cannot be read changes nothing. What is known of a stream
is its version, its document and which conditions hold; of many streams the least recently used are let go, and folded
again from the nearest snapshot when their next event comes.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

from explorer.application.session import Session
from explorer.domain.decider import AnyDecider
from explorer.domain.event import Json, category_of
from explorer.domain.schemaless import SCHEMALESS
from explorer.projections.states import evolved, folded
from explorer.store.codec import Codec, Record

KEPT = 2_000
"""Streams kept in memory."""


class Condition(Protocol):
    """Something that is true or not of a state, the state before it, and the event between them."""

    def holds(
        self,
        after: Mapping[str, Json],
        before: Mapping[str, Json],
        record: Record | None = None,
        codec: Codec | None = None,
    ) -> bool: ...

    def may_hold(self, names: Collection[str]) -> bool:
        """Whether it can hold of any state whose document has these fields and no others."""
        ...


class Wanted(NamedTuple):
    """A condition, on the streams of one category or of all ("")."""

    condition: Condition
    category: str = ""


class _Known:
    """A stream after one of its events; `held` has a bit for each condition that holds."""

    __slots__ = ("document", "held", "state", "version")

    def __init__(self, version: int, state: Any, document: Mapping[str, Json], held: int) -> None:
        self.version, self.state, self.document, self.held = version, state, document, held


class Becoming:
    """Follows events in the order of each stream's versions; safe to jump, for what is not known is folded."""

    def __init__(self, session: Session, wanted: Sequence[Wanted], kept: int = KEPT) -> None:
        self._session, self._wanted, self._kept = session, tuple(wanted), kept
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._on = cache(self._conditions_on)

    def among(self, records: Iterable[Record]) -> list[tuple[Record, int]]:
        """The events at which something becomes true, each with a bit for every condition that does."""
        found: list[tuple[Record, int]] = []
        with self._session.asking() as connection:
            cursor = connection.connection.cursor()
            for record in records:
                on = self._on(category_of(record.stream))
                if on and (became := self._step(record, on, cursor)):
                    found.append((record, became))
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
        return found

    def _conditions_on(self, category: str) -> list[tuple[int, Condition]]:
        """The conditions that can hold on a category's streams, each with its bit."""
        decider = self._session.store.codec.deciders.get(category, SCHEMALESS)
        names = decider.document(decider.initial).keys()
        return [
            (1 << place, wanted.condition)
            for place, wanted in enumerate(self._wanted)
            if wanted.category in {"", category} and wanted.condition.may_hold(names)
        ]

    def _step(self, record: Record, on: Sequence[tuple[int, Condition]], cursor: Any) -> int:
        """The conditions that become true with an event."""
        stream, decider = record.stream, self._session.decider(record.stream)
        known = self._known.get(stream)
        if known is None or known.version != record.version - 1:
            known = self._known[stream] = self._folded(record, decider, on, cursor)
        self._known.move_to_end(stream)
        before = known.held
        self._move(known, record, decider, on)
        return known.held & ~before

    def _folded(self, record: Record, decider: AnyDecider, on: Sequence[tuple[int, Condition]], cursor: Any) -> _Known:
        """The stream just before an event."""
        store, stream, version = self._session.store, record.stream, record.version - 1
        last = next(store.stream_records(stream, version, version), None) if version > 0 else None
        # One event more is gone back: what holds may be about the state before, or the event itself.
        state = folded(store, cursor, decider, stream, version - 1) if version > 1 else decider.initial
        known = _Known(version - 1, state, decider.document(state), 0)
        if last is not None:
            self._move(known, last, decider, on)
        known.version = version
        return known

    def _move(self, known: _Known, record: Record, decider: AnyDecider, on: Sequence[tuple[int, Condition]]) -> None:
        before = known.document
        state = evolved(self._session.store, decider, known.state, record)
        if state is not known.state:
            known.state, known.document = state, decider.document(state)
        held = 0
        for bit, condition in on:
            if condition.holds(known.document, before, record, self._session.store.codec):
                held |= bit
        known.version, known.held = record.version, held
