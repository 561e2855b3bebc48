"""An erasure that is killed at any moment is finished by the next, and nothing of the person is left."""

import os
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

import msgspec
import pytest

from explorer.application import demo
from explorer.application.privacy import erase
from explorer.application.resources import resource
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.verdict import examine
from explorer.domain.event import Metadata
from explorer.domain.privacy import STREAM
from explorer.errors import Missing

ROUNDS = 30


def command(folder: Path, name: str) -> list[str]:
    store, cache = folder / "shop.events", folder / "cache"
    return [sys.executable, "-m", "explorer", "erase", str(store), "--subject", name, "--cache", str(cache)]


@pytest.mark.faults
def test_an_erasure_killed_at_any_moment_is_finished_by_the_next(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    chosen, store, cache = random.Random(seed), tmp_path / "shop.events", tmp_path / "cache"
    customers = msgspec.json.decode(resource("demo", "shop.json").read_bytes(), type=demo.Shop).customers
    demo.fill(store, 3_000, 1, cache=cache, protected=True)
    with Session(store, cache=cache) as session:
        caught_up(session)
    began = monotonic()
    subprocess.run(command(tmp_path, customers[0]), check=True, capture_output=True, timeout=60)
    lasts = monotonic() - began
    killed = 0
    for number, name in enumerate(customers[1 : ROUNDS + 1], 2):
        with subprocess.Popen(command(tmp_path, name), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                process.wait(lasts * chosen.uniform(0.3, 1))
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
        with Session(store, cache=cache) as session:
            with suppress(Missing):
                erase(session, Metadata("office"), subject=name)
            caught_up(session)
            # The first event of that stream switched protection on.
            assert session.store.version_of(STREAM) == number + 1
            assert examine(session, session.store.head(), (session.store.head().size,)).ok
        left = [path.name for path in tmp_path.rglob("*") if path.is_file() and name.encode() in path.read_bytes()]
        assert left == []
    assert killed > ROUNDS // 3
