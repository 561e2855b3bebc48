"""The power fails at any moment: what was acknowledged is there, nothing is torn, what is there is a prefix (F2).

The control keeps its books without waiting for the disk, and loses some: the test would see it.
"""

import hashlib
import os
import random
import shutil
from pathlib import Path
from uuid import UUID

import pytest

from tests.faults.conftest import Told
from tests.faults.inspection import STORE, inspect
from tests.faults.power import Disk, Step, steps_of
from tests.faults.zygote import Zygote


class Failures:
    """Plays a recording and lets the power fail between any two calls."""

    def __init__(self, steps: list[Step], source: Path, scratch: Path, torn: int) -> None:
        self._steps, self._source, self._scratch, self._torn = steps, str(source), scratch, torn
        self._seen = set[bytes]()
        _, *lines = [step.data.decode() for step in steps if step.kind == "A"]
        self._order = [id_ for line in lines for id_ in line.split()]
        self.states = self.lost = 0
        self.broken: list[str] = []

    def run(self, chance: random.Random, share: float = 1.0) -> None:
        disk = Disk()
        for step in self._steps:
            disk.play(step)
            if chance.random() < share and not (disk.is_quiet and step.kind != "A"):
                for state in disk.states(chance, self._torn):
                    self._look(state, disk.said)

    def _look(self, state: dict[str, bytes], said: list[str]) -> None:
        mark = hashlib.sha256(repr((sorted(state.items()), len(said))).encode()).digest()
        if mark in self._seen:
            return
        self._seen.add(mark)
        self.states += 1
        folder = self._scratch / str(self.states)
        folder.mkdir()
        for path, content in state.items():
            (folder / Path(path).relative_to(self._source)).write_bytes(content)
        wanted = [id_ for line in said[1:] for id_ in line.split()]
        if not (folder / STORE).exists():
            self.lost += len(said)
            return
        try:
            found = inspect(folder)
        except Exception as error:  # noqa: BLE001 - the control has no store worth the name
            self.broken.append(repr(error))
            return
        there = [str(UUID(bytes=record.id)) for record in found.records]
        if there != self._order[: len(there)]:
            self.broken.append(f"{len(there)} events are not the first ones")
        self.lost += len(set(wanted) - found.ids)


def recorded(shimmed: Zygote, folder: Path, synchronous: str, appends: int) -> list[Step]:
    source, log = folder / "source", folder / "log"
    source.mkdir(parents=True)
    child = shimmed.start("keep_books", str(source), str(log), synchronous, appends)
    assert child.hear_out() == [["done"]]
    return steps_of(log.read_bytes())


@pytest.mark.parametrize(
    ("appends", "torn", "share"),
    [(12, 1, 0.6), pytest.param(80, 6, 1.0, marks=[pytest.mark.faults, pytest.mark.timeout(1_800)])],
)
def test_the_power_may_fail_at_any_moment(
    shimmed: Zygote, quick_folder: Path, tell: Told, appends: int, torn: int, share: float
) -> None:
    scratch = quick_folder / "states"
    scratch.mkdir()
    steps = recorded(shimmed, quick_folder, "FULL", appends)
    failures = Failures(steps, quick_folder / "source", scratch, torn)
    failures.run(random.Random(appends), share)
    tell("F2 power loss, unsynced writes kept or not", failures.states, failures.states, failures.lost)
    assert (failures.lost, failures.broken) == (0, [])
    assert failures.states > 100


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_without_waiting_for_the_disk_something_would_be_lost(
    shimmed: Zygote, quick_folder: Path, tell: Told, synchronous: str
) -> None:
    scratch = quick_folder / "states"
    scratch.mkdir()
    steps = recorded(shimmed, quick_folder, synchronous, 6)
    failures = Failures(steps, quick_folder / "source", scratch, 1)
    failures.run(random.Random(1), 0.6)
    tell(f"F2 control: synchronous={synchronous}", failures.states, failures.states, failures.lost,
         f"{len(failures.broken)} broken; it must lose some")  # fmt: skip
    assert failures.lost > 0


def test_a_copy_taken_at_any_moment_holds_what_was_acknowledged_by_then(zygote: Zygote, quick_folder: Path) -> None:
    source = quick_folder / "source"
    source.mkdir()
    child = zygote.start("trade", str(source), 1)
    acknowledged, heard = set[str](), list(child.hear(60))
    for number in range(20):
        while len(heard) < 30 * number:
            heard += child.hear(60)
        child.stop()
        copy = quick_folder / f"copy-{number}"
        copy.mkdir()
        for name in (STORE, f"{STORE}-wal"):
            shutil.copyfile(source / name, copy / name)
        child.go_on()
        acknowledged.update(id_ for word, *ids in heard if word == "acknowledged" for id_ in ids)
        inspect(copy, acknowledged)
    child.kill()


def test_a_wal_cut_off_anywhere_leaves_a_prefix(zygote: Zygote, quick_folder: Path, tell: Told) -> None:
    source, copy = quick_folder / "source", quick_folder / "copy"
    source.mkdir()
    child = zygote.start("write_and_wait", str(source), 25)
    heard = child.hear(60)
    while heard[-1] != ["ready"]:
        heard += child.hear(60)
    order = [id_ for word, *ids in heard if word == "acknowledged" for id_ in ids]
    child.kill()
    whole = (source / f"{STORE}-wal").stat().st_size
    found = set[int]()
    for length in range(0, whole + 1, max(1, whole // 60)):
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        shutil.copyfile(source / STORE, copy / STORE)
        shutil.copyfile(source / f"{STORE}-wal", copy / f"{STORE}-wal")
        os.truncate(copy / f"{STORE}-wal", length)
        records = inspect(copy).records
        there = [str(UUID(bytes=record.id)) for record in records]
        assert there == order[: len(there)]
        found.add(len(there))
    assert len(found) > 15
    tell("F2 WAL cut off", 61, 61)
