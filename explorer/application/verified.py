"""What the last verification of a store found, kept in its cache folder: whoever opens the store next is told."""

from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec

from explorer.application.faults import counted
from explorer.application.log_check import Reached
from explorer.application.whole_file import replacing
from explorer.proof.merkle import HASH_SIZE
from explorer.store.event_store import Head

_FOUND, _NEWEST, _STOPPED = "verified.json", "verified-newest.json", "verification-stopped.json"


class Verified(msgspec.Struct, frozen=True):
    """The outcome of a verification of `size` events at a time (µs UTC). `words` as `Verdict.in_words`.

    `signed` is the size of the longest checkpoint that the log was held against, `key_id` the key that signed it; 0 and
    "" without one. `damaged` are the positions that were named, `reasons` what is wrong with each;
    `is_log_damaged` is false where only the read side differs, which can be built anew. `time` is the log's at `size`.

    `newest_at` is when the last of the events were verified, as they came, after all before had been at `at`; 0 if all
    were verified then.
    """

    store_id: str
    size: int
    root: str
    at: int
    ok: bool
    words: str
    damaged: tuple[int, ...] = ()
    signed: int = 0
    key_id: str = ""
    is_log_damaged: bool = False
    reasons: tuple[str, ...] = ()
    time: int = 0
    newest_at: int = 0


class Newest(msgspec.Struct, frozen=True):
    """The newest events, verified as they came at the time `at` behind the verification that ended at `behind`.

    In a file of its own: who extends a verification must not overwrite what another process finds at that moment.
    """

    store_id: str
    behind: str
    behind_at: int
    size: int
    root: str
    time: int
    at: int


T = TypeVar("T", Verified, Newest, Reached)


def last_verified(folder: Path, store_id: UUID) -> Verified | None:
    """What was found last, None if nothing is known."""
    return _extended(folder, _read(folder / _FOUND, store_id, Verified), store_id)


def _extended(folder: Path, found: Verified | None, store_id: UUID) -> Verified | None:
    newest = _read(folder / _NEWEST, store_id, Newest)
    if found is None or not found.ok or newest is None or (newest.behind, newest.behind_at) != (found.root, found.at):
        return found
    words = f"the log is complete and unaltered ({counted(newest.size, 'event')}, the newest as they came)"
    more = {"size": newest.size, "root": newest.root, "time": newest.time, "newest_at": newest.at, "words": words}
    return msgspec.structs.replace(found, **more)


def remember(folder: Path, found: Verified) -> None:
    """Keeps what was found, and forgets where an earlier verification was stopped."""
    _write(folder / _FOUND, found)
    (folder / _STOPPED).unlink(missing_ok=True)


def extend(folder: Path, root: str, head: Head, at: int) -> None:
    """Keeps that the events up to `head` were verified, where the last verification found nothing and ended at `root`.

    Where it did not, or has said something else since, that stands.
    """
    first = _read(folder / _FOUND, head.store_id, Verified)
    found = _extended(folder, first, head.store_id)
    if first is not None and found is not None and found.ok and found.root == root:
        more = head.size, head.root.hex(), head.time, at
        _write(folder / _NEWEST, Newest(str(head.store_id), first.root, first.at, *more))


def stopped_at(folder: Path, store_id: UUID) -> Reached | None:
    """Where the last verification was stopped; None if it came to its end, or the file says what cannot be."""
    found = _read(folder / _STOPPED, store_id, Reached)
    if found is None or found.position <= 0 or len(found.frontier) != found.position.bit_count():
        return None
    return found if all(len(node) == HASH_SIZE for node in found.frontier) else None


def remember_stop(folder: Path, reached: Reached) -> None:
    _write(folder / _STOPPED, reached)


def files(folder: Path) -> tuple[Path, ...]:
    """Where this is kept: who watches them sees what another process has found."""
    return folder / _FOUND, folder / _NEWEST, folder / _STOPPED


def _read(path: Path, store_id: UUID, kind: type[T]) -> T | None:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError):
        return None  # It lies among caches: unreadable is as good as absent.
    return found if found.store_id == str(store_id) else None


def _write(path: Path, value: Verified | Newest | Reached) -> None:
    with replacing(path) as file:
        file.write(msgspec.json.encode(value))
