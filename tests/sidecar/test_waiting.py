"""The sidecar as a whole, in a thread of the test: when it tells, and what, while it waits for what is missing."""

import json
import logging
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from explorer.application import outside
from explorer.sidecar.address import Address
from explorer.sidecar.facts import Facts, Told
from explorer.sidecar.running import Sidecar, Wanted
from explorer.sidecar.telling import Teller
from tests.sidecar.stage import PATIENCE, application


@contextmanager
def running(folder: Path, address: Address) -> Generator[Facts]:
    facts = Facts()
    teller = Teller(address, facts, outside.now, with_metrics=False)
    log = logging.getLogger(f"{__name__}.{folder.name}")
    sidecar = Sidecar(Wanted(folder / "shop.events", folder / "cache"), facts, log, teller)
    thread = Thread(target=sidecar.run)
    thread.start()
    try:
        yield facts
    finally:
        sidecar.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(facts: Facts, holds: Callable[[Told], Any]) -> None:
    pause = Event()
    for _ in range(int(PATIENCE / 0.02)):
        if holds(facts.told):
            return
        pause.wait(0.02)
    raise AssertionError(f"waited in vain: {facts.told}")


def health(port: int) -> dict[str, Any] | None:
    """None where nobody tells."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=PATIENCE) as answer:
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)
    except OSError:
        return None


@pytest.fixture
def taken() -> Generator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_keeper_tells_as_soon_as_its_address_is_free(tmp_path: Path, taken: socket.socket) -> None:
    application(tmp_path).close()
    port = taken.getsockname()[1]
    with running(tmp_path, Address(port=port)) as facts:
        until(facts, lambda told: told.tasks.get("project") and told.tasks["project"].is_working)
        taken.close()
        until(facts, lambda _: health(port))


def test_a_store_that_is_moved_away_is_missing_and_not_damaged(tmp_path: Path, taken: socket.socket) -> None:
    application(tmp_path).close()
    port = taken.getsockname()[1]
    taken.close()
    path = tmp_path / "shop.events"
    with running(tmp_path, Address(port=port)) as facts:
        until(facts, lambda told: told.is_keeper)
        path.rename(tmp_path / "elsewhere")
        until(facts, lambda told: told.unreachable)
        found = health(port)
        assert found is not None
        assert (found["ok"], found["state"], found["fault"]) == (False, "unreachable", "")
        (tmp_path / "elsewhere").rename(path)
        until(facts, lambda told: told.is_keeper and not told.unreachable)
