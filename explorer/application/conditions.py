"""Conditions on events and on states, as users write them; see `explorer.language`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import msgspec

from explorer.domain.event import Json, category_of
from explorer.errors import Damaged
from explorer.language.meaning import NOTHING, Holds, meaning
from explorer.language.mentioning import mentioned
from explorer.language.moments import instant
from explorer.language.monotone import is_rising_in
from explorer.language.parser import parse
from explorer.language.syntax import EVENT, WAS, Condition, Dialect
from explorer.store.codec import Codec, Record, id_text


@dataclass(frozen=True, slots=True)
class EventCondition:
    """Which events are meant."""

    text: str
    condition: Condition = field(compare=False)
    _holds: Holds["_Event"] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises NotUnderstood."""
        return cls.of(text, parse(text, Dialect.EVENTS))

    @classmethod
    def of(cls, text: str, condition: Condition) -> Self:
        return cls(text, condition, meaning(condition, _Event.look, _Event.has))

    def passes(self, record: Record, codec: Codec) -> bool:
        """Whether it holds of an event, its data as it is read today; that of an unreadable one has no fields."""
        return self._holds(_Event(record, codec))


@dataclass(frozen=True, slots=True)
class StateCondition:
    """Which states are meant."""

    text: str
    condition: Condition = field(compare=False)
    _holds: Holds["_Change"] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises NotUnderstood."""
        condition = parse(text, Dialect.STATES)
        return cls(text, condition, meaning(condition, _Change.look, _Change.has))

    def holds(
        self,
        after: Mapping[str, Json],
        before: Mapping[str, Json],
        record: Record | None = None,
        codec: Codec | None = None,
    ) -> bool:
        """Whether it holds of a state's document, given the one before the event that led to it.

        Without a `codec` the event's data is as it is stored, without a `record` there is no event.
        """
        return self._holds(_Change(after, before, None if record is None else _Event(record, codec)))

    def may_hold(self, names: Collection[str]) -> bool:
        """Whether it can hold of any state whose document has these fields and no others."""
        known = mentioned(self.condition)
        return known.is_of_event or not known.names.isdisjoint(names) or self.holds({}, {})

    @property
    def looks_back(self) -> bool:
        """Whether it looks at the event, or at the state before it: at what a state alone does not tell."""
        known = mentioned(self.condition)
        return known.is_of_event or known.is_of_before

    def is_rising_in(self, fields: Collection[str]) -> bool:
        """Whether it stays true once it is, given that the number fields of these paths never fall."""
        return is_rising_in(self.condition, fields)


def occurs(word: str, record: Record) -> bool:
    """Whether a text occurs in an event's stream, type, actor, reason or stored data, ASCII's case aside.

    In the data it is sought as JSON writes it. The store seeks in the same way: `explorer.store.seeking`.
    """
    as_json = msgspec.json.encode(word)[1:-1].lower()
    plain = word.encode().lower()  # of bytes, lower turns ASCII's letters only
    others = "\n".join((record.stream, record.type, record.actor, record.reason)).encode("utf-8", "surrogateescape")
    if as_json == plain:
        return plain in others.lower() + b"\n" + record.data.lower()
    return plain in others.lower() or as_json in record.data.lower()


class _Event:
    """An event's values, its data decoded when it is asked for."""

    def __init__(self, record: Record, codec: Codec | None) -> None:
        self._record, self._codec = record, codec

    def look(self, root: str) -> Any:
        record = self._record
        match root:
            case "data":
                return self._data
            case "type" | "actor" | "stream" | "reason" | "origin" | "position" | "version":
                return getattr(record, root)
            case "category":
                return category_of(record.stream)
            case "time":
                return instant(record.occurred_at)
            case "recorded":
                return instant(record.recorded_at)
            case "schema":
                return record.schema_version
            case _:
                return self._id(root)

    def has(self, word: str) -> bool:
        return occurs(word, self._record)

    def _id(self, root: str) -> str | None:
        record = self._record
        value = {"id": record.id, "correlation": record.correlation_id, "causation": record.causation_id}[root]
        return id_text(value) if value is not None else None

    @cached_property
    def _data(self) -> Any:
        try:
            if self._codec is not None:
                return self._codec.data(self._record)[1]
            return msgspec.json.decode(self._record.data)
        except (Damaged, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return NOTHING


class _Change:
    """A state, the one before, and the event in between."""

    def __init__(self, after: Mapping[str, Json], before: Mapping[str, Json], event: _Event | None) -> None:
        self._after, self._before, self._event = dict(after), dict(before), event

    def look(self, root: str) -> Any:
        if not root:
            return self._after
        if root == WAS:
            return self._before
        return NOTHING if self._event is None else self._event.look(root.removeprefix(f"{EVENT}."))

    def has(self, word: str) -> bool:
        """No word stands alone in a condition on states."""
        raise AssertionError(word)
