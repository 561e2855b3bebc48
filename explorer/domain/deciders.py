"""The deciders of the embedded demo. Another shop's, or another trade's, are added here; everything else is generic."""

from collections.abc import Mapping

from explorer.domain.cart_decider import CART
from explorer.domain.catalogue import COUPON, PRODUCT
from explorer.domain.decider import AnyDecider

DECIDERS: Mapping[str, AnyDecider] = {decider.category: decider for decider in (CART, PRODUCT, COUPON)}
