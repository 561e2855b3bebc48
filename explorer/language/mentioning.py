"""What a condition on a state looks at, so that it need not be asked where that cannot be."""

from dataclasses import fields, is_dataclass
from typing import NamedTuple

from explorer.language.syntax import WAS, Condition, Name, Path


class Mentioned(NamedTuple):
    """The first names of the paths into the state, and into the one before; and whether it looks at the event, or at
    the state before.
    """

    names: frozenset[str]
    is_of_event: bool
    is_of_before: bool


def mentioned(condition: Condition) -> Mentioned:
    paths = paths_in(condition)
    of_states = [path for path in paths if path.root in {"", WAS}]
    names = frozenset(path.steps[0].name for path in of_states if path.steps and isinstance(path.steps[0], Name))
    return Mentioned(names, len(of_states) < len(paths), any(path.root == WAS for path in paths))


def paths_in(part: object) -> list[Path]:
    """All paths in a part of a condition, however deep."""
    if isinstance(part, Path):
        return [part]
    if isinstance(part, tuple):
        return [path for each in part for path in paths_in(each)]  # type: ignore[reportUnknownVariableType]
    if is_dataclass(part) and not isinstance(part, type):
        return [path for field in fields(part) for path in paths_in(getattr(part, field.name))]
    return []
