"""Keeps the sidecar's tasks going, each isolated from the others.

Built-in tasks are threads of this process; plug-ins, whose code is strangers', have a process each, so that one that
hangs, leaks or crashes can really be ended. Whatever a task fails with is told and logged, and it is begun again after
a pause that grows.

The house never catches bugs on the way. This is the one exception: a bug in one task, or in a stranger's, must not end
the others. It is logged with its traceback, and counted.

A thread cannot be ended from outside. One that hangs may hold a lock or a connection that the others need, so nothing
is mended around it: `Supervisor.run` raises `Hung`, and its caller ends the whole process with `os._exit`. The standby,
the unit or the launcher begins anew from what is on disk, which every task can do at any moment (kill -9 is tested).
"""

from dataclasses import dataclass
from logging import Logger
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from explorer.errors import Cancelled, KnownError
from explorer.sidecar.facts import Facts
from explorer.sidecar.plug_in_child import GRACE as CHILD_GRACE
from explorer.sidecar.plug_in_child import in_a_process
from explorer.sidecar.plug_ins import PlugIn
from explorer.sidecar.task import Post, Silence, Task

GRACE = CHILD_GRACE + 5.0
"""Seconds that tasks have to end when they are asked to."""

_END = "The sidecar ends, to be begun again."


class Hung(KnownError):
    """A thread does not go on and cannot be ended. The process is to end, with `os._exit`, and be begun again."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long a task that failed rests before it is begun again, in seconds."""

    first: float = 1.0
    longest: float = 60.0

    def following(self, last: float, lasted: float) -> float:
        """The pause behind a run that lasted so long and began after the pause `last`, 0 if it was the first run.

        Twice the last one, up to the longest. A run that lasted longer than that was well: it is the first pause again.
        """
        if last <= 0 or lasted > self.longest:
            return min(self.first, self.longest)
        return min(2 * last, self.longest)


class Supervisor:
    """Runs tasks until `stopping` is set; begins anew those that fail.

    A task hangs when it has not beaten for `hang` seconds; `grace` is how many it has to end.
    """

    def __init__(
        self,
        facts: Facts,
        log: Logger,
        stopping: Event,
        *,
        pauses: Pauses = Pauses(),
        hang: float = 120.0,
        grace: float = GRACE,
    ) -> None:
        self._facts, self._log, self._stopping = facts, log, stopping
        self._pauses, self._hang, self._grace = pauses, hang, grace
        self._step = min(1.0, hang / 4)
        self._kept: dict[str, _Kept] = {}

    def add(self, name: str, task: Task, pauses: Pauses | None = None) -> None:
        """A task that is a thread of this process, with pauses of its own if it is dear. Names are the tasks' own."""
        self._add(name, task, self._hang, pauses)

    def add_plug_in(self, plug_in: PlugIn, store: Path) -> None:
        """A task that is a process, which is given the store's path."""
        # Its thread here kills its process after `hang`. Only if that does not help is the thread itself hung.
        self._add(plug_in.task, in_a_process(plug_in, store, self._hang), 2 * self._hang + self._grace)

    def _add(self, name: str, task: Task, patience: float, pauses: Pauses | None = None) -> None:
        if name in self._kept:
            raise ValueError(f"There is a task {name} already.")
        post = Post(name, self._facts, self._log.getChild(name.replace(".", "-")), self._stopping)
        self._kept[name] = _Kept(post, task, pauses or self._pauses, patience, self._step)

    def run(self) -> None:
        """Returns when `stopping` was set and all has ended. Raises Hung if a thread goes on or hangs.

        In any case `stopping` is set then, and the processes of the plug-ins have been asked to end.
        """
        for kept in self._kept.values():
            kept.begin()
        try:
            while not self._stopping.wait(self._step):
                for kept in self._kept.values():
                    kept.check()
        finally:
            self._stopping.set()
            lasting = self._lasting()
        if lasting:
            raise Hung(f"Asked to stop, {', '.join(lasting)} did not end within {self._grace:g} s. {_END}")

    def _lasting(self) -> list[str]:
        """Waits for the tasks to end; those that do not, but for those that were given up."""
        until = monotonic() + self._grace
        return [kept.post.name for kept in self._kept.values() if not kept.is_lost and not kept.ended(until)]


class _Kept:
    """One task, its thread and its failures."""

    def __init__(self, post: Post, task: Task, pauses: Pauses, patience: float, step: float) -> None:
        self.post, self._task, self._pauses, self._patience = post, task, pauses, patience
        self._silence = Silence(post, step)
        self._thread = Thread(target=self._keep_going, name=f"sidecar: {post.name}", daemon=True)
        self.is_lost = False

    def begin(self) -> None:
        self._thread.start()

    def ended(self, until: float) -> bool:
        self._thread.join(max(0.0, until - monotonic()))
        return not self._thread.is_alive()

    def check(self) -> None:
        """Raises Hung if the task hangs, or its thread is gone, which looks the same."""
        if (silent := self._silence.seconds()) <= self._patience:
            return
        self.is_lost = True
        hung = Hung(f"The task {self.post.name} has not gone on for {silent:.0f} s. {_END}")
        self.post.facts.tell_task(self.post.name, is_working=False, error=str(hung))
        self.post.log.critical("%s", hung, extra={"fields": {"task": self.post.name}})
        raise hung

    def _keep_going(self) -> None:
        post, restarts, pause = self.post, 0, 0.0
        try:
            while True:
                post.beat()
                began = post.beaten
                post.facts.tell_task(post.name, is_working=True)
                failure = self._run()
                # Until it last said that it was alive: one that always hangs is not well for being slow to fail.
                pause = self._pauses.following(pause, post.beaten - began)
                restarts += 1
                post.facts.tell_task(post.name, restarts=restarts, is_working=False, error=failure)
                fields = {"task": post.name, "restarts": restarts, "pause": pause}
                post.log.warning("%s is begun again in %g s.", post.name, pause, extra={"fields": fields})
                post.rest(pause)
        except Cancelled:
            post.facts.tell_task(post.name, is_working=False)

    def _run(self) -> str:
        """Why the task failed, in words that hold no event data. Raises Cancelled when it is to stop."""
        fields = {"fields": {"task": self.post.name}}
        try:
            self._task(self.post)
        except KnownError as error:
            self.post.check()  # a task that was asked to stop may say so in its own words
            self.post.log.error("%s failed: %s", self.post.name, error, extra=fields)  # noqa: TRY400 - no bug
            return str(error) or type(error).__name__
        except BaseException as error:
            self.post.log.exception("%s failed: a bug.", self.post.name, extra=fields)
            return f"{type(error).__name__}: a bug; its traceback is in the log."
        self.post.check()
        self.post.log.error("%s ended by itself.", self.post.name, extra=fields)
        return "It ended by itself."
