"""The command line, as a user runs it: in a process of its own, and in this one where that is enough."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from explorer.__main__ import COMMANDS
from explorer.application.proof_fields import judged
from explorer.cli import COMMANDS as CLI_COMMANDS
from explorer.cli import run
from explorer.store.codec import Record
from explorer.store.event_store import EventStore
from tests.application.evidence import tamper


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo store made by the command itself."""
    folder = tmp_path_factory.mktemp("shop")
    store = folder / "shop.events"
    assert run(["demo", str(store), "--events", "300", "--seed", "3", "--cache", str(folder / "cache")]) == 0
    return store


class Cli:
    """Runs a command on the shop's cache and gives what it says."""

    def __init__(self, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._cache, self._capsys = shop.parent / "cache", capsys
        self.error = ""

    def __call__(self, *arguments: str, status: int = 0) -> str:
        self._capsys.readouterr()
        assert run([*arguments, "--cache", str(self._cache)]) == status
        said = self._capsys.readouterr()
        self.error = said.err
        return said.out

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))

    def json_lines(self, *arguments: str) -> list[Any]:
        return [json.loads(line) for line in self(*arguments, "--json").splitlines()]


@pytest.fixture
def cli(shop: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(shop, capsys)


def test_the_face_is_picked_by_the_same_words_that_the_command_line_knows() -> None:
    assert COMMANDS - {"-h", "--help", "--version"} == set(CLI_COMMANDS)


def test_demo_appends_at_least_so_many_events_and_so_many_more(tmp_path: Path, cli: Cli) -> None:
    store = tmp_path / "new.events"
    cli("demo", str(store), "--events", "120", "--seed", "1")
    first = cli.json_lines("events", str(store))
    assert len(first) >= 120
    cli("demo", str(store), "--events", "50", "--seed", "2")
    second = cli.json_lines("events", str(store))
    assert len(second) >= len(first) + 50
    assert second[: len(first)] == first


def test_the_same_seed_makes_the_same_history(tmp_path: Path, cli: Cli) -> None:
    for name in ("a", "b"):
        cli("demo", str(tmp_path / name), "--events", "150", "--seed", "9")
    assert cli("events", str(tmp_path / "a"), "--json") == cli("events", str(tmp_path / "b"), "--json")


def test_events_prints_one_documented_object_a_line_in_order(shop: Path, cli: Cli) -> None:
    found = cli.json_lines("events", str(shop))
    assert [event["position"] for event in found] == list(range(1, len(found) + 1))
    assert set(found[0]) == {
        "position", "stream", "version", "id", "type", "schema_version", "occurred_at", "recorded_at", "data",
        "metadata",
    }  # fmt: skip
    assert found[0]["occurred_at"].endswith("Z")
    assert len(found[0]["occurred_at"]) == len("2026-03-02T08:00:00.000000Z")


def test_events_are_chosen_by_stream_type_position_and_number(shop: Path, cli: Cli) -> None:
    everything = cli.json_lines("events", str(shop))
    stream = next(event["stream"] for event in everything if event["type"] == "CartOpened")
    assert cli.json_lines("events", str(shop), "--stream", stream) == [e for e in everything if e["stream"] == stream]
    added = [e for e in everything if e["type"] == "ItemAdded"]
    assert cli.json_lines("events", str(shop), "--type", "ItemAdded") == added
    assert cli.json_lines("events", str(shop), "--after", "20", "--limit", "5") == everything[20:25]
    assert cli.json_lines("events", str(shop), "--type", "ItemAdded", "--limit", "2") == added[:2]
    assert cli.json_lines("events", str(shop), "--type", "NoSuchType") == []
    assert len(cli("events", str(shop)).splitlines()) == len(everything)


def test_events_are_listed_by_the_language(cli: Cli, shop: Path) -> None:
    everything = cli.json_lines("events", str(shop))
    many = [e for e in everything if e["type"] == "ItemAdded" and e["data"]["quantity"] > 1]
    assert many
    assert cli.json_lines("events", str(shop), "--filter", "type == ItemAdded and data.quantity > 1") == many
    assert cli.json_lines("events", str(shop), "--type", "ItemAdded", "--filter", "data.quantity > 1") == many
    either = cli.json_lines("events", str(shop), "--type", "ItemAdded", "--filter", "position < 50 or position > 250")
    assert either == [e for e in everything if e["type"] == "ItemAdded" and not 50 <= e["position"] <= 250]


def test_the_wrong_part_of_a_filter_is_marked(cli: Cli, shop: Path, tmp_path: Path) -> None:
    for command in (["events", str(shop)], ["report", str(shop), "--format", "csv", "-o", str(tmp_path / "a.csv")]):
        cli(*command, "--filter", "茶 and kind == 5", status=1)
        said, text, marks = cli.error.splitlines()
        assert said.startswith("event-explorer: Events have no kind")
        assert text == "  茶 and kind == 5"
        assert marks == "  " + " " * 7 + "^^^^"


def test_state_of_a_stream_at_any_version_and_the_latest(shop: Path, cli: Cli) -> None:
    events = cli.json_lines("events", str(shop))
    out = next(event for event in events if event["type"] == "CartCheckedOut")
    latest = cli.json("state", str(shop), "--stream", out["stream"])
    assert set(latest) == {"position", "stream", "version", "state"}
    assert latest["state"]["status"] == "checked_out"
    assert latest["state"]["total"] == out["data"]["total"]
    assert latest["state"]["subtotal"] == sum(x["quantity"] * x["unit_price"] for x in latest["state"]["lines"])
    first = cli.json("state", str(shop), "--stream", out["stream"], "--version", "1")
    assert (first["version"], first["state"]["status"], first["state"]["lines"]) == (1, "open", [])
    assert first["position"] < latest["position"]


def test_state_of_the_shop_at_a_position_and_at_its_time(shop: Path, cli: Cli) -> None:
    events = cli.json_lines("events", str(shop))
    at = cli.json("state", str(shop), "--at", "200")
    assert set(at) == {"position", "time", "totals", "carts"}
    assert at["position"] == 200
    assert at["time"] == max(event["occurred_at"] for event in events[:200])
    carts = {event["stream"] for event in events[:200] if event["stream"].startswith("cart-")}
    assert {cart["stream"] for cart in at["carts"]} == carts
    assert sum(at["totals"]["carts"].values()) == len(carts)
    by_time = cli.json("state", str(shop), "--at", at["time"])
    assert by_time["position"] >= 200
    assert by_time["time"] == at["time"]
    assert cli.json("state", str(shop), "--at", "0")["carts"] == []


def test_rebuild_gives_the_same_answers(shop: Path, cli: Cli) -> None:
    before = cli("state", str(shop), "--at", "250", "--json")
    cli("rebuild", str(shop))
    assert cli("state", str(shop), "--at", "250", "--json") == before


@pytest.mark.parametrize("report_format", ["html", "csv", "json", "bundle"])
def test_a_report_is_written_and_is_the_same_twice(shop: Path, cli: Cli, tmp_path: Path, report_format: str) -> None:
    paths = [tmp_path / f"{name}.{report_format}" for name in "ab"]
    for path in paths:
        cli("report", str(shop), "--format", report_format, "-o", str(path))
    assert paths[0].stat().st_size > 1_000
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ["state", "{shop}"],
        ["state", "{shop}", "--version", "1"],
        ["events"],
        ["events", "{shop}", "--limit", "many"],
        ["events", "{shop}", "--after", "-1"],
        ["report", "{shop}", "--format", "docx", "-o", "x"],
        ["demo", "{shop}"],
        ["frobnicate"],
    ],
)
def test_wrong_use_is_one_line_and_status_2(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run([argument.format(shop=shop) for argument in arguments])
    assert stopped.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["events", "{folder}/none.events"], "no store"),
        (["events", "{folder}"], "not a file"),
        (["state", "{shop}", "--stream", "cart-none"], "no stream"),
        (["state", "{shop}", "--at", "999999999"], "no position"),
        (["state", "{shop}", "--at", "yesterday"], "yesterday"),
        (["report", "{shop}", "--format", "html", "-o", "{folder}/no/such/folder.html"], "folder"),
        (["import", "{shop}", "{folder}/none.csv", "--format", "online-retail"], "none.csv"),
        (["demo", "{folder}/no/such/x.events", "--events", "5"], "folder"),
    ],
)
def test_a_failure_is_one_line_in_words_and_status_1(
    shop: Path, cli: Cli, tmp_path: Path, arguments: list[str], says: str
) -> None:
    cli(*(argument.format(shop=shop, folder=tmp_path) for argument in arguments), status=1)
    assert len(cli.error.splitlines()) == 1
    assert says in cli.error
    assert "Traceback" not in cli.error


def test_somebody_elses_control_characters_do_not_reach_the_terminal(tmp_path: Path, cli: Cli) -> None:
    from explorer.application.handle import handle
    from explorer.application.session import Session
    from explorer.domain.cart import OpenCart
    from explorer.domain.event import Metadata

    store = tmp_path / "hostile.events"
    with Session(store, cache=tmp_path / "cache", create=True) as session:
        handle(session, "cart-1", OpenCart("\x1b[31mred\x07", "\x9b2J"), Metadata("ann\r"))
    said = cli("events", str(store))
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in said.replace("\n", ""))


def test_the_program_runs_as_a_module_and_loads_no_qt_for_a_command(shop: Path) -> None:
    script = (
        "import sys, runpy; sys.argv = ['explorer', 'events', sys.argv[1], '--limit', '1', '--cache', sys.argv[2]]\n"
        "try: runpy.run_module('explorer', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'pyqtgraph'))]"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(shop), str(shop.parent / "cache")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "CartOpened" in done.stdout or "ProductListed" in done.stdout or "v1" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [(["frobnicate"], 1, "no store frobnicate"), (["--frobnicate"], 2, "--help"), (["tour"], 2, "DIR")],
)
def test_a_window_that_cannot_open_is_one_line_too(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, says: str
) -> None:
    from explorer.gui.app import start

    try:
        found = start(arguments)
    except SystemExit as end:
        found = end.code
    said = capsys.readouterr().err
    assert found == status
    assert len(said.splitlines()) == 1
    assert says in said


def test_without_a_screen_a_window_is_refused_in_one_line(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.gui.app import start

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert start([str(shop)]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "tour" in said


def test_a_reader_that_has_seen_enough_is_no_error(shop: Path) -> None:
    command = f"'{sys.executable}' -m explorer events '{shop}' --cache '{shop.parent / 'cache'}' --json | head -1"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(done.stdout)["position"] == 1
    assert done.stderr == ""


def test_verify_says_every_check_and_ends_with_3_when_one_fails(tmp_path: Path, cli: Cli) -> None:
    store, kept = tmp_path / "v.events", tmp_path / "kept"
    cli("demo", str(store), "--events", "100")
    note = cli("checkpoint", str(store))
    cli("checkpoint", str(store), "-o", str(kept))
    assert kept.read_text(encoding="utf-8") == note
    said = cli("verify", str(store), "--checkpoint", str(kept))
    assert said.count("ok  ") == 6
    assert "the log is complete and unaltered" in said
    document = cli.json("verify", str(store), "--full")
    assert document["ok"] is True
    assert len(document["checks"]) == 9
    tamper(store, "UPDATE events SET actor = 'Eve' WHERE position = 7")
    document = json.loads(cli("verify", str(store), "--json", status=3))
    assert (document["ok"], document["position"]) == (False, 7)
    assert "The first damaged position is 7." in cli("verify", str(store), status=3)
    cli("demo", str(store), "--events", "10", status=1)
    assert "nothing is written to it" in cli.error


def test_the_key_is_told_and_rotated(shop: Path, cli: Cli, tmp_path: Path) -> None:
    before = cli("key", str(shop)).split()[0]
    said = cli("key", str(shop), "--rotate").splitlines()
    assert said[1] == f"{before}  (retired)"
    assert len(said) >= 2
    assert said[0] in cli("checkpoint", str(shop), "-o", str(tmp_path / "kept"))
    assert cli.json("verify", str(shop), "--key", said[0])["ok"] is True
    assert "no public key" in (cli("verify", str(shop), "--key", "nonsense", status=1), cli.error)[1]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"leafIdx": 0, "treeSize": 1, "root": "AA==", "leafHash": "AA==", "proof": []}, 3, "32 bytes"),
        ({"size1": 0, "size2": 1, "root1": "", "root2": "", "proof": None}, 3, "nothing can be shown"),
        ({"vkey": "ann+1+AA==", "note": "x"}, 1, ""),
        ({"size1": "1"}, 1, ""),
        ({}, 1, ""),
        ([], 1, ""),
    ],
)
def test_verify_proof_reads_the_fields_on_standard_input(fields: Any, status: int, words: str) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "explorer", "verify-proof", "--json"],
        input=json.dumps(fields), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == status
    if status == 3:
        answer = json.loads(found.stdout)
        assert answer["valid"] is False
        assert words in answer["reason"]
    else:
        assert found.stderr.startswith("event-explorer: ")


VECTORS = Path(__file__).parents[2] / "shared" / "data" / "vectors"


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the public vectors are not here")
def test_verify_proof_judges_the_public_vectors_as_they_say() -> None:
    cases = [path for kind in ("inclusion", "consistency") for path in (VECTORS / "merkle" / kind).rglob("*.json")]
    cases.append(VECTORS / "note" / "c2sp_signed_note_example.json")
    for path in cases:
        assert judged(path.read_bytes())["valid"] is not json.loads(path.read_text(encoding="utf-8")).get(
            "wantErr", False
        )


def test_a_verification_that_is_interrupted_says_how_to_go_on(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "v.events"
    cli("demo", str(store), "--events", "1500")
    read, interrupted = EventStore.records, False

    def interrupting(self: EventStore, after: int = 0, limit: int = 1_000) -> list[Record]:
        nonlocal interrupted
        if after >= 1_000 and not interrupted:
            interrupted = True
            raise KeyboardInterrupt
        return read(self, after, limit)

    monkeypatch.setattr(EventStore, "records", interrupting)
    cli("verify", str(store), status=1)
    assert "Go on with --resume" in cli.error
    assert "The first 1,000 of them were computed before the stop" in cli("verify", str(store), "--resume")
    cli("verify", str(store), "--resume", status=1)
    assert "start one without --resume" in cli.error


def test_a_file_that_cannot_be_read_to_its_end_is_damaged_too(tmp_path: Path, cli: Cli) -> None:
    store = tmp_path / "v.events"
    cli("demo", str(store), "--events", "300")
    size = store.stat().st_size
    with store.open("r+b") as file:
        file.truncate(size - 4_096)
    assert "is damaged" in cli("verify", str(store), status=3)
    assert json.loads(cli("verify", str(store), "--json", status=3))["ok"] is False
