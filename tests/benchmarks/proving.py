"""What it costs that a log can be proved: hashing on append and import, verifying, proofs."""

import hashlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from explorer.application.importers.online_retail import import_online_retail
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.application.verdict import Witnesses, verify
from explorer.projections.tree import Tree
from explorer.proof.merkle import HASH_SIZE
from explorer.proof.proofs import consistency_fault, inclusion_fault
from explorer.store import appending
from explorer.store.codec import leaf_bytes
from tests.benchmarks.bench import Bench
from tests.benchmarks.importing import ROWS, made_up
from tests.benchmarks.stores import copied, draft
from tests.benchmarks.table import Row
from tests.benchmarks.timing import Samples, Stopwatch, in_turn, sampled, seconds
from tests.benchmarks.writing import BULK, Shopper

PROOFS = 300


def verifying(bench: Bench) -> Iterator[Row]:
    """The whole verification, and SHA-256 alone over the very bytes."""
    with bench.middle.open() as session:
        size = session.store.head().size

        def ours() -> float:
            return seconds(lambda: _passes(session))

        times, plain = in_turn(3, ours, lambda: _plain(session, size))
    yield Row("verify", "verification", size, "events/s", size / times.median)
    yield Row("verify", "SHA-256 of the same bytes, nothing else", size, "events/s", size / plain.median)
    yield Row("verify", "verification, share of plain SHA-256", size, "%", 100 * plain.median / times.median)


def _passes(session: Session) -> None:
    if not verify(session, Witnesses()).ok:
        raise AssertionError("The benchmark's store does not pass its verification.")


def _plain(session: Session, size: int) -> float:
    """Seconds spent in the hash alone, a page at a time."""
    watch, after = Stopwatch(), 0
    while after < size:
        leaves = [b"\x00" + leaf_bytes(record) for record in session.store.records(after, 1_000)]
        with watch:
            for leaf in leaves:
                hashlib.sha256(leaf).digest()
        after += len(leaves)
    return watch.total


def proofs(bench: Bench) -> Iterator[Row]:
    """Their size, and the time to make and to check one; the tree's nodes computed for the first time before."""
    random = bench.random("proofs")
    with bench.largest.open() as session, draft(bench.within) as scratch:
        head = session.store.head()
        tree, size = Tree(session.store, scratch / "nodes", new_id), head.size
        took = seconds(lambda: tree.catch_up(size))
        yield Row("proofs", "inner nodes computed anew", size, "events/s", size / took)
        positions = [random.randint(1, size) for _ in range(min(PROOFS, bench.samples))]
        made = sampled(lambda position=position: tree.inclusion(position, size) for position in positions)
        paths = {position: tree.inclusion(position, size) for position in positions}
        leaves = {position: session.store.leaves(position - 1, position)[0] for position in positions}
        checked = sampled(
            lambda position=position: _hold(
                inclusion_fault(position - 1, size, leaves[position], paths[position], head.root)
            )
            for position in positions
        )
        roots = {position: tree.root(position) for position in positions}
        continued = sampled(
            lambda position=position: _hold(
                consistency_fault(position, size, roots[position], head.root, tree.consistency(position, size))
            )
            for position in positions
        )
    longest = max(map(len, paths.values()))
    yield Row("proofs", "inclusion proof, bytes (its hashes)", size, "bytes", float(longest * HASH_SIZE))
    yield Row("proofs", "inclusion proof made, p95", size, "ms", 1_000 * made.p95)
    yield Row("proofs", "inclusion proof checked, p95", size, "ms", 1_000 * checked.p95)
    yield Row("proofs", "consistency proof made and checked, p95", size, "ms", 1_000 * continued.p95)


def _hold(fault: str) -> None:
    if fault:
        raise AssertionError(fault)


@contextmanager
def without_hashing() -> Generator[None]:
    """Appends as a store would that cannot be proved: no envelope, no hash, no tree."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(appending, "envelope", _no_hash)
        patch.setattr(appending.merkle, "leaf_hash", _no_hash)
        patch.setattr(appending.merkle, "extend", _no_hash)
        yield


def _no_hash(*_: object) -> bytes:
    return bytes(HASH_SIZE)


def hashing(bench: Bench) -> Iterator[Row]:
    """Appends and imports with and without envelope, hash and tree, in turn."""
    source = bench.middle
    with ExitStack() as closing:
        shoppers = [
            Shopper(closing.enter_context(
                closing.enter_context(copied(source, closing.enter_context(draft(bench.within)))).open()
            ))
            for _ in range(2)
        ]  # fmt: skip

        def plain_append() -> float:
            with without_hashing():
                return seconds(shoppers[1].go)

        def plain_batch() -> float:
            with without_hashing():
                return seconds(lambda: shoppers[1].batch(BULK))

        single = in_turn(2 * bench.samples, lambda: seconds(shoppers[0].go), plain_append)
        batch = in_turn(max(5, bench.samples // 10), lambda: seconds(lambda: shoppers[0].batch(BULK)), plain_batch)
    yield _cost("an append", source.events, single)
    yield _cost("a thousand in a transaction", source.events, batch)
    with draft(bench.within) as scratch:
        rows = min(ROWS, source.events // 3)
        file = made_up(scratch / "retail.csv", rows, bench.seed)

        def plain_import() -> float:
            with without_hashing():
                return _imported(scratch, file)

        yield _cost("an import", rows, in_turn(3, lambda: _imported(scratch, file), plain_import))


def _imported(scratch: Path, file: Path) -> float:
    store = scratch / "imported.events"
    store.unlink(missing_ok=True)
    with Session(store, cache=scratch / "cache", create=True) as session:
        return seconds(lambda: import_online_retail(session, file, rejects=scratch / "rejects.csv"))


def _cost(what: str, size: int, times: list[Samples]) -> Row:
    hashed, plain = times
    return Row("hashing", f"{what}: time with hashing, of that without", size, "×", hashed.median / plain.median)
