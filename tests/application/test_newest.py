"""The newest events are verified as they come, and what is wrong with them is kept where everybody is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pytest

from explorer.application import outside
from explorer.application import verified as verified_module
from explorer.application.newest import Newest
from explorer.application.session import Session
from explorer.application.verdict import Verdict
from explorer.application.verification import verify_store
from explorer.application.verified import last_verified
from explorer.application.whole_file import replacing
from explorer.errors import Cancelled, Damaged, ReadOnly
from explorer.projections.tree import Tree
from tests.application.evidence import tamper
from tests.application.shop import Clock, long_cart, note, open_cart, record, stock


def nothing() -> None:
    pass


def events_of(verdict: Verdict | None) -> int:
    assert verdict is not None
    assert verdict.ok, verdict.in_words()
    return verdict.events


def known(session: Session) -> tuple[int, int, int]:
    """Of the last verification, which found nothing: events, time, time of the newest."""
    found = last_verified(session.cache.folder, session.store.store_id)
    assert found is not None
    assert found.ok
    assert found.root == session.store.head().root.hex()
    return found.size, found.at, found.newest_at


@pytest.fixture
def verified(session: Session) -> Session:
    """A store of 600 events that were all verified."""
    long_cart(session, 600)
    assert verify_store(session).ok
    return session


def test_what_has_come_extends_what_was_verified(verified: Session, clock: Clock) -> None:
    began, newest = clock.time, Newest(verified)
    assert newest.go_on(nothing) is None
    for more in (1, 1, 700):
        clock.time += 1_000_000
        record(verified, "note-1", *(note({"n": n}) for n in range(more)))
        size = verified.store.head().size
        assert events_of(newest.go_on(nothing)) == newest.position == size
        assert known(verified) == (size, began, clock.time)
        assert newest.go_on(nothing) is None


def test_it_goes_on_from_what_was_verified_before_it_began(verified: Session, clock: Clock) -> None:
    record(verified, "note-1", note({}))
    newest = Newest(verified)
    assert newest.position == 600
    assert events_of(newest.go_on(nothing)) == 601
    assert known(verified)[0] == 601
    assert Newest(verified).position == 601


def test_a_log_that_was_never_verified_is_followed_from_where_it_is(session: Session) -> None:
    long_cart(session, 300)
    newest = Newest(session)
    assert newest.position == 300
    record(session, "note-1", note({}))
    assert events_of(newest.go_on(nothing)) == 301
    assert last_verified(session.cache.folder, session.store.store_id) is None, "the old ones were not looked at"


def test_a_stop_loses_nothing(verified: Session) -> None:
    newest = Newest(verified)
    record(verified, "note-1", *(note({"n": n}) for n in range(3_000)))

    def stop() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        newest.go_on(stop)
    assert newest.position == 600
    assert events_of(newest.go_on(nothing)) == 3_600


@pytest.mark.parametrize(
    ("statement", "position", "words"),
    [
        ("UPDATE events SET data = x'7B7D' WHERE position = 602", 602, "was altered"),
        ("UPDATE events SET actor = 'Eve' WHERE position = 601", 601, "was altered"),
        ("DELETE FROM events WHERE position = 602", 602, "is missing"),
        ("UPDATE events SET version = 9 WHERE position = 603", 603, "was altered"),
        ("UPDATE head SET time = time + 1", None, "another time"),
        ("CREATE TABLE more (x)", None, "more"),
    ],
)
def test_what_is_wrong_with_the_newest_is_found_and_locks_the_log(
    verified: Session, open_session: Callable[[], Session], statement: str, position: int | None, words: str
) -> None:
    newest = Newest(verified)
    record(verified, "note-1", *(note({"n": n}) for n in range(3)))
    tamper(verified.path, statement)
    found = newest.go_on(nothing)
    assert found is not None
    assert not found.ok
    assert position is None or position in found.damaged
    assert words in found.in_words()
    kept = last_verified(verified.cache.folder, verified.store.store_id)
    assert kept is not None
    assert (kept.ok, kept.is_log_damaged, kept.damaged) == (False, True, found.damaged)
    with pytest.raises((ReadOnly, Damaged)):
        record(open_session(), "note-2", note({}))


def test_a_past_that_was_rewritten_is_noticed_where_it_ends(verified: Session) -> None:
    newest = Newest(verified)
    record(verified, "note-1", note({}))
    tamper(verified.path, "UPDATE head SET frontier = zeroblob(length(frontier))")
    found = newest.go_on(nothing)
    assert found is not None
    assert [check.name for check in found.checks if not check.ok] == ["root"]


def test_a_version_that_is_not_the_next_of_its_stream_is_named(session: Session) -> None:
    stock(session)
    open_cart(session)
    newest = Newest(session)
    record(session, "note-1", note({}), note({}))
    tamper(session.path, "UPDATE events SET version = 3 WHERE stream = 'note-1' AND version = 2")
    found = newest.go_on(nothing)
    assert found is not None
    failed = {check.name: check.detail for check in found.checks if not check.ok}
    assert "note-1 has no version 2: event 8 is version 3" in failed["versions"]


def test_what_others_have_found_since_is_not_overwritten(
    verified: Session, open_session: Callable[[], Session]
) -> None:
    newest, other = Newest(verified), open_session()
    record(other, "note-1", note({}))
    tamper(other.path, "UPDATE events SET reason = 'x' WHERE position = 5")
    assert not verify_store(other).ok
    assert events_of(newest.go_on(nothing)) == 601, "the newest are as they should be"
    kept = last_verified(verified.cache.folder, verified.store.store_id)
    assert kept is not None
    assert not kept.ok


def test_what_another_finds_at_that_very_moment_is_not_overwritten(
    verified: Session, open_session: Callable[[], Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, other = Newest(verified), open_session()
    record(other, "note-1", note({}))
    tamper(other.path, "UPDATE events SET reason = 'x' WHERE position = 5")

    def replacing_late(path: Path) -> AbstractContextManager[BinaryIO]:
        monkeypatch.undo()
        assert not verify_store(other).ok
        return replacing(path)

    monkeypatch.setattr(verified_module, "replacing", replacing_late)
    assert events_of(newest.go_on(nothing)) == 601
    kept = last_verified(verified.cache.folder, verified.store.store_id)
    assert kept is not None
    assert not kept.ok


def test_it_goes_on_behind_what_others_have_verified_meanwhile(
    verified: Session, open_session: Callable[[], Session], clock: Clock
) -> None:
    newest, other = Newest(verified), open_session()
    clock.time += 1_000_000

    def progress(done: int, total: int) -> None:
        del total
        if not done % 600 and newest.position == 600:
            record(verified, "note-1", note({}))
            assert events_of(newest.go_on(nothing)) == 601

    assert verify_store(other, progress=progress).events == 600
    record(verified, "note-1", note({}))
    assert events_of(newest.go_on(nothing)) == 602
    assert known(verified)[0] == 602


def test_hashes_that_are_kept_of_another_history_are_no_alarm(verified: Session) -> None:
    kept = verified.cache.folder / "tree.nodes"
    assert verified.tree.root(600) == verified.store.head().root
    kept.write_bytes(bytes(len(kept.read_bytes())))
    verified.tree = Tree(verified.store, kept, outside.new_id)
    newest = Newest(verified)
    assert newest.go_on(nothing) is None
    record(verified, "note-1", note({}))
    assert events_of(newest.go_on(nothing)) == 601


def test_what_is_known_to_be_missing_is_not_found_again_and_again(verified: Session) -> None:
    tamper(verified.path, "DELETE FROM events WHERE position = 17")
    found = Newest(verified).go_on(nothing)
    assert found is not None
    assert not found.ok
    assert verify_store(verified).damaged == (17, 18)
    newest = Newest(verified)
    assert newest.go_on(nothing) is None
