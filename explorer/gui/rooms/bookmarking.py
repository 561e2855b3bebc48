"""Marking moments: setting, changing and removing bookmarks, and going from one to the next."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, NamedTuple

from PySide6.QtCore import Qt

from explorer.application.bookmarks import bookmark_of, next_bookmark, previous_bookmark, put_bookmark, remove_bookmark
from explorer.application.kinds import spoken
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.application.undoing import Done
from explorer.application.view import Answer
from explorer.domain.bookmark import bookmark_stream
from explorer.domain.event import Metadata
from explorer.errors import KnownError
from explorer.gui.actions import Action
from explorer.gui.bookmark_dialog import FIELD, BookmarkDialog
from explorer.gui.panels.bookmark_list import BookmarkList
from explorer.gui.panels.plain import plain
from explorer.gui.room import House, Room
from explorer.projections import queries
from explorer.projections.bookmarks import BookmarkRow

REMOVAL = "bookmark removal"
"""Names the command to `Looking`."""


class _Place(NamedTuple):
    """What is known of a moment that is to be marked."""

    position: int
    time: int | None
    proposed: str
    known: BookmarkRow | None


class Bookmarking(Room):
    """The panel lists them all; the window shows their flags wherever the marked events are shown."""

    ACTIONS = (
        Action(
            "show_bookmarks",
            "View",
            "Show &bookmarks",
            "All marked moments with their notes",
            ("Ctrl+Shift+B",),
            ("store",),
        ),
        Action(
            "next_bookmark", "Go", "Next boo&kmark", "To the next marked moment", ("F2",), ("store", "bookmarks"),
            separated=True,
        ),
        Action(
            "previous_bookmark", "Go", "Pre&vious bookmark", "To the marked moment before", ("Shift+F2",),
            ("store", "bookmarks"),
        ),
        Action(
            "bookmark_moment",
            "Event",
            "&Bookmark this moment…",
            "Mark the moment shown with a title and a note, or change what is said there",
            ("Ctrl+B",),
            ("store", "markable", "writable"),
            separated=True,
            places=("event", "timeline"),
        ),
        Action(
            "remove_bookmark",
            "Event",
            "Remove boo&kmark",
            "Take the bookmark of the moment shown away; it can be put back",
            ("Ctrl+Alt+U",),
            ("store", "marked", "writable"),
            places=("event", "timeline"),
        ),
    )  # fmt: skip
    REASONS: ClassVar[Mapping[str, str]] = {
        "bookmarks": "There are no bookmarks; Ctrl+B sets one.",
        "markable": "This is before the first event: there is nothing to mark.",
        "marked": "There is no bookmark at this moment.",
    }
    TITLE = "Bookmarks"
    BESIDE = "Carts"

    def __init__(self, house: House) -> None:
        super().__init__(house)
        looking = house.looking
        self._removed: BookmarkRow | None = None
        self._leaving: BookmarkRow | None = None
        self.list = BookmarkList(looking, house.look, house.window)
        self.panel = self.list
        self.list.go_wanted.connect(self._go)
        self.list.edit_wanted.connect(self._edit)
        self.list.remove_wanted.connect(self._remove)
        self.list.put_back_wanted.connect(self._put_back)
        self.list.set_wanted.connect(self._set)
        looking.bookmark_wanted.connect(self._set)
        looking.answered.connect(self._look_at)
        looking.accepted.connect(self._take_acceptance)
        looking.refused.connect(self._take_refusal)

    def missing(self) -> set[str]:
        answer = self.house.looking.answer
        has = {
            "bookmarks": answer is not None and answer.bookmarks_in_all > 0,
            "markable": self._position > 0,
            "marked": answer is not None and self._position in answer.marked,
        }
        return {need for need, is_met in has.items() if not is_met}

    @property
    def _position(self) -> int:
        """That of the event whose menu is open, else of the moment."""
        pointed = self.house.looking.pointed
        return pointed.position if pointed is not None else self.house.looking.position

    # What the user can do

    def show_bookmarks(self) -> None:
        self.house.raise_panel(self.list)
        self.list.setFocus()

    def bookmark_moment(self) -> None:
        self._ask(self._position)

    def remove_bookmark(self) -> None:
        answer = self.house.looking.answer
        if answer is not None and (row := answer.marked.get(self._position)) is not None:
            self._remove(row)

    def next_bookmark(self) -> None:
        self._seek(next_bookmark, "No bookmark after event {:,}.")

    def previous_bookmark(self) -> None:
        self._seek(previous_bookmark, "No bookmark before event {:,}.")

    # How it is done

    def _set(self) -> None:
        self.house.actions["bookmark_moment"].trigger()

    def _seek(self, seek: Callable[[Session, int], BookmarkRow | None], none: str) -> None:
        looking, position = self.house.looking, self.house.looking.position
        looking.pause()

        def go(row: BookmarkRow | None) -> None:
            if row is not None:
                self._go(row)
                looking.told.emit(f"Bookmark “{plain(row.title)}” at event {row.position:,}")
            else:
                looking.told.emit(none.format(position))

        looking.fetch(lambda session: seek(session, position), go)

    def _go(self, row: BookmarkRow) -> None:
        self.house.looking.pause()
        self.house.looking.go_to(row.position, row.stream or None)

    def _edit(self, row: BookmarkRow) -> None:
        self._ask(row.position)

    def _ask(self, position: int) -> None:
        self.house.looking.fetch(partial(_place, position=position), self._open)

    def _open(self, place: _Place) -> None:
        looking = self.house.looking
        dialog = BookmarkDialog(*place, looking, self.house.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wished.connect(partial(self._put, place.position))
        dialog.open()

    def _put(self, position: int, title: str, note: str, stream: str | None = None) -> None:
        about, name = self._about(), bookmark_stream(position)
        self.house.looking.do(
            lambda session: Done(name, put_bookmark(session, position, title, note, about, stream)), FIELD
        )

    def _remove(self, row: BookmarkRow) -> None:
        self._leaving, about, name = row, self._about(), bookmark_stream(row.position)
        self.house.looking.do(lambda session: Done(name, remove_bookmark(session, row.position, about)), REMOVAL)

    def _put_back(self) -> None:
        row = self._removed
        if row is not None:
            self._put(row.position, row.title, row.note, row.stream)

    def _about(self) -> Metadata:
        return Metadata(self.house.looking.actor, correlation_id=new_id(), origin="window")

    def _take_acceptance(self, field: str, stream: str) -> None:
        if field == REMOVAL and self._leaving is not None:
            self._removed, self._leaving = self._leaving, None
            words = f"The bookmark “{plain(self._removed.title)}” was removed; the panel Bookmarks puts it back."
            self.house.looking.told.emit(words)
            self.list.tell_removed(self._removed)
        elif field == FIELD:
            self.house.looking.told.emit("The moment is marked; F2 and Shift+F2 go from bookmark to bookmark.")
            if self._removed is not None and stream == bookmark_stream(self._removed.position):
                self._removed = None
                self.list.tell_removed(None)

    def _look_at(self, answer: Answer) -> None:
        """What was removed is there again: by `Undo`, or by somebody else."""
        there = {*answer.marked, *(row.position for row in (*answer.bookmarks, *answer.flags))}
        if self._removed is not None and self._removed.position in there:
            self._removed = None
            self.list.tell_removed(None)

    def _take_refusal(self, field: str, reason: str) -> None:
        if field == REMOVAL:
            self._leaving = None
            self.house.looking.told.emit(reason)


def _place(session: Session, position: int) -> _Place:
    """Nothing but the event's type is proposed for a title: its data may be somebody's, and a title is for ever."""
    with session.asking() as connection:
        time = queries.time_at(connection, position)
    try:
        found = session.store.records_at([position])
    except KnownError:
        found = []  # a damaged event may be marked, too
    return _Place(position, time, spoken(found[0].type) if found else "", bookmark_of(session, position))
