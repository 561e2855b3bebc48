"""What the sidecar knows of its store and of itself; told by health, metrics and logs. Holds no event data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, TypeAlias

from explorer.application.outside import Clock, now

Fact: TypeAlias = int | float | str
"""What a plug-in can tell of itself under a name."""


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One task: how often it was begun again, why the last time, and whether it works now."""

    restarts: int = 0
    is_working: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Backup:
    """The last backup: when it was made (µs UTC), of how many events, how large in bytes, and its file's name."""

    at: int
    events: int
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """All of it at one moment. Times are µs UTC, durations seconds.

    `is_keeper` is false for a standby, which waits. `checkpoints` are the positions reached, by projection, and
    `behind_since` is since when at least they lack the oldest event that they lack, 0 if they lack none. `lag` is the
    95th percentile from commit to visible row over the last events that were projected live, None before the first.
    `rebuild` is how far one that is under way has come, and of how many events. `unreachable` is why the store cannot
    be opened, "" if it can; `fault` why it fails its verification, "" if it does not; `damaged` how many events were
    named. `rules` is how many are in force, `findings` how much they have found, by severity. `plug_ins` is what each
    of them tells of itself, by name.
    """

    store: str = ""
    store_id: str = ""
    is_keeper: bool = False
    started_at: int = 0
    head: int = 0
    checkpoints: Mapping[str, int] = field(default_factory=dict[str, int])
    behind_since: int = 0
    projected: int = 0
    events_per_second: float = 0.0
    lag: float | None = None
    rebuild: tuple[int, int] | None = None
    poison: int = 0
    verified: int = 0
    verified_at: int = 0
    damaged: int = 0
    fault: str = ""
    rules: int = 0
    findings: Mapping[str, int] = field(default_factory=dict[str, int])
    unreachable: str = ""
    backup: Backup | None = None
    backup_error: str = ""
    tasks: Mapping[str, TaskFacts] = field(default_factory=dict[str, TaskFacts])
    plug_ins: Mapping[str, Mapping[str, Fact]] = field(default_factory=dict[str, Mapping[str, Fact]])

    @property
    def behind(self) -> int:
        """How many events the read models lack, 0 if they are unknown."""
        return max(0, self.head - min(self.checkpoints.values(), default=self.head))


class Facts:
    """The present `Told`; safe to use from several threads. `behind_since` is kept here, by `clock`."""

    def __init__(self, clock: Clock = now, **first: Any) -> None:
        self._clock = clock
        self._lock = Lock()
        self._awaited = 0
        """Under a steady load the read models lack some event at any moment: late is who does not reach this one."""
        self._told = self._timed(Told(**first))

    @property
    def told(self) -> Told:
        return self._told

    def tell(self, **changes: Any) -> None:
        """Sets some of the fields of `Told`."""
        with self._lock:
            self._told = self._timed(replace(self._told, **changes))

    def forget_store(self, **changes: Any) -> None:
        """As `tell`, where another store may be in the former's place: of that nothing holds but its path."""
        with self._lock:
            told = self._told
            first = Told(
                store=told.store,
                started_at=told.started_at,
                projected=told.projected,
                tasks=told.tasks,
                plug_ins=told.plug_ins,
            )
            self._told = self._timed(replace(first, **changes))

    def tell_task(self, name: str, **changes: Any) -> None:
        """Sets some of the fields of one task's `TaskFacts`."""
        with self._lock:
            task = replace(self._told.tasks.get(name, TaskFacts()), **changes)
            self._told = replace(self._told, tasks={**self._told.tasks, name: task})

    def tell_plug_in(self, name: str, facts: Mapping[str, Fact]) -> None:
        """Sets some of what one plug-in tells of itself."""
        with self._lock:
            told = {**self._told.plug_ins.get(name, {}), **facts}
            self._told = replace(self._told, plug_ins={**self._told.plug_ins, name: told})

    def _timed(self, told: Told) -> Told:
        if not told.behind:
            return replace(told, behind_since=0) if told.behind_since else told
        if told.behind_since and told.head - told.behind < self._awaited:
            return told
        self._awaited = told.head
        return replace(told, behind_since=self._clock())
