"""Where a store's file stands: it appears there whole, and must stay the file that was opened."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from explorer.errors import BadInput, Replaced, StorageFailed

ABANDONED = 86_400.0
"""Seconds after which nobody goes on making a store."""


class Place:
    """The file at a path, known again by device and inode. A look at it takes a microsecond."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._identity = self._found()

    def check(self) -> None:
        """Raises Replaced if the file was deleted, moved away or replaced since it was opened.

        SQLite would go on reading and writing the file that nobody finds any more, and a new connection would merge the
        old file's WAL into the new one.
        """
        if self._found() != self._identity:
            raise Replaced(
                f"{self._path} was replaced by another file while it was open; nothing is read from it or written to "
                "it any more. Close every program that has it open, move away what still lies beside it with the "
                "endings -wal and -shm, for that belongs to the old file, and open it again."
            )

    def _found(self) -> tuple[int, int]:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - half the time of Path.stat, at each transaction
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Replaced(
                f"{self._path} was deleted or moved away while it was open; nothing is read from it or written to it "
                "any more. Put it back where it was, or open it where it is now."
            ) from error
        return found.st_dev, found.st_ino


def check_nothing_left(path: Path) -> None:
    """Raises BadInput where a log lies beside the place of a new file: SQLite would take it for the new file's own."""
    for ending in ("-wal", "-journal"):
        left = Path(f"{path}{ending}")
        with suppress(FileNotFoundError):
            if left.stat().st_size:
                raise BadInput(f"{left} is left of another file of this name, and may hold what it lost. Move it away.")


def appear(path: Path, name: UUID, make: Callable[[Path], None]) -> bool:
    """Lets `make` write a file under another name, and puts it at `path` when it is whole.

    So nobody meets half a store: not who opens it meanwhile, nor who comes after a crash. Where somebody else was
    quicker, his file stays: then it returns False.
    """
    draft = draft_of(path, name)
    try:
        make(draft)
        is_first = give_name(draft, path)
        if is_first:
            sync_folder(path.parent)
            clear_away(path, path.stat().st_mtime)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be made: {error.strerror}. Make room, or choose another folder.") from error
    finally:
        remove(draft)
    return is_first


def draft_of(path: Path, name: UUID) -> Path:
    """Where a file that is to be at `path` is made; see `clear_away`."""
    return path.with_name(f".{path.name[:80]}.{name}.new")


def give_name(draft: Path, path: Path) -> bool:
    """Gives the file its name; whether nobody else was quicker."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:
        # This file system knows no second name for a file.
        if path.exists():
            return False
        draft.rename(path)
    return True


def sync_file(path: Path) -> None:
    """Makes a file outlive a power failure that nobody in this process has open through SQLite."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder outlive a power failure."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows knows no such call, and needs none
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_away(path: Path, now: float) -> None:
    """Removes what was being made for `path` when its maker was killed, once it is old; `now` is a file's time."""
    for draft in path.parent.glob(".*.new"):
        if draft.name.startswith(f".{path.name[:80]}."):
            with suppress(OSError):
                if draft.stat().st_mtime < now - ABANDONED:
                    remove(draft)


def remove(draft: Path) -> None:
    """Removes a file and what SQLite leaves beside it, as far as they are there."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            draft.with_name(draft.name + ending).unlink(missing_ok=True)
