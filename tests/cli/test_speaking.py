"""That a command always ends with a sentence: full disks, terminals of few signs, endless numbers, half characters."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from explorer.application.handle import handle
from explorer.cli import run
from explorer.domain.cart import ChangeQuantity
from tests.application.evidence import tamper
from tests.application.shop import BOB, Clock, note, open_cart, opened, record, stock

UNDO = ("undo", "--stream", "cart-1", "--version", "3", "--reason", "too many")
HALF = "a\udcffb"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """cart-1: 1 opened, 2 two mugs, 3 nine mugs; tap-1: what people number."""
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
        for number in ("2024-001", "2024-002", "2024-003"):
            record(session, "tap-1", note({"no": number}))
    return tmp_path / "shop.events"


def arguments(store: Path, command: str, *options: str) -> list[str]:
    return [command, str(store), *options, "--cache", str(store.parent / "cache")]


def alone(
    store: Path, *command: str, out: IO[bytes] | int = subprocess.PIPE, encoding: str = "utf-8"
) -> tuple[int, str, str]:
    """In a process of its own: its status, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "explorer", *arguments(store, *command)],
        stdout=out,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    return done.returncode, (done.stdout or b"").decode(encoding), done.stderr.decode(encoding)


def test_a_sign_that_the_terminal_lacks_is_written_out(store: Path) -> None:
    status, said, complaint = alone(store, *UNDO, encoding="cp1252")
    assert (status, complaint) == (0, "")
    assert "9 \\u2192 2" in said
    assert "Appended: event" in said
    alone(store, "bookmarks", "--set", "5", "--title", "→ 🛒")
    assert json.loads(alone(store, "bookmarks", "--json", encoding="cp1252")[1])["title"] == "→ 🛒"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_what_was_appended_is_told_though_the_answer_cannot_be_written(store: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        status, _, complaint = alone(store, *UNDO, out=full)
        assert (status, len(complaint.splitlines())) == (1, 1)
        assert "Appended: event 11. The answer could not be written" in complaint
        status, _, complaint = alone(store, "events", out=full)
        assert (status, len(complaint.splitlines())) == (1, 1)
        assert "Appended" not in complaint


@pytest.mark.parametrize(
    "command",
    [
        ("undo", "--stream", "cart-1", "--reason", "x", "--version"),
        ("restore", "--stream", "cart-1", "--reason", "x", "--version"),
        ("blame", "--stream", "cart-1", "--version"),
        ("what-if", "--stream", "cart-1", "--without"),
        ("events", "--after"),
        ("events", "--limit"),
        ("bookmarks", "--as-of"),
        ("diff", "1", "2", "--limit"),
        ("findings", "--limit"),
        ("find", "units > 1", "--all", "--last", "--before"),
        ("causes",),
    ],
)
def test_a_number_that_no_store_has_is_wrong_use(
    store: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    for number in ("9" * 23, str(2**63), "9" * 5_000, "-1", "three"):
        with pytest.raises(SystemExit, match="2"):
            run(arguments(store, *command, number))
    capsys.readouterr()
    assert run(arguments(store, *command, str(2**63 - 1))) in (0, 1), "the greatest is looked for"


@pytest.mark.parametrize("text", [f'"{HALF}"', HALF, "[" * 5_000, "[" * 200 + "]" * 200])
def test_what_is_no_json_is_one_line(store: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    branch = ("what-if", "--stream", "cart-1")
    for command in (
        (*branch, "--change", "3", f"quantity={text}"),
        (*branch, "--insert", "3", "ItemAdded", f'{{"sku": {text}}}'),
        ("repair", "units > 3", "--command", "Reprice", "--fields", text, "--reason", "x"),
    ):
        assert run(arguments(store, *command)) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_event_that_cannot_be_read_is_listed_and_the_list_goes_on(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(store, "UPDATE events SET data = x'7b' WHERE position = 6")
    assert run(arguments(store, "events", "--json")) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["position"] for one in found] == list(range(1, 11))
    assert [one["position"] for one in found if "unreadable" in one] == [6]
    assert run(arguments(store, "events")) == 0


def test_numbers_with_dashes_are_texts_in_a_filter(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wanted, events in (
        ('data.no in ("2024-001", "2024-002")', 2),
        ("data.no==2024-001", 1),
        ("data.no == (2024-001)", 1),
        ('data.no not in ("22423-x", "PAP-411") and type == NoteTaken', 3),
    ):
        assert run(arguments(store, "events", "--filter", wanted)) == 0
        assert len(capsys.readouterr().out.splitlines()) == events
    report = store.with_name("report.csv")
    options = ("--filter", 'data.no in ("2024-001", "2024-002")', "--format", "csv", "-o", str(report))
    assert run(arguments(store, "report", *options)) == 0
    said = report.read_text("utf-8-sig")
    assert [number in said for number in ("2024-001", "2024-002", "2024-003", "2024 - 1")] == [True, True, False, False]
