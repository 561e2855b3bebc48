"""Events to bytes and back: canonical JSON, the leaf that is hashed, upcasting.

What is hashed is what is stored. A leaf is the canonical JSON (RFC 8785) of the whole envelope, made by setting the
stored `data` bytes into it unchanged:

    {"actor":…,"causation_id":…,"correlation_id":…,"data":…,"id":…,"occurred_at":…,"origin":…,"position":…,"reason":…,
     "recorded_at":…,"schema_version":…,"stream":…,"type":…,"version":…}

with times as whole microseconds, ids as lower-case UUID text and an absent id as null.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, cast
from uuid import UUID

import msgspec

from explorer.domain.decider import AnyDecider
from explorer.domain.event import Event, Json, Metadata, category_of
from explorer.errors import Damaged

_as_given = msgspec.json.Encoder()
_json = msgspec.json.Decoder()


class Record(NamedTuple):
    """An event row as it is stored."""

    position: int
    stream: str
    version: int
    id: bytes
    type: str
    schema_version: int
    occurred_at: int
    recorded_at: int
    data: bytes
    actor: str
    reason: str
    correlation_id: bytes | None
    causation_id: bytes | None
    origin: str
    leaf: bytes


class Essence(NamedTuple):
    """Of an event row what folds and projections read: less to fetch where all events are read."""

    position: int
    stream: str
    version: int
    type: str
    schema_version: int
    occurred_at: int
    data: bytes
    actor: str
    correlation_id: bytes | None
    causation_id: bytes | None
    leaf: bytes


class _Envelope(msgspec.Struct, frozen=True, gc=False):
    """The leaf's fields in canonical order."""

    actor: str
    causation_id: UUID | str | None
    correlation_id: UUID | str | None
    data: msgspec.Raw
    id: UUID | str
    occurred_at: int
    origin: str
    position: int
    reason: str
    recorded_at: int
    schema_version: int
    stream: str
    type: str
    version: int


def envelope(
    position: int,
    stream: str,
    version: int,
    id_: UUID | str,
    event_type: str,
    schema_version: int,
    occurred_at: int,
    recorded_at: int,
    data: bytes,
    actor: str,
    reason: str,
    correlation_id: UUID | str | None,
    causation_id: UUID | str | None,
    origin: str,
) -> bytes:
    """The exact bytes whose hash stands in the tree."""
    return _as_given.encode(
        _Envelope(
            actor,
            causation_id,
            correlation_id,
            msgspec.Raw(data),
            id_,
            occurred_at,
            origin,
            position,
            reason,
            recorded_at,
            schema_version,
            stream,
            event_type,
            version,
        )
    )


def leaf_bytes(record: Record) -> bytes:
    """`envelope` of a record; `record.leaf` is not looked at."""
    return envelope(
        record.position,
        record.stream,
        record.version,
        id_text(record.id),
        record.type,
        record.schema_version,
        record.occurred_at,
        record.recorded_at,
        record.data,
        record.actor,
        record.reason,
        _id_text(record.correlation_id),
        _id_text(record.causation_id),
        record.origin,
    )


def id_text(value: bytes) -> str:
    """An id as lower-case UUID text, also where damage left it longer or shorter."""
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@lru_cache(maxsize=4_096)
def _id_text(value: bytes | None) -> str | None:
    return None if value is None else id_text(value)


class Seal(Protocol):
    """Reads personal texts that are stored encrypted; see `explorer.store.protection`."""

    @property
    def erasures(self) -> int:
        """How far the log's erasures are known: a number that only rises; 0 before the first."""
        ...

    def opened(self, texts: Iterable[tuple[str, object]], record: Record | Essence) -> dict[str, str]:
        """What the sealed ones among an event's personal texts say, by field. Raises Damaged."""
        ...


class Codec:
    """Reads records as events and typed domain events, upcasting old schema versions.

    Knows the deciders, not the store. `personal` names the personal fields of events that no decider knows. Without a
    `seal` nothing is sealed.
    """

    def __init__(
        self, deciders: Mapping[str, AnyDecider], personal: Mapping[tuple[str, str], tuple[str, ...]] | None = None
    ) -> None:
        self.deciders = deciders
        self.seal: Seal | None = None
        self._personal = dict(personal or {})
        self._current: dict[tuple[str, str], int] = {}
        self._decoders: dict[tuple[str, str], msgspec.json.Decoder[Any]] = {}
        self._types: dict[tuple[str, str], type[Any]] = {}
        for category, decider in deciders.items():
            for kind in decider.events:
                key = category, kind.__name__
                self._current[key] = kind.schema_version
                self._decoders[key] = msgspec.json.Decoder(kind)
                self._types[key] = kind
                if kind.personal:
                    self._personal[key] = kind.personal

    @property
    def erasures(self) -> int:
        """See `Seal`."""
        return self.seal.erasures if self.seal is not None else 0

    def personal(self, stream: str, type_: str) -> tuple[str, ...]:
        """The names of an event's personal fields."""
        return self._personal.get((category_of(stream), type_), ())

    def read_otherwise(self) -> list[tuple[str, int | None]]:
        """The types of events whose data is not read as it is stored: upcast from a schema version, or unsealed."""
        found: set[tuple[str, int | None]] = {key for one in self.deciders.values() for key in one.upcasters}
        if self.seal is not None:
            found.update((type_, None) for _, type_ in self._personal)
        return sorted(found, key=str)

    def stored_texts(self, record: Record, names: Iterable[str]) -> list[str]:
        """What texts stand in these fields of an event's data, to the letter. Raises Damaged as `data` does."""
        data = self._object(record)
        return [text for name in names if isinstance(text := data.get(name), str)]

    def data(self, record: Record | Essence) -> tuple[int, dict[str, Json]]:
        """The schema version and data as they are read today. Raises Damaged if the data is no JSON object."""
        data = self._object(record)
        if self.seal is not None and (fields := self.personal(record.stream, record.type)):
            data |= self.seal.opened([(name, data.get(name)) for name in fields], record)
        return self._upcast(record, data)

    def _object(self, record: Record | Essence) -> dict[str, Json]:
        try:
            data: Any = _json.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Damaged(f"The data of event {record.position} cannot be decoded: {error}.") from error
        if not isinstance(data, dict):
            raise Damaged(f"The data of event {record.position} is not a JSON object.")
        return cast("dict[str, Json]", data)

    def _upcast(self, record: Record | Essence, data: dict[str, Json]) -> tuple[int, dict[str, Json]]:
        decider = self.deciders.get(category_of(record.stream))
        version = record.schema_version
        if decider is not None:
            while (record.type, version) in decider.upcasters:
                data = decider.upcasters[record.type, version](data)
                version += 1
        return version, data

    def event(self, record: Record) -> Event:
        """Raises Damaged if the record cannot be decoded."""
        schema_version, data = self.data(record)
        try:
            ids = [UUID(bytes=id_) if id_ else None for id_ in (record.id, record.correlation_id, record.causation_id)]
        except ValueError as error:
            raise Damaged(f"An id of event {record.position} is no id: {error}.") from error
        if ids[0] is None:
            raise Damaged(f"Event {record.position} has no id.")
        return Event(
            record.position,
            record.stream,
            record.version,
            ids[0],
            record.type,
            schema_version,
            record.occurred_at,
            record.recorded_at,
            data,
            Metadata(
                record.actor,
                record.reason,
                ids[1],
                ids[2],
                record.origin,
            ),
        )

    def domain_event(self, record: Record) -> Any:
        """The typed event for the category's `evolve`; for a category without decider the Event itself.

        Raises Damaged for an unknown type, a schema version newer than ours, or data that is not the type's.
        """
        category = category_of(record.stream)
        if category not in self.deciders:
            return self.event(record)
        return self.typed(record, category)

    def typed(self, record: Record | Essence, category: str) -> Any:
        """As `domain_event`, for a category that has a decider."""
        key = category, record.type
        if key not in self._types:
            raise Damaged(f"Event {record.position} has the type {record.type}, which {category} does not know.")
        try:
            if record.schema_version == self._current[key]:
                event = self._decoders[key].decode(record.data)
                return event if self.seal is None else self._opened(event, record, self.seal)
            version, data = self.data(record)
            if version == self._current[key]:
                return msgspec.convert(data, self._types[key])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Damaged(f"The data of event {record.position} is not that of {record.type}: {error}.") from error
        raise Damaged(
            f"Event {record.position} is a {record.type} of schema version {record.schema_version}; "
            f"this program knows {self._current[key]}."
        )

    def _opened(self, event: Any, record: Record | Essence, seal: Seal) -> Any:
        fields: tuple[str, ...] = event.personal
        if not fields:
            return event
        opened = seal.opened([(name, getattr(event, name)) for name in fields], record)
        return msgspec.structs.replace(event, **opened) if opened else event
