"""Seven kinds of events, told from the last words of a type's name, so that any log has colours and shapes."""

from functools import lru_cache
from typing import Literal

Kind = Literal["opened", "added", "changed", "removed", "done", "abandoned", "other"]

_ENDINGS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("opened", ("opened", "reopened", "created", "listed", "issued", "registered", "started")),
    ("added", ("added", "applied", "recorded", "placed")),
    ("changed", ("changed", "renamed", "repriced", "updated", "moved", "edited")),
    ("removed", ("removed", "deleted", "withdrawn", "erased")),
    ("done", ("checkedout", "completed", "confirmed", "closed", "paid", "shipped", "finished")),
    ("abandoned", ("abandoned", "cancelled", "canceled", "expired", "rejected", "failed")),
)
KINDS: tuple[Kind, ...] = (*(kind for kind, _ in _ENDINGS), "other")


@lru_cache(maxsize=1_000)
def kind_of(event_type: str) -> Kind:
    """The kind of an event type: `ItemQuantityChanged` is "changed"."""
    name = event_type.replace("_", "").replace("-", "").replace(".", "").lower()
    for kind, endings in _ENDINGS:
        if name.endswith(endings):
            return kind
    return "other"


@lru_cache(maxsize=1_000)
def spoken(event_type: str) -> str:
    """`ItemQuantityChanged` for people: `item quantity changed`."""
    letters = (f" {letter.lower()}" if letter.isupper() else letter for letter in event_type.replace("_", " "))
    return "".join(letters).strip()
