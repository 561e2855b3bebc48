"""A small shop, fresh for every test that changes it, and what tests of several panels do."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from explorer.domain.cart import Abandon, AddItem, ApplyCoupon, CheckOut, OpenCart
from explorer.domain.catalogue import IssueCoupon, ListProduct, coupon_stream, product_stream
from tests.gui.stage import START, Stage, Step, fill

NEVER = 4_000_000_000_000_000
"""µs UTC, in 2096."""
SHOP: Sequence[Step] = (
    (product_stream("22423"), ListProduct("22423", "Regency cakestand", 1_275, "GBP"), "catalogue", ""),
    (product_stream("85123"), ListProduct("85123", "White heart holder", 255, "GBP"), "catalogue", ""),
    (product_stream("21212"), ListProduct("21212", "Cake cases", 55, "GBP"), "catalogue", ""),
    (coupon_stream("TEN"), IssueCoupon("TEN", 10, NEVER), "catalogue", ""),
    (coupon_stream("OLD"), IssueCoupon("OLD", 10, START + 3_600_000_000), "catalogue", ""),
    ("cart-jane", OpenCart("Jane Doe", "Leeds"), "ann", ""),
    ("cart-jane", AddItem("85123", 6), "ann", ""),
    ("cart-jane", AddItem("22423", 2), "ann", ""),
    ("cart-omar", OpenCart("Omar Haddad", "Oslo"), "bob", ""),
    ("cart-omar", AddItem("22423", 1), "bob", ""),
    ("cart-omar", ApplyCoupon("TEN"), "bob", ""),
    ("cart-omar", CheckOut(), "bob", ""),
    ("cart-lena", OpenCart("Lena Fischer", "Bonn"), "chi", ""),
    ("cart-lena", Abandon(), "chi", ""),
    ("cart-none", OpenCart("Nobody Yet", ""), "ann", ""),
)
"""Positions 6 to 8 are cart-jane's."""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    store = tmp_path / "shop.events"
    fill(store, SHOP)
    return store


@pytest.fixture
def on(stage: Callable[[Path], Stage], shop: Path) -> Stage:
    """A stage on the shop, to be opened when its panels are put."""
    return stage(shop)
