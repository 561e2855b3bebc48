"""What stands in the cells of the event table, and in what colour."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from PySide6.QtGui import QColor

from explorer.application.colouring import Coloured
from explorer.application.event_list import EventPage, EventRow
from explorer.application.found import FoundRow
from explorer.application.kinds import spoken
from explorer.application.trust import Damage
from explorer.domain.rule import SEVERITIES
from explorer.gui.finding_signs import SIGNS, found_in_words
from explorer.gui.panels.bookmark_words import FLAG, bookmark_in_words
from explorer.gui.panels.plain import plain, short_stream
from explorer.gui.theme import SHAPES, Theme, local_time, local_time_with_offset, utc_time
from explorer.projections.bookmarks import BookmarkRow


class Column(IntEnum):
    POSITION = 0
    TIME = 1
    TYPE = 2
    STREAM = 3
    VERSION = 4
    SUMMARY = 5
    ACTOR = 6


NAMES = {
    Column.POSITION: "position", Column.TIME: "time", Column.TYPE: "type", Column.STREAM: "stream",
    Column.VERSION: "version", Column.ACTOR: "actor",
}  # fmt: skip
"""What conditions call what stands in a column."""
_NOTHING_FOUND: Mapping[int, Sequence[FoundRow]] = {}
TITLES = ("Event", "Time", "Type", "Stream", "Ver.", "Summary", "Actor")


class Shown(NamedTuple):
    """What the table draws. `stream` is the chosen one; `unreadable` are positions; `damaged` events, what rules have
    `found`, and what colour rules say (`colours`) stand by the positions of theirs."""

    page: EventPage
    as_of: int
    is_now: bool
    stream: str | None
    unreadable: Collection[int]
    damaged: Mapping[int, Damage] = {}
    marked: Mapping[int, BookmarkRow] = {}
    colours: Mapping[int, Coloured] = {}
    found: Mapping[int, Sequence[FoundRow]] = {}

    @property
    def past(self) -> int:
        """How many of the rows had happened at the moment shown."""
        return bisect_right(self.page.rows, self.as_of, key=lambda row: row.position)

    @property
    def moment(self) -> int:
        """The row of the moment: the last that had happened; -1 if it is not on this page."""
        following = self.page.next
        return self.past - 1 if following is None or self.as_of < following else -1


NOTHING = Shown(EventPage((), 0, 0, None, None), 0, True, None, ())  # noqa: FBT003 - a named tuple's field


def _severities(found: Sequence[FoundRow]) -> list[str]:
    """Each once, the worst first."""
    return [severity for severity in reversed(SEVERITIES) if any(one.severity == severity for one in found)]


def cells(
    row: EventRow,
    damaged: Collection[int] = (),
    marked: Collection[int] = (),
    found: Mapping[int, Sequence[FoundRow]] = _NOTHING_FOUND,
) -> tuple[str, ...]:
    """The cells of a row, by column."""
    damage = "DAMAGED · " if row.position in damaged else ""
    flag = f"{FLAG} " if row.position in marked else ""
    rules = "".join(f"{SIGNS[severity]} " for severity in _severities(found.get(row.position, ())))
    return (
        f"{row.position:,}",
        local_time(row.time),
        f"{SHAPES[row.kind]} {plain(spoken(row.type))}",
        short_stream(row.stream),
        f"{row.version:,}",
        flag + damage + rules + plain(row.summary),
        plain(f"{row.actor} · {row.reason}" if row.reason else row.actor),
    )


def tip_of(shown: Shown, number: int, column: Column) -> str:
    """All that stands in a cell, and what it has no room for."""
    row = shown.page.rows[number]
    damage = shown.damaged.get(row.position)
    if damage is not None and column in {Column.POSITION, Column.SUMMARY}:
        return f"Event {row.position:,} is DAMAGED\n{plain(damage.words)}\n{plain(row.summary)}"
    if (mark := shown.marked.get(row.position)) is not None and column in {Column.POSITION, Column.SUMMARY}:
        return f"Event {row.position:,}\n{bookmark_in_words(mark)}\n{plain(row.summary)}"
    later = "\nLater than the moment shown" if number >= shown.past else ""
    match column:
        case Column.TIME:
            return f"{local_time_with_offset(row.time)}\n{utc_time(row.time)}{later}"
        case Column.TYPE:
            return plain(row.type) + later
        case Column.STREAM | Column.VERSION:
            return f"{plain(row.stream)}\nVersion {row.version:,}"
        case Column.ACTOR:
            return plain(row.actor) + (f"\nReason: {plain(row.reason)}" if row.reason else "\nNo reason was given")
        case Column.SUMMARY:
            found = shown.found.get(row.position, ())
            coloured = shown.colours.get(row.position)
            colour = [f"Colour rule: {plain(coloured.name)}"] if coloured else []
            return "\n".join([plain(row.summary), *([found_in_words(found)] if found else []), *colour])
        case _:
            return f"Event {row.position:,}{later}"


class Pens:
    """The colours of one repaint."""

    def __init__(self, theme: Theme, shown: Shown) -> None:
        self._shown = shown
        self.text, self.muted = QColor(theme.text), QColor(theme.muted)
        self.past, self._danger, self._accent = QColor(theme.past), QColor(theme.danger), QColor(theme.accent)
        self._kinds = {kind: QColor(colour) for kind, colour in theme.kinds.items()}

    def of(self, row: EventRow, column: Column, *, is_later: bool) -> QColor:
        if column == Column.SUMMARY and row.position in self._shown.unreadable:
            return self._danger
        if column in {Column.SUMMARY, Column.POSITION} and row.position in self._shown.damaged:
            return self._danger
        if is_later:
            return self.muted
        if column == Column.TYPE:
            return self._kinds[row.kind]
        if column == Column.STREAM and row.stream == self._shown.stream:
            return self._accent
        return self.muted if column in {Column.VERSION, Column.TIME} else self.text
