"""Killed at each call while a store is made or migrated or a file exported: it is the old or the new (F22, F23)."""

import errno
import os
from pathlib import Path

import pytest

from explorer.application.whole_file import replacing
from explorer.domain.event import NewEvent
from explorer.store.engine import driver
from tests.faults.conftest import Told
from tests.faults.deeds import ANN
from tests.faults.inspection import STORE, inspect, names_in, store_at
from tests.faults.zygote import Zygote

MOST = 1_000


def test_a_store_is_made_or_not_whenever_its_maker_is_killed(shimmed: Zygote, quick_folder: Path, tell: Told) -> None:
    for nth in range(1, MOST):
        folder = quick_folder / str(nth)
        folder.mkdir()
        said = shimmed.start("make_store", str(folder), nth).hear_out()
        is_there = (folder / STORE).exists()
        store = store_at(folder, read_only=True) if is_there else store_at(folder)
        assert store.head().size == 0
        store.close()
        inspect(folder)
        if said:
            assert is_there
            tell("F23 killed while making a store", nth, nth - 1)
            return
    pytest.fail("It never came to an end.")


def test_a_migration_is_done_or_not_whenever_it_is_killed(shimmed: Zygote, quick_folder: Path, tell: Told) -> None:
    versions: list[int] = []
    for nth in range(1, MOST):
        folder = quick_folder / str(nth)
        folder.mkdir()
        store = store_at(folder)
        ids = [str(event.id) for event in store.append("note-1", 0, [NewEvent("Noted", {}, ANN)] * 30)]
        store.close()
        said = shimmed.start("migrate", str(folder), nth).hear_out()
        versions.append(version_of(folder / STORE))
        if versions[-1] == 1:
            inspect(folder, ids)
        if said:
            assert versions[-1] == 2
            assert 1 in versions
            tell("F23 killed while migrating a store", nth, nth - 1)
            return
    pytest.fail("It never came to an end.")


def version_of(path: Path) -> int:
    """The schema version of a store that is wholly of that version."""
    connection = driver.connect(str(path))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (30,)
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema").fetchall()}
    columns = [row[1] for row in connection.execute("PRAGMA table_info(head)").fetchall()]
    second = {"remark", "events_by_type"}
    assert names & second == (second if version == 2 else set())
    assert ("remark" in columns) == (version == 2)
    if version == 2:
        assert connection.execute("SELECT count(*) FROM remark").fetchone() == (30,)
    connection.close()
    return version


@pytest.mark.parametrize("old", [b"old", None], ids=["replaced", "new"])
@pytest.mark.parametrize("error", [0, errno.ENOSPC, errno.EIO], ids=["killed", "disk full", "disk fails"])
def test_an_export_is_the_old_file_or_the_new_one(
    shimmed: Zygote, quick_folder: Path, tell: Told, error: int, old: bytes | None
) -> None:
    new, path = b"new " * 16_000, quick_folder / "report.html"
    for nth in range(1, MOST):
        for file in quick_folder.iterdir():
            file.unlink()
        if old is not None:
            path.write_bytes(old)
        said = shimmed.start("export", str(path), nth, error, len(new)).hear_out()
        there = path.read_bytes() if path.exists() else None
        assert there in (old, new)
        if error:
            *told, _ = said
            assert [kind for _, kind, _ in told] in ([], ["StorageFailed"])
            assert told or there == new
            assert names_in(quick_folder) == [path.name] * (there is not None)
        if said and said[-1][1] < nth:
            assert there == new
            tell("F22 export killed, or its disk full or broken", nth, nth - 1)
            return
    pytest.fail("It never came to an end.")


def test_what_a_killed_export_left_is_cleared_away_when_it_is_old(shimmed: Zygote, quick_folder: Path) -> None:
    path = quick_folder / "report.html"
    for age, names in ((7_200, 1), (0, 2)):
        shimmed.start("export", str(path), 3, 0, 64_000).hear_out()
        (part,) = quick_folder.glob(".report.html.*.part")
        os.utime(part, (0, part.stat().st_mtime - age))
        with replacing(path) as file:
            file.write(b"whole")
        assert len(names_in(quick_folder)) == names
