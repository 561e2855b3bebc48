"""What can be written in a scratch branch or in a bulk repair: a stream's latest events, and the shapes of new ones."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import msgspec

from explorer.application.session import Session
from explorer.domain.event import Event, Json
from explorer.errors import BadInput, Damaged
from explorer.store.canonical import MAX_DEPTH, canonical
from explorer.store.codec import Record

MOST = 500
"""Events of a long stream that are offered, the latest."""

_FRACTION = re.compile(r"[+-]?\d+\.\d+")


class Shape(NamedTuple):
    """A kind of event or command, data to begin with, and which of its fields have no default."""

    name: str
    data: dict[str, Json]
    required: tuple[str, ...] = ()


class Line(NamedTuple):
    """An event; `data` as it is read today, None where it cannot be read."""

    version: int
    type: str
    summary: str
    actor: str
    time: int
    data: dict[str, Json] | None


class Editable(NamedTuple):
    """The latest events of a stream at `version`, and what else may be inserted; any type, if not `is_ruled`."""

    stream: str
    version: int
    lines: tuple[Line, ...]
    shapes: tuple[Shape, ...]
    is_ruled: bool


def editable(session: Session, stream: str, limit: int = MOST) -> Editable:
    """Without rules the shapes are those of the events that are there."""
    decider, latest = session.decider(stream), session.store.version_of(stream)
    records = session.store.stream_records(stream, max(1, latest - limit + 1), latest) if latest else ()
    lines = tuple(_line(session, record) for record in records)
    shapes = _shapes(decider.events) or tuple(
        Shape(*known) for known in {line.type: line.data or {} for line in lines}.items()
    )
    return Editable(stream, latest, lines, shapes, bool(decider.events))


def commandable(session: Session) -> dict[str, tuple[Shape, ...]]:
    """The commands of each category that has some."""
    deciders = session.store.codec.deciders
    return {category: _shapes(decider.commands) for category, decider in deciders.items() if decider.commands}


def json_of(text: str) -> Json:
    """A value as somebody wrote it. Raises BadInput with what is wrong."""
    try:
        value: Json = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise BadInput(f'That is no JSON ({error}). A text stands in quotes, like "this".') from error
    except RecursionError as error:
        raise BadInput(f"That is nested more than {MAX_DEPTH} deep, which no event may be.") from error
    except UnicodeEncodeError as error:
        raise BadInput("That has half of a character in it, or bytes that are no UTF-8; take them out.") from error
    canonical(value, "value")
    return value


def value_like(before: Json, text: str) -> Json:
    """As `json_of`, where another value stood: a text needs no quotes instead of a text.

    Raises BadInput, also for a fraction instead of a whole number.
    """
    try:
        value = json_of(text)
    except BadInput as error:
        if isinstance(before, str):
            return text
        if type(before) is int and _FRACTION.fullmatch(text.strip()):
            raise BadInput(
                f"Here stands a whole number, like {before}. Money is in minor units: 2.50 is written 250."
            ) from error
        raise
    return text if isinstance(before, str) and not isinstance(value, str | None) else value


def object_of(text: str) -> dict[str, Json]:
    """As `json_of`, for fields by their names; nothing is no fields."""
    value = json_of(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise BadInput('Fields by their names are wanted, like {"quantity": 3}.')
    return value


def _line(session: Session, record: Record) -> Line:
    codec = session.store.codec
    try:
        event = codec.domain_event(record)
    except Damaged:
        return Line(record.version, record.type, "cannot be read", record.actor, record.occurred_at, None)
    data = event.data if isinstance(event, Event) else cast("dict[str, Json]", _builtins(event))
    summary = session.decider(record.stream).summary(event)
    return Line(record.version, record.type, summary, record.actor, record.occurred_at, data)


def _builtins(event: Any) -> Json:
    """All fields, also those that are left away in the store."""
    return {name: msgspec.to_builtins(getattr(event, name)) for name in event.__struct_fields__}


def _shapes(kinds: Iterable[Any]) -> tuple[Shape, ...]:
    return tuple(map(_shape, kinds))


def _shape(kind: Any) -> Shape:
    fields = msgspec.structs.fields(kind)
    required = tuple(field.name for field in fields if field.required)
    return Shape(kind.__name__, {field.name: _first(field) for field in fields}, required)


def _first(field: Any) -> Json:
    """A value to begin with: the default, else the emptiest of its type."""
    if field.default is not msgspec.NODEFAULT:
        return msgspec.to_builtins(field.default)
    return cast("Json", {int: 0, str: "", bool: False}.get(field.type))
