"""Times taken fairly: what is compared takes turns, so that a busy moment of the machine falls on both."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple


class Samples(NamedTuple):
    """Times in seconds (or what else is counted), in the order they were taken."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        return sorted(self.values)[math.ceil(0.95 * len(self.values)) - 1]

    def __len__(self) -> int:
        return len(self.values)


def seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def in_turn(rounds: int, *acts: Callable[[], float]) -> list[Samples]:
    """Each act's values; an act takes one and says it, then it is the next one's turn."""
    taken = [[act() for act in acts] for _ in range(rounds)]
    return [Samples(tuple(column)) for column in zip(*taken, strict=True)]


def sampled(acts: Iterable[Callable[[], object]], budget: float = 60.0) -> Samples:
    """The seconds of each act; no further ones are begun once `budget` seconds are over."""
    return Samples(tuple(_within(acts, budget)))


def _within(acts: Iterable[Callable[[], object]], budget: float) -> Iterator[float]:
    until = time.perf_counter() + budget
    for act in acts:
        yield seconds(act)
        if time.perf_counter() > until:
            return


class Stopwatch:
    """Counts only the time inside its `with`."""

    def __init__(self) -> None:
        self.total = 0.0
        self._begun = 0.0

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.total += time.perf_counter() - self._begun
