"""`bookmarks` and `causes`, as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.repair import carry_out, plan_undo
from explorer.cli import run
from tests.application.shop import Clock, open_cart, opened, stock

Cli = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """1 to 4: products and a coupon; cart-1: 5 opened, 6 two mugs, 7 taken out again as a repair of 6."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        carry_out(session, plan_undo(session, "cart-1", 2), "Bob\x1b", "too many")
    return tmp_path / "shop.events"


@pytest.fixture
def cli(store: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    def carried_out(command: str, *arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        assert run([command, str(store), *arguments, "--cache", str(store.parent / "cache")]) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return carried_out


def test_a_bookmark_is_set_listed_changed_and_removed(cli: Cli) -> None:
    assert cli("bookmarks") == "There are no bookmarks. Set one with: --set POSITION --title TEXT\n"
    assert cli("bookmarks", "--json") == ""
    marking = (
        "--set",
        "6",
        "--title",
        "Too\x1bmany",
        "--note",
        "Ask Jane.\nOr Ann.",
        "--reason",
        "odd",
        "--actor",
        "Ann",
    )
    assert cli("bookmarks", *marking) == "Appended: event 8.\n"
    assert cli("bookmarks", *marking) == "It says that already: nothing was appended.\n"
    assert cli("bookmarks").splitlines() == [
        "#6  2026-01-01T00:00:00Z  Too\\x1bmany  cart-1  Ann", "    Ask Jane.", "    Or Ann."
    ]  # fmt: skip
    told = json.loads(cli("bookmarks", "--json"))
    set_at = json.loads(cli("events", "--stream", "bookmark-6", "--json"))["occurred_at"]
    assert told == {
        "position": 6, "time": "2026-01-01T00:00:00.000000Z", "title": "Too\x1bmany", "note": "Ask Jane.\nOr Ann.",
        "stream": "cart-1", "actor": "Ann", "set_at": set_at, "since": 8,
    }  # fmt: skip
    assert json.loads(cli("bookmarks", "--remove", "6", "--json")) == {"position": 6, "appended": [9]}
    assert cli("bookmarks", "--json") == ""
    assert json.loads(cli("bookmarks", "--as-of", "8", "--json")) == told
    assert json.loads(cli("events", "--stream", "bookmark-6", "--limit", "1", "--json"))["metadata"]["reason"] == "odd"


def test_what_is_not_said_of_a_bookmark_stays(cli: Cli) -> None:
    cli("bookmarks", "--set", "6", "--title", "Too many", "--note", "Ask Jane.")
    cli("bookmarks", "--set", "6", "--title", "Far too many")
    told = json.loads(cli("bookmarks", "--json"))
    assert (told["title"], told["note"]) == ("Far too many", "Ask Jane.")
    cli("bookmarks", "--set", "6", "--note", "")
    told = json.loads(cli("bookmarks", "--json"))
    assert (told["title"], told["note"]) == ("Far too many", "")
    assert "a new one needs a title" in cli("bookmarks", "--set", "5", "--note", "N", status=1)


def test_what_cannot_be_is_said_in_one_line(cli: Cli) -> None:
    assert "There is no event 99 to mark: the log has the events 1 to 7." in cli(
        "bookmarks", "--set", "99", "--title", "T", status=1
    )
    assert "There is no bookmark at event 6." in cli("bookmarks", "--remove", "6", status=1)
    assert "There is no event 99" in cli("causes", "99", status=1)


@pytest.mark.parametrize("wrong", [("--set", "6"), ("--title", "T"), ("--set", "6", "--remove", "6", "--title", "T")])
def test_wrong_use_is_told(cli: Cli, wrong: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli("bookmarks", *wrong)


def test_causes_and_effects_are_an_indented_tree(cli: Cli) -> None:
    lines = cli("causes", "6").splitlines()
    assert lines == [
        "→ #6  2026-01-01T00:00:00Z  ItemAdded  cart-1  2 × mug at 3.99 GBP · Mug, white  Ann",
        "      #7  2026-01-01T00:00:00Z  ItemRemoved  cart-1  2 × mug · Mug, white  Bob\\x1b",
    ]
    lines = cli("causes", "7").splitlines()
    assert lines[0].startswith("Piece of work 0")
    assert lines[2].startswith("→     #7 ")


def test_causes_are_told_as_json(cli: Cli) -> None:
    told = json.loads(cli("causes", "7", "--json"))
    first, second = told["nodes"]
    assert (first["position"], second["position"], second["is_of_work"]) == (6, 7, True)
    assert told["edges"] == [{"cause": first["id"], "effect": second["id"]}]
    assert (told["position"], told["left_out"]) == (7, {"work": False, "causes": False, "effects": False})
