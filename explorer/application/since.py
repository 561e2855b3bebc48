"""What has set again what an event set: an event that is undone must not take back what a later one did."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from explorer.application.history import FieldChange, Value, changes, state_of, value_at
from explorer.application.session import Session
from explorer.errors import Damaged
from explorer.store.codec import Record

MOST = 10_000
"""Versions behind an event that are looked at; behind more of them nobody undoes it by its own."""


class _Setter(NamedTuple):
    """An event that set the field, what had been there before, and the event that it stands for: one done again."""

    record: Record
    before: Value
    stands_for: bytes


def set_since(session: Session, record: Record, passed: Collection[int] = ()) -> Record | None:
    """The last event of the stream that has set again what `record` set, and was not undone itself.

    None where there is none, or where `record` was undone and done again. Versions that are `passed` do not count.
    """
    decider = session.decider(record.stream)
    state = state_of(session, record.stream, record.version - 1)
    before, field = decider.document(state), _Field("")
    for later in session.store.stream_records(record.stream, record.version, record.version + MOST):
        try:
            state = decider.evolve(state, session.store.codec.domain_event(later))
        except Damaged:
            continue
        after = decider.document(state)
        found = changes(before, after)
        if later.version == record.version:
            field = _Field(_subject(found))
        if later.version not in passed and any(_concerns(change.path, field.path) for change in found):
            field.take(later, value_at(before, field.path), value_at(after, field.path))
        before = after
    last = field.setters[-1] if field.setters else None
    return last.record if last is not None and last.stands_for != record.id else None


class _Field:
    """A field and the events that have set it, without those that were undone."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.setters: list[_Setter] = []
        self._undone: dict[bytes, _Setter] = {}
        """By the events that undid them."""

    def take(self, record: Record, before: Value, after: Value) -> None:
        cause = record.causation_id or b""
        undone = next((one for one in self.setters if one.record.id == cause and one.before == after), None)
        if undone is not None:
            self.setters.remove(undone)
            self._undone[record.id] = undone
            return
        again = self._undone.get(cause)
        self.setters.append(_Setter(record, before, again.stands_for if again is not None else record.id))


def _subject(found: Sequence[FieldChange]) -> str:
    """What an event was about: an item of a list if it changed one, for sums follow from that."""
    paths = [change.path for change in found]
    return next((path for path in paths if "[" in path), paths[0] if paths else "")


def _concerns(changed: str, path: str) -> bool:
    inner, outer = (changed, path) if len(changed) >= len(path) else (path, changed)
    return bool(path) and (inner == outer or inner.startswith((f"{outer}.", f"{outer}[")))
