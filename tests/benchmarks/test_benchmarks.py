"""The benchmarks themselves: stores are valid and the same for the same seed, verdicts are just, the whole runs."""

import json
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest

from explorer.domain.cart import Cart, CartCheckedOut, ItemQuantityChanged
from explorer.domain.event import category_of
from explorer.store.event_store import Append
from tests.benchmarks import peers
from tests.benchmarks.__main__ import SUBJECTS, main, sizes_of
from tests.benchmarks.bench import Bench
from tests.benchmarks.giants import GIANTS
from tests.benchmarks.importing import made_up
from tests.benchmarks.log import REAL_YEAR, log
from tests.benchmarks.plot import draw, lines_of
from tests.benchmarks.shape import LARGEST, Piece, Shop
from tests.benchmarks.stores import Built, block_of, built, silent
from tests.benchmarks.table import Row, as_json, at_least, at_most, exit_status, number, p95_row, printed
from tests.benchmarks.timing import Samples

EVENTS = 3_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="module")
def store(folder: Path) -> Built:
    return built(EVENTS, within=folder)


def root(store: Built) -> bytes:
    with store.open() as session:
        return session.store.head().root


def test_a_store_has_so_many_events_and_a_caught_up_cache(store: Built) -> None:
    with store.open() as session:
        assert session.store.head().size == EVENTS
        assert session.catch_up() == 0


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(store: Built, tmp_path: Path) -> None:
    assert root(built(EVENTS, within=tmp_path)) == root(store)
    assert root(built(EVENTS, 2, within=tmp_path)) != root(store)


def test_a_store_is_built_once(store: Built, folder: Path) -> None:
    before = sorted(path.stat().st_mtime_ns for path in folder.rglob("*.events"))
    assert built(EVENTS, within=folder) == store
    assert sorted(path.stat().st_mtime_ns for path in folder.rglob("*.events")) == before
    assert not list(folder.glob("draft-*"))


def test_every_state_follows_from_the_one_before(store: Built) -> None:
    """What an event says of the past is so: no event is unreadable, and no quantity or total is made up."""
    with store.open() as session:
        states: dict[str, Any] = {}
        for record in (record for page in range(3) for record in session.store.records(page * 1_000)):
            decider = session.decider(record.stream)
            before = states.get(record.stream, decider.initial)
            event = session.store.codec.domain_event(record)
            if isinstance(event, ItemQuantityChanged):
                assert before.lines[event.line or event.sku].quantity == event.previous_quantity
            if isinstance(event, CartCheckedOut):
                assert isinstance(before, Cart)
                assert before.total == event.total
            states[record.stream] = decider.evolve(before, event)
        assert {category_of(stream) for stream in states} == {"cart", "product", "creditnote"}


def test_a_block_has_the_shape_of_a_year_of_invoices() -> None:
    pieces = list(Shop(1).pieces())
    lines = sorted(sum(event.type == "ItemAdded" for event in piece.events) for piece in pieces
                   if piece.stream.startswith("cart-"))  # fmt: skip
    assert lines[-1] == LARGEST
    assert 10 <= lines[len(lines) // 2] <= 15
    assert 19 <= sum(lines) / len(lines) <= 23
    times = [event.time for piece in pieces for event in piece.events]
    assert times == sorted(times)


def events_of(appends: list[Append]) -> Counter[str]:
    found: Counter[str] = Counter()
    for append in appends:
        assert append.expected_version == found[append.stream]
        found[append.stream] += len(append.events)
    return found


def test_a_longer_log_goes_on_with_other_carts_a_year_later() -> None:
    def block() -> list[Piece]:
        return list(islice(Shop(1, 50).pieces(), 200))

    appends = list(log(lambda: iter(block()), 12_000, 1))
    found = events_of(appends)
    assert found.total() == 12_000
    assert {"cart-536001", "cart-536001y1", "cart-536001y2"} <= set(found)
    times = [event.occurred_at or 0 for append in appends for event in append.events]
    assert times == sorted(times)
    ids = [event.id for append in appends for event in append.events]
    assert len(set(ids)) == len(ids)
    names: dict[str, Any] = {}
    for append in appends:
        for event in append.events:
            data: dict[str, Any] = msgspec.to_builtins(event.data)
            if event.type == "ProductRenamed":
                assert data["previous_name"] == names[append.stream]
            if category_of(append.stream) == "product" and "name" in data:
                names[append.stream] = data["name"]


def test_real_files_make_a_block_too(tmp_path: Path) -> None:
    made_up(tmp_path / "2010-12.csv", 300, 1)
    made_up(tmp_path / "2011-01.csv", 300, 2)
    appends = list(log(block_of(EVENTS, 1, tmp_path, tmp_path), EVENTS, 1, REAL_YEAR))
    found = events_of(appends)
    assert found.total() == EVENTS
    assert {"cart-536001", "cart-536001y1"} <= set(found)


def test_a_long_stream_lies_among_all_the_others() -> None:
    giant, size = GIANTS[0], GIANTS[0].from_size
    appends = list(log(block_of(size, 1, None, Path()), size, 1))
    assert events_of(appends)[giant.stream] == giant.events
    half = events_of(appends[: len(appends) // 2])
    assert abs(half[giant.stream] / half.total() - giant.events / size) < 0.01


ROW = Row("size", "bytes", 10, "B", 3.0, at_most(2))


@pytest.mark.parametrize(
    ("row", "verdict", "strict", "generous"),
    [
        (ROW, "MISSED", 1, 0),
        (ROW._replace(figure=1_000.0), "MISSED", 1, 1),
        (ROW._replace(figure=2.0), "met", 0, 0),
        (ROW._replace(limit=at_least(2)), "met", 0, 0),
        (ROW._replace(limit=at_least(4)), "MISSED", 1, 0),
        (ROW._replace(required=False), "not met (wanted)", 0, 0),
        (ROW._replace(limit=None), "", 0, 0),
        (ROW._replace(figure=None, note="no screen"), "not measured", 0, 0),
    ],
)
def test_verdict_and_exit_status(row: Row, verdict: str, strict: int, generous: int) -> None:
    assert row.verdict() == verdict
    assert exit_status([row], generous=False) == strict
    assert exit_status([row], generous=True) == generous


def test_the_p95_is_a_time_that_was_taken() -> None:
    samples = Samples(tuple(value / 1_000 for value in range(1, 201)))
    row = p95_row("answers", "all", 10, samples, at_most(190))
    assert (row.figure, row.verdict()) == (190.0, "met")
    assert row.samples is not None
    assert row.samples.median == 100.5


def test_the_table_is_aligned_and_says_why_nothing_was_measured() -> None:
    lines = printed([ROW, ROW._replace(what="longer words", figure=None, note="no screen")]).splitlines()
    assert lines[2].index("≤") == lines[3].index("≤")
    assert lines[3].endswith("not measured: no screen")


def test_numbers_have_the_digits_that_count() -> None:
    assert [number(value) for value in (0.1234, 1.234, 12.34, 1_234.5)] == ["0.123", "1.23", "12.3", "1,234"]


def test_the_json_has_target_verdict_and_samples() -> None:
    row = p95_row("answers", "all", 10, Samples((0.001, 0.003)), at_most(4))
    found = json.loads(as_json([row], {"cores": 2}))
    assert found["machine"] == {"cores": 2}
    assert found["rows"][0]["target"] == {"at": "most", "value": 4}
    assert found["rows"][0]["samples"] == {"number": 2, "median": 2.0, "p95": 3.0}


def test_a_large_store_is_measured_next_to_a_small_one() -> None:
    assert sizes_of(None) == (10_000, 1_000_000, 10_000_000)
    assert sizes_of(100_000) == (10_000, 100_000)
    assert sizes_of(EVENTS) == (EVENTS,)


def test_everything_runs_on_a_small_store(folder: Path, tmp_path: Path) -> None:
    ours = [name for name in SUBJECTS if name not in {"frames", "window", "peers"}]
    report = tmp_path / "report.json"
    small = ["--events", str(EVENTS), "--samples", "5", "--json", str(report), "--generous"]
    assert main([*small, "--only", *ours], folder) == 0
    rows = json.loads(report.read_bytes())["rows"]
    assert {row["subject"] for row in rows} == set(ours)
    assert [row["what"] for row in rows if row["figure"] is None and row["subject"] != "states"] == []
    assert not list(folder.glob("draft-*"))


def test_an_absent_peer_is_told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(peers, "is_installed", lambda: False)
    rows = list(peers.peers(Bench((EVENTS,), 5, 1, silent, folder)))
    assert {row.verdict() for row in rows} == {"not measured"}
    assert "not installed" in rows[0].note


@pytest.mark.usefixtures("qapp")
def test_the_picture_shows_every_size(tmp_path: Path) -> None:
    rows = [p95_row("frames", "drag, frame", size, Samples((0.008,)), at_most(16.7)) for size in (10_000, 10_000_000)]
    assert lines_of(rows) == [("drag, frame", [(10_000, 8.0), (10_000_000, 8.0)])]
    draw(rows, tmp_path / "made" / "frames.png")
    assert (tmp_path / "made" / "frames.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "wrong",
    [
        ["--events", "0"], ["--events", "-5"], ["--events", "many"], ["--events", "999"], ["--samples", "0"],
        ["--retail", "nowhere"], ["--json", "nowhere/figures.json"], ["--picture", "nowhere/frames.png"],
        ["--only", "nothing"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_use_is_told_in_one_line_before_anything_is_built(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong, tmp_path)
    assert ended.value.code == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert wrong[0] in said
    assert list(tmp_path.iterdir()) == []
