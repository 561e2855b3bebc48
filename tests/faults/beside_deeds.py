"""The sidecar as a child of the fault tests (see `zygote`)."""

import logging
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread

from explorer.errors import Busy
from explorer.projections.runner import checkpoint_of
from explorer.sidecar.command import stop_on_signals
from explorer.sidecar.facts import Facts
from explorer.sidecar.running import Sidecar, Wanted
from tests.faults.deeds import Say
from tests.faults.inspection import STORE, session_at


class _Said(logging.Handler):
    """Warnings and worse go to whoever listens."""

    def __init__(self, say: Say) -> None:
        super().__init__(logging.WARNING)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say("logged", record.getMessage(), str(record.__dict__.get("fields", "")), bool(record.exc_info))


def beside(say: Say, folder: str) -> None:
    """A sidecar until it is ended by SIGTERM or killed; says when it begins to keep the cache, and what it warns of."""
    _run(say, Wanted(Path(folder) / STORE, Path(folder) / "cache", Path(folder) / "backups", 1.0))


def beside_window(say: Say, store: str, cache: str) -> None:
    """As `beside`, as the launcher starts it for a window: no backups are made."""
    _run(say, Wanted(Path(store), Path(cache)))


def _run(say: Say, wanted: Wanted) -> None:
    log = logging.getLogger("beside")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(_Said(say))
    facts = Facts()
    sidecar = Sidecar(wanted, facts, log)
    stop_on_signals(sidecar)
    Thread(target=partial(_tell, say, facts, sidecar), daemon=True).start()
    say("ready")
    sidecar.run()
    say("stopped")


def _tell(say: Say, facts: Facts, sidecar: Sidecar) -> None:
    was = False
    while not sidecar.wait(0.01):
        if facts.told.is_keeper != was:
            was = facts.told.is_keeper
            say("keeps", was)


def reach(say: Say, folder: str, position: int) -> None:
    """Looks at the cache, without doing anything for it, until it has reached a position."""
    with session_at(Path(folder)) as session:
        while checkpoint_of(session.cache) < position:
            session.cache.refresh()
    say("reached", position)


def catch_up_all(say: Say, folder: str) -> None:
    """What a window does: asks again and again, however often another is at it."""
    with session_at(Path(folder)) as session:
        head = session.store.head().size
        while checkpoint_of(session.cache) < head:
            with suppress(Busy):
                session.catch_up()
    say("caught up", head)
