"""What an action of the user's is about, and how far it may go."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from explorer.application.conflict import Between
from explorer.application.history import Value


class Picked(NamedTuple):
    """A field that the user has picked: of a state, or of an event (`data.quantity`, `actor`).

    `stream` says whose it is where that is not the chosen one.
    """

    path: str
    value: Value
    source: Literal["state", "event"]
    stream: str = ""


class Meant(NamedTuple):
    """The event that an action is about."""

    position: int
    stream: str
    version: int
    type: str
    actor: str


class Clash(NamedTuple):
    """A command of the user's that met what others had done: what that was, the command in words, and how it is tried
    again on top.
    """

    between: Between
    mine: str
    retry: Callable[[], None]


class Ahead(NamedTuple):
    """How far playing may go: to a position at which it stops, or to where what lies ahead is not known yet."""

    until: int
    is_stop: bool
