"""Checkpoints (c2sp.org/tlog-checkpoint): the text that says how long a log is and what its Merkle root is.

    origin
    size
    base64(root hash)

A signed note of this text binds whoever holds the key to that history. The origin names the store, and the key that
signs for it is called the same.
"""

import base64
import binascii
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from explorer.errors import BadInput
from explorer.proof.merkle import HASH_SIZE
from explorer.proof.note import Key, Note, parse_note, sign

LONGEST_SIZE = 19
"""Digits of a number of events."""


def origin_of(store_id: UUID) -> str:
    """The name under which a store's checkpoints are signed."""
    return f"event-explorer.local/{store_id}"


class Checkpoint(NamedTuple):
    """A log's first `size` events have the Merkle root `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class SignedCheckpoint(NamedTuple):
    """A checkpoint, the note that says it, and the key whose signature on it was made or checked."""

    checkpoint: Checkpoint
    note: str
    key: Key

    @property
    def size(self) -> int:
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        return self.checkpoint.root


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> SignedCheckpoint:
    """Signs under the origin's name. Says nothing of whether the log was looked at: that is the caller's duty."""
    public = Key(checkpoint.origin, key.public_key().public_bytes_raw())
    return SignedCheckpoint(checkpoint, sign(checkpoint.text, checkpoint.origin, key), public)


def parse_checkpoint(text: str) -> Checkpoint:
    """What a note's text says. Extension lines are allowed and not looked at. Raises BadInput."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadInput("This is no checkpoint: origin, size and root hash are wanted, a line each.")
    origin, size, encoded = lines[:3]
    if not (size.isascii() and size.isdigit()) or len(size) > LONGEST_SIZE or (size[0] == "0" and size != "0"):
        raise BadInput(f"This is no checkpoint: {size[:40]!r} is no number of events.")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != HASH_SIZE or base64.b64encode(root).decode() != encoded:
        raise BadInput(f"This is no checkpoint: {encoded[:60]!r} is no hash in base64.")
    return Checkpoint(origin, int(size), root)


def read_checkpoint(data: bytes) -> tuple[Checkpoint, Note]:
    """A signed checkpoint as it stands in a file; its signatures are not yet checked. Raises BadInput."""
    note = parse_note(data)
    return parse_checkpoint(note.text), note
