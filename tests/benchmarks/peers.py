from collections.abc import Iterator
from tests.benchmarks.bench import Bench
from tests.benchmarks.table import Row


def peers(bench: Bench) -> Iterator[Row]:
    yield Row("peers", "eventsourcing", bench.sizes[-1], "×", None, note="not yet")
