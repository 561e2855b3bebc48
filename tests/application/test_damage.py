"""Bit rot and byte surgery: no crash, no altered data that every check calls right, no user who is stuck."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.application.demo import fill
from explorer.application.session import Session
from explorer.application.verdict import examine
from explorer.errors import KnownError
from explorer.language.syntax import Word
from explorer.projections import cart_queries
from explorer.projections.cache import Discarded
from explorer.projections.generations import POINTER
from explorer.store.codec import Record
from explorer.store.event_store import EventStore
from explorer.store.filtering import sieve
from explorer.store.schema import APPLICATION_ID
from tests.store.damage import EVENTS, IN_FILE, PAGE, flipped, grow, made, made_with_wal, opened, sound

Seen = dict[str, Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store" / "shop.events"


def asked(store: EventStore) -> Seen:
    """What every kind of question to a store is answered with."""
    streams = [f"cart-{number}" for number in range(12)]
    whole = store.records(0, 10 * EVENTS)
    return {
        "records": whole,
        "events": [store.codec.event(record) for record in whole],
        "essences": store.essences(0, 10 * EVENTS),
        "streams": store.streams(),
        "by stream": [list(store.stream_records(stream)) for stream in streams],
        "latest": store.latest(streams),
        "versions": store.versions_of(streams),
        "version at": [store.version_at(stream, EVENTS // 2) for stream in streams],
        "before": store.records_before(EVENTS // 2, 10),
        "at": store.records_at([1, 77, EVENTS]),
        "steps": store.steps("cart-1", [1, 2, 3]),
        "found": store.search(sieve(Word("long")), 0, EVENTS),
        "size and root": (store.head().size, store.head().root, store.head().time),
    }


def outcome(path: Path, cache: Path) -> tuple[Seen | None, bool]:
    """What a session sees, None if it is told in words that it cannot; and whether all checks are passed."""
    shutil.rmtree(cache, ignore_errors=True)
    seen: Seen | None = None
    try:
        with Session(path, cache=cache) as session:
            try:
                seen = asked(session.store)
            except KnownError:
                seen = None
            session.catch_up()
            head = session.store.head()
            return seen, examine(session, head, [head.size]).ok
    except KnownError:
        return seen, False


def lay(path: Path, data: bytes) -> None:
    """The file alone, without what a session before has left beside it."""
    for other in path.parent.glob(path.name + "?*"):
        other.unlink()
    path.write_bytes(data)


def flip_store(path: Path, cache: Path, rounds: int, seed: int) -> Counter[str]:
    _, data = sound()
    lay(path, data)
    expected, is_ok = outcome(path, cache)
    assert is_ok
    rng, results = random.Random(seed), Counter[str]()
    for _ in range(rounds):
        bit = rng.randrange(8 * len(data))
        lay(path, flipped(data, [bit]))
        seen, is_ok = outcome(path, cache)
        assert seen in (None, expected) or not is_ok, f"bit {bit} of the store alters what is read, and no check tells"
        results["refused" if seen is None else "unseen" if seen == expected else "told"] += 1
    return results


def flip_wal(path: Path, cache: Path, rounds: int, seed: int) -> Counter[str]:
    """The store is the one that it was, or a shorter one, as after a loss of power; or it is told."""
    rng, results = random.Random(seed), Counter[str]()
    for _ in range(rounds):
        lay(path, b"")
        records = made_with_wal(path)
        wal = path.with_name(path.name + "-wal")
        data = wal.read_bytes()
        bit = rng.randrange(8 * len(data))
        wal.write_bytes(flipped(data, [bit]))
        seen, is_ok = outcome(path, cache)
        results[shorter(records, seen, is_ok, f"bit {bit} of the log")] += 1
    return results


def shorter(records: list[Record], seen: Seen | None, is_ok: bool, what: str) -> str:
    if seen is None:
        return "refused"
    found = seen["records"]
    assert (found == records[: len(found)] and len(found) >= IN_FILE) or not is_ok, what
    return "unseen" if len(found) == EVENTS else "shorter" if is_ok else "told"


def test_a_flipped_bit_of_a_store_is_told_or_changes_nothing(path: Path, tmp_path: Path) -> None:
    results = flip_store(path, tmp_path / "cache", 40, seed=1)
    assert results["told"] > 15
    assert results["refused"]


def test_a_flipped_bit_of_a_write_ahead_log_leaves_a_shorter_history_or_is_told(path: Path, tmp_path: Path) -> None:
    results = flip_wal(path, tmp_path / "cache", 12, seed=2)
    assert results["shorter"]


@pytest.mark.faults
@pytest.mark.timeout(1_200)
def test_two_thousand_flipped_bits(path: Path, tmp_path: Path) -> None:
    found = flip_store(path, tmp_path / "cache", 2_000, seed=3)
    print("store:", found, "wal:", flip_wal(path, tmp_path / "cache", 500, seed=4))


def no_wal(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def empty_wal(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(b"")


def garbled_wal(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(random.Random(1).randbytes(50_000))


def wal_cut_off(path: Path) -> None:
    wal = path.with_name(path.name + "-wal")
    wal.write_bytes(wal.read_bytes()[: 32 + 3 * (24 + PAGE) + 1_000])


def garbled_shm(path: Path) -> None:
    path.with_name(path.name + "-shm").write_bytes(random.Random(2).randbytes(32_768))


@pytest.mark.parametrize("surgery", [no_wal, empty_wal, garbled_wal, wal_cut_off, garbled_shm])
def test_what_befalls_the_files_beside_a_store(path: Path, tmp_path: Path, surgery: Callable[[Path], None]) -> None:
    records = made_with_wal(path)
    surgery(path)
    seen, is_ok = outcome(path, tmp_path / "cache")
    expected = "unseen" if surgery is garbled_shm else "shorter"
    assert shorter(records, seen, is_ok, surgery.__name__) == expected


@pytest.mark.parametrize("events", [24, 96, EVENTS])
def test_the_log_of_another_store_never_passes_for_a_store_s_own(path: Path, tmp_path: Path, events: int) -> None:
    """SQLite takes it: nothing in it says whose it is."""
    other = tmp_path / "other.events"
    made_with_wal(other)
    store = opened(path, seed=77)
    grow(store, events)
    store.close()
    path.with_name("shop.events-wal").write_bytes(other.with_name("other.events-wal").read_bytes())
    seen, is_ok = outcome(path, tmp_path / "cache")
    assert seen is None or not is_ok


@pytest.mark.parametrize("share", [20, 50, 90, 99])
def test_garbage_in_the_middle_of_a_store_is_told(path: Path, tmp_path: Path, share: int) -> None:
    records, data = made(path)
    at = len(data) * share // 100
    path.write_bytes(data[:at] + random.Random(share).randbytes(700) + data[at + 700 :])
    seen, is_ok = outcome(path, tmp_path / "cache")
    assert not is_ok
    assert seen is None or seen["records"] != records or seen["by stream"]


# The cache


class Shop:
    """A demo shop with a cache whose bytes may be changed."""

    def __init__(self, folder: Path) -> None:
        self.store, self.cache = folder / "shop.events", folder / "cache"
        fill(self.store, 200, 1, cache=self.cache)
        self.expected, is_ok = self.look()
        assert is_ok
        self.pointer = (self.cache / POINTER).read_bytes()
        self.generation = self.cache / self.pointer.decode()
        self.data = self.generation.read_bytes()

    def damage(self, data: bytes) -> None:
        shutil.rmtree(self.cache)
        self.cache.mkdir()
        (self.cache / POINTER).write_bytes(self.pointer)
        self.generation.write_bytes(data)

    def look(self) -> tuple[list[Any], bool]:
        """All carts with their lines, at the end and half way; and whether all checks are passed."""
        with Session(self.store, cache=self.cache) as session:
            session.catch_up()
            size, seen = session.store.head().size, list[Any]()
            for as_of in (size // 2, size):
                with session.asking() as connection:
                    carts = cart_queries.carts(connection, as_of, limit=1_000)
                    # Of a line the checks compare what a cart's state has: not its product's name, nor its time.
                    lines = [cart_queries.cart_lines(connection, cart.stream, as_of) for cart in carts]
                    seen.append((carts, [[(line.line, line.sku, line.quantity, line.unit_price) for line in each]
                                         for each in map(sorted, lines)]))  # fmt: skip
            return seen, examine(session, session.store.head(), [size // 2, size]).ok

    def recovered(self) -> tuple[list[Any], bool]:
        """As a user who tries again once where he is told to."""
        try:
            return self.look()
        except Discarded:
            return self.look()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"))


def flip_cache(shop: Shop, rounds: int, seed: int) -> Counter[str]:
    rng, results = random.Random(seed), Counter[str]()
    for _ in range(rounds):
        bit = rng.randrange(8 * len(shop.data))
        shop.damage(flipped(shop.data, [bit]))
        seen, is_ok = shop.recovered()
        # Of older moments than those that were asked for the checks say nothing.
        assert seen[1] == shop.expected[1] or not is_ok, f"bit {bit} of the cache alters what is shown"
        results["same" if seen == shop.expected else "told" if not is_ok else "elsewhere"] += 1
    return results


def test_a_flipped_bit_of_a_cache_is_told_or_mended(shop: Shop) -> None:
    assert flip_cache(shop, 28, seed=5)["same"] > 14


@pytest.mark.faults
@pytest.mark.timeout(1_200)
def test_five_hundred_flipped_bits_of_a_cache(shop: Shop) -> None:
    print("cache:", flip_cache(shop, 500, seed=6))


def zeroed(data: bytes) -> bytes:
    return bytes(len(data))


def emptied(data: bytes) -> bytes:
    return data[:0]


def cut_off(data: bytes) -> bytes:
    return data[: len(data) // 2]


def noise(data: bytes) -> bytes:
    return random.Random(7).randbytes(len(data))


def noise_behind_the_header(data: bytes) -> bytes:
    return data[:PAGE] + random.Random(8).randbytes(len(data) - PAGE)


def zeros_behind_the_header(data: bytes) -> bytes:
    return data[:PAGE] + bytes(len(data) - PAGE)


def of_a_store(data: bytes) -> bytes:
    return data[:68] + APPLICATION_ID.to_bytes(4, "big") + data[72:]


@pytest.mark.parametrize(
    "damage", [zeroed, emptied, cut_off, noise, noise_behind_the_header, zeros_behind_the_header, of_a_store]
)
def test_a_cache_that_is_spoilt_is_built_anew(shop: Shop, damage: Callable[[bytes], bytes]) -> None:
    shop.damage(damage(shop.data))
    assert shop.recovered() == (shop.expected, True)
    assert shop.look() == (shop.expected, True)


@pytest.mark.parametrize(
    "pointer", [b"", b"\xff\xfe", b"generation-none.cache", b"../../etc/passwd", b"a\0b", b"x" * 5_000]
)
def test_a_pointer_to_nothing_is_set_anew(shop: Shop, pointer: bytes) -> None:
    shop.damage(shop.data)
    (shop.cache / POINTER).write_bytes(pointer)
    assert shop.look() == (shop.expected, True)
