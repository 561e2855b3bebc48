"""A stream as the user sees it, and upon which the user's commands are decided."""

from collections.abc import Callable

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.stream_view import StreamView
from explorer.application.undoing import Done
from explorer.domain.event import Metadata


def is_same(one: StreamView | None, other: StreamView | None) -> bool:
    """Whether two views show the same version of the same stream. History does not change: the states are then equal.

    The read models' rows are compared, since a rebuild may make them better.
    """
    if one is None or other is None:
        return one is other
    return _shown_of(one) == _shown_of(other)


def _shown_of(view: StreamView) -> tuple[object, ...]:
    return view.stream, view.version, view.latest, view.unreadable, view.cart, view.lines


class Sight:
    """The version that stood on the screen, moved on by what the user then did.

    Whatever anybody else appends in between is a Conflict. The user's own commands are not: the worker does them one
    after the other, each upon what the one before has left.
    """

    def __init__(self, stream: str, version: int) -> None:
        self.stream, self.version = stream, version

    def job(self, command: object, about: Metadata) -> Callable[[Session], Done]:
        """For `Looking.do`."""

        def carry_out(session: Session) -> Done:
            happened = handle(session, self.stream, command, about, expected_version=self.version)
            self.version += len(happened)
            return Done(self.stream, happened)

        return carry_out
