"""The cache as of any position equals a fold of the events up to it, however it was brought there."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.application.session import Session
from explorer.domain.cart import Status
from explorer.projections import cart_queries, carts, queries, rebuilding, runner, states
from explorer.projections.log import WIDTHS
from tests.projections.naive import fold
from tests.projections.shopping import Shopper, steps

ways = st.sampled_from(["nothing", "nothing", "catch up", "catch up elsewhere", "rebuild", "delete"])
"""What may happen to the cache between two steps."""


def check(session: Session) -> None:
    """Asks everything about every position, and the naive fold the same."""
    records = session.store.records(limit=10_000)
    with session.asking() as connection:
        for position in range(len(records) + 1):
            compare(session, connection, records[:position], position)
        activity: Counter[tuple[int, int, str]] = Counter()
        for level in range(len(WIDTHS)):
            for row in queries.activity(connection, level, -(10**17), 10**17):
                activity[level, row.start, row.type] = row.events
    assert activity == fold(session.store.codec, records).activity


def compare(session: Session, connection: Any, records: list[Any], position: int) -> None:
    expected = fold(session.store.codec, records)
    rows = cart_queries.carts(connection, position)
    assert {row.stream for row in rows} == set(expected.carts)
    for words in ("JANE", "omar lee", "cart-2", "nobody"):
        known = cart_queries.matches(connection, words)
        named = [row for row in rows if all(word.lower() in _text(row) for word in words.split())]
        assert cart_queries.carts(connection, position, words=words, among=known) == named
        assert cart_queries.carts(connection, position, words=words) == named
    for status in Status:
        named = {row.stream for row in cart_queries.carts(connection, position, status=status.value)}
        assert named == {name for name, cart in expected.carts.items() if cart.status == status}
    assert [row.since for row in rows] == sorted((row.since for row in rows), reverse=True)
    for row in rows:
        cart = expected.carts[row.stream]
        assert (row.status, row.customer, row.location, row.currency, row.note) == (
            cart.status.value, cart.customer, cart.location, cart.currency, cart.note,
        )  # fmt: skip
        assert (row.units, row.subtotal, row.discount, row.total) == (
            cart.units, cart.subtotal, cart.discount, cart.total,
        )  # fmt: skip
        assert row == cart_queries.cart(connection, row.stream, position)
        lines = cart_queries.cart_lines(connection, row.stream, position)
        assert [(line.line, line.sku, line.quantity, line.unit_price) for line in lines] == [
            (key, line.sku, line.quantity, line.unit_price) for key, line in cart.lines.items()
        ]
        assert lines == cart_queries.cart_lines_of(connection, row.stream, [*cart.lines], position)
    assert {row.sku: tuple(row[1:-1]) for row in queries.products(connection, position)} == expected.products
    kept = {currency: sums for currency, sums in queries.totals(connection, position).items() if any(sums)}
    assert kept == {currency: sums for currency, sums in expected.totals.items() if any(sums)}
    assert {row.name: row.id for row in queries.streams(connection, position)} == expected.streams
    assert queries.time_at(connection, position) == expected.time
    if expected.time is not None:
        reached = queries.position_at(connection, expected.time)
        assert reached >= position
        assert queries.time_at(connection, reached) == expected.time


def _text(row: cart_queries.CartRow) -> str:
    return f"{row.customer} {row.location} {row.stream}".lower()


def happen(way: str, session: Session, folder: Path) -> Session:
    match way:
        case "catch up":
            session.catch_up()
        case "catch up elsewhere":
            with Session(folder / "shop.events", cache=folder / "cache") as other:
                other.catch_up()
        case "rebuild":
            session.rebuild()
        case "delete":
            for path in (folder / "cache").iterdir():
                path.unlink()
        case _:
            pass
    return session


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(steps, ways), max_size=30), st.integers(1, 7))
def test_the_cache_as_of_any_position_is_the_fold_up_to_it(moves: list[Any], batch: int) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        pytest.MonkeyPatch.context() as patch,
        Session(Path(name) / "shop.events", cache=Path(name) / "cache", create=True) as session,
    ):
        patch.setattr(runner, "BATCH", batch)
        patch.setattr(rebuilding, "REBUILD_BATCH", batch)
        patch.setattr(runner, "CHUNK", max(1, batch - 2))
        # So short that most heads are sorted into classes, as in a log of millions.
        patch.setattr(carts, "SHORT", 1)
        patch.setattr(cart_queries, "SHORT", 1)
        patch.setattr(states, "SNAPSHOT_EVERY", 2)
        shopper = Shopper(session)
        for step, way in moves:
            shopper.step(step)
            happen(way, session, Path(name))
        session.catch_up()
        check(session)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path / "shop.events", cache=tmp_path / "cache", create=True) as opened:
        yield opened


def test_a_name_in_a_cart_is_what_the_product_was_called_when_it_was_put_in(session: Session) -> None:
    from explorer.domain.cart import AddItem, OpenCart
    from explorer.domain.catalogue import RenameProduct

    shopper = Shopper(session)
    for stream, command in (
        ("cart-1", OpenCart("Jane", "Leeds")),
        ("cart-1", AddItem("mug", 1)),
        ("product-mug", RenameProduct("Beaker")),
        ("cart-1", AddItem("mug", 1)),
        ("cart-2", OpenCart("Omar", "York")),
        ("cart-2", AddItem("mug", 1)),
    ):
        shopper.step(((stream, command), 1))
    session.catch_up()
    with session.asking() as connection:
        names = [cart_queries.cart_lines(connection, cart, 10**9)[0].name for cart in ("cart-1", "cart-2")]
    assert names == ["Mug", "Beaker"]


def test_every_page_by_key_brings_each_row_once(session: Session) -> None:
    from explorer.domain.cart import OpenCart

    shopper = Shopper(session)
    for number in range(25):
        shopper.step(((f"cart-{number + 10}", OpenCart("Jane", "Leeds")), 1))
    session.catch_up()
    with session.asking() as connection:
        for limit in (1, 4, 25, 100):
            seen: list[str] = []
            before = None
            while page := cart_queries.carts(connection, 10**9, before=before, limit=limit):
                seen += [row.stream for row in page]
                before = page[-1].since
            assert seen == [f"cart-{number + 10}" for number in reversed(range(25))]
            products: list[str] = []
            while found := queries.products(connection, 10**9, after=products[-1] if products else "", limit=limit):
                products += [row.sku for row in found]
            assert products == ["mug", "pen", "tea", "yen"]
