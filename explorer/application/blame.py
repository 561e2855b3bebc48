"""Who set what: for every field of a state the event that gave it its value, and all that ever did."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from explorer.application.history import (
    ABSENT,
    FieldChange,
    Value,
    changes,
    leaves,
    paths_by,
    renamed_lists,
    state_at,
    value_at,
)
from explorer.application.session import Session
from explorer.domain.event import Json
from explorer.errors import Damaged, Missing
from explorer.language.parser import parse
from explorer.language.syntax import Dialect, NotUnderstood, Path, There
from explorer.projections.runner import Progress, no_progress
from explorer.store.codec import Record


class Step(NamedTuple):
    """What one event of a stream changed, and the state after it. It changes nothing where it cannot be read.

    `renamed` are lists whose items are called otherwise since: what told them apart does so no longer, or again.
    """

    record: Record
    changes: tuple[FieldChange, ...]
    state: Mapping[str, Json]
    renamed: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        return [*(change.path for change in self.changes), *self.renamed]


class Blamed(NamedTuple):
    """A field of a state, by its path, its value, and the event that set it."""

    path: str
    value: Value
    record: Record


def steps(
    session: Session, stream: str, version: int | None = None, progress: Progress = no_progress
) -> Iterator[Step]:
    """What each event of a stream changed, up to a version. Raises Missing for what is not there."""
    latest = session.store.version_of(stream)
    if latest == 0:
        raise Missing(f"There is no stream {stream!r} in {session.path}.")
    last = latest if version is None else version
    if not 1 <= last <= latest:
        raise Missing(f"{stream} has the versions 1 to {latest:,}; there is no version {last:,}.")
    decider = session.decider(stream)
    state = decider.initial
    before = decider.document(state)
    for record in session.store.stream_records(stream, 1, last):
        try:
            state = decider.evolve(state, session.store.codec.domain_event(record))
        except Damaged:
            yield Step(record, (), before)
            continue
        after = decider.document(state)
        found = tuple(changes(before, after))
        yield Step(record, found, after, tuple(renamed_lists(before, after, found)))
        before = after
        progress(record.version, last)


def blame(session: Session, stream: str, version: int | None = None, progress: Progress = no_progress) -> list[Blamed]:
    """For every field of the state at a version (the latest without one) the event that set it, in their order.

    A field that no event ever set, because the empty state has it so, is left out.
    """
    setters: dict[str, Record] = {}
    inside: dict[str, Record] = {}
    last: Record | None = None
    for step in steps(session, stream, version, progress):
        last = step.record
        for path in step.paths:
            setters[path] = step.record
            inside.update(dict.fromkeys(_wholes(path), step.record))
    assert last is not None
    return [
        Blamed(path, value, record)
        for path, value in leaves(state_at(session, stream, last.version).state)
        if (record := _setter(setters, inside, path)) is not None
    ]


def _setter(setters: Mapping[str, Record], inside: Mapping[str, Record], path: str) -> Record | None:
    """The last event that set a field, or the whole that it is in, or took away the last of what was in it."""
    found = (setters.get(path), inside.get(path), *map(setters.get, _wholes(path)))
    return max((record for record in found if record is not None), key=lambda record: record.version, default=None)


def _wholes(path: str) -> list[str]:
    """What a field is in."""
    return [path[:place] for place, sign in enumerate(path) if sign in ".["]


def history_of(
    session: Session, stream: str, path: str, version: int | None = None, progress: Progress = no_progress
) -> list[tuple[Record, Value]]:
    """The values that a field has had, each with the event that gave it; (absent) where it was taken away.

    What has fields in it is as old as the last of them.
    """
    return [(step.record, value) for step, value in _values(session, stream, path, version, progress)]


def fields_of(
    session: Session, stream: str, text: str, version: int | None = None, progress: Progress = no_progress
) -> list[str]:
    """The fields that a path names as `find` reads it, `lines[0].quantity` for one, by their paths in `blame`.

    They are those of the newest state that has some. Raises Missing if no state does, NotUnderstood for no path.
    """
    is_there, newest, wanted = False, list[str](), _path_of(text)
    for step in steps(session, stream, version, progress):
        is_there = is_there or value_at(step.state, text) is not ABSENT
        newest = (paths_by(step.state, wanted.steps) if isinstance(wanted, Path) else []) or newest
    if is_there:
        return [text]
    if isinstance(wanted, NotUnderstood):
        raise wanted
    if not newest:
        raise Missing(f"No state of {stream} has a field {text}. Without --field all that there are are listed.")
    return newest


def _path_of(text: str) -> Path | NotUnderstood:
    try:
        condition = parse(text, Dialect.STATES)
    except NotUnderstood as error:
        return error
    if isinstance(condition, There) and not condition.path.root:
        return condition.path
    wrong = NotUnderstood("Name a field, such as lines[0].quantity.", 0, len(text))
    wrong.text = text
    return wrong


class Setting(NamedTuple):
    """One value of a field, and what is told of the event that set it; `time` is its own, µs UTC."""

    position: int
    version: int
    type: str
    actor: str
    reason: str
    time: int
    value: Value


class FieldHistory(NamedTuple):
    """All that a field of a stream ever was, the newest last; `latest` is the version up to which it was looked at."""

    stream: str
    path: str
    latest: int
    settings: tuple[Setting, ...]
    currency: str

    def at(self, version: int) -> Setting | None:
        """Which one holds at a version of the stream."""
        place = bisect_right(self.settings, version, key=lambda setting: setting.version)
        return self.settings[place - 1] if place else None


def field_history(session: Session, stream: str, path: str, progress: Progress = no_progress) -> FieldHistory:
    """As `history_of` up to the latest event, as a screen wants it."""
    latest, settings = session.store.version_of(stream), list[Setting]()
    currency: Json = ""
    for (record, _, state, _), value in _values(session, stream, path, latest, progress):
        currency = state.get("currency") or currency
        about = record.type, record.actor, record.reason, record.occurred_at
        settings.append(Setting(record.position, record.version, *about, value))
    return FieldHistory(stream, path, latest, tuple(settings), currency if isinstance(currency, str) else "")


def _values(
    session: Session, stream: str, path: str, version: int | None, progress: Progress
) -> Iterator[tuple[Step, Value]]:
    """Each value that a field came to have, with the step by which it did."""
    last: Value = ABSENT
    for step in steps(session, stream, version, progress):
        if any(_concerns(changed, path) for changed in step.paths):
            value = value_at(step.state, path)
            if value != last or type(value) is not type(last):
                yield step, value
            last = value


def _concerns(changed: str, path: str) -> bool:
    """Whether a field is the one that was changed, or is in it, or holds it."""
    inner, outer = (changed, path) if len(changed) >= len(path) else (path, changed)
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))
