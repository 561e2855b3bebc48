"""The chosen stream as a window shows it: its state as of the moment, what its last event did, its events as marks."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from explorer.application.history import FieldChange, changes
from explorer.application.kinds import Kind, kind_of
from explorer.application.session import Session
from explorer.application.timeline import Viewport
from explorer.domain.cart import Cart
from explorer.domain.event import Event, Json, category_of
from explorer.errors import Damaged
from explorer.projections import cart_queries, queries
from explorer.projections.cart_queries import CartRow, LineRow
from explorer.projections.states import folded
from explorer.store.codec import Record

MARKS = 256
"""Events of the own stream in view that are handed to the timeline as marks; where there are more, each stands for
several."""


class Mark(NamedTuple):
    """An event of the own stream; `time` is the time of its position, µs UTC.

    It stands for `events` of them: itself, and those before it that there is no room to tell apart.
    """

    position: int
    time: int
    kind: Kind
    type: str
    version: int
    events: int = 1


class StreamView(NamedTuple):
    """The chosen stream as of the moment, and what its last event then did.

    `record` is that event as it is stored; None while the stream has not begun (`version` 0). `event` is None then, and
    where it cannot be read; `unreadable` says why. `lines` are the cart's first, as many as were asked for. `previous`
    and `next` are the positions of the events round it, `extent` the times of the stream's first and last, µs UTC.
    """

    stream: str
    category: str
    version: int
    latest: int
    event: Event | None
    record: Record | None
    unreadable: str
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    changes: tuple[FieldChange, ...]
    cart: CartRow | None
    lines: tuple[LineRow, ...]
    previous: int | None
    next: int | None
    extent: tuple[int, int] | None

    def holds(self, position: int) -> bool:
        """Whether the stream is as of a position what it is here."""
        began = self.record.position if self.record else 0
        return began <= position and (self.next is None or position < self.next)


def stream_view(session: Session, stream: str, version: int, latest: int, line_limit: int) -> StreamView:
    """The stream at a version, of which `latest` is the last one that counts."""
    store, decider = session.store, session.decider(stream)
    steps = store.steps(stream, sorted({1, latest, *range(max(1, version - 1), version + 2)}))
    positions = {step_version: position for step_version, position, _ in steps if step_version <= latest}
    record = next(store.stream_records(stream, version, version), None) if version else None
    with session.asking() as connection:
        before_state = folded(store, connection.connection.cursor(), decider, stream, max(0, version - 1))
    event, unreadable, state = None, "", before_state
    if record is not None:
        try:
            event = store.codec.event(record)
            state = decider.evolve(before_state, store.codec.domain_event(record))
        except Damaged as error:
            unreadable = str(error)
    before, after = decider.document(before_state), decider.document(state)
    with session.asking() as connection:
        cart = cart_queries.cart(connection, stream, record.position) if record else None
        lines: tuple[LineRow, ...] = ()
        if cart is not None and isinstance(state, Cart):
            keys = [*islice(state.lines, line_limit)]
            lines = tuple(cart_queries.cart_lines_of(connection, stream, keys, cart.since))
        extent = _extent(connection, positions.get(1), positions.get(latest))
    return StreamView(
        stream, category_of(stream), version, latest, event, record, unreadable,
        before, after, tuple(changes(before, after)), cart, lines,
        positions.get(version - 1), positions.get(version + 1), extent,
    )  # fmt: skip


def _extent(connection: Any, first: int | None, last: int | None) -> tuple[int, int] | None:
    if first is None or last is None:
        return None
    began, ended = queries.time_at(connection, first), queries.time_at(connection, last)
    return None if began is None or ended is None else (began, ended)


def marks_of(
    session: Session, stream: str | None, viewport: Viewport, now: int, kept: Sequence[Mark]
) -> tuple[Mark, ...]:
    """The own stream's events in view, or where they are too many every 2nd, 4th, 8th… of its versions.

    `kept` are marks of the same stream that are known already.
    """
    if stream is None:
        return ()
    store = session.store
    with session.asking() as connection:
        until = min(now, queries.position_at(connection, viewport.end - 1))
        before = min(now, queries.position_at(connection, viewport.start - 1))
    first, last = store.version_at(stream, before) + 1, store.version_at(stream, until)
    every = 1
    while (last - first) // every >= MARKS:
        every *= 2
    versions = [*range(first + -first % every, last + 1, every)]
    if versions and versions[-1] < last:
        versions.append(last)
    known = {mark.version: mark for mark in kept if mark.events == every}
    missing = [version for version in versions if version not in known]
    steps = store.steps(stream, missing) if missing else []
    with session.asking() as connection:
        times = queries.times_at(connection, [position for _, position, _ in steps])
    for (version, position, kind), time in zip(steps, times, strict=True):
        known[version] = Mark(position, time, kind_of(kind), kind, version, every)
    # The first and the last in view may stand for fewer.
    before_it = [first - 1, *versions]
    return tuple(
        mark if mark.events == version - before else mark._replace(events=version - before)
        for before, version in zip(before_it, versions, strict=False)
        if (mark := known.get(version)) is not None
    )
