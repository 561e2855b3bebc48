"""Pages of the event list, against the plain list of all that passes the filter."""

from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application import event_list, word_search
from explorer.application.event_list import EventPage, event_page, go_on, matching
from explorer.application.filtering import EventFilter
from explorer.application.filtering import words as sought
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.word_search import Sought
from explorer.domain.catalogue import RenameProduct
from explorer.domain.event import Event, Json, Metadata
from explorer.errors import Cancelled
from explorer.store.event_store import Append
from tests.application.shop import ANN, NOW, SECOND, Clock, note, open_cart, opened, record, spoil, stock

SIZE = 240
STREAMS = ["creditnote-1", "creditnote-2", "parcel-1"]
ACTORS = ["Ann", "Bob", "Zoë"]
TYPES = ["NoteTaken", "ParcelSent"]
RARE = {97: "Needle", 101: "Needle", 238: "Needle"}
"""Positions with a type of their own."""
TEXTS = ["white mug", "Blue PEN", "vase", ""]


def stream_at(position: int) -> str:
    return STREAMS[position * position % 7 % 3] if position > 30 else STREAMS[0]


@pytest.fixture(scope="module", autouse=True)
def many_pages() -> Iterator[None]:
    """The log of these tests is short; so are the pages and stretches in which it is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_list, "PAGE", 8)
        patch.setattr(event_list, "STRETCH", 25)
        patch.setattr(word_search, "STRETCH", 25)
        yield


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Three streams, three actors and three types, unevenly mixed."""
    with opened(tmp_path_factory.mktemp("log"), Clock()) as session:
        versions = dict.fromkeys(STREAMS, 0)
        appends: list[Append] = []
        for position in range(1, SIZE + 1):
            stream = stream_at(position)
            about = Metadata(ACTORS[position // 3 % 3], "recount" if position % 11 == 0 else "")
            data: dict[str, Json] = {"text": TEXTS[position % 5 % 4], "number": position}
            event = note(data, RARE.get(position, TYPES[position % 2]), about, NOW + position * SECOND)
            appends.append(Append(stream, versions[stream], [event]))
            versions[stream] += 1
        session.store.append_all(appends)
        session.catch_up()
        yield session


def passes(event: Event, wanted: EventFilter) -> bool:
    texts = (event.stream, event.type, event.metadata.actor, event.metadata.reason, str(event.data["text"]))
    return (
        wanted.stream in (None, event.stream)
        and wanted.type in (None, event.type)
        and wanted.actor in (None, event.metadata.actor)
        and all(any(word.lower() in text.lower() for text in texts) for word in wanted.where.split())
    )


def all_that_pass(session: Session, wanted: EventFilter, head: int) -> list[int]:
    events = session.store.read_all(0, head)
    return [event.position for event in events if passes(event, wanted)]


def expected(positions: list[int], start: int, rows: int) -> tuple[list[int], int | None, int | None]:
    """The page from `start` on, filled from before it, and what passes just before and just behind it."""
    begin = len([position for position in positions if position < start])
    end = min(begin + rows, len(positions))
    begin = min(begin, max(0, end - rows))
    return positions[begin:end], next(reversed(positions[:begin]), None), next(iter(positions[end:]), None)


def positions(page: EventPage) -> list[int]:
    return [row.position for row in page.rows]


unhurried = settings(deadline=None)
"""Disks are as fast as they are."""

filters = st.builds(
    EventFilter,
    stream=st.none() | st.sampled_from([*STREAMS, "cart-1"]),
    type=st.none() | st.sampled_from([*TYPES, "Needle", "CartOpened"]),
    actor=st.none() | st.sampled_from([*ACTORS, "Nobody"]),
    where=st.sampled_from(["", "", "mug", "MUG white", "pen", "recount", "needle", "parcel ann", "zo", "nowhere"]),
)
starts = st.integers(0, SIZE + 5)
heads = st.just(SIZE) | st.integers(0, SIZE)
row_numbers = st.integers(1, 60)


@unhurried
@given(filters, starts, row_numbers, heads)
def test_a_page_is_what_the_plain_list_has_there(
    log: Session, wanted: EventFilter, start: int, rows: int, head: int
) -> None:
    page = event_page(log, wanted, start, rows, head)
    assert (positions(page), page.previous, page.next) == expected(all_that_pass(log, wanted, head), start, rows)
    assert (page.at_start, page.at_end) == (page.previous is None, page.next is None)


@unhurried
@given(filters, heads)
def test_all_that_passes_lies_within_the_bounds(log: Session, wanted: EventFilter, head: int) -> None:
    page, passing = event_page(log, wanted, 1, 1, head), all_that_pass(log, wanted, head)
    assert 0 <= page.first <= page.last <= head
    assert all(page.first <= position <= page.last for position in passing)


@pytest.mark.parametrize(
    "wanted",
    [
        EventFilter(),
        *(EventFilter(stream=stream) for stream in STREAMS),
        *(EventFilter(type=kind) for kind in (*TYPES, "Needle", "CartOpened")),
        *(EventFilter(actor=actor) for actor in (*ACTORS, "Nobody")),
    ],
)
def test_the_bounds_of_what_has_an_index_are_its_first_and_last_event(log: Session, wanted: EventFilter) -> None:
    passing = all_that_pass(log, wanted, SIZE) or [0]
    page = event_page(log, wanted, 50, 5, SIZE)
    assert (page.first, page.last) == (passing[0], passing[-1])


@unhurried
@given(filters, row_numbers, heads)
def test_pages_forwards_tile_the_log(log: Session, wanted: EventFilter, rows: int, head: int) -> None:
    page = event_page(log, wanted, 1, rows, head)
    found = positions(page)
    while page.next is not None:
        start = page.next
        page = event_page(log, wanted, start, rows, head)
        found += [position for position in positions(page) if position >= start]
    assert found == all_that_pass(log, wanted, head)


@unhurried
@given(filters, row_numbers, heads)
def test_pages_backwards_tile_the_log(log: Session, wanted: EventFilter, rows: int, head: int) -> None:
    page = event_page(log, wanted, head + 1, rows, head)
    found = positions(page)
    while page.previous is not None:
        above = page.rows[0].position
        page = event_page(log, wanted, above, rows, head, shift=-rows)
        found = [position for position in positions(page) if position < above] + found
    assert found == all_that_pass(log, wanted, head)


@unhurried
@given(filters, starts, st.integers(-30, 30), row_numbers, heads)
def test_a_page_that_is_scrolled_begins_so_many_of_the_plain_list_further_on(
    log: Session, wanted: EventFilter, start: int, shift: int, rows: int, head: int
) -> None:
    passing = all_that_pass(log, wanted, head)
    behind = [position for position in passing if position >= start]
    before = [position for position in passing if position < start]
    if wanted.is_empty:
        begins = min(max(1, start + shift), max(1, head)) if shift else start
    elif shift > 0:
        begins = behind[min(shift, len(behind) - 1)] if behind else start
    else:
        begins = before[max(0, len(before) + shift)] if before and shift else start
    page = event_page(log, wanted, start, rows, head, shift=shift)
    assert positions(page) == expected(passing, begins, rows)[0]


def test_an_empty_log_has_an_empty_page(session: Session) -> None:
    session.catch_up()
    assert event_page(session, EventFilter(), 1, 10, 0) == EventPage((), 0, 0, None, None)
    assert event_page(session, EventFilter(where="mug"), 1, 10, 0) == EventPage((), 0, 0, None, None, Sought(0, 0, 0))


def test_a_filter_is_empty_that_lets_everything_pass() -> None:
    assert EventFilter().is_empty
    assert not any(
        wanted.is_empty for wanted in (EventFilter(stream=""), EventFilter(where="x"), EventFilter(type="T"))
    )


# Words.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mug, white", "mug"),
        ("mug, white", "MUG WHITE"),
        ("Mug, white", "white mug"),
        ("Zoë’s café", "Zoë café"),
        ("Zoë’s café", "CAFé zOë’S"),
        ("ÄPFEL", "ÄPFEL"),
        ("茶碗 🍵", "碗 🍵"),
        ('a 3" plate', '3"'),
        ("C:\\cups", "c:\\CUPS"),
        ("one\ntwo", "one two"),
        ("bell\x07", "bell\x07"),
        ("100 %_?", "%_?"),
        ("it's", "it's"),
    ],
)
def test_words_are_found_wherever_they_stand(session: Session, text: str, words: str) -> None:
    record(session, "parcel-1", note({"inner": [{"text": text}]}), note({"text": "something else"}))
    by_actor, by_reason = Metadata(text, ""), Metadata("Ann", text)
    record(session, "parcel-2", note({}, about=by_actor), note({}, about=by_reason), note({}, about=ANN))
    session.catch_up()
    found = matching(session, EventFilter(where=sought(words)), 0, 5, go_on)
    assert [event.position for event in found] == [1, 3, 4]


def test_words_are_found_in_the_stream_and_the_type(session: Session) -> None:
    record(session, "parcel-Leeds", note({}), note({}, "ParcelSent"))
    found = matching(session, EventFilter(where="sent LEEDS"), 0, 2, go_on)
    assert [event.position for event in found] == [2]


# Calling it off.


def cancelled_at(call: int) -> Callable[[], None]:
    calls = count(1)

    def check() -> None:
        if next(calls) == call:
            raise Cancelled("The user looks elsewhere.")

    return check


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("wanted", [
    EventFilter(where="nowhere"), EventFilter(stream=STREAMS[0], actor="Nobody"),
], ids=["words", "stream and actor"])  # fmt: skip
def test_a_search_that_finds_nothing_for_long_can_be_called_off(
    log: Session, wanted: EventFilter, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_search, "STRETCH", 10)
    monkeypatch.setattr(event_list, "STRETCH", 3)
    with pytest.raises(Cancelled):
        event_page(log, wanted, SIZE // 2, 10, SIZE, cancelled_at(call))


def test_a_search_reads_no_further_than_it_must(log: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind position 90 the first needle is at 97, so one stretch is enough."""
    monkeypatch.setattr(word_search, "STRETCH", 10)
    found = matching(log, EventFilter(where="needle"), 90, SIZE, cancelled_at(2))
    assert next(found).position == 97


# Rows.


@pytest.fixture
def shop(session: Session) -> Session:
    stock(session)
    return session


def summaries(session: Session) -> list[str]:
    session.catch_up()
    return [row.summary for row in event_page(session, EventFilter(), 1, 50, session.store.head().size).rows]


def test_a_row_says_what_happened_when_where_and_by_whom(shop: Session, clock: Clock) -> None:
    clock.time += SECOND
    record(shop, "creditnote-1", note({"number": 7}, "ItemRemoved", Metadata("Bob", "broken"), NOW - SECOND))
    shop.catch_up()
    (row,) = event_page(shop, EventFilter(stream="creditnote-1"), 1, 10, 5).rows
    assert row == (5, NOW - SECOND, "ItemRemoved", "removed", "creditnote-1", 1, "number 7", "Bob", "broken")


def test_a_summary_has_the_name_that_the_product_had_then(shop: Session) -> None:
    open_cart(shop, mugs=1)
    handle(shop, "product-mug", RenameProduct("Mug, ivory"), ANN)
    open_cart(shop, "cart-2", mugs=2)
    assert summaries(shop)[5:] == [
        "1 × mug at 3.99 GBP · Mug, white",
        "“Mug, white” → “Mug, ivory”",
        "Ann, Leeds",
        "2 × mug at 3.99 GBP · Mug, ivory",
    ]


def test_a_name_that_the_summary_has_already_is_not_said_twice(shop: Session) -> None:
    assert summaries(shop)[0] == "mug “Mug, white” at 3.99 GBP"


def test_a_number_that_is_no_product_s_has_no_name(shop: Session) -> None:
    record(shop, "parcel-1", note({"sku": "ghost"}), note({"sku": 5}), note({"sku": ["mug"]}))
    assert summaries(shop)[4:] == ["sku ghost", "sku 5", ""]


def test_an_event_that_cannot_be_read_is_listed_with_the_reason(shop: Session, tmp_path: Path) -> None:
    record(shop, "cart-1", note({"sku": "mug"}), note({"sku": 5}, "ItemRemoved"))
    record(shop, "parcel-1", note({}))
    spoil(tmp_path / "shop.events", 7)
    unknown, wrong, spoilt = summaries(shop)[4:]
    assert unknown == "unreadable: Event 5 has the type NoteTaken, which cart does not know. · Mug, white"
    assert wrong.startswith("unreadable: The data of event 6 is not that of ItemRemoved: ")
    assert spoilt.startswith("unreadable: The data of event 7 cannot be decoded: ")


def test_what_is_not_taken_is_not_read(log: Session) -> None:
    found = matching(log, EventFilter(), 0, SIZE, cancelled_at(2))
    assert [record.position for record in islice(found, 8)] == list(range(1, 9))
