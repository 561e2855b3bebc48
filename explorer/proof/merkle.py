"""The log as a Merkle tree (RFC 9162 §2.1): one hash that stands for every event up to a position.

The *frontier* of a log of n leaves is the list of its complete subtrees' roots, the largest first: one hash for each
bit set in n. It is all an append needs to know of the past.
"""

import hashlib
from collections.abc import Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(frontier: list[bytes], size: int, leaf: bytes) -> None:
    """Adds the leaf number `size` (0-based) to the frontier of `size` leaves, in place."""
    while size & 1:
        leaf = node_hash(frontier.pop(), leaf)
        size >>= 1
    frontier.append(leaf)


def extend(frontier: list[bytes], size: int, leaves: Sequence[bytes]) -> None:
    """As `push` for leaf after leaf, level by level: half the time where there are many."""
    if len(leaves) == 1:
        push(frontier, size, leaves[0])
        return
    nodes, ends = list(leaves), list[bytes]()
    while nodes:
        if size & 1:
            nodes.insert(0, frontier.pop())
        if len(nodes) & 1:
            ends.append(nodes.pop())
        nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
        size >>= 1
    frontier.extend(reversed(ends))


def root(frontier: Sequence[bytes]) -> bytes:
    """The tree's root hash; of an empty tree the hash of nothing."""
    if not frontier:
        return EMPTY_ROOT
    *rest, result = frontier
    for subtree in reversed(rest):
        result = node_hash(subtree, result)
    return result


def packed(frontier: Sequence[bytes]) -> bytes:
    return b"".join(frontier)


def unpacked(data: bytes) -> list[bytes]:
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]
