"""Processes that may be killed, a shim below them that makes disks fail, and the table of what was tried."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from operator import add
from pathlib import Path
from typing import Any

import pytest

from tests.faults.zygote import Zygote

MEMORY = Path("/dev/shm")
"""Where nothing waits for a disk, if there is such a place."""


@pytest.fixture(scope="session")
def _zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()


@pytest.fixture
def zygote(_zygote: Zygote) -> Iterator[Zygote]:
    yield _zygote
    _zygote.kill_all()


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled shim."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if (
        compiler is None
        or subprocess.run(
            [compiler, "-E", "-"], input=b"#include <stdio.h>\n", capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("There is no C compiler with the C library's headers for the shim that makes disks fail.")
    built = tmp_path_factory.mktemp("shim") / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, source, "-ldl"], check=True)
    return built


@pytest.fixture(scope="session")
def _shimmed(shim: Path) -> Iterator[Zygote]:
    zygote = Zygote(shim)
    yield zygote
    zygote.close()


@pytest.fixture
def shimmed(_shimmed: Zygote) -> Iterator[Zygote]:
    """As `zygote`, its children under the shim."""
    yield _shimmed
    _shimmed.kill_all()


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """A folder in memory, for what opens thousands of stores."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


Told = Callable[..., None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Told:
    """Notes a line of the table: the fault, rounds run, faults injected, events lost, and what else is worth a word."""

    def note(fault: str, rounds: int, injected: int, lost: int = 0, more: str = "") -> None:
        record_property("fault", (fault, rounds, injected, lost, more))

    return note


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    told = [row for report in reports for name, row in getattr(report, "user_properties", ()) if name == "fault"]
    if not told:
        return
    rows: dict[str, list[Any]] = {}
    for fault, *figures, more in told:
        *sums, words = rows.get(fault, [0, 0, 0, ""])
        rows[fault] = [*map(add, sums, figures), more or words]
    terminalreporter.section("faults")
    terminalreporter.line(f"{'fault':<44} {'rounds':>8} {'injected':>9} {'lost':>6}")
    for fault, (rounds, injected, lost, more) in sorted(rows.items()):
        terminalreporter.line(f"{fault:<44} {rounds:>8,} {injected:>9,} {lost:>6,}  {more}".rstrip())
