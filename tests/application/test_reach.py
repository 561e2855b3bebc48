"""Between which positions a condition can hold; and that a search goes there only."""

import pytest

from explorer.application import word_search
from explorer.application.conditions import EventCondition
from explorer.application.privacy import erase, protect
from explorer.application.reach import EVERYWHERE, Reach, reach_of
from explorer.application.session import Session
from explorer.application.word_search import Search, Wanted
from explorer.domain.event import Metadata
from tests.application.shop import NOW, SECOND, note, open_cart, record, stock

OFFICE = Metadata("office")


@pytest.fixture
def log(session: Session, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Events of the seconds 0, 1, 9, 3, 4, 5, 6, 7, 8, 9."""
    monkeypatch.setattr(word_search, "STRETCH", 3)
    for second in (0, 1, 9, 3, 4, 5, 6, 7, 8, 9):
        record(session, "parcel-1", note({"n": second}, at=NOW + second * SECOND))
    session.catch_up()
    return session


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("mug", Reach()),
        ("position > 3 and position <= 7.5", Reach(4, 7)),
        ("position == 5 mug", Reach(5, 5)),
        ("position == 5.5", Reach(6, 5)),
        ("position < 3 or mug", Reach()),
        ("not position < 3", Reach()),
        ("time >= 2026-01-01T00:00:03", Reach(3)),
        ("time > '2026-01-01T00:00:01'", Reach(3)),
        ("time == 2026-01-01T00:00:01", Reach(2)),
        ("time < 2026-01-01T00:00:03", Reach()),
        ("time >= nonsense", Reach()),
    ],
)
def test_by_position_and_time(log: Session, text: str, reach: Reach) -> None:
    assert reach_of(log, EventCondition.parse(text).condition) == reach
    assert reach.last <= EVERYWHERE


@pytest.mark.parametrize("text", ["position > 3 and position <= 7", "time >= 2026-01-01T00:00:03", "position > 99"])
def test_a_search_asks_nothing_outside_and_is_done_all_the_same(
    log: Session, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    real = log.store.search

    def search(wanted: object, after: int, until: int, **more: object) -> object:
        asked.append((after, until))
        return real(wanted, after, until, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(log.store, "search", search)
    found = Search(Wanted(text))
    sought = found.go_on(log, 1, 10, lambda _: True)
    passes = EventCondition.parse(text).passes
    assert [*found.behind(0)] == [one.position for one in log.store.records() if passes(one, log.store.codec)]
    assert sought.is_done
    reach = reach_of(log, EventCondition.parse(text).condition)
    assert all(until >= reach.first and after < reach.last for after, until in asked)


def test_what_is_erased_is_no_longer_found(session: Session) -> None:
    stock(session)
    protect(session, OFFICE)
    open_cart(session, mugs=0)
    session.catch_up()
    search = Search(Wanted("data.customer == Ann"))
    assert search.go_on(session, 1, session.store.head().size, lambda _: True).found == 1
    erase(session, OFFICE, subject="Ann")
    assert search.go_on(session, 1, session.store.head().size, lambda _: True).found == 0
