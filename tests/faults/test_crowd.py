"""Many processes at once on one store: nobody is told Busy, nothing is lost, doubled or out of order (F12, F18)."""

import os
import random
import signal
from pathlib import Path

import pytest

from tests.faults.conftest import Told
from tests.faults.inspection import inspect, inspect_cache, root_of, session_at
from tests.faults.zygote import Line, Zygote, together

PATIENCE = 5_000.0
"""Milliseconds that nobody waits."""


LARGEST_LOG = 64 << 20
"""Bytes of a WAL, beyond which a disk fills while nobody looks."""


def worst(heard: list[list[Line]], what: str) -> tuple[int, float, float]:
    """How many of something there were, the worst 99th percentile and the longest in milliseconds."""
    figures = [line[1:] for lines in heard for line in lines if line[0] == what]
    numbers, p99s, longest = zip(*figures, strict=True)
    return sum(numbers), max(p99s), max(longest)


def acknowledged(lines: list[Line]) -> list[str]:
    return [id_ for word, *ids in lines if word == "acknowledged" for id_ in ids]


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.faults)])
def test_two_windows_a_projector_and_three_writers(zygote: Zygote, tmp_path: Path, tell: Told, seconds: int) -> None:
    deeds = ["window", "window", "project", "write", "write", "write"]
    heard = together([zygote.start(deed, str(tmp_path), seconds, seed) for seed, deed in enumerate(deeds)])
    inspect(tmp_path, {id_ for lines in heard for id_ in acknowledged(lines)})
    inspect_cache(tmp_path)
    number, p99, longest = worst(heard, "appends")
    assert longest < PATIENCE
    assert worst(heard, "answers")[2] < PATIENCE
    tell(
        f"F12 six processes, {seconds} s",
        1,
        0,
        0,
        f"{number:,} appends, worst p99 {p99:.0f} ms, longest {longest:.0f} ms",
    )


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.faults)])
def test_two_windows_a_sidecar_a_writer_and_a_command_line(
    zygote: Zygote, tmp_path: Path, tell: Told, seconds: int
) -> None:
    """Whoever fails, be it with Busy, fails the test: his child says so."""
    session_at(tmp_path).close()
    sidecar = zygote.start("beside", str(tmp_path))
    while ["keeps", True] not in sidecar.hear(60):
        pass
    deeds = ["window", "window", "write", "command"]
    children = [zygote.start(deed, str(tmp_path), seconds, seed) for seed, deed in enumerate(deeds)]
    *heard, weighed = together([*children, zygote.start("weigh", str(tmp_path), seconds)])
    os.kill(sidecar.pid, signal.SIGTERM)
    told = sidecar.hear_out()
    assert told[-1] == ["stopped"]
    assert not [line for line in told if line[0] == "logged"], "it has failed at something, or lost its place"
    inspect(tmp_path, {id_ for lines in heard for id_ in acknowledged(lines)})
    inspect_cache(tmp_path)
    figures = {what: worst(heard, what) for what in ("appends", "answers", "commands")}
    assert max(figures["appends"][2], figures["answers"][2]) < PATIENCE
    ((_, of_store, of_cache),) = weighed
    assert max(of_store, of_cache) < LARGEST_LOG
    sums = [f"{number:,} {what} p99 {p99:.0f} ms" for what, (number, p99, _) in figures.items()]
    logs = f"WAL {of_store / 2**20:.1f} MiB, of the cache {of_cache / 2**20:.1f} MiB"
    tell(f"F12 windows, sidecar, writer, commands, {seconds} s", 1, 0, 0, f"{', '.join(sums)}; {logs}")


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
