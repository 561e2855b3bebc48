"""`find`, `rules` and `findings`, as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.cli import run
from explorer.domain.cart import ItemQuantityChanged
from tests.application.shop import BOB, Clock, happened, long_cart, note, opened, record

Cli = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: opened, 2 mugs, 7, 2, 7 mugs (positions 1 to 5); then tap-1."""
    with opened(tmp_path, Clock()) as session:
        long_cart(session, 2, "cart-1")
        for before, after in ((2, 7), (7, 2), (2, 7)):
            happened(session, "cart-1", ItemQuantityChanged("mug", before, after), about=BOB)
        record(session, "tap-1", note({"text": "\x1b[31mred"}))
    return tmp_path / "shop.events"


@pytest.fixture
def cli(store: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    def carried_out(command: str, *arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        assert run([command, str(store), *arguments, "--cache", str(store.parent / "cache")]) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return carried_out


def positions(said: str) -> list[int]:
    return [json.loads(line)["position"] for line in said.splitlines()]


def test_the_moment_is_found_from_either_end(cli: Cli) -> None:
    assert positions(cli("find", "units >= 5", "--json")) == [3]
    assert positions(cli("find", "units >= 5", "--last", "--json")) == [5]
    assert positions(cli("find", "units >= 5", "--stream", "cart-1", "--after", "3", "--json")) == [5]
    assert positions(cli("find", "units >= 5", "--last", "--before", "5", "--json")) == [3]
    assert positions(cli("find", "units >= 5", "--all", "--json")) == [3, 5]
    assert positions(cli("find", "units >= 5", "--all", "--last", "--json")) == [5, 3]
    assert positions(cli("find", "units >= 5", "--all", "--limit", "1", "--json")) == [3]
    assert positions(cli("find", "fields.text", "--category", "tap", "--json")) == [6]


def test_it_is_told_who_did_it_when_and_what_it_was(cli: Cli) -> None:
    said = cli("find", "units >= 5")
    for part in ("3  ", "cart-1 v3", "ItemQuantityChanged", "2026-01-01T00:00:00Z", "Bob", "correction", "mug: 2 → 7"):
        assert part in said
    assert "\x1b" not in cli("find", "fields.text")


def test_where_there_is_none_a_sentence_says_so(cli: Cli) -> None:
    error = cli("find", "units > 99", "--stream", "cart-1", "--after", "2", "--before", "5", status=1)
    assert "units > 99 becomes true nowhere in cart-1 after event 2 before event 5." in error
    assert "There is no stream 'cart-9'" in cli("find", "units > 9", "--stream", "cart-9", status=2)
    assert "event-explorer:" in cli("find", "units >", status=2)


def test_rules_are_set_listed_and_retired(cli: Cli) -> None:
    assert "There are no rules" in cli("rules")
    assert "Appended: event 7." in cli("rules", "--set", "Too many", "units >= 5", "--severity", "error")
    assert "It is so already" in cli("rules", "--set", "Too many", "units >= 5", "--severity", "error")
    assert "error    Too many: units >= 5" in cli("rules")
    cli("rules", "--set", "Red", "fields.text", "--category", "tap", "--reason", "a try")
    (first, second) = json.loads(cli("rules", "--json"))
    assert (first["name"], first["severity"], second["category"]) == ("Too many", "error", "tap")
    assert "Appended" in cli("rules", "--retire", "Red")
    assert "Appended" in cli("rules", "--retire", "Too many")
    assert "no rule named 'None'" in cli("rules", "--retire", "None", status=1)
    assert all(rule["is_retired"] for rule in json.loads(cli("rules", "--json")))


def test_what_is_not_said_of_a_rule_stays(cli: Cli) -> None:
    def rule() -> tuple[str, str, str]:
        (one,) = json.loads(cli("rules", "--json"))
        return one["condition"], one["severity"], one["category"]

    cli("rules", "--set", "a", "units > 5", "--severity", "error", "--category", "cart")
    cli("rules", "--set", "a", "units > 6")
    assert rule() == ("units > 6", "error", "cart")
    cli("rules", "--set", "a", "units > 6", "--category", "")
    assert rule() == ("units > 6", "error", "")
    cli("rules", "--retire", "a")
    cli("rules", "--set", "a", "units > 6", "--severity", "info")
    assert rule() == ("units > 6", "info", "")


def test_findings_are_brought_up_to_date_and_counted(cli: Cli) -> None:
    assert "There are no rules" in cli("findings")
    cli("rules", "--set", "Too many", "units >= 5", "--severity", "error")
    said = cli("findings")
    assert "Findings: error 2, warning 0, info 0." in said
    assert said.index("      5  ") < said.index("      3  ")
    documents: list[dict[str, Any]] = [json.loads(line) for line in cli("findings", "--json").splitlines()]
    assert [(one["rule"], one["severity"], one["position"]) for one in documents] == [
        ("Too many", "error", 5),
        ("Too many", "error", 3),
    ]


def test_wrong_use_is_said(cli: Cli) -> None:
    for arguments in (("--set", "Too many"), ("units > 5",)):
        with pytest.raises(SystemExit, match="2"):
            cli("rules", *arguments)


def test_amounts_of_money_are_hinted_at_beside_the_answer(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> tuple[int, str, str]:
        status = run([arguments[0], str(store), *arguments[1:], "--cache", str(store.parent / "cache")])
        out, err = capsys.readouterr()
        return status, out, err

    hint = "Money in minor units: total > 500 is more than 5.00 GBP\n"
    status, out, err = said("find", "total > 500")
    assert (status, out.count("cart-1 v"), err) == (0, 1, hint)
    assert said("find", "total > 500", "--json")[2] == ""
    assert said("find", "units >= 5")[2] == ""
    status, out, err = said("find", "units > 1 and total > 5.00")
    assert (status, out) == (2, "")
    assert err == (
        "event-explorer: Money is in minor units: write 500 for 5.00.\n"
        "  units > 1 and total > 5.00\n"
        "                        ^^^^\n"
    )
    assert said("rules", "--set", "Much", "total > 500")[2] == hint
    assert said("rules", "--set", "Much", "totl > 500")[2] == "No state has a field totl: is it total?\n"
    assert said("rules", "--set", "Much", "total > 500", "--json")[2] == ""
    assert said("rules", "--set", "Much", "total > 5.00")[0] == 1


def test_a_field_that_no_state_has_is_named_where_nothing_is_found(cli: Cli) -> None:
    nowhere = "becomes true nowhere"
    assert f"totl > 500 {nowhere}. No state has a field totl: is it total?" in cli("find", "totl > 500", status=1)
    said = cli("find", "text == 'x'", "--stream", "tap-1", status=1)
    assert f"{nowhere} in tap-1. No state has a field text: is it fields.text?" in said
    assert "No state" not in cli("find", "total > 99999999", status=1)
    assert "No state seen has a field fields.tex: is it fields.text?" in cli("find", "fields.tex", status=1)
