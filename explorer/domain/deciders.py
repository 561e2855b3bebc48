"""The deciders of the embedded demo. Another shop's, or another trade's, are added here; everything else is generic."""

from collections.abc import Mapping

from explorer.domain.bookmark import BOOKMARK
from explorer.domain.cart_decider import CART
from explorer.domain.catalogue import COUPON, PRODUCT
from explorer.domain.decider import AnyDecider
from explorer.domain.privacy import PRIVACY
from explorer.domain.rule import RULE

DECIDERS: Mapping[str, AnyDecider] = {
    decider.category: decider for decider in (CART, PRODUCT, COUPON, BOOKMARK, RULE, PRIVACY)
}
PERSONAL: Mapping[tuple[str, str], tuple[str, ...]] = {("creditnote", "CreditNoteIssued"): ("customer", "country")}
"""The personal fields of events, by category and type, that nobody wrote a decider for but an importer writes."""
