"""Which events are one piece of work, and what followed from what: as looking at every event would tell."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.projections import causes
from explorer.projections.causes import effects_of, work_of
from tests.projections.test_runner import open_session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with open_session(tmp_path) as opened:
        yield opened


def id_of(number: int) -> UUID:
    return UUID(int=number << 64 | 7)


def happen(session: Session, *events: tuple[int | None, int | None]) -> None:
    """Each with its correlation and its cause, by number; the event at position n has the id n."""
    for correlation, cause in events:
        position = session.store.head().size + 1
        about = Metadata(
            "ann", "", id_of(correlation) if correlation is not None else None, id_of(cause) if cause else None
        )
        event = NewEvent("Noted", {}, about, id=id_of(position))
        session.store.append(f"thing-{position % 3}", session.store.version_of(f"thing-{position % 3}"), [event])


def work(session: Session, correlation: int, limit: int = 100, after: int = 0) -> list[int]:
    session.catch_up()
    with session.asking() as connection:
        return work_of(connection, id_of(correlation).bytes, limit, after)


def effects(session: Session, *ids: int, limit: int = 100) -> dict[int, list[int]]:
    session.catch_up()
    with session.asking() as connection:
        found = effects_of(connection, [id_of(number).bytes for number in ids], limit)
    return {UUID(bytes=id_).int >> 64: positions for id_, positions in found.items()}


def test_a_piece_of_work_is_paged(session: Session) -> None:
    happen(session, (90, None), (91, None), (90, None), (90, None), (None, None))
    assert work(session, 90) == [1, 3, 4]
    assert (work(session, 90, 2), work(session, 90, 2, after=3)) == ([1, 3], [4])
    assert (work(session, 91), work(session, 92), work(session, 90, 0)) == ([2], [], [])


def test_effects_are_told_by_their_cause(session: Session) -> None:
    happen(session, (None, None), (None, 1), (None, 1), (None, 2), (None, 99))
    assert effects(session, 1, 2, 3, 99) == {1: [2, 3], 2: [4], 99: [5]}
    assert effects(session, 1, limit=1) == {1: [2]}
    assert effects(session) == {}


def test_an_id_that_is_none_leads_nowhere(session: Session) -> None:
    happen(session, (1, 1))
    session.catch_up()
    with session.asking() as connection:
        assert work_of(connection, b"short", 10) == []
        assert effects_of(connection, [b"", b"short"]) == {}


numbers = st.one_of(st.none(), st.integers(1, 8))


@settings(max_examples=40)
@given(st.lists(st.tuples(numbers, numbers), max_size=14), st.integers(0, 14), st.integers(1, 5), st.booleans())
def test_the_tables_say_what_the_events_say(
    events: list[tuple[int | None, int | None]], caught_up: int, chunk: int, rebuilt: bool
) -> None:
    with (
        TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        open_session(Path(folder)) as session,
    ):
        patch.setattr(causes, "CHUNK", chunk)
        happen(session, *events[:caught_up])
        session.catch_up()
        happen(session, *events[caught_up:])
        if rebuilt:
            session.rebuild()
        works: defaultdict[int, list[int]] = defaultdict(list)
        followed: defaultdict[int, list[int]] = defaultdict(list)
        for position, (correlation, cause) in enumerate(events, 1):
            if correlation is not None:
                works[correlation].append(position)
            if cause is not None:
                followed[cause].append(position)
        for number in range(1, 10):
            assert work(session, number) == works[number]
            assert work(session, number, 2, after=3) == [place for place in works[number] if place > 3][:2]
        assert effects(session, *range(1, 10)) == {cause: followed[cause] for cause in followed}
