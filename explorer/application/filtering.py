"""A filter: which events are listed, all of it one text of the language.

What has an index (a stream, a type, an actor) is kept apart from what must be sought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from explorer.application.conditions import EventCondition
from explorer.language.parser import parse
from explorer.language.printing import as_word, printed
from explorer.language.syntax import And, Comparison, Condition, Dialect, Literal, Path
from explorer.store.codec import Codec, Record
from explorer.store.filtering import Sieve, sieve

INDEXED = ("stream", "type", "actor")


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What an event must be to be listed; None lets everything pass, and so does an empty `where`.

    `where` is what has no index, a text of the language as `parse` leaves it.
    """

    stream: str | None = None
    type: str | None = None
    actor: str | None = None
    where: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """A filter from its text. Raises NotUnderstood."""
        return cls.of(_parts(parse(text, Dialect.EVENTS)))

    @classmethod
    def of(cls, parts: Sequence[Condition]) -> Self:
        """The filter that all parts must pass."""
        fields: dict[str, str] = {}
        rest: list[Condition] = []
        for part in parts:
            named = _indexed(part)
            if named is None or fields.setdefault(*named) != named[1]:
                rest.append(part)
        return cls(**fields, where=printed(_all(rest), Dialect.EVENTS))

    @property
    def parts(self) -> tuple[Condition, ...]:
        """What must hold, all of it."""
        named = ((name, getattr(self, name)) for name in INDEXED)
        equal = (Comparison("==", Path(name), Literal(value)) for name, value in named if value is not None)
        return (*equal, *_parts(self.condition.condition))

    @property
    def text(self) -> str:
        """The filter as text; `parse` makes the same filter of it."""
        return printed(_all(self.parts), Dialect.EVENTS)

    @property
    def is_empty(self) -> bool:
        return self == EventFilter()

    @property
    def condition(self) -> EventCondition:
        """What must be sought."""
        return condition_of(self.where)

    def passes(self, record: Record) -> bool:
        """Whether an event passes, `where` left aside."""
        return (
            (self.stream is None or record.stream == self.stream)
            and (self.type is None or record.type == self.type)
            and (self.actor is None or record.actor == self.actor)
        )

    def passes_all(self, record: Record, codec: Codec) -> bool:
        """Whether an event passes, all that is asked of it."""
        return self.passes(record) and (not self.where or self.condition.passes(record, codec))

    def and_also(self, text: str) -> "EventFilter":
        """This filter with one more condition. Raises NotUnderstood."""
        return EventFilter.of((*self.parts, *_parts(parse(text, Dialect.EVENTS))))


def words(text: str) -> str:
    """Words that must all occur, as text of the language, whatever signs they have."""
    return " ".join(map(as_word, text.split()))


@lru_cache(maxsize=256)
def condition_of(where: str) -> EventCondition:
    """A condition from its text, understood once. Raises NotUnderstood."""
    return EventCondition.parse(where)


def sieve_of(where: str, codec: Codec) -> Sieve:
    """A condition as SQL over what is stored."""
    return _sieve(where, tuple(codec.read_otherwise()))


@lru_cache(maxsize=256)
def _sieve(where: str, otherwise: tuple[tuple[str, int | None], ...]) -> Sieve:
    return sieve(condition_of(where).condition, otherwise)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, And) else (condition,)


def _all(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _indexed(part: Condition) -> tuple[str, str] | None:
    """The field that has an index, and its value, where a condition asks for that alone."""
    match part:
        case Comparison("==", Path(root, ()), Literal(str() as value)) if root in INDEXED:
            return root, value
        case _:
            return None
