"""Inclusion and consistency proofs of a Merkle tree (RFC 9162 §2.1.3 and §2.1.4): made, and checked.

A proof is a list of 32-byte hashes. Leaves are numbered from 0: the event at position P is leaf P - 1. Nothing is
invented here: immudb's own kind of proof could be forged (CVE-2022-36111).
"""

from collections.abc import Callable, Sequence

from explorer.proof.merkle import HASH_SIZE, node_hash, root

Node = Callable[[int, int], bytes]
"""Gives the root of the complete subtree number n (from 0) at a level (0: the leaves themselves)."""


def tree_root(size: int, node: Node) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _span(0, size, node)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf upwards. 0 <= index < size."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_span(middle, end, node))
            end = middle
        else:
            path.append(_span(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """That the tree of `second` leaves begins with that of `first`. 0 < first <= second."""
    if not 0 < first <= second:
        raise ValueError(f"no proof leads from {first} leaves to {second}")
    path, start, end, is_whole = list[bytes](), 0, second, True
    while first < end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_span(middle, end, node))
            end = middle
        else:
            path.append(_span(start, middle, node))
            start, is_whole = middle, False
    # The subtree on which both agree: its root is the old one, unless a part was split off to its left.
    return [*([] if is_whole else [_span(start, end, node)]), *path[::-1]]


def _split(leaves: int) -> int:
    """The largest power of two below a number above 1."""
    return 1 << (leaves - 1).bit_length() - 1


def _span(start: int, end: int, node: Node) -> bytes:
    """The root over leaves start <= n < end, put together from complete subtrees; `start` is where RFC 9162 splits."""
    parts = list[bytes]()
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    return root(parts)


def inclusion_fault(index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected: bytes) -> str:
    """Why the proof does not show that leaf hash `leaf` is number `index` of `size` under `expected`; "" if it does.

    RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size:
        return f"there is no leaf {index} in a tree of {size} leaves"
    if fault := _length_fault(leaf, expected, *proof):
        return fault
    sides = _sides(index, size - 1, len(proof))
    if isinstance(sides, str):
        return sides
    found = leaf
    for step, is_left in zip(proof, sides, strict=True):
        found = node_hash(step, found) if is_left else node_hash(found, step)
    return "" if found == expected else "the proof leads to another root"


def consistency_fault(first: int, second: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> str:
    """Why the proof does not show that the tree of `second` leaves under `new` begins with that of `first` under `old`.

    "" if it does. RFC 9162 §2.1.4.2. A tree of no leaves is refused: with it, every tree would be consistent.
    """
    if not 0 < first <= second:
        return f"nothing can be shown of {first} leaves in a tree of {second}"
    if first == second:
        if proof:
            return "two trees of one size need no proof"
        return "" if old == new else "two trees of one size have different roots"
    return _length_fault(old, new, *proof) or _longer_fault(first, second, old, new, proof)


def _longer_fault(first: int, second: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> str:
    is_complete = first & (first - 1) == 0
    if not proof:
        return "the proof is empty"
    start, *steps = [old, *proof] if is_complete else proof
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    sides = _sides(number, last, len(steps))
    if isinstance(sides, str):
        return sides
    found_old = found_new = start
    for step, is_left in zip(steps, sides, strict=True):
        found_old = node_hash(step, found_old) if is_left else found_old
        found_new = node_hash(step, found_new) if is_left else node_hash(found_new, step)
    if found_old != old:
        return "the proof leads to another root of the older tree"
    return "" if found_new == new else "the proof leads to another root of the newer tree"


def _sides(number: int, last: int, steps: int) -> list[bool] | str:
    """Climbing from node `number` of a level that ends with `last`: of each step whether it stands to the left.

    A sentence if the tree has another depth than there are steps.
    """
    sides = list[bool]()
    while len(sides) < steps:
        if last == 0:
            return "the proof is longer than the tree is deep"
        is_left = bool(number & 1) or number == last
        sides.append(is_left)
        while is_left and not number & 1 and number:
            number, last = number >> 1, last >> 1
        number, last = number >> 1, last >> 1
    return sides if last == 0 else "the proof is shorter than the tree is deep"


def _length_fault(*hashes: bytes) -> str:
    return "" if all(len(value) == HASH_SIZE for value in hashes) else f"a hash has not {HASH_SIZE} bytes"
