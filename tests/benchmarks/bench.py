"""What a subject is given: the stores, how many samples, and where it may write."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import stores
from tests.benchmarks.stores import Built, Say
from tests.benchmarks.table import Row

MIDDLE = 1_000_000
"""The largest store that is rebuilt and written in bulk: the rates of a larger one say no more."""


@dataclass(frozen=True)
class Bench:
    """One run. `sizes` rise. `within` is the folder of the stores."""

    sizes: tuple[int, ...]
    samples: int
    seed: int
    say: Say
    within: Path = field(default_factory=stores.folder)
    retail: Path | None = None

    def store(self, events: int) -> Built:
        return stores.built(events, self.seed, within=self.within, retail=self.retail, say=self.say)

    @property
    def smallest(self) -> Built:
        return self.store(self.sizes[0])

    @property
    def largest(self) -> Built:
        return self.store(self.sizes[-1])

    @property
    def middle(self) -> Built:
        return self.store(max((size for size in self.sizes if size <= MIDDLE), default=self.sizes[0]))

    def random(self, what: str) -> random.Random:
        """The same choices in every run, others for every subject."""
        return random.Random(f"{self.seed} {what}")


Subject = Callable[[Bench], Iterator[Row]]
