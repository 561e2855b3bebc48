"""Every rule of products and coupons as given / when / then."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.domain.catalogue import (
    COUPON,
    PRODUCT,
    CouponIssued,
    IssueCoupon,
    ListProduct,
    Product,
    ProductCommand,
    ProductEvent,
    ProductListed,
    ProductRenamed,
    ProductRepriced,
    RenameProduct,
    RepriceProduct,
    coupon_stream,
    product_stream,
)
from explorer.domain.decider import Facts
from explorer.domain.event import category_of
from explorer.errors import Refused
from tests.domain.specification import Specification
from tests.domain.stored_form import stored_and_read, through_json

FACTS = Facts(now=0)
product = Specification(PRODUCT, FACTS)
coupon = Specification(COUPON, FACTS)

LISTED = ProductListed("mug", "Mug, white", 399, "GBP")
ISSUED = CouponIssued("TEN", 10, expires_at=1_000)

NO_NAME = "A product's name needs 1 to 200 characters that are not all blank."
NO_PRICE = "A price must lie between 1 and 10,000,000 of the currency's smallest unit."
NO_SKU = "A product's number needs 1 to 100 characters that are not all blank."
NO_CODE = "A coupon's code needs 1 to 100 characters that are not all blank."
BAD_NAMES = ["", "  ", "x" * 201]
BAD_CODES = ["", " ", "\t\n", "x" * 101]
BAD_PRICES = [-1, 0, 10_000_001]


# Products.


@pytest.mark.parametrize("sku", ["1", "x" * 100])
@pytest.mark.parametrize("name", ["M", "x" * 200])
@pytest.mark.parametrize("unit_price", [1, 10_000_000])
def test_a_product_is_listed_with_number_name_and_price(sku: str, name: str, unit_price: int) -> None:
    listing = ListProduct(sku, name, unit_price, "JPY")
    product.given().when(listing).then(ProductListed(sku, name, unit_price, "JPY"))


def test_a_product_is_listed_once() -> None:
    product.given(LISTED).when(ListProduct("mug", "Jug", 500, "GBP")).then_refused_because(
        "Product mug is listed already.", beside="sku"
    )


def test_a_new_name_records_the_previous_one() -> None:
    product.given(LISTED).when(RenameProduct("Mug, ivory")).then(ProductRenamed("Mug, white", "Mug, ivory"))


def test_a_new_price_records_the_previous_one_and_the_currency_of_both() -> None:
    product.given(LISTED, ProductRepriced(399, 450, "GBP")).when(RepriceProduct(500)).then(
        ProductRepriced(450, 500, "GBP")
    )


@pytest.mark.parametrize("command", [RenameProduct("Mug, white"), RepriceProduct(399)])
def test_the_same_name_and_the_same_price_change_nothing(command: ProductCommand) -> None:
    product.given(LISTED).when(command).then_nothing_happened()


@pytest.mark.parametrize("command", [RenameProduct("Mug"), RepriceProduct(399)])
def test_only_a_listed_product_is_changed(command: ProductCommand) -> None:
    product.given().when(command).then_refused_because("This product is not listed.", beside="sku")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_product_has_a_name_of_bounded_length(name: str) -> None:
    product.given().when(ListProduct("mug", name, 399, "GBP")).then_refused_because(NO_NAME, beside="name")
    product.given(LISTED).when(RenameProduct(name)).then_refused_because(NO_NAME, beside="name")


@pytest.mark.parametrize("sku", BAD_CODES)
def test_a_product_has_a_number_of_bounded_length(sku: str) -> None:
    product.given().when(ListProduct(sku, "Mug", 399, "GBP")).then_refused_because(NO_SKU, beside="sku")


@pytest.mark.parametrize("currency", ["", "GB", "GBPS", "gbp", "Gbp", "£££", "GB1", "G P", "ÄÖÜ"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    product.given().when(ListProduct("mug", "Mug", 399, currency)).then_refused_because(
        f"{currency!r} is not a currency; write its three capital letters, like GBP.", beside="currency"
    )


@pytest.mark.parametrize("unit_price", BAD_PRICES)
def test_a_product_has_a_price_within_bounds(unit_price: int) -> None:
    listing = ListProduct("mug", "Mug", unit_price, "GBP")
    product.given().when(listing).then_refused_because(NO_PRICE, beside="unit_price")
    product.given(LISTED).when(RepriceProduct(unit_price)).then_refused_because(NO_PRICE, beside="unit_price")


def test_a_product_shows_its_latest_name_and_price() -> None:
    history = (LISTED, ProductRenamed("Mug, white", "Mug, ivory"), ProductRepriced(399, 450, "GBP"))
    state = reduce(PRODUCT.evolve, history, PRODUCT.initial)
    assert PRODUCT.document(state) == {"sku": "mug", "name": "Mug, ivory", "unit_price": 450, "currency": "GBP"}


product_commands: st.SearchStrategy[ProductCommand] = st.one_of(
    st.builds(ListProduct, st.just("mug"), st.text(max_size=2), st.integers(0, 3), st.just("GBP")),
    st.builds(RenameProduct, st.text(max_size=2)),
    st.builds(RepriceProduct, st.integers(0, 3)),
)


@given(st.lists(product_commands))
def test_whatever_is_done_to_a_product_its_stored_events_fold_to_it(commands: list[ProductCommand]) -> None:
    state, events = Product(), list[ProductEvent]()
    for command in commands:
        try:
            decided = PRODUCT.decide(command, state, FACTS)
        except Refused:
            continue
        before, state = state, reduce(PRODUCT.evolve, decided, state)
        assert (state != before) == bool(decided)
        events += decided
    assert reduce(PRODUCT.evolve, map(stored_and_read, events), PRODUCT.initial) == state
    assert through_json(PRODUCT.document(state)) == PRODUCT.document(state)


# Coupons.


@pytest.mark.parametrize("code", ["T", "x" * 100])
@pytest.mark.parametrize("percent", [1, 100])
def test_a_coupon_is_issued(code: str, percent: int) -> None:
    coupon.given().when(IssueCoupon(code, percent, 1_000)).then(CouponIssued(code, percent, 1_000))


@pytest.mark.parametrize("percent", [-1, 0, 101])
def test_a_coupon_takes_1_to_100_percent_off(percent: int) -> None:
    coupon.given().when(IssueCoupon("TEN", percent, 1_000)).then_refused_because(
        "A coupon takes 1 to 100 percent off.", beside="percent"
    )


def test_a_coupon_is_issued_once() -> None:
    coupon.given(ISSUED).when(IssueCoupon("TEN", 20, 2_000)).then_refused_because(
        "Coupon TEN was issued already.", beside="code"
    )


@pytest.mark.parametrize("code", BAD_CODES)
def test_a_coupon_has_a_code_of_bounded_length(code: str) -> None:
    coupon.given().when(IssueCoupon(code, 10, 1_000)).then_refused_because(NO_CODE, beside="code")


@pytest.mark.parametrize("expires_at", [-1, 0])
def test_a_coupon_expires_in_the_future(expires_at: int) -> None:
    coupon.given().when(IssueCoupon("TEN", 10, 1)).then(CouponIssued("TEN", 10, 1))
    coupon.given().when(IssueCoupon("TEN", 10, expires_at)).then_refused_because(
        "A coupon must expire in the future.", beside="expires_at"
    )


def test_a_coupon_shows_what_was_issued() -> None:
    state = COUPON.evolve(COUPON.initial, ISSUED)
    assert COUPON.document(state) == {"code": "TEN", "percent": 10, "expires_at": 1_000}


# Streams.


def test_products_and_coupons_have_streams_of_their_own_categories() -> None:
    assert (product_stream("85123A-1"), category_of(product_stream("85123A-1"))) == ("product-85123A-1", "product")
    assert (coupon_stream("TEN"), category_of(coupon_stream("TEN"))) == ("coupon-TEN", "coupon")


def test_a_decision_about_the_catalogue_needs_nothing_else() -> None:
    assert PRODUCT.needs(RepriceProduct(1)) == COUPON.needs(IssueCoupon("TEN", 10, 0)) == ()
