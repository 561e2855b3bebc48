"""The moment at which a condition becomes true is found where a fold of every state has it, from either end."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application import finding
from explorer.application.conditions import StateCondition
from explorer.application.finding import Rising, Where, first, last, moments
from explorer.application.handle import new_event
from explorer.application.session import Session
from explorer.domain.cart import CartOpened, ItemAdded, ItemQuantityChanged, ItemRemoved
from explorer.domain.event import Metadata, NewEvent
from explorer.domain.privacy import PersonalDataProtected, SubjectErased
from explorer.errors import Cancelled, Missing
from tests.application.moments import Said, brute
from tests.application.shop import ANN, BOB, Clock, happened, long_cart, note, opened, record, spoil, stock

MUGS = Said(lambda after, _, __: after.get("units", 0) >= 3)
FELL = Said(lambda after, before, _: after.get("total", 0) < before.get("total", 0))
BY_BOB = Said(lambda _, __, event: event.actor == "Bob")
NEVER = Said(lambda _, __, ___: False)
ALWAYS = Said(lambda _, __, ___: True)
FLOOR = Said(lambda after, _, __: after.get("fields", {}).get("n", 0) == 1)
SPOKEN = (
    "units >= 3", "total < was.total", 'event.actor == "Bob"', "fields.n == 1", "nothing.like.it", "not nothing",
    "name != 4", "lines[sku=pen].quantity > 2 or events.NoteTaken > 1", "was.units > units", "count(lines) == 2",
)  # fmt: skip
CONDITIONS = (*map(StateCondition.parse, SPOKEN), MUGS, FELL, BY_BOB, NEVER, ALWAYS, FLOOR)

typed = st.sampled_from([
    CartOpened("Ann", "Leeds"),
    ItemAdded("mug", 2, 399, "GBP"),
    ItemAdded("pen", 3, 25, "GBP"),
    ItemQuantityChanged("mug", 2, 5),
    ItemQuantityChanged("mug", 5, 1),
    ItemRemoved("mug", 2),
])  # fmt: skip


def _free(kind: str, n: int, about: Metadata) -> NewEvent:
    return note({"n": n, "sku": n}, kind, about)


free = st.builds(
    _free,
    st.sampled_from(["NoteTaken", "ItemAdded"]),
    st.integers(0, 2),
    st.sampled_from([ANN, BOB]),
)
steps = st.lists(
    st.tuples(st.sampled_from(["cart-1", "cart-2", "cart-3", "tap-1", "tap-2"]), st.one_of(typed, free)), max_size=40
)


def positions(session: Session, condition: Any, where: Where, **how: object) -> list[int]:
    return [one.position for one in moments(session, condition, where, **how)]  # type: ignore[arg-type]


@settings(max_examples=120)
@given(
    steps=steps,
    condition=st.sampled_from(CONDITIONS),  # type: ignore[arg-type]
    stream=st.sampled_from([None, "cart-1", "tap-1"]),
    category=st.sampled_from(["", "cart"]),
    ends=st.tuples(st.integers(0, 40), st.integers(0, 45)),
    kept=st.sampled_from([0, 1, 2, 100]),
    stretch=st.sampled_from([1, 2, 7, 500]),
    is_projected=st.booleans(),
)
def test_it_is_where_a_fold_of_every_state_has_it(
    steps: list[tuple[str, object]],
    condition: Any,
    stream: str | None,
    category: str,
    ends: tuple[int, int],
    kept: int,
    stretch: int,
    is_projected: bool,
) -> None:
    with (
        TemporaryDirectory() as folder,
        opened(Path(folder), Clock()) as session,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(finding, "FIRST_STRETCH", stretch)
        patch.setattr(finding, "PAGE", 3)
        for name, event in steps:
            if isinstance(event, NewEvent):
                record(session, name, event)
            else:
                happened(session, name, event)  # type: ignore[arg-type]
        if is_projected:
            session.catch_up()
        if stream is not None and session.store.version_of(stream) == 0:
            return
        after, until = ends
        where = Where(stream, category, after, until)
        expected = [position for position in brute(session, condition, stream, category) if after < position <= until]
        assert positions(session, condition, where, kept=kept) == expected
        assert positions(session, condition, where, kept=kept, backwards=True) == expected[::-1]


@given(at=st.integers(1, 60), after=st.integers(0, 62), until=st.integers(0, 62))
@settings(max_examples=40)
def test_what_stays_true_is_bisected_to_the_same(at: int, after: int, until: int) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder), Clock()) as session:
        long_cart(session, 60)
        rising = Said(lambda state, _, __: state["units"] >= at, is_rising=True)
        where = Where("cart-long", "", after, until)
        expected = [position for position in brute(session, rising, "cart-long") if after < position <= until]
        assert positions(session, rising, where) == positions(session, rising, where, backwards=True) == expected


def test_a_bisection_asks_of_few_states(session: Session) -> None:
    long_cart(session, 4_000)
    session.catch_up()
    rising = Said(lambda state, _, __: state["units"] >= 3_210, is_rising=True)
    found = first(session, rising, Where("cart-long"))
    assert found is not None
    assert found.version == 3_210
    assert rising.asked <= 14


@pytest.mark.parametrize(
    ("stream", "text", "versions"),
    [
        ("tap-1", "events.Opened >= 3", [6]),
        ("tap-1", "events.Opened >= 3 and events.`Shut` > 1", [6]),
        ("tap-1", "event.version > 4 or events.Opened >= 9", [5]),
        ("tap-1", "events.Opened >= 300", []),
        ("coupon-TEN", "percent > 5", [1]),
        ("privacy-1", "count(erased) >= 2", [3]),
    ],
)
def test_what_never_falls_is_known_of_each_category(
    session: Session, stream: str, text: str, versions: list[int]
) -> None:
    stock(session)
    for number in range(1, 4):
        record(session, "tap-1", note({"n": number}, "Shut"), note({"n": number}, "Opened"))
    happened_ = [PersonalDataProtected(), SubjectErased("a"), SubjectErased("b"), SubjectErased("c")]
    record(session, "privacy-1", *(new_event(event, ANN) for event in happened_))
    condition = StateCondition.parse(text)
    assert condition.is_rising_in(Rising(session.decider(stream).rising))
    for backwards in (False, True):
        found = moments(session, condition, Where(stream), backwards=backwards)
        assert [one.version for one in found] == versions
    assert brute(session, condition, stream) == [one.position for one in moments(session, condition, Where(stream))]


def test_what_may_fall_is_not_bisected(session: Session) -> None:
    for stream, text in (("cart-1", "total > 5"), ("tap-1", "fields.n > 1"), ("tap-1", "not events.Opened > 3")):
        assert not StateCondition.parse(text).is_rising_in(Rising(session.decider(stream).rising))


def test_a_near_hit_is_found_without_reading_far(session: Session) -> None:
    long_cart(session, 4_000)
    session.catch_up()
    odd = Said(lambda state, _, __: state["units"] % 2 == 1)
    found = last(session, odd, Where("cart-long"))
    assert found is not None
    assert found.version == 3_999
    assert odd.asked <= 502
    assert [one.version for one in (first(session, odd, Where(after=100, until=200)),) if one] == [101]


def test_a_damaged_event_changes_nothing(session: Session) -> None:
    happened(session, "cart-1", CartOpened("Ann", "Leeds"), ItemAdded("mug", 2, 399, "GBP"))
    happened(session, "cart-1", ItemQuantityChanged("mug", 2, 5), ItemAdded("pen", 1, 25, "GBP"))
    spoil(session.path, 3)
    assert positions(session, MUGS, Where()) == positions(session, MUGS, Where("cart-1")) == [4]


def test_a_search_tells_how_far_it_is_and_can_be_stopped(session: Session) -> None:
    long_cart(session, 2_500)
    told: list[tuple[int, int]] = []
    assert first(session, NEVER, Where(), lambda done, total: told.append((done, total))) is None
    assert told == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]
    told.clear()
    assert last(session, NEVER, Where(), lambda done, total: told.append((done, total))) is None
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (2_500, 2_500)

    def stop(done: int, total: int) -> None:
        raise Cancelled(f"enough at {done} of {total}")

    with pytest.raises(Cancelled, match="1000 of 2500"):
        first(session, NEVER, Where(), stop)


def test_a_stream_that_is_not_there_is_said(open_session: Callable[[], Session]) -> None:
    with pytest.raises(Missing, match="cart-9"):
        first(open_session(), ALWAYS, Where("cart-9"))
