"""Putting a backup in a store's place.

The backup is copied beside the place and verified there before anything else is touched. Only then is the file that is
there renamed, and then the copy gets its name; so a kill leaves the old store, or the new one, or for a moment neither:
then the old one is whole under the name that it is kept by, and the same command run again ends the work.
"""

import os
from contextlib import closing, suppress
from pathlib import Path
from stat import S_IMODE, S_ISREG
from typing import NamedTuple
from uuid import UUID

from explorer.application.backup import stamp
from explorer.application.checkpoints import checkpoint_files, newest_checkpoint
from explorer.application.outside import Clock, new_id, now
from explorer.application.whole_copy import check_whole, opened_copy
from explorer.application.whole_file import is_same
from explorer.domain.deciders import DECIDERS, PERSONAL
from explorer.domain.privacy import STREAM
from explorer.errors import BadInput, Damaged, KnownError, Missing, StorageFailed
from explorer.projections.runner import Progress, no_progress
from explorer.store.aside import move_aside
from explorer.store.codec import Codec
from explorer.store.copying import turn_to_store
from explorer.store.event_store import WHAT, EventStore
from explorer.store.head import Head
from explorer.store.place import appear, check_nothing_left, sync_file
from explorer.store.subject_keys import key_file


class Former(NamedTuple):
    """The file that was in the store's place, and is kept. `store_id` and `events` are None where it is unreadable.

    `is_same`: as far as both reach it is the history that was restored.
    """

    path: Path
    store_id: UUID | None = None
    events: int | None = None
    is_same: bool = False


class Restored(NamedTuple):
    """What is in the store's place now. `former` is None where nothing was.

    `signed` is the length of the log that the longest checkpoint beside the store tells of, 0 without one.
    `lacks_keys`: personal texts are stored encrypted, and there is no key file beside the store.
    """

    store: Path
    store_id: UUID
    events: int
    former: Former | None
    signed: int
    lacks_keys: bool


class _Copied(NamedTuple):
    head: Head
    is_protected: bool


def restore(
    backup: Path, store: Path, *, force: bool, progress: Progress = no_progress, clock: Clock = now
) -> Restored:
    """Puts a copy of a backup at `store`, verified and durable.

    With `force` a file that is there is kept as `STORE.replaced-TIME`, with all that was committed to it; programs that
    have it open say Replaced. Raises BadInput where there is one without `force`, and for one file under both names;
    Missing, NotAStore, TooNew or Damaged for what is no whole backup; Busy, ReadOnly, StorageFailed; Cancelled from
    `progress`. Nothing has changed then, but where the text says so.
    """
    backup, store = backup.resolve(), store.resolve()
    try:
        is_there = _check(backup, store, force=force)
        kept = _kept_name(store, clock()) if is_there else None
    except OSError as error:
        raise BadInput(f"Nothing can be restored to {store}: {error.strerror}. Name another file.") from error
    made: list[_Copied] = []

    def make(draft: Path) -> None:
        made.append(_copy(backup, draft, progress))
        turn_to_store(draft, WHAT)
        if kept is not None:
            _take_rights(store, draft)
            move_aside(store, kept)
        _free(store)

    try:
        is_first = appear(store, new_id(), make)
    except (KnownError, OSError) as error:
        if kept is None or not os.path.lexists(kept):
            raise
        raise _half_done(store, kept, str(error)) from error
    if not is_first:
        taken = "another program made a file of this name meanwhile"
        if kept is not None:
            raise _not_done(store, kept, taken)
        raise BadInput(f"{store} was not restored: {taken}. It was kept.")
    (copied,) = made
    former = _looked_at(kept, backup, copied.head) if kept else None
    lacks_keys = copied.is_protected and not key_file(store).exists()
    return Restored(store, copied.head.store_id, copied.head.size, former, _signed(store), lacks_keys)


def _check(backup: Path, store: Path, *, force: bool) -> bool:
    """Whether there is a file to be replaced."""
    if is_same(backup, store):
        raise BadInput(f"{store} is the backup itself. Name another file to restore it to.")
    if not store.parent.is_dir():
        raise Missing(f"There is no folder {store.parent} to restore {store.name} in.")
    if not os.path.lexists(store):
        _free(store)
        return False
    if not S_ISREG(store.stat().st_mode):
        raise BadInput(f"{store} is not a file. Name a file.")
    if not force:
        raise BadInput(
            f"{store} exists, and nothing was changed. With --force the backup takes its place, and the file that is "
            "there now is kept beside it."
        )
    return True


def _kept_name(store: Path, at: int) -> Path:
    kept = store.with_name(f"{store.name}.replaced-{stamp(at)}")
    with suppress(FileNotFoundError):
        kept.lstat()  # which raises where the name is too long
        raise BadInput(f"{kept} is there already. Nothing was changed; try again in a second.")
    return kept


def _free(store: Path) -> None:
    """Where no file is, none of what lies beside it is in use. Raises BadInput where that may hold something."""
    check_nothing_left(store)
    for ending in ("-wal", "-shm", "-journal"):
        Path(f"{store}{ending}").unlink(missing_ok=True)


def _copy(backup: Path, draft: Path, progress: Progress) -> _Copied:
    try:
        with opened_copy(backup) as source:
            size = source.head().size
            source.copy_to(draft, lambda: progress(0, size))
        head = check_whole(draft, progress)
    except Damaged as error:
        raise Damaged(
            f"{backup} is damaged, so it was not restored, and nothing was changed. Take another backup. ({error})"
        ) from error
    with opened_copy(draft) as copy:
        return _Copied(head, copy.version_of(STREAM) > 0)


def _take_rights(store: Path, draft: Path) -> None:
    """Who could use the file that was there can use the new one."""
    found = store.stat()
    draft.chmod(S_IMODE(found.st_mode))
    if hasattr(os, "chown"):
        with suppress(PermissionError):  # only root may give a file away
            os.chown(draft, found.st_uid, found.st_gid)
    sync_file(draft)


def _half_done(store: Path, kept: Path, why: str) -> StorageFailed:
    """What to say where the file that was there has moved, and then something failed."""
    if not os.path.lexists(store):
        return _not_done(store, kept, why)
    return StorageFailed(
        f"{store} was restored, but may not outlive a power failure ({why}). The file that was there is kept: it is "
        f"{kept} now."
    )


def _not_done(store: Path, kept: Path, why: str) -> StorageFailed:
    return StorageFailed(
        f"{store} was not restored ({why}). The file that was there is kept: it is {kept} now. Run the same command "
        "again, or give that file its name back."
    )


def _looked_at(kept: Path, backup: Path, restored: Head) -> Former:
    """Opened as a store is, so that what SQLite has beside it goes away where nobody else has it open."""
    try:
        with closing(EventStore(kept, Codec(DECIDERS, PERSONAL), now, new_id)) as store, opened_copy(backup) as source:
            head = store.head()
            common = min(head.size, restored.size)
            is_same = head.store_id == restored.store_id and _leaf(store, common) == _leaf(source, common)
            return Former(kept, head.store_id, head.size, is_same)
    except KnownError:
        # It was replaced because it is damaged.
        return Former(kept)


def _leaf(store: EventStore, position: int) -> list[bytes]:
    return store.leaves(position - 1, position)


def _signed(store: Path) -> int:
    with suppress(KnownError):  # a verification says what is wrong with them
        found = newest_checkpoint(checkpoint_files(store))
        return found.size if found else 0
    return 0
