"""A proof as it comes from elsewhere, as the fields of a JSON object, and whether it holds.

The fields are those of transparency-dev's test data, hashes in base64:

    {"leafIdx", "treeSize", "root", "leafHash", "proof": […]}           inclusion
    {"size1", "size2", "root1", "root2", "proof": […]}                  consistency
    {"vkey", "note"}                                                    a signed note

Other fields are not looked at.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from explorer.domain.event import Json
from explorer.errors import BadInput, Damaged
from explorer.proof.note import parse_key, parse_note
from explorer.proof.proofs import consistency_fault, inclusion_fault

LARGEST = 16 * 1024 * 1024
"""Bytes of the input."""


def judged(data: bytes) -> dict[str, Json]:
    """`{"kind", "valid", "reason"}`; the reason is empty where it is valid. Raises BadInput for other fields."""
    fields = _fields(data)
    if "leafIdx" in fields:
        kind, fault = "inclusion", _inclusion(fields)
    elif "size1" in fields:
        kind, fault = "consistency", _consistency(fields)
    elif "note" in fields:
        kind, fault = "note", _note(fields)
    else:
        raise BadInput(
            "The fields are those of no proof: leafIdx, treeSize, root, leafHash and proof; or size1, size2, root1, "
            "root2 and proof; or vkey and note."
        )
    return {"kind": kind, "valid": not fault, "reason": fault}


def _fields(data: bytes) -> Mapping[str, Any]:
    if len(data) > LARGEST:
        raise BadInput(f"A proof has at most {LARGEST:,} bytes.")
    try:
        fields: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"Standard input has no JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise BadInput("Standard input has no JSON object.")
    return cast("Mapping[str, Any]", fields)


def _inclusion(fields: Mapping[str, Any]) -> str:
    return inclusion_fault(
        _number(fields, "leafIdx"), _number(fields, "treeSize"), _hash(fields, "leafHash"), _hashes(fields),
        _hash(fields, "root"),
    )  # fmt: skip


def _consistency(fields: Mapping[str, Any]) -> str:
    return consistency_fault(
        _number(fields, "size1"), _number(fields, "size2"), _hash(fields, "root1"), _hash(fields, "root2"),
        _hashes(fields),
    )  # fmt: skip


def _note(fields: Mapping[str, Any]) -> str:
    key = parse_key(_text(fields, "vkey"))
    try:
        return "" if parse_note(_text(fields, "note").encode()).signers([key]) else "the key has not signed it"
    except (BadInput, Damaged, UnicodeEncodeError) as error:
        return str(error)


def _number(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInput(f"The field {name} is no whole number.")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise BadInput(f"The field {name} is no text.")
    return value


def _hashes(fields: Mapping[str, Any]) -> list[bytes]:
    values: Any = fields.get("proof")
    if values is None:
        return []  # Go writes an empty list so
    if not isinstance(values, list):
        raise BadInput("The field proof is no list.")
    return [_decoded(value, "proof") for value in cast("list[object]", values)]


def _hash(fields: Mapping[str, Any], name: str) -> bytes:
    return _decoded(fields.get(name), name)


def _decoded(value: object, name: str) -> bytes:
    if value is None:
        return b""
    try:
        return base64.b64decode(value if isinstance(value, str) else "*", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"The field {name} is not base64.") from error
