"""States of the past and what lies between two of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from explorer.application.session import Session
from explorer.domain.event import Json
from explorer.errors import Missing
from explorer.language.meaning import says
from explorer.language.syntax import Every, Name, Place, Step
from explorer.projections.states import folded


class Absent:
    """Stands for a field that is not there, which is not the same as a field that is null."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()
Value: TypeAlias = "Json | Absent"


class FieldChange(NamedTuple):
    """One field that differs, by its path in the document: `total`, `lines[sku=22423].quantity`."""

    path: str
    before: Value
    after: Value


class StateAt(NamedTuple):
    """A stream's state at a version, as a document.

    Version 0 is the empty state; `position` is the version's event's.
    """

    stream: str
    version: int
    position: int
    state: dict[str, Json]


def state_at(session: Session, stream: str, version: int | None = None, *, position: int | None = None) -> StateAt:
    """The state at a version, or at the last version up to a position; without either, the latest.

    Raises Missing for an unknown stream and for a version that it has not reached.
    """
    store = session.store
    latest = store.version_of(stream)
    if latest == 0:
        raise Missing(f"There is no stream {stream!r} in {session.path}.")
    if version is None:
        version = latest if position is None else store.version_at(stream, position)
    if not 0 <= version <= latest:
        raise Missing(f"{stream} has the versions 1 to {latest:,}; there is no version {version:,}.")
    decider = session.decider(stream)
    with session.asking() as connection:
        state = folded(store, connection.connection.cursor(), decider, stream, version)
    last = next(store.stream_records(stream, version, version), None) if version else None
    return StateAt(stream, version, last.position if last else 0, decider.document(state))


IDENTITIES = ("line", "sku", "id", "key", "name")
"""Fields that tell the objects of a list apart, the first that each has; where they do not, it is compared by place."""


def state_of(session: Session, stream: str, version: int) -> Any:
    """A stream's state as its rules know it."""
    decider = session.decider(stream)
    if version == 0:
        return decider.initial
    with session.asking() as connection:
        return folded(session.store, connection.connection.cursor(), decider, stream, version)


def changes(before: Mapping[str, Json], after: Mapping[str, Json], path: str = "") -> list[FieldChange]:
    """The fields that differ between two documents, in their order.

    Items of lists are followed by identity, so that one taken out does not change all behind it; their order is not a
    field.
    """
    found: list[FieldChange] = []
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if old is not new:
            found.extend(_compared(old, new, f"{path}.{name}" if path else name))
    return found


def _compared(old: Value, new: Value, path: str) -> Iterator[FieldChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from changes(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _compared_lists(old, new, path)
    elif old != new or type(old) is not type(new):
        yield FieldChange(path, old, new)


def _are_alike(old: Value, new: Value) -> bool:
    """Whether two flat objects are plainly the same: of a hundred lines an event changes one."""
    if not isinstance(old, dict) or not isinstance(new, dict) or old != new:
        return False
    kinds = [*map(type, old.values())]
    return kinds == [*map(type, new.values())] and dict not in kinds and list not in kinds


def leaves(document: Mapping[str, Json], path: str = "") -> Iterator[tuple[str, Json]]:
    """The fields of a document that are no objects or lists with something in them, by the paths of `changes`."""
    for name, value in document.items():
        yield from _leaves(value, f"{path}.{name}" if path else name)


def value_at(document: Mapping[str, Json], path: str) -> Value:
    """The value of a field by its path, also of one with fields in it; (absent) where there is none."""
    return _value_at(dict(document), path, "")


def paths_by(document: Mapping[str, Json], steps: Sequence[Step]) -> list[str]:
    """Where the steps of a path lead in a document, by the paths of `changes`: `lines[0]` is `lines[sku=22423]`."""
    found: list[tuple[str, Json]] = [("", dict(document))]
    for step in steps:
        found = [part for path, value in found for part in _by_step(value, path, step)]
    return [path for path, _ in found]


def _by_step(value: Json, path: str, step: Step) -> list[tuple[str, Json]]:
    if isinstance(step, Name):
        names = [*value] if isinstance(value, dict) else []
        return [part for name, part in zip(names, _parts(value, path), strict=False) if name == step.name]
    parts = list(_parts(value, path))
    if isinstance(step, Every) or not isinstance(value, list):
        return parts if isinstance(step, Every) else []
    if isinstance(step, Place):
        return [parts[step.index]] if -len(parts) <= step.index < len(parts) else []
    return [part for part in parts if says(part[1], step.name, step.value)]


def _value_at(value: Json, path: str, reached: str) -> Value:
    # A name may have any sign in it, so the way is found by the names that there are.
    if path == reached:
        return value
    for way, inner in _parts(value, reached):
        if path == way or path.startswith((f"{way}.", f"{way}[")):
            found = _value_at(inner, path, way)
            if found is not ABSENT:
                return found
    return ABSENT


def _parts(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    """What is directly in a value, by path."""
    if isinstance(value, dict):
        yield from ((f"{path}.{name}" if path else name, inner) for name, inner in value.items())
    elif isinstance(value, list):
        items = _by_identity(value)
        for key, inner in (_by_place(value) if items is None else items).items():
            yield f"{path}[{key}]", inner


def _leaves(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict) and value:
        yield from leaves(value, path)
    elif isinstance(value, list) and value:
        items = _by_identity(value)
        for key, item in (_by_place(value) if items is None else items).items():
            yield from _leaves(item, f"{path}[{key}]")
    else:
        yield path, value


def _compared_lists(old: Sequence[Json], new: Sequence[Json], path: str) -> Iterator[FieldChange]:
    olds, news = _by_identity(old), _by_identity(new)
    if olds is None or news is None:
        olds, news = _by_place(old), _by_place(new)
    for key in (*olds, *(key for key in news if key not in olds)):
        before, after = olds.get(key, ABSENT), news.get(key, ABSENT)
        if not _are_alike(before, after):
            yield from _compared(before, after, f"{path}[{key}]")


def renamed_lists(before: Mapping[str, Json], after: Mapping[str, Json], found: Iterable[FieldChange]) -> Iterator[str]:
    """Of the lists that these changes are in, those whose items are followed by identity on one side only."""
    inside = {change.path[:place] for change in found for place, sign in enumerate(change.path) if sign == "["}
    for path in sorted(inside):
        sides = [value_at(document, path) for document in (before, after)]
        old, new = (_by_identity(side) if isinstance(side, list) and side else {} for side in sides)
        if (old is None) != (new is None):
            yield path


def _by_identity(items: Sequence[Json]) -> dict[str, Json] | None:
    """The items by what tells them apart; None where one has nothing, or the same as another."""
    found = {key: item for item in items if (key := _identity(item))}
    return found if len(found) == len(items) else None


def _by_place(items: Sequence[Json]) -> dict[str, Json]:
    return {str(place): item for place, item in enumerate(items)}


def _identity(item: Json) -> str:
    if isinstance(item, dict):
        for name in IDENTITIES:
            if isinstance(value := item.get(name), str | int):
                return f"{name}={value}"
    return ""
