"""The keys that sign checkpoints: one private key in the user's data folder, and the public halves of those before it.

A rotation destroys the old private key. What it signed stays valid; it cannot sign anything more.
"""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from explorer.application import outside
from explorer.application.small_file import read_small
from explorer.application.whole_file import replacing
from explorer.errors import BadInput, Busy, Missing, ReadOnly
from explorer.proof.checkpoint import origin_of
from explorer.proof.ed25519 import PUBLIC_SIZE
from explorer.proof.note import Key

VARIABLE = "EVENT_EXPLORER_KEY"
"""The environment variable that names another key file."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO
LARGEST = 16 * 1024


class SigningKey(NamedTuple):
    """A private key, and the public keys that were in its place before it, the latest first."""

    path: Path
    private: Ed25519PrivateKey
    retired: tuple[bytes, ...]

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def key(self, store_id: UUID) -> Key:
        """The public key under the name by which it signs for a store."""
        return Key(origin_of(store_id), self.public)

    def keys(self, store_id: UUID) -> list[Key]:
        """The present key and all before it."""
        return [Key(origin_of(store_id), public) for public in (self.public, *self.retired)]


def signing_key(path: Path | None = None) -> SigningKey:
    """The key at `path`, or where the environment says, or the user's own, which is made on first use.

    Raises Missing for a named file that is not there, BadInput for what is no Ed25519 key, ReadOnly for one that others
    may read.
    """
    place, is_named = _place(path)
    if not is_named and not _is_there(place):
        with suppress(FileExistsError):  # another process was quicker
            _create(place)
    private = _read(place)
    # A rotation that was cut short has listed the present key already.
    present = private.public_key().public_bytes_raw()
    return SigningKey(place, private, tuple(public for public in _retired(place) if public != present))


def known_keys(store_id: UUID, path: Path | None = None) -> list[Key]:
    """The public keys that `signing_key` has or had, the present first; none is made where there is none."""
    place, _ = _place(path)
    return signing_key(place).keys(store_id) if _is_there(place) else []


def key_files(path: Path | None = None) -> tuple[Path, ...]:
    """Where the key and the list of those before it are, or will be."""
    place, _ = _place(path)
    return place, _retired_file(place)


def _is_there(place: Path) -> bool:
    """Not where the folder may not be looked into, either."""
    try:
        return place.exists()
    except OSError:
        return False


def _place(path: Path | None) -> tuple[Path, bool]:
    """Where the key is, and whether somebody said so."""
    named = path or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    # Behind a link is the key itself, which a rotation is to destroy.
    return (named or outside.data_folder() / "keys" / "signing.pem").resolve(), named is not None


def rotate(path: Path | None = None) -> SigningKey:
    """Puts a new key in the old one's place; the old one's public half is kept, its private half is gone."""
    place = signing_key(path).path
    with _alone(place):
        old = signing_key(place)
        with replacing(_retired_file(place)) as file:
            file.write("".join(f"{public.hex()}\n" for public in (old.public, *old.retired)).encode())
        with replacing(place) as file:
            file.write(_pem(Ed25519PrivateKey.generate()))
    return signing_key(place)


@contextmanager
def _alone(place: Path) -> Generator[None]:
    """Two rotations at once would lose a public key, and with it what that has signed."""
    mine = place.with_name(f"{place.name}.rotating")
    try:
        mine.open("x").close()
    except FileExistsError as error:
        raise Busy(
            f"Another rotation is under way. If none is, one was cut short: remove {mine} and try again."
        ) from error
    except OSError as error:
        raise ReadOnly(f"The key in {place.parent} cannot be rotated: {error.strerror}.") from error
    try:
        yield
    finally:
        mine.unlink(missing_ok=True)


def _create(place: Path) -> None:
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole under another name first: who finds it finds all of it.
        part = place.with_name(f".{place.name}.{outside.new_id()}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_pem(Ed25519PrivateKey.generate()))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, place)
        finally:
            part.unlink()
    except FileExistsError:
        raise
    except OSError as error:
        raise ReadOnly(
            f"No signing key can be made at {place}: {error.strerror}. Name one with --key or {VARIABLE}."
        ) from error


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read(place: Path) -> Ed25519PrivateKey:
    try:
        data, about = read_small(place, LARGEST)
    except OSError as error:
        raise Missing(f"The signing key {place} cannot be read: {error.strerror}.") from error
    if os.name == "posix" and about.st_mode & OTHERS:
        raise ReadOnly(
            f"The signing key {place} can be read by others, who could sign in your name. Run: chmod 600 {place}"
        )
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput(f"{place} is no private key in PEM without a passphrase.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(f"{place} is no Ed25519 key. Make one with: openssl genpkey -algorithm ed25519 -out FILE")
    return key


def _retired_file(place: Path) -> Path:
    return place.with_name(f"{place.name}.retired")


def _retired(place: Path) -> tuple[bytes, ...]:
    file = _retired_file(place)
    if not _is_there(file):
        return ()
    try:
        publics = tuple(bytes.fromhex(line) for line in file.read_text(encoding="ascii").split())
    except (OSError, ValueError) as error:
        raise BadInput(f"{file} does not list public keys in hexadecimal, one a line.") from error
    if any(len(public) != PUBLIC_SIZE for public in publics):
        raise BadInput(f"{file} does not list public keys of {PUBLIC_SIZE} bytes.")
    return publics
