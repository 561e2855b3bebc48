"""Proofs against the definition, against the public vectors, and against every kind of forgery that is one bit away."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from explorer.proof.merkle import leaf_hash, node_hash, push, root
from explorer.proof.proofs import (
    consistency_fault,
    consistency_proof,
    inclusion_fault,
    inclusion_proof,
    tree_root,
)

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "vectors"


class Tree:
    """A whole tree in memory."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf_hash(f"leaf-{number}".encode()) for number in range(size)]

    def node(self, level: int, number: int) -> bytes:
        if level == 0:
            return self.leaves[number]
        return node_hash(self.node(level - 1, 2 * number), self.node(level - 1, 2 * number + 1))

    def root(self, size: int) -> bytes:
        frontier: list[bytes] = []
        for number, leaf in enumerate(self.leaves[:size]):
            push(frontier, number, leaf)
        return root(frontier)


TREE = Tree(130)


@given(st.integers(1, 130), st.data())
def test_every_leaf_is_proved_and_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, TREE.node)
    assert inclusion_fault(index, size, TREE.leaves[index], proof, TREE.root(size)) == ""
    other = data.draw(st.integers(0, 129))
    assume(other != index)
    assert inclusion_fault(index, size, TREE.leaves[other], proof, TREE.root(size))
    assert inclusion_fault(other, size, TREE.leaves[index], proof, TREE.root(size))
    assert inclusion_fault(index, size, TREE.leaves[index], [*proof, TREE.leaves[0]], TREE.root(size))
    if proof:
        assert inclusion_fault(index, size, TREE.leaves[index], proof[:-1], TREE.root(size))
        assert inclusion_fault(index, size, TREE.leaves[index], flipped(proof, data), TREE.root(size))


@given(st.integers(1, 130), st.data())
def test_an_older_tree_is_proved_to_be_the_newer_ones_beginning(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    proof = consistency_proof(first, second, TREE.node)
    old, new = TREE.root(first), TREE.root(second)
    assert consistency_fault(first, second, old, new, proof) == ""
    assert tree_root(second, TREE.node) == new
    assert consistency_fault(first, second, new if first != second else leaf_hash(b"x"), new, proof)
    assert consistency_fault(first, second, old, leaf_hash(b"x"), proof)
    assert consistency_fault(first, second, old, new, [*proof, old])
    if proof:
        assert consistency_fault(first, second, old, new, proof[:-1])
        assert consistency_fault(first, second, old, new, flipped(proof, data))


def flipped(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    """The proof with one bit of it turned over."""
    bit = data.draw(st.integers(0, 256 * len(proof) - 1))
    step, within = divmod(bit, 256)
    changed = bytearray(proof[step])
    changed[within // 8] ^= 1 << within % 8
    return [*proof[:step], bytes(changed), *proof[step + 1 :]]


def test_nothing_is_proved_of_an_empty_tree() -> None:
    assert consistency_fault(0, 1, TREE.root(0), TREE.root(1), [])
    assert consistency_fault(0, 0, TREE.root(0), TREE.root(0), [])
    assert inclusion_fault(0, 0, TREE.leaves[0], [], TREE.root(0))
    with pytest.raises(ValueError, match="no proof leads"):
        consistency_proof(0, 4, TREE.node)
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(4, 4, TREE.node)


def hashes(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or []]


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_the_public_vectors_are_accepted_and_refused_as_they_say() -> None:
    """transparency-dev/merkle, `testdata`."""
    cases = [path for kind in ("inclusion", "consistency") for path in (VECTORS / "merkle" / kind).rglob("*.json")]
    assert len(cases) == 98 + 98
    for path in cases:
        case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if "leafIdx" in case:
            leaf, expected = hashes([case["leafHash"], case["root"]])
            fault = inclusion_fault(case["leafIdx"], case["treeSize"], leaf, hashes(case["proof"]), expected)
        else:
            old, new = hashes([case["root1"], case["root2"]])
            fault = consistency_fault(case["size1"], case["size2"], old, new, hashes(case["proof"]))
        assert bool(fault) is case["wantErr"], (path, fault)


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_the_consistency_proofs_are_those_of_certificate_transparency() -> None:
    reference = json.loads((VECTORS / "rfc6962" / "ct_reference.json").read_text(encoding="utf-8"))
    tree = Tree(8)
    tree.leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in reference["leaves_hex"]]
    for sizes, expected in reference["consistency_hex"].items():
        first, second = map(int, sizes.split(","))
        assert [step.hex() for step in consistency_proof(first, second, tree.node)] == expected


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_the_roots_of_larger_trees_are_those_that_others_found() -> None:
    reference = json.loads((VECTORS / "rfc6962" / "big_roots.json").read_text(encoding="utf-8"))
    tree = Tree(max(map(int, reference["roots_hex_by_size"])))
    for size, expected in reference["roots_hex_by_size"].items():
        assert tree_root(int(size), tree.node).hex() == expected
