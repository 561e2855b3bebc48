"""What the sidecar does, as tasks: each a function that works until it is stopped, isolated from the others.

A task that raises is begun again after a pause, and so is one that does not say for too long that it is alive; see
`explorer.sidecar.supervisor`.
"""

from collections.abc import Callable
from logging import Logger
from threading import Event
from time import monotonic
from typing import Any

from explorer.errors import Cancelled
from explorer.sidecar.facts import Facts


class Post:
    """What a task is given: its name, a place to tell what it knows, a log, and the word when to stop."""

    def __init__(self, name: str, facts: Facts, log: Logger, stopping: Event) -> None:
        self.name, self.facts, self.log = name, facts, log
        self._stopping = stopping
        self.beaten = monotonic()
        """When the task last said that it is alive, in seconds of the monotonic clock."""

    def beat(self, *_: Any) -> None:
        """Says that the task is alive. Raises Cancelled when it is to stop. Can be called as a `Progress`."""
        self.beaten = monotonic()
        self.check()

    def check(self) -> None:
        """Raises Cancelled when the task is to stop; says nothing about whether it is alive."""
        if self._stopping.is_set():
            raise Cancelled("The sidecar stops.")

    def rest(self, seconds: float) -> None:
        """Waits; raises Cancelled as soon as the task is to stop. Long waits beat, too."""
        until = monotonic() + seconds
        while True:
            self.beat()
            left = until - monotonic()
            if left <= 0:
                return
            self._stopping.wait(min(left, 1.0))


Task = Callable[[Post], None]
"""Works until `Post.beat` or `Post.rest` raises Cancelled, which it lets pass."""


class Silence:
    """For how long a task has not beaten, in seconds in which somebody listened.

    What passes while the listener stands still with the whole process, stopped or suspended, does not count.
    """

    def __init__(self, post: Post, step: float) -> None:
        self._post, self._step = post, step
        self._heard, self._asked, self._silent = post.beaten, monotonic(), 0.0

    def seconds(self) -> float:
        """Is to be asked about every `step` seconds."""
        asked = monotonic()
        if self._post.beaten != self._heard:
            self._heard, self._silent = self._post.beaten, 0.0
        else:
            self._silent += min(asked - self._asked, 2 * self._step)
        self._asked = asked
        return self._silent
