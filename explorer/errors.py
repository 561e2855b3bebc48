"""What can go wrong in a correct program, each said in words a user can act on.

Only these are ever caught and shown; everything else is a bug, keeps its traceback and is never caught on the way.
"""

from pathlib import Path


class KnownError(Exception):
    """A failure the program expects. Its text says what happened, why, and what to do now."""


class Refused(KnownError):
    """A command breaks a rule of the domain; nothing was appended.

    `field` names the input to show the reason next to.
    """

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


class Conflict(KnownError):
    """The stream is not at the version its writer believed; nothing was appended.

    Where both are the same, what it depends on has changed instead: something else would come of it than was shown.
    """

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(
            f"{stream} is at version {actual}, not at the expected version {expected}: "
            "somebody else changed it first. Look at what changed and try again."
            if expected != actual
            else f"What {stream} depends on (a price, for one) was changed since, so that something else would happen "
            "to it than was shown. Look at it anew and try again."
        )
        self.stream, self.expected, self.actual = stream, expected, actual

    def __reduce__(self) -> tuple[type["Conflict"], tuple[str, int, int]]:
        return Conflict, (self.stream, self.expected, self.actual)


class BadInput(KnownError):
    """An argument, a file or a piece of text cannot be used as it is."""


class Missing(KnownError):
    """What was asked for does not exist."""


class NotAStore(KnownError):
    """The file is not an event store. It was not touched."""


class TooNew(KnownError):
    """The file was written by a newer version of this program. It was not touched."""


class Damaged(KnownError):
    """The file is a store, but its bytes are not what they should be. `path` names it where the database found so."""

    path: Path | None = None


class Busy(KnownError):
    """Another process held the file longer than we wait."""


class ReadOnly(KnownError):
    """The file or its folder may not be written."""


class StorageFailed(KnownError):
    """The disk is full or failed. The text says whether anything was saved."""


class OutcomeUnknown(KnownError):
    """The disk failed at the very commit and the store could not be reopened to look whether the events are in it."""


class Replaced(KnownError):
    """The file at the store's path is no longer the one that was opened: it was deleted, moved or replaced."""


class Cancelled(KnownError):
    """The user stopped a long job. Nothing was half done."""
