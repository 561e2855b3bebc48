"""The demo's shoppers: seeded, following the rules, and a week that looks like one."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from explorer.application import demo
from explorer.application.resources import resource
from explorer.application.session import Session
from explorer.domain.cart import Cart
from explorer.domain.event import category_of
from explorer.errors import Cancelled
from explorer.projections import cart_queries, queries
from explorer.store.codec import Record


def records(path: Path) -> list[Record]:
    with Session(path, cache=path.parent / "cache") as session:
        return session.store.records(limit=100_000)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "shop.events"
    demo.fill(path, 1_500, 1, cache=path.parent / "cache")
    return path


@pytest.mark.parametrize("events", [0, 1, 7, 300])
def test_at_least_so_many_events_are_new_and_not_many_more(tmp_path: Path, events: int) -> None:
    path = tmp_path / "shop.events"
    added = demo.fill(path, events, 1, cache=tmp_path / "cache")
    assert events <= added <= events + 60
    assert len(records(path)) == added
    again = demo.fill(path, events, 1, cache=tmp_path / "cache")
    assert events <= again <= events + 12
    assert len(records(path)) == added + again


def test_the_same_seed_makes_the_same_history_and_another_another(week: Path, tmp_path: Path) -> None:
    demo.fill(tmp_path / "same.events", 1_500, 1, cache=tmp_path / "cache")
    demo.fill(tmp_path / "other.events", 1_500, 2, cache=tmp_path / "cache2")
    assert records(tmp_path / "same.events") == records(week)
    assert records(tmp_path / "other.events") != records(week)


def test_two_demo_stores_are_not_the_same_store(week: Path, tmp_path: Path) -> None:
    demo.fill(tmp_path / "same.events", 5, 1, cache=tmp_path / "cache")
    with Session(tmp_path / "same.events", cache=tmp_path / "cache") as one, Session(week) as other:
        assert one.store.store_id != other.store.store_id


def test_time_never_runs_backwards_and_the_week_is_one(week: Path) -> None:
    found = records(week)
    times = [record.occurred_at for record in found]
    assert times == sorted(times)
    assert times[-1] - times[0] < demo.WEEK + demo.DAY
    days = Counter(datetime.fromtimestamp(time // demo.SECOND, UTC).strftime("%a") for time in times)
    assert len(days) == 7
    assert days["Sat"] > days["Tue"]
    hours = Counter(datetime.fromtimestamp(time // demo.SECOND, UTC).hour for time in times[60:])
    assert sum(hours[hour] for hour in range(1, 6)) < sum(hours[hour] for hour in (12, 13, 19, 20)) / 4


def test_carts_end_in_every_way_and_obey_the_rules(week: Path) -> None:
    with Session(week, cache=week.parent / "cache") as session:
        session.catch_up()
        states: dict[str, Any] = {}
        for record in session.store.records(limit=100_000):
            decider = session.decider(record.stream)
            event = session.store.codec.domain_event(record)
            states[record.stream] = decider.evolve(states.get(record.stream, decider.initial), event)
        carts = [state for state in states.values() if isinstance(state, Cart)]
        assert all(cart.total >= 0 for cart in carts)
        assert Counter(cart.status for cart in carts).keys() == {"open", "checked_out", "abandoned"}
        with session.asking() as connection:
            assert queries.poison(connection) == []
    kinds = Counter(record.type for record in records(week))
    assert kinds["CartCheckedOut"] > kinds["CartAbandoned"] > kinds["CartReopened"] > 0
    for kind in ("ItemQuantityChanged", "ItemRemoved", "CouponApplied", "CouponRemoved", "NoteChanged"):
        assert kinds[kind] > 0, kind


def test_everybody_says_who_and_staff_say_why(week: Path) -> None:
    found = records(week)
    assert all(record.actor and record.origin == "demo" and record.correlation_id for record in found)
    by_staff = [r for r in found if r.actor in {"ann", "bob", "carol"} and category_of(r.stream) == "cart"]
    assert by_staff
    assert all(record.reason for record in by_staff)


def test_what_staff_correct_and_who_comes_back_names_what_it_undoes(week: Path) -> None:
    found = records(week)
    by_id = {record.id: record for record in found}
    caused = [(record, by_id[record.causation_id]) for record in found if record.causation_id is not None]
    assert {record.type for record, _ in caused} == {"ItemQuantityChanged", "CartReopened"}
    for record, cause in caused:
        assert (cause.stream, cause.correlation_id) == (record.stream, record.correlation_id)
        assert cause.position < record.position
        if record.type == "CartReopened":
            assert cause.type == "CartAbandoned"
        else:
            assert msgspec.json.decode(cause.data)["sku"] == msgspec.json.decode(record.data)["sku"]
    assert sum(record.type == "CartReopened" for record, _ in caused) == sum(r.type == "CartReopened" for r in found)


def test_a_week_may_end_now(tmp_path: Path) -> None:
    end = demo.DEFAULT_WEEK + 400 * demo.DAY
    demo.fill(tmp_path / "shop.events", 600, 1, cache=tmp_path / "cache", until=end)
    found = records(tmp_path / "shop.events")
    assert end - demo.WEEK <= found[0].occurred_at
    assert end - 3 * demo.DAY < found[-1].occurred_at < end + demo.DAY


def test_a_demo_that_is_stopped_keeps_what_was_appended(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        demo.fill(tmp_path / "shop.events", 5_000, 1, cache=tmp_path / "cache", progress=stop)
    assert 0 < len(records(tmp_path / "shop.events")) < 5_000


def test_a_protected_demo_holds_no_customer_in_clear_text(tmp_path: Path) -> None:
    shop, cache = tmp_path / "shop.events", tmp_path / "cache"
    demo.fill(shop, 300, 1, cache=cache, protected=True)
    demo.fill(shop, 100, 2, cache=cache)
    customers = [name for name in demo_shop().customers if name.encode() in shop.read_bytes()]
    assert customers == []
    assert not {record.actor for record in records(shop)} & {name.split()[0].lower() for name in demo_shop().customers}
    with Session(shop, cache=cache) as session:
        session.catch_up()
        with session.asking() as connection:
            carts = cart_queries.carts(connection, session.store.head().size)
        assert {cart.customer for cart in carts} <= {*demo_shop().customers}
        assert len(carts) > 30


def demo_shop() -> demo.Shop:
    return msgspec.json.decode(resource("demo", "shop.json").read_bytes(), type=demo.Shop)


def test_a_wrong_price_slips_in_unnoticed_and_is_sold_at(tmp_path: Path, week: Path) -> None:
    path = tmp_path / "shop.events"
    demo.fill(path, 1_500, 1, cache=tmp_path / "cache", wrong_price=True)
    with Session(path, cache=tmp_path / "cache") as session:
        (slip,) = [event for event in session.store.read_all(limit=10_000) if event.metadata.actor == "price feed"]
        sku = slip.stream.removeprefix("product-")
        assert (slip.type, slip.data["previous_unit_price"], slip.data["unit_price"]) == ("ProductRepriced", 275, 2)
        session.catch_up()
        with session.asking() as connection:
            (product,) = queries.products(connection, session.store.head().size, words=sku)
        assert product.unit_price in range(2, 100), "nobody has noticed"
        sold = [
            e for e in session.store.read_all(slip.position, 10_000) if e.type == "ItemAdded" and e.data["sku"] == sku
        ]
        assert sold
        assert all(event.data["unit_price"] == 2 for event in sold)
    assert [record.type for record in records(week)] != [record.type for record in records(path)]
