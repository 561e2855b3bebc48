"""All that a window shows, as one question and one answer.

A `Question` is where the user is: the moment, the stream, the filters, the stretch of the timeline. `answer` is a pure
reading of store and cache. A part whose inputs did not change since the previous answer is the very same object, so a
view compares by identity and repaints only what differs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from explorer.application.colouring import Coloured, Colours, Rule, colours
from explorer.application.comparing import position_at
from explorer.application.comparison import Comparison, Wanted, comparison
from explorer.application.event_list import EventPage, event_page, go_on, no_further, one_more, sought_by
from explorer.application.filtering import EventFilter
from explorer.application.following import fresh
from explorer.application.found import (
    NO_RULES,
    FoundRow,
    Rulings,
    found_at,
    found_marks,
    found_rows,
    rulings,
    rulings_stamp,
)
from explorer.application.rules import Rules
from explorer.application.session import Session
from explorer.application.status import Status, status_of
from explorer.application.stream_view import Mark, StreamView, marks_of, stream_view
from explorer.application.timeline import Viewport, level_for
from explorer.application.trust import UNKNOWN, Damage, Standing, damage_of, stamp, standing
from explorer.application.word_search import GoOn, Search
from explorer.domain.cart import MAX_LINES
from explorer.projections import cart_queries, queries
from explorer.projections.bookmarks import BookmarkRow, bookmarks, bookmarks_at, bookmarks_between, number_of_bookmarks
from explorer.projections.cart_queries import CartRow, Matches
from explorer.projections.queries import ActivityRow, ProductRow, StreamRow
from explorer.projections.totals import Sums

NOW = 2**62
"""A position that is always now."""

T = TypeVar("T")
MOST_BOOKMARKS = 1_000
"""Bookmarks that are counted, and flags of them that are shown in a stretch of the timeline."""


@dataclass(frozen=True, slots=True)
class Question:
    """Where the user is. `as_of` None is now; `at_time` (µs UTC), where given, says the moment by time instead.

    `top` is the event list's first position, or with `shift` the one so many listed events before (negative) or behind
    it; a `top` of None keeps the moment in the list. Without `seek` a search for words goes no further than it must.
    Where the list rests, `since` is the log's head then: what has come behind it is new. `rules` colour the list's page
    and the marks. `compare` is the position of a second moment, NOW the latest (`compare_time`, where given, says it by
    time): the chosen stream is compared, or the whole store; see `comparison.Wanted`.
    """

    as_of: int | None = None
    at_time: int | None = None
    stream: str | None = None
    cart_status: str | None = None
    cart_words: str = ""
    cart_limit: int = 100
    product_words: str = ""
    product_limit: int = 100
    stream_words: str = ""
    stream_limit: int = 100
    bookmark_limit: int = 0
    line_limit: int = 60
    finding_limit: int = 0
    finding_rule: str | None = None
    filter: EventFilter = field(default_factory=EventFilter)
    top: int | None = None
    shift: int = 0
    rows: int = 30
    viewport: Viewport | None = None
    width: int = 1_400
    seek: bool = True
    since: int | None = None
    rules: tuple[Rule, ...] = ()
    compare: int | None = None
    compare_time: int | None = None
    compare_whole: bool = False
    compare_limit: int = 0


class Activity(NamedTuple):
    """Counts by bucket and type at one level of the pyramid."""

    level: int
    rows: tuple[ActivityRow, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a window shows. `keys` says of which inputs each part was made.

    `bookmarks` are those listed, `flags` those of moments in the viewport, `marked` those of the events listed, of the
    event shown and of the moment, by position.
    """

    question: Question
    status: Status
    totals: Mapping[str, Sums]
    carts: tuple[CartRow, ...]
    products: tuple[ProductRow, ...]
    streams: tuple[StreamRow, ...]
    stream: StreamView | None
    events: EventPage
    types: tuple[str, ...]
    actors: tuple[str, ...]
    activity: Activity
    marks: tuple[Mark, ...]
    bookmarks: tuple[BookmarkRow, ...] = ()
    flags: tuple[BookmarkRow, ...] = ()
    marked: Mapping[int, BookmarkRow] = field(default_factory=dict[int, BookmarkRow])
    bookmarks_in_all: int = 0
    fresh: int = 0
    standing: Standing = UNKNOWN
    damage: Mapping[int, Damage] = field(default_factory=dict[int, Damage])
    row_colours: Colours = field(default_factory=dict[int, Coloured])
    mark_colours: Colours = field(default_factory=dict[int, Coloured])
    rulings: Rulings = NO_RULES
    findings: tuple[FoundRow, ...] = ()
    finding_marks: tuple[FoundRow, ...] = ()
    finding_places: Mapping[int, tuple[FoundRow, ...]] = field(default_factory=dict[int, tuple[FoundRow, ...]])
    rule_reader: Rules | None = field(default=None, repr=False, compare=False)
    search: Search | None = field(default=None, repr=False)
    cart_matches: Matches | None = field(default=None, repr=False)
    comparison: Comparison | None = None
    generation: str = ""
    keys: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]], repr=False)

    @property
    def is_seeking(self) -> bool:
        """Whether the same question asked again tells more: words have not been sought everywhere."""
        return self.question.seek and self.events.sought is not None and not self.events.sought.is_done

    def changed_since(self, other: "Answer") -> bool:
        """Whether anything of it was made of other inputs."""
        return (self.generation, self.status, self.keys) != (other.generation, other.status, other.keys)


class _Parts:
    """Hands out the previous answer's part where it was made of the same inputs."""

    def __init__(self, previous: Answer | None) -> None:
        self._previous = previous
        self.keys: dict[str, tuple[Any, ...]] = {}

    def kept(self, name: str) -> Any:
        """What the previous answer has found for itself; None without one."""
        return getattr(self._previous, name) if self._previous is not None else None

    def part(self, name: str, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        self.keys[name] = key
        if self._previous is not None and self._previous.keys.get(name) == key:
            return getattr(self._previous, name)
        return make()


def answer(
    session: Session,
    question: Question,
    previous: Answer | None = None,
    check: Callable[[], None] = go_on,
    may_seek_on: GoOn = one_more,
) -> Answer:
    """Reads everything that `question` asks. `check` may raise Cancelled when a newer question is waiting.

    Words are sought in one stretch of the log after the other for as long as `may_seek_on`; until `events.sought` is
    done, the same question asked again tells more.
    """
    # Read models that were rebuilt may say something else of the same moment.
    generation = session.cache.path.name
    q, parts = question, _Parts(previous if previous is not None and previous.generation == generation else None)
    status = status_of(session, question.as_of, question.at_time)
    at, now = status.as_of, status.checkpoint
    trust = parts.part("standing", _trust_stamp(session, q, previous), lambda: standing(session))
    reach = now if trust.found is not None and trust.found.damaged else 0
    damage = parts.part("damage", (trust, reach), lambda: damage_of(session, trust, reach))
    with session.asking() as c:
        totals = parts.part("totals", (at,), lambda: queries.totals(c, at))
        among = None
        if q.cart_words.split() and q.cart_limit:
            among = cart_queries.matches(c, q.cart_words, parts.kept("cart_matches"), check)
        carts = parts.part("carts", (at, q.cart_status, q.cart_words, q.cart_limit), lambda: tuple(cart_queries.carts(
            c, at, status=q.cart_status, words=q.cart_words, limit=q.cart_limit, among=among, check=check,
        )))  # fmt: skip
        products = parts.part("products", (at, q.product_words, q.product_limit), lambda: tuple(
            queries.products(c, at, words=q.product_words, limit=q.product_limit)))  # fmt: skip
        streams = parts.part("streams", (at, q.stream_words, q.stream_limit), lambda: tuple(
            queries.streams(c, at, words=q.stream_words, limit=q.stream_limit)))  # fmt: skip
        types = parts.part("types", (now,), lambda: tuple(queries.values_of(c, "type")))
        actors = parts.part("actors", (now,), lambda: tuple(queries.values_of(c, "actor")))
        viewport = q.viewport or _everything(status)
        activity = parts.part("activity", (now, viewport, q.width), lambda: _activity(c, viewport, q.width))
        in_all = parts.part("bookmarks_in_all", (now,), lambda: number_of_bookmarks(c, MOST_BOOKMARKS))
        listed = parts.part("bookmarks", (in_all and now, q.bookmark_limit), lambda: tuple(
            bookmarks(c, limit=q.bookmark_limit)))  # fmt: skip
        flags = parts.part("flags", (in_all and (now, viewport),), lambda: tuple(
            bookmarks_between(c, viewport.start, viewport.end, MOST_BOOKMARKS) if in_all else ()))  # fmt: skip
    stream = _stream_part(session, q, status, parts, previous)
    marks = parts.part(
        "marks",
        (now, q.stream, viewport),
        lambda: marks_of(
            session,
            q.stream,
            viewport,
            now,
            previous.marks if previous and previous.question.stream == q.stream else (),
        ),
    )
    wanted = _compared(session, q, at, now)
    compared = parts.part("comparison", (wanted,), lambda: wanted and comparison(
        session, wanted, parts.kept("comparison"), check))  # fmt: skip
    top, shift = _list_place(q, at, now, previous)
    search = _search_for(q.filter, previous)
    if search is not None:
        search.go_on(session, top, now, may_seek_on if q.seek else no_further)
    sought = search.sought(now) if search else None
    events = parts.part("events", (now, q.filter, q.rows, sought, top, shift), lambda: event_page(
        session, q.filter, top, q.rows, now, check, shift=shift, search=search))  # fmt: skip
    places = _places(events, stream, at) if in_all else ()
    marked = parts.part("marked", (places and now, places), lambda: _marked(session, places))
    row_colours, mark_colours = (
        _colours(session, q, parts, name, tuple(one.position for one in found))
        for name, found in (("row_colours", events.rows), ("mark_colours", marks))
    )
    reader = (previous.rule_reader if previous is not None else None) or Rules(session)
    ruled, found, found_in_view, found_here = _found(session, q, status, viewport, events, parts, previous, reader)
    new = parts.part("fresh", (now, q.filter, q.since), lambda: fresh(session, q.filter, q.since, now, check))
    return Answer(
        question=q,
        status=status,
        totals=totals,
        carts=carts,
        products=products,
        streams=streams,
        stream=stream,
        events=events,
        types=types,
        actors=actors,
        activity=activity,
        marks=marks,
        bookmarks=listed,
        flags=flags,
        marked=marked,
        bookmarks_in_all=in_all,
        fresh=new,
        standing=trust,
        damage=damage,
        row_colours=row_colours,
        mark_colours=mark_colours,
        rulings=ruled,
        findings=found,
        finding_marks=found_in_view,
        finding_places=found_here,
        rule_reader=reader,
        search=search,
        cart_matches=among,
        comparison=compared,
        generation=generation,
        keys=parts.keys,
    )


def _compared(session: Session, question: Question, at: int, now: int) -> Wanted | None:
    there = question.compare
    if question.compare_time is not None:
        there = position_at(session, question.compare_time)
    if there is None:
        return None
    stream = None if question.compare_whole else question.stream
    return Wanted(at, min(there, now), stream, question.compare_whole, question.compare_limit)


def _colours(session: Session, question: Question, parts: _Parts, name: str, positions: tuple[int, ...]) -> Colours:
    # What was erased says something else.
    key = (question.rules, positions if question.rules else (), session.store.codec.erasures)
    return parts.part(name, key, lambda: colours(session, question.rules, positions))


def _trust_stamp(session: Session, question: Question, previous: Answer | None) -> tuple[Any, ...]:
    """What others have verified or signed is looked for when the same is asked again, not for every frame of a drag."""
    return stamp(session) if previous is None or previous.question == question else previous.keys["standing"]


def _found(
    session: Session,
    q: Question,
    status: Status,
    viewport: Viewport,
    events: EventPage,
    parts: _Parts,
    previous: Answer | None,
    reader: Rules,
) -> tuple[Rulings, tuple[FoundRow, ...], tuple[FoundRow, ...], Mapping[int, tuple[FoundRow, ...]]]:
    """What rules have found, which is about all of history, whatever the moment. Looked for as trust is."""
    if previous is None or previous.question == q:
        key = rulings_stamp(session, reader), status.head
    else:
        key = previous.keys["rulings"]
    now = status.checkpoint
    known = parts.part("rulings", key, lambda: rulings(session, reader, status.head))
    rows = parts.part("findings", (key, q.finding_limit, q.finding_rule, now), lambda: found_rows(
        session, known, q.finding_limit, q.finding_rule, now))  # fmt: skip
    marks = parts.part("finding_marks", (key, viewport, now), lambda: found_marks(session, known, viewport, now))
    positions = tuple(row.position for row in events.rows)
    places = parts.part("finding_places", (key, positions), lambda: found_at(session, known, positions))
    return known, rows, marks, places


def _search_for(wanted: EventFilter, previous: Answer | None) -> Search | None:
    """What is sought goes on where it was: history does not change."""
    unindexed = sought_by(wanted)
    if unindexed is None:
        return None
    known = previous.search if previous else None
    return known if known is not None and known.wanted == unindexed else Search(unindexed)


def _list_place(question: Question, at: int, now: int, previous: Answer | None) -> tuple[int, int]:
    """Where the event list begins: `top` and `shift`. A list that follows the moment rests as long as it holds it."""
    if question.top is not None:
        return question.top, question.shift
    if previous is not None:
        before, *same, sought, top, shift = previous.keys["events"]
        events, is_whole = previous.events, sought is None or sought.is_done
        # What is appended behind a full page does not move it; and where nothing passes, nothing does elsewhere.
        is_there_still = before == now or events.next is not None
        rests = events.holds(at) or not events.rows
        if same == [question.filter, question.rows] and is_whole and is_there_still and rests:
            return top, shift
    return at + 1, -(question.rows // 2 + 1)


def _places(events: EventPage, stream: StreamView | None, at: int) -> tuple[int, ...]:
    """Where a bookmark is shown besides the timeline."""
    record = stream.record if stream is not None else None
    return (at, record.position if record is not None else 0, *(row.position for row in events.rows))


def _marked(session: Session, places: tuple[int, ...]) -> Mapping[int, BookmarkRow]:
    if not places:
        return {}
    with session.asking() as connection:
        return bookmarks_at(connection, {*places})


def _everything(status: Status) -> Viewport:
    first, last = status.extent or (0, 0)
    return Viewport.fitted(first, last)


def _activity(connection: Any, viewport: Viewport, width: int) -> Activity:
    level = level_for(viewport, width)
    return Activity(level, tuple(queries.activity(connection, level, viewport.start, viewport.end)))


def _stream_part(
    session: Session, question: Question, status: Status, parts: _Parts, previous: Answer | None
) -> StreamView | None:
    stream, as_of = question.stream, status.as_of
    if stream is None:
        return parts.part("stream", (), lambda: None)
    # Most moments are between two events of a stream: then nothing of it is read but where that is.
    known = previous.stream if previous else None
    # The log may be ahead of the read side, which knows no times of what came since.
    latest = session.store.version_at(stream, status.checkpoint) if status.lag else session.store.version_of(stream)
    if known is not None and known.stream == stream and known.latest == latest and known.holds(as_of):
        version = known.version
    else:
        version = session.store.version_at(stream, as_of)
    # Now, when it can be edited, all lines of a cart are there.
    limit = MAX_LINES if status.is_now else question.line_limit
    return parts.part(
        "stream", (stream, version, latest, limit), lambda: stream_view(session, stream, version, latest, limit)
    )
