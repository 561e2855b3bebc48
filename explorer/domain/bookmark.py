"""Bookmarks: a title and a note of somebody's on a moment, the one after an event, kept in the log and audited like it.

There is one at most a position, in the stream `bookmark-<position>`. Titles and notes are about nobody in particular,
so they are stored as they are typed and cannot be erased: like reasons, they are no place for personal data.
"""

from typing import assert_never

import msgspec

from explorer.domain.decider import Decider, DomainEvent, Facts, short
from explorer.domain.event import Json
from explorer.errors import Refused

CATEGORY = "bookmark"
MAX_TITLE = 200
MAX_NOTE = 10_000
MAX_STREAM = 1_000


class SetBookmark(msgspec.Struct, frozen=True):
    """Mark the moment after event `position`; `stream` is that of the event, or another that it is about."""

    position: int
    title: str
    note: str = ""
    stream: str = ""


class ChangeNote(msgspec.Struct, frozen=True):
    title: str
    note: str = ""


class RemoveBookmark(msgspec.Struct, frozen=True):
    pass


class BookmarkSet(DomainEvent, frozen=True):
    position: int
    title: str
    note: str = ""
    stream: str = ""


class BookmarkChanged(DomainEvent, frozen=True):
    previous_title: str
    title: str
    previous_note: str = ""
    note: str = ""


class BookmarkRemoved(DomainEvent, frozen=True):
    """What it said stands here once more, so that it can be brought back."""

    title: str
    note: str = ""


BookmarkCommand = SetBookmark | ChangeNote | RemoveBookmark
BookmarkEvent = BookmarkSet | BookmarkChanged | BookmarkRemoved


class Bookmark(msgspec.Struct, frozen=True):
    """A bookmark as of now; without a title there is none, though there may have been one."""

    position: int = 0
    title: str = ""
    note: str = ""
    stream: str = ""

    @property
    def is_set(self) -> bool:
        return bool(self.title)


def bookmark_stream(position: int) -> str:
    return f"{CATEGORY}-{position}"


def _check_texts(title: str, note: str) -> None:
    if not title.strip() or len(title) > MAX_TITLE:
        raise Refused(f"A bookmark's title needs 1 to {MAX_TITLE} characters that are not all blank.", "title")
    if len(note) > MAX_NOTE:
        raise Refused(f"A note may have {MAX_NOTE:,} characters; this has {len(note):,}.", "note")


def _check_place(command: SetBookmark, state: Bookmark) -> None:
    if command.position < 1:
        raise Refused("Only a moment after an event can be marked; the first is event 1.", "position")
    if state.position not in (0, command.position):
        raise Refused(
            f"This is the bookmark of event {state.position:,}; another event has one of its own.", "position"
        )
    if len(command.stream) > MAX_STREAM:
        raise Refused(f"A stream's name may have {MAX_STREAM:,} characters.", "stream")


def _check_set(state: Bookmark) -> None:
    if not state.is_set:
        raise Refused("There is no bookmark here.")


def decide(command: BookmarkCommand, state: Bookmark, facts: Facts) -> list[BookmarkEvent]:
    """Raises Refused with the rule that the command breaks. Whether there is such an event, the application looks."""
    del facts
    match command:
        case SetBookmark(position, title, note, stream):
            if state.is_set:
                raise Refused("There is a bookmark here already; change its note instead.", "title")
            _check_place(command, state)
            _check_texts(title, note)
            return [BookmarkSet(position, title, note, stream)]
        case ChangeNote(title, note):
            _check_set(state)
            _check_texts(title, note)
            is_same = (title, note) == (state.title, state.note)
            return [] if is_same else [BookmarkChanged(state.title, title, state.note, note)]
        case RemoveBookmark():
            _check_set(state)
            return [BookmarkRemoved(state.title, state.note)]
        case _:
            assert_never(command)


def evolve(state: Bookmark, event: BookmarkEvent) -> Bookmark:
    match event:
        case BookmarkSet(position, title, note, stream):
            return Bookmark(position, title, note, stream)
        case BookmarkChanged(_, title, _, note):
            return Bookmark(state.position, title, note, state.stream)
        case BookmarkRemoved():
            return Bookmark(state.position, stream=state.stream)
        case _:
            assert_never(event)


def document(state: Bookmark) -> dict[str, Json]:
    return {"position": state.position, "title": state.title, "note": state.note, "stream": state.stream}


def summary(event: BookmarkEvent) -> str:
    match event:
        case BookmarkSet(position, title, _, _):
            return f"event {position:,} “{short(title)}”"
        case BookmarkChanged(previous_title, title, _, _):
            return (
                f"“{short(title)}”: the note"
                if title == previous_title
                else f"“{short(previous_title)}” → “{short(title)}”"
            )
        case BookmarkRemoved(title, _):
            return f"“{short(title)}”"
        case _:
            assert_never(event)


def restore(now: Bookmark, then: Bookmark) -> list[BookmarkCommand]:
    """The commands that lead from a bookmark as it is now to what it was."""
    if (now.title, now.note) == (then.title, then.note):
        return []
    if not then.is_set:
        return [RemoveBookmark()]
    if not now.is_set:
        return [SetBookmark(then.position, then.title, then.note, then.stream)]
    return [ChangeNote(then.title, then.note)]


def undo(event: BookmarkEvent, now: Bookmark) -> list[BookmarkCommand]:
    """The command that takes back what an event did, as long as nothing has changed the same since."""
    match event:
        case BookmarkSet(_, title, note, _):
            _check_untouched(now, title, note)
            return [RemoveBookmark()]
        case BookmarkChanged(previous_title, title, previous_note, note):
            _check_untouched(now, title, note)
            return [ChangeNote(previous_title, previous_note)]
        case BookmarkRemoved(title, note):
            if now.is_set:
                raise Refused("The bookmark was set again since: undo that first, or change its note.", "title")
            return [SetBookmark(now.position, title, note, now.stream)]
        case _:
            assert_never(event)


def _check_untouched(now: Bookmark, title: str, note: str) -> None:
    if (now.title, now.note) != (title, note):
        raise Refused("The bookmark was changed again since: undo that first, or type another note.", "title")


BOOKMARK = Decider(
    category=CATEGORY,
    initial=Bookmark(),
    events=(BookmarkSet, BookmarkChanged, BookmarkRemoved),
    commands=(SetBookmark, ChangeNote, RemoveBookmark),
    decide=decide,
    evolve=evolve,
    document=document,
    summary=summary,
    needs=lambda _: (),
    restore=restore,
    undo=undo,
)
