"""A sidecar beside the application, either killed or stopped at any moment: nothing is lost, all goes on (F13)."""

import random
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from time import monotonic

import pytest

from explorer.domain.event import NewEvent
from explorer.projections.runner import checkpoint_of
from explorer.store.engine import driver
from tests.faults.conftest import Told
from tests.faults.deeds import ANN
from tests.faults.inspection import inspect, inspect_cache, session_at, store_at
from tests.faults.zygote import Child, Zygote

rounds_of_killing = pytest.mark.parametrize("rounds", [8, pytest.param(200, marks=pytest.mark.faults)])
PATIENCE = 30.0


class Voices:
    """What the children have said, and which events were acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.warnings: list[list[object]] = []
        self.keeps = False

    def hear(self, child: Child, seconds: float = 0.0) -> list[list[object]]:
        return self.take(child.hear(seconds))

    def take(self, lines: list[list[object]]) -> list[list[object]]:
        for word, *rest in lines:
            if word == "acknowledged":
                self.acknowledged += map(str, rest)
            elif word == "logged":
                assert not rest[2], f"a bug: {rest}"
                self.warnings.append(rest)
            elif word == "keeps":
                self.keeps = bool(rest[0])
        return lines

    def until(self, child: Child, holds: Callable[[], bool]) -> None:
        until = monotonic() + PATIENCE
        while not holds():
            assert monotonic() < until, f"waited in vain: {self.warnings[-3:]}"
            self.hear(child, 0.05)


def recovered(zygote: Zygote, folder: Path) -> float:
    """Seconds until the cache has reached what the log has now."""
    store = store_at(folder, read_only=True)
    head = store.head().size
    store.close()
    began = monotonic()
    assert zygote.start("reach", str(folder), head).hear_out() == [["reached", head]]
    return monotonic() - began


@rounds_of_killing
@pytest.mark.timeout(900)
def test_killed_at_any_moment_neither_loses_anything(
    zygote: Zygote, quick_folder: Path, tell: Told, rounds: int
) -> None:
    chance, voices, killed = random.Random(rounds), Voices(), 0
    folder, lags = str(quick_folder), list[float]()
    session_at(quick_folder).close()
    window, sidecar = zygote.start("trade", folder, 0), zygote.start("beside", folder)
    for round_ in range(1, rounds + 1):
        voices.until(window, lambda: bool(voices.acknowledged))
        until = monotonic() + chance.uniform(0.0, 0.4)
        while (left := until - monotonic()) > 0:
            voices.hear(window, left)
            voices.hear(sidecar)
        which = chance.choice(("window", "sidecar", "both"))
        if which != "sidecar":
            voices.take(window.kill())
            killed += 1
        if which != "window":
            voices.take(sidecar.kill())
            killed += 1
            sidecar = zygote.start("beside", folder)
        lags.append(recovered(zygote, quick_folder))
        if which != "sidecar":
            window = zygote.start("trade", folder, round_)
    voices.take([*chain(window.kill(), sidecar.kill())])
    found = inspect(quick_folder, voices.acknowledged)
    inspect_cache(quick_folder)
    assert len(found.ids) >= len(set(voices.acknowledged)) > 0
    lags.sort()
    fresh = f"fresh again within {lags[-1]:.2f} s, half of them {lags[len(lags) // 2]:.2f} s"
    tell("F13 kill -9 of sidecar, window or both", rounds, killed, 0, f"{len(voices.acknowledged):,} events; {fresh}")


def keeping(zygote: Zygote, folder: Path, voices: Voices) -> Child:
    sidecar = zygote.start("beside", str(folder))
    voices.until(sidecar, lambda: voices.keeps)
    return sidecar


def append(folder: Path, events: int = 1) -> int:
    """Appends as the application does, without projecting; the head."""
    store = store_at(folder)
    version = store.version_of("note-1")
    store.append("note-1", version, [NewEvent("Noted", {"n": n}, ANN) for n in range(events)])
    head = store.head().size
    store.close()
    return head


def reached(zygote: Zygote, folder: Path, position: int) -> None:
    assert zygote.start("reach", str(folder), position).hear_out() == [["reached", position]]


def test_a_keeper_that_is_stopped_is_relieved_and_comes_back_as_a_standby(
    zygote: Zygote, quick_folder: Path, tell: Told
) -> None:
    session_at(quick_folder).close()
    one, two = Voices(), Voices()
    first = keeping(zygote, quick_folder, one)
    second = zygote.start("beside", str(quick_folder))
    reached(zygote, quick_folder, append(quick_folder))
    first.stop()
    two.until(second, lambda: two.keeps)
    reached(zygote, quick_folder, append(quick_folder))
    first.go_on()
    one.until(first, lambda: not one.keeps)
    reached(zygote, quick_folder, append(quick_folder))
    two.take(second.kill())
    one.until(first, lambda: one.keeps)
    reached(zygote, quick_folder, append(quick_folder))
    first.kill()
    inspect_cache(quick_folder)
    tell("F13 keeper stopped, relieved, back; standby killed", 1, 2)


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.faults)])
def test_one_that_is_stopped_with_the_lock_of_the_cache_holds_nobody_up(
    zygote: Zygote, quick_folder: Path, tell: Told, rounds: int
) -> None:
    """It is stopped at random moments until one of them is within a transaction; the window takes over by itself."""
    session_at(quick_folder).close()
    stops = 0
    for _ in range(rounds):
        voices = Voices()
        sidecar = keeping(zygote, quick_folder, voices)
        with session_at(quick_folder) as window:
            while True:
                append(quick_folder, 400)
                sidecar.stop()
                stops += 1
                if is_locked(window.cache.path):
                    break
                sidecar.go_on()
            head = append(quick_folder)
            left = window.cache.path
            assert zygote.start("catch_up_all", str(quick_folder)).hear_out() == [["caught up", head]]
            window.catch_up()
            assert window.cache.path != left, "it goes on in another file"
            assert checkpoint_of(window.cache) == head
        sidecar.go_on()
        reached(zygote, quick_folder, append(quick_folder))
        voices.take(sidecar.kill())
        inspect_cache(quick_folder)
    inspect(quick_folder)
    tell("F13 sidecar stopped with the cache's lock", rounds, stops)


def is_locked(cache: Path) -> bool:
    connection = driver.connect(str(cache), isolation_level=None, timeout=0)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except driver.OperationalError:
        return True
    finally:
        connection.close()
    return False
