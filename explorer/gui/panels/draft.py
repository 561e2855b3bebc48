"""What a user wants recorded in a field instead of what is, and whether somebody else was there first."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Draft(Generic[T]):
    """`recorded` is what is recorded now, `value` what is wanted instead (None: nothing yet), `sent` what is under way.

    `seen` is the version of the stream at which the user began.
    """

    def __init__(self, recorded: T) -> None:
        self.recorded = recorded
        self.value: T | None = None
        self.sent: T | None = None
        self.is_refused = False
        self.seen = self._version = 0
        self._known: list[T] | None = None
        """What the user has seen recorded, or recorded himself, since he began; None where nothing is begun."""

    def show(self, recorded: T, version: int) -> None:
        """What is recorded as of a version of the stream."""
        self.recorded, self._version = recorded, version
        if self.value == recorded:
            self.forget()

    def begin(self) -> None:
        if self._known is None:
            self._known, self.seen = [self.recorded], self._version
        self.is_refused = False

    def put(self, value: T) -> None:
        self.begin()
        self.value = value

    def forget(self) -> None:
        self.value = self.sent = self._known = None
        self.is_refused = False

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody else has changed the field since the user began: his draft would undo that unseen."""
        return self._known is not None and self.recorded not in [*self._known, self.sent]

    def catch_up(self) -> None:
        """The user has seen what is recorded, and wants his draft all the same."""
        if self._known is not None:
            self._known.append(self.recorded)

    def send(self) -> T | None:
        """What is wanted is under way; None if it is already, or is nothing new."""
        if self.value is None or self.value == self.sent:
            return None
        self.sent = self.value
        return self.value

    def accept(self) -> None:
        sent, self.sent = self.sent, None
        if self.value == sent:
            self.forget()
        elif self._known is not None and sent is not None:
            self._known.append(sent)

    def refuse(self) -> None:
        """It is kept, and only another edit or the user's word sends it again."""
        self.is_refused = self.value == self.sent
        self.sent = None
