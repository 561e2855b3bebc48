"""Where a condition becomes true, told the slow way: from every state of every stream, folded from the first event."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from explorer.application.session import Session
from explorer.domain.event import Json, category_of
from explorer.errors import Damaged
from explorer.store.codec import Codec, Record


class Said:
    """A condition that is a function."""

    def __init__(self, holds: Callable[[Any, Any, Any], bool], *, is_rising: bool = False) -> None:
        self._holds, self._is_rising = holds, is_rising
        self.asked = 0

    def holds(
        self,
        after: Mapping[str, Json],
        before: Mapping[str, Json],
        record: Record | None = None,
        codec: Codec | None = None,
    ) -> bool:
        del codec
        self.asked += 1
        return self._holds(after, before, record)

    def may_hold(self, names: Collection[str]) -> bool:
        del names
        return True

    def is_rising_in(self, fields: Collection[str]) -> bool:
        del fields
        return self._is_rising


def brute(session: Session, condition: Any, stream: str | None = None, category: str = "") -> list[int]:
    """The positions at which the condition becomes true, in their order."""
    found: list[int] = []
    for name in [stream] if stream else session.store.streams():
        if category in {"", category_of(name)}:
            found += _of_stream(session, condition, name)
    return sorted(found)


def _of_stream(session: Session, condition: Any, stream: str) -> list[int]:
    decider, found, held = session.decider(stream), list[int](), False
    state = decider.initial
    for record in session.store.stream_records(stream):
        before = decider.document(state)
        with suppress(Damaged):
            state = decider.evolve(state, session.store.codec.domain_event(record))
        holds = condition.holds(decider.document(state), before, record, session.store.codec)
        if holds and not held:
            found.append(record.position)
        held = holds
    return found
