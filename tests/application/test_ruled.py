"""What rules find is in every report, told from the events themselves; of the range and scope that are asked for."""

import json
from dataclasses import replace

import pytest

from explorer.application import ruled as module
from explorer.application.audit import AuditReport, audit_report, resolve_scope
from explorer.application.rules import retire_rule, set_rule
from explorer.application.scope import Scope
from explorer.application.session import Session
from explorer.domain.cart import CartOpened, ItemAdded, ItemQuantityChanged
from tests.application.evidence import written
from tests.application.reports.test_every_format import everything_in
from tests.application.shop import ANN, BOB, happened, note, record, spoil


@pytest.fixture
def shop(session: Session) -> Session:
    """cart-1: 2 mugs at event 2, 7 at 3 by Bob, 2 at 4, 7 at 5; cart-2 has 9 at event 7. Rules at 8 and 9."""
    happened(session, "cart-1", CartOpened("Ann", "Leeds"), ItemAdded("mug", 2, 399, "GBP"))
    happened(session, "cart-1", ItemQuantityChanged("mug", 2, 7), about=BOB)
    happened(session, "cart-1", ItemQuantityChanged("mug", 7, 2), ItemQuantityChanged("mug", 2, 7))
    happened(session, "cart-2", CartOpened("Bob", "Leeds"), ItemAdded("mug", 9, 399, "GBP"))
    set_rule(session, "Too <b>many", "units >= 5", ANN, severity="error", category="cart")
    set_rule(session, "Fell", "total < was.total", ANN, severity="info")
    return session


def positions(report: AuditReport) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {one.rule.name: [] for one in report.ruled.rules}
    for one in report.ruled.listed:
        found[one.rule.name].append(one.position)
    return found


def test_all_that_rules_find_is_in_the_report(shop: Session) -> None:
    report = audit_report(shop)
    assert positions(report) == {"Too <b>many": [3, 5, 7], "Fell": [4]}
    assert [(one.rule.severity, one.found) for one in report.ruled.rules] == [("error", 3), ("info", 1)]
    assert not list(shop.cache.folder.glob("findings-*"))


@pytest.mark.parametrize(
    ("scope", "many", "fell"),
    [
        ({"stream": "cart-1"}, [3, 5], [4]),
        ({"actor": "Bob"}, [3], []),
        ({"start": "4", "end": "6"}, [5], [4]),
        ({"stream": "cart-2", "start": "7"}, [7], []),
        ({"as_of": "3"}, [3], []),
    ],
)
def test_it_is_of_what_was_asked_for(shop: Session, scope: dict[str, str], many: list[int], fell: list[int]) -> None:
    report = audit_report(shop, resolve_scope(shop, **scope))
    assert positions(report) == {"Too <b>many": many, "Fell": fell}


def test_the_rules_are_those_in_force_when_the_report_was_begun(shop: Session) -> None:
    head = shop.store.head()
    before = audit_report(shop, Scope(), head=head)
    retire_rule(shop, "Fell", ANN)
    set_rule(shop, "New", "units == 9", ANN)
    assert audit_report(shop, Scope(), head=head).ruled == before.ruled
    assert positions(audit_report(shop)) == {"Too <b>many": [3, 5, 7], "New": [7]}


@pytest.mark.parametrize("report_format", ["html", "pdf", "xlsx"])
def test_it_stands_in_the_report_as_text(shop: Session, report_format: str) -> None:
    report = audit_report(shop)
    said = " ".join(everything_in(written(report, report_format), report_format).split())
    name = "Too &lt;b&gt;many" if report_format == "html" else "Too <b>many"
    for needed in (name, "units >= 5" if report_format != "html" else "units &gt;= 5", "3 error, 0 warning, 1 info"):
        assert needed in said, needed
    none = written(replace(report, ruled=module.NO_RULES), report_format)
    assert "Rules are conditions" not in everything_in(none, report_format)


def test_a_program_finds_it_in_json(shop: Session) -> None:
    found = json.loads(written(audit_report(shop), "json"))["report"]["findings"]
    assert [(one["name"], one["category"], one["found"]) for one in found["rules"]] == [
        ("Too <b>many", "cart", 3),
        ("Fell", "", 1),
    ]
    assert [(one["position"], one["severity"], one["stream"]) for one in found["events"]] == [
        (3, "error", "cart-1"),
        (4, "info", "cart-1"),
        (5, "error", "cart-1"),
        (7, "error", "cart-2"),
    ]
    assert found["fault"] == ""


def test_of_many_the_first_are_listed_and_all_counted(shop: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LISTED", 2)
    monkeypatch.setattr(module, "TOGETHER", 2)
    report = audit_report(shop)
    assert positions(report) == {"Too <b>many": [3], "Fell": [4]}
    assert report.ruled.found == 4


def test_a_rule_that_cannot_be_read_and_a_damaged_event_do_not_spoil_the_report(shop: Session) -> None:
    record(shop, "rule-newer", note({"name": "Newer", "condition": "total ≫ 1", "severity": "info"}, "RuleSet"))
    spoil(shop.path, 4)
    report = audit_report(shop)
    assert not report.verdict.ok
    assert positions(report) == {"Too <b>many": [3, 7], "Fell": [], "Newer": []}
    assert report.ruled.rules[-1].fault
