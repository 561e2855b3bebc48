"""Seven kinds of events, told from the last words of a type's name, so that any log has colours and shapes."""

import re
from functools import lru_cache
from typing import Literal

Kind = Literal["opened", "added", "changed", "removed", "done", "abandoned", "other"]

_WORDS: dict[Kind, tuple[str, ...]] = {
    "opened": ("opened", "reopened", "created", "listed", "issued", "registered", "started"),
    "added": ("added", "applied", "recorded", "placed"),
    "changed": ("changed", "renamed", "repriced", "updated", "moved", "edited", "protected", "set"),
    "removed": ("removed", "deleted", "withdrawn", "erased", "retired"),
    "done": ("checked out", "completed", "confirmed", "closed", "paid", "shipped", "finished"),
    "abandoned": ("abandoned", "cancelled", "canceled", "expired", "rejected", "failed"),
}
_KIND_OF: dict[str, Kind] = {word: kind for kind, words in _WORDS.items() for word in words}
KINDS: tuple[Kind, ...] = (*_WORDS, "other")

_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")


@lru_cache(maxsize=1_000)
def kind_of(event_type: str) -> Kind:
    """The kind of an event type: `ItemQuantityChanged` is "changed"."""
    words = spoken(event_type).split()
    return _KIND_OF.get(" ".join(words[-2:])) or _KIND_OF.get(" ".join(words[-1:]), "other")


@lru_cache(maxsize=1_000)
def spoken(event_type: str) -> str:
    """`ItemQuantityChanged` for people: `item quantity changed`."""
    return " ".join(_BETWEEN_WORDS.split(event_type)).strip().lower()
