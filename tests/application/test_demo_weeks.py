"""How long a demo is, when it ends, and what it does in a store that is not its own."""

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.application.demo import DAY, DEFAULT_WEEK, TOGETHER, WEEK, fill
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import CartCheckedOut
from explorer.domain.catalogue import IssueCoupon, ListProduct
from explorer.domain.deciders import DECIDERS
from explorer.domain.event import Event, category_of
from tests.application.shop import ANN

CATALOGUE = 48
"""44 products and 4 coupons."""
A_VISIT = 30
"""More events than one visit has."""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "shop.events"


@pytest.fixture
def shop(store: Path) -> Callable[..., list[Event]]:
    """Fills the store, or a neighbour of that name, and reads it all."""

    def shop(events: int, seed: int = 1, *, name: str = "shop.events", until: int | None = None) -> list[Event]:
        path = store.with_name(name)
        before = len(history(path)) if path.exists() else 0
        added = fill(path, events, seed, cache=path.with_name(f"{name}.cache"), until=until)
        found = history(path)
        assert len(found) == before + added
        return found

    return shop


def history(path: Path) -> list[Event]:
    found: list[Event] = []
    with Session(path, cache=path.with_name(f"{path.name}.cache")) as session:
        while page := session.store.read_all(len(found)):
            found += page
    return found


def states(path: Path) -> dict[str, Any]:
    """Every stream's state, folded event by event; a cart is never worth less than nothing."""
    found: dict[str, Any] = {}
    with Session(path, cache=path.with_name(f"{path.name}.cache")) as session:
        after = 0
        while page := session.store.records(after):
            after = page[-1].position
            for record in page:
                decider = DECIDERS[category_of(record.stream)]
                event = session.store.codec.domain_event(record)
                state = decider.evolve(found.get(record.stream, decider.initial), event)
                found[record.stream] = state
                if category_of(record.stream) == "cart":
                    assert state.total >= 0
                if isinstance(event, CartCheckedOut):
                    assert event.total == state.total > 0
    return found


def test_what_happened_is_recorded_soon(shop: Callable[..., list[Event]]) -> None:
    assert all(0 <= event.recorded_at - event.occurred_at <= TOGETHER for event in shop(1_500))


def test_so_many_more_on_a_store_with_history(shop: Callable[..., list[Event]], store: Path) -> None:
    first = shop(200)
    second = shop(150)
    assert second[: len(first)] == first
    added = second[len(first) :]
    assert 150 <= len(added) <= 150 + A_VISIT
    assert added[0].occurred_at > first[-1].occurred_at
    assert not {event.type for event in added} & {"ProductListed", "CouponIssued"}
    assert not {event.stream for event in added if event.type == "CartOpened"} & {event.stream for event in first}
    states(store)


@pytest.mark.parametrize("seed", range(5))
def test_a_week_ends_when_it_is_told_to(shop: Callable[..., list[Event]], seed: int) -> None:
    until = DEFAULT_WEEK + 100 * DAY + 20 * 3_600_000_000
    found = shop(300, seed, until=until)
    assert found[0].occurred_at == until - WEEK
    assert until - DAY < found[-1].occurred_at < until


def test_a_demo_that_is_more_than_a_week_goes_on_and_ends_when_it_is_told_to(shop: Callable[..., list[Event]]) -> None:
    until = DEFAULT_WEEK + 100 * WEEK
    found = shop(13_000, until=until)
    assert 13_000 <= len(found) - CATALOGUE <= 13_000 + 2 * A_VISIT
    assert until - 2 * WEEK == found[0].occurred_at
    weeks = Counter((event.occurred_at - found[0].occurred_at) // WEEK for event in found)
    assert set(weeks) == {0, 1}
    assert min(weeks.values()) > 6_000


def test_one_coupon_expires_early_and_is_used_before_that_only(shop: Callable[..., list[Event]], store: Path) -> None:
    found = shop(6_000)
    coupons = {event.data["code"]: event.data["expires_at"] for event in found if event.type == "CouponIssued"}
    used = defaultdict[object, list[int]](list)
    for event in found:
        if event.type == "CouponApplied":
            used[event.data["code"]].append(event.occurred_at)
    early = [code for code, expires in coupons.items() if isinstance(expires, int) and expires < DEFAULT_WEEK + 3 * DAY]
    assert (len(coupons), len(early), set(used)) == (4, 1, set(coupons))
    assert all(time < DEFAULT_WEEK + 2 * DAY for time in used[early[0]])


def test_a_demo_goes_on_where_the_shop_is_not_what_shoppers_expect(
    shop: Callable[..., list[Event]], store: Path
) -> None:
    with Session(store, cache=store.with_name("shop.events.cache"), create=True) as session:
        for sku in ("PAP-411", "MUG-203", "CAN-104"):
            handle(session, f"product-{sku}", ListProduct(sku, "Elsewhere", 900, "SEK"), ANN)
        soon = session.world.clock() + 1_000_000
        handle(session, "coupon-WEEKEND10", IssueCoupon("WEEKEND10", 10, soon), ANN)
    assert len(shop(300)) >= 4 + 44 + 300
    states(store)


def test_the_demo_shares_no_product_with_the_data_set_that_it_may_be_mixed_with(
    shop: Callable[..., list[Event]],
) -> None:
    assert not any(event.stream.partition("-")[2][:5].isdigit() for event in shop(0) if event.type == "ProductListed")
