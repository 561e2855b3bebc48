"""The task that projects: what is committed becomes visible, whatever happens to the cache meanwhile."""

import shutil
from collections.abc import Iterator
from logging import getLogger
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.session import Session
from explorer.domain.event import NewEvent
from explorer.errors import Cancelled, KnownError, ReadOnly, Replaced
from explorer.projections import rebuilding
from explorer.projections.cache import Cache
from explorer.projections.runner import checkpoint_of
from explorer.sidecar import projecting as projecting_module
from explorer.sidecar.facts import Facts
from explorer.sidecar.projecting import RATE_SECONDS, Meter, projecting
from explorer.sidecar.task import Post
from explorer.store.engine import driver, open_engine
from tests.projections.test_rebuilding import another_version
from tests.sidecar.stage import ANN, application, beside, note, running


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with application(tmp_path) as opened:
        note(opened.store, events=3)
        yield opened


def test_what_is_committed_becomes_visible(session: Session, tmp_path: Path) -> None:
    with running(projecting(beside(tmp_path))) as run:
        run.until(lambda: run.told.checkpoints and run.told.behind == 0 and run.told.head == 3)
        for _ in range(20):
            note(session.store)
            head = session.store.head().size
            run.until(lambda: checkpoint_of(session.cache) == head)  # noqa: B023
        run.until(lambda: run.told.head == 23 and run.told.behind == 0)
        # What it counts is what it did itself, as far as it was not interrupted.
        assert 0 < run.told.projected <= 23
        assert run.told.lag is not None
        assert session.catch_up() == 0
        assert run.told.poison == 0


def test_an_event_that_cannot_be_read_is_counted_and_the_rest_goes_on(session: Session, tmp_path: Path) -> None:
    session.store.append("cart-1", 0, [NewEvent("ItemTeleported", {"sku": "mug"}, ANN)])
    with running(projecting(beside(tmp_path))) as run:
        run.until(lambda: run.told.head == 4 and run.told.behind == 0)
        assert run.told.poison == 1
        note(session.store)
        run.until(lambda: run.told.head == 5 and run.told.behind == 0)


def test_a_cache_that_is_deleted_is_made_anew(session: Session, tmp_path: Path) -> None:
    with running(projecting(beside(tmp_path))) as run:
        run.until(lambda: run.told.behind == 0 and run.told.head == 3)
        shutil.rmtree((tmp_path / "cache").rename(tmp_path / "gone"))
        note(session.store)
        run.until(lambda: run.told.head == 4 and run.told.behind == 0)
        session.catch_up()
        assert checkpoint_of(session.cache) == 4


def test_a_cache_of_another_version_is_built_anew(tmp_path: Path) -> None:
    with another_version(), application(tmp_path) as older:
        note(older.store, events=5)
        older.catch_up()
    with application(tmp_path) as session, running(projecting(beside(tmp_path))) as run:
        assert session.cache.is_stand_in
        run.until(lambda: not _refreshed(session.cache).is_stand_in)
        assert checkpoint_of(session.cache) == 5


def _refreshed(cache: Cache) -> Cache:
    cache.refresh()
    return cache


def test_a_store_that_is_moved_away_is_said(session: Session, tmp_path: Path) -> None:
    with running(projecting(beside(tmp_path))) as run:
        run.until(lambda: run.told.behind == 0 and run.told.head == 3)
        session.path.rename(tmp_path / "moved.events")
        run.end()
        assert isinstance(run.error, Replaced)


def test_a_lock_that_another_holds_is_waited_for(session: Session, tmp_path: Path) -> None:
    with running(projecting(beside(tmp_path))) as run:
        run.until(lambda: run.told.behind == 0 and run.told.head == 3)
        other = driver.connect(str(session.cache.path), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        note(session.store)
        run.until(lambda: run.told.head == 4 and run.told.behind == 1)
        other.execute("ROLLBACK")
        other.close()
        run.until(lambda: run.told.behind == 0)


def test_nothing_can_be_written_to_the_store(session: Session, tmp_path: Path) -> None:
    with beside(tmp_path)() as own:
        assert own.store.read_only
        with pytest.raises(ReadOnly):
            note(own.store)
        # Not by our word alone: SQLite itself has opened the file for reading.
        own.store.read_only = False
        with pytest.raises(KnownError, match="cannot be opened for writing"):
            note(own.store)
    engine = open_engine(session.path, "a store", read_only=True, create=False)
    connection = engine.raw_connection()
    connection.cursor().execute("PRAGMA query_only = OFF")
    for statement in (
        "INSERT INTO head SELECT 2, store_id, 0, 0, 0, x'' FROM head",
        "UPDATE head SET size = 9",
        "DELETE FROM events",
        "DROP TRIGGER events_are_never_deleted",
        "CREATE TABLE more (x)",
        "PRAGMA user_version = 9",
        "VACUUM",
    ):
        with pytest.raises(driver.OperationalError, match="readonly"):
            connection.cursor().execute(statement).fetchall()
    connection.close()
    engine.dispose()
    assert session.store.head().size == 3


# What is measured


@given(st.lists(st.tuples(st.integers(1, 100), st.floats(0, 100)), min_size=1, max_size=50))
def test_the_rate_counts_what_was_done_lately(notes: list[tuple[int, float]]) -> None:
    meter, now = Meter(), 0.0
    for events, pause in notes:
        now += pause
        meter.note(events, now, None)
    times, time = list[tuple[float, int]](), 0.0
    for events, pause in notes:
        time += pause
        times.append((time, events))
    lately = sum(events for time, events in times if time >= now - RATE_SECONDS)
    assert meter.rate(now) == lately / RATE_SECONDS
    assert meter.projected == sum(events for events, _ in notes)


@given(st.lists(st.floats(-1, 10), min_size=1, max_size=200))
def test_the_lag_is_the_one_that_nineteen_in_twenty_do_not_exceed(lags: list[float]) -> None:
    meter = Meter()
    for lag in lags:
        meter.note(1, 0.0, lag)
    found = meter.lag()
    assert found is not None
    assert sum(1 for lag in lags if max(0.0, lag) <= found) >= 0.95 * len(lags)
    assert found >= 0
    assert Meter().lag() is None


class Heard(Facts):
    """Stops the task when all is projected."""

    def __init__(self, stopping: Event) -> None:
        super().__init__()
        self.stopping, self.rebuilds = stopping, list[object]()

    def tell(self, **changes: Any) -> None:
        super().tell(**changes)
        self.rebuilds.append(self.told.rebuild)
        if self.told.head and not self.told.behind and self.told.rebuild is None:
            self.stopping.set()


def test_how_far_a_rebuild_is_is_told_while_it_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "REBUILD_BATCH", 4)
    monkeypatch.setattr(projecting_module, "TELL", 0.0)
    with another_version(), application(tmp_path) as session:
        note(session.store, events=40)
        session.catch_up()
    heard = Heard(Event())
    with pytest.raises(Cancelled):
        projecting(beside(tmp_path))(Post("project", heard, getLogger("event_explorer.sidecar"), heard.stopping))
    assert heard.rebuilds[:3] == [(4, 40), (8, 40), (12, 40)]
    assert heard.rebuilds[-1] is None
