"""Canonical JSON and the leaf that is made of it: what anyone can recompute."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from explorer.domain.decider import DomainEvent
from explorer.domain.event import Json
from explorer.errors import BadInput
from explorer.store.canonical import MAX_INTEGER, canonical
from explorer.store.codec import Record, leaf_bytes

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "vectors" / "jcs"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_canonical_json_is_that_of_rfc_8785(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_keys_are_sorted_by_utf_16_units_not_by_code_points() -> None:
    value: Json = {"\U0001f600": 1, "\ufb33": 2, "a": 3}
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def has_float(value: Any) -> bool:
    if isinstance(value, dict | list):
        items: Any = value.values() if isinstance(value, dict) else value  # type: ignore[union-attr]
        return any(has_float(item) for item in items)
    return isinstance(value, float)


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_the_public_vectors_come_out_byte_for_byte_or_are_refused_for_their_floats() -> None:
    seen = 0
    for path in sorted((VECTORS / "input").glob("*.json")):
        value = json.loads(path.read_text(encoding="utf-8"))
        if has_float(value):
            with pytest.raises(BadInput, match="float"):
                canonical(value)
        else:
            assert canonical(value) == (VECTORS / "output" / path.name).read_bytes()
        seen += 1
    assert seen == 6


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (1.5, "float"), ({"a": [1.0]}, "float"), (MAX_INTEGER + 1, "beyond"), (-MAX_INTEGER - 1, "beyond"),
        ("\ud800", "surrogate"), ({"\udc00": 1}, "surrogate"), ({1: 2}, "no text"), ((1, 2), "tuple"),
        ("x" * (1 << 20), "bytes"),
    ],
)  # fmt: skip
def test_what_has_no_one_text_is_refused(value: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        canonical(value)


class Typed(DomainEvent, frozen=True):
    """Fields out of order, one left out where it has its default, and whatever a caller may put in."""

    zeta: Any
    alpha: Any
    Beta: Any = ""
    name: Any = msgspec.field(default="", name="ü")


@given(values, values, values, texts)
def test_a_typed_event_has_the_text_of_its_json(zeta: Json, alpha: Json, beta: Json, name: str) -> None:
    value = Typed(zeta, alpha, beta, name)
    assert canonical(value) == rfc8785.dumps(msgspec.to_builtins(value)) == canonical(msgspec.to_builtins(value))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (1.5, "float"), ([1.0], "float"), (MAX_INTEGER + 1, "beyond"), (-MAX_INTEGER - 1, "beyond"),
        ("\ud800", "surrogate"), ({"\udc00": 1}, "surrogate"), ("x" * (1 << 20), "bytes"),
    ],
)  # fmt: skip
def test_a_typed_event_is_refused_for_what_json_is_refused_for(value: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        canonical(Typed(1, value))


def test_nesting_beyond_what_every_reader_can_take_is_refused() -> None:
    value: Json = 1
    for _ in range(200):
        value = [value]
    with pytest.raises(BadInput, match="nested"):
        canonical(value)


@given(texts, texts, texts, st.dictionaries(texts, values, max_size=3), st.none() | st.binary(min_size=16, max_size=16))
def test_the_leaf_is_the_canonical_json_of_the_documented_envelope(
    stream: str, actor: str, reason: str, data: dict[str, Json], cause: bytes | None
) -> None:
    id_ = bytes(range(16))
    record = Record(
        5, stream, 3, id_, "Type", 2, -7, 9, canonical(data), actor, reason, cause, None, "import:ü", b"leaf"
    )
    text = "00010203-0405-0607-0809-0a0b0c0d0e0f"
    envelope: Any = {
        "position": 5, "stream": stream, "version": 3, "id": text, "type": "Type", "schema_version": 2,
        "occurred_at": -7, "recorded_at": 9, "data": data, "actor": actor, "reason": reason,
        "correlation_id": None if cause is None else f"{cause[:4].hex()}-{cause[4:6].hex()}-{cause[6:8].hex()}-"
        f"{cause[8:10].hex()}-{cause[10:].hex()}",
        "causation_id": None, "origin": "import:ü",
    }  # fmt: skip
    assert leaf_bytes(record) == rfc8785.dumps(envelope)
