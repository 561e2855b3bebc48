"""Commands become events: load the state, decide, append under the version that was decided upon."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec

from explorer.application.session import Session
from explorer.domain.decider import AnyDecider, DomainEvent, Facts
from explorer.domain.event import Event, Metadata, NewEvent
from explorer.domain.privacy import STREAM, check_subject
from explorer.errors import Conflict, Refused
from explorer.projections.states import folded
from explorer.store.codec import Record
from explorer.store.event_store import Append

RETRIES = 4
"""Attempts of a command; the first may fail for a remembered state that has grown old."""


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
        except Conflict as conflict:
            was_expected = expected_version is not None and conflict.stream == stream
            if was_expected or attempt == RETRIES - 1:
                raise
    return []


class Desk:
    """Decides several commands one upon the other, then appends all their events in one transaction.

    States that the session remembers are believed at first, for the append looks whether they still hold, those of the
    needed streams too. What ends without an append, refused or with nothing to do, is looked up before it is said.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._states: dict[str, tuple[int, Any]] = {}
        self._believed: set[str] = set()
        """The streams whose states were remembered, and not looked up."""
        self._needed: set[str] = set()
        """The streams that something pending was decided upon beside its own."""
        self._pending: list[Append] = []
        self._privacy = session.protection.version
        """What was known of protection and erasures before any state was read."""
        self._subjects: dict[tuple[str, int], str] = {}
        """Whom the personal texts of something pending are about, by stream and version."""

    def decide(
        self,
        stream: str,
        command: object,
        about: Metadata,
        *,
        expected_version: int | None = None,
        occurred_at: int | None = None,
        id_: UUID | None = None,
    ) -> Sequence[DomainEvent]:
        """What `command` causes, on top of what was decided before. `id_` is that of its first event.

        Raises Refused or Conflict; then nothing is added.
        """
        decider = self._session.decider(stream)
        try:
            happened = self._decided(decider, stream, command, expected_version, occurred_at)
        except (Refused, Conflict):
            if not self._was_mistaken((stream, *decider.needs(command))):
                raise
            happened = self._decided(decider, stream, command, expected_version, occurred_at)
        if not happened and self._was_mistaken((stream, *decider.needs(command))):
            happened = self._decided(decider, stream, command, expected_version, occurred_at)
        if happened:
            self._needed.update(decider.needs(command))
        version, state = self._states[stream]
        # In the order of the decisions, so that positions follow time however many streams take turns.
        new = [new_event(event, about, occurred_at) for event in happened]
        if id_ is not None and new:
            new[0] = msgspec.structs.replace(new[0], id=id_)
        self._pending.append(Append(stream, version, new))
        for number, event in enumerate(happened, version + 1):
            state = decider.evolve(state, event)
            if event.personal:
                self._subjects[stream, number] = subject_of(decider, state)
        self._states[stream] = version + len(happened), state
        return happened

    def append(self) -> list[Event]:
        """Appends everything decided so far, all or nothing. Raises Conflict if a stream has moved on.

        Whatever it raises, the desk is then empty: what was decided upon states that never came to be is forgotten.
        """
        appends, self._pending = self._pending, []
        subjects, self._subjects = self._subjects, {}
        changed = {append.stream for append in appends}
        unchanged = [Append(name, self._states[name][0], ()) for name in self._needed - changed]
        try:
            stored = self._session.protection.sealed(appends, subjects, self._privacy) if subjects else appends
            records = self._session.store.append_all([*unchanged, *stored])
        except BaseException as error:
            if isinstance(error, Conflict) and error.stream == STREAM:
                self._session.protection.refresh()
            self.forget()
            raise
        self._needed.clear()
        self._session.remember(self._states, self._privacy)
        events = (event for append in appends for event in append.events)
        return [_recorded(record, event) for record, event in zip(records, events, strict=True)]

    def forget(self) -> None:
        """Drops the states it keeps; they are read again when they are needed."""
        self._session.forget(self._states)
        self._privacy = self._session.protection.version
        self._states.clear()
        self._subjects.clear()
        self._believed.clear()
        self._needed.clear()

    def _decided(
        self,
        decider: AnyDecider,
        stream: str,
        command: object,
        expected_version: int | None,
        occurred_at: int | None,
    ) -> Sequence[DomainEvent]:
        version, state = self._state(stream)
        if expected_version is not None and version != expected_version:
            raise Conflict(stream, expected_version, version)
        now = self._session.world.clock() if occurred_at is None else occurred_at
        happened = decider.decide(
            command, state, Facts(now, {name: self._state(name)[1] for name in decider.needs(command)})
        )
        for event in happened:
            if event.personal:
                check_subject(decider.subject(state))
        return happened

    def _was_mistaken(self, on: Collection[str]) -> bool:
        """Whether a believed state is not the stream's latest; it is then read anew. Afterwards all are known to hold.

        Raises Conflict, as the append would, where a stream that the decision rests `on` is old and something pending
        was decided upon it.
        """
        begun = {append.stream: append.expected_version for append in reversed(self._pending)}
        pending = self._believed & (self._needed | begun.keys())
        asked = self._believed - pending | pending.intersection(on)
        latest = self._session.store.versions_of([*asked]) if asked else {}
        for name in asked & pending:
            expected = begun.get(name, self._states[name][0])
            if latest[name] != expected:
                raise Conflict(name, expected, latest[name])
        self._believed -= asked
        old = [name for name in asked - pending if latest[name] != self._states[name][0]]
        self._session.forget(old)
        for name in old:
            del self._states[name]
        return bool(old)

    def _state(self, stream: str) -> tuple[int, Any]:
        known = self._states.get(stream)
        if known is None:
            known = self._session.remembered(stream)
            if known is None:
                known = self._read(stream)
            else:
                self._believed.add(stream)
            self._states[stream] = known
        return known

    def _read(self, stream: str) -> tuple[int, Any]:
        decider = self._session.decider(stream)
        version = self._session.store.version_of(stream)
        if version == 0:
            return 0, decider.initial
        with self._session.asking() as connection:
            return version, folded(self._session.store, connection.connection.cursor(), decider, stream, version)


def subject_of(decider: AnyDecider, state: Any) -> str:
    """Whom a state's personal texts are about; blanks that nobody sees make no other person."""
    return " ".join(decider.subject(state).split())


def _recorded(record: Record, event: NewEvent) -> Event:
    """What reading the record would give: decoding what was just encoded would take as long as encoding it did."""
    return Event(
        record.position,
        record.stream,
        record.version,
        event.id or UUID(bytes=record.id),
        event.type,
        event.schema_version,
        record.occurred_at,
        record.recorded_at,
        msgspec.to_builtins(event.data),
        event.metadata,
    )


def new_event(event: DomainEvent, about: Metadata, occurred_at: int | None = None, id_: UUID | None = None) -> NewEvent:
    """A typed event in its stored form. Without a time it happens when it is stored; without an id it gets one then."""
    kind = type(event)
    return NewEvent(kind.__name__, event, about, kind.schema_version, occurred_at, id_)
