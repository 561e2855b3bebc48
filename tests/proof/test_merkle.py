"""The tree against its definition (RFC 9162 §2.1.1) and against Certificate Transparency's own numbers."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.proof.merkle import extend, leaf_hash, packed, push, root, unpacked

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "vectors" / "rfc6962"


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = by_definition(leaves[:split]), by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(leaves: list[bytes]) -> list[bytes]:
    frontier: list[bytes] = []
    for number, leaf in enumerate(leaves):
        push(frontier, number, leaf_hash(leaf))
    return frontier


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_frontier_leads_to_the_root_of_the_definition(leaves: list[bytes]) -> None:
    frontier = grown(leaves)
    assert root(frontier) == by_definition(leaves)
    assert len(frontier) == len(leaves).bit_count()
    assert unpacked(packed(frontier)) == frontier


@given(st.lists(st.integers(0, 40), max_size=6))
def test_many_leaves_at_once_are_the_same_as_one_after_the_other(batches: list[int]) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(sum(batches))]
    frontier: list[bytes] = []
    size = 0
    for batch in batches:
        extend(frontier, size, leaves[size : size + batch])
        size += batch
    one_by_one: list[bytes] = []
    for number, leaf in enumerate(leaves):
        push(one_by_one, number, leaf)
    assert frontier == one_by_one


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_the_roots_are_those_of_certificate_transparency() -> None:
    reference = json.loads((VECTORS / "ct_reference.json").read_text(encoding="utf-8"))
    leaves = [bytes.fromhex(leaf) for leaf in reference["leaves_hex"]]
    for size, expected in enumerate(reference["roots_hex_by_size"]):
        assert root(grown(leaves[:size])).hex() == expected
