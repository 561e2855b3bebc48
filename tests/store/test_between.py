"""Which streams were touched between two positions: what a look at every event says, and no more read than must be."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.domain.deciders import DECIDERS
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Cancelled
from explorer.store import between
from explorer.store.appending import Append
from explorer.store.between import Touched
from explorer.store.codec import Codec
from explorer.store.event_store import EventStore
from tests.store.sources import Sources

EVENT = NewEvent("Noted", {}, Metadata("Ann"))
ENOUGH = 100_000


def filled(path: Path, streams: Sequence[str]) -> EventStore:
    """A store with an event of each of these streams, in this order."""
    sources = Sources()
    store = EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id)
    versions: dict[str, int] = {}
    appends: list[Append] = []
    for stream in streams:
        version = versions.get(stream, 0)
        appends.append(Append(stream, version, [EVENT]))
        versions[stream] = version + 1
    store.append_all(appends)
    return store


def looked_up(streams: Sequence[str], after: int, until: int) -> list[Touched]:
    """What is touched, told by looking at every event."""
    last: dict[str, Touched] = {}
    for position, stream in enumerate(streams[:until], 1):
        if position > after:
            last[stream] = Touched(position, stream, streams[:position].count(stream))
    return sorted(last.values(), reverse=True)


def paged(store: EventStore, after: int, until: int, size: int) -> list[Touched]:
    """All pages one behind the other."""
    found: list[Touched] = []
    before = until + 1
    while page := store.touched(after, until, before, size, lambda: None):
        assert len(page) <= size
        found += page
        before = page[-1].position
    return found


runs = st.tuples(st.sampled_from(["a-1", "a-2", "b-1", "b-2", "c-1"]), st.integers(1, 30))


@settings(max_examples=60, deadline=None)
@given(st.lists(runs, min_size=1, max_size=20), st.data())
def test_it_is_what_a_look_at_every_event_says(log: list[tuple[str, int]], data: st.DataObject) -> None:
    streams = [stream for stream, times in log for _ in range(times)]
    until = data.draw(st.integers(0, len(streams)))
    after = data.draw(st.integers(0, until))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # So that a few events are a long log.
        for name, value in (("LEAST", 2), ("MOST", 8), ("CROWDED", data.draw(st.sampled_from([2, 4, 8])))):
            patch.setattr(between, name, value)
        store = filled(Path(folder) / "log.events", streams)
        try:
            expected = looked_up(streams, after, until)
            for size in (1, 2, 100):
                assert paged(store, after, until, size) == expected
            wanted = [*{*streams}, "none-1"]
            assert store.versions_at(wanted, until) == [streams[:until].count(stream) for stream in wanted]
        finally:
            store.close()


def test_what_a_busy_stream_fills_is_passed_over(path: Path) -> None:
    busy = ["busy-1", "busy-2"]
    streams = [*(f"old-{number}" for number in range(10)), *busy * 10_000, "rare-1", *busy * 10_000]
    store = filled(path, streams)
    looks: list[int] = []
    try:
        found = store.touched(0, len(streams), len(streams) + 1, ENOUGH, lambda: looks.append(1))
    finally:
        store.close()
    assert [touched.stream for touched in found] == [
        "busy-2", "busy-1", "rare-1", *(f"old-{number}" for number in reversed(range(10))),
    ]  # fmt: skip
    assert len(looks) < 100, "forty thousand events are ten thousand stretches of four"


def test_it_can_be_called_off(path: Path) -> None:
    store = filled(path, ["a-1"] * 10)

    def stop() -> None:
        raise Cancelled("enough")

    try:
        with pytest.raises(Cancelled):
            store.touched(0, 10, 11, 5, stop)
        assert store.touched(10, 10, 11, 5, stop) == []
        assert store.touched(4, 2, 3, 5, stop) == []
    finally:
        store.close()
