"""What the last words of a type's name say about an event."""

from typing import get_args

import pytest

from explorer.application.kinds import KINDS, Kind, kind_of, spoken
from explorer.domain.deciders import DECIDERS

TABLE: list[tuple[str, Kind, str]] = [
    ("CartOpened", "opened", "cart opened"),
    ("CartReopened", "opened", "cart reopened"),
    ("ItemAdded", "added", "item added"),
    ("ItemQuantityChanged", "changed", "item quantity changed"),
    ("ItemRemoved", "removed", "item removed"),
    ("ItemRepriced", "changed", "item repriced"),
    ("CouponApplied", "added", "coupon applied"),
    ("CouponRemoved", "removed", "coupon removed"),
    ("NoteChanged", "changed", "note changed"),
    ("CartCheckedOut", "done", "cart checked out"),
    ("CartAbandoned", "abandoned", "cart abandoned"),
    ("ProductListed", "opened", "product listed"),
    ("ProductRenamed", "changed", "product renamed"),
    ("ProductRepriced", "changed", "product repriced"),
    ("CouponIssued", "opened", "coupon issued"),
    ("PersonalDataProtected", "changed", "personal data protected"),
    ("SubjectErased", "removed", "subject erased"),
    ("RuleSet", "changed", "rule set"),
    ("RuleRetired", "removed", "rule retired"),
    # Another trade's.
    ("order.created", "opened", "order created"),
    ("ORDER_DELETED", "removed", "order deleted"),
    ("invoice-line-edited", "changed", "invoice line edited"),
    ("orderShipped", "done", "order shipped"),
    ("SKUChanged", "changed", "sku changed"),
    ("B2BOrderPlaced", "added", "b2b order placed"),
    ("CaféClosed", "done", "café closed"),
    ("Paid", "done", "paid"),
    ("PaymentFailed", "abandoned", "payment failed"),
    # What only ends in the same letters.
    ("ProductDelisted", "other", "product delisted"),
    ("SecretDisclosed", "other", "secret disclosed"),
    ("CheckedIn", "other", "checked in"),
    ("Out", "other", "out"),
    ("ChangedAddress", "other", "changed address"),
    ("BookmarkSet", "changed", "bookmark set"),
    ("BookmarkChanged", "changed", "bookmark changed"),
    ("BookmarkRemoved", "removed", "bookmark removed"),
    ("", "other", ""),
]


@pytest.mark.parametrize(("event_type", "kind", "words"), TABLE)
def test_a_type_has_a_kind_and_is_spoken(event_type: str, kind: Kind, words: str) -> None:
    assert (kind_of(event_type), spoken(event_type)) == (kind, words)


def test_the_kinds_are_seven() -> None:
    assert get_args(Kind) == KINDS
    assert {kind for _, kind, _ in TABLE} == set(KINDS)


def test_every_event_of_the_demo_has_a_kind_and_is_in_the_table() -> None:
    types = {kind.__name__ for decider in DECIDERS.values() for kind in decider.events}
    assert types <= {event_type for event_type, _, _ in TABLE}
    assert "other" not in map(kind_of, types)
