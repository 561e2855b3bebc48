"""Marking moments: setting, changing and removing bookmarks, and going from one to the next."""

from collections.abc import Iterator

from explorer.application.handle import RETRIES, handle
from explorer.application.history import state_at
from explorer.application.session import Session
from explorer.domain.bookmark import ChangeNote, RemoveBookmark, SetBookmark, bookmark_stream
from explorer.domain.event import Event, Metadata
from explorer.errors import BadInput, Conflict, KnownError, Missing
from explorer.projections.bookmarks import BookmarkRow, bookmark_before, bookmarks, bookmarks_at

PAGE = 500


class Marks:
    """The bookmarks of a report's range as they were at a moment; each iteration reads them anew, a page at a time.

    With `stream` only those that are about it.
    """

    def __init__(self, session: Session, first: int, last: int, as_of: int, stream: str | None = None) -> None:
        self._session, self._bounds, self._as_of, self._stream = session, (first - 1, last), as_of, stream

    def __iter__(self) -> Iterator[BookmarkRow]:
        after, until = self._bounds
        while True:
            with self._session.asking() as connection:
                page = bookmarks(connection, after=after, until=until, limit=PAGE, as_of=self._as_of)
            yield from (row for row in page if self._stream in (None, row.stream))
            if len(page) < PAGE:
                return
            after = page[-1].position


def put_bookmark(
    session: Session, position: int, title: str | None, note: str | None, about: Metadata, stream: str | None = None
) -> list[Event]:
    """Marks the moment after an event, or changes what its bookmark says; no event if that is what it says already.

    Without `title` or `note` that stays as it is, without `stream` it is about the event's. Raises Missing for an
    event that is not there, BadInput for a new bookmark without a title, Refused with the rule.
    """
    _check_there(session, position)
    name = bookmark_stream(position)
    for attempt in range(RETRIES):
        version = session.store.version_of(name)
        before = state_at(session, name, version).state if version else {}
        if before.get("title"):
            command = ChangeNote(
                str(before["title"]) if title is None else title, str(before["note"]) if note is None else note
            )
        elif title is None:
            raise BadInput(f"There is no bookmark at event {position:,}; a new one needs a title.")
        else:
            about_stream = _stream_of(session, position) if stream is None else stream
            command = SetBookmark(position, title, note or "", about_stream)
        try:
            return handle(session, name, command, about, expected_version=version)
        except Conflict:
            if attempt == RETRIES - 1:
                raise
    return []


def remove_bookmark(session: Session, position: int, about: Metadata) -> list[Event]:
    """Raises Missing where there is none."""
    name = bookmark_stream(position)
    version = session.store.version_of(name)
    if not version or not state_at(session, name, version).state["title"]:
        raise Missing(f"There is no bookmark at event {position:,}.")
    return handle(session, name, RemoveBookmark(), about, expected_version=version)


def listed(session: Session, after: int = 0, limit: int = 100, as_of: int | None = None) -> list[BookmarkRow]:
    """The bookmarks behind a position, in order of what they mark; with `as_of` as they were then."""
    with session.asking() as connection:
        return bookmarks(connection, after=after, limit=limit, as_of=as_of)


def bookmark_of(session: Session, position: int) -> BookmarkRow | None:
    """The bookmark of a moment."""
    with session.asking() as connection:
        return bookmarks_at(connection, [position]).get(position)


def next_bookmark(session: Session, position: int) -> BookmarkRow | None:
    """The first bookmark behind a position."""
    return next(iter(listed(session, position, 1)), None)


def previous_bookmark(session: Session, position: int) -> BookmarkRow | None:
    """The last bookmark before a position."""
    with session.asking() as connection:
        return bookmark_before(connection, position)


def _check_there(session: Session, position: int) -> None:
    size = session.store.head().size
    if not 1 <= position <= size:
        there = f"the events 1 to {size:,}" if size else "no events yet"
        raise Missing(f"There is no event {position:,} to mark: the log has {there}.")


def _stream_of(session: Session, position: int) -> str:
    """Also a damaged event may be marked, all the more."""
    try:
        return session.store.records_at([position])[0].stream
    except (KnownError, IndexError):
        return ""
