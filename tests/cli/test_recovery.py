"""`backup` and `restore-backup`, as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.application.session import Session
from explorer.cli import run
from explorer.errors import Replaced
from tests.application.shop import note, record


class Cli:
    """Runs commands with a cache of their own; `said` and `error` are what the last one wrote."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._cache, self._capsys = folder / "cache", capsys
        self.error = ""

    def __call__(self, *arguments: str | Path, status: int = 0) -> str:
        self._capsys.readouterr()
        assert run([*map(str, arguments), "--cache", str(self._cache)]) == status
        said = self._capsys.readouterr()
        self.error = said.err
        return said.out

    def size(self, store: Path) -> int:
        return len(self("events", store, "--json").splitlines())


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # where the key that signs is
    return Cli(tmp_path, capsys)


@pytest.fixture
def store(tmp_path: Path, cli: Cli) -> Path:
    path = tmp_path / "shop.events"
    cli("demo", path, "--events", "60")
    return path


def backup_of(cli: Cli, store: Path, folder: Path) -> Path:
    said = cli("backup", store, folder)
    (path,) = (file for file in folder.iterdir() if str(file) in said)
    return path


def test_a_backup_is_written_and_told_and_not_written_twice(cli: Cli, store: Path, tmp_path: Path) -> None:
    said = cli("backup", store, tmp_path / "backups")
    (path,) = (tmp_path / "backups").iterdir()
    assert said == (f"{path} was written and verified: {cli.size(store)} events, {path.stat().st_size:,} bytes.\n")
    assert "Nothing has happened since" in cli("backup", store, tmp_path / "backups")
    assert [*(tmp_path / "backups").iterdir()] == [path]
    cli("backup", store, store, status=1)
    assert "is not a folder" in cli.error
    cli("backup", tmp_path / "none.events", tmp_path / "backups", status=1)
    assert "There is no store" in cli.error


def test_a_backup_is_restored_and_nothing_is_overwritten(cli: Cli, store: Path, tmp_path: Path) -> None:
    backup, before = backup_of(cli, store, tmp_path / "backups"), cli.size(store)
    cli("demo", store, "--events", "20", "--seed", "2")
    after = cli.size(store)
    cli("restore-backup", backup, store, status=1)
    assert "exists, and nothing was changed. With --force" in cli.error
    assert cli.error.count("\n") == 1
    said = cli("restore-backup", backup, store, "--force")
    (kept,) = tmp_path.glob("shop.events.replaced-*Z")
    assert f"{store} was restored from {backup}: {before} events" in said
    assert f"of {after} events, is kept as {kept}." in said
    assert f"This is a roll-back: events {before + 1} to {after} are only in {kept}." in said
    assert (cli.size(store), cli.size(kept)) == (before, after)
    cli("demo", store, "--events", "20", "--seed", "3")
    assert "complete and unaltered" in cli("verify", store)
    cli("restore-backup", backup, tmp_path / "elsewhere.events")
    assert cli.size(tmp_path / "elsewhere.events") == before
    cli("restore-backup", backup, backup, "--force", status=1)
    assert "is the backup itself" in cli.error


def test_another_process_that_has_the_store_open_is_told(cli: Cli, store: Path, tmp_path: Path) -> None:
    backup, before = backup_of(cli, store, tmp_path / "backups"), cli.size(store)
    with Session(store, cache=tmp_path / "window") as window:
        record(window, "note-1", note({"text": "not merged"}))
        command = [sys.executable, "-m", "explorer", "restore-backup", backup, store, "--force"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert f"This is a roll-back: event {before + 1} is only in" in said
        with pytest.raises(Replaced, match="replaced by another file"):
            record(window, "note-1", note({"text": "too late"}))
        with Session(store, cache=tmp_path / "new") as new:
            record(new, "note-2", note({"text": "in the new one"}))
            window.close()
            record(new, "note-2", note({"text": "and one more"}))
    (kept,) = tmp_path.glob("shop.events.replaced-*Z")
    assert (cli.size(store), cli.size(kept)) == (before + 2, before + 1)
    for path in (store, kept):
        cli("verify", path, "--full")


def test_verify_tells_of_a_roll_back_behind_what_was_signed(cli: Cli, store: Path, tmp_path: Path) -> None:
    backup, before = backup_of(cli, store, tmp_path / "backups"), cli.size(store)
    cli("demo", store, "--events", "20", "--seed", "2")
    after = cli.size(store)
    cli("checkpoint", store)
    said = cli("restore-backup", backup, store, "--force")
    assert f"A checkpoint in {store}.checkpoints tells of {after} events." in said
    assert f"event-explorer verify {store}" in said
    verdict = json.loads(cli("verify", store, "--json", status=3))
    assert verdict["position"] == before + 1
    cut = f"had {after} events when it was signed and has {before} now: {after - before} were cut off"
    assert cut in verdict["words"]
    cli("demo", store, "--events", "5", status=1)
    assert cut in cli.error
    Path(f"{store}.checkpoints").rename(tmp_path / "away")
    cli("verify", store)
    cli("demo", store, "--events", "5", "--seed", "7")
    assert cli.size(store) > before


def test_a_damaged_store_is_replaced_and_goes_on(cli: Cli, store: Path, tmp_path: Path) -> None:
    backup, before = backup_of(cli, store, tmp_path / "backups"), cli.size(store)
    damaged = b"SQLite format 3\0" + b"\xff" * 4_000
    store.write_bytes(damaged)
    cli("verify", store, status=1)
    said = cli("restore-backup", backup, store, "--force")
    (kept,) = tmp_path.glob("shop.events.replaced-*Z")
    assert f"What was there cannot be read as a store. It is kept as {kept}." in said
    assert kept.read_bytes() == damaged
    assert cli.size(store) == before


def test_a_damaged_backup_and_another_store_are_told(cli: Cli, store: Path, tmp_path: Path) -> None:
    backup = backup_of(cli, store, tmp_path / "backups")
    other = tmp_path / "other.events"
    cli("demo", other, "--events", "10")
    assert "That is another store: " in cli("restore-backup", backup, other, "--force")
    backup.chmod(0o600)
    backup.write_bytes(backup.read_bytes()[:-4096])
    before = store.read_bytes()
    cli("restore-backup", backup, store, "--force", status=1)
    assert "is damaged, so it was not restored, and nothing was changed" in cli.error
    assert store.read_bytes() == before


def test_another_history_and_missing_keys_are_told(cli: Cli, store: Path, tmp_path: Path) -> None:
    cli("protect", store)
    backup, before = backup_of(cli, store, tmp_path / "backups"), cli.size(store)
    cli("demo", store, "--events", "20", "--seed", "2")
    later = backup_of(cli, store, tmp_path / "later")
    cli("restore-backup", backup, store, "--force")
    cli("demo", store, "--events", "5", "--seed", "3")
    elsewhere = tmp_path / "elsewhere.events"
    said = cli("restore-backup", store, elsewhere)
    assert f"put it beside it as {elsewhere}.keys" in said
    said = cli("restore-backup", later, elsewhere, "--force")
    assert f"Its history is another: it differs at event {cli.size(store)} or before." in said
    assert cli.size(elsewhere) > cli.size(store) > before


def test_a_process_without_standard_output_and_error_restores_all_the_same(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(tmp_path / "shop.events", cache=tmp_path / "cache", create=True) as session:
        record(session, "note-1", note({"text": "one"}))
    cli("backup", tmp_path / "shop.events", tmp_path / "backups")
    (backup,) = (tmp_path / "backups").iterdir()
    with monkeypatch.context() as nobody:
        nobody.setattr(sys, "stdout", None)
        nobody.setattr(sys, "stderr", None)
        assert run(["restore-backup", str(backup), str(tmp_path / "new.events")]) == 0
    assert cli.size(tmp_path / "new.events") == 1
