"""A disk that is really full, a file that may not grow, memory that is not to be had (F4, F5, F7)."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Told
from tests.faults.inspection import inspect
from tests.faults.test_failing_disk import judge, told
from tests.faults.zygote import Line, Zygote


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    if os.geteuid() != 0:
        pytest.skip("Only root may mount a small disk.")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"A small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def refused(lines: list[Line]) -> list[str]:
    return [line[1] for line in lines if line[0] == "refused"]


def test_a_full_disk_takes_nothing_and_loses_nothing(zygote: Zygote, small_disk: Path, tell: Told) -> None:
    lines = zygote.start("fill_up", str(small_disk)).hear_out()
    assert all("is full. Nothing was saved; make room" in said for said in refused(lines))
    assert len(refused(lines)) == 20
    (known,) = [line[1:] for line in lines if line[0] == "cache"]
    assert known[0] == "StorageFailed"
    assert "cache" in known[1]
    judge(small_disk, lines)
    tell("F4 disk full (tmpfs)", 1, 20, 0, f"{len(told(lines, 'acknowledged'))} acknowledged before and after")


@pytest.mark.parametrize("points", [5, pytest.param(60, marks=pytest.mark.faults)])
def test_a_file_that_may_not_grow(zygote: Zygote, quick_folder: Path, tell: Told, points: int) -> None:
    injected = 0
    for point in range(points):
        folder = quick_folder / str(point)
        folder.mkdir()
        lines = zygote.start("outgrow", str(folder), 40_000 + point * 200_000 // points).hear_out()
        injected += len(refused(lines)) + len([line for line in lines if line[0] in ("unknown", "not opened")])
        judge(folder, lines)
    assert injected >= points
    tell("F5 file size limit", points, injected)


@pytest.mark.parametrize("points", [8, pytest.param(150, marks=pytest.mark.faults)])
@pytest.mark.parametrize("of", ["SQLite", "the process"])
def test_memory_that_is_not_to_be_had(zygote: Zygote, quick_folder: Path, tell: Told, points: int, of: str) -> None:
    injected = crashed = 0
    for point in range(points):
        folder = quick_folder / str(point)
        folder.mkdir()
        child = zygote.start("run_short", str(folder), of, point / points)
        lines = child.hear_out()
        injected += sum(line[0] == "out of memory" for line in lines)
        if of == "the process" and child.status == -signal.SIGSEGV:
            # msgspec 0.22 does not look at what malloc gives it. The store cannot help that, and loses nothing by it.
            crashed += 1
            inspect(folder, told(lines, "acknowledged"))
        else:
            judge(folder, lines)
    assert injected > 0
    tell(f"F7 memory of {of}", points, injected, 0, f"{crashed} crashed in a library")
