"""Backups of a store: whole files in a folder, each verified when it was made, kept by age.

A backup is a store's file like any other, for reading only. It has no personal keys: `STORE.keys` is never copied, so
what is erased is erased in every backup too.
"""

import os
import re
from collections.abc import Collection, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import EACCES, ENOENT, EPERM, EROFS
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from explorer.application.file_names import file_name
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.application.whole_copy import check_whole, opened_copy
from explorer.errors import BadInput, Damaged, KnownError, ReadOnly, StorageFailed
from explorer.projections.runner import Progress, no_progress
from explorer.store.head import Head
from explorer.store.place import clear_away, draft_of, give_name, remove, sync_folder

SECOND = 1_000_000
_HOUR, _DAY = 3_600 * SECOND, 86_400 * SECOND
HOURS, DAYS, WEEKS = 24, 7, 8
"""How many of them have a backup each."""
STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r".+-(?P<store>[0-9a-f]{12})-(?P<at>[0-9]{8}T[0-9]{6}Z)-(?P<events>[0-9]{1,18})\.events")


class Backup(NamedTuple):
    """One backup: its file, when it was made (µs UTC, whole seconds), of how many events, and how large (bytes)."""

    path: Path
    at: int
    events: int
    size: int


def back_up(session: Session, folder: Path, progress: Progress = no_progress) -> Backup | None:
    """Makes a backup in a folder, verified and durable; None if the newest one there is of this very log.

    The folder is made where there is none. Others may go on writing to the store. Raises Damaged where the copy does
    not pass, ReadOnly or StorageFailed as the folder's disk has it, Cancelled from `progress`: then there is no backup.
    """
    store, at = session.store, session.world.clock()
    head = store.head()
    earlier = [backup for backup in backups(folder, store.store_id) if backup.at <= at]
    if earlier and earlier[-1].events == head.size and _head_of(earlier[-1].path) == head:
        return None
    begun = folder / _beginning(session)
    draft = draft_of(begun, new_id())
    with _folder_errors(folder):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            store.copy_to(draft, lambda: progress(0, head.size))
            copied = _checked(session, draft, head, progress)
            draft.chmod(0o400)  # who opens it looks at it
            path = folder / f"{begun.name}-{stamp(at)}-{copied.size}.events"
            if not give_name(draft, path):
                raise BadInput(f"{path} is there already. It was kept; try again in a second.")
            sync_folder(folder)
            clear_away(begun, path.stat().st_mtime)
        finally:
            remove(draft)
        return Backup(path, at // SECOND * SECOND, copied.size, path.stat().st_size)


def stamp(at: int) -> str:
    """A moment (µs UTC) as part of a file's name, in whole seconds."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime(STAMP)


def _beginning(session: Session) -> str:
    """Of the names of a store's backups: its own name, and the random end of its id; the first half is a time."""
    end = f"-{session.store.store_id.hex[-12:]}"
    return file_name(session.path.stem, end)


def _checked(session: Session, draft: Path, before: Head, progress: Progress) -> Head:
    """The head of a copy that is whole and no older than the store was before."""
    try:
        copied = check_whole(draft, progress)
    except Damaged as error:
        raise Damaged(
            f"No backup of {session.path} was made, for a copy of it does not pass: {error}. "
            f"Look at the store itself: event-explorer verify {session.path}"
        ) from error
    if copied.store_id != before.store_id or copied.size < before.size:
        raise Damaged(f"No backup of {session.path} was made: the copy is not of the log that was there. Try again.")
    return copied


@contextmanager
def _folder_errors(folder: Path) -> Generator[None]:
    try:
        yield
    except FileExistsError as error:
        raise BadInput(f"{folder} is not a folder. Name one for the backups.") from error
    except OSError as error:
        if error.errno in {EACCES, EPERM, EROFS, ENOENT}:
            raise ReadOnly(f"No backup can be kept in {folder}: {error.strerror}. Choose another folder.") from error
        raise StorageFailed(
            f"No backup can be kept in {folder}: {error.strerror}. Make room, or choose another folder."
        ) from error


def backups(folder: Path, store_id: UUID) -> list[Backup]:
    """The backups of a store that are in a folder, by their names; the newest last. None where there is no folder."""
    try:
        files = list(folder.iterdir())
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise BadInput(f"{folder} is not a folder. Name one for the backups.") from error
    except OSError as error:
        raise ReadOnly(f"The backups in {folder} cannot be read: {error.strerror}. Choose another folder.") from error
    found = (_named(path, store_id.hex[-12:]) for path in files)
    return sorted(filter(None, found), key=_age)


def _named(path: Path, end_of_id: str) -> Backup | None:
    name = _NAME.fullmatch(path.name)
    if name is None or name["store"] != end_of_id or path.is_symlink() or not path.is_file():
        return None
    try:
        at = datetime.strptime(name["at"], STAMP).replace(tzinfo=UTC)
        size = path.stat().st_size
    except (ValueError, FileNotFoundError):
        return None  # no such day; or just thinned out by another process
    return Backup(path, int(at.timestamp()) * SECOND, int(name["events"]), size)


def _age(backup: Backup) -> tuple[int, int, str]:
    return backup.at, backup.events, backup.path.name


def _head_of(path: Path) -> Head | None:
    """None for what cannot be read: that is nobody's backup."""
    try:
        with opened_copy(path) as store:
            return store.head()
    except KnownError:
        return None


def kept(found: Collection[Backup], now: int) -> set[Backup]:
    """Those to be kept: the newest of each of the last 24 hours, 7 days and 8 weeks (UTC) that have one.

    And all that are dated in the future: the clock was set back, and tells nothing of their age. Hours without a backup
    do not count: a store at rest keeps its past. And the one with the most events, the newest of them: a store that was
    rolled back does not take with it what it lost.
    """
    past = sorted((backup for backup in found if backup.at <= now), key=_age)
    stay = {backup for backup in found if backup.at > now}
    stay |= {max(found, key=_length)} if found else set()
    for most, span in ((HOURS, _hour), (DAYS, _day), (WEEKS, _week)):
        newest = {span(backup.at): backup for backup in past}
        stay |= {newest[number] for number in sorted(newest)[-most:]}
    return stay


def _length(backup: Backup) -> tuple[int, int, str]:
    return backup.events, backup.at, backup.path.name


def _hour(at: int) -> int:
    return at // _HOUR


def _day(at: int) -> int:
    return at // _DAY


def _week(at: int) -> int:
    """They begin on Mondays; 1970 began on a Thursday."""
    return (at // _DAY + 3) // 7


def thin_out(folder: Path, store_id: UUID, now: int) -> list[Backup]:
    """Deletes the backups of a store that are not to be kept; returns them, the oldest first."""
    found = backups(folder, store_id)
    stay = kept(found, now)
    gone: list[Backup] = []
    for backup in found:
        if backup in stay:
            continue
        head = _head_of(backup.path)
        # A name can be anybody's, and a backup be worked with. What is not surely the backup is not ours to delete.
        if head is not None and (head.store_id, head.size) == (store_id, backup.events):
            with _folder_errors(folder):
                backup.path.unlink(missing_ok=True)
            remove(backup.path)
            gone.append(backup)
    return gone
