"""The checkpoints of one store: signed when asked, at every export and when the last has grown old; kept beside it.

They are small files in `STORE.checkpoints`, each a signed note. On the same disk they only guard against who does not
think of them: give copies to whoever is to trust the log.
"""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from explorer.application.keys import SigningKey, key_files
from explorer.application.session import Session
from explorer.application.small_file import read_small
from explorer.application.verified import last_verified
from explorer.application.visible import visible
from explorer.application.whole_file import is_same, replacing
from explorer.errors import BadInput, Damaged, Missing, ReadOnly
from explorer.projections.runner import Progress, no_progress
from explorer.proof.checkpoint import Checkpoint, SignedCheckpoint, origin_of, read_checkpoint, sign_checkpoint
from explorer.proof.note import LARGEST, Key, Note
from explorer.store.event_store import Head

AGE = 3_600 * 1_000_000
"""µs after which a checkpoint is old, if events have come since."""
_NAME = re.compile(r"[0-9]{15}-[0-9a-f]{8}-[0-9a-f]{8}\.checkpoint")
"""Size, key id and the beginning of the root."""


class Known(NamedTuple):
    """A checkpoint in a file, made by whomever. `kept_at` is when the file was written (µs UTC)."""

    path: Path
    data: bytes
    checkpoint: Checkpoint
    note: Note
    kept_at: int

    @property
    def size(self) -> int:
        return self.checkpoint.size

    def signers(self, keys: Sequence[Key]) -> list[Key]:
        """The known keys that have signed it; see `Note.signers`."""
        return self.note.signers(keys)

    @property
    def key_ids(self) -> list[str]:
        """Of all that say they have signed it."""
        return [signature.id.hex() for signature in self.note.signatures]


def folder_of(store: Path) -> Path:
    """Where a store's checkpoints are kept."""
    place = store.resolve()
    return place.with_name(f"{place.name}.checkpoints")


def checkpoint_files(store: Path) -> list[Path]:
    """Those kept beside the store, under whatever name somebody may have put one there."""
    folder = folder_of(store)
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".checkpoint" and path.name[0] != ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ReadOnly(f"{folder} cannot be read: {error.strerror}.") from error


def known_checkpoints(store: Path) -> list[Known]:
    """What the files beside the store say, the shortest log first; see `known_checkpoint`."""
    return sorted(map(known_checkpoint, checkpoint_files(store)), key=lambda known: known.size)


def newest_checkpoint(files: Sequence[Path]) -> Known | None:
    """The one of the longest log; of those whose names tell, only that one is read."""
    named = [path for path in files if _NAME.fullmatch(path.name)]
    others = [path for path in files if path not in named]
    found = map(known_checkpoint, [*named[-1:], *others])
    return max(found, key=lambda known: known.size, default=None)


def known_checkpoint(path: Path) -> Known:
    """What a file beside the store says.

    Raises Damaged for one that cannot be read: who altered it may have wanted it not to be looked at.
    """
    try:
        return read_known(path)
    except (BadInput, Missing) as error:
        raise Damaged(
            f"A checkpoint beside the store was altered. {error} "
            "Put the true one back, or move it away, and verify again."
        ) from error


def read_known(path: Path) -> Known:
    """A checkpoint file, wherever it is. Raises Missing or BadInput."""
    try:
        data, about = read_small(path, LARGEST + 1)
    except OSError as error:
        raise Missing(f"The checkpoint {path} cannot be read: {error.strerror}.") from error
    try:
        return Known(path, data, *read_checkpoint(data), about.st_mtime_ns // 1_000)
    except BadInput as error:
        raise BadInput(
            f"{path} is no checkpoint; name a file that this program has exported as one. ({error})"
        ) from error


def given_checkpoints(session: Session, paths: Sequence[Path]) -> list[Known]:
    """Checkpoints of this log that somebody has kept elsewhere. Raises Missing or BadInput, also for another log's."""
    found, origin = list(map(read_known, paths)), origin_of(session.store.store_id)
    for one in found:
        if one.checkpoint.origin != origin:
            raise BadInput(
                f"{one.path} is a checkpoint of another log, {visible(one.checkpoint.origin)}; this one is {origin}. "
                "If it should be this one's, the store has been exchanged for another."
            )
    return found


def sign(
    session: Session, key: SigningKey, progress: Progress = no_progress, *, head: Head | None = None
) -> SignedCheckpoint:
    """Signs the log as it is now, or was at `head`, and keeps the checkpoint beside the store where it may be written.

    The same log and key give the same note. Raises Damaged, and signs nothing, if the log failed its last verification,
    or is not the continuation of every checkpoint that is known: nobody may sign two histories.
    """
    last = last_verified(session.cache.folder, session.store.store_id)
    if last is not None and last.is_log_damaged:
        raise Damaged(f"Nothing was signed: {last.words}.")
    known = known_checkpoints(session.path)
    for fault in contradictions(session, known, progress):
        raise Damaged(f"Nothing was signed. {fault.words}.")
    signed = signature(head or session.store.head(), key)
    if not _is_among(signed, known):
        _keep(session, signed)
    return signed


def signature(head: Head, key: SigningKey) -> SignedCheckpoint:
    """What `sign` would sign. Nothing is looked at, nothing kept: not to be handed out."""
    return sign_checkpoint(Checkpoint(origin_of(head.store_id), head.size, head.root), key.private)


def with_signature(known: Sequence[Known], store: Path, signed: SignedCheckpoint) -> list[Known]:
    """The known checkpoints as they will be when `signed` is kept."""
    if _is_among(signed, known):
        return [*known]
    path = folder_of(store) / _file_name(signed)
    data = signed.note.encode()
    return [*known, Known(path, data, *read_checkpoint(data), 0)]


def _is_among(signed: SignedCheckpoint, known: Sequence[Known]) -> bool:
    return any(one.checkpoint == signed.checkpoint and signed.key.id_text in one.key_ids for one in known)


def _file_name(signed: SignedCheckpoint) -> str:
    return _name(signed.checkpoint, signed.key)


def _name(checkpoint: Checkpoint, key: Key) -> str:
    return f"{checkpoint.size:015}-{key.id_text}-{checkpoint.root.hex()[:8]}.checkpoint"


def sign_if_old(session: Session, key: SigningKey, now: int) -> SignedCheckpoint | None:
    """Signs if events have come since the last checkpoint and that is older than AGE; None if nothing was due."""
    known = known_checkpoints(session.path)
    if session.store.head().size == (known[-1].size if known else 0):
        return None
    if known and now - known[-1].kept_at < AGE:
        return None
    return sign(session, key)


def signers_of(one: Known, keys: Sequence[Key]) -> list[Key]:
    """The known keys that have signed a checkpoint; none where a signature is false."""
    try:
        return one.signers(keys)
    except Damaged:
        return []


def keep_foreign(session: Session, given: Sequence[Known], keys: Sequence[Key]) -> None:
    """Keeps checkpoints that came from elsewhere and that a known key has signed for this very log.

    So what one of them proves is not forgotten by the next verification.
    """
    there = {one.data for one in known_checkpoints(session.path)} if given else set[bytes]()
    for one in given:
        signers = signers_of(one, keys)
        if signers and one.checkpoint.origin == origin_of(session.store.store_id) and one.data not in there:
            _write(session, _name(one.checkpoint, signers[0]), one.data)


def _keep(session: Session, signed: SignedCheckpoint) -> None:
    _write(session, _file_name(signed), signed.note.encode())


def _write(session: Session, name: str, data: bytes) -> None:
    folder = folder_of(session.path)
    if not os.access(folder if folder.exists() else folder.parent, os.W_OK):
        return
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ReadOnly(f"{folder} cannot be made to keep checkpoints in: {error.strerror}.") from error
    with replacing(folder / name) as file:
        file.write(data)


class Contradiction(NamedTuple):
    """A checkpoint that the log is no continuation of. `words` is a sentence without its full stop."""

    known: Known
    words: str


def contradictions(session: Session, known: Sequence[Known], progress: Progress = no_progress) -> list[Contradiction]:
    """The checkpoints that this log does not continue, by the leaf hashes that its events were recorded with.

    Reads only what has come since it was last asked, and some hundred leaves. Whether the events still have these
    hashes is for a verification to say.
    """
    head, tree = session.store.head(), session.tree
    tree.catch_up(head.size, progress)
    if tree.root(head.size) != head.root:
        tree.forget()
        if tree.root(head.size) != head.root:
            return [Contradiction(one, "The recorded hashes of the events do not lead to the head's") for one in known]
    found = list[Contradiction]()
    for one in known:
        if words := contradiction(one.checkpoint, origin_of(head.store_id), head.size, tree.root):
            found.append(Contradiction(one, words))
    return found


def contradiction(checkpoint: Checkpoint, origin: str, size: int, root_at: Callable[[int], bytes]) -> str:
    """Why a log of `size` events with the root `root_at(n)` at n is not the one of a checkpoint; "" if it is."""
    if checkpoint.origin != origin:
        return f"The checkpoint is of another log, {visible(checkpoint.origin)}"
    if checkpoint.size > size:
        return (
            f"The log had {checkpoint.size:,} events when it was signed and has {size:,} now: "
            f"{checkpoint.size - size:,} were cut off"
        )
    if root_at(checkpoint.size) != checkpoint.root:
        return f"The first {checkpoint.size:,} events are not those that were signed: the history was rewritten"
    return ""


def export(session: Session, signed: SignedCheckpoint, path: Path) -> None:
    """Writes a checkpoint to wherever the auditor keeps it; see `check_not_own` and `replacing`."""
    check_not_own(session, path)
    with replacing(path) as file:
        file.write(signed.note.encode())


def check_not_own(session: Session, path: Path, *others: Path) -> None:
    """Raises BadInput for a path to write to that is a file of the store's own, a key, or one of `others`."""
    store = session.path
    endings = ("", "-wal", "-shm", "-journal", ".keys", ".keys-journal")
    own = [*(store.with_name(store.name + ending) for ending in endings), *key_files(), *others]
    folders = [folder_of(store), session.cache.folder]
    if any(is_same(path, file) for file in own) or any(is_same(path.parent, folder) for folder in folders):
        raise BadInput(f"{path} belongs to the store, or is a key. Name another file.")
