"""Ed25519 signatures (RFC 8032), of which only the canonical are taken.

Libraries differ on edge cases: of C2SP's 914 test signatures OpenSSL takes 208 and libsodium 43. An honest signer makes
none of those; but what one verifier takes and another refuses is no proof. So encodings that are not the shortest, and
keys of small order, are refused before the library is asked.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PUBLIC_SIZE, SIGNATURE_SIZE = 32, 64
FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER = frozenset({
    0, 1, FIELD - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
})  # fmt: skip
"""The y coordinates of the eight points whose order divides 8."""


def is_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is that of `message` by the key `public` (32 bytes)."""
    if len(public) != PUBLIC_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    if not (_is_canonical(public) and _is_canonical(signature[:32]) and not _is_small(public)):
        return False
    if int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _y(point: bytes) -> int:
    return int.from_bytes(point, "little") & (1 << 255) - 1


def _is_canonical(point: bytes) -> bool:
    # The two points with x = 0 have no negative form.
    return _y(point) < FIELD and not (point[31] & 0x80 and _y(point) in (1, FIELD - 1))


def _is_small(point: bytes) -> bool:
    return _y(point) in SMALL_ORDER
