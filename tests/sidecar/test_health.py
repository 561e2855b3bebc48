"""What is said of the sidecar's health, and when it is not well."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.sidecar.facts import Backup, Facts, TaskFacts, Told
from explorer.sidecar.health import LATE, SECOND, health

NOW = 1_700_000_000_000_000
WELL: dict[str, Any] = {
    "store": "/srv/shop.events",
    "store_id": "0195",
    "is_keeper": True,
    "verified": 12,
    "started_at": NOW - 60 * SECOND,
    "head": 12,
    "checkpoints": {"carts": 12, "totals": 12},
    "tasks": {"projects": TaskFacts(restarts=1, is_working=True)},
}


def test_all_is_well() -> None:
    found = health(Told(**WELL), NOW)
    assert (found.ok, found.state, found.words) == (True, "working", ("All is well.",))
    assert found.document["checkpoints"] == {"carts": 12, "totals": 12}
    assert found.document["asked_at"] == "2023-11-14T22:13:20.000000Z"
    assert found.document["tasks"] == {"projects": {"is_working": True, "restarts": 1, "error": ""}}


def test_what_was_never_verified_is_no_trouble_but_said() -> None:
    unverified: dict[str, Any] = {**WELL, "verified": 0}
    found = health(Told(**unverified), NOW)
    assert (found.ok, found.words[1]) == (True, "Its events have not all been verified yet; that goes on.")


def test_what_plug_ins_tell_of_themselves_is_told() -> None:
    facts = {"mailer": {"position": 7, "state": "resting"}}
    assert health(Told(**WELL, plug_ins=facts), NOW).document["plug_ins"] == facts


def test_what_rules_have_found_is_told() -> None:
    found = health(Told(**WELL, rules=2, findings={"error": 3, "info": 1}), NOW)
    assert (found.ok, found.words[1]) == (True, "3 findings of rules of severity error; the window lists them.")
    assert (found.document["rules"], found.document["findings"]) == (2, {"error": 3, "info": 1})


def test_only_the_stores_name_is_told() -> None:
    assert health(Told(**WELL), NOW).document["store"] == "shop.events"
    assert "/srv" not in json.dumps(health(Told(**WELL), NOW).document)


@pytest.mark.parametrize(
    ("changes", "state", "word"),
    [
        ({"fault": "Event 7 is not what was hashed", "damaged": 3}, "damaged", "3 damaged events named so far."),
        ({"unreachable": "There is no store."}, "unreachable", "cannot be opened: There is no store. It is tried"),
        ({"tasks": {"backs up": TaskFacts(restarts=4, error="disk full")}}, "failing", "backs up fails: disk full."),
        ({"head": 20, "behind_since": NOW - LATE - SECOND}, "late", "lack 8 events, for 31 seconds at least"),
        ({"backup_error": "No space."}, "no-backup", "failed: No space. There is none yet."),
        ({"backup_error": "No", "backup": Backup(NOW, 1, 2, "a")}, "no-backup", "of 2023-11-14T22:13:20.000000Z."),
    ],
)
def test_what_is_not_well_is_said_with_what_to_do(changes: dict[str, Any], state: str, word: str) -> None:
    found = health(Told(**{**WELL, **changes}), NOW)
    assert (found.ok, found.state, found.document["ok"]) == (False, state, False)
    assert word in found.words[0]
    assert "All is well." not in found.words


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"is_keeper": False, "head": 20, "behind_since": NOW - 10 * LATE}, "standby"),
        ({"head": 20, "behind_since": NOW - 10 * LATE, "rebuild": (3, 20)}, "rebuilding"),
        ({"head": 20, "behind_since": NOW - LATE}, "working"),
        ({"head": 20, "behind_since": NOW + 10 * LATE}, "working"),  # the clock was set back
        ({"poison": 2}, "working"),
        ({"tasks": {"projects": TaskFacts(restarts=9, is_working=True, error="once")}}, "working"),
        ({"tasks": {"projects": TaskFacts()}}, "working"),
        ({"checkpoints": {}}, "working"),
    ],
)
def test_what_is_no_trouble(changes: dict[str, Any], state: str) -> None:
    found = health(Told(**{**WELL, **changes}), NOW)
    assert (found.ok, found.state) == (True, state)


def test_the_worst_comes_first_and_nothing_is_left_out() -> None:
    troubled: dict[str, Any] = {
        **WELL,
        "fault": "x",
        "backup_error": "y",
        "poison": 1,
        "tasks": {"t": TaskFacts(error="z")},
    }
    found = health(Told(**troubled), NOW)
    assert found.state == "damaged"
    assert len(found.words) == 4
    assert found.words[3] == "1 event could not be read and is set aside."


def test_a_standby_that_knows_of_damage_says_so() -> None:
    assert health(Told(fault="x"), NOW).state == "damaged"


@given(st.text(), st.text(), st.integers(0, 2**50), st.floats(0, 1e9) | st.none())
def test_all_of_it_is_json(name: str, error: str, number: int, lag: float | None) -> None:
    told = Told(
        store=name, store_id=name, head=number, checkpoints={name: 0}, lag=lag, fault=error, verified_at=number,
        rebuild=(0, number), backup=Backup(number, number, number, name), backup_error=error,
        tasks={name: TaskFacts(number, False, error)},
    )  # fmt: skip
    found = health(told, NOW)
    document = json.loads(json.dumps(found.document, allow_nan=False))
    assert (document["words"], document["head"]) == (list(found.words), number)


def test_since_when_the_read_models_lack_events() -> None:
    times = iter(range(100, 200))
    facts = Facts(lambda: next(times), head=5, checkpoints={"carts": 5, "totals": 5})
    assert facts.told.behind_since == 0
    facts.tell(head=8)
    assert facts.told.behind_since == 100
    facts.tell(head=9, checkpoints={"carts": 9, "totals": 7})
    assert facts.told.behind_since == 100, "event 8 is still missing"
    facts.tell(checkpoints={"carts": 9, "totals": 8})
    assert facts.told.behind_since == 101, "now only event 9 is"
    facts.tell(checkpoints={"carts": 9, "totals": 9})
    assert facts.told.behind_since == 0


def test_who_keeps_up_with_a_steady_load_is_never_late() -> None:
    clock = iter(range(0, 10**12, SECOND))
    facts = Facts(lambda: next(clock), is_keeper=True, checkpoints={"carts": 0})
    for head in range(1, 1_000):
        facts.tell(head=head, checkpoints={"carts": head - 1})
        assert facts.told.behind == 1
        assert facts.told.behind_since >= (head - 2) * SECOND
