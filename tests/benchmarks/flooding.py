"""A flood of events beside a sidecar: whether its memory stays as it was, and whether it keeps up.

As a program, `python -m tests.benchmarks.flooding STORE EVENTS SEED` appends so many events as fast as it goes.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import monotonic
from typing import NamedTuple

from explorer.application.session import Session
from explorer.projections.runner import checkpoint_of
from tests.benchmarks.bench import Bench
from tests.benchmarks.beside import MEGABYTE, told_by_linux
from tests.benchmarks.customers import ROOT
from tests.benchmarks.log import YEAR, log
from tests.benchmarks.rebuilding import FULL
from tests.benchmarks.sidecars import Sidecar, sidecar
from tests.benchmarks.stores import Built, block_of, draft, fill, silent
from tests.benchmarks.table import Row, at_most

PATIENCE = 600.0
"""Seconds in which a sidecar gets further, or is taken for lost."""
LOOK = 0.05
"""Seconds between two looks at how far it is."""


class Flood(NamedTuple):
    """How one went: its events, bytes that the sidecar had resident at most, and seconds.

    `took` until all was visible, `behind` of that after all was written.
    """

    events: int
    peak: int
    took: float
    behind: float


@told_by_linux("flood")
def flood(bench: Bench) -> Iterator[Row]:
    """Into an empty store; a large one next to one that fills all that a sidecar ever remembers: its page caches."""
    events = bench.middle.events
    floods = [_flood(bench, size) for size in ((FULL, events) if events > FULL else (events,))]
    for went in floods:
        size = went.events
        yield Row("flood", "peak memory of a sidecar beside a flood", size, "MB", went.peak / MEGABYTE)
        yield Row("flood", "events made visible beside a flood", size, "events/s", size / max(went.took, LOOK))
        yield Row("flood", "from the flood's end until all is visible", size, "s", went.behind)
    if len(floods) > 1:
        what = f"peak memory of a sidecar against that at {FULL:,} events"
        yield Row("flood", what, events, "×", floods[1].peak / floods[0].peak, at_most(1.25))


def _flood(bench: Bench, events: int) -> Flood:
    with draft(bench.within) as scratch:
        store = Built(events, scratch / "flood.events", scratch / "cache")
        with Session(store.path, cache=store.cache, create=True):
            pass
        command = [sys.executable, "-m", "tests.benchmarks.flooding", str(store.path), str(events), str(bench.seed)]
        with sidecar(store, scratch) as beside, subprocess.Popen(command, cwd=ROOT) as writer:
            return _until_visible(store, beside, writer)


def _until_visible(store: Built, beside: Sidecar, writer: subprocess.Popen[bytes]) -> Flood:
    begun = written = ended = last = monotonic()
    pause, visible = Event(), 0
    with Session(store.path, cache=store.cache, read_only=True) as session:
        while visible < store.events:
            pause.wait(LOOK)
            session.cache.refresh()
            before, visible, now = visible, checkpoint_of(session.cache), monotonic()
            if writer.poll() is None:
                written = now
            elif writer.returncode:
                raise AssertionError("The flood failed: what was measured beside it says nothing.")
            if visible == before and now - last > PATIENCE:
                raise AssertionError(f"The sidecar did not get further than {visible:,}.")
            if visible != before:
                begun, last = (now if not before else begun), now
            ended = now
    return Flood(store.events, beside.process.peak(), ended - begun, ended - written)


def main(store: str, events: str, seed: str) -> None:
    size = int(events)
    with tempfile.TemporaryDirectory() as folder:
        block = block_of(size, int(seed), None, Path(folder))
        fill(Path(store), log(block, size, int(seed), YEAR), Path(folder), size, silent)


if __name__ == "__main__":
    main(*sys.argv[1:])
