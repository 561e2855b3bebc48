"""A personal text as it stands in the log of a store that protects them: a token.

    sealed1.KEY.TEXT

KEY is the number of the person's key in base64url, TEXT the base64url of a nonce of 12 bytes and the text's
AES-256-GCM, bound to the event's version, the field and the stream: elsewhere a token does not open.
"""

import base64
import binascii
import os
from typing import cast

from cryptography.exceptions import InvalidTag

from explorer.domain.event import Json
from explorer.errors import Damaged
from explorer.store.subject_keys import ID_BYTES, SubjectKey

PREFIX = "sealed1."
NONCE, TAG = 12, 16
UNOPENED = (InvalidTag, ValueError)
"""What `unsealed` raises for a token that was altered, or stood elsewhere."""


def is_token(text: object) -> bool:
    """Whether it is one where texts are sealed: it may be of a kind that cannot be read."""
    return isinstance(text, str) and text.startswith(PREFIX)


def is_well_made(text: object) -> bool:
    """Whether it is one also where it is not known that texts are sealed: nobody types such a thing."""
    if not isinstance(text, str) or not text.startswith(PREFIX):
        return False
    try:
        return len(key_of(text)) == ID_BYTES and len(_box(text)) > NONCE + TAG
    except (Damaged, ValueError):
        return False


def key_of(token: str) -> bytes:
    """The number of the key that a token was sealed with. Raises Damaged."""
    return key_id(token.removeprefix(PREFIX).partition(".")[0])


def place_of(stream: str, version: int, field: str) -> bytes:
    """What a token is bound to. Keys belong to one store, so that it need not be named."""
    return f"{version} {field} {stream}".encode()


def sealed(key: SubjectKey, text: str, place: bytes) -> str:
    """The token of a text at a place."""
    assert key.cipher is not None
    nonce = os.urandom(NONCE)
    box = base64.urlsafe_b64encode(nonce + key.cipher.encrypt(nonce, text.encode(), place)).decode()
    return f"{PREFIX}{key_name(key.id)}.{box}"


def unsealed(key: SubjectKey, token: str, place: bytes) -> str:
    """The text of a token at a place. Raises one of `UNOPENED`."""
    assert key.cipher is not None
    box = _box(token)
    return key.cipher.decrypt(box[:NONCE], box[NONCE:], place).decode()


def key_name(id_: bytes) -> str:
    """A key's number as it stands in tokens and events."""
    return base64.urlsafe_b64encode(id_).decode()


def key_id(name: Json) -> bytes:
    """Raises Damaged for what is no key's number."""
    try:
        return base64.b64decode(cast("str", name), b"-_", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise Damaged(f"{name!r} is not the number of a key.") from error


def _box(token: str) -> bytes:
    return base64.b64decode(token.removeprefix(PREFIX).partition(".")[2], b"-_", validate=True)
