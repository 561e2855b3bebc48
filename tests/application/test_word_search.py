"""A search finds what a plain look through the log finds, whatever is asked first and wherever it is called off."""

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.application import word_search
from explorer.application.session import Session
from explorer.application.view import Question, answer
from explorer.application.word_search import GoOn, Search, Wanted
from explorer.domain.event import Metadata
from tests.application.shop import NOW, Clock, note, opened, record

SIZE = 200
STRETCH = 16
NEEDLES = [position for position in range(1, SIZE + 1) if position * position % 11 == 3]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as patch, opened(tmp_path_factory.mktemp("log"), Clock()) as session:
        patch.setattr(word_search, "STRETCH", STRETCH)
        for position in range(1, SIZE + 1):
            text = "a Needle" if position in NEEDLES else "hay"
            actor = Metadata("Ann" if position % 2 else "Bob")
            kind = "NoteTaken" if position % 3 else "ParcelSent"
            record(session, "parcel-1", note({"text": text}, kind, actor, NOW + position))
        session.catch_up()
        yield session


def up_to(stretches: int) -> GoOn:
    return lambda done: done < stretches


moves = st.lists(st.tuples(st.integers(0, SIZE + 9), st.integers(1, SIZE), st.integers(0, 5)), max_size=20)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves, st.integers(-5, SIZE + 5))
def test_what_is_found_is_what_is_there_however_the_search_went(
    log: Session, moves: list[tuple[int, int, int]], place: int
) -> None:
    search, head = Search(Wanted("needle")), 0
    for around, reached, stretches in moves:
        head = max(head, reached)
        sought = search.go_on(log, around, head, up_to(stretches))
        assert sought.searched <= head
        assert sought.found == sum(len(list(found)) for found in [search_all(search, head)])
    while not search.go_on(log, place, SIZE, up_to(1)).is_done:
        pass
    assert list(search.behind(place)) == [needle for needle in NEEDLES if needle > place]
    before = min(place, SIZE + 1)
    assert list(search.before(before)) == [needle for needle in reversed(NEEDLES) if needle < before]
    assert search.bounds() == (NEEDLES[0], NEEDLES[-1])


def search_all(search: Search, head: int) -> list[int]:
    """What lies in all stretches that have been sought, gaps or not."""
    found: set[int] = set()
    for first in range(0, head + STRETCH, STRETCH):
        found.update(position for position in search.behind(first) if position <= head)
    return sorted(found)


def test_the_nearest_stretches_are_sought_first_and_none_twice(log: Session) -> None:
    search = Search(Wanted("needle"))
    assert search.go_on(log, 100, SIZE, up_to(1)).searched == STRETCH
    near = [needle for needle in NEEDLES if 96 < needle <= 112]
    assert list(search.behind(96)) == near
    assert search.go_on(log, 100, SIZE, up_to(2)).searched == 3 * STRETCH
    assert list(search.behind(80)) == [needle for needle in NEEDLES if 80 < needle <= 128]
    assert list(search.before(113)) == [needle for needle in reversed(NEEDLES) if 80 < needle <= 112]


def test_the_end_of_a_log_that_grows_is_sought_where_it_grew(log: Session) -> None:
    search = Search(Wanted("needle"))
    for head in (1, 5, 20, 21, SIZE):
        sought = search.go_on(log, 1, head, up_to(SIZE))
        assert (sought.is_done, sought.found) == (True, len([needle for needle in NEEDLES if needle <= head]))


def test_types_and_actors_narrow_a_search(log: Session) -> None:
    search = Search(Wanted("needle", "ParcelSent", "Bob"))
    search.go_on(log, 1, SIZE, up_to(SIZE))
    assert list(search.behind(0)) == [needle for needle in NEEDLES if needle % 3 == 0 and needle % 2 == 0]


def test_the_same_question_asked_again_tells_more_until_all_is_sought(log: Session) -> None:
    from explorer.application.event_list import EventFilter

    question = Question(filter=EventFilter(where="needle"), rows=5)
    found = answer(log, question)
    assert found.events.sought is not None
    assert found.events.sought.searched == SIZE % STRETCH
    assert found.is_seeking
    for _ in range(SIZE // STRETCH + 1):
        found = answer(log, question, found)
    assert not found.is_seeking
    assert found.events.sought is not None
    assert found.events.sought.found == len(NEEDLES)
    assert [row.position for row in found.events.rows] == NEEDLES[-5:]
    assert list(islice(found.search.behind(0), 3) if found.search else ()) == NEEDLES[:3]


def test_a_search_that_is_stopped_goes_no_further_than_the_moment_s_stretch(log: Session) -> None:
    from explorer.application.event_list import EventFilter

    question = Question(as_of=50, filter=EventFilter(where="needle"), seek=False)
    found = answer(log, question)
    assert found.events.sought is not None
    assert found.events.sought.searched == STRETCH
    assert not found.is_seeking
    again = answer(log, question, found)
    assert again.events.sought == found.events.sought


def test_what_is_found_ends_where_it_was_not_sought(log: Session) -> None:
    search = Search(Wanted('""'))
    search.go_on(log, 1, 10, up_to(1))
    search.go_on(log, 40, 55, up_to(3))
    assert list(search.before(40)) == list(range(39, 16, -1))
    assert list(search.behind(3)) == list(range(4, 11))
