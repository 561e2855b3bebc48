"""The task that watches over the log: new events are verified as they come, the old ones slowly, again and again.

What it finds is kept where every verification's outcome is: whoever has the store open is told, and writes no more to
a log that is damaged.
"""

from collections.abc import Callable
from time import monotonic

from explorer.application.newest import Newest
from explorer.application.session import Session
from explorer.application.trust import DAY
from explorer.application.verdict import Verdict
from explorer.application.verification import verify_store
from explorer.application.verified import last_verified, stopped_at
from explorer.errors import Damaged
from explorer.projections.runner import Progress
from explorer.sidecar.task import Post, Task
from explorer.sidecar.watch import Watch

EVENTS_PER_SECOND = 10_000
"""Read at most while all are verified: a few megabytes a second, and a tenth of a processor."""
PACE = 1.0
"""Seconds between two looks at what is new."""
POLL = 60.0
"""Seconds after which it is looked whatever was told."""


def checking(open_session: Callable[[], Session], events_per_second: float = EVENTS_PER_SECOND) -> Task:
    """The task, on sessions of its own."""

    def check(post: Post) -> None:
        with open_session() as session, Watch(session.path) as watch:
            checker = _Checking(session, post, events_per_second)
            checker.tell()
            while True:
                checker.look()
                post.rest(PACE)
                watch.wait(post, POLL)

    return check


class _Checking:
    def __init__(self, session: Session, post: Post, events_per_second: float) -> None:
        self._session, self._post, self._rate = session, post, events_per_second
        self._newest = Newest(session)
        self._looked = monotonic()
        self._is_known = False
        """Whether what is wrong with the log was found here, when all of it was looked at."""
        self._is_alarmed = False
        """Whether the newest did not pass, so that all are to be looked at to the end, and not they meanwhile."""

    def look(self) -> None:
        """Verifies what is new, and all if that is due."""
        try:
            found = self._look_at_newest()
            self._is_alarmed = found is not None and not found.ok
        except Damaged:
            self._is_alarmed = not self._is_known  # it cannot be read: that is kept when all are looked at
        if self._is_due() or self._is_alarmed:
            self._look_at_all()

    def _look_at_newest(self) -> Verdict | None:
        self._looked = monotonic()
        found = self._newest.go_on(self._post.beat)
        if found is not None:
            self._hear(found, "the newest events")
        return found

    def _is_due(self) -> bool:
        found = last_verified(self._session.cache.folder, self._session.store.store_id)
        if found is None or stopped_at(self._session.cache.folder, self._session.store.store_id) is not None:
            return True
        if not found.ok:
            return not self._is_known
        return not self._newest.follows(found) or abs(self._session.world.clock() - found.at) >= DAY

    def _look_at_all(self) -> None:
        session = self._session
        begun = stopped_at(session.cache.folder, session.store.store_id)
        self._post.log.info("verifies all events", extra={"fields": {"behind": begun.position if begun else 0}})
        try:
            verdict = verify_store(session, resume=begun is not None, progress=self._slowly())
            self._hear(verdict, "all events")
            self._is_known = not verdict.ok
        except Damaged as error:
            # So damaged that it cannot be read to its end: that was kept, and is told.
            self._tell_of(str(error))
            self._is_known = True
        except _Found:
            return  # among the newest: it goes on where it was, up to them
        self._newest = Newest(session)

    def _slowly(self) -> Progress:
        """A progress that waits, and meanwhile looks at what is new."""
        began, first = monotonic(), list[int]()

        def wait(done: int, total: int) -> None:
            del total
            if not first:
                first.append(done)
            due = began + (done - first[0]) / self._rate
            self._post.beat()
            while True:
                if monotonic() - self._looked >= PACE and self._newest.position and not self._is_alarmed:
                    found = self._look_at_newest()
                    if found is not None and not found.ok:
                        raise _Found
                left = due - monotonic()
                if left <= 0:
                    return
                self._post.rest(min(PACE, left))

        return wait

    def _hear(self, verdict: Verdict, what: str) -> None:
        if verdict.ok:
            self._post.log.info("verified", extra={"fields": {"what": what, "events": verdict.events}})
        else:
            self._tell_of(verdict.in_words())
        self.tell()

    def _tell_of(self, words: str) -> None:
        self._post.log.error("the log did not pass", extra={"fields": {"finding": words}})
        self.tell()

    def tell(self) -> None:
        """Tells what is known, whoever has found it."""
        found = last_verified(self._session.cache.folder, self._session.store.store_id)
        if found is not None:
            is_fault = not found.ok and found.is_log_damaged
            self._post.facts.tell(
                verified=found.size if found.ok else 0,
                verified_at=max(found.at, found.newest_at),
                damaged=len(found.damaged),
                fault=found.words if is_fault else "",
            )


class _Found(Exception):
    """The newest events did not pass while all were looked at."""
