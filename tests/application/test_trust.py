"""What a window knows of a store's integrity, and what it does for it by itself."""

from collections.abc import Callable

import pytest

from explorer.application import trust
from explorer.application.checkpoints import AGE, folder_of, known_checkpoints, sign
from explorer.application.keys import key_files, signing_key
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.trust import (
    DAY,
    FAILED,
    damage_of,
    is_signing_due,
    keep_signed,
    look_after,
    stamp,
    standing,
    stream_at,
)
from explorer.application.verification import verify_store
from explorer.application.verified import last_verified
from explorer.application.view import Question, answer
from explorer.errors import Damaged, ReadOnly
from explorer.store.engine import driver
from tests.application.evidence import HOUR, a_day, tamper
from tests.application.shop import NOW, SECOND, Clock, note, record


@pytest.fixture
def day(session: Session, clock: Clock) -> Session:
    """Seventeen events."""
    a_day(session, clock)
    caught_up(session)
    return session


def found_at(session: Session) -> int:
    found = last_verified(session.cache.folder, session.store.store_id)
    assert found is not None
    return found.at


def test_nothing_is_known_of_a_new_store(day: Session) -> None:
    found = standing(day)
    assert (found.found, found.trust.newest, found.stopped, found.locked) == (None, None, 0, "")
    assert found.newer(17) == 17
    assert damage_of(day, found, 17) == {}


def test_the_smallest_are_verified_each_time(day: Session, clock: Clock) -> None:
    look_after(day)
    clock.time += SECOND
    look_after(day)
    assert found_at(day) == clock.time


def test_a_small_store_is_verified_once_and_again_when_it_has_grown_or_a_day_has_passed(
    day: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "TINY", 10)
    look_after(day)
    first = found_at(day)
    clock.time += SECOND
    look_after(day)
    assert found_at(day) == first
    record(day, "taking-2", note({"amount": 1}))
    look_after(day)
    assert found_at(day) == clock.time
    grown = clock.time
    clock.time += DAY - 1
    look_after(day)
    assert found_at(day) == grown
    clock.time += 1
    look_after(day)
    assert found_at(day) == clock.time
    tamper(day.path, "UPDATE events SET reason = 'x' WHERE position = 9")
    verify_store(day)
    tamper(day.path, "UPDATE events SET reason = '' WHERE position = 9")
    clock.time += 1
    look_after(day)
    assert not standing(day).is_damaged


def test_it_is_signed_when_the_last_checkpoint_is_old(day: Session, clock: Clock) -> None:
    assert keep_signed(day).startswith("17 events were signed by key ")
    assert standing(day).signer is not None
    [kept] = known_checkpoints(day.path)
    clock.time = kept.kept_at + AGE
    assert keep_signed(day) == ""
    record(day, "taking-2", note({"amount": 1}))
    clock.time = kept.kept_at + AGE - 1
    assert keep_signed(day) == ""
    clock.time += 1
    assert keep_signed(day).startswith("18 events")
    assert [one.size for one in known_checkpoints(day.path)] == [17, 18]


def test_whether_signing_is_due_is_told_without_asking(day: Session, clock: Clock) -> None:
    assert is_signing_due(standing(day), 17, NOW, AGE)
    assert not is_signing_due(standing(day), 0, NOW, AGE)
    keep_signed(day)
    found = standing(day)
    assert found.trust.newest is not None
    kept_at = found.trust.newest.kept_at
    assert [is_signing_due(found, 18, kept_at + age, AGE) for age in (AGE - 1, AGE)] == [False, True]
    assert not is_signing_due(found, 17, kept_at + AGE, AGE)
    assert not is_signing_due(found._replace(locked=FAILED), 18, kept_at + AGE, AGE)


def _sign(session: Session) -> None:
    sign(session, signing_key())


def _make_key(session: Session) -> None:
    del session
    signing_key()


@pytest.mark.parametrize("act", [verify_store, _sign, _make_key])
def test_whoever_verifies_or_signs_changes_the_stamp(
    day: Session,
    open_session: Callable[[], Session],
    act: Callable[[Session], object],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("own")))
    before = stamp(day)
    assert stamp(day) == before
    act(open_session())
    assert stamp(day) != before


def test_damage_found_by_another_session_locks_this_one_until_it_passes(
    day: Session, open_session: Callable[[], Session]
) -> None:
    first = answer(day, Question())
    [(data,)] = _rows(day, "SELECT data FROM events WHERE position = 8")
    tamper(day.path, "UPDATE events SET data = x'7b7d' WHERE position = 8")
    verify_store(open_session())
    second = answer(day, Question(), first)
    assert second.changed_since(first)
    assert second.standing.locked == FAILED
    assert second.standing.is_damaged
    assert list(second.damage) == [8]
    assert second.damage[8].words == "Event 8 was altered: its hash is not that of what it says"
    assert second.damage[8].time == NOW + HOUR
    with pytest.raises(ReadOnly, match="Restore a backup"):
        record(day, "taking-2", note({"amount": 1}))
    # A frame of a drag does not look; the same question asked again does.
    tamper(day.path, "UPDATE events SET data = ? WHERE position = 8", values=(data,))
    verify_store(open_session())
    third = answer(day, Question(as_of=3), second)
    assert third.standing is second.standing
    fourth = answer(day, Question(as_of=3), third)
    assert (fourth.standing.locked, dict(fourth.damage)) == ("", {})
    record(day, "taking-2", note({"amount": 1}))


def _rows(session: Session, sql: str) -> list[tuple[object, ...]]:
    from explorer.store.engine import driver

    connection = driver.connect(str(session.path))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_what_was_cut_off_is_shown_where_the_log_ends(day: Session) -> None:
    sign(day, signing_key())
    tamper(day.path, "DELETE FROM events WHERE position = 17")
    verify_store(day)
    found = standing(day)
    assert list(damage_of(day, found, 16)) == [17]
    assert damage_of(day, found, 16)[17].time == damage_of(day, found, 17)[17].time
    assert damage_of(day, found, 0) == {}


def test_an_event_is_named_once_with_what_the_first_check_says(day: Session) -> None:
    sign(day, signing_key())
    tamper(day.path, "UPDATE events SET data = x'7b7d' WHERE position = 8")
    verdict = verify_store(day)
    assert {check.name for check in verdict.checks if not check.ok} >= {"checkpoints", "hashes"}
    assert verdict.damaged == (8,)
    assert len(verdict.reasons) == 1


def test_a_large_store_is_held_against_its_checkpoints_only(day: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "SMALL", 16)
    look_after(day)
    assert standing(day).found is None
    [kept] = known_checkpoints(day.path)
    assert kept.size == 17
    tamper(day.path, "UPDATE events SET leaf = zeroblob(32) WHERE position = 3")
    day.tree.forget()
    look_after(day)
    found = standing(day)
    assert found.is_damaged
    assert found.locked == FAILED
    assert len(known_checkpoints(day.path)) == 1


def test_missing_triggers_make_a_large_store_read_only(day: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "SMALL", 16)
    connection = driver.connect(str(day.path), isolation_level=None)
    connection.execute("DROP TRIGGER events_are_never_updated")
    connection.close()
    look_after(day)
    found = standing(day)
    assert found.locked == FAILED
    assert found.found is not None
    assert "trigger" in found.found.words


def test_a_false_checkpoint_or_an_open_key_is_an_alarm_and_no_failure(day: Session) -> None:
    keep_signed(day)
    [path] = folder_of(day.path).iterdir()
    text = path.read_text()
    path.write_text(text.replace("\n17\n", "\n16\n"))
    assert "altered" in standing(day).trust.alarm
    path.write_text("nothing of the kind")
    assert "altered" in standing(day).trust.alarm
    with pytest.raises(Damaged):
        verify_store(day)
    path.write_text(text)
    assert standing(day).trust.alarm == ""
    key = key_files()[0]
    key.chmod(0o644)
    assert "can be read by others" in standing(day).trust.alarm
    key.chmod(0o600)


def test_the_stream_of_an_event(day: Session) -> None:
    assert stream_at(day, 5) == "cart-1"
    assert stream_at(day, 99) is None
