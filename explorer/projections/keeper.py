"""Who keeps a cache fresh: one process at a time, known by a lock that ends with it, however it ends.

It says only who is at it. That two never write at once is the cache's own lock, so nothing is lost by two keepers, nor
by none: whoever asks the cache catches it up himself where nobody else has.
"""

import os
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import ModuleType
from uuid import UUID

from explorer.errors import ReadOnly, StorageFailed

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows knows no such lock
    fcntl = None

NAME = "keeper.lock"
SILENT = 5.0
"""Seconds without a beat after which a keeper is taken for one that stands still, and another takes its place."""


def is_kept(folder: Path, now: int | None = None) -> bool:
    """Whether some process keeps the cache in a folder fresh; at a time, µs UTC, one that stands still does not."""
    if fcntl is None:
        return False
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return now is None or abs(now / 1_000_000 - os.fstat(descriptor).st_mtime) <= SILENT
    finally:
        os.close(descriptor)
    return False


class Keeper:
    """A process's claim to keep the cache in a folder fresh. Raises StorageFailed where there are no such locks."""

    def __init__(self, folder: Path, own_id: UUID) -> None:
        if fcntl is None:
            raise StorageFailed("This system has no locks that end with their process, so nobody can keep a cache.")
        self._folder, self._id = folder, own_id
        self._descriptor: int | None = None
        self._seen: tuple[tuple[int, int], float] | None = None

    @property
    def _path(self) -> Path:
        return self._folder / NAME

    def take(self) -> bool:
        """Whether the cache is ours to keep from now on; asked again and again, it takes it from one who is silent."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._not_writable(error) from error
        if self._lock(descriptor):
            self._descriptor = descriptor
            # Somebody may have put another file in its place in between.
            return self.keep()
        os.close(descriptor)
        return self._is_silent() and self._supplant()

    def _lock(self, descriptor: int) -> bool:
        assert fcntl is not None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _is_silent(self) -> bool:
        """Whether the lock's holder has not beaten for long, whatever the clocks say."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        beat = found.st_ino, found.st_mtime_ns
        if self._seen is None or self._seen[0] != beat:
            self._seen = beat, monotonic()
        return monotonic() - self._seen[1] >= SILENT

    def _supplant(self) -> bool:
        """Puts a file of our own, which is locked, in the place of the one whose holder stands still."""
        own = self._path.with_name(f"{NAME}.{self._id}")
        try:
            descriptor = os.open(own, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._descriptor, self._seen = descriptor, None
            self._lock(descriptor)
            own.replace(self._path)
        except OSError as error:
            self.close()
            raise self._not_writable(error) from error
        return self.keep()

    def _not_writable(self, error: OSError) -> ReadOnly:
        return ReadOnly(f"The cache folder {self._folder} cannot be written: {error.strerror}.")

    def keep(self) -> bool:
        """Says that we are alive; whether the cache is still ours to keep. To be called each second."""
        if self._descriptor is None:
            return False
        with suppress(FileNotFoundError):
            found, own = self._path.stat(), os.fstat(self._descriptor)
            if (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino):
                os.utime(self._descriptor)
                return True
        self.close()
        return False

    def close(self) -> None:
        """Leaves the cache to others."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
