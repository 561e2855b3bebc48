"""Wakes when a store may have been written to: its log of commits (the WAL) is watched, not asked again and again.

Linux tells of writes to a folder's files (inotify). A write is not yet a commit, which SQLite makes known a moment
later, in shared memory of which nobody is told: who was woken looks a few times more. Where nothing is told (other
systems, folders of a network, no watches left) the files' sizes and times are looked at fifty times a second.
"""

import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from explorer.sidecar.task import Post
from explorer.store.engine import traces

if TYPE_CHECKING:
    from inotify_simple import INotify

LOOK = 0.02
"""Seconds between two looks where nothing is told."""
STOP = 0.25
"""Seconds after which it is looked whether to stop, while nothing is told."""


class Watch:
    """One store's."""

    def __init__(self, path: Path) -> None:
        self._path, self._names = path, {path.name, f"{path.name}-wal"}
        self._traces = traces(path)
        self._told = _told(path.parent)

    @property
    def is_told(self) -> bool:
        """Whether the system tells of writes."""
        return self._told is not None

    def close(self) -> None:
        if self._told is not None:
            self._told.close()

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, post: Post, seconds: float) -> bool:
        """Waits until the store may have been written to, or some seconds have passed; whether it may have been.

        Beats meanwhile, and raises Cancelled when the task is to stop.
        """
        until = monotonic() + seconds
        while True:
            post.beat()
            left = until - monotonic()
            if left <= 0:
                return False
            if self._told is not None:
                told = self._told.read(timeout=int(min(left, STOP) * 1_000))
                if any(event.name in self._names for event in told):
                    return True
            elif self._has_changed():
                return True
            else:
                post.rest(min(left, LOOK))

    def _has_changed(self) -> bool:
        before, self._traces = self._traces, traces(self._path)
        return self._traces != before


def _told(folder: Path) -> "INotify | None":
    """What Linux tells of a folder's files; None where nothing is told."""
    if not sys.platform.startswith("linux"):
        return None
    from inotify_simple import INotify, flags  # noqa: PLC0415 - there is none elsewhere

    try:
        told = INotify()
    except OSError:
        return None  # none are left to this user
    try:
        told.add_watch(folder, flags.MODIFY | flags.CREATE | flags.DELETE | flags.MOVED_TO | flags.MOVED_FROM)
    except OSError:
        told.close()
        return None
    return told
