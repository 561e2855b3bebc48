"""What rules find is what a fold of every state has, however often the watch was stopped, and whoever was at it."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from explorer.application import watching
from explorer.application.conditions import StateCondition
from explorer.application.rules import retire_rule, rules_of, set_rule
from explorer.application.session import Session
from explorer.application.watching import by_severity, standings, turn, watch
from explorer.domain.cart import ItemQuantityChanged
from explorer.errors import BadInput, Busy, Cancelled, Missing, Refused
from explorer.projections import findings as module
from tests.application.moments import brute
from tests.application.shop import ANN, Clock, happened, long_cart, note, opened, record

ODD = "units >= 5 and units <= 9"


def found(session: Session, rule: str) -> list[int]:
    turn(session)
    return [one.position for one in session.findings.newest(1_000, rule=rule)][::-1]


def by_hand(session: Session, condition: str, category: str = "") -> list[int]:
    return brute(session, StateCondition.parse(condition), category=category)


def seesaw(session: Session, times: int, stream: str = "cart-1") -> None:
    """A cart that has two mugs, then seven, then two, and so on."""
    long_cart(session, 2, stream)
    for _ in range(times):
        happened(session, stream, ItemQuantityChanged("mug", 2, 7), ItemQuantityChanged("mug", 7, 2))


def test_a_rule_finds_where_its_condition_becomes_true(session: Session) -> None:
    seesaw(session, 3)
    record(session, "tap-1", note({"units": 7}))
    set_rule(session, "Odd", ODD, ANN, severity="error")
    assert watch(session) == 3
    assert found(session, "rule-odd") == [3, 5, 7] == by_hand(session, ODD)
    assert watch(session) == 0
    seesaw(session, 1, "cart-2")
    assert watch(session) == 1
    assert found(session, "rule-odd") == by_hand(session, ODD)
    (standing,) = standings(session, rules_of(session))
    assert (standing.watched, standing.found, standing.kept) == (session.store.head().size, 4, 4)
    assert by_severity([standing]) == {"error": 4, "warning": 0, "info": 0}


def test_without_rules_nothing_is_made(session: Session) -> None:
    seesaw(session, 1)
    assert watch(session) == 0
    assert session.findings.stamp() == ()
    assert session.findings.newest(9) == session.findings.spread(1, 9, 9) == []


def test_a_rule_that_was_changed_is_watched_anew_and_what_a_retired_one_found_goes(session: Session) -> None:
    seesaw(session, 3)
    set_rule(session, "Odd", ODD, ANN)
    set_rule(session, "All", "units >= 0", ANN, category="cart")
    watch(session)
    assert found(session, "rule-all") == [1]
    set_rule(session, "Odd", "units == 2", ANN)
    watch(session)
    assert found(session, "rule-odd") == by_hand(session, "units == 2") == [2, 4, 6, 8]
    retire_rule(session, "Odd", ANN)
    watch(session)
    assert found(session, "rule-odd") == []
    assert found(session, "rule-all") == [1]
    assert [one.rule.is_retired for one in rules_of(session)] == [False, True]
    set_rule(session, "Odd", "units == 2", ANN)
    assert watch(session) == 4


def test_a_watch_that_was_stopped_goes_on_where_it_was(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BATCH", 4)
    seesaw(session, 10)
    set_rule(session, "Odd", ODD, ANN)
    reached: list[int] = []

    def stop(done: int, total: int) -> None:
        reached.append(done)
        raise Cancelled(f"{done} of {total}")

    for _ in range(3):
        with pytest.raises(Cancelled):
            watch(session, stop)
    assert reached == [4, 8, 12]
    assert found(session, "rule-odd") == [3, 5, 7, 9, 11]
    watch(session, lambda done, _: reached.append(done))
    assert reached[3:] == [16, 20, 23]
    assert found(session, "rule-odd") == by_hand(session, ODD)


def test_a_log_that_was_rolled_back_is_watched_anew(
    open_session: Callable[[], Session], tmp_path: Path, clock: Clock
) -> None:
    session = open_session()
    set_rule(session, "Odd", ODD, ANN)
    seesaw(session, 5)
    watch(session)
    other = tmp_path / "other"
    other.mkdir()
    with opened(other, clock) as second:
        set_rule(second, "Odd", ODD, ANN)
        seesaw(second, 9)
        # As a backup of the same store that went on otherwise is put in its place.
        second.findings = session.findings
        watch(second)
        assert found(second, "rule-odd") == by_hand(second, ODD)


def test_two_may_be_at_it_at_once(
    open_session: Callable[[], Session], tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "BATCH", 5)
    session = open_session()
    seesaw(session, 60)
    set_rule(session, "Odd", ODD, ANN)
    set_rule(session, "Two", "units == 2", ANN)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with opened(tmp_path, clock) as own:
                while own.findings.newest(1) == [] or watching.Watcher(own).is_behind():
                    try:
                        watch(own)
                    except Busy:
                        continue
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert found(session, "rule-odd") == by_hand(session, ODD)
    assert found(session, "rule-two") == by_hand(session, "units == 2")
    assert {one.found for one in session.findings.watched()} == {60, 61}


def test_a_damaged_file_is_made_anew(session: Session) -> None:
    seesaw(session, 3)
    set_rule(session, "Odd", ODD, ANN)
    watch(session)
    (path,) = session.cache.folder.glob("findings-*.db")
    session.findings.close()
    path.write_bytes(b"no database at all" * 500)
    assert watch(session) == 3
    path.with_name("findings-of-somebody.db").touch()
    for file in session.cache.folder.glob("findings-*"):
        file.unlink()
    assert found(session, "rule-odd") == []
    assert watch(session) == 3


def test_of_many_findings_the_newest_are_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 4)
    monkeypatch.setattr(watching, "KEPT", 4)
    monkeypatch.setattr(watching, "BATCH", 5)
    seesaw(session, 10)
    set_rule(session, "Odd", ODD, ANN)
    watch(session)
    assert found(session, "rule-odd") == by_hand(session, ODD)[-4:]
    (standing,) = standings(session, rules_of(session))
    assert (standing.found, standing.kept) == (10, 4)


def test_a_bad_condition_is_refused_and_one_that_cannot_be_read_is_told(session: Session) -> None:
    with pytest.raises(BadInput):
        set_rule(session, "Bad", "total >", ANN)
    with pytest.raises(Refused, match="severity"):
        set_rule(session, "Bad", "total > 1", ANN, severity="grave")
    with pytest.raises(Missing, match="no rule named 'Bad'"):
        retire_rule(session, "Bad", ANN)
    assert session.store.head().size == 0
    record(session, "rule-newer", note({"name": "Newer", "condition": "total ≫ 1", "severity": "info"}, "RuleSet"))
    record(session, "rule-empty", note({"nothing": True}, "RuleSet"))
    (one,) = rules_of(session)
    assert one.condition is None
    assert one.fault
    assert watch(session) == 0
