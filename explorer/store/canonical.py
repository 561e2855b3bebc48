"""Canonical JSON (RFC 8785) of what an event carries, and which texts can be stored at all."""

from functools import lru_cache
from typing import Any, cast

import msgspec

from explorer.domain.event import Json
from explorer.errors import BadInput

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8785 §3.2.2.3)."""
MAX_DEPTH = 100
MAX_DATA = 1024 * 1024
"""Bytes of one event's data."""
MAX_TEXT = 1_000
"""Characters of a stream's, type's or actor's name, of a reason and of an origin."""

_sorted = msgspec.json.Encoder(order="sorted")
_as_given = msgspec.json.Encoder()


def canonical(value: "Json | msgspec.Struct", what: str = "data") -> bytes:
    """Canonical JSON (RFC 8785) of a value, or of a typed event as `msgspec.to_builtins` gives it.

    Raises BadInput for floats, huge integers, lone surrogates, deep nesting, over 1 MiB.
    """
    if isinstance(value, msgspec.Struct) and not _is_flat_struct(value):
        value = cast("Json", msgspec.to_builtins(value))
    try:
        if isinstance(value, msgspec.Struct) or _is_flat(value) or _check(value, what, 0):
            data = _sorted.encode(value)
        else:
            data = _as_given.encode(_ordered(value))
    except UnicodeEncodeError as error:
        raise BadInput(f"The {what} has half of a surrogate pair in a text; such a text cannot be stored.") from error
    if len(data) > MAX_DATA:
        raise BadInput(f"The {what} of one event may have {MAX_DATA:,} bytes; this has {len(data):,}.")
    return data


def _is_flat(value: Json) -> bool:
    """Whether it is what most events are: an object of texts and whole numbers, with ASCII keys. Nothing is refused."""
    if type(value) is not dict:
        return False
    for key, item in value.items():
        kind = type(item)
        if kind is not str and (kind is not int or not -MAX_INTEGER <= item <= MAX_INTEGER):  # type: ignore[operator]
            return False
        if type(key) is not str or not key.isascii():
            return False
    return True


def _is_flat_struct(value: msgspec.Struct) -> bool:
    """As `_is_flat`; the fields' types say nothing, for msgspec does not check them when an event is made."""
    items: tuple[object, ...] = msgspec.structs.astuple(value)
    for item in items:
        kind = type(item)
        if kind is not str and (kind is not int or not -MAX_INTEGER <= item <= MAX_INTEGER):  # type: ignore[operator]
            return False
    return _has_plain_fields(type(value))


@lru_cache
def _has_plain_fields(kind: type[msgspec.Struct]) -> bool:
    return all(name.isascii() for name in kind.__struct_encode_fields__)


def _check(value: object, what: str, depth: int) -> bool:
    """Whether all keys are ASCII, for which the order of UTF-16 units (RFC 8785 §3.2.3) is that of the bytes."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:  # type: ignore[operator]
            # Python refuses to write endless digits.
            shown = str(value) if value.bit_length() < 1_000 else f"of {value.bit_length():,} bits"  # type: ignore[attr-defined]
            raise BadInput(f"The {what} has the integer {shown}, beyond ±(2^53 − 1); write it as text.")
        return True
    if depth > MAX_DEPTH:
        raise BadInput(f"The {what} is nested more than {MAX_DEPTH} deep.")
    return _check_nested(value, what, depth)


def _check_nested(value: Any, what: str, depth: int) -> bool:
    if isinstance(value, dict):
        items: dict[Any, Any] = cast("dict[Any, Any]", value)
        plain = True
        for key, item in items.items():
            if type(key) is not str:
                raise BadInput(f"The {what} has a key that is no text: {key!r}.")
            # Most items are texts: not worth a call.
            plain = (type(item) is str or _check(item, what, depth + 1)) and key.isascii() and plain
        return plain
    if isinstance(value, list):
        elements: list[Any] = cast("list[Any]", value)
        return not [element for element in elements if not _check(element, what, depth + 1)]
    raise BadInput(f"The {what} has a {type(value).__name__}; use whole numbers, texts, lists and objects.")


def _ordered(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list):
        return [_ordered(element) for element in value]
    return value


def text(value: str, what: str, *, required: bool = False) -> str:
    """`value` if it can be stored. Raises BadInput."""
    if value.isascii() and 0 < len(value) <= MAX_TEXT:
        return value
    if required and not value:
        raise BadInput(f"The {what} is empty.")
    if len(value) > MAX_TEXT:
        raise BadInput(f"The {what} may have {MAX_TEXT:,} characters; this has {len(value):,}.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"The {what} has half of a surrogate pair; such a text cannot be stored.") from error
    return value
