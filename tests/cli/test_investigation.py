"""`diff`, `blame`, `restore` and `undo`, as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.application.handle import handle
from explorer.cli import run
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, SetNote
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock

Cli = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 1 opened, 2 two mugs, 3 a note, 4 nine mugs by Bob, 5 a pen."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        for about, command in (
            (ANN, SetNote("Ring\x1btwice.")),
            (BOB, ChangeQuantity("mug", 9)),
            (ANN, AddItem("pen", 1)),
        ):
            handle(session, "cart-1", command, about)
    return tmp_path / "shop.events"


@pytest.fixture
def cli(store: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    def carried_out(command: str, *arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        options = [command, str(store), "--stream", "cart-1", *arguments, "--cache", str(store.parent / "cache")]
        assert run(options) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return carried_out


def told(said: str) -> Any:
    return json.loads(said)


def test_what_differs_between_two_versions(cli: Cli) -> None:
    assert cli("diff", "3", "4").splitlines()[:2] == [
        "cart-1: version 3 → 4",
        "  lines[sku=mug].quantity: 2 → 9",
    ]
    document = told(cli("diff", "4", "5", "--json"))
    assert (document["from"], document["to"]) == ({"version": 4, "position": 8}, {"version": 5, "position": 9})
    pen = next(change for change in document["changes"] if change["path"] == "lines[sku=pen]")
    assert pen.keys() == {"path", "after"}
    assert cli("diff", "5", "5").splitlines()[1] == "Nothing differs."
    assert "there is no version 6" in cli("diff", "5", "6", status=1)


def test_who_set_each_field(cli: Cli) -> None:
    line = next(line for line in cli("blame").splitlines() if line.startswith("lines[sku=mug].quantity"))
    assert line == "lines[sku=mug].quantity = 9  v4  2026-01-01T00:00:00Z  ItemQuantityChanged  Bob (correction)"
    found = {one["path"]: one for one in told(cli("blame", "--json", "--version", "3"))}
    assert found["lines[sku=mug].quantity"]["set_by"]["version"] == 2
    assert found["note"]["value"] == "Ring\x1btwice."
    assert "\x1b" not in cli("blame"), "nothing in a store steers the terminal"


def test_all_that_ever_set_a_field(cli: Cli) -> None:
    history = told(cli("blame", "--field", "lines[sku=mug].quantity", "--json"))
    assert [(one["value"], one["set_by"]["actor"]) for one in history] == [(2, "Ann"), (9, "Bob")]


@pytest.mark.parametrize("field", ["lines[0].quantity", 'lines[sku="mug"].quantity', "lines[sku=='mug'].quantity"])
def test_a_field_is_named_as_find_names_it(cli: Cli, field: str) -> None:
    assert cli("blame", "--field", field) == cli("blame", "--field", "lines[sku=mug].quantity") != ""


def test_a_field_is_any_of_a_list_also_one_that_is_gone(cli: Cli) -> None:
    told_paths = {one["path"] for one in told(cli("blame", "--field", "lines[*].quantity", "--json"))}
    assert told_paths == {"lines[sku=mug].quantity", "lines[sku=pen].quantity"}
    cli("undo", "--version", "5", "--reason", "no pen")
    assert cli("blame", "--field", 'lines[sku="pen"].quantity').count("lines[sku=pen].quantity = ") == 2


def test_a_field_that_no_state_has_is_said(cli: Cli) -> None:
    for field in ("nothing", "lines[7].quantity", 'lines[sku="cup"]', "note.text"):
        assert f"No state of cart-1 has a field {field}." in cli("blame", "--field", field, status=1)
    assert "^^^" in cli("blame", "--field", "units > 3", status=1)
    assert "No event ever set coupon" in cli("blame", "--field", "coupon")


@pytest.mark.parametrize("reason", ["x" * 1_001, " "])
def test_a_dry_run_refuses_the_reasons_that_the_real_one_does(cli: Cli, reason: str) -> None:
    for command in ("undo", "restore"):
        real = cli(command, "--version", "4", "--reason", reason, status=1)
        assert cli(command, "--version", "4", "--reason", reason, "--dry-run", status=1) == real


def test_a_cart_is_restored_after_it_was_looked_at(cli: Cli) -> None:
    dry = cli("restore", "--version", "3", "--reason", "a typing error", "--dry-run")
    assert "lines[sku=mug].quantity: 9 → 2" in dry
    assert dry.rstrip().endswith("Nothing was appended (--dry-run).")
    assert len(told(cli("diff", "3", "5", "--json"))["changes"]) > 0
    done = told(cli("restore", "--version", "3", "--reason", "a typing error", "--actor", "Eve", "--json"))
    assert (done["appended"], done["dry_run"], done["left"]) == ([10, 11], False, [])
    assert done["repairs"]["version"] == 3
    assert told(cli("diff", "3", "7", "--json"))["changes"] == []
    last = told(cli("blame", "--field", "lines[sku=mug].quantity", "--json"))[-1]
    assert (last["value"], last["set_by"]["actor"], last["set_by"]["reason"]) == (2, "Eve", "a typing error")
    assert "there is nothing to do" in cli("restore", "--version", "3", "--reason", "again")


def test_an_event_is_undone(cli: Cli) -> None:
    assert cli("undo", "--version", "4", "--reason", "too many").splitlines()[-1] == "Appended: event 10."
    assert "changed again since" in cli("undo", "--version", "4", "--reason", "too many", status=1)


def test_what_the_rules_refuse_is_said_and_nothing_is_appended(cli: Cli, store: Path) -> None:
    assert "needs a reason" in cli("undo", "--version", "4", "--reason", " ", status=1)
    with opened(store.parent, Clock()) as session:
        handle(session, "cart-1", CheckOut(), ANN)
    assert "checked out" in cli("restore", "--version", "3", "--reason", "a typing error", status=1)
    with opened(store.parent, Clock()) as session:
        assert session.store.version_of("cart-1") == 6
