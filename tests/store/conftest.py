"""A real store in a folder of its own, with a clock that ticks and ids that count."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.domain.deciders import DECIDERS
from explorer.store.codec import Codec
from explorer.store.event_store import EventStore
from tests.store.sources import Sources


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.events"


@pytest.fixture
def store(path: Path) -> Iterator[EventStore]:
    sources = Sources()
    opened = EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id)
    yield opened
    opened.close()
