"""The versions of every stream, read from the index that streams are read by: without gaps, and of the same events."""

from collections.abc import Callable

from explorer.application.faults import Check, Faults, counted
from explorer.errors import Damaged
from explorer.store.event_store import EventStore

PAGE = 5_000
"""Places fetched at a time."""


class VersionCheck:
    """Reads the index up to the event at position `size`."""

    def __init__(self, store: EventStore, size: int) -> None:
        self._store, self._size = store, size
        self._faults = Faults("versions", "No version of a stream is missing")
        self._seen = self._streams = self._places = 0
        self._stream, self._version, self._position = "", 0, 0

    def walk(self, progress: Callable[[int], None]) -> None:
        """`progress` is called with the number of places read; it may raise Cancelled."""
        after = "", 0
        try:
            while page := self._store.places(*after, PAGE):
                for place in page:
                    if place[2] <= self._size:
                        self._take(*place)
                        self._places += hash(place)
                after = page[-1][:2]
                progress(self._seen)
        except Damaged as error:
            self._faults.add(f"The streams behind {after[0]!r} cannot be told ({error})")

    def _take(self, stream: str, version: int, position: int) -> None:
        self._seen += 1
        if stream != self._stream:
            self._streams += 1
            self._stream, self._version, self._position = stream, 0, 0
        if version != self._version + 1:
            words = f"{stream} has no version {self._version + 1:,}: event {position:,} is version {version:,}"
            self._faults.add(words, position)
        elif position < self._position:
            self._faults.add(f"Event {position:,} lies before the version it follows", position)
        self._version, self._position = version, position

    def compare(self, seen: int, places: int | None) -> None:
        """Whether the log read by position has as many events, and (where the sum is known) the very same."""
        if self._seen != seen:
            self._faults.add(f"{seen:,} events are in the log, but {self._seen:,} in its streams")
        elif places is not None and places != self._places:
            self._faults.add("The index of streams tells of other events than the log")

    def check(self) -> Check:
        return self._faults.check(f"{counted(self._streams, 'stream')}, each with versions from 1 on without a gap.")
