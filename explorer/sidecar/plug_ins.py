"""The plug-in point: more tasks for the sidecar, from any installed distribution.

    [project.entry-points."event_explorer.sidecar"]
    mailer = "shop_mailer:task"

names a callable that is given a `PlugInPost` and works until `wait` or `beat` raises Cancelled:

    def task(post: PlugInPost) -> None:
        position = 0
        while True:
            for event in post.events(position):
                position = event.position
            post.tell(position=position)
            post.wait(1.0)

It runs in a process of its own, where it can read the store but not write it. If it raises, returns, crashes or does
not beat for too long, it is ended and begun again after a pause that grows; it remembers for itself where it was.
"""

from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from threading import Event as Flag
from time import monotonic

from explorer.application import outside
from explorer.domain.deciders import DECIDERS, PERSONAL
from explorer.domain.event import Event
from explorer.errors import Cancelled, Damaged
from explorer.sidecar.facts import Fact
from explorer.sidecar.plug_in_voice import Beat, Log, Tell, Voice
from explorer.store.codec import Codec
from explorer.store.event_store import PAGE, EventStore

GROUP = "event_explorer.sidecar"


@dataclass(frozen=True, slots=True)
class PlugIn:
    """One that is installed: its name, and where its callable is (`module:attribute`). Nothing of it was loaded."""

    name: str
    value: str

    @property
    def task(self) -> str:
        """The name of its task, which no built-in one has."""
        return f"plug-in {self.name}"


def found() -> list[PlugIn]:
    """The plug-ins that are installed, by name. Those of one name are told apart by where they are."""
    values: dict[str, set[str]] = {}
    for entry in entry_points(group=GROUP):
        values.setdefault(entry.name, set()).add(entry.value)
    return [
        PlugIn(name if len(values[name]) == 1 else f"{name} ({value})", value)
        for name in sorted(values)
        for value in sorted(values[name])
    ]


class PlugInPost:
    """What a plug-in is given. `store` is the path of the store's file."""

    def __init__(self, store: Path, voice: Voice, stopping: Flag, hang: float) -> None:
        self.store = store
        self._voice, self._stopping, self._hang = voice, stopping, hang
        self._often = min(1.0, hang / 10)
        self._beaten = 0.0
        self._events: EventStore | None = None

    def beat(self) -> None:
        """Says that the plug-in is alive; costs nothing. Raises Cancelled when it is to stop."""
        if self._stopping.is_set():
            raise Cancelled("The sidecar stops.")
        if monotonic() - self._beaten >= self._often:
            self._beaten = monotonic()
            self._voice.say(Beat())
            self._voice.end_unless_beaten(self._hang)

    def wait(self, seconds: float) -> None:
        """Rests, and beats. Raises Cancelled as soon as the plug-in is to stop."""
        until = monotonic() + seconds
        while True:
            self.beat()
            left = until - monotonic()
            if left <= 0:
                return
            self._stopping.wait(min(left, self._often))

    def events(self, after: int = 0) -> list[Event]:
        """At most 1,000 events behind the position `after`, in order; empty if there are none yet. Beats.

        In a store that protects personal texts they stay sealed. Raises Damaged if the first of them cannot be read;
        the next time ask behind it. Raises another KnownError if the store cannot be read; let it pass.
        """
        self.beat()
        if self._events is None:
            codec = Codec(DECIDERS, PERSONAL)
            self._events = EventStore(self.store, codec, outside.now, outside.new_id, read_only=True)
        read: list[Event] = []
        for record in self._events.records(after, PAGE):
            try:
                read.append(self._events.codec.event(record))
            except Damaged:
                if not read:
                    raise
                break
        return read

    def tell(self, **facts: Fact) -> None:
        """Sets facts that health shows, and metrics if they are numbers: small ones, no event data. Raises BadInput.

        A name has lower-case letters, digits and `_`; a plug-in has at most 100.
        """
        self._voice.say(Tell(facts))

    def log(self, words: str, /, **fields: Fact) -> None:
        """Writes to the sidecar's log, where no event data belongs. Raises BadInput if it is too much."""
        self._voice.say(Log(words, fields))

    def close(self) -> None:
        if self._events is not None:
            self._events.close()
