"""`diff` over a whole store, as a user runs it; of one stream see `test_investigation`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.application.handle import handle
from explorer.cli import run
from explorer.domain.cart import ChangeQuantity, SetNote
from tests.application.shop import ANN, BOB, SECOND, Clock, open_cart, opened, stock

Cli = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """1 to 4 the catalogue, 5 and 6 cart-1, 7 and 8 cart-2; a minute later 9 a note in cart-1, 10 nine mugs in it."""
    clock = Clock()
    with opened(tmp_path, clock) as session:
        stock(session)
        open_cart(session)
        open_cart(session, "cart-2")
        clock.time += 60 * SECOND
        handle(session, "cart-1", SetNote("Ring\x1btwice."), ANN)
        handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
    return tmp_path / "shop.events"


@pytest.fixture
def cli(store: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    def carried_out(*arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        assert run(["diff", str(store), *arguments, "--cache", str(store.parent / "cache")]) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return carried_out


def test_what_differs_in_the_whole_store(cli: Cli) -> None:
    assert cli("8", "10").splitlines() == [
        "#8, 2026-01-01 00:00 UTC → #10, 2026-01-01 00:01 UTC",
        "Totals:",
        "  units_in_carts GBP: 4 → 11",
        "  value_in_carts GBP: 1596 → 4389",
        "Streams:",
        "  cart-1: version 2 → 4, 2 events",
        "    lines[sku=mug].quantity: 2 → 9",
        "    lines[sku=mug].line_total: 798 → 3591",
        "    units: 2 → 9",
        "    subtotal: 798 → 3591",
        "    total: 798 → 3591",
        '    note: "" → "Ring\\u001btwice."',
        "Products:",
        "  mug  Mug, white",
        "    in_carts: 4 → 11",
    ]
    assert cli("10", "10").splitlines()[1:] == [
        f"{part}: nothing differs." for part in ("Totals", "Streams", "Products")
    ]


def test_moments_are_told_by_time_too_and_in_either_direction(cli: Cli) -> None:
    assert cli("2026-01-01", "2026-01-01T00:01") == cli("8", "10")
    back: Any = json.loads(cli("10", "8", "--json"))
    assert (back["from"]["position"], back["to"]["position"]) == (10, 8)
    (stream,) = back["streams"]
    assert (stream["from_version"], stream["to_version"], stream["events"]) == (4, 2, 2)
    assert {"path": "lines[sku=mug].quantity", "before": 9, "after": 2} in stream["changes"]
    assert cli("0", "5").splitlines()[0] == "#0, before the first event → #5, 2026-01-01 00:00 UTC"


def test_as_many_as_are_wanted(cli: Cli) -> None:
    few: Any = json.loads(cli("0", "10", "--limit", "1", "--json"))
    assert ([row["stream"] for row in few["streams"]], few["more"]) == (
        ["cart-1"],
        {"streams": True, "products": True},
    )
    every: Any = json.loads(cli("0", "10", "--all", "--json"))
    assert len(every["streams"]) == 6
    assert [row["sku"] for row in every["products"]] == ["mug", "vase", "pen"]
    assert (every["products"][0]["before"], every["products"][0]["after"]["in_carts"]) == (None, 11)
    assert every["more"] == {"streams": False, "products": False}
    assert cli("0", "10", "--limit", "1").count("… and more") == 2
    assert cli("0", "10").count("… and more") == 0


def test_what_cannot_be_compared_is_said(cli: Cli) -> None:
    assert "there is no event 11" in cli("5", "11", status=1)
    assert "neither a position nor a time" in cli("5", "noon", status=1)
    assert "leave one out" in cli("5", "6", "--all", "--limit", "3", status=1)
    assert "no version" in cli("2026-01-01", "3", "--stream", "cart-1", status=1)
    assert "about the whole store" in cli("1", "3", "--stream", "cart-1", "--all", status=1)
