"""The words every room speaks: a new event, the recorded event, and what was recorded about it.

Times are whole microseconds since 1970 in UTC. Positions and versions count from 1; 0 means "before the first".
"""

from typing import TypeAlias
from uuid import UUID

import msgspec

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""Event payloads: no floats, so that one value has one canonical text."""


class Metadata(msgspec.Struct, frozen=True, gc=False):
    """Who, why and in which piece of work. `origin` names the program part or the file that the event came from."""

    actor: str
    reason: str = ""
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    origin: str = ""


class NewEvent(msgspec.Struct, frozen=True, gc=False):
    """An event on its way into the store, its data as JSON or as the typed event itself.

    Without `occurred_at` it happened when it is stored; without `id` it gets one.
    """

    type: str
    data: dict[str, Json] | msgspec.Struct
    metadata: Metadata
    schema_version: int = 1
    occurred_at: int | None = None
    id: UUID | None = None


class Event(msgspec.Struct, frozen=True):
    """A recorded event as it is read: upcast to the current schema version."""

    position: int
    stream: str
    version: int
    id: UUID
    type: str
    schema_version: int
    occurred_at: int
    recorded_at: int
    data: dict[str, Json]
    metadata: Metadata


def category_of(stream: str) -> str:
    """The text before the first `-`: `cart` of `cart-018f…`."""
    return stream.partition("-")[0]
