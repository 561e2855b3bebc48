"""Filtering by a value that somebody points at, and the fields that events have."""

from collections.abc import Collection, Iterator, Mapping

from explorer.application.documents import iso
from explorer.application.history import Absent, Value
from explorer.application.session import Session
from explorer.domain.event import Json
from explorer.errors import Damaged
from explorer.language.parser import parse
from explorer.language.printing import as_value, printed
from explorer.language.syntax import Dialect, NotUnderstood

TIMES = ("time", "recorded")
DEEP = 3
"""Levels of objects whose fields are named."""
MOST = 200


def equal_to(path: str, value: Value, sign: str = "==", dialect: Dialect = Dialect.EVENTS) -> str:
    """The condition that a field of an event (`actor`, `data.quantity`), or of a state, has a value, or with `!=` that
    it has not; empty where none can say so.
    """
    if isinstance(value, dict | list | Absent):
        return ""
    if dialect == Dialect.EVENTS and path in TIMES and isinstance(value, int):
        said = iso(value)
    elif isinstance(value, str):
        said = as_value(value, dialect)
    elif isinstance(value, bool):
        said = "true" if value else "false"
    else:
        said = "null" if value is None else str(value)
    try:
        return printed(parse(f"{path} {sign} {said}", dialect), dialect)
    except NotUnderstood:
        return ""


def field_of_event(path: str, data: Mapping[str, Json]) -> str:
    """The field of an event's data that a field of its state is likely to come from; empty where there is none."""
    name = path.rpartition(".")[2]
    return f"data.{name}" if name in data else ""


def data_paths(session: Session, positions: Collection[int]) -> tuple[str, ...]:
    """The paths of the fields in the data of some events, as conditions name them."""
    found: dict[str, None] = {}
    for record in session.store.records_at(positions):
        try:
            data = session.store.codec.data(record)[1]
        except Damaged:
            continue
        found.update(dict.fromkeys(_paths(data, "data", DEEP)))
    return tuple(sorted(found))[:MOST]


def _paths(value: Json, path: str, deep: int) -> Iterator[str]:
    if isinstance(value, dict) and value and deep:
        for name, inner in value.items():
            yield from _paths(inner, f"{path}.{_named(name)}", deep - 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict) and deep:
        yield from _paths(value[0], f"{path}[*]", deep)
    elif path != "data":
        yield path


def _named(name: str) -> str:
    return name if name.isidentifier() else "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
