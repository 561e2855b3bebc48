"""A clock that ticks once a call, ids that count, and events to append."""

from uuid import UUID

from explorer.application.outside import uuid7
from explorer.domain.event import Json, Metadata, NewEvent

START = 1_800_000_000_000_000
ANN = Metadata("ann", "because", UUID(int=7), None, "test")


class Sources:
    def __init__(self, seed: int = 0) -> None:
        self._time, self._number = START, seed << 40

    def clock(self) -> int:
        self._time += 1
        return self._time

    def new_id(self) -> UUID:
        self._number += 1
        return uuid7(START // 1_000, self._number.to_bytes(10, "big"))


def event(kind: str = "NoteChanged", about: Metadata = ANN, **data: Json) -> NewEvent:
    return NewEvent(kind, data or {"previous_note": "", "note": "hello"}, about)
