"""Two processes that write and project are killed at any moment: nothing that was acknowledged is lost (F1)."""

import random
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.conftest import Told
from tests.faults.inspection import inspect, inspect_cache
from tests.faults.zygote import Child, Zygote

LIFE = 5
"""Rounds in which a store is written to, before another is begun."""


def killed(children: list[Child], chance: random.Random) -> list[str]:
    """Kills the children after so many events, or so long, as chance has it; the ids that were acknowledged."""
    acknowledged: list[str] = []
    for child in children:
        by_count, limit = chance.random() < 0.5, chance.randint(0, 60)
        end = monotonic() + chance.random() * 0.05
        heard = list(child.hear(60))
        while not child.is_silent and (len(heard) < limit if by_count else monotonic() < end):
            heard += child.hear(end - monotonic() if not by_count else 60)
        heard += child.kill()
        acknowledged += [id_ for word, *ids in heard if word == "acknowledged" for id_ in ids]
    return acknowledged


@pytest.mark.parametrize(
    "rounds", [25, pytest.param(1_000, marks=[pytest.mark.faults, pytest.mark.timeout(1_800)])]
)  # fmt: skip
def test_what_was_acknowledged_outlives_a_kill(zygote: Zygote, quick_folder: Path, tell: Told, rounds: int) -> None:
    acknowledged, events, chance = set[str](), 0, random.Random(rounds)
    for round_ in range(rounds):
        folder = quick_folder / str(round_ // LIFE)
        if round_ % LIFE == 0:
            folder.mkdir()
            events += len(acknowledged)
            acknowledged.clear()
        children = [zygote.start("trade", str(folder), round_ * 2 + number) for number in range(2)]
        acknowledged.update(killed(children, chance))
        inspect(folder, acknowledged)
        inspect_cache(folder)
    tell("F1 kill -9", rounds, 2 * rounds, 0, f"{events + len(acknowledged):,} events acknowledged")
