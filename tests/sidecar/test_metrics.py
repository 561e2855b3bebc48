"""What Prometheus is told, read by its own parser."""

import re
import sys
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from explorer.errors import BadInput
from explorer.sidecar.facts import Backup, Facts, TaskFacts, Told
from explorer.sidecar.metrics import exposition, families

ALL = Told(
    store_id="0195",
    is_keeper=True,
    started_at=1_500_000,
    head=12,
    checkpoints={"carts": 12, "totals": 9},
    projected=7,
    events_per_second=2.5,
    lag=0.004,
    rebuild=(3, 12),
    poison=1,
    verified=11,
    verified_at=2_500_000,
    damaged=2,
    fault="x",
    rules=2,
    findings={"error": 1, "info": 4},
    backup=Backup(3_500_000, 10, 4096, "a"),
    tasks={"projects": TaskFacts(2, True), "backs up": TaskFacts(0, False, "y")},
    plug_ins={"mailer": {"position": 7, "state": "resting"}},
)


def facts_of(told: Told) -> Facts:
    facts = Facts()
    facts.tell(**{name: getattr(told, name) for name in Told.__slots__})
    return facts


def samples(facts: Facts) -> list[Sample]:
    text = exposition(facts)().decode()
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def values(facts: Facts) -> dict[str, float]:
    return {
        " ".join([sample.name.removeprefix("event_explorer_"), *sample.labels.values()]): sample.value
        for sample in samples(facts)
    }


def test_everything_is_told() -> None:
    assert values(facts_of(ALL)) == {
        f"info 0195 {version('event-explorer')}": 1,
        "head": 12,
        "checkpoint carts": 12,
        "checkpoint totals": 9,
        "lag_events carts": 0,
        "lag_events totals": 3,
        "lag_seconds": 0.004,
        "projected_events_total": 7,
        "events_per_second": 2.5,
        "rebuild_done_events": 3,
        "rebuild_events": 12,
        "poison_events": 1,
        "verified_events": 11,
        "verified_timestamp_seconds": 2.5,
        "findings": 2,
        "rules": 2,
        "rule_findings error": 1,
        "rule_findings info": 4,
        "log_ok": 0,
        "last_backup_timestamp_seconds": 3.5,
        "last_backup_events": 10,
        "last_backup_bytes": 4096,
        "backup_ok": 1,
        "task_up projects": 1,
        "task_up backs up": 0,
        "task_restarts_total projects": 2,
        "task_restarts_total backs up": 0,
        "keeper": 1,
        "store_up": 1,
        "plug_in position mailer": 7,
        "start_time_seconds": 1.5,
    }


def test_what_is_unknown_has_no_value() -> None:
    told = values(Facts())
    assert told["keeper"] == 0
    assert told["log_ok"] == 1
    unknown = {"lag_seconds", "rebuild_events", "verified_timestamp_seconds", "last_backup_bytes", "backup_ok"}
    assert not unknown & told.keys()


def test_a_backup_that_failed() -> None:
    assert values(Facts(backup_error="full"))["backup_ok"] == 0


def test_a_metric_is_what_it_is_at_that_moment() -> None:
    facts = Facts(head=1)
    write = exposition(facts)
    facts.tell(head=2)
    assert b"\nevent_explorer_head 2.0\n" in write()


def test_names_and_units_are_as_prometheus_wants_them() -> None:
    text = exposition(facts_of(ALL))().decode()
    helped = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE))
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    assert helped.keys() == kinds.keys()
    assert all(re.fullmatch("event_explorer_[a-z]+(_[a-z]+)*", name) for name in kinds)
    assert {name for name, kind in kinds.items() if kind == "counter"} == {
        name for name in kinds if name.endswith("_total")
    }
    assert all(words.endswith(".") for words in helped.values())
    assert len({family.name for family in families(ALL)}) == len(list(families(ALL)))


@given(st.text(st.characters(exclude_categories=())))
def test_a_hostile_name_stays_one_label(name: str) -> None:
    facts = facts_of(Told(store_id=name, checkpoints={name: 3}, tasks={name: TaskFacts(1, True)}))
    lines = exposition(facts)().decode().split("\n")
    assert [line.endswith("} 3.0") for line in lines if line.startswith("event_explorer_checkpoint{")] == [True]
    assert all(re.match(r"(# |event_explorer_|$)", line) for line in lines)


def test_quotes_newlines_and_backslashes_come_back() -> None:
    name = 'a"b\\c\nevent_explorer_head 99\n\\"'
    read = next(sample for sample in samples(Facts(checkpoints={name: 3})) if sample.name.endswith("checkpoint"))
    assert read.labels == {"projection": name}


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(BadInput, match=r'pip install "event-explorer\[metrics\]"'):
        exposition(Facts())
    assert list(families(ALL))
