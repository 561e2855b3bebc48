"""Random shopping: commands that Hypothesis chooses, where the rules allow, at clocks that go to and fro."""

from typing import Any

from hypothesis import strategies as st

from explorer.application.handle import Desk
from explorer.application.session import Session
from explorer.domain.cart import (
    Abandon,
    AddItem,
    ApplyCoupon,
    ChangeQuantity,
    CheckOut,
    OpenCart,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    Reprice,
    SetNote,
)
from explorer.domain.catalogue import IssueCoupon, ListProduct, RenameProduct, RepriceProduct
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Refused
from tests.store.sources import START

SKUS = ("pen", "mug", "tea")
CARTS = ("cart-1", "cart-2", "cart-3")
ANN = Metadata("ann")

skus = st.sampled_from(SKUS)
commands = st.one_of(
    st.tuples(st.sampled_from(CARTS), st.builds(OpenCart, st.sampled_from(["Jane", "Omar"]), st.just("Leeds"))),
    st.tuples(st.sampled_from(CARTS), st.builds(AddItem, skus, st.integers(1, 9))),
    st.tuples(st.sampled_from(CARTS), st.builds(AddItem, skus, st.integers(1, 9))),
    st.tuples(st.sampled_from(CARTS), st.builds(ChangeQuantity, skus, st.integers(1, 99))),
    st.tuples(st.sampled_from(CARTS), st.builds(RemoveItem, skus)),
    st.tuples(st.sampled_from(CARTS), st.builds(Reprice, skus)),
    st.tuples(
        st.sampled_from(CARTS),
        st.sampled_from([ApplyCoupon("TEN"), RemoveCoupon(), SetNote("a"), CheckOut(), Abandon(), Reopen(), Reopen()]),
    ),
    st.tuples(skus.map("product-{}".format), st.builds(RenameProduct, st.sampled_from(["Old", "New"]))),
    st.tuples(skus.map("product-{}".format), st.builds(RepriceProduct, st.integers(1, 500))),
    st.tuples(st.just("weather-leeds"), st.just(None)),
)
steps = st.tuples(commands, st.integers(-3_000, 90_000))
"""A stream with a command, and by how many seconds the clock moves on (or back) before."""


class Shopper:
    """Carries out steps, one transaction each, in a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._time = START
        for stream, command in (
            *((f"product-{sku}", ListProduct(sku, sku.title(), 100 + len(sku), "GBP")) for sku in SKUS),
            ("product-yen", ListProduct("yen", "Yen", 5, "JPY")),
            ("coupon-TEN", IssueCoupon("TEN", 10, START * 2)),
        ):
            self._do(stream, command)

    def step(self, step: Any) -> None:
        (stream, command), seconds = step
        self._time = max(1, self._time + seconds * 1_000_000)
        if command is None:
            version = self._session.store.version_of(stream)
            rain = NewEvent("RainFell", {"millimetres": version}, ANN, occurred_at=self._time)
            self._session.store.append(stream, version, [rain])
            return
        try:
            self._do(stream, command)
        except Refused:
            return

    def _do(self, stream: str, command: object) -> None:
        desk = Desk(self._session)
        desk.decide(stream, command, ANN, occurred_at=self._time)
        desk.append()
