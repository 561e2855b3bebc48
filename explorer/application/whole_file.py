"""Writing a file so that a reader finds the old one or the new one, whole, and never anything between."""

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from explorer.application.outside import new_id
from explorer.errors import BadInput, KnownError, Missing, ReadOnly, StorageFailed

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_PRIVATE = 0o600
"""A report tells of people. Who replaces a file keeps the rights it had."""
_ABANDONED = 3_600.0
"""Seconds after which a file that nobody writes to is the rest of a process that was killed."""


@contextmanager
def replacing(path: Path) -> Generator[BinaryIO]:
    """A file to write to that becomes `path`, durably, when the block ends; if it raises, all is as it was.

    Where `path` is a symbolic link the link is replaced, not the file it points to. Raises Missing for a folder that
    is not there, BadInput for a path that is no file, ReadOnly or StorageFailed as the disk has it.
    """
    mode = _check(path)
    part = path.with_name(f".{path.name[:80]}.{new_id()}.part")
    with _known_errors(path):
        file = os.fdopen(os.open(part, _NEW, _PRIVATE), "wb")
        try:
            with file:
                yield file
                file.flush()
                if mode is not None:
                    os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
                written = os.fstat(file.fileno()).st_mtime
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        _sync_folder(path.parent)
        _clear_away(path, written - _ABANDONED)


def _check(path: Path) -> int | None:
    """The rights of the file that is there, None if there is none."""
    try:
        if not path.parent.is_dir():
            raise Missing(f"There is no folder {path.parent} to write {path.name} in.")
        found = path.stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be written: {error}.") from error
    if stat.S_ISDIR(found.st_mode):
        raise BadInput(f"{path} is a folder. Name a file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise BadInput(f"{path} is a device or a pipe, not a file. Name a file.")
    return None if path.is_symlink() else stat.S_IMODE(found.st_mode)


@contextmanager
def _known_errors(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise _known(error, path) from error


def _known(error: OSError, path: Path) -> KnownError:
    said = error.strerror or str(error)
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return ReadOnly(f"{path.name} cannot be written in {path.parent}: {said}. Choose another folder.")
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return StorageFailed(f"There is no room for {path.name}: {said}. What was there is kept.")
        case errno.ENAMETOOLONG | errno.EINVAL | errno.ENOENT:
            return BadInput(f"{path} cannot be written: {said}. Choose another name.")
        case _:
            return StorageFailed(f"{path.name} could not be written: {said}. What was there before is kept.")


def _clear_away(path: Path, before: float) -> None:
    """Removes what processes that were killed had begun to write for `path`."""
    for part in path.parent.glob(".*.part"):
        if part.name.startswith(f".{path.name[:80]}."):
            with suppress(OSError):
                if part.stat().st_mtime < before:
                    part.unlink()


def _sync_folder(folder: Path) -> None:
    """The new name must outlive a power failure too. Windows knows no such call, and needs none."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_same(path: Path, own: Path) -> bool:
    """Whether two paths are one file, or would be."""
    with suppress(OSError, ValueError):
        return path.samefile(own)
    # One of the two is not there, or cannot be.
    with suppress(OSError, ValueError):
        return path.resolve() == own.resolve()
    return False
