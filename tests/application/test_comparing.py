"""Two moments compared are what the folded states of everything at both say, page by page."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.application import comparing
from explorer.application.comparing import (
    changed_products,
    changed_streams,
    changed_totals,
    compared_stream,
    side_at,
)
from explorer.application.handle import handle
from explorer.application.history import ABSENT, FieldChange, changes
from explorer.application.session import Session
from explorer.domain.cart import ChangeQuantity
from explorer.domain.catalogue import RenameProduct
from explorer.errors import Cancelled
from explorer.projections import states
from explorer.store import between
from explorer.store.codec import Record
from tests.application.shop import ANN, NOW, note, open_cart, record, stock
from tests.projections.naive import Shop, fold
from tests.projections.shopping import Shopper, steps


def documents(session: Session, records: list[Record]) -> dict[str, dict[str, Any]]:
    """Every stream's state after these events, folded one after the other."""
    found: dict[str, Any] = {}
    for one in records:
        decider = session.decider(one.stream)
        found[one.stream] = decider.evolve(
            found.get(one.stream, decider.initial), session.store.codec.domain_event(one)
        )
    return {stream: session.decider(stream).document(state) for stream, state in found.items()}


def all_streams(session: Session, a: int, b: int, size: int) -> list[comparing.StreamChange]:
    found: list[comparing.StreamChange] = []
    before: int | None = None
    while page := changed_streams(session, a, b, before=before, limit=size):
        found += page
        before = page[-1].position
    return found


def all_products(session: Session, a: int, b: int, size: int) -> list[comparing.ProductChange]:
    found: list[comparing.ProductChange] = []
    key = comparing.START
    while page := changed_products(session, a, b, key=key, limit=size):
        found += page
        key = page[-1].position, page[-1].sku
    return found


def compare(session: Session, records: list[Record], a: int, b: int, size: int) -> None:
    old, new = documents(session, records[:a]), documents(session, records[:b])
    counted = [Counter(one.stream for one in records[:end]) for end in (a, b)]
    last = {one.stream: one.position for one in records[min(a, b) : max(a, b)]}
    streams = all_streams(session, a, b, size)
    assert [(row.position, row.stream) for row in streams] == sorted(((p, s) for s, p in last.items()), reverse=True)
    for row in streams:
        empty = session.decider(row.stream)
        documented = empty.document(empty.initial)
        assert (row.before, row.after) == (counted[0][row.stream], counted[1][row.stream])
        expected = changes(old.get(row.stream, documented), new.get(row.stream, documented))
        assert [*row.changes] == expected
        assert compared_stream(session, row.stream, a, b) == row
    products_and_totals(session, (a, b), *(fold(session.store.codec, records[:end]) for end in (a, b)), size=size)


def products_and_totals(session: Session, ends: tuple[int, int], old: Shop, new: Shop, *, size: int) -> None:
    found = all_products(session, *ends, size)
    differing = {sku for sku in {*old.products, *new.products} if old.products.get(sku) != new.products.get(sku)}
    assert {row.sku for row in found} == differing
    for row in found:
        assert (row.before and tuple(row.before[1:-1])) == old.products.get(row.sku)
        assert (row.after and tuple(row.after[1:-1])) == new.products.get(row.sku)
        assert bool(row.figures) or row.before is None or row.after is None
    assert [(-row.position, row.sku) for row in found] == sorted((-row.position, row.sku) for row in found)
    assert {(row.currency, row.name): (row.before, row.after) for row in changed_totals(session, *ends)} == {
        (currency, name): (was, now)
        for currency in {*old.totals, *new.totals}
        for name, was, now in differences(old.totals, new.totals, currency)
        if was != now
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any], currency: str) -> list[tuple[str, int, int]]:
    empty = comparing.NOTHING
    before, after = old.get(currency, empty), new.get(currency, empty)
    return [(name, getattr(before, name), getattr(after, name)) for name in empty._fields]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=30), st.data())
def test_it_is_what_the_folded_states_of_everything_say(moves: list[Any], data: st.DataObject) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        pytest.MonkeyPatch.context() as patch,
        Session(Path(name) / "shop.events", cache=Path(name) / "cache", create=True) as session,
    ):
        patch.setattr(states, "SNAPSHOT_EVERY", 2)
        patch.setattr(comparing, "NEAR", data.draw(st.sampled_from([0, 3, 50])))
        for bound, value in (("LEAST", 2), ("MOST", 4), ("CROWDED", 2)):
            patch.setattr(between, bound, value)
        shopper = Shopper(session)
        for step in moves:
            shopper.step(step)
        session.catch_up()
        records = session.store.records(limit=1_000)
        ends = st.integers(0, len(records))
        for _ in range(4):
            compare(session, records, data.draw(ends), data.draw(ends), data.draw(st.sampled_from([1, 2, 100])))


@pytest.fixture
def shop(session: Session) -> Session:
    """Positions 1 to 4 are the catalogue, 5 and 6 open cart-1, 7 and 8 open cart-2, at 9 cart-1 has nine mugs."""
    stock(session)
    open_cart(session)
    open_cart(session, "cart-2")
    handle(session, "cart-1", ChangeQuantity("mug", 9), ANN)
    session.catch_up()
    return session


def test_the_way_back_is_the_way_there_with_its_sides_swapped(shop: Session) -> None:
    there, back = changed_streams(shop, 4, 9), changed_streams(shop, 9, 4)
    assert [row.stream for row in there] == [row.stream for row in back] == ["cart-1", "cart-2"]
    for row, other in zip(there, back, strict=True):
        assert (row.before, row.after, row.events) == (other.after, other.before, other.events)
        assert {c.path: c.after for c in row.changes} == {c.path: c.before for c in other.changes}
    (mug,), (back_again,) = changed_products(shop, 4, 9), changed_products(shop, 9, 4)
    assert (mug.sku, mug.figures) == ("mug", [FieldChange("in_carts", 0, 11)])
    assert back_again.figures == [FieldChange("in_carts", 11, 0)]
    assert changed_totals(shop, 9, 4) == [row._replace(before=row.after, after=row.before)
                                          for row in changed_totals(shop, 4, 9)]  # fmt: skip


def test_a_product_that_was_not_known_has_no_figures_on_that_side(shop: Session) -> None:
    (pen,) = [row for row in changed_products(shop, 0, 2) if row.sku == "pen"]
    assert (pen.before, pen.named.name) == (None, "Pen, blue")
    assert FieldChange("name", None, "Pen, blue") in pen.figures
    handle(shop, "product-pen", RenameProduct("Pen, red"), ANN)
    shop.catch_up()
    (row,) = changed_products(shop, 9, 10)
    assert row.figures == [FieldChange("name", "Pen, blue", "Pen, red")]
    assert changed_products(shop, 9, 9) == []


def test_what_comes_to_nothing_is_told_as_well(shop: Session) -> None:
    handle(shop, "cart-1", ChangeQuantity("mug", 2), ANN)
    shop.catch_up()
    (row,) = changed_streams(shop, 8, 10)
    assert (row.stream, row.events, row.changes) == ("cart-1", 2, ())
    assert (changed_products(shop, 8, 10), changed_totals(shop, 8, 10)) == ([], [])


def test_any_stream_can_be_compared_and_what_does_not_change_is_empty(shop: Session) -> None:
    record(shop, "tap-1", note({"open": False}), note({"open": True, "by": [{"id": 1}]}))
    shop.catch_up()
    row = compared_stream(shop, "tap-1", 10, 11)
    assert (row.position, row.before, row.after, row.currency) == (11, 1, 2, "")
    assert FieldChange("fields.open", False, True) in row.changes
    assert FieldChange("fields.by", ABSENT, [{"id": 1}]) in row.changes
    assert compared_stream(shop, "tap-1", 1, 2) == (0, "tap-1", "tap", 0, 0, (), "", True)
    assert compared_stream(shop, "tap-1", 11, 11).changes == ()


def test_a_long_stream_without_snapshots_keeps_nobody_waiting(shop: Session) -> None:
    record(shop, "tap-1", *(note({"n": number}) for number in range(5)))
    shop.catch_up()
    cart, tap = changed_streams(shop, 8, 14, patience=4)[::-1]
    assert (tap.stream, tap.events, tap.changes, tap.is_told) == ("tap-1", 5, (), False)
    assert cart.changes
    assert changed_streams(shop, 8, 14, patience=5)[0] == compared_stream(shop, "tap-1", 8, 14)


def test_both_sides_have_names(shop: Session) -> None:
    assert side_at(shop, 0).in_words() == "#0, before the first event"
    assert (side_at(shop, 9).time, side_at(shop, 9).in_words()) == (NOW, "#9, 2026-01-01 00:00 UTC")


def test_it_can_be_called_off(shop: Session, open_session: Callable[[], Session]) -> None:
    def stop() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        changed_streams(shop, 0, 9, check=stop)
    assert changed_streams(open_session(), 0, 9) == changed_streams(shop, 0, 9)
