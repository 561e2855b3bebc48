"""Verifying the newest events as they come, from where the log was when that began.

What lies before is taken as it is recorded, and held against the head: so a change of it is noticed, too, but only a
verification from the first event on can tell where it is.
"""

from collections.abc import Callable

from explorer.application.faults import Check, Faults, counted
from explorer.application.log_check import LogCheck, Reached
from explorer.application.recorded import frontier_of, recorded_frontier
from explorer.application.session import Session
from explorer.application.verdict import Verdict, Witnesses
from explorer.application.verification import take
from explorer.application.verified import Verified, extend, last_verified
from explorer.proof import merkle
from explorer.store.codec import Record


class Newest:
    """A session's. It begins where the last verification ended, if that found nothing; else at the head."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found = self._last()
        head = session.store.head()
        frontier = recorded_frontier(session, head)
        if self._found is not None and not self._found.ok and self._found.is_log_damaged:
            # That is known, and cannot be told better from here: what comes is held against what the head says.
            frontier = [*head.frontier]
        begun = Reached(str(head.store_id), 0, head.size, head.time, frontier)
        self._reached = self._behind(self._found) or begun

    @property
    def position(self) -> int:
        """The last event that was verified here, or that it began behind."""
        return self._reached.position

    def follows(self, found: Verified) -> bool:
        """Whether this goes on from what a verification has found; not if the log was restored or replaced since."""
        return found.ok and merkle.root(self._reached.frontier).hex() == found.root

    def _last(self) -> Verified | None:
        return last_verified(self._session.cache.folder, self._session.store.store_id)

    def _behind(self, found: Verified | None) -> Reached | None:
        """Where a verification ended, if it found nothing, and the log has still that beginning."""
        if found is None or not found.ok or not found.time:
            return None
        reached = Reached(found.store_id, found.at, found.size, found.time, [])
        reached.frontier = frontier_of(self._session, found.size)
        return reached if merkle.root(reached.frontier).hex() == found.root else None

    def _turn_to_others(self) -> None:
        """Goes on behind a verification that somebody else has made meanwhile, so that it is extended."""
        found = self._last()
        if found != self._found:
            self._found = found
            if found is None or not self.follows(found):
                self._reached = self._behind(found) or self._reached

    def go_on(self, check: Callable[[], None]) -> Verdict | None:
        """Verifies what has come since; None if nothing has. `check` may raise Cancelled.

        What it finds is kept where everybody who opens the store is told, as after `verify_store`.
        """
        self._turn_to_others()
        session, begun = self._session, self._reached
        head = session.store.head()
        if head.size == begun.position and head.root == merkle.root(begun.frontier):
            return None
        log = LogCheck(session.store, head, (), begun)
        versions = _Versions(session, begun.position)
        page: list[Record] = []

        def walked(_: int) -> None:
            check()
            versions.take(page)
            page.clear()

        log.walk(page.append, walked)
        schema = Faults("schema", "The file lets nobody change or remove an event by accident")
        for fault in session.store.schema_faults():
            schema.add(fault)
        checks = (schema.check("As it is made."), *log.checks(), versions.check())
        verdict = Verdict(head.size, head.root, checks, begun.position, head.time)
        reached = log.reached(session.world.clock())
        if not verdict.ok or reached is None:
            take(session, verdict, Witnesses())
            return verdict
        extend(session.cache.folder, merkle.root(begun.frontier).hex(), head, reached.at)
        self._reached = reached
        return verdict


class _Versions:
    """Whether each new event is the next of its stream."""

    def __init__(self, session: Session, after: int) -> None:
        self._session, self._seen = session, 0
        self._faults = Faults("versions", "No version of a stream is missing")
        self._after = after

    def take(self, records: list[Record]) -> None:
        known: dict[str, int] = {}
        for record in records:
            before = known.get(record.stream)
            if before is None:
                before = self._session.store.version_at(record.stream, record.position - 1)
            if record.version != before + 1:
                self._faults.add(
                    f"{record.stream} has no version {before + 1:,}: event {record.position:,} is version "
                    f"{record.version:,}",
                    record.position,
                )
            known[record.stream] = record.version
        self._seen += len(records)

    def check(self) -> Check:
        return self._faults.check(f"{counted(self._seen, 'event')}, each the next of its stream.")
