"""The small shop that the cart's tests buy in: what a decision may know on one day."""

from explorer.domain.catalogue import Coupon, Product, coupon_stream, product_stream
from explorer.domain.decider import Facts

NOW = 1_767_225_600_000_000


def facts(now: int, *things: Product | Coupon) -> Facts:
    return Facts(now, {_stream(thing): thing for thing in things})


def _stream(thing: Product | Coupon) -> str:
    return product_stream(thing.sku) if isinstance(thing, Product) else coupon_stream(thing.code)


MUG = Product("mug", "Mug, white", 399, "GBP")
PEN = Product("pen", "Pen, blue", 25, "GBP")
VASE = Product("vase", "Vase", 2_500, "EUR")
TEN = Coupon("TEN", 10, expires_at=NOW + 1)
FREE = Coupon("FREE", 100, expires_at=NOW + 1)
OLD = Coupon("OLD", 20, expires_at=NOW)

TODAY = facts(NOW, MUG, PEN, VASE, TEN, FREE, OLD)
