"""Many processes at once on one store: nobody is told Busy, nothing is lost, doubled or out of order (F12, F18)."""

import random
from pathlib import Path

import pytest

from tests.faults.conftest import Told
from tests.faults.inspection import inspect, inspect_cache, root_of
from tests.faults.zygote import Line, Zygote, together

PATIENCE = 5_000.0
"""Milliseconds that nobody waits."""


def acknowledged(lines: list[Line]) -> list[str]:
    return [id_ for word, *ids in lines if word == "acknowledged" for id_ in ids]


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.faults)])
def test_two_windows_a_projector_and_three_writers(zygote: Zygote, tmp_path: Path, tell: Told, seconds: int) -> None:
    deeds = ["window", "window", "project", "write", "write", "write"]
    heard = together([zygote.start(deed, str(tmp_path), seconds, seed) for seed, deed in enumerate(deeds)])
    inspect(tmp_path, {id_ for lines in heard for id_ in acknowledged(lines)})
    inspect_cache(tmp_path)
    figures = {
        what: [line[1:] for lines in heard for line in lines if line[0] == what] for what in ("appends", "answers")
    }
    count, p99 = sum(figure[0] for figure in figures["appends"]), max(figure[1] for figure in figures["appends"])
    worst = max(figure[2] for figure in figures["appends"])
    assert worst < PATIENCE
    assert max(figure[2] for figure in figures["answers"]) < PATIENCE
    tell(
        f"F12 six processes, {seconds} s", 1, 0, 0, f"{count:,} appends, worst p99 {p99:.0f} ms, longest {worst:.0f} ms"
    )


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.faults)])
def test_clients_that_want_the_same_streams_and_are_killed(
    zygote: Zygote, tmp_path: Path, tell: Told, seconds: int
) -> None:
    clients, chance, heard, kills = 4, random.Random(seconds), list[Line](), 0
    readers = [zygote.start("follow", str(tmp_path), seconds) for _ in range(2)]
    for _ in range(seconds):
        writers = [zygote.start("contend", str(tmp_path), 0.8, chance.randrange(1 << 30), 3) for _ in range(clients)]
        heard += writers[0].hear(60)
        for writer in writers[: clients // 2]:
            heard += writer.hear(chance.random() * 0.3)
            heard += writer.kill()
            kills += 1
        heard += [line for lines in together(writers[clients // 2 :]) for line in lines]
    reads = [line for lines in together(readers) for line in lines]
    records = inspect(tmp_path).records
    check_list_append(heard, reads, [(record.id.hex(), record.stream, record.version) for record in records])
    for _, size, root in reads[:: max(1, len(reads) // 50)]:
        assert root_of(records[:size]).hex() == root
    done = sum(len(line[1]) for line in heard if line[0] == "acknowledged")
    conflicts = sum(line[0] == "conflict" for line in heard)
    tell(f"F18 {clients} clients, 3 streams, {seconds} s", len(heard), kills, 0,
         f"{done:,} appended, {conflicts:,} conflicts, {len(reads):,} reads, 0 anomalies")  # fmt: skip
    assert conflicts


def check_list_append(heard: list[Line], reads: list[Line], log: list[tuple[str, str, int]]) -> None:
    """Every acknowledged event stands where its client was told, once; no conflict was made up."""
    told = [place for word, places in (line[:2] for line in heard) if word == "acknowledged" for place in places]
    for id_, stream, version, position in told:
        assert log[position - 1] == (id_.replace("-", ""), stream, version)
    assert len({position for *_, position in told}) == len(told)
    latest = {stream: version for _, stream, version in log}
    for _, stream, expected, actual in (line for line in heard if line[0] == "conflict"):
        assert expected != actual
        assert 0 < actual <= latest[stream]
    assert all(size <= len(log) for _, size, _ in reads)
