"""The JSON form is exact, and its shape is part of the interface."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.audit import AuditReport, audit_report
from explorer.application.documents import event_document
from explorer.application.reports.as_json import encoded
from explorer.application.session import Session
from explorer.application.visible import HIDDEN
from tests.application.evidence import HOSTILE, report_of, tamper, written


def document(report: AuditReport) -> dict[str, Any]:
    return json.loads(written(report, "json"))


def test_the_head_has_the_documented_shape(report: AuditReport) -> None:
    head = document(report)["report"]
    assert list(head) == [
        "kind", "version", "generated_at", "asked", "store", "checkpoint", "range", "verdict", "totals",
        "state_at_start", "state_at_end", "activity", "courses", "findings",
    ]  # fmt: skip
    assert (head["kind"], head["version"]) == ("event-explorer audit report", 1)
    assert head["asked"] == {
        "words": "Every event, as of the end of the log.",
        "stream": None, "actor": None, "filter": None, "from": None, "to": None, "as_of": None,
    }  # fmt: skip
    assert head["store"] == {
        "id": str(report.head.store_id),
        "file": "shop.events",
        "created_at": "2026-01-01T00:00:00.000000Z",
        "events": 17,
        "time": head["generated_at"],
        "merkle_root": report.head.root.hex(),
    }
    assert head["range"]["first"] == {"position": 1, "time": "2026-01-01T00:00:00.000000Z"}
    assert head["range"]["last"] == head["range"]["as_of"] == {"position": 17, "time": head["generated_at"]}
    assert head["verdict"]["ok"] is True
    assert [set(check) for check in head["verdict"]["checks"]] == [
        {"name", "claim", "ok", "detail", "position", "positions"}
    ] * 8
    assert head["totals"]["events"] == sum(head["totals"]["by_type"].values()) == 17
    assert head["state_at_start"] == {"position": 0, "time": None, "state": report.at_start.state}
    assert head["state_at_end"]["state"] == report.at_end.state


def test_an_event_is_what_the_command_line_prints_and_what_it_changed(report: AuditReport, session: Session) -> None:
    events = document(report)["events"]
    assert [event["position"] for event in events] == list(range(1, 18))
    for event, recorded in zip(events, session.store.read_all(), strict=True):
        assert {**event, **event_document(recorded)} == event
        assert list(event)[:10] == list(event_document(recorded))
    assert events[7]["summary"] == "mug: 2 → 5"
    assert events[7]["changes"][0] == {"field": "lines[sku=mug].quantity", "previous": 2, "new": 5}


def test_a_side_that_is_not_there_is_left_out_and_null_is_null(report: AuditReport) -> None:
    changes = {c["field"]: c for event in document(report)["events"] for c in event["changes"]}
    assert set(changes["lines[sku=pen]"]) == {"field", "previous"}
    assert changes["coupon"] == {"field": "coupon", "previous": None, "new": {"code": "TEN", "percent": 10}}


def test_it_can_be_read_line_by_line(report: AuditReport) -> None:
    lines = written(report, "json").decode().splitlines()
    assert lines[1] == '"events": ['
    assert [json.loads(line.removesuffix(","))["position"] for line in lines[2:-1]] == list(range(1, 18))
    assert lines[-1] == "]}"


def test_an_empty_report_is_json_too(session: Session) -> None:
    found = document(audit_report(session))
    assert found["events"] == []
    assert found["report"]["range"] == {"first": None, "last": None, "as_of": {"position": 0, "time": None}}


def test_what_was_asked_is_said_as_it_was_resolved(report: AuditReport, session: Session) -> None:
    asked = document(report_of(session, stream="cart-1", actor="Bob", start="2026-01-01", end="9"))["report"]["asked"]
    assert asked["from"] == {"position": 1, "time": "2026-01-01T00:00:00.000000Z"}
    assert asked["to"] == {"position": 9, "time": None}
    assert (asked["stream"], asked["actor"]) == ("cart-1", "Bob")


def test_hostile_texts_come_back_exactly_and_none_is_raw_in_the_file(hostile: AuditReport, session: Session) -> None:
    raw = written(hostile, "json").decode()
    assert set(HIDDEN.findall(raw)) == {"\n"}
    events = json.loads(raw)["events"]
    assert set(HOSTILE) <= {event["metadata"]["reason"] for event in events}
    for event, recorded in zip(events, session.store.read_all(), strict=True):
        assert {**event, **event_document(recorded)} == event


def test_a_damaged_event_has_no_data_but_its_reason(report: AuditReport, session: Session) -> None:
    tamper(session.path, "UPDATE events SET data = x'00ff', occurred_at = 9000000000000000000 WHERE position = 17")
    found = document(audit_report(session))
    event = found["events"][-1]
    assert event["data"] is None
    assert event["occurred_at"] == "9000000000000000000 µs"
    assert "unreadable" in event["summary"]
    assert found["report"]["verdict"]["ok"] is False


plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
documents = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(documents)
def test_any_document_comes_back(value: Any) -> None:
    line = encoded(value).decode()
    assert json.loads(line) == value
    assert not HIDDEN.search(line)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_hostile_text_comes_back(text: str) -> None:
    assert json.loads(encoded({text: text})) == {text: text}
