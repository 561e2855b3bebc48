"""Whatever bytes come from outside, a reader answers or says in words why not, and quickly."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import CORPUS, TARGETS

EXAMPLES = {"carving": 25, "retail_import": 20, "scope": 60}
"""Of the targets that take longest; of the others 150."""
SECONDS = 45
"""For each target under atheris."""


def replaced(seed: bytes, at: int, length: int, new: bytes) -> bytes:
    at %= len(seed)
    return seed[:at] + new + seed[at + length :]


def mixed(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Noise, and what is right with something of it replaced."""
    whole = st.sampled_from(seeds)
    cut = st.builds(replaced, whole, st.integers(0, 4_096), st.integers(0, 8), st.binary(max_size=12))
    words = st.lists(whole | st.binary(max_size=20) | st.text(max_size=20).map(str.encode), max_size=6)
    return st.binary(max_size=400) | cut | words.map(b"".join)


@pytest.mark.parametrize("name", TARGETS)
def test_only_known_errors_come_out(name: str) -> None:
    target = TARGETS[name]

    @settings(max_examples=EXAMPLES.get(name, 150))
    @given(mixed(CORPUS[name]))
    @example(b"")
    def check(data: bytes) -> None:
        target(data)

    for seed in CORPUS[name]:
        target(seed)
    check()


@pytest.mark.faults
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_hours_of_noise_compressed(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.run", name, str(SECONDS), str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=SECONDS + 60, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    assert runs is not None
    print(f"{name}: {int(runs[1]):,} executions")
    assert int(runs[1]) > 100
