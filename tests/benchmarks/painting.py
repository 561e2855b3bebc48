"""The window: its frames, how soon it is usable, what it holds in memory. Measured by `tests.benchmarks.frames`."""

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from explorer.application.session import Session
from tests.benchmarks.bench import Bench
from tests.benchmarks.rebuilding import MEGABYTE
from tests.benchmarks.stores import draft
from tests.benchmarks.table import Limit, Row, at_most, p95_row
from tests.benchmarks.timing import Samples, in_turn

MODULE = "tests.benchmarks.frames"
ABSENT = f"there is no {MODULE}"
FRAME = 16.7
"""Milliseconds, at 60 frames a second."""
LEAST = 33.0
KINDS = {"drag": "drag, frame", "random": "scrub to a random position, frame", "zoom": "timeline zoom and pan, frame"}


def frames(bench: Bench) -> Iterator[Row]:
    measure = _module()
    random: dict[int, Samples] = {}
    for size in bench.sizes:
        if measure is None:
            yield from (Row("frames", what, size, "ms", None, at_most(FRAME), note=ABSENT) for what in KINDS.values())
            continue
        source = bench.store(size).warm()
        taken: dict[str, list[float]] = measure.measure_frames(source.path, source.cache, bench.samples, bench.seed)
        for kind, what in KINDS.items():
            samples = Samples(tuple(taken[kind]))
            if kind == "random":
                random[size] = samples
                yield p95_row("frames", f"{what} (wanted)", size, samples, at_most(FRAME), required=False)
            yield p95_row("frames", what, size, samples, at_most(LEAST if kind == "random" else FRAME))
    if len(random) > 1:
        small, large = bench.sizes[0], bench.sizes[-1]
        ratio = random[large].p95 / random[small].p95
        yield Row("frames", f"random frame, p95 against that at {small:,} events", large, "×", ratio, at_most(1.2))


def window(bench: Bench) -> Iterator[Row]:
    """Until the window can be used, next to the same on an empty store; and its resident memory."""
    measure, size = _module(), bench.sizes[-1]
    first: tuple[str, str, Limit] = ("first usable window against an empty store's", "×", at_most(1.3))
    memory: tuple[str, str, Limit] = ("resident memory of the window", "MB", at_most(600))
    if measure is None:
        for what, unit, limit in (first, memory):
            yield Row("window", what, size, unit, None, limit, note=ABSENT)
        return
    source = bench.store(size).warm()
    with draft(bench.within) as scratch:
        empty, cache = scratch / "empty.events", scratch / "cache"
        Session(empty, cache=cache, create=True).close()
        full, bare = in_turn(
            5, lambda: _first(measure, source.path, source.cache), lambda: _first(measure, empty, cache)
        )
    yield p95_row("window", "first usable window", size, full, None)
    yield p95_row("window", "first usable window, empty store", 0, bare, None)
    yield Row("window", first[0], size, first[1], full.median / bare.median, first[2])
    yield Row("window", memory[0], size, memory[1], measure.resident(source.path, source.cache) / MEGABYTE, memory[2])


def _first(measure: Any, store: Path, cache: Path) -> float:
    return measure.first_window(store, cache)


def _module() -> Any:
    """None where it is not there; what is wrong within it is raised."""
    return importlib.import_module(MODULE) if importlib.util.find_spec(MODULE) else None
