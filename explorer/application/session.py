"""One open store with its cache: the one place that wires files, store, projections, clock and ids.

Faces and tests call the same place with other parts.
"""

import hashlib
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from explorer.application import outside
from explorer.application.outside import Outside
from explorer.application.verified import Verified, last_verified
from explorer.domain.decider import AnyDecider
from explorer.domain.deciders import DECIDERS, PERSONAL
from explorer.domain.event import category_of
from explorer.domain.schemaless import SCHEMALESS
from explorer.errors import Missing
from explorer.projections.cache import Cache
from explorer.projections.findings import Findings
from explorer.projections.runner import Progress, Projector, no_progress
from explorer.projections.tree import Tree
from explorer.store.codec import Codec
from explorer.store.event_store import EventStore
from explorer.store.protection import Protection

REMEMBERED = 1_000
"""States kept for the next command at most; then it begins anew."""


class Session:
    """A store and its cache, opened. Raises a KnownError in words if either cannot be.

    Without `create` a missing store is an error. What may not be written is opened for reading only. `cache` names the
    cache's folder; else it is in the user's cache folder, under the store's identity and place, so that a copy of a
    store does not share its original's.
    """

    def __init__(
        self,
        path: Path,
        *,
        cache: Path | None = None,
        create: bool = False,
        read_only: bool | None = None,
        world: Outside | None = None,
    ) -> None:
        path = path.resolve()
        self.path = path
        self.world = world or Outside()
        if not create and not path.exists():
            raise Missing(f"There is no store {path}. Make one with: event-explorer demo {path} --events 1000")
        if read_only is None:
            read_only = path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
        self.store = EventStore(path, Codec(DECIDERS, PERSONAL), self.world.clock, self.world.ids, read_only=read_only)
        try:
            self.protection = Protection(self.store)
        except BaseException:
            self.store.close()
            raise
        try:
            folder = cache or outside.cache_folder() / _cache_name(path, self.store)
            self.cache = Cache(folder, self.store.store_id, outside.new_id)
        except BaseException:
            self.protection.close()
            self.store.close()
            raise
        self.tree = Tree(self.store, self.cache.folder / "tree.nodes", outside.new_id)
        self.findings = Findings(self.cache.folder, self.store.store_id, outside.new_id)
        self._projector = Projector(self.store, self.cache, self.protection, outside.new_id(), outside.now)
        self._remembered: dict[str, tuple[int, Any]] = {}
        self._remembered_as_of = self.protection.version
        self._was_read_only = self.store.read_only, self.store.read_only_reason
        self.heed(last_verified(self.cache.folder, self.store.store_id))

    def heed(self, found: Verified | None) -> None:
        """Takes the consequence of a verification: a log that is damaged is read only, until it passes again.

        A damage of the read side alone, which can be built anew, has none.
        """
        self.store.read_only, self.store.read_only_reason = self._was_read_only
        if found is not None and not found.ok and found.is_log_damaged:
            self.store.read_only, self.store.read_only_reason = (
                True,
                (
                    f"{self.path} failed its last verification, so nothing is written to it: {found.words}. "
                    f"Restore a backup, or save what is intact: event-explorer salvage {self.path} NEW"
                ),
            )

    def close(self) -> None:
        self._projector.close()
        self.findings.close()
        self.cache.close()
        self.protection.close()
        self.store.close()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decider(self, stream: str) -> AnyDecider:
        """The rules of the stream's category; `SCHEMALESS`, which only reads, where nobody wrote any."""
        return self.store.codec.deciders.get(category_of(stream), SCHEMALESS)

    def remembered(self, stream: str) -> tuple[int, Any] | None:
        """A version of the stream and the state at it, as a command here has left or met it; None if none did.

        Somebody else may have gone on since: it may be old, but never false. Nothing is remembered across an erasure.
        """
        if self._remembered_as_of != self.protection.version:
            self._remembered, self._remembered_as_of = {}, self.protection.version
        return self._remembered.get(stream)

    def remember(self, states: Mapping[str, tuple[int, Any]], privacy: int) -> None:
        """Keeps states, by stream, with their versions; read when `privacy` was what the log told of erasures."""
        if privacy != self._remembered_as_of:
            return
        if len(self._remembered) + len(states) > REMEMBERED:
            self._remembered.clear()
        if len(states) <= REMEMBERED:
            self._remembered.update(states)

    def forget(self, streams: Iterable[str]) -> None:
        """Remembers nothing of these streams any more."""
        for stream in streams:
            self._remembered.pop(stream, None)

    def catch_up(self, progress: Progress = no_progress) -> int:
        """Brings the cache up to the log's head; see `Projector.catch_up`."""
        self.protection.refresh()
        return self._projector.catch_up(progress)

    def rebuild(self, progress: Progress = no_progress) -> int:
        """Builds the cache anew from the first event; see `Projector.rebuild`."""
        return self._projector.rebuild(progress)

    @property
    def is_rebuilding(self) -> bool:
        """Whether `catch_up` has begun to build the cache anew, and goes on with that at its next call."""
        return self._projector.is_building

    def discard_other_caches(self) -> None:
        """Removes the caches that this store had where it lay before: nobody may ever open them again."""
        for folder in outside.cache_folder().glob(f"{self.store.store_id}-*"):
            if folder != self.cache.folder:
                for file in (*folder.glob("generation-*"), *folder.glob("building-*"), *folder.glob("findings-*")):
                    with suppress(OSError):
                        file.unlink()

    @contextmanager
    def asking(self) -> Generator[Connection]:
        """A connection to the cache for the functions of `explorer.projections.queries`."""
        with self.cache.reading() as connection:
            yield connection


def _cache_name(path: Path, store: EventStore) -> str:
    place = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{store.store_id}-{place[:12]}"
