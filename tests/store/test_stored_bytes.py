"""The stored bytes and leaf hashes, to the letter: a store must still prove what it has signed."""

import hashlib
from typing import Any
from uuid import UUID

from explorer.domain.event import Json, Metadata, NewEvent
from explorer.store.event_store import Append, EventStore
from tests.store.sources import ANN, START

ROWS = "e013dbd9f8b5b1477d89fea33011d17afc91ce10ec7c9b73412302d9c942a147"
"""SHA-256 of the rows as `repr` gives them."""
ROOT = "b07dbeedb59be15c5883249ca18d328811f1409391e727f0e0634e550e396dc1"

DATA: tuple[dict[str, Json], ...] = (
    {},
    {"b": 1, "a": -(2**53) + 1, "C": 2**53 - 1, "ä": None, "\ufb33": True, "\U0001f600": False},
    {"text": 'quote " back \\ slash / nul \0 tab \t line \n del \x7f \u2028 ü 😀', "": ""},
    {"nested": [{"z": [], "y": {}}, [1, [2, [3, None]]], "x"], "0": 0},
)
ABOUT = (ANN, Metadata("Bob ü"), Metadata('"', "😀", None, UUID(int=2**128 - 1), "import:\\ \x1f"))


def events() -> list[Append]:
    """Every kind of data by every kind of author, in streams that take turns."""
    made = [
        NewEvent(f"Kind{number % 3}é", data, about, number % 4 + 1, None if number % 2 else START - number)
        for number, (data, about) in enumerate((data, about) for data in DATA for about in ABOUT)
    ]
    own_id = NewEvent("Own", {"a": 1}, ANN, id=UUID(int=5))
    return [
        Append("cart-1", 0, made[:5]),
        Append("straße-\u2028 1", 0, made[5:]),
        Append("cart-1", 5, [own_id, made[3]]),
    ]


def rows(store: EventStore) -> list[tuple[Any, ...]]:
    return [tuple(record) for record in store.records()]


def test_rows_and_root_are_those_of_the_first_release(store: EventStore) -> None:
    store.append("before-1", 0, [NewEvent("Before", {"n": 1}, ANN)])
    store.append_all(events())
    assert hashlib.sha256(repr(rows(store)).encode()).hexdigest() == ROWS
    assert store.head().root.hex() == ROOT
