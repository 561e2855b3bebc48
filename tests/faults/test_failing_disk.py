"""The n-th write, sync or other call fails, for every n: the outcome is told right, and stays true (F4, F6).

Told are: committed, refused (nothing was saved) or unknown. What failed is repeated under the same ids: it never
doubles.
"""

import errno
import random
from pathlib import Path

import pytest

from tests.faults.conftest import Told
from tests.faults.deeds import CREATE, EVERYTHING, READ, RENAME, SYNC, TRUNCATE, UNLINK, WRITE
from tests.faults.inspection import inspect, inspect_cache
from tests.faults.zygote import Line, Zygote

SHORT = -1
POINTS = 6
"""Of each sweep, where it must be quick."""

SWEEPS: dict[str, tuple[int, str, int, bool]] = {
    "F4 disk full once": (WRITE | CREATE, "", errno.ENOSPC, False),
    "F4 disk full from then on": (WRITE | CREATE, "", errno.ENOSPC, True),
    "F4 disk full for the cache": (WRITE | CREATE, "/cache/", errno.ENOSPC, True),
    "F6 write fails once": (WRITE, "", errno.EIO, False),
    "F6 writes fail from then on": (WRITE, "", errno.EIO, True),
    "F6 write falls short": (WRITE, "", SHORT, False),
    "F6 sync fails once": (SYNC, "", errno.EIO, False),
    "F6 syncs fail from then on": (SYNC, "", errno.EIO, True),
    "F6 read fails once": (READ, "", errno.EIO, False),
    "F6 other call fails once": (TRUNCATE | UNLINK | RENAME | CREATE, "", errno.EIO, False),
    "F6 anything fails from then on": (EVERYTHING, "", errno.EROFS, True),
}


def told(lines: list[Line], *words: str) -> set[str]:
    return {id_ for word, _, *ids in (line for line in lines if len(line) > 1) if word in words for id_ in ids}


def judge(folder: Path, lines: list[Line]) -> int:
    """Whether the store is as its writer was told; how many calls the rule was looked up for."""
    assert lines[-1] == ["done"]
    committed = told(lines, "acknowledged", "there already")
    found = inspect(folder, committed)
    for word, _, *ids in (line for line in lines if line[0] == "there already"):
        assert word
        assert not set(ids) & told(lines, "refused"), "what was refused is there all the same"
    assert found.ids <= committed | told(lines, "unknown"), "what was refused is there all the same"
    inspect_cache(folder)
    return next(seen for word, seen in (line for line in lines if line[0] == "seen") if word)


@pytest.mark.parametrize("sticky", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize(("calls", "error"), [(SYNC, errno.EIO), (WRITE, errno.EIO), (WRITE, errno.ENOSPC)])
def test_what_was_refused_does_not_come_back_after_a_crash(
    shimmed: Zygote, quick_folder: Path, tell: Told, calls: int, error: int, sticky: bool
) -> None:
    for nth in range(1, 100):
        folder = quick_folder / str(nth)
        folder.mkdir()
        child = shimmed.start("append_once", str(folder), calls, nth, error, sticky)
        lines = child.hear(60)
        while lines[-1][0] != "seen":
            lines += child.hear(60)
        lines += child.kill()
        found = inspect(folder, told(lines, "acknowledged"))
        assert found.ids <= told(lines, "acknowledged", "unknown"), "what was refused is there all the same"
        if lines[-1][1] < nth:
            tell("F6 killed after an append that failed", nth, nth - 1)
            return
    pytest.fail("It never came to an end.")


@pytest.mark.parametrize("before", [False, True], ids=["opened", "opening"])
@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.parametrize("points", [POINTS, pytest.param(0, marks=[pytest.mark.faults, pytest.mark.timeout(1_800)])])
def test_a_disk_that_fails_at_any_call(
    shimmed: Zygote, quick_folder: Path, tell: Told, sweep: str, points: int, before: bool
) -> None:
    calls, ending, error, sticky = SWEEPS[sweep]

    def tried(nth: int) -> int:
        folder = quick_folder / str(nth)
        folder.mkdir()
        lines = shimmed.start("struggle", str(folder), calls, ending, nth, error, sticky, before).hear_out()
        return judge(folder, lines)

    most = tried(1_000_000)
    chosen = (
        range(1, most + 1) if not points else sorted(random.Random(1).sample(range(1, most + 1), min(points, most)))
    )
    for nth in chosen:
        tried(nth)
    tell(sweep, len(chosen), len(chosen))
