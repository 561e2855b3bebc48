"""Commands become events: load the state, decide, append under the version that was decided upon."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from explorer.application.session import Session
from explorer.domain.decider import AnyDecider, DomainEvent, Facts
from explorer.domain.event import Event, Metadata, NewEvent
from explorer.errors import Conflict
from explorer.projections.states import folded
from explorer.store.event_store import Append

RETRIES = 3


def handle(
    session: Session, stream: str, command: object, about: Metadata, *, expected_version: int | None = None
) -> list[Event]:
    """Carries out one command; the events recorded, none if nothing changed.

    With `expected_version`, what the user was looking at, anything newer is a Conflict. Without it the command holds
    whatever the state has become, and is decided anew when somebody else was quicker. Raises Refused with the rule.
    """
    for attempt in range(RETRIES):
        desk = Desk(session)
        desk.decide(stream, command, about, expected_version=expected_version)
        try:
            return desk.append()
        except Conflict:
            if expected_version is not None or attempt == RETRIES - 1:
                raise
    return []


class Desk:
    """Decides several commands one upon the other, then appends all their events in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._states: dict[str, tuple[int, Any]] = {}
        self._pending: list[Append] = []

    def decide(
        self,
        stream: str,
        command: object,
        about: Metadata,
        *,
        expected_version: int | None = None,
        occurred_at: int | None = None,
    ) -> Sequence[DomainEvent]:
        """What `command` causes, on top of what was decided before.

        Raises Refused or Conflict; then nothing is added.
        """
        decider = self._session.decider(stream)
        version, state = self._state(stream, decider)
        if expected_version is not None and version != expected_version:
            raise Conflict(stream, expected_version, version)
        facts = Facts(
            self._session.world.clock() if occurred_at is None else occurred_at,
            {name: self._state(name, self._session.decider(name))[1] for name in decider.needs(command)},
        )
        happened: Sequence[DomainEvent] = decider.decide(command, state, facts)
        # In the order of the decisions, so that positions follow time however many streams take turns.
        self._pending.append(Append(stream, version, [new_event(event, about, occurred_at) for event in happened]))
        for event in happened:
            state = decider.evolve(state, event)
        self._states[stream] = version + len(happened), state
        return happened

    def append(self) -> list[Event]:
        """Appends everything decided so far, all or nothing. Raises Conflict if a stream has moved on.

        Whatever it raises, the desk is then empty: what was decided upon states that never came to be is forgotten.
        """
        appends, self._pending = self._pending, []
        store = self._session.store
        try:
            records = store.append_all(appends)
        except BaseException:
            self.forget()
            raise
        return [store.codec.event(record) for record in records]

    def forget(self) -> None:
        """Drops the states it keeps; they are read again when they are needed."""
        self._states.clear()

    def _state(self, stream: str, decider: AnyDecider) -> tuple[int, Any]:
        if stream not in self._states:
            version = self._session.store.version_of(stream)
            state = decider.initial
            if version:
                with self._session.asking() as connection:
                    cursor = connection.connection.cursor()
                    state = folded(self._session.store, cursor, decider, stream, version)
            self._states[stream] = version, state
        return self._states[stream]


def new_event(event: DomainEvent, about: Metadata, occurred_at: int | None = None, id_: UUID | None = None) -> NewEvent:
    """A typed event in its stored form. Without a time it happens when it is stored; without an id it gets one then."""
    kind = type(event)
    return NewEvent(kind.__name__, msgspec.to_builtins(event), about, kind.schema_version, occurred_at, id_)
