"""what-if and repair from the command line."""

import json
from pathlib import Path

import pytest

from explorer.application.handle import handle
from explorer.cli import run
from explorer.domain.cart import ChangeQuantity
from explorer.domain.catalogue import RepriceProduct
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 1 opened, 2 two mugs at 3 instead of 399, 3 nine mugs."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        handle(session, "product-mug", RepriceProduct(3), BOB)
        open_cart(session)
        handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
        handle(session, "product-mug", RepriceProduct(399), ANN)
        session.catch_up()
    return tmp_path / "shop.events"


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = run([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_what_would_be_and_what_would_be_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "what-if", store, "--stream", "cart-1", "--without", 2)
    assert status == 0
    assert "units: 9 → 0" in out
    assert "refused: v3 ItemQuantityChanged" in out
    status, out, _ = said(capsys, "what-if", store, "--stream", "cart-1", "--change", 3, "quantity=4", "--json")
    found = json.loads(out)
    assert (status, found["state"]["units"], found["real"]["units"], found["refused"]) == (0, 4, 9, [])
    inserted = ("--insert", 3, "NoteChanged", '{"previous_note": "", "note": "hello"}')
    assert "“”" not in said(capsys, "what-if", store, "--stream", "cart-1", *inserted)[1]
    status, out, _ = said(capsys, "what-if", store, "--stream", "cart-1", "--move", 3, 1)
    assert "refused: v3" in out


def test_the_branch_is_applied_with_a_reason(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = ("what-if", store, "--stream", "cart-1", "--change", 3, "quantity=4", "--apply")
    status, _, err = said(capsys, *change)
    assert status == 1
    assert "needs a reason" in err
    status, out, _ = said(capsys, *change, "--dry-run")
    assert (status, out.splitlines()[-1]) == (0, "Nothing was appended.")
    status, out, _ = said(capsys, *change, "--reason", "miscounted")
    assert (status, "Appended: event 10." in out) == (0, True)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (("--change", "3", "quantity"), "says no value"),
        (("--change", "three", "quantity=3"), "is no version"),
        (("--change", "3", "quantity=many"), "is no JSON"),
        (("--insert", "3", "NoteChanged", "[]"), "Fields by their names are wanted"),
        (("--without", "77"), "there is no version 77"),
    ],
)
def test_wrong_edits_are_told(
    store: Path, capsys: pytest.CaptureFixture[str], edit: tuple[str, ...], sentence: str
) -> None:
    status, _, err = said(capsys, "what-if", store, "--stream", "cart-1", *edit)
    assert status == 1
    assert sentence in err


def test_many_streams_are_repaired_after_a_dry_run(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repair = ("repair", store, "lines[sku=mug].unit_price == 3", "--command", "Reprice", "--fields", '{"line": "mug"}')
    status, out, _ = said(capsys, *repair, "--reason", "wrong list", "--dry-run")
    assert status == 0
    assert "cart-1 v3  ItemRepriced" in out
    assert out.splitlines()[-1] == "Nothing was appended."
    status, out, _ = said(capsys, *repair, "--reason", "wrong list", "--json")
    found = json.loads(out)
    assert (status, found["appended"], found["looked_at"]) == (0, [10], 1)
    assert found["streams"][0]["events"][0]["ItemRepriced"]["unit_price"] == 399
    status, out, _ = said(capsys, *repair, "--reason", "wrong list")
    assert "0 events in 0 streams" in out


def test_what_a_filter_finds_is_undone_after_a_dry_run(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    undo = ("repair", store, "--undo", 'actor == "Bob" and type == ItemQuantityChanged', "--reason", "Bob was ill")
    status, out, _ = said(capsys, *undo, "--dry-run")
    assert status == 0
    assert out.splitlines() == [
        "cart-1 v3  ItemQuantityChanged mug: 9 → 2",
        "1 event in 1 stream; 0 refused; 0 needless; 1 event found.",
        "Nothing was appended.",
    ]
    status, out, _ = said(capsys, *undo, "--json")
    found = json.loads(out)
    assert (status, found["appended"], found["looked_at"]) == (0, [10], 1)
    assert found["undo"] == "type == ItemQuantityChanged and actor == Bob"
    assert found["streams"][0]["undone"] == [3]
    status, out, _ = said(capsys, *undo)
    assert "cart-1 v4  needless: v3 ItemQuantityChanged: It is taken back already, by event 10." in out
    assert "Nothing was appended." in out


def test_what_cannot_be_undone_stops_it_unless_it_is_left_out(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    undo = ("repair", store, "--undo", 'stream == "cart-1"', "--reason", "why")
    status, out, err = said(capsys, *undo)
    assert (status, out) == (1, "")
    assert "1 of 3 events are refused, the first cart-1: A cart that was opened" in err
    status, out, _ = said(capsys, *undo, "--skip-refused")
    assert status == 0
    assert "refused: v1 CartOpened: A cart that was opened cannot become one that never was." in out
    assert "Appended: events 10 to 11." in out


@pytest.mark.parametrize(
    "arguments",
    [(), ("units > 3",), ("--command", "Reprice"), ("units > 3", "--undo", "mug"), ("--undo", "m", "--command", "X")],
)
def test_a_repair_is_either_a_command_or_an_undoing(
    store: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        said(capsys, "repair", store, *arguments, "--reason", "why")
    assert "or --undo FILTER" in capsys.readouterr().err


def test_what_would_be_appended_and_what_is_left_is_json_too(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = ("what-if", store, "--stream", "cart-1", "--change", 3, "quantity=4", "--apply", "--json")
    dry = json.loads(said(capsys, *change, "--dry-run")[1])
    assert (dry["events"][0]["ItemQuantityChanged"]["quantity"], dry["left"], dry["appended"]) == (4, [], [])
    done = json.loads(said(capsys, *change, "--reason", "miscounted")[1])
    assert (done["events"], done["appended"]) == (dry["events"], [10])
    branch = json.loads(said(capsys, "what-if", store, "--stream", "cart-1", "--without", 2, "--json")[1])
    assert branch["refused"][0]["time"] == "2026-01-01T00:00:00.000000Z"
    assert "events" not in branch


def test_a_dry_run_has_the_limits_of_the_real_one(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ("what-if", store, "--stream", "cart-1", "--without", 3, "--apply"),
        ("repair", store, "--undo", "actor == Bob"),
    ):
        status, _, err = said(capsys, *command, "--reason", "x" * 1_001, "--dry-run")
        assert status == 1
        assert "1,000 characters" in err


def test_a_bulk_repair_hints_at_money_and_at_unknown_fields(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rest = ("--command", "CheckOut", "--reason", "late", "--dry-run")
    status, out, err = said(capsys, "repair", store, "total > 5", *rest)
    assert (status, err) == (0, "Money in minor units: total > 5 is more than 0.05 GBP\n")
    assert "1 event in 1 stream" in out
    assert said(capsys, "repair", store, "total > 5", *rest, "--json")[2] == ""
    status, _, err = said(capsys, "repair", store, "totl > 5", *rest)
    assert status == 1
    assert "No state has a field totl: is it total?" in err
    status, _, err = said(capsys, "repair", store, "total > 0.05", *rest)
    assert (status, "write 5 for 0.05." in err) == (1, True)
