"""A store worth damaging, and what may befall its bytes."""

import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from explorer.domain.deciders import DECIDERS
from explorer.domain.event import Metadata
from explorer.store.codec import Codec, Record
from explorer.store.event_store import Append, EventStore
from tests.store.sources import Sources, event

EVENTS = 240
IN_FILE = 192
PAGE = 4096


def opened(path: Path, *, read_only: bool = False, seed: int = 9) -> EventStore:
    sources = Sources(seed)
    return EventStore(path, Codec(DECIDERS), sources.clock, sources.new_id, read_only=read_only)


def grow(store: EventStore, events: int = EVENTS) -> None:
    """Twelve streams of notes, some of which are longer than a page, by two authors; 24 events a transaction."""
    versions = store.versions_of([f"cart-{number}" for number in range(12)])
    for start in range(0, events, 24):
        appends = list[Append]()
        for number in range(start, start + 24, 3):
            stream = f"cart-{number // 3 % 12}"
            about = Metadata("ann" if number % 2 else "Zoë", f"reason {number}", origin="damage")
            notes = ["x" * (3, 40, 400)[(number // 3 + n) % 3] + str(number + n) for n in range(3)]
            if number % 60 == 0:
                notes[1] = "long " * 3_000 + str(number)
            appends.append(
                Append(stream, versions[stream], [event(about=about, previous_note="", note=note) for note in notes])
            )
            versions[stream] += 3
        store.append_all(appends)


@cache
def sound() -> tuple[tuple[Record, ...], bytes]:
    """The events of a store, and its file's bytes: made once for all tests of a process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shop.events"
        store = opened(path)
        grow(store)
        records = tuple(store.records(0, EVENTS))
        store.close()
        return records, path.read_bytes()


def made(path: Path) -> tuple[list[Record], bytes]:
    """A store that nobody has open; its events, and the file's bytes."""
    records, data = sound()
    path.write_bytes(data)
    return list(records), data


@cache
def _sound_with_wal() -> tuple[tuple[Record, ...], bytes, bytes]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shop.events"
        return _killed(path)


def made_with_wal(path: Path) -> list[Record]:
    """As `made`, by a process that was killed: the last fifth of the events is in the write-ahead log only."""
    records, data, wal = _sound_with_wal()
    path.write_bytes(data)
    path.with_name(path.name + "-wal").write_bytes(wal)
    return list(records)


def _killed(path: Path) -> tuple[tuple[Record, ...], bytes, bytes]:
    program = f"""
import os, pathlib, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.store.damage import IN_FILE, EVENTS, grow, opened
path = pathlib.Path({str(path)!r})
store = opened(path)
grow(store, IN_FILE)
store.close()
store = opened(path, seed=10)
grow(store, EVENTS - IN_FILE)
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    data, wal = path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()
    store = opened(path, read_only=True)
    records = tuple(store.records(0, EVENTS))
    store.close()
    assert len(records) == EVENTS
    return records, data, wal


def flipped(data: bytes, bits: Sequence[int]) -> bytes:
    """With these bits the other way round, counted from the file's first."""
    changed = bytearray(data)
    for bit in bits:
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def beside(path: Path) -> list[str]:
    return sorted(other.name for other in path.parent.iterdir())
