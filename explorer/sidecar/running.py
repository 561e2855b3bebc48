"""The sidecar from its start to its end: one keeper a store, and standbys that wait to take its place.

A term lasts from the taking of the cache until it is lost, the store is another one, or the sidecar is stopped. What
fails within it is the tasks' business; whatever ends it, the next one begins with a look at what is there now.
"""

from functools import partial
from logging import Logger
from pathlib import Path
from threading import Event
from typing import NamedTuple
from uuid import UUID

from explorer.application import outside
from explorer.application.session import Session
from explorer.errors import Busy, Cancelled, KnownError, Missing, Replaced
from explorer.projections.keeper import Keeper
from explorer.sidecar import plug_ins
from explorer.sidecar.backing_up import backing_up
from explorer.sidecar.checking import checking
from explorer.sidecar.facts import Facts
from explorer.sidecar.projecting import projecting
from explorer.sidecar.supervisor import Hung, Pauses, Supervisor
from explorer.sidecar.task import Post, Task
from explorer.sidecar.telling import Teller
from explorer.sidecar.watching import watching

BEAT = 1.0
"""Seconds between two signs of life of a keeper."""
LOOK = 0.25
"""Seconds between two looks of a standby whether the keeper is gone."""
RETRY = 2.0
"""Seconds between two looks at a store that cannot be opened."""


class Wanted(NamedTuple):
    """What to run beside: the store, the cache's folder (None: the user's), where backups go (None: there are none)."""

    store: Path
    cache: Path | None = None
    backups: Path | None = None
    backup_seconds: float = 3_600.0


class Sidecar:
    """Runs until `stop` is called, from whatever thread."""

    def __init__(self, wanted: Wanted, facts: Facts, log: Logger, teller: Teller | None = None) -> None:
        self._wanted, self._facts, self._log, self._teller = wanted, facts, log, teller
        self._stopping, self._ended = Event(), Event()
        self._tells = self._was_opened = self._is_put_off = False

    def stop(self) -> None:
        self._stopping.set()
        self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Waits until it is to stop, or some seconds have passed; whether it is to stop."""
        return self._stopping.wait(seconds)

    def run(self) -> None:
        """Raises a KnownError if the store cannot be opened in the beginning; later it waits until it can be.

        Raises `Hung` when a task hangs that cannot be ended but with the process.
        """
        try:
            self._terms()
        finally:
            if self._teller is not None and self._tells:
                self._teller.close()

    def _terms(self) -> None:
        while not self._stopping.is_set():
            try:
                self._term()
            except Hung:
                raise  # its thread lives on, and is ended with the process only
            except KnownError as error:
                if not self._was_opened:
                    raise
                self._log.warning("waits for the store", extra={"fields": {"reason": str(error)}})
                self._facts.forget_store(unreachable=str(error))
                self._stopping.wait(RETRY)

    def _term(self) -> None:
        with Session(self._wanted.store, cache=self._wanted.cache, read_only=True) as session:
            store_id, folder = session.store.store_id, session.cache.folder
        self._was_opened = True
        self._facts.forget_store(store=str(self._wanted.store), store_id=str(store_id))
        self._try_to_tell()
        keeper = Keeper(folder, outside.new_id())
        try:
            if self._is_taken(keeper):
                self._keep(keeper, store_id)
        finally:
            self._facts.tell(is_keeper=False)
            keeper.close()

    def _try_to_tell(self) -> None:
        """A standby has to wait until the address is free, too, and may still have to when it has become the keeper."""
        if self._teller is None or self._tells:
            return
        try:
            self._teller.start()
        except Busy as error:
            if not self._is_put_off:
                self._log.warning("tells nothing yet", extra={"fields": {"reason": str(error)}})
            self._is_put_off = True
            return
        self._tells = True
        self._log.info("tells", extra={"fields": {"address": str(self._teller.address)}})

    def _is_taken(self, keeper: Keeper) -> bool:
        """Whether the cache is ours, for which this waits; False when it is to stop."""
        is_told = False
        while not keeper.take():
            if not is_told:
                self._log.info("stands by: another process keeps the read models of this store")
                is_told = True
            if self._stopping.wait(LOOK):
                return False
        return not self._stopping.is_set()

    def _keep(self, keeper: Keeper, store_id: UUID) -> None:
        self._ended = Event()
        if self._stopping.is_set():
            return
        self._log.info("keeps the read models", extra={"fields": {"store": str(self._wanted.store)}})
        self._facts.tell(is_keeper=True)
        open_session = partial(self._open, store_id)
        supervisor = Supervisor(self._facts, self._log, self._ended)
        supervisor.add("keep", self._keeping(keeper))
        supervisor.add("project", self._of_this_store(projecting(open_session)))
        supervisor.add("check", self._of_this_store(checking(open_session)))
        supervisor.add("watch", self._of_this_store(watching(open_session)))
        if self._wanted.backups is not None:
            task = backing_up(open_session, self._wanted.backups, self._wanted.backup_seconds, outside.now)
            # Each attempt copies the whole store.
            pauses = Pauses(first=min(60.0, self._wanted.backup_seconds), longest=self._wanted.backup_seconds)
            supervisor.add("back up", self._of_this_store(task), pauses)
        for plug_in in plug_ins.found():
            supervisor.add_plug_in(plug_in, self._wanted.store)
        supervisor.run()

    def _open(self, store_id: UUID) -> Session:
        session = Session(self._wanted.store, cache=self._wanted.cache, read_only=True)
        if session.store.store_id != store_id:
            session.close()
            raise Replaced(f"{self._wanted.store} is another store now.")
        return session

    def _keeping(self, keeper: Keeper) -> Task:
        """Says that we are alive; ends the term when somebody has taken our place, or the cache's folder is gone."""

        def keep(post: Post) -> None:
            while keeper.keep():
                self._try_to_tell()
                post.rest(BEAT)
            self._end("somebody else keeps the read models now, or their folder was removed")

        return keep

    def _of_this_store(self, task: Task) -> Task:
        """The task; where the store is no longer the one that was opened, the term ends with it."""

        def guarded(post: Post) -> None:
            try:
                task(post)
            except (Replaced, Missing) as error:
                if isinstance(error, Missing) and self._wanted.store.exists():
                    raise  # something else is missing
                self._end(str(error))

        return guarded

    def _end(self, why: str) -> None:
        self._log.warning("begins anew", extra={"fields": {"reason": why}})
        self._ended.set()
        raise Cancelled(why)
