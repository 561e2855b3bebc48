"""Who set what: for every field of a state the event that gave it its value, and all that ever did."""

from collections.abc import Iterator
from typing import NamedTuple

from explorer.application.history import ABSENT, FieldChange, Value, changes, leaves, state_at
from explorer.application.session import Session
from explorer.errors import Damaged, Missing
from explorer.projections.runner import Progress, no_progress
from explorer.store.codec import Record


class Step(NamedTuple):
    """What one event of a stream changed. It changes nothing where it cannot be read."""

    record: Record
    changes: tuple[FieldChange, ...]


class Blamed(NamedTuple):
    """A field of a state, by its path, its value, and the event that set it."""

    path: str
    value: Value
    record: Record


def steps(
    session: Session, stream: str, version: int | None = None, progress: Progress = no_progress
) -> Iterator[Step]:
    """What each event of a stream changed, up to a version. Raises Missing for what is not there."""
    latest = session.store.version_of(stream)
    if latest == 0:
        raise Missing(f"There is no stream {stream!r} in {session.path}.")
    last = latest if version is None else version
    if not 1 <= last <= latest:
        raise Missing(f"{stream} has the versions 1 to {latest:,}; there is no version {last:,}.")
    decider = session.decider(stream)
    state = decider.initial
    before = decider.document(state)
    for record in session.store.stream_records(stream, 1, last):
        try:
            state = decider.evolve(state, session.store.codec.domain_event(record))
        except Damaged:
            yield Step(record, ())
            continue
        after = decider.document(state)
        yield Step(record, tuple(changes(before, after)))
        before = after
        progress(record.version, last)


def blame(session: Session, stream: str, version: int | None = None, progress: Progress = no_progress) -> list[Blamed]:
    """For every field of the state at a version (the latest without one) the event that set it, in their order.

    A field that no event ever set, because the empty state has it so, is left out.
    """
    setters: dict[str, Record] = {}
    last: Record | None = None
    for step in steps(session, stream, version, progress):
        last = step.record
        for change in step.changes:
            setters[change.path] = step.record
    assert last is not None
    return [
        Blamed(path, value, record)
        for path, value in leaves(state_at(session, stream, last.version).state)
        if (record := _setter(setters, path)) is not None
    ]


def _setter(setters: dict[str, Record], path: str) -> Record | None:
    """The last event that set a field, or the whole that it is in."""
    found = setters.get(path)
    for place, sign in enumerate(path):
        if sign in ".[":
            whole = setters.get(path[:place])
            if whole is not None and (found is None or whole.version > found.version):
                found = whole
    return found


def history_of(
    session: Session, stream: str, path: str, version: int | None = None, progress: Progress = no_progress
) -> list[tuple[Record, Value]]:
    """The values that a field has had, each with the event that gave it; (absent) where it was taken away."""
    found: list[tuple[Record, Value]] = []
    for step in steps(session, stream, version, progress):
        for change in step.changes:
            if change.path == path:
                found.append((step.record, change.after))
            elif path.startswith((f"{change.path}.", f"{change.path}[")):
                found.append((step.record, _inner(change, path)))
    return found


def _inner(change: FieldChange, path: str) -> Value:
    """The value of a field within a whole that was set, or taken away."""
    if isinstance(change.after, dict):
        return dict(leaves(change.after, change.path)).get(path, ABSENT)
    return ABSENT
