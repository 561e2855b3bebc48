"""What if: a scratch branch of one stream, replayed beside the real one and never stored.

Events are left out, changed, inserted or moved; then all that follows is decided anew. What the rules would have
refused has not happened in the branch, nor what rests upon it. An event that today's rules refuse even where it really
happened (an importer asks no rules) is not held against them.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias, cast
from uuid import UUID

import msgspec

from explorer.application.history import FieldChange, changes
from explorer.application.repair import Plan, plan_towards
from explorer.application.session import Session
from explorer.domain.decider import AnyDecider, Facts
from explorer.domain.event import Event, Json, Metadata
from explorer.errors import BadInput, Damaged, Missing, Refused
from explorer.projections.runner import Progress, no_progress
from explorer.projections.states import evolved, folded
from explorer.store.codec import Record

NOBODY = "what if"
"""The actor of an inserted event."""
TELL_EVERY = 200
"""Events replayed between two reports of progress."""


class LeaveOut(NamedTuple):
    """The event at `version` did not happen."""

    version: int


class ChangeField(NamedTuple):
    """One field of an event's data was another; `path` within the data: `quantity`, `address.city`."""

    version: int
    path: str
    value: Json


class Insert(NamedTuple):
    """Another event happened behind version `after`; 0 is before the first."""

    after: int
    type: str
    data: dict[str, Json]


class Move(NamedTuple):
    """The event at `version` happened behind version `after` instead."""

    version: int
    after: int


Edit: TypeAlias = LeaveOut | ChangeField | Insert | Move


class Verdict(NamedTuple):
    """An event that would have been refused, and the rule. `version` is None for an inserted one; `time` in µs UTC."""

    version: int | None
    type: str
    summary: str
    actor: str
    time: int
    rule: str


class Branch(NamedTuple):
    """The real state of a stream at its latest `version`, the branch's, and what differs (before: really).

    `unreadable` are versions that changed nothing in either. Without rules (`has_rules`) nothing can be refused.
    `replayed` counts the events from the first edit on.
    """

    stream: str
    version: int
    edits: tuple[Edit, ...]
    real: dict[str, Json]
    state: dict[str, Json]
    changes: tuple[FieldChange, ...]
    refused: tuple[Verdict, ...]
    unreadable: tuple[int, ...]
    has_rules: bool
    replayed: int
    currency: str = ""
    summaries: Mapping[int, str] = MappingProxyType({})
    """What changed events say now, by their versions."""


def what_if(session: Session, stream: str, edits: Sequence[Edit], progress: Progress = no_progress) -> Branch:
    """Replays a stream with `edits`, made one after the other.

    Raises Missing for a stream or a version that is not there, BadInput for an edit that makes no event.
    """
    replay = _Replay(session, stream, edits)
    state, refused = replay.run(progress)
    decider = replay.decider
    real, branch = decider.document(replay.real), decider.document(state)
    currency = real.get("currency") or branch.get("currency")
    return Branch(
        stream,
        replay.latest,
        tuple(edits),
        real,
        branch,
        tuple(changes(real, branch)),
        tuple(refused),
        tuple(replay.unreadable),
        bool(decider.commands),
        len(replay.items),
        currency if isinstance(currency, str) else "",
        replay.summaries(),
    )


def plan_what_if(session: Session, stream: str, edits: Sequence[Edit]) -> Plan:
    """What leads from the stream as it is to the branch's state, as a repair of the first event that was edited.

    Raises as `what_if`, and Refused with the rule that a step would break.
    """
    if not edits:
        raise BadInput("Nothing is edited yet: leave an event out, change one, insert one or move one first.")
    replay = _Replay(session, stream, edits)
    state, _ = replay.run(no_progress)
    return plan_towards(session, stream, max(1, min(map(_touched, edits))), state)


def _touched(edit: Edit) -> int:
    return edit.after if isinstance(edit, Insert) else edit.version


def _base(edit: Edit) -> int:
    """The last version that an edit leaves as it was."""
    match edit:
        case LeaveOut(version) | ChangeField(version):
            return version - 1
        case Insert(after):
            return after
        case Move(version, after):
            return min(version - 1, after)


@dataclass(slots=True)
class _Item:
    """An event of the branch; `position` and `time` are where it happened. `event` is None where it is unreadable."""

    version: int | None
    event: Any
    position: int
    time: int
    actor: str
    type: str
    is_out: bool = field(default=False)


class _Replay:
    """The events of a stream from the first edited one on, and the state before them."""

    def __init__(self, session: Session, stream: str, edits: Sequence[Edit]) -> None:
        self._session, self._stream = session, stream
        self.decider: AnyDecider = session.decider(stream)
        self.latest = session.store.version_of(stream)
        if self.latest == 0:
            raise Missing(f"There is no stream {stream!r} in {session.path}.")
        for edit in edits:
            self._check_versions(edit)
        base = min(map(_base, edits), default=self.latest)
        self._before, self.real = self._folded(base), self._folded(self.latest)
        self.unreadable: list[int] = []
        self._records = list(session.store.stream_records(stream, base + 1, self.latest)) if base < self.latest else []
        self.items = [self._item(record) for record in self._records]
        self._really = list(self.items)
        self._facts = _Facts(session)
        self._others: set[int] = set()
        """Versions of which the rules make another event in the branch."""
        self._changed_ones = {edit.version for edit in edits if isinstance(edit, ChangeField)}
        for edit in edits:
            self._make(edit)

    def run(self, progress: Progress) -> tuple[Any, list[Verdict]]:
        """The branch's last state and what was refused."""
        exempt: set[int] = set()
        while True:
            self._others.clear()
            state, refused = self._run(exempt, progress)
            suspects = {verdict.version for verdict in refused if verdict.version is not None} | self._others
            suspects -= exempt
            lawless = self._refused_anyway(suspects) if suspects else set[int]()
            if not lawless:
                return state, refused
            exempt |= lawless

    def summaries(self) -> dict[int, str]:
        """Of the events that were changed, by their versions."""
        items = (item for item in self.items if item.version in self._changed_ones)
        return {item.version: self.decider.summary(item.event) for item in items if item.version is not None}

    def _run(self, exempt: set[int], progress: Progress) -> tuple[Any, list[Verdict]]:
        state, refused = self._before, list[Verdict]()
        for number, item in enumerate(self.items):
            if number % TELL_EVERY == 0:
                progress(number, len(self.items))
            if item.event is None or item.is_out:
                continue
            events: Sequence[Any] = (item.event,)
            if item.version not in exempt:
                try:
                    events = self._decided(item, state)
                except Refused as refusal:
                    summary = self.decider.summary(item.event)
                    refused.append(Verdict(item.version, item.type, summary, item.actor, item.time, str(refusal)))
                    continue
            for event in events:
                state = self.decider.evolve(state, event)
        return state, refused

    def _decided(self, item: _Item, state: Any) -> Sequence[Any]:
        """What comes of the event in the branch: it, with what was before in the branch; or what the rules make of its
        command there instead, as who adds what is there already changes its quantity. Raises Refused with the rule.
        """
        command = self.decider.command(item.event, state)
        if command is None:
            return (item.event,)
        facts = Facts(item.time, {name: self._facts.at(name, item.position) for name in self.decider.needs(command)})
        decided = self.decider.decide(command, state, facts)
        for happened in decided:
            if type(happened) is type(item.event):
                earlier = {name: getattr(happened, name) for name in _fields(happened) if name.startswith("previous_")}
                return (msgspec.structs.replace(item.event, **earlier),)
        if decided and item.version is not None:
            self._others.add(item.version)
        return decided or (item.event,)

    def _refused_anyway(self, versions: set[int]) -> set[int]:
        """Of these versions, those of which the rules make something else even where they really happened."""
        state, found = self._before, set[int]()
        for item, record in zip(self._really, self._records, strict=True):
            event = self._read(record)
            if event is None:
                continue
            if item.version in versions:
                really = _Item(record.version, event, record.position, record.occurred_at, "", "")
                try:
                    lawful = [type(one) for one in self._decided(really, state)] == [type(event)]
                except Refused:
                    lawful = False
                if not lawful:
                    found.add(record.version)
            state = self.decider.evolve(state, event)
        return found

    def _folded(self, version: int) -> Any:
        with self._session.asking() as connection:
            return folded(self._session.store, connection.connection.cursor(), self.decider, self._stream, version)

    def _read(self, record: Record) -> Any:
        try:
            return self._session.store.codec.domain_event(record)
        except Damaged:
            return None

    def _item(self, record: Record) -> _Item:
        event = self._read(record)
        if event is None:
            self.unreadable.append(record.version)
        return _Item(record.version, event, record.position, record.occurred_at, record.actor, record.type)

    # The edits

    def _check_versions(self, edit: Edit) -> None:
        version, after = getattr(edit, "version", 1), getattr(edit, "after", 0)
        if not (1 <= version <= self.latest and 0 <= after <= self.latest):
            wrong = after if 1 <= version <= self.latest else version
            raise Missing(f"{self._stream} has the versions 1 to {self.latest:,}; there is no version {wrong:,}.")

    def _make(self, edit: Edit) -> None:
        match edit:
            case LeaveOut(version):
                self._of(version).is_out = True
            case ChangeField(version, path, value):
                item = self._of(version)
                self.items[self.items.index(item)] = self._changed(item, path, value)
            case Insert(after, kind, data):
                self.items.insert(self._behind(after), self._inserted(after, kind, data))
            case Move(version, after):
                item = self._of(version)
                if version != after:
                    self.items.remove(item)
                    self.items.insert(self._behind(after), item)

    def _of(self, version: int) -> _Item:
        return next(item for item in self.items if item.version == version)

    def _behind(self, version: int) -> int:
        """The place behind a version, and behind what was inserted there; the first, for one before all of these."""
        place = next((n for n, item in enumerate(self.items, 1) if item.version == version), 0)
        while place < len(self.items) and self.items[place].version is None:
            place += 1
        return place

    def _changed(self, item: _Item, path: str, value: Json) -> _Item:
        if item.event is None:
            raise BadInput(f"Version {item.version:,} cannot be read, so it cannot be changed. Leave it out instead.")
        is_generic = isinstance(item.event, Event)
        data: dict[str, Json] = msgspec.to_builtins(item.event.data if is_generic else item.event)
        known = set(data) if is_generic else {*_fields(item.event)}
        _put(data, path.split("."), value, known, f"version {item.version:,} ({item.type})")
        kind = cast("Any", type(item.event))
        event = msgspec.structs.replace(item.event, data=data) if is_generic else _typed(kind, data)
        return replace(item, event=event)

    def _inserted(self, after: int, kind: str, data: dict[str, Json]) -> _Item:
        record = next(iter(self._session.store.stream_records(self._stream, max(1, after), max(1, after))))
        if not self.decider.events:
            event: Any = Event(
                record.position, self._stream, 0, UUID(int=0), kind, 1, record.occurred_at, record.recorded_at, data,
                Metadata(NOBODY),
            )  # fmt: skip
        else:
            types = {one.__name__: one for one in self.decider.events}
            if kind not in types:
                raise BadInput(f"{self.decider.category} knows no event {kind!r}. It knows: {', '.join(types)}.")
            event = _typed(types[kind], data)
        return _Item(None, event, record.position, record.occurred_at, NOBODY, kind)


class _Facts:
    """What other streams were as of a position; each is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, tuple[list[int], list[Any]]] = {}

    def at(self, stream: str, position: int) -> Any:
        if stream not in self._known:
            self._known[stream] = self._read(stream)
        positions, states = self._known[stream]
        return states[bisect_right(positions, position)]

    def _read(self, stream: str) -> tuple[list[int], list[Any]]:
        """The positions at which the stream changed, and its states: before the first, and behind each."""
        store, decider = self._session.store, self._session.decider(stream)
        positions, states = list[int](), [decider.initial]
        for record in store.stream_records(stream):
            positions.append(record.position)
            states.append(evolved(store, decider, states[-1], record))
        return positions, states


def _fields(event: Any) -> tuple[str, ...]:
    return event.__struct_fields__


def _typed(kind: type[Any], data: dict[str, Json]) -> Any:
    """Raises BadInput for data that are not those of the type."""
    unknown = [name for name in data if name not in kind.__struct_fields__]
    if unknown:
        raise BadInput(f"{kind.__name__} has no field {unknown[0]!r}. It has: {', '.join(kind.__struct_fields__)}.")
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"That is no {kind.__name__}: {error}.") from error


def _put(data: dict[str, Json], path: Sequence[str], value: Json, known: Collection[str], where: str) -> None:
    """Sets a field that is there, or that the type knows."""
    inner: Any = data
    for name in path[:-1]:
        inner = cast("dict[str, Any]", inner).get(name) if isinstance(inner, dict) else None
    name = path[-1]
    if not isinstance(inner, dict) or (name not in inner and not (inner is data and name in known)):
        raise BadInput(f"The data of {where} have no field {'.'.join(path)!r}. They have: {', '.join(sorted(known))}.")
    inner[name] = value
