"""What a report says: the scope, the states before and after, the sums, and one entry for each event."""

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from explorer.application.audit import AuditReport, Entry, Scope, audit_report
from explorer.application.history import ABSENT, FieldChange
from explorer.application.scope import Bound, caught_up
from explorer.application.session import Session
from explorer.domain.cart import ItemAdded, ItemQuantityChanged
from explorer.errors import BadInput, Busy, Cancelled
from tests.application.evidence import HOUR, a_day, report_of, tamper
from tests.application.shop import ANN, BOB, NOW, Clock, happened, long_cart, note, open_cart, record


@pytest.fixture
def day(session: Session, clock: Clock) -> Session:
    a_day(session, clock)
    return session


def positions(report: AuditReport) -> list[int]:
    return [entry.position for entry in report.entries]


def entry_at(report: AuditReport, position: int) -> Entry:
    return next(entry for entry in report.entries if entry.position == position)


def changed(entry: Entry) -> dict[str, tuple[object, object]]:
    return {change.path: (change.before, change.after) for change in entry.changes}


def test_the_whole_store(day: Session) -> None:
    report = audit_report(day)
    assert positions(report) == positions(report) == list(range(1, 18))
    assert report.verdict.ok
    assert report.store_file == "shop.events"
    assert (report.head.size, report.generated_at) == (17, report.head.time)
    assert (report.first.position, report.last.position, report.as_of.position) == (1, 17, 17)
    assert report.totals.events == 17
    assert report.totals.streams_begun == 8
    assert (report.totals.earliest, report.totals.latest) == (NOW, day.store.head().time)
    assert report.totals.by_actor == (("Ann", 14), ("Bob", 3))
    assert dict(report.totals.by_type)["ItemQuantityChanged"] == 2
    assert report.at_start.state["carts"] == {"open": 0, "checked_out": 0, "abandoned": 0}
    assert report.at_end.state["carts"] == {"open": 2, "checked_out": 1, "abandoned": 0}
    assert report.at_end.state["money"] == {"GBP": {"in_carts": 0, "revenue": 1436, "discounts": 160}}
    assert FieldChange("units_sold", 0, 4) in report.state_changes()


def test_types_and_actors_of_equal_number_are_in_order_of_name(day: Session) -> None:
    counts = audit_report(day).totals.by_type
    assert list(counts) == sorted(counts, key=lambda count: (-count[1], count[0]))


def test_a_range_and_the_states_at_both_of_its_ends(day: Session) -> None:
    report = report_of(day, start="8", end="12")
    assert positions(report) == [8, 9, 10, 11, 12]
    assert (report.at_start.at.position, report.at_end.at.position) == (7, 12)
    assert (report.first.time, report.at_start.at.time) == (NOW + HOUR, NOW + HOUR)
    assert report.at_start.state["units_in_carts"] == 2
    assert report.at_end.state["units_sold"] == 4


def test_one_stream_and_its_documents_at_both_ends(day: Session) -> None:
    report = report_of(day, stream="cart-1", start="8", end="10")
    assert positions(report) == [8, 9, 10]
    assert (report.at_start.state["units"], report.at_start.state["note"]) == (2, "")
    assert (report.at_end.state["units"], report.at_end.state["coupon"]) == (5, {"code": "TEN", "percent": 10})
    whole = report_of(day, stream="cart-1")
    assert positions(whole) == [5, 6, *range(8, 13)]
    assert (whole.at_start.state["status"], whole.at_end.state["status"]) == ("new", "checked_out")


def test_what_one_actor_did_with_what_others_did_in_between_folded_in(day: Session) -> None:
    report = report_of(day, actor="Bob")
    assert positions(report) == [8, 13, 15]
    assert changed(entry_at(report, 8))["lines[sku=mug].quantity"] == (2, 5)
    in_one = report_of(day, actor="Ann", stream="cart-1", start="11")
    assert positions(in_one) == [11, 12]
    assert changed(entry_at(in_one, 11))["units"] == (5, 4)
    assert (report.is_selection, audit_report(day).is_selection) == (True, False)


def test_what_a_filter_lets_pass(day: Session) -> None:
    every = audit_report(day)
    wanted = {entry.position for entry in every.entries if entry.data and entry.data.get("quantity") in (2, 3, 4, 5)}
    report = report_of(day, wanted="data.quantity in (2, 3, 4, 5)")
    assert 0 < len(wanted) < 17
    assert positions(report) == sorted(wanted)
    assert report.totals.events == len(wanted)
    assert report.is_selection
    assert "for which data.quantity in (2, 3, 4, 5) holds" in report.scope.in_words()
    assert positions(report_of(day, wanted="actor = Bob", start="9")) == [13, 15]
    assert report_of(day, wanted="  ").scope == Scope()
    with pytest.raises(BadInput, match="Events have no kind"):
        report_of(day, wanted="kind == x")


def test_as_of_a_position_nothing_later_is_known(day: Session) -> None:
    report = report_of(day, as_of="9")
    assert positions(report) == list(range(1, 10))
    assert report.head.size == 17
    assert report.at_end.state["carts"] == {"open": 2, "checked_out": 0, "abandoned": 0}
    assert report.totals.events == 9
    assert not report.is_selection


def test_an_empty_range_and_an_empty_store(day: Session, session: Session) -> None:
    report = report_of(day, start="2030-01-01")
    assert positions(report) == []
    assert report.at_start.state == report.at_end.state
    assert (report.totals.events, report.totals.earliest) == (0, None)
    assert report_of(day, as_of="0").as_of == (0, None)


def test_an_empty_store(session: Session) -> None:
    report = audit_report(session)
    assert positions(report) == []
    assert report.generated_at == report.head.created_at
    assert report.verdict.ok


def test_an_entry_says_who_what_when_why_and_what_it_changed(day: Session) -> None:
    entry = entry_at(audit_report(day), 8)
    record = day.store.records_at([8])[0]
    assert (entry.stream, entry.version, entry.type) == ("cart-1", 3, "ItemQuantityChanged")
    assert (entry.actor, entry.reason, entry.origin) == ("Bob", "correction", "")
    assert entry.summary == "mug: 2 → 5"
    assert (entry.occurred_at, entry.recorded_at) == (NOW + HOUR, NOW + HOUR)
    assert (entry.correlation_id, entry.causation_id) == (None, None)
    assert (entry.hash, entry.id) == (record.leaf.hex(), str(day.store.read_all(7, 1)[0].id))
    assert entry.data == {"sku": "mug", "previous_quantity": 2, "quantity": 5}
    assert entry.currency == "GBP"
    assert changed(entry) == {
        "lines[sku=mug].quantity": (2, 5),
        "lines[sku=mug].line_total": (798, 1995),
        "units": (2, 5),
        "subtotal": (798, 1995),
        "total": (798, 1995),
    }


def test_what_appears_and_what_goes_is_told_from_what_is_null(day: Session) -> None:
    report = audit_report(day)
    added, removed, coupon = (changed(entry_at(report, position)) for position in (13, 15, 10))
    pens = {"sku": "pen", "quantity": 3, "unit_price": 25, "line_total": 75}
    assert added["lines[sku=pen]"] == (ABSENT, pens)
    assert removed["lines[sku=pen]"] == (pens, ABSENT)
    assert coupon["coupon"] == (None, {"code": "TEN", "percent": 10})


def test_a_stream_without_rules_is_told_by_its_merged_fields(day: Session) -> None:
    entry = entry_at(audit_report(day), 17)
    assert entry.summary == "amount 12 · checked True"
    assert changed(entry) == {"fields.checked": (ABSENT, True), "events.NoteChecked": (ABSENT, 1)}


def test_an_old_schema_version_is_told_as_the_current_one(session: Session) -> None:
    old = note({"sku": "mug", "quantity": 1, "unit_price": 399}, "ItemAdded")
    record(session, "cart-1", old)
    entry = entry_at(audit_report(session), 1)
    assert (entry.schema_version, entry.data) == (
        2,
        {"sku": "mug", "quantity": 1, "unit_price": 399, "currency": "GBP"},
    )


def test_an_event_that_cannot_be_read_is_shown_as_such_and_changes_nothing(day: Session) -> None:
    tamper(day.path, "UPDATE events SET data = x'00ff' WHERE position = 8")
    report = audit_report(day)
    entry = entry_at(report, 8)
    assert (entry.data, entry.changes) == (None, ())
    assert entry.summary.startswith("unreadable: The data of event 8")
    assert changed(entry_at(report, 11))["units"] == (2, 4)
    assert not report.verdict.ok


def test_a_deleted_event_is_missing_in_the_report_and_named_by_the_verdict(day: Session) -> None:
    tamper(day.path, "DELETE FROM events WHERE position = 9")
    report = audit_report(day)
    assert positions(report) == [*range(1, 9), *range(10, 18)]
    assert next(check.position for check in report.verdict.checks if not check.ok) == 9


def test_states_that_were_let_go_are_folded_again(session: Session) -> None:
    # Two carts of 60,000 fields in turn cannot both be kept.
    wide = {f"field {number}": number for number in range(30_000)}
    for turn in range(3):
        for stream in ("taking-1", "taking-2"):
            record(session, stream, note({**wide, "turn": turn}))
    report = audit_report(session)
    assert [len(entry.changes) for entry in report.entries] == [30_002, 30_002, 2, 2, 2, 2]


def test_the_report_begins_in_the_middle_of_long_streams(session: Session) -> None:
    long_cart(session, 250, "cart-1")
    long_cart(session, 250, "cart-2")
    report = report_of(session, start="230", end="480")
    assert changed(entry_at(report, 480))["units"] == (229, 230)
    assert changed(entry_at(report, 230))["units"] == (229, 230)


def test_who_appends_meanwhile_is_not_in_the_report(day: Session, open_session: Callable[[], Session]) -> None:
    other = open_session()

    def append(done: int, total: int) -> None:
        del done, total
        open_cart(other, f"cart-late-{other.store.head().size}")
        happened(other, "cart-2", ItemAdded("pen", 1, 25, "GBP"))

    report = audit_report(day, progress=append)
    assert day.store.head().size > 17
    assert report.verdict.ok
    assert positions(report) == list(range(1, 18))
    assert report.head.size == 17
    assert report.at_end.state["carts"] == {"open": 2, "checked_out": 1, "abandoned": 0}
    assert positions(report_of(day, stream="cart-2", end="17")) == [7, 13, 15]


def test_another_process_that_projects_is_waited_for(day: Session, open_session: Callable[[], Session]) -> None:
    other = open_session()
    other.catch_up()
    record(other, "taking-1", note({"late": 1}))
    released: list[int] = []
    lock = other.cache.writing()
    lock.__enter__()

    def release(done: int, total: int) -> None:
        del done
        if not released:
            lock.__exit__(None, None, None)
            released.append(total)

    with pytest.raises(Busy):
        day.catch_up()
    assert audit_report(day, progress=release).totals.events == 18
    assert released == [18]


def test_it_can_be_cancelled(day: Session) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled(f"at {done} of {total}")

    with pytest.raises(Cancelled):
        audit_report(day, progress=stop)


def test_a_scope_that_cannot_be_is_refused(day: Session) -> None:
    with pytest.raises(BadInput, match="before it begins"):
        audit_report(day, Scope(first=Bound(9), last=Bound(3)))


def test_memory_does_not_grow_with_the_number_of_events(session: Session) -> None:
    def fill(events: int) -> None:
        changes = [ItemQuantityChanged("mug", n, n + 1) for n in range(events)]
        happened(session, "cart-1", ItemAdded("mug", 1, 399, "GBP"), *changes)
        caught_up(session)

    def peak() -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in audit_report(session).entries) == session.store.head().size
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # More than two pages: while one is left the next is fetched.
    fill(2_500)
    few = peak()
    fill(5_000)
    assert peak() < few * 1.25


def test_entries_can_be_read_by_two_at_once(day: Session) -> None:
    report = audit_report(day)
    one: Iterator[Entry] = iter(report.entries)
    two: Iterator[Entry] = iter(report.entries)
    assert [next(one).position, next(one).position, next(two).position, next(one).position] == [1, 2, 1, 3]


def test_reasons_are_kept(session: Session) -> None:
    happened(session, "cart-1", ItemAdded("mug", 1, 1, "GBP"), about=BOB)
    happened(session, "cart-1", ItemAdded("pen", 1, 1, "GBP"), about=ANN)
    assert [entry.reason for entry in audit_report(session).entries] == ["correction", ""]
