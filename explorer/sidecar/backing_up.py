"""The task that backs the store up, when the newest backup has grown old."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from explorer.application.backup import SECOND, Backup, back_up, backups, thin_out
from explorer.application.outside import Clock
from explorer.application.session import Session
from explorer.errors import Cancelled, KnownError
from explorer.sidecar import facts
from explorer.sidecar.task import Post, Task

LOOK_AGAIN = 60.0
"""Seconds between two looks at the clock, which may be set meanwhile, or the computer sleep."""


def backing_up(open_session: Callable[[], Session], folder: Path, every: float, clock: Clock) -> Task:
    """A task that makes a backup in `folder` every so many seconds, if something has happened, and thins them out.

    It begins with one unless the newest is younger than that. What fails is told, and raised.
    """

    def task(post: Post) -> None:
        with _told(post):
            last = _newest(post, open_session, folder)
        while True:
            while (left := _left(last, every, clock())) > 0:
                post.rest(min(left, LOOK_AGAIN))
            with _told(post):
                _back_up(post, open_session, folder, clock)
            last = clock()

    return task


def _newest(post: Post, open_session: Callable[[], Session], folder: Path) -> int | None:
    """When the newest backup that is there was made; None if there is none."""
    with open_session() as session:
        found = backups(folder, session.store.store_id)
    if not found:
        return None
    post.facts.tell(backup=_fact(found[-1]))
    return found[-1].at


def _left(last: int | None, every: float, now: int) -> float:
    """Seconds until a backup is due. One that is dated in the future tells nothing of its age: then it is due."""
    if last is None or last > now:
        return 0.0
    return every - (now - last) / SECOND


def _back_up(post: Post, open_session: Callable[[], Session], folder: Path, clock: Clock) -> None:
    begun = monotonic()
    with open_session() as session:
        made = back_up(session, folder, post.beat)
        gone = thin_out(folder, session.store.store_id, clock())
    told = {"seconds": round(monotonic() - begun, 3), "thinned_out": len(gone)}
    if made is None:
        post.log.info("nothing new to back up", extra={"fields": told})
    else:
        post.facts.tell(backup=_fact(made))
        told |= {"backup": made.path.name, "events": made.events, "bytes": made.size}
        post.log.info("backed up", extra={"fields": told})
    post.facts.tell(backup_error="")


def _fact(backup: Backup) -> facts.Backup:
    return facts.Backup(at=backup.at, events=backup.events, size=backup.size, name=backup.path.name)


@contextmanager
def _told(post: Post) -> Generator[None]:
    try:
        yield
    except Cancelled:
        raise
    except KnownError as error:
        post.facts.tell(backup_error=str(error))
        raise
