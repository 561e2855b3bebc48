"""A store that is reached by a link is the file behind it, with all that lies beside that."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.checkpoints import check_not_own, known_checkpoints, sign
from explorer.application.keys import signing_key
from explorer.application.salvage import salvage
from explorer.application.session import Session
from explorer.errors import BadInput, NotAStore
from explorer.store.engine import driver
from tests.application.shop import Clock, long_cart, opened

KILLED = """
import os, sys
from pathlib import Path
from tests.application.shop import Clock, long_cart, opened
long_cart(opened(Path(sys.argv[1]), Clock()), 7, "cart-late")
os._exit(0)
"""


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A folder with a store whose last events are in its write-ahead log alone."""
    folder = tmp_path / "real"
    folder.mkdir()
    with opened(folder, Clock()) as session:
        long_cart(session, 20)
        sign(session, signing_key())
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=True, timeout=60)
    assert (folder / "shop.events-wal").stat().st_size
    return folder


@pytest.fixture
def linked(real: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "l.events").symlink_to(real / "shop.events")
    return folder / "l.events"


def test_its_log_is_read_and_salvaged(linked: Path, tmp_path: Path) -> None:
    assert salvage(linked, tmp_path / "saved.events").events == 27
    with Session(linked, cache=tmp_path / "cache", read_only=True) as session:
        assert session.store.head().size == 27


def test_its_checkpoints_are_held_against_it_and_what_is_its_own_is_known(
    real: Path, linked: Path, tmp_path: Path
) -> None:
    assert [known.size for known in known_checkpoints(linked)] == [20]
    with Session(linked, cache=tmp_path / "cache") as session:
        for ending in ("", "-wal", ".keys", ".checkpoints/x"):
            with pytest.raises(BadInput, match="belongs to the store"):
                check_not_own(session, Path(f"{real / 'shop.events'}{ending}"))


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_what_is_left_of_another_file_is_not_taken_for_a_new_ones(tmp_path: Path, real: Path, ending: str) -> None:
    (tmp_path / f"shop.events{ending}").write_bytes((real / "shop.events-wal").read_bytes())
    for act in (lambda: opened(tmp_path, Clock()), lambda: salvage(real / "shop.events", tmp_path / "shop.events")):
        refused(act)
    assert not (tmp_path / "shop.events").exists()


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(BadInput, match="left of another file"):
        act()


def test_a_pipe_is_no_store_to_salvage(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotAStore):
        salvage(tmp_path / "pipe", tmp_path / "out.events")


def test_a_cache_whose_folder_is_deleted_or_schema_damaged_is_made_anew(tmp_path: Path) -> None:
    import shutil

    with opened(tmp_path, Clock()) as session:
        long_cart(session, 5)
        session.catch_up()
        shutil.rmtree(session.cache.folder)
        assert session.catch_up() == 5
        current = session.cache.path
    connection = driver.connect(str(current), isolation_level=None)
    connection.execute("ALTER TABLE totals RENAME COLUMN carts_open TO carts_closed")
    connection.close()
    with opened(tmp_path, Clock()) as session:
        assert session.catch_up() == 5
