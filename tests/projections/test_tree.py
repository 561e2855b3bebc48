"""The cached nodes lead to the very roots of the definition, whatever happens to their file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.errors import Damaged
from explorer.projections.tree import BLOCK, Tree
from explorer.proof.merkle import push, root
from explorer.proof.proofs import consistency_fault, inclusion_fault
from tests.application.evidence import tamper
from tests.application.shop import Clock, long_cart, opened

EVENTS = 5 * BLOCK + 77


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = opened(tmp_path, Clock())
    long_cart(session, EVENTS)
    return session


def roots(session: Session) -> list[bytes]:
    """The root of every size."""
    frontier: list[bytes] = []
    found = [root(frontier)]
    for number, leaf in enumerate(session.store.leaves(0, EVENTS)):
        push(frontier, number, leaf)
        found.append(root(frontier))
    return found


def test_the_root_at_every_size_is_that_of_the_leaves(session: Session) -> None:
    expected = roots(session)
    sizes = [*range(12), BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 4 * BLOCK, 5 * BLOCK - 1, EVENTS]
    assert [session.tree.root(size) for size in sizes] == [expected[size] for size in sizes]
    assert session.store.head().root == expected[EVENTS]


def test_proofs_hold_across_blocks(session: Session) -> None:
    expected, leaves = roots(session), session.store.leaves(0, EVENTS)
    for position in (1, BLOCK, BLOCK + 1, 3 * BLOCK + 100, EVENTS):
        for size in {position, EVENTS, max(position, 4 * BLOCK)}:
            proof = session.tree.inclusion(position, size)
            assert inclusion_fault(position - 1, size, leaves[position - 1], proof, expected[size]) == ""
            steps = session.tree.consistency(position, size)
            assert consistency_fault(position, size, expected[position], expected[size], steps) == ""


def test_what_was_computed_is_kept_and_read_again(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "nodes"
    counted = Counted(session)
    Tree(counted, file, new_id).root(EVENTS)  # type: ignore[arg-type]
    assert (file.stat().st_size, counted.leaves_read) == (5 * 32, EVENTS)
    again = Counted(session)
    assert Tree(again, file, new_id).root(EVENTS) == session.store.head().root  # type: ignore[arg-type]
    assert again.leaves_read == 77


class Counted:
    """A store that counts the leaves it hands out."""

    def __init__(self, session: Session) -> None:
        self._store, self.path, self.leaves_read = session.store, session.path, 0

    def leaves(self, after: int, until: int) -> list[bytes]:
        found = self._store.leaves(after, until)
        self.leaves_read += len(found)
        return found


@pytest.mark.parametrize("spoilt", [b"", b"x" * 31, b"\x00" * 100, None])
def test_a_spoilt_file_is_told_by_the_root_and_forgotten(
    session: Session, tmp_path: Path, spoilt: bytes | None
) -> None:
    file = tmp_path / "nodes"
    if spoilt is None:
        file.mkdir()
    else:
        file.write_bytes(spoilt)
    tree = Tree(session.store, file, new_id)
    if spoilt is None:
        with pytest.raises(Exception, match="cannot be written"):
            tree.root(EVENTS)
        return
    if tree.root(EVENTS) != session.store.head().root:
        assert len(spoilt) >= 32
        tree.forget()
    assert tree.root(EVENTS) == session.store.head().root


def test_a_block_that_was_not_full_is_read_again_when_the_log_has_grown(session: Session) -> None:
    assert session.tree.root(EVENTS) == session.store.head().root
    long_cart(session, 50, "cart-next")
    head = session.store.head()
    assert session.tree.root(head.size) == head.root


def test_missing_events_are_told(open_store: Callable[[], Session], session: Session) -> None:
    tamper(session.path, "DELETE FROM events WHERE position = 300")
    with pytest.raises(Damaged, match="lacks events"):
        open_store().tree.root(EVENTS)


@pytest.fixture
def open_store(tmp_path: Path) -> Callable[[], Session]:
    return lambda: opened(tmp_path, Clock())
