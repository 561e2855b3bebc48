"""The one row that tells where the log ends."""

from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from explorer.errors import Damaged
from explorer.proof import merkle
from explorer.store.engine import MEND

_HEAD = "SELECT store_id, created_at, size, time, frontier FROM head"


class Head(NamedTuple):
    """Where the log ends: its number of events, its time (greatest occurred_at; 0 if empty) and its Merkle root.

    `frontier` are the roots of the complete subtrees that the root is made of; see `explorer.proof.merkle`.
    """

    store_id: UUID
    created_at: int
    size: int
    time: int
    root: bytes
    frontier: tuple[bytes, ...] = ()


def read_head(cursor: Any, path: Path) -> Head:
    """Raises Damaged for a row that is no head: what the file says of itself may be anything."""
    row = cursor.execute(_HEAD).fetchone()
    if not _is_head(row):
        raise Damaged(f"{path} is damaged: its head, which tells where the log ends, is no head. {MEND}")
    store_id, created_at, size, time, frontier = row
    nodes = merkle.unpacked(frontier)
    return Head(UUID(bytes=store_id), created_at, size, time, merkle.root(nodes), tuple(nodes))


def _is_head(row: Any) -> bool:
    """Whether the types and lengths are those of a head: what the file says of itself may be anything."""
    if row is None or [type(value) for value in row] != [bytes, int, int, int, bytes]:
        return False
    store_id, _, size, _, frontier = row
    return len(store_id) == 16 and size >= 0 and len(frontier) == merkle.HASH_SIZE * size.bit_count()
