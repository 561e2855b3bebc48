"""Writers and constant checkpointers on one WAL: what SQLite before 3.51.3 may answer with a damaged file (F3).

See sqlite.org/wal.html#walresetbug. The control is the system's own SQLite where it lacks the fix: it shows that the
load bites.
"""

import importlib
from pathlib import Path

import pytest

from explorer.store.engine import has_wal_reset_fix
from tests.faults.conftest import Told
from tests.faults.zygote import Zygote, together

ROLES = ("write", "write", "write", "merge", "merge")
RUNS, RUN_SECONDS = 8, 5
"""Of the control at most, and how long each; every one that was tried was found damaged within it."""


def raced(zygote: Zygote, path: Path, module: str, seconds: float) -> tuple[int, str]:
    """How many transactions were committed, and what is wrong with the file; empty if nothing is."""
    zygote.start("race_ground", str(path), module).hear_out()
    heard = together([zygote.start("race", str(path), module, role, seconds, seed) for seed, role in enumerate(ROLES)])
    lines = [line for said in heard for line in said]
    turns = sum(said[-1][1] for said, role in zip(heard, ROLES, strict=True) if role == "write")
    ((_, verdict),) = zygote.start("race_verdict", str(path), module).hear_out()
    return turns, next((line[1] for line in lines if line[0] == "damaged"), verdict)


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.faults)])
def test_the_shipped_sqlite_keeps_the_file_whole(zygote: Zygote, quick_folder: Path, tell: Told, seconds: int) -> None:
    turns, damage = raced(zygote, quick_folder / "race.db", "pysqlite3.dbapi2", seconds)
    tell(f"F3 WAL-reset race, {seconds} s", turns, 0, 0, damage or "0 damaged")
    assert damage == ""


def test_the_systems_sqlite_does_not(zygote: Zygote, quick_folder: Path, tell: Told) -> None:
    version = importlib.import_module("sqlite3").sqlite_version_info
    if has_wal_reset_fix(version):
        pytest.skip(f"The system's SQLite {version} has the fix: there is nothing to compare with.")
    turns = 0
    for run in range(RUNS):
        committed, damage = raced(zygote, quick_folder / f"race-{run}.db", "sqlite3", RUN_SECONDS)
        turns += committed
        if damage:
            tell(f"F3 control: SQLite {'.'.join(map(str, version))}", turns, run + 1, 0, f"damaged: {damage[:60]}")
            return
    pytest.fail(f"{RUNS} runs of the control were whole: this load does not bite.")
