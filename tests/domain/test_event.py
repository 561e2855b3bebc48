"""Words that every room shares."""

import pytest

from explorer.domain.event import category_of


@pytest.mark.parametrize(
    ("stream", "category"),
    [("cart-018f", "cart"), ("product-85123A-1", "product"), ("cart-", "cart"), ("cart", "cart"), ("-1", ""), ("", "")],
)
def test_a_category_is_the_text_before_the_first_dash(stream: str, category: str) -> None:
    assert category_of(stream) == category
