"""Products and coupons: small categories of their own, so that a name or a price has a history like everything else."""

from typing import assert_never

import msgspec

from explorer.domain.decider import Decider, DomainEvent, Facts, short
from explorer.domain.event import Json
from explorer.domain.money import formatted
from explorer.errors import Refused

MAX_PRICE = 10_000_000
"""Minor units. Keeps every possible total (2,000 lines of 99,999) inside the integers JSON can carry exactly."""
MAX_NAME = 200
MAX_CODE = 100


class ListProduct(msgspec.Struct, frozen=True):
    """Put a product on sale; `unit_price` in minor units."""

    sku: str
    name: str
    unit_price: int
    currency: str


class RenameProduct(msgspec.Struct, frozen=True):
    name: str


class RepriceProduct(msgspec.Struct, frozen=True):
    unit_price: int


class ProductListed(DomainEvent, frozen=True):
    sku: str
    name: str
    unit_price: int
    currency: str


class ProductRenamed(DomainEvent, frozen=True):
    previous_name: str
    name: str


class ProductRepriced(DomainEvent, frozen=True):
    previous_unit_price: int
    unit_price: int
    currency: str


class IssueCoupon(msgspec.Struct, frozen=True):
    """A discount of `percent` on a whole cart until `expires_at` (µs UTC)."""

    code: str
    percent: int
    expires_at: int


class CouponIssued(DomainEvent, frozen=True):
    code: str
    percent: int
    expires_at: int


ProductCommand = ListProduct | RenameProduct | RepriceProduct
ProductEvent = ProductListed | ProductRenamed | ProductRepriced


class Product(msgspec.Struct, frozen=True):
    """A product as of now; an empty `sku` means it was never listed."""

    sku: str = ""
    name: str = ""
    unit_price: int = 0
    currency: str = ""


class Coupon(msgspec.Struct, frozen=True):
    """A coupon as issued; an empty `code` means it never was."""

    code: str = ""
    percent: int = 0
    expires_at: int = 0


def product_stream(sku: str) -> str:
    return f"product-{sku}"


def coupon_stream(code: str) -> str:
    return f"coupon-{code}"


def _check_code(code: str, what: str, field: str) -> None:
    if not code.strip() or len(code) > MAX_CODE:
        raise Refused(f"A {what} needs 1 to {MAX_CODE} characters that are not all blank.", field)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > MAX_NAME:
        raise Refused(f"A product's name needs 1 to {MAX_NAME} characters that are not all blank.", "name")


def _check_currency(currency: str) -> None:
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise Refused(f"{currency!r} is not a currency; write its three capital letters, like GBP.", "currency")


def _check_price(unit_price: int) -> None:
    if not 1 <= unit_price <= MAX_PRICE:
        raise Refused(f"A price must lie between 1 and {MAX_PRICE:,} of the currency's smallest unit.", "unit_price")


def decide_product(command: ProductCommand, state: Product, facts: Facts) -> list[ProductEvent]:
    """Raises Refused with the rule that the command breaks."""
    del facts
    match command:
        case ListProduct(sku, name, unit_price, currency):
            if state.sku:
                raise Refused(f"Product {state.sku} is listed already.", "sku")
            _check_code(sku, "product's number", "sku")
            _check_name(name)
            _check_price(unit_price)
            _check_currency(currency)
            return [ProductListed(sku, name, unit_price, currency)]
        case RenameProduct(name):
            _check_listed(state)
            _check_name(name)
            return [ProductRenamed(state.name, name)] if name != state.name else []
        case RepriceProduct(unit_price):
            _check_listed(state)
            _check_price(unit_price)
            return (
                [ProductRepriced(state.unit_price, unit_price, state.currency)]
                if unit_price != state.unit_price
                else []
            )
        case _:
            assert_never(command)


def _check_listed(state: Product) -> None:
    if not state.sku:
        raise Refused("This product is not listed.", "sku")


def evolve_product(state: Product, event: ProductEvent) -> Product:
    match event:
        case ProductListed(sku, name, unit_price, currency):
            return Product(sku, name, unit_price, currency)
        case ProductRenamed(_, name):
            return Product(state.sku, name, state.unit_price, state.currency)
        case ProductRepriced(_, unit_price, _):
            return Product(state.sku, state.name, unit_price, state.currency)
        case _:
            assert_never(event)


def restore_product(now: Product, then: Product) -> list[ProductCommand]:
    """The commands that lead from a product as it is now to what it was."""
    if not then.sku:
        raise Refused("A product that was listed cannot become one that never was.")
    renamed: list[ProductCommand] = [RenameProduct(then.name)] if now.name != then.name else []
    return [*renamed, RepriceProduct(then.unit_price)] if now.unit_price != then.unit_price else renamed


def undo_product(event: ProductEvent, now: Product) -> list[ProductCommand]:
    """The command that takes back what an event did, as long as nothing has changed the same since."""
    match event:
        case ProductListed():
            raise Refused("A product that was listed cannot become one that never was.")
        case ProductRenamed(previous_name, name):
            if now.name != name:
                raise Refused("The name was changed again since: undo that first, or type another.", "name")
            return [RenameProduct(previous_name)]
        case ProductRepriced(previous_unit_price, unit_price, _):
            if now.unit_price != unit_price:
                raise Refused("The price was changed again since: undo that first, or set another.", "unit_price")
            return [RepriceProduct(previous_unit_price)]
        case _:
            assert_never(event)


def product_command(event: ProductEvent, state: Product) -> ProductCommand:
    """The command that would have caused an event."""
    del state
    match event:
        case ProductListed(sku, name, unit_price, currency):
            return ListProduct(sku, name, unit_price, currency)
        case ProductRenamed(_, name):
            return RenameProduct(name)
        case ProductRepriced(_, unit_price, _):
            return RepriceProduct(unit_price)
        case _:
            assert_never(event)


def product_document(state: Product) -> dict[str, Json]:
    return {"sku": state.sku, "name": state.name, "unit_price": state.unit_price, "currency": state.currency}


def product_summary(event: ProductEvent) -> str:
    match event:
        case ProductListed(sku, name, unit_price, currency):
            return f"{sku} “{short(name)}” at {formatted(unit_price, currency)} {currency}"
        case ProductRenamed(previous_name, name):
            return f"“{short(previous_name)}” → “{short(name)}”"
        case ProductRepriced(previous_unit_price, unit_price, currency):
            return f"{formatted(previous_unit_price, currency)} → {formatted(unit_price, currency)} {currency}"
        case _:
            assert_never(event)


def decide_coupon(command: IssueCoupon, state: Coupon, facts: Facts) -> list[CouponIssued]:
    """Raises Refused with the rule that the command breaks."""
    if state.code:
        raise Refused(f"Coupon {state.code} was issued already.", "code")
    if not 1 <= command.percent <= 100:
        raise Refused("A coupon takes 1 to 100 percent off.", "percent")
    _check_code(command.code, "coupon's code", "code")
    if command.expires_at <= facts.now:
        raise Refused("A coupon must expire in the future.", "expires_at")
    return [CouponIssued(command.code, command.percent, command.expires_at)]


def evolve_coupon(state: Coupon, event: CouponIssued) -> Coupon:
    del state
    return Coupon(event.code, event.percent, event.expires_at)


def coupon_document(state: Coupon) -> dict[str, Json]:
    return {"code": state.code, "percent": state.percent, "expires_at": state.expires_at}


def coupon_summary(event: CouponIssued) -> str:
    return f"{event.code} −{event.percent} %"


PRODUCT = Decider(
    category="product",
    initial=Product(),
    events=(ProductListed, ProductRenamed, ProductRepriced),
    commands=(ListProduct, RenameProduct, RepriceProduct),
    decide=decide_product,
    evolve=evolve_product,
    document=product_document,
    summary=product_summary,
    needs=lambda _: (),
    restore=restore_product,
    undo=undo_product,
    command=product_command,
)

COUPON = Decider(
    category="coupon",
    initial=Coupon(),
    events=(CouponIssued,),
    commands=(IssueCoupon,),
    decide=decide_coupon,
    evolve=evolve_coupon,
    document=coupon_document,
    summary=coupon_summary,
    needs=lambda _: (),
    rising=frozenset({"percent", "expires_at"}),  # a coupon is issued once
    command=lambda event, _: IssueCoupon(event.code, event.percent, event.expires_at),
)
