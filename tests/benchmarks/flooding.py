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
from tests.benchmarks.beside import told_by_linux
from tests.benchmarks.customers import PATIENCE, ROOT
from tests.benchmarks.log import YEAR, log
from tests.benchmarks.sidecars import Sidecar, sidecar
from tests.benchmarks.stores import Built, block_of, draft, fill, silent
from tests.benchmarks.table import Row, at_most

MEGABYTE = 1_000_000
LOOK = 0.1
"""Seconds between two looks at how far it is."""


class Level(NamedTuple):
    """How many events are visible, how many bytes of its own the sidecar has then, and when that was (s)."""

    visible: int
    resident: int
    at: float


@told_by_linux("flood")
def flood(bench: Bench) -> Iterator[Row]:
    """As many events as the middle store has, from the first one on."""
    events = bench.middle.events
    with draft(bench.within) as scratch:
        store = Built(events, scratch / "flood.events", scratch / "cache")
        with Session(store.path, cache=store.cache, create=True):
            pass
        command = [sys.executable, "-m", "tests.benchmarks.flooding", str(store.path), str(events), str(bench.seed)]
        with sidecar(store, scratch) as beside, subprocess.Popen(command, cwd=ROOT) as writer:
            levels, ended = _levels(store, beside, writer)
    yield from rows(events, levels, ended)


def _levels(store: Built, beside: Sidecar, writer: subprocess.Popen[bytes]) -> tuple[list[Level], float]:
    """Until all is visible; and when the writer had ended."""
    levels, ended, pause = list[Level](), 0.0, Event()
    with Session(store.path, cache=store.cache, read_only=True) as session:
        while not levels or levels[-1].visible < store.events:
            if not ended and writer.poll() is not None:
                if writer.returncode:
                    raise AssertionError("The flood failed: what was measured beside it says nothing.")
                ended = monotonic()
            session.cache.refresh()
            levels.append(Level(checkpoint_of(session.cache), beside.process.resident(), monotonic()))
            if ended and monotonic() - ended > 10 * PATIENCE:
                raise AssertionError(f"The sidecar did not get further than {levels[-1]}.")
            pause.wait(LOOK)
    return levels, ended or monotonic()


def rows(events: int, levels: list[Level], ended: float) -> Iterator[Row]:
    """What a flood of so many events that ended at a time says."""
    first = next(level for level in levels if level.visible > 0)
    tenth = next(level for level in levels if level.visible >= events / 10)
    last = levels[-1]
    highest = max(level.resident for level in levels if level.at >= tenth.at)
    visible = (last.visible - first.visible) / (last.at - first.at) if last.at > first.at else None
    yield Row("flood", "the sidecar's own memory at a tenth of the events", events, "MB", tenth.resident / MEGABYTE)
    yield Row("flood", "its memory when all are visible", events, "MB", last.resident / MEGABYTE)
    share = highest / tenth.resident
    yield Row("flood", "the most it had since, of that at a tenth", events, "×", share, at_most(1.25))
    yield Row("flood", "events made visible beside a flood", events, "events/s", visible,
              note="" if visible else "all came at once")  # fmt: skip
    yield Row("flood", "from the flood's end until all is visible", events, "s", max(0.0, last.at - ended))


def main(store: str, events: str, seed: str) -> None:
    size = int(events)
    with tempfile.TemporaryDirectory() as folder:
        block = block_of(size, int(seed), None, Path(folder))
        fill(Path(store), log(block, size, int(seed), YEAR), Path(folder), size, silent)


if __name__ == "__main__":
    main(*sys.argv[1:])
