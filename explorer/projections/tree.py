"""The inner nodes of the log's Merkle tree: a cache of its own, so that a proof reads hundreds of leaves, not millions.

Kept are the roots of complete subtrees of 256 leaves, 32 bytes each, one behind the other in a file: the idea of
c2sp.org/tlog-tiles, an eighth of a byte an event. What is below is read from the leaves, what is above is hashed when
it is asked for. Nothing here is trusted: whoever makes a proof checks it against a root that was found elsewhere.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from explorer.errors import Damaged, ReadOnly
from explorer.projections.runner import Progress, no_progress
from explorer.proof import merkle
from explorer.proof.proofs import consistency_proof, inclusion_proof, tree_root
from explorer.store.event_store import EventStore

HEIGHT = 8
"""Levels below the nodes that are kept."""
BLOCK = 1 << HEIGHT
"""Leaves under one of them."""
STRIDE = 64
"""Blocks read in one go."""


class Tree:
    """The tree over a store's recorded leaf hashes. Not for several threads at once."""

    def __init__(self, store: EventStore, file: Path, new_id: Callable[[], UUID]) -> None:
        self._store, self._file, self._new_id = store, file, new_id
        self._levels: list[list[bytes]] = [_unpacked(file)]
        self._leaves = lru_cache(maxsize=STRIDE)(self._read_block)

    def catch_up(self, size: int, progress: Progress = no_progress) -> None:
        """Computes the nodes of the first `size` events that are not kept yet, and keeps them."""
        blocks, kept = self._levels[0], len(self._levels[0])
        while len(blocks) < size // BLOCK:
            first = len(blocks)
            last = min(size // BLOCK, first + STRIDE)
            leaves = self._read(first * BLOCK, last * BLOCK)
            for start in range(0, len(leaves), BLOCK):
                blocks.append(_root(leaves[start : start + BLOCK]))
            progress(last * BLOCK, size)
        if len(blocks) > kept:
            self._keep()

    def forget(self) -> None:
        """Drops all that is kept: the log is another one, or the file was altered."""
        self._levels = [[]]
        self._leaves.cache_clear()
        self._file.unlink(missing_ok=True)

    def node(self, level: int, number: int) -> bytes:
        """The root of a complete subtree; see `explorer.proof.proofs.Node`."""
        if level < HEIGHT:
            block, within = divmod(number << level, BLOCK)
            return _root(self._leaves_of(block, within, within + (1 << level)))
        while len(self._levels) <= level - HEIGHT:
            self._levels.append([])
        return self._inner(level - HEIGHT, number)

    def _leaves_of(self, block: int, start: int, end: int) -> list[bytes]:
        leaves = self._leaves(block)
        if len(leaves) < end:
            # It was read when the log was shorter.
            self._leaves.cache_clear()
            leaves = self._leaves(block)
        if len(leaves) < end:
            raise Damaged(f"{self._store.path} lacks events behind event {block * BLOCK + len(leaves):,}.")
        return leaves[start:end]

    def _inner(self, level: int, number: int) -> bytes:
        nodes = self._levels[level]
        while level and len(nodes) <= number:
            below = 2 * len(nodes)
            nodes.append(merkle.node_hash(self._inner(level - 1, below), self._inner(level - 1, below + 1)))
        return nodes[number]

    def frontier(self, size: int) -> list[bytes]:
        """The roots of the complete subtrees of the first `size` events, as `explorer.proof.merkle` has them."""
        self.catch_up(size)
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        return [self.node(level, (size >> level) - 1) for level in reversed(levels)]

    def root(self, size: int) -> bytes:
        """The root over the first `size` events."""
        self.catch_up(size)
        return tree_root(size, self.node)

    def inclusion(self, position: int, size: int) -> list[bytes]:
        """The proof that the event at `position` is in the log of `size` events."""
        self.catch_up(size)
        return inclusion_proof(position - 1, size, self.node)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the log of `second` events begins with that of `first`."""
        self.catch_up(second)
        return consistency_proof(first, second, self.node)

    def _read_block(self, block: int) -> list[bytes]:
        return self._store.leaves(block * BLOCK, (block + 1) * BLOCK)

    def _read(self, after: int, until: int) -> list[bytes]:
        leaves = self._store.leaves(after, until)
        if len(leaves) != until - after:
            raise Damaged(f"{self._store.path} lacks events between event {after + 1:,} and event {until:,}.")
        return leaves

    def _keep(self) -> None:
        part = self._file.with_name(f"{self._file.name}.{self._new_id()}.part")
        try:
            part.write_bytes(b"".join(self._levels[0]))
            part.replace(self._file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ReadOnly(f"{self._file} cannot be written: {error.strerror}. Name another cache folder.") from error


def _root(leaves: list[bytes]) -> bytes:
    """Of a complete subtree."""
    while len(leaves) > 1:
        leaves = [merkle.node_hash(left, right) for left, right in zip(leaves[::2], leaves[1::2], strict=True)]
    return leaves[0]


def _unpacked(file: Path) -> list[bytes]:
    try:
        data = file.read_bytes()
    except OSError:
        return []
    # A tail that was torn is computed anew.
    return merkle.unpacked(data[: len(data) - len(data) % merkle.HASH_SIZE])
