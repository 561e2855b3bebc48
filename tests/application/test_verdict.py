"""The verdict finds what was done to a log, and names the first event it was done to."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.audit import audit_report
from explorer.application.cache_check import CacheCheck
from explorer.application.faults import Check
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.verdict import Verdict, examine
from explorer.domain.cart import ItemQuantityChanged
from explorer.errors import Cancelled
from explorer.proof.merkle import leaf_hash
from explorer.store import structure
from explorer.store.codec import leaf_bytes
from tests.application.evidence import a_day, tamper
from tests.application.shop import ANN, Clock, happened, long_cart, note, open_cart, record

ALL = ["schema", "positions", "hashes", "root", "versions", "checkpoints", "readable", "cache"]


@pytest.fixture
def day(session: Session, clock: Clock) -> Session:
    a_day(session, clock)
    caught_up(session)
    return session


def verdict_on(session: Session, *moments: int) -> Verdict:
    head = session.store.head()
    return examine(session, head, moments or (0, head.size))


def failed(verdict: Verdict) -> dict[str, int | None]:
    """The names of the checks that failed, with the first position each names."""
    return {check.name: check.position for check in verdict.checks if not check.ok}


def check_of(verdict: Verdict, name: str) -> Check:
    return next(check for check in verdict.checks if check.name == name)


def test_a_sound_log_passes_every_check(day: Session) -> None:
    verdict = verdict_on(day)
    assert [check.name for check in verdict.checks] == ALL
    assert verdict.ok
    assert failed(verdict) == {}
    assert verdict.in_words() == "the log is complete and unaltered (17 events, 8 checks passed)"
    assert verdict_on(day, 3, 9, 12).ok


def test_an_empty_log_passes(session: Session) -> None:
    assert audit_report(session).verdict.ok


COLUMNS: dict[str, object] = {
    "stream": "cart-9",
    "version": 77,
    "id": b"\x01" * 16,
    "type": "CartAbandoned",
    "schema_version": 3,
    "occurred_at": 5,
    "recorded_at": 5,
    "data": b'{"previous_quantity":2,"quantity":6,"sku":"mug"}',
    "actor": "Eve",
    "reason": "nothing happened",
    "correlation_id": b"\x02" * 16,
    "causation_id": b"\x03" * 16,
    "origin": "elsewhere",
    "leaf": b"\x04" * 32,
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_is_found_and_its_event_named(day: Session, column: str) -> None:
    tamper(day.path, f"UPDATE events SET {column} = ? WHERE position = 8", values=(COLUMNS[column],))
    verdict = verdict_on(day)
    assert failed(verdict)["hashes"] == 8
    assert "Event 8" in check_of(verdict, "hashes").detail
    assert "did NOT pass" in verdict.in_words()


def test_a_change_with_its_hash_computed_anew_is_found_by_the_root(day: Session) -> None:
    tamper(day.path, "UPDATE events SET actor = 'Eve' WHERE position = 8")
    leaf = leaf_hash(leaf_bytes(day.store.records_at([8])[0]))
    tamper(day.path, "UPDATE events SET leaf = ? WHERE position = 8", values=(leaf,))
    assert set(failed(verdict_on(day))) == {"root"}


@pytest.mark.parametrize(
    ("position", "version_after"), [(5, 6), (9, 10), (17, None)], ids=["a stream's first", "in between", "the last"]
)
def test_a_deleted_event_is_named(day: Session, position: int, version_after: int | None) -> None:
    tamper(day.path, "DELETE FROM events WHERE position = ?", values=(position,))
    found = failed(verdict_on(day))
    assert found["positions"] == position
    assert "root" in found
    assert found.get("versions") == version_after


def test_a_cut_tail_is_named_with_its_length(day: Session) -> None:
    tamper(day.path, "DELETE FROM events WHERE position > 12")
    check = check_of(verdict_on(day), "positions")
    assert check.position == 13
    assert check.detail == "Event 13 is missing, and 4 more behind it."


def test_a_cut_tail_with_the_head_moved_back_is_found_by_the_root(day: Session) -> None:
    tamper(day.path, "DELETE FROM events WHERE position > 12", "UPDATE head SET size = 12")
    caught_up(day)
    assert "root" in failed(verdict_on(day))


def test_two_events_that_changed_places_are_named(day: Session) -> None:
    tamper(
        day.path,
        "UPDATE events SET position = -1 WHERE position = 8",
        "UPDATE events SET position = 8 WHERE position = 9",
        "UPDATE events SET position = 9 WHERE position = -1",
    )
    found = failed(verdict_on(day))
    assert (found["hashes"], found["versions"]) == (8, 8)


def test_an_event_put_behind_the_head_is_named(day: Session) -> None:
    columns = (
        "stream, version + 50, randomblob(16), type, schema_version, occurred_at, recorded_at, data, actor, reason"
    )
    tamper(day.path, f"INSERT INTO events SELECT 18, {columns}, correlation_id, causation_id, origin, leaf "
                     "FROM events WHERE position = 17")  # fmt: skip
    assert failed(verdict_on(day)) == {"positions": 18}


@pytest.mark.parametrize("change", ["frontier = zeroblob(64)", "time = time + 1"])
def test_a_head_that_is_not_that_of_its_events_is_found(day: Session, change: str) -> None:
    tamper(day.path, f"UPDATE head SET {change}")
    assert failed(verdict_on(day)) == {"root": None}


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"{spoilt", "ItemQuantityChanged"), (b"[]", "CartCheckedOut"), (b'{"sku":1}', "ItemAdded"), (b"{}", "Unknown")],
)
def test_an_event_that_cannot_be_read_is_named(day: Session, data: bytes, kind: str) -> None:
    tamper(day.path, "UPDATE events SET data = ?, type = ? WHERE position = 8", values=(data, kind))
    assert failed(verdict_on(day))["readable"] == 8


def test_an_id_that_is_no_uuid_and_a_time_that_is_none_are_named(day: Session) -> None:
    tamper(day.path, "UPDATE events SET causation_id = x'00' WHERE position = 9")
    tamper(day.path, "UPDATE events SET occurred_at = 9000000000000000000 WHERE position = 11")
    check = check_of(verdict_on(day), "readable")
    assert (check.position, check.detail) == (9, "Event 9 has an id that is no UUID; and 1 more like it.")


# The read side.

CACHE = {
    "a total": ("UPDATE cart_head SET total = total + 1 WHERE until > 1000000", "cart-1"),
    "a customer": ("UPDATE cart_about SET customer = 'Eve' WHERE stream = 'cart-1'", "cart-1"),
    "a status": ("UPDATE cart_head SET status = 'open' WHERE since = 12", "cart-1"),
    "an actor": ("UPDATE cart_head SET actor = 'Eve' WHERE since = 12", "cart-1"),
    "a quantity": ("UPDATE cart_line SET quantity = 9 WHERE quantity > 0", "cart-1"),
    "a lost line": ("DELETE FROM cart_line WHERE quantity > 0", "cart-1"),
    "a lost cart": ("DELETE FROM cart_head WHERE since = 16", "cart-3"),
    "a cart that is not listed": ("DELETE FROM cart_life WHERE since = 16", "2 carts are shown, but the events tell "
                                  "of 3"),
    "a cart as it was listed with it": ("INSERT INTO cart_life SELECT status, class, (SELECT min(since) FROM "
                                        "cart_head), until FROM cart_life WHERE since = 16",
                                        "4 carts are shown, but the events tell of 3"),
    "revenue": ("UPDATE totals SET revenue = revenue + 1 WHERE currency = 'GBP'", "revenue in GBP as of event 17"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "says"), CACHE.values(), ids=CACHE)
def test_a_cache_that_says_something_else_is_found(day: Session, statement: str, says: str) -> None:
    tamper(day.cache.path, statement)
    verdict = verdict_on(day)
    assert list(failed(verdict)) == ["cache"]
    assert says in check_of(verdict, "cache").detail


def test_the_totals_are_compared_at_every_moment_that_is_shown(day: Session) -> None:
    tamper(day.cache.path, "UPDATE totals SET units_in_carts = 9 WHERE currency = 'GBP' "
           "AND since = (SELECT max(since) FROM totals WHERE currency = 'GBP' AND since <= 8)")  # fmt: skip
    assert verdict_on(day, 3, 17).ok
    assert "units_in_carts in GBP as of event 8" in check_of(verdict_on(day, 8, 17), "cache").detail


def test_a_snapshot_that_later_states_would_be_folded_from_is_compared(session: Session) -> None:
    long_cart(session, 230)
    caught_up(session)
    assert verdict_on(session).ok
    with session.asking() as connection:
        (kept,) = connection.exec_driver_sql("SELECT state FROM snapshot WHERE version = 200").one()
    other = zlib.compress(zlib.decompress(kept).replace(b"Ann", b"Eve"))
    tamper(session.cache.path, "UPDATE snapshot SET state = ? WHERE version = 200", values=(other,))
    check = check_of(verdict_on(session), "cache")
    assert (check.ok, check.position) == (False, 200)
    assert "snapshot of cart-long at version 200" in check.detail


def test_a_cache_that_cannot_be_asked_fails_its_own_check_only(day: Session) -> None:
    with day.asking() as connection:
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'cart_head'").scalar_one()
    day.cache.close()
    with day.cache.path.open("r+b") as file:
        file.seek((page - 1) * 4_096)
        file.write(b"\xa5" * 4_096)
    verdict = verdict_on(day)
    assert list(failed(verdict)) == ["cache"]
    assert "cannot be asked" in check_of(verdict, "cache").detail


def test_a_cache_that_was_thrown_away_meanwhile_is_told_from_one_that_is_wrong(day: Session) -> None:
    day.cache.swap(day.cache.new_generation())
    check = check_of(verdict_on(day), "cache")
    assert check.detail == "The read side answers up to event 0 only, not up to event 17."


# Beside others.


def test_a_writer_who_appends_meanwhile_disturbs_nothing(
    day: Session, open_session: Callable[[], Session], tmp_path: Path
) -> None:
    other, told = open_session(), list[tuple[int, int]]()

    def append(done: int, total: int) -> None:
        told.append((done, total))
        happened(other, "cart-2", ItemQuantityChanged("mug", 1, len(told)))
        record(other, f"log-{len(told)}", note({"at": done}))
        open_cart(other, f"cart-new-{len(told)}")
        caught_up(other)

    head = day.store.head()
    verdict = examine(day, head, (0, 17), progress=append)
    assert day.store.head().size > 17
    assert verdict.ok
    assert verdict.events == 17
    assert told[-1] == (34, 34)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_it_can_be_cancelled_in_either_half(session: Session) -> None:
    for number in range(3):
        long_cart(session, 700, f"cart-{number}")
    caught_up(session)
    for stop_at in (1, 2_101):

        def stop(done: int, total: int, stop_at: int = stop_at) -> None:
            if done >= stop_at:
                raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            examine(session, session.store.head(), (0,), progress=stop)


def test_the_check_of_the_caches_file_can_be_cancelled_and_leaves_it_in_use(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_cart(session, 700)
    caught_up(session)
    # As often as in a cache a thousand times as large.
    monkeypatch.setattr(structure, "STEPS", 200)
    asked: list[int] = []

    def stop() -> None:
        asked.append(1)
        raise Cancelled("stopped")

    cache = CacheCheck(session, (0,))
    with pytest.raises(Cancelled):
        cache.finish(stop)
    assert asked == [1]
    assert session.cache.fault(lambda: None) == ""


def test_each_event_is_told_once_in_order(day: Session) -> None:
    seen: list[int] = []
    examine(day, day.store.head(), (0,), lambda record: seen.append(record.position))
    assert seen == list(range(1, 18))


def test_a_log_of_an_unknown_trade_passes(session: Session) -> None:
    for number in range(5):
        record(session, f"taking-{number}", note(json.loads('{"a": [1, {"b": null}]}'), about=ANN))
    assert audit_report(session).verdict.ok
