"""The edits of a scratch branch while somebody makes them, and its events in the order that they lead to."""

from typing import NamedTuple

from explorer.application.editable import Editable, Line
from explorer.application.what_if import ChangeField, Edit, Insert, LeaveOut, Move
from explorer.domain.event import Json


class Row(NamedTuple):
    """An event of the branch, `line` as it happened; None for an inserted one, which `insert` says."""

    line: Line | None
    insert: Insert | None
    is_out: bool = False
    changed: tuple[str, ...] = ()
    is_moved: bool = False

    @property
    def version(self) -> int | None:
        return self.line.version if self.line else None

    @property
    def words(self) -> str:
        """What was done to it."""
        if self.insert is not None:
            return "inserted"
        said = ["left out"] if self.is_out else []
        said += [f"changed {path}" for path in self.changed]
        return ", ".join([*said, *(["moved"] if self.is_moved else [])])


class Scratch(NamedTuple):
    """A change of it is another one."""

    events: Editable
    edits: tuple[Edit, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """The events as the edits order them."""
        out = {edit.version for edit in self.edits if isinstance(edit, LeaveOut)}
        moved = {edit.version for edit in self.edits if isinstance(edit, Move)}
        paths: dict[int, list[str]] = {}
        for edit in self.edits:
            if isinstance(edit, ChangeField):
                paths.setdefault(edit.version, []).append(edit.path)
        return [
            Row(line, None, line.version in out, tuple(paths.get(line.version, ())), line.version in moved)
            if isinstance(line, Line)
            else Row(None, line)
            for line in self.order
        ]

    def toggled(self, version: int) -> "Scratch":
        """The event left out, or no longer."""
        edit = LeaveOut(version)
        kept = tuple(other for other in self.edits if other != edit)
        return self._replace(edits=kept if len(kept) < len(self.edits) else (*self.edits, edit))

    def changed(self, version: int, path: str, value: Json) -> "Scratch":
        """The last value given to a field is the one it has."""
        kept = (e for e in self.edits if not (isinstance(e, ChangeField) and (e.version, e.path) == (version, path)))
        return self._replace(edits=(*kept, ChangeField(version, path, value)))

    def inserted(self, after: int, kind: str, data: dict[str, Json]) -> "Scratch":
        return self._replace(edits=(*self.edits, Insert(after, kind, data)))

    def without(self, insert: Insert) -> "Scratch":
        """The inserted event taken out again: that very one, of two that are alike."""
        return self._replace(edits=tuple(edit for edit in self.edits if edit is not insert))

    def moved(self, version: int, step: int) -> "Scratch":
        """The event one earlier (-1) or later (1), past what was inserted between; itself at an end."""
        versions = [row.version for row in self.rows if row.version is not None]
        place = versions.index(version)
        if not 0 <= place + step < len(versions):
            return self
        aim = place - 2 if step < 0 else place + 1
        after = versions[aim] if aim >= 0 else self.start
        last = self.edits[-1] if self.edits else None
        is_moved_on = isinstance(last, Move) and last.version == version
        kept = self._replace(edits=self.edits[:-1] if is_moved_on else self.edits)
        moved = kept._replace(edits=(*kept.edits, Move(version, after)))
        return kept if moved.order == kept.order else moved

    @property
    def start(self) -> int:
        """The version behind which the first of the events stands."""
        return self.events.lines[0].version - 1 if self.events.lines else 0

    @property
    def order(self) -> list[Line | Insert]:
        """As the replay orders them, edit by edit."""
        order: list[Line | Insert] = [*self.events.lines]
        for edit in self.edits:
            if isinstance(edit, Insert):
                order.insert(_behind(order, edit.after), edit)
            elif isinstance(edit, Move) and edit.version != edit.after:
                line = next(line for line in order if isinstance(line, Line) and line.version == edit.version)
                order.remove(line)
                order.insert(_behind(order, edit.after), line)
        return order


def _behind(order: list[Line | Insert], version: int) -> int:
    place = next((n for n, one in enumerate(order, 1) if isinstance(one, Line) and one.version == version), 0)
    while place < len(order) and isinstance(order[place], Insert):
        place += 1
    return place
