"""Backups: whole, verified, of this store, private, and none where something fails."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from explorer.application.backup import Backup, back_up, backups, thin_out
from explorer.application.outside import Outside, new_id
from explorer.application.privacy import erase
from explorer.application.session import Session
from explorer.application.whole_copy import check_whole, opened_copy
from explorer.domain.privacy import ERASED, KEY_MISSING
from explorer.errors import BadInput, Cancelled, Damaged, ReadOnly, StorageFailed
from explorer.projections.runner import no_progress
from tests.application.customers import JANE, OFFICE, files_with, folded, protected_shop
from tests.application.shop import SECOND, Clock, long_cart, note, open_cart, record, spoil, stock

DAY = 86_400 * SECOND


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "shop"


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def made(session: Session, folder: Path) -> Backup:
    backup = back_up(session, folder)
    assert backup
    return backup


def test_a_backup_is_the_store_as_it_is_and_its_name_tells_which_when_and_how_much(
    session: Session, folder: Path
) -> None:
    stock(session)
    backup = made(session, folder)
    end = session.store.store_id.hex[-12:]
    assert backup.path == folder / f"shop-{end}-20260101T000000Z-4.events"
    assert (backup.at, backup.events) == (session.world.clock(), 4)
    assert backup.size == backup.path.stat().st_size
    assert names(folder) == [backup.path.name]
    assert check_whole(backup.path, no_progress) == session.store.head()
    assert backups(folder, session.store.store_id) == [backup]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert backup.path.stat().st_mode & 0o777 == 0o400


def test_a_reader_backs_up_what_others_go_on_writing(
    open_session: Callable[[], Session], tmp_path: Path, folder: Path
) -> None:
    writer = open_session()
    stock(writer)
    stop = Event()

    def write() -> None:
        while not stop.is_set():
            record(writer, "note-1", note({"text": "again"}))

    thread = Thread(target=write)
    thread.start()
    try:
        with Session(tmp_path / "shop.events", cache=tmp_path / "other", read_only=True) as reader:
            backup = made(reader, folder)
    finally:
        stop.set()
        thread.join()
    assert check_whole(backup.path, no_progress).size == backup.events >= 4
    with opened_copy(backup.path) as copy:
        assert copy.leaves(0, 10**9) == writer.store.leaves(0, backup.events)


def test_where_nothing_has_happened_the_newest_backup_is_enough(session: Session, clock: Clock, folder: Path) -> None:
    stock(session)
    first = made(session, folder)
    clock.time += DAY
    assert back_up(session, folder) is None
    assert names(folder) == [first.path.name]
    open_cart(session)
    second = made(session, folder)
    assert backups(folder, session.store.store_id) == [first, second]


def test_a_newest_backup_that_is_spoilt_or_of_another_log_is_not_enough(
    session: Session, clock: Clock, folder: Path
) -> None:
    stock(session)
    first = made(session, folder)
    first.path.chmod(0o600)
    first.path.write_bytes(b"spoilt")
    clock.time += SECOND
    second = made(session, folder)
    assert second.events == first.events
    clock.time -= 10 * SECOND  # now both are dated in the future, and tell nothing
    assert made(session, folder).at < first.at


def test_a_name_that_is_taken_is_left_to_who_has_it(session: Session, folder: Path) -> None:
    stock(session)
    backup = made(session, folder)
    backup.path.chmod(0o600)
    backup.path.write_bytes(b"somebody's")
    with pytest.raises(BadInput, match="is there already"):
        back_up(session, folder)
    assert backup.path.read_bytes() == b"somebody's"
    assert names(folder) == [backup.path.name]


@pytest.mark.parametrize("name", ["-rf", "..", "a b;c'\"\n", "é" * 60, "x" * 200, "con", "shop-0-20260101T000000Z-4"])
def test_a_store_of_any_name_has_backups_that_are_found_again(
    tmp_path: Path, clock: Clock, folder: Path, name: str
) -> None:
    path = tmp_path / f"{name}.events"
    with Session(path, cache=tmp_path / "cache", create=True, world=Outside(clock, new_id)) as session:
        stock(session)
        backup = made(session, folder)
        assert backups(folder, session.store.store_id) == [backup]
    assert backup.path.parent == folder
    assert backup.path.name[0] not in ".-"


def test_stores_that_share_a_folder_are_not_confused(tmp_path: Path, clock: Clock, folder: Path) -> None:
    """They may have one name, and be made within the same second."""
    found = list[Backup]()
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        with Session(tmp_path / place / "shop.events", cache=tmp_path / f"cache-{place}", create=True,
                     world=Outside(clock, new_id)) as session:  # fmt: skip
            stock(session)
            found.append(made(session, folder))
            assert backups(folder, session.store.store_id) == [found[-1]]
    assert found[0].path != found[1].path


def test_a_backup_that_is_stopped_or_fails_leaves_nothing(
    session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(session)
    long_cart(session, 2_500)
    seen = list[tuple[int, int]]()

    def stop(done: int, total: int) -> None:
        seen.append((done, total))
        if done:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        back_up(session, folder, stop)
    assert seen[-1][0] > 0
    assert names(folder) == []
    monkeypatch.setattr("explorer.store.structure.STEPS", 100)

    def stop_early(done: int, total: int) -> None:
        raise Cancelled("At once.")

    with pytest.raises(Cancelled, match="At once"):
        back_up(session, folder, stop_early)
    assert names(folder) == []

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("explorer.application.backup.sync_folder", fail)
    with pytest.raises(StorageFailed, match=f"No backup can be kept in {folder}: No space left"):
        back_up(session, folder)


def test_what_a_killed_process_left_is_cleared_away_when_it_is_old(session: Session, folder: Path) -> None:
    stock(session)
    end = session.store.store_id.hex[-12:]
    folder.mkdir(parents=True)
    old, fresh, strange = (folder / name for name in (f".shop-{end}.1.new", f".shop-{end}.2.new", ".other.1.new"))
    for draft in (old, fresh, strange):
        draft.write_bytes(b"half")
    long_ago = fresh.stat().st_mtime - 2 * 86_400
    for draft in (old, strange):
        os.utime(draft, (long_ago, long_ago))
    backup = made(session, folder)
    assert names(folder) == sorted([fresh.name, strange.name, backup.path.name])


def test_a_damaged_store_is_not_backed_up_and_its_older_backups_stay(
    session: Session, clock: Clock, folder: Path
) -> None:
    stock(session)
    first = made(session, folder)
    open_cart(session)
    spoil(session.path, 2)
    clock.time += DAY
    with pytest.raises(Damaged, match=r"No backup of .*shop.events was made.*Event 2 .*event-explorer verify"):
        back_up(session, folder)
    assert names(folder) == [first.path.name]


def test_a_folder_that_cannot_be_one_is_said_so(session: Session, tmp_path: Path) -> None:
    stock(session)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BadInput, match="is not a folder"):
        back_up(session, tmp_path / "file")
    with pytest.raises((ReadOnly, StorageFailed), match="/proc/self/none"):
        back_up(session, Path("/proc/self/none"))


def test_who_is_erased_is_erased_in_every_backup(session: Session, clock: Clock, tmp_path: Path, folder: Path) -> None:
    protected_shop(session)
    before = made(session, folder)
    erase(session, OFFICE, subject=JANE[0])
    clock.time += SECOND
    after = made(session, folder)
    assert files_with(folder, *JANE) == {}
    for backup, shown in ((before, KEY_MISSING), (after, ERASED)):
        with Session(backup.path, cache=tmp_path / f"looking-{backup.events}") as looking:
            assert looking.store.read_only or os.geteuid() == 0
            assert folded(looking, "cart-1") == (shown, shown, shown)
    for name in names(folder):
        assert ".keys" not in name


def test_thinning_out_deletes_what_is_too_old_and_nothing_else(session: Session, clock: Clock, folder: Path) -> None:
    stock(session)
    begun = clock.time
    found = list[Backup]()
    for hour in (0.1, 0.2, 0.3, 1.5):
        clock.time = begun + int(hour * 3_600) * SECOND
        record(session, "note-1", note({"hour": str(hour)}))
        found.append(made(session, folder))
    end = session.store.store_id.hex[-12:]
    others = [
        f"shop-{end}-20260101T000500Z-9.events",  # its name only
        f"shop-{end}-20269999T000500Z-9.events",
        f"shop-{end}-20260101T000500Z-9.events.mine",
        "shop-0123456789ab-20260101T000500Z-9.events",
        "letter.txt",
    ]
    for name in others:
        (folder / name).write_text("mine")
    (folder / f"shop-{end}-20260101T000501Z-5.events").symlink_to(found[0].path)
    beside = found[1].path.with_name(f"{found[1].path.name}-wal")
    beside.write_bytes(b"")
    gone = thin_out(folder, session.store.store_id, clock.time)
    assert gone == found[:2]
    assert not beside.exists()
    stay = [found[2].path.name, found[3].path.name, f"shop-{end}-20260101T000501Z-5.events", *others]
    assert names(folder) == sorted(stay)
    assert thin_out(folder, session.store.store_id, clock.time) == []


def test_a_backup_that_somebody_works_with_is_not_thinned_out(session: Session, clock: Clock, folder: Path) -> None:
    stock(session)
    first = made(session, folder)
    first.path.chmod(0o600)
    with Session(first.path, cache=folder.parent / "other") as worked_with:
        record(worked_with, "note-1", note({"text": "only here"}))
    for second in (1, 2):
        clock.time += SECOND
        record(session, "note-1", note({"second": str(second)}))
        made(session, folder)
    assert [backup.events for backup in thin_out(folder, session.store.store_id, clock.time)] == [5]
    assert first.path.exists()
