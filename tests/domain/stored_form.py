"""Values as they come back from a file: what is folded tomorrow is what was written today."""

import json
from typing import NoReturn, TypeVar

import msgspec

from explorer.domain.decider import DomainEvent
from explorer.domain.event import Json

E = TypeVar("E", bound=DomainEvent)


def stored_and_read(event: E) -> E:
    """Sorted keys, as the store writes them: no event may depend on the order of its fields."""
    return msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(event), order="sorted"), type=type(event))


def through_json(document: dict[str, Json]) -> dict[str, Json]:
    """The document as another program reads it. Fails where there is a float; tuples and odd keys come back changed."""
    return json.loads(json.dumps(document), parse_float=_no_float, parse_constant=_no_float)


def _no_float(text: str) -> NoReturn:
    raise AssertionError(f"a float in a document: {text}")
