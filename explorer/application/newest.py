"""Verifying the newest events as they come, from where the log was when that began.

What lies before is taken as it is recorded, and held against the head: so a change of it is noticed, too, but only a
verification from the first event on can tell where it is.
"""

from collections.abc import Callable

from explorer.application.faults import Check, Faults, counted
from explorer.application.log_check import LogCheck, Reached
from explorer.application.session import Session
from explorer.application.verdict import Verdict, Witnesses
from explorer.application.verification import take
from explorer.application.verified import Verified, extend, last_verified
from explorer.errors import Damaged
from explorer.proof import merkle
from explorer.store.codec import Record
from explorer.store.head import Head


class Newest:
    """A session's. It begins where the last verification ended, if that found nothing; else at the head."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._reached = self._begun()

    @property
    def position(self) -> int:
        """The last event that was verified here, or that it began behind."""
        return self._reached.position

    def is_of(self, found: Verified, head: Head) -> bool:
        """Whether what was verified is the log's beginning: it was not rolled back, or another put in its place since.

        `head` is to be read after `found`.
        """
        return found.size <= head.size and merkle.root(self._frontier(found.size)).hex() == found.root

    def _begun(self) -> Reached:
        store, head = self._session.store, self._session.store.head()
        found = last_verified(self._session.cache.folder, store.store_id)
        if found is not None and found.ok and found.time and self.is_of(found, head):
            return Reached(str(store.store_id), found.at, found.size, found.time, self._frontier(found.size))
        return Reached(str(store.store_id), 0, head.size, head.time, self._frontier(head.size))

    def _frontier(self, size: int) -> list[bytes]:
        try:
            return self._session.tree.frontier(size)
        except Damaged:
            return []  # no root is made of nothing: the next look at the head says so

    def go_on(self, check: Callable[[], None]) -> Verdict | None:
        """Verifies what has come since; None if nothing has. `check` may raise Cancelled.

        What it finds is kept where everybody who opens the store is told, as after `verify_store`.
        """
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
