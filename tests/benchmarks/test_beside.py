"""What is measured beside a sidecar: lags are told right, and customers come at the rate that is asked for."""

import os
from itertools import islice, pairwise
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.verified import last_verified
from tests.benchmarks import beside
from tests.benchmarks.bench import Bench
from tests.benchmarks.beside import Seen, lags, lasting, p99
from tests.benchmarks.customers import ANN, LINES, Noted, commands, latencies, products, rate_of, shop
from tests.benchmarks.sidecars import PROC, Process
from tests.benchmarks.stores import built, silent
from tests.benchmarks.timing import Samples


def test_a_lag_is_from_the_return_of_a_command_until_its_position_is_visible() -> None:
    noted = [Noted(11, 0.0, 1.0), Noted(12, 1.0, 2.0), Noted(13, 2.0, 3.0)]
    seen = [Seen(10, 0.5), Seen(12, 2.5), Seen(13, 2.75)]
    assert lags(noted, seen).values == (1.5, 0.5, 0.0)


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(0, 10)), min_size=1, max_size=30))
def test_every_event_has_a_lag_that_is_never_less_than_nothing(steps: list[tuple[int, float]]) -> None:
    seen = [Seen(0, 0.0)]
    for more, later in steps:
        seen.append(Seen(seen[-1].position + more, seen[-1].at + later))
    noted = [Noted(position, 0.0, position / 10) for position in range(1, seen[-1].position + 1)]
    found = lags(noted, seen)
    assert len(found) == len(noted)
    for one, lag in zip(noted, found.values, strict=True):
        first = next(look.at for look in seen if look.position >= one.position)
        assert lag == max(0.0, first - one.ended)


def test_the_rate_counts_from_the_first_begin_to_the_last_end() -> None:
    assert rate_of([Noted(1, 1.0, 1.5), Noted(2, 2.0, 2.5), Noted(3, 2.5, 3.0)]) == 1.5


def test_commands_that_were_at_work_in_between_count() -> None:
    noted = [Noted(1, 0.0, 1.0), Noted(2, 2.0, 4.0), Noted(3, 5.0, 5.5), Noted(4, 7.0, 8.0)]
    assert latencies(noted).values == (1.0, 2.0, 0.5, 1.0)
    assert latencies(noted, 3.0, 6.0).values == (2.0, 0.5)


@pytest.mark.parametrize(("samples", "seconds"), [(300, 15.0), (50, 2.5), (5, 1.0), (1_000, 15.0)])
def test_fewer_samples_are_taken_in_less_time(samples: int, seconds: float, tmp_path: Path) -> None:
    assert lasting(Bench((1_000,), samples, 1, silent, tmp_path), 15) == seconds


def test_the_p99_is_a_time_that_was_taken() -> None:
    assert p99(Samples(tuple(map(float, range(1, 101))))) == 99
    assert p99(Samples((4.0,))) == 4


def test_each_command_is_one_event_and_carts_are_checked_out(tmp_path: Path) -> None:
    store = built(1_000, within=tmp_path)
    with store.open() as session:
        length = LINES + 3
        given = list(islice(commands(products(session), "test", 1), 2 * length))
        events = [handle(session, stream, command, ANN) for stream, command in given]
    assert [len(happened) for happened in events] == [1] * len(given)
    assert events[length - 1][0].type == events[-1][0].type == "CartCheckedOut"
    assert [stream for stream, _ in given] == ["cart-test-1"] * length + ["cart-test-2"] * length


def test_customers_note_what_they_did_until_they_are_stopped(tmp_path: Path) -> None:
    store = built(1_000, within=tmp_path)
    stopped = Event()
    with store.open() as session:
        noted = shop(session, 50, 0.2, stopped)
        assert [one.position for one in noted] == list(range(1_001, session.store.head().size + 1))
        assert all(one.begun <= one.ended for one in noted)
        assert all(before.ended <= after.begun for before, after in pairwise(noted))
        assert 1 <= len(noted) <= 11, "not faster than was asked for"
        stopped.set()
        assert shop(session, 50, 3_600, stopped) == []


@pytest.mark.skipif(not PROC.joinpath("self", "task").is_dir(), reason="this system tells nothing of processes")
def test_the_system_tells_of_a_process() -> None:
    process = Process(os.getpid())
    before = process.wakes()
    Event().wait(0.01)
    assert process.wakes() > before
    assert 0 < process.resident() <= process.peak()
    assert process.processor() > 0


def test_where_the_system_tells_nothing_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(beside, "PROC", tmp_path)
    (row,) = beside.lag(Bench((1_000,), 5, 1, silent, tmp_path))
    assert row.verdict().startswith("not measured")


def test_a_store_that_is_written_to_is_verified_first(tmp_path: Path) -> None:
    source = built(1_000, within=tmp_path)
    with beside.written_to(source, Bench((1_000,), 5, 1, silent, tmp_path)) as (store, _):
        with Session(store.path, cache=store.cache, read_only=True) as session:
            found = last_verified(session.cache.folder, session.store.store_id)
        assert store.path != source.path
        assert found is not None
        assert found.ok
    assert not list(tmp_path.glob("draft-*"))
