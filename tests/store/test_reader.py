"""Reading from a folder that may not be written, beside those who may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from explorer.store.place import Place
from explorer.store.reader import Disturbed, Reader, undisturbed
from explorer.store.subject_keys import SubjectKeys, key_file
from tests.store.damage import grow, opened

WHAT = "an event store"
FOLLOWS = """
import sys
from pathlib import Path
from tests.store.damage import opened

path, wanted = Path(sys.argv[1]), int(sys.argv[2])
size = 0
print("ready", flush=True)
while size < wanted:
    store = opened(path, read_only=True)
    for _ in range(50):
        head = store.head()
        assert head.size >= size, (head.size, size)
        size = head.size
        assert [record.position for record in store.records(size - 20, 20)] == list(range(size - 19, size + 1))
    store.close()
"""


def _no(*_: object) -> bool:
    return False


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that nobody has open. Its folder says that it may not be written."""
    path = tmp_path / "shop.events"
    store = opened(path)
    grow(store, 48)
    store.close()
    monkeypatch.setattr(os, "access", _no)
    return path


def test_who_was_there_first_sees_what_others_append(path: Path) -> None:
    reader = opened(path, read_only=True)
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]
    for number in range(1, 4):
        writer = opened(path, seed=number)
        grow(writer, 24)
        assert reader.head().size == 48 + 24 * number
        writer.close()
        assert reader.head().size == 48 + 24 * number
    reader.close()


def test_what_was_read_while_somebody_began_to_write_is_thrown_away(path: Path) -> None:
    reader = Reader(path, Place(path), WHAT, read_only=True)
    writer = opened(path, seed=1)
    ask = "SELECT size FROM head"

    def read() -> None:
        with reader.reading() as connection:
            assert connection.exec_driver_sql(ask).scalar_one() == 48
            grow(writer, 24)

    with pytest.raises(Disturbed, match="written to while it was read"):
        read()
    with reader.reading() as connection:
        assert connection.exec_driver_sql(ask).scalar_one() == 72
        # Now there is a log of commits, and what is read is as of one of them.
        grow(writer, 24)
        assert connection.exec_driver_sql(ask).scalar_one() == 72
    reader.close()
    writer.close()


def test_a_new_key_is_known_to_who_may_only_read_the_key_file(path: Path) -> None:
    keys = SubjectKeys(key_file(path), UUID(int=1), create=True)
    reader = SubjectKeys(key_file(path), None, read_only=True)
    assert reader.id_of("Ann") is None
    made = keys.make({"Ann"})
    reader.look()
    assert reader.id_of("Ann") == made["Ann"].id
    reader.close()
    keys.close()


def test_who_is_disturbed_reads_again() -> None:
    moved = [Disturbed("once"), Disturbed("twice")]

    @undisturbed
    def read(what: str) -> str:
        if moved:
            raise moved.pop()
        return what

    assert read("whole") == "whole"


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a mount of its own")
def test_writers_that_come_and_go_are_followed_from_a_read_only_mount(tmp_path: Path) -> None:
    path, writers = tmp_path / "shop.events", 60
    store = opened(path)
    grow(store, 48)
    store.close()
    mounted = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && shift && exec "$@"'
    if subprocess.run(["unshare", "-m", "sh", "-c", mounted, tmp_path, "", "true"], check=False).returncode:
        pytest.skip("may not mount")
    command = [sys.executable, "-c", FOLLOWS, str(path), str(48 + 24 * writers)]
    with subprocess.Popen(
        ["unshare", "-m", "sh", "-c", mounted, tmp_path, "", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        try:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
            for number in range(writers):
                writer = opened(path, seed=100 + number)
                grow(writer, 24)
                writer.close()
            said = reader.communicate(timeout=30)
        finally:
            reader.kill()
    assert (reader.returncode, said) == (0, ("", "")), said[1]
