"""The sidecar beside those who write: how soon it makes visible, what it takes of the machine, and of their speed."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

from explorer.application.backup import back_up
from explorer.application.verification import verify_store
from explorer.sidecar.checking import EVENTS_PER_SECOND
from tests.benchmarks.bench import Bench, Subject
from tests.benchmarks.customers import PATIENCE, Customers, Noted, customers, latencies, rate_of
from tests.benchmarks.sidecars import PROC, Process, Sidecar, sidecar
from tests.benchmarks.stores import Built, connected, copied, draft
from tests.benchmarks.table import Row, at_least, at_most, p95_row
from tests.benchmarks.timing import Samples, in_turn, seconds

RATE = 500
"""Events a second that come in the end, each in a transaction of its own."""
LOOK = 0.001
"""Seconds between two looks at what is visible."""
STILL = 1.0
"""Seconds without work after which a sidecar has done what there was to do when it was begun."""
MEGABYTE = 1_000_000


def told_by_linux(name: str) -> Callable[[Subject], Subject]:
    """A subject that asks the system about a process, where that can be asked."""

    def known(subject: Subject) -> Subject:
        @wraps(subject)
        def rows(bench: Bench) -> Iterator[Row]:
            if PROC.joinpath("self", "task").is_dir():
                yield from subject(bench)
            else:
                yield Row(name, "the sidecar", 0, "", None, note="this system tells nothing of processes in /proc")

        return rows

    return known


def lasting(bench: Bench, longest: float) -> float:
    """Seconds of something of which as many samples are wanted as of the others, the default number `longest`."""
    return max(1.0, min(longest, longest * bench.samples / 300))


@contextmanager
def written_to(source: Built, bench: Bench, *, is_verified: bool = True) -> Generator[tuple[Built, Path]]:
    """A copy that is written to, and a folder; verified, there is nothing to do for a sidecar in the beginning."""
    with draft(bench.within) as scratch, copied(source, scratch) as store:
        if is_verified:
            with store.open() as session:
                verify_store(session)
        os.sync()  # what copying has left to write would be in the way of every commit
        yield store, scratch


# How soon an event is visible


class Seen(NamedTuple):
    """When a position was found to be visible, seconds of the monotonic clock."""

    position: int
    at: float


def observed(generation: Path, come: Customers, head: int) -> tuple[list[Seen], list[Noted]]:
    """How far the cache was, and when, from `head` on until all is visible that the customers noted; and that."""
    seen, noted, pause = [Seen(head, monotonic())], list[Noted](), Event()
    with connected(generation) as cache:
        while not noted or seen[-1].position < noted[-1].position:
            pause.wait(LOOK)
            (reached,) = cache.execute("SELECT min(position) FROM checkpoint").fetchone()
            if reached != seen[-1].position:
                seen.append(Seen(reached, monotonic()))
            if not noted and not come.is_at_work:
                noted = come.gone()
            if noted and monotonic() - noted[-1].ended > PATIENCE:
                raise AssertionError(f"Event {noted[-1].position:,} was never visible.")
    return seen, noted


def lags(noted: list[Noted], seen: list[Seen]) -> Samples:
    """Seconds from each commit's return until it was visible; `seen` rises to the last that was noted."""
    found, number = list[float](), 0
    for one in noted:
        while seen[number].position < one.position:
            number += 1
        found.append(max(0.0, seen[number].at - one.ended))
    return Samples(tuple(found))


@told_by_linux("lag")
def lag(bench: Bench) -> Iterator[Row]:
    """From an append's return until its rows are visible, at a rate that is sustained; also while all are verified."""
    lasts = lasting(bench, 15)
    for size in dict.fromkeys((bench.sizes[0], bench.sizes[-1])):
        with written_to(bench.store(size), bench) as (store, scratch):
            yield from _lag(store, scratch, lasts, f"at {RATE} events/s")
    size = bench.sizes[-1]
    if size > lasts * EVENTS_PER_SECOND:
        with written_to(bench.store(size), bench, is_verified=False) as (store, scratch):
            yield from _lag(store, scratch, lasts, f"at {RATE} events/s while all are verified")


def _lag(store: Built, scratch: Path, lasts: float, when: str) -> Iterator[Row]:
    with store.open() as session:
        generation, head = session.cache.path, session.store.head().size
    with sidecar(store, scratch) as beside, customers(store, scratch / "noted.json", RATE, lasts) as come:
        come.wait()
        used, begun = beside.process.processor(), monotonic()
        seen, noted = observed(generation, come, head)
        share = 100 * (beside.process.processor() - used) / (monotonic() - begun)
    found = lags(noted, seen)
    size = store.events
    yield p95_row("lag", f"from commit to visible row {when}", size, found, at_most(50))
    yield Row("lag", f"the longest {when}", size, "ms", 1_000 * max(found.values))
    yield Row("lag", f"the rate that was reached {when}", size, "events/s", rate_of(noted), at_least(0.95 * RATE))
    yield Row("lag", f"the sidecar's share of a processor {when}", size, "%", share)


# What it takes


@told_by_linux("idle")
def idle(bench: Bench) -> Iterator[Row]:
    """A sidecar beside a store at rest."""
    source, pause = bench.middle, Event()
    with written_to(source, bench) as (store, scratch), sidecar(store, scratch) as beside:
        process = beside.process
        beside.until(lambda: _is_still(process))
        begun = monotonic()
        used, woke = process.processor(), process.wakes()
        pause.wait(lasting(bench, 10))
        took = monotonic() - begun
        share, wakes = 100 * (process.processor() - used) / took, (process.wakes() - woke) / took
        resident = process.resident() / MEGABYTE
    yield Row("idle", "an idle sidecar's share of a processor", source.events, "%", share, at_most(1))
    yield Row("idle", "how often it wakes", source.events, "times/s", wakes)
    yield Row("idle", "an idle sidecar's own memory", source.events, "MB", resident)


def _is_still(process: Process) -> bool:
    """Whether it does next to nothing for a while: the tree's nodes are computed, all is made visible."""
    used = process.processor()
    Event().wait(STILL)
    return process.processor() - used <= 0.02 * STILL


@told_by_linux("company")
def company(bench: Bench) -> Iterator[Row]:
    """Commands as fast as they go, without a sidecar and beside one, in turn."""
    source, lasts = bench.middle, lasting(bench, 5)
    with written_to(source, bench) as (store, scratch):
        times = list[Samples](), list[Samples]()

        def rate(taken: list[Samples]) -> float:
            with customers(store, scratch / "noted.json", 0, lasts) as come:
                noted = come.gone()
            taken.append(latencies(noted))
            return rate_of(noted)

        def beside() -> float:
            with sidecar(store, scratch):
                return rate(times[1])

        rates = in_turn(3, lambda: rate(times[0]), beside)
    medians = [Samples(tuple(one.median for one in taken)).median for taken in times]
    for what, found, median in zip(("alone", "beside a sidecar"), rates, medians, strict=True):
        yield Row("company", f"commands as fast as they go, {what}", source.events, "events/s", found.median)
        yield Row("company", f"a command as fast as they go, {what}, median", source.events, "ms", 1_000 * median)
    share, longer = 100 * rates[1].median / rates[0].median, medians[1] / medians[0]
    yield Row("company", "a command beside a sidecar, median of that alone", source.events, "×", longer, at_most(1.25))
    what = "rate beside a sidecar, of that alone"
    yield Row("company", what, source.events, "%", share, at_least(80), required=False)


# Backups


def p99(samples: Samples) -> float:
    return sorted(samples.values)[int(0.99 * (len(samples) - 1))]


@told_by_linux("backup")
def backup(bench: Bench) -> Iterator[Row]:
    """A verified backup, alone and beside customers; what these see of it."""
    source = bench.middle
    size = source.events
    with written_to(source, bench) as (store, scratch):
        stored = store.path.stat().st_size / MEGABYTE
        with store.open() as session:
            took = seconds(lambda: back_up(session, scratch / "alone"))
        before, during, beside = _backed_up(store, scratch, lasting(bench, 10))
    yield Row("backup", "a verified backup", size, "s", took)
    yield Row("backup", "a verified backup, of the store's bytes", size, "MB/s", stored / took)
    yield Row("backup", f"a verified backup beside {RATE} events/s", size, "s", beside)
    for samples, when in ((before, "before a backup"), (during, "during a backup")):
        yield Row("backup", f"a command at {RATE} events/s {when}, p99", size, "ms", 1_000 * p99(samples))
        yield Row("backup", f"the longest command {when}", size, "ms", 1_000 * max(samples.values))


def _backed_up(store: Built, scratch: Path, lasts: float) -> tuple[Samples, Samples, float]:
    """How long commands took beside a sidecar, and beside one that makes a backup; and how long that took (s)."""
    with sidecar(store, scratch), customers(store, scratch / "before.json", RATE, lasts) as come:
        before = come.gone()
    with customers(store, scratch / "during.json", RATE, PATIENCE) as come:
        come.wait()
        with sidecar(store, scratch, "--backups", str(scratch / "backups"), is_fresh=False) as beside:
            made = _made(beside)
            ended = monotonic()
            come.stop()
            during = come.gone()
    took = float(made["seconds"])
    return latencies(before), latencies(during, ended - took, ended), took


def _made(beside: Sidecar) -> dict[str, Any]:
    beside.until(lambda: beside.told("backed up") is not None)
    made = beside.told("backed up")
    assert made is not None
    return made
