"""A backup in a store's place: verified first, nothing overwritten, the old file kept, and no moment without either."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from explorer.application.backup import back_up
from explorer.application.outside import Outside, new_id
from explorer.application.restoring import Restored, restore
from explorer.application.session import Session
from explorer.application.whole_copy import opened_copy
from explorer.errors import BadInput, Busy, Cancelled, Damaged, KnownError, Missing, NotAStore, Replaced, StorageFailed
from explorer.projections import cart_queries
from explorer.store import aside
from explorer.store.engine import driver
from tests.application.customers import JANE, protected_shop
from tests.application.shop import ANN, SECOND, Clock, note, open_cart, opened, record, spoil, stock

DAY = 86_400 * SECOND
KEPT = "shop.events.replaced-20260101T000000Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.events"


@pytest.fixture
def backup(tmp_path: Path, clock: Clock) -> Path:
    """A backup of the four events that the store has."""
    with opened(tmp_path, clock) as session:
        stock(session)
        made = back_up(session, tmp_path / "backups")
    assert made
    return made.path


@pytest.fixture
def longer(backup: Path, tmp_path: Path, clock: Clock) -> Iterator[Session]:
    """The store, open, with two events more that only lie in the log beside it."""
    with opened(tmp_path, clock) as session:
        open_cart(session)
        yield session


def forced(backup: Path, path: Path, clock: Clock) -> Restored:
    return restore(backup, path, force=True, clock=clock)


def beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir() if "shop.events" in file.name)


def size(path: Path) -> int:
    with opened_copy(path) as store:
        return store.head().size


def test_a_backup_is_restored_where_nothing_is_and_can_be_gone_on_with(
    backup: Path, tmp_path: Path, clock: Clock
) -> None:
    (tmp_path / "new").mkdir()
    path, data = tmp_path / "new" / "shop.events", backup.read_bytes()
    seen, modes = list[tuple[int, int]](), set[int]()

    def look(done: int, total: int) -> None:
        seen.append((done, total))
        modes.update(file.stat().st_mode & 0o777 for file in path.parent.iterdir())

    restored = restore(backup, path, force=False, progress=look)
    assert (restored.store, restored.events, restored.former) == (path, 4, None)
    assert seen[-1] == (4, 4)
    assert beside(path) == [path.name]
    assert modes == {0o600}
    assert path.stat().st_mode & 0o777 == 0o600
    assert backup.read_bytes() == data
    with opened(tmp_path / "new", clock) as session:
        assert session.store.store_id == restored.store_id
        open_cart(session)
        assert session.store.head().size == 6
        assert driver.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert beside(path) == [path.name]


def test_a_store_that_is_there_stays_without_force(backup: Path, path: Path, clock: Clock) -> None:
    before = path.read_bytes()
    with pytest.raises(BadInput, match=r"exists, and nothing was changed. With --force"):
        restore(backup, path, force=False, clock=clock)
    assert path.read_bytes() == before
    assert beside(path) == [path.name]


def test_with_force_the_old_file_is_kept_with_what_was_not_merged(
    backup: Path, path: Path, longer: Session, clock: Clock
) -> None:
    path.chmod(0o640)
    restored = forced(backup, path, clock)
    former = restored.former
    assert former is not None
    assert (former.path, former.store_id, former.events) == (path.with_name(KEPT), restored.store_id, 6)
    assert former.is_same
    assert path.stat().st_mode & 0o777 == 0o640
    longer.close()
    assert beside(path)[:2] == [path.name, KEPT]
    assert (size(path), size(former.path)) == (4, 6)


def test_who_has_the_store_open_is_told_that_it_was_replaced(
    backup: Path, path: Path, longer: Session, clock: Clock, tmp_path: Path
) -> None:
    with Session(path, cache=tmp_path / "another", read_only=True) as reader:
        forced(backup, path, clock)
        with pytest.raises(Replaced, match="replaced by another file"):
            open_cart(longer, "cart-2")
        for session in (longer, reader):
            with pytest.raises(Replaced):
                session.store.records()
            with pytest.raises(Replaced):
                session.catch_up()
    with Session(path, cache=tmp_path / "third") as new:
        record(new, "note-1", note({"text": "new"}))
        longer.close()  # under the old name
        record(new, "note-1", note({"text": "still there"}))
        assert new.store.head().size == 6
    assert (size(path), size(path.with_name(KEPT))) == (6, 6)


def test_the_read_models_follow_to_the_restored_history(backup: Path, tmp_path: Path, path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as session:
        open_cart(session)
        session.catch_up()
    forced(backup, path, clock)
    with opened(tmp_path, clock) as session:
        session.catch_up()
        with session.asking() as connection:
            assert cart_queries.carts(connection, 10) == []
        open_cart(session, "cart-7")
        open_cart(session, "cart-8")
        session.catch_up()
        with session.asking() as connection:
            assert {cart.stream for cart in cart_queries.carts(connection, 10)} == {"cart-7", "cart-8"}


def test_another_history_and_another_store_are_told_apart_from_a_roll_back(
    backup: Path, path: Path, tmp_path: Path, clock: Clock
) -> None:
    with opened(tmp_path, clock) as session:
        open_cart(session)
        six = back_up(session, tmp_path / "backups")
    assert six
    forced(backup, path, clock)
    with opened(tmp_path, clock) as session:
        open_cart(session, "cart-other")
    clock.time += SECOND
    former = forced(six.path, path, clock).former
    assert former is not None
    assert (former.events, former.is_same) == (6, False)
    (tmp_path / "b").mkdir()
    with Session(tmp_path / "b" / "shop.events", cache=tmp_path / "b" / "cache", create=True) as other:
        record(other, "note-1", note({"text": "another"}))
        other_id = other.store.store_id
    restored = forced(backup, tmp_path / "b" / "shop.events", clock)
    assert restored.former is not None
    assert (restored.former.store_id, restored.former.is_same) == (other_id, False)


def test_a_damaged_backup_is_refused_and_nothing_is_touched(backup: Path, path: Path, clock: Clock) -> None:
    before, whole = path.read_bytes(), backup.read_bytes()
    backup.chmod(0o600)

    def refused(kind: type[KnownError] = Damaged, match: str = "is damaged, so it was not restored") -> None:
        for place in (path, path.with_name("new.events")):
            with pytest.raises(kind, match=match):
                restore(backup, place, force=True, clock=clock)
        assert path.read_bytes() == before
        assert beside(path) == [path.name]

    backup.write_bytes(whole[:-4096])
    refused()
    backup.write_bytes(whole[:4096] + b"\xff" * 8 + whole[4104:])
    refused()
    backup.write_bytes(whole)
    spoil(backup, 3)
    refused(match="Take another backup. .*Event 3 was altered")
    for data in (b"", b"no store"):
        backup.write_bytes(data)
        refused(NotAStore, "not an event store")
    backup.unlink()
    refused(Missing, "cannot be opened")


def test_a_store_is_not_restored_to_itself(backup: Path, path: Path, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "link").symlink_to(path)
    os.link(path, tmp_path / "second-name")
    for other in (path, tmp_path / "link", tmp_path / "second-name", tmp_path / "backups" / ".." / "shop.events"):
        with pytest.raises(BadInput, match="is the backup itself"):
            forced(other, path, clock)
    long = tmp_path / ("x" * 300)
    for place, kind in ((tmp_path / "no" / "x", Missing), (tmp_path, BadInput), (long, BadInput)):
        with pytest.raises(kind):
            forced(backup, place, clock)
    assert size(path) == 4
    long = tmp_path / ("x" * 240)
    long.write_bytes(b"has no room for the name that it would be kept by")
    with pytest.raises(BadInput, match="File name too long"):
        forced(backup, long, clock)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith((long.name[:80], "."))] == [long.name]


def test_a_damaged_store_is_kept_as_it_is(backup: Path, path: Path, clock: Clock) -> None:
    remains = {"": b"SQLite format 3\0" + b"\xff" * 5_000, "-wal": b"log"}
    for ending, data in remains.items():
        Path(f"{path}{ending}").write_bytes(data)
    restored = forced(backup, path, clock)
    assert restored.former is not None
    assert restored.former.events is None
    assert {ending: path.with_name(KEPT + ending).read_bytes() for ending in remains} == remains
    assert size(path) == 4


def test_a_log_left_of_another_file_is_not_taken_for_the_backups(backup: Path, path: Path) -> None:
    path.unlink()
    Path(f"{path}-wal").write_bytes(b"something")
    with pytest.raises(BadInput, match="is left of another file"):
        restore(backup, path, force=False)
    Path(f"{path}-wal").write_bytes(b"")
    Path(f"{path}-shm").write_bytes(b"x" * 32_768)
    restore(backup, path, force=False)
    assert beside(path) == [path.name]


def test_two_within_a_second_do_not_overwrite_what_is_kept(
    backup: Path, path: Path, longer: Session, clock: Clock
) -> None:
    forced(backup, path, clock)
    with pytest.raises(BadInput, match="try again in a second"):
        forced(backup, path, clock)
    assert size(path.with_name(KEPT)) == 6


def test_a_restoration_that_is_stopped_has_done_nothing(
    backup: Path, path: Path, longer: Session, clock: Clock
) -> None:
    def stop(done: int, total: int) -> None:
        if done == total:
            raise Cancelled("Enough.")

    there = beside(path)
    with pytest.raises(Cancelled):
        restore(backup, path, force=True, progress=stop, clock=clock)
    assert beside(path) == there
    open_cart(longer, "cart-2")


def test_who_reads_and_does_not_let_go_keeps_his_file(
    backup: Path, path: Path, longer: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "BUSY_TIMEOUT", 0.05)
    with closing(driver.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        open_cart(longer, "cart-2")
        there = beside(path)
        with pytest.raises(Busy, match="nothing was changed"):
            forced(backup, path, clock)
        assert beside(path) == there
    open_cart(longer, "cart-3")


class Stop(BaseException):
    """What nobody catches, like a kill."""


STEPS = ("pathlib.Path.rename", "os.link", "os.fsync", "os.unlink", "pathlib.Path.unlink", "os.chown")


@pytest.mark.parametrize("ending", [Stop, OSError], ids=["killed", "failed"])
def test_a_stop_at_any_step_leaves_the_old_or_the_new_or_the_old_under_its_kept_name(
    ending: type[BaseException], backup: Path, path: Path, tmp_path: Path, clock: Clock
) -> None:
    outcomes, outcome = dict[str, int](), ""
    for step in range(100):
        home = tmp_path / str(step)
        home.mkdir()
        shutil.copy(path, home)
        with opened(home, clock) as session:
            open_cart(session)
            is_done = _stopped_at(step, ending, backup, session, clock)
        outcome = _outcome(home / "shop.events")
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        if outcome == "neither":
            restore(backup, home / "shop.events", force=False)
            assert size(home / "shop.events") == 4
        if is_done:
            break
    assert outcome == "new"
    assert outcomes.keys() == {"old", "neither", "new"}
    assert outcomes["new"] >= 2  # the last steps come after it has its name


def _stopped_at(step: int, ending: type[BaseException], backup: Path, session: Session, clock: Clock) -> bool:
    """Restores, and raises before a step; whether it came to its end before."""
    taken = list[str]()

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **options: Any) -> Any:
            taken.append(name)
            if len(taken) == step + 1:
                raise ending(5, "Input/output error")
            return real(*arguments, **options)

        return act

    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            module, _, attribute = name.rpartition(".")
            owner: Any = {"pathlib.Path": Path, "os": os}[module]
            patch.setattr(owner, attribute, counting(name, getattr(owner, attribute)))
        said = ""
        try:
            forced(backup, session.path, clock)
        except Stop:
            said = "killed"
        except KnownError as error:
            said = str(error)
    if said not in {"", "killed"}:
        is_moved, is_there = session.path.with_name(KEPT).exists(), session.path.exists()
        assert ("is kept: it is" in said and KEPT in said) == is_moved
        assert ("was restored, but may not" in said) == (is_moved and is_there)
    return len(taken) <= step


def _outcome(path: Path) -> str:
    kept = path.with_name(KEPT)
    if not path.exists():
        assert size(kept) == 6
        return "neither"
    found = size(path)
    assert found in {4, 6}
    if found == 6:
        assert not kept.exists()
        return "old"
    assert size(kept) == 6
    return "new"


def test_a_store_that_somebody_makes_meanwhile_stays(
    backup: Path, path: Path, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.link

    def link(draft: Path, wanted: Path) -> None:
        monkeypatch.setattr(os, "link", real)
        with Session(path, cache=tmp_path / "other", create=True, world=Outside(clock, new_id)) as quicker:
            record(quicker, "note-1", note({"text": "mine"}, about=ANN))
        real(draft, wanted)

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(StorageFailed, match=rf"another program made a file.*it is .*{KEPT} now"):
        forced(backup, path, clock)
    assert (size(path), size(path.with_name(KEPT))) == (1, 4)
    path.unlink()
    monkeypatch.setattr(os, "link", link)
    with pytest.raises(BadInput, match="was not restored: another program made a file"):
        restore(backup, path, force=False)
    assert size(path) == 1


def test_a_full_disk_leaves_the_store_as_it_was(
    backup: Path, path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageFailed("The disk is full.")

    monkeypatch.setattr("explorer.store.event_store.copy_into", fail)
    with pytest.raises(StorageFailed, match="The disk is full"):
        forced(backup, path, clock)
    assert beside(path) == [path.name]


def test_personal_texts_need_the_key_file_which_is_in_no_backup(session: Session, tmp_path: Path, clock: Clock) -> None:
    protected_shop(session)
    made = back_up(session, tmp_path / "backups")
    assert made
    assert restore(made.path, tmp_path / "elsewhere.events", force=False).lacks_keys
    session.close()
    assert not forced(made.path, tmp_path / "shop.events", clock).lacks_keys
    with opened(tmp_path, clock) as again:
        again.catch_up()
        with again.asking() as connection:
            cart = cart_queries.cart(connection, "cart-1", again.store.head().size)
    assert cart is not None
    assert cart.customer == JANE[0]
