"""Rebuild of all projections, next to the plainest loop that does the same work; its memory; the bytes it leaves.

As a program, `python -m tests.benchmarks.rebuilding STORE CACHE` rebuilds into CACHE and prints its peak of memory.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from explorer.application.session import Session
from explorer.domain.deciders import DECIDERS
from explorer.domain.event import category_of
from explorer.projections.cache import open_building
from explorer.projections.rebuilding import REBUILD_BATCH as BATCH
from tests.benchmarks.bench import Bench
from tests.benchmarks.stores import Built, bare, connected, draft
from tests.benchmarks.table import Row, at_least, at_most
from tests.benchmarks.timing import Samples, Stopwatch, in_turn, seconds

MEGABYTE = 1024 * 1024
ROOT = Path(__file__).parents[2]
FULL = 500_000
"""Events after which a rebuild remembers as much as it ever will: its page cache is full, too."""


def rebuild(bench: Bench) -> Iterator[Row]:
    source = bench.middle
    with draft(bench.within) as scratch:
        ours, plain = in_turn(2, lambda: _rebuilt(source, scratch), lambda: _plain(source, scratch))
    events = source.events
    yield _rate("rebuild of all projections", events, ours)
    yield _rate("the plainest loop, same rows", events, plain)
    share = 100 * plain.median / ours.median
    yield Row("rebuild", "rebuild, share of the plainest loop's rate", events, "%", share, at_least(60))


def _rate(what: str, events: int, times: Samples) -> Row:
    rates = Samples(tuple(events / value for value in times.values))
    return Row("rebuild", what, events, "events/s", rates.median, samples=rates)


def _rebuilt(source: Built, scratch: Path) -> float:
    with draft(scratch) as folder, Session(source.path, cache=folder) as session:
        return seconds(session.rebuild)


def _plain(source: Built, scratch: Path) -> float:
    with source.open() as session:
        finished = session.cache.path
    with draft(scratch) as folder:
        return plainest_loop(source, finished, folder / "plain.cache")


class Table:
    """A finished table, whose rows are handed out in the order in which they came to be, as far as they tell."""

    def __init__(self, cache: Any, name: str) -> None:
        columns = [row[1] for row in cache.execute(f"SELECT * FROM pragma_table_info('{name}')")]
        order = "ORDER BY since" if "since" in columns else ""
        self.insert = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        self._rows = cache.execute(f"SELECT {', '.join(columns)} FROM {name} {order}")
        self._count = cache.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        self._handed = 0

    def up_to(self, done: int, of: int) -> list[tuple[Any, ...]]:
        """The rows that are due when `done` of all events are applied."""
        due = self._count * done // of - self._handed
        self._handed += due
        return self._rows.fetchmany(due) if due else []


def tables_of(cache: Any) -> tuple[list[str], list[str]]:
    """The statements that make a cache's tables and indexes, and the names of its plain tables."""
    made = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    kinds = dict(cache.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'").fetchall())
    ddl = [sql for name, sql in cache.execute(made).fetchall() if kinds.get(name) != "shadow"]
    return ddl, [name for name, kind in kinds.items() if kind == "table" and not name.startswith("sqlite_")]


def plainest_loop(source: Built, finished: Path, target: Path) -> float:
    """Seconds to read all events with the bare driver, decode and fold them, and write the finished cache's rows.

    Those rows are fetched beside, which does not count. Same statements, batches and pragmas as a rebuild's.
    """
    watch, fold = Stopwatch(), folding()
    with connected(source.path) as log, connected(finished) as cache, ExitStack() as last:
        ddl, names = tables_of(cache)
        tables = [Table(cache, name) for name in names]
        with watch:
            new = last.enter_context(bare(open_building(target, create=True)))
            for statement in ddl:
                new.execute(statement)
        for start in range(0, source.events, BATCH):
            with watch:
                fold(log.execute("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?", (start, BATCH)))
            due = [(table.insert, table.up_to(min(start + BATCH, source.events), source.events)) for table in tables]
            with watch:
                new.execute("BEGIN IMMEDIATE")
                for statement, rows in due:
                    new.executemany(statement, rows)
                new.execute("COMMIT")
        with watch:
            last.close()
            with target.open("rb+") as file:
                os.fsync(file.fileno())  # as a rebuild does before its file is everybody's
    return watch.total


def folding() -> Callable[[Any], None]:
    """What decodes and folds the rows of a cursor, all states in one dictionary."""
    decoders = {
        (category, kind.__name__): (msgspec.json.Decoder(kind).decode, decider.evolve)
        for category, decider in DECIDERS.items()
        for kind in decider.events
    }
    states: dict[str, Any] = {}
    decode_any = msgspec.json.Decoder().decode

    def fold(cursor: Any) -> None:
        names = [column[0] for column in cursor.description]
        stream_at, type_at, data_at = (names.index(name) for name in ("stream", "type", "data"))
        for row in cursor.fetchall():
            stream = row[stream_at]
            category = category_of(stream)
            found = decoders.get((category, row[type_at]))
            if found is None:
                decode_any(row[data_at])
            else:
                decode, evolve = found
                state = states[stream] if stream in states else DECIDERS[category].initial
                states[stream] = evolve(state, decode(row[data_at]))

    return fold


def memory(bench: Bench) -> Iterator[Row]:
    """The peak of a process that does nothing but rebuild; for a large store next to one that fills all caches too."""
    peaks: dict[int, float] = {}
    sources = [bench.store(FULL), bench.middle] if bench.middle.events > FULL else [bench.middle]
    for source in sources:
        with draft(bench.within) as scratch:
            command = [sys.executable, "-m", "tests.benchmarks.rebuilding", str(source.path), str(scratch)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        peaks[source.events] = int(done.stdout) / MEGABYTE
        yield Row("memory", "peak memory of a rebuild", source.events, "MB", peaks[source.events])
    if len(peaks) > 1:
        (small, least), (large, most) = peaks.items()
        what = f"peak memory of a rebuild against that at {small:,} events"
        yield Row("memory", what, large, "×", most / least, at_most(1.5))


def peak() -> int:
    """Bytes that this process has had resident at most."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage's, not that of the process which started this one
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def size(bench: Bench) -> Iterator[Row]:
    """Bytes of an event in store and cache, each merged and closed."""
    for events in bench.sizes:
        source = bench.store(events)
        store = source.path.stat().st_size
        cache = sum(path.stat().st_size for path in source.cache.iterdir())
        yield Row("size", "store, bytes an event", events, "B", store / events)
        yield Row("size", "cache, bytes an event", events, "B", cache / events)
        yield Row("size", "cache against store", events, "×", cache / store, at_most(2.5))


if __name__ == "__main__":
    with Session(Path(sys.argv[1]), cache=Path(sys.argv[2])) as opened:
        opened.rebuild()
    print(peak())
