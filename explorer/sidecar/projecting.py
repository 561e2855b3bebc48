"""The task that keeps the read models fresh: woken by each commit, it applies what is new.

The application does the same for itself when it asks; where this was quicker, it finds nothing to do.
"""

from collections import deque
from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import Any

from explorer.application import outside
from explorer.application.session import Session
from explorer.errors import Busy, Missing
from explorer.projections import queries
from explorer.projections.rebuilding import under_way
from explorer.sidecar.facts import Facts
from explorer.sidecar.task import Post, Task
from explorer.sidecar.watch import Watch

PACE = 0.01
"""Seconds between two batches at least: what comes meanwhile is applied together, for a transaction has its price."""
SETTLE = 0.2
"""Seconds after a write, or an event, during which it is looked each `PACE` whether a commit has become visible."""
POLL = 1.0
"""Seconds after which it is looked whatever was told: a cache was deleted, or a folder of a network was written to."""
TELL = 0.25
"""Seconds between two times that facts are told, while there is much to do."""
SAMPLES = 1_000
"""Batches of which the lag is told."""
RATE_SECONDS = 10.0
"""Over which events a second are counted."""


class Meter:
    """What is measured of projecting: how far behind it is, and how fast."""

    def __init__(self) -> None:
        self.projected = 0
        self._lags: deque[float] = deque(maxlen=SAMPLES)
        self._done: deque[tuple[float, int]] = deque()

    def note(self, events: int, now: float, lag: float | None) -> None:
        """That events became visible at a time of the monotonic clock, the oldest of them `lag` seconds after it was
        recorded; None where that says nothing, since they had been waiting for us."""
        self.projected += events
        self._done.append((now, events))
        if lag is not None:
            self._lags.append(max(0.0, lag))

    def lag(self) -> float | None:
        """The 95th percentile, seconds."""
        lags = sorted(self._lags)
        return lags[ceil(len(lags) * 0.95) - 1] if lags else None

    def rate(self, now: float) -> float:
        """Events a second."""
        while self._done and self._done[0][0] < now - RATE_SECONDS:
            self._done.popleft()
        return sum(events for _, events in self._done) / RATE_SECONDS


def projecting(open_session: Callable[[], Session]) -> Task:
    """The task, on sessions of its own."""

    def project(post: Post) -> None:
        with open_session() as session, Watch(session.path) as watch:
            post.log.info(
                "follows the store", extra={"fields": {"store": str(session.path), "told_of_writes": watch.is_told}}
            )
            _Following(session, post).follow(watch)

    return project


class _Following:
    def __init__(self, session: Session, post: Post) -> None:
        self._session, self._post = session, post
        self._meter = Meter()
        self._told = self._moved = 0.0
        self._looked: float | None = None
        """When it last found nothing left to do: what comes next was committed since. None where something was left."""

    def follow(self, watch: Watch) -> None:
        while True:
            if self._catch_up():
                self._moved = monotonic()
            self._tell()
            if monotonic() - self._moved < SETTLE or self._session.is_rebuilding:
                self._post.rest(PACE)
            elif watch.wait(self._post, POLL):
                self._moved = monotonic()

    def _catch_up(self) -> int:
        self._post.beat()
        self._check_keys()
        reached = self._reached()
        looked, self._looked = self._looked, None
        began = monotonic()
        try:
            applied = self._session.catch_up(self._progress)
        except Busy:
            # The window, or a standby that has taken us for dead, is at it.
            return 1
        self._looked = began
        if applied:
            now = monotonic()
            self._meter.note(applied, now, None if looked is None else self._lag(reached, now - looked))
        return applied

    def _progress(self, done: int, total: int) -> None:
        """A rebuild, or a long way to go, is told while it lasts."""
        del done, total
        self._post.beat()
        self._tell()

    def _check_keys(self) -> None:
        """Read models with personal texts are not made anew without them, for want of a key that others have."""
        protection = self._session.protection
        if protection.is_on and protection.key_file_name == "none":
            with self._session.asking() as connection:
                known = queries.key_file(connection)
            if known not in {"", "none"}:
                raise Missing(
                    f"The key file of {self._session.path} cannot be read here, but the read models hold what is "
                    "encrypted with it. They are left to the application; let this user read the key file, too."
                )

    def _reached(self) -> int:
        with self._session.asking() as connection:
            return queries.checkpoint(connection)

    def _lag(self, reached: int, longest: float) -> float | None:
        """Seconds since the first event behind a position was recorded, whatever the clock of who did says."""
        first = self._session.store.records(reached, 1)
        return min(longest, (outside.now() - first[0].recorded_at) / 1_000_000) if first else None

    def _tell(self) -> None:
        now = monotonic()
        if now - self._told < TELL:
            return
        self._told = now
        tell(self._session, self._post.facts, projected=self._meter.projected, lag=self._meter.lag(),
             events_per_second=self._meter.rate(now))  # fmt: skip


def tell(session: Session, facts: Facts, **measured: Any) -> None:
    """Tells how far the read models are, as the cache itself has it."""
    head = session.store.head().size
    with session.asking() as connection:
        checkpoints = queries.checkpoints(connection)
        poison = queries.poison_count(connection)
        rebuild = under_way(connection, outside.now())
    facts.tell(head=head, checkpoints=checkpoints, poison=poison, rebuild=rebuild, **measured)
