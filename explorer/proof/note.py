"""Signed notes (c2sp.org/signed-note): text, a blank line, and a line for each signature.

    text…
    (blank line)
    — name base64(key id ‖ signature)

A key's id is the first four bytes of SHA-256(name ‖ "\\n" ‖ 0x01 ‖ public key). A public key is written as
`name+id+base64(0x01 ‖ public key)`, a *vkey*.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from explorer.errors import BadInput, Damaged
from explorer.proof.ed25519 import PUBLIC_SIZE, is_signature

ED25519 = b"\x01"
"""The kind of key, as it stands before it."""
ID_SIZE = 4
LARGEST = 1024 * 1024
"""Bytes of a note."""
MOST_SIGNATURES = 100
MARK = "— "


class Key(NamedTuple):
    """A public key and whose it says it is."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_SIZE]

    @property
    def id_text(self) -> str:
        """Eight hexadecimal digits."""
        return self.id.hex()

    @property
    def text(self) -> str:
        """The vkey."""
        return f"{self.name}+{self.id_text}+{base64.b64encode(ED25519 + self.public).decode()}"


class Signature(NamedTuple):
    name: str
    id: bytes
    signature: bytes


class Note(NamedTuple):
    """A note as it was read. Nothing of it is known to be true before `signers`."""

    text: str
    signatures: tuple[Signature, ...]

    def signers(self, keys: Iterable[Key]) -> list[Key]:
        """Which of the known keys have signed it. Raises Damaged if a line that says it is theirs is not.

        Lines of unknown keys are ignored, as the specification has it: witnesses may have added theirs.
        """
        known = {(key.name, key.id): key for key in keys}
        found = list[Key]()
        for name, id_, signature in self.signatures:
            key = known.get((name, id_))
            if key is None or key in found:
                continue
            if not is_signature(key.public, self.text.encode(), signature):
                raise Damaged(f"The signature of {name} (key {id_.hex()}) is not that of this text: one was altered.")
            found.append(key)
        return found


def parse_key(text: str) -> Key:
    """The key that a vkey names. Raises BadInput."""
    name, _, rest = text.strip().partition("+")
    id_, _, encoded = rest.partition("+")
    found = Key(name, b"")
    try:
        data = base64.b64decode(encoded, validate=True)
        found = Key(name, data[1:])
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"{text.strip()[:100]!r} is no public key: its last part is not base64.") from error
    if not is_name(name) or data[:1] != ED25519 or len(found.public) != PUBLIC_SIZE or id_ != found.id_text:
        raise BadInput(f"{text.strip()[:100]!r} is no public key of the form name+id+base64, of kind Ed25519.")
    return found


def is_name(name: str) -> bool:
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The text as a note with one signature. The same text and key give the same note."""
    _check_text(text)
    if not is_name(name):
        raise ValueError(f"{name!r} is no key's name")
    public = Key(name, key.public_key().public_bytes_raw())
    line = base64.b64encode(public.id + key.sign(text.encode())).decode()
    return f"{text}\n{MARK}{name} {line}\n"


def parse_note(data: bytes) -> Note:
    """A note's text and signatures, not yet checked. Raises BadInput for what is no note."""
    if len(data) > LARGEST:
        raise BadInput(f"A signed note may have {LARGEST:,} bytes; this has {len(data):,}.")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise BadInput("This is no signed note: it is not UTF-8.") from error
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise BadInput("This is no signed note: a text, a blank line and signature lines are wanted.")
    text += "\n"
    _check_text(text)
    lines = signatures.split("\n")[:-1]
    if len(lines) > MOST_SIGNATURES:
        raise BadInput(f"A signed note may have {MOST_SIGNATURES} signatures; this has {len(lines):,}.")
    return Note(text, tuple(map(_signature, lines)))


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(character) < 0x20 and character != "\n" for character in text):
        raise BadInput("The text of a signed note ends with a line's end and has no control characters.")


def _signature(line: str) -> Signature:
    name, blank, encoded = line.removeprefix(MARK).partition(" ")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not line.startswith(MARK) or not blank or not is_name(name) or len(data) <= ID_SIZE:
        raise BadInput(f"This is no signed note: {line[:80]!r} is no signature line.")
    return Signature(name, data[:ID_SIZE], data[ID_SIZE:])
