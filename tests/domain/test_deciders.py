"""What is stored for ever, and what every decider owes the rest of the program."""

from typing import get_args

import msgspec
import pytest

from explorer.domain.bookmark import BOOKMARK, BookmarkCommand, BookmarkEvent
from explorer.domain.cart import Cart, CartCommand, CartEvent
from explorer.domain.cart_decider import CART
from explorer.domain.catalogue import PRODUCT, ProductCommand, ProductEvent
from explorer.domain.deciders import DECIDERS
from explorer.domain.event import Json, category_of
from explorer.domain.privacy import PRIVACY, PrivacyCommand, PrivacyEvent
from explorer.domain.rule import RULE, RuleCommand, RuleEvent
from tests.domain.stored_form import through_json

STORED = [
    ("cart CartOpened 1", '{"customer":"Ann","location":"Leeds"}', "Ann, Leeds"),
    ("cart CartOpened 1", '{"customer":"Ann","location":""}', "Ann"),
    ("cart ItemAdded 2", '{"sku":"mug","quantity":1200,"unit_price":399,"currency":"GBP"}', "1,200 × mug at 3.99 GBP"),
    ("cart ItemAdded 2", '{"sku":"a","quantity":1,"unit_price":45,"currency":"JPY","line":"b"}', "1 × a at 45 JPY"),
    ("cart ItemQuantityChanged 1", '{"sku":"mug","previous_quantity":2,"quantity":1000}', "mug: 2 → 1,000"),
    ("cart ItemQuantityChanged 1", '{"sku":"a","previous_quantity":1000,"quantity":3,"line":"b"}', "a: 1,000 → 3"),
    ("cart ItemRemoved 1", '{"sku":"mug","quantity":1200}', "1,200 × mug"),
    ("cart ItemRemoved 1", '{"sku":"a","quantity":2,"line":"b"}', "2 × a"),
    (
        "cart ItemRepriced 1",
        '{"sku":"mug","previous_unit_price":399,"unit_price":45000,"currency":"GBP"}',
        "mug: 3.99 → 450.00 GBP",
    ),
    (
        "cart ItemRepriced 1",
        '{"sku":"a","previous_unit_price":9,"unit_price":45,"line":"b","currency":"JPY"}',
        "a: 9 → 45 JPY",
    ),
    ("cart CouponApplied 1", '{"code":"TEN","percent":10}', "TEN −10 %"),
    ("cart CouponRemoved 1", '{"code":"TEN","percent":10}', "TEN −10 %"),
    ("cart NoteChanged 1", '{"previous_note":"","note":"Ring twice."}', "“Ring twice.”"),
    ("cart NoteChanged 1", '{"previous_note":"Ring twice.","note":""}', "(cleared)"),
    ("cart CartCheckedOut 1", '{"total":179800,"currency":"GBP"}', "1,798.00 GBP"),
    ("cart CartAbandoned 1", "{}", ""),
    ("cart CartReopened 1", "{}", ""),
    ("product ProductListed 1", '{"sku":"a","name":"Mug","unit_price":399,"currency":"GBP"}', "a “Mug” at 3.99 GBP"),
    ("product ProductRenamed 1", '{"previous_name":"Mug","name":"Jug"}', "“Mug” → “Jug”"),
    ("product ProductRepriced 1", '{"previous_unit_price":9,"unit_price":45,"currency":"JPY"}', "9 → 45 JPY"),
    ("product ProductRepriced 1", '{"previous_unit_price":399,"unit_price":5,"currency":"GBP"}', "3.99 → 0.05 GBP"),
    ("coupon CouponIssued 1", '{"code":"TEN","percent":10,"expires_at":1000}', "TEN −10 %"),
    (
        "bookmark BookmarkSet 1",
        '{"position":1200,"title":"Too cheap","note":"Ask Ann.","stream":"cart-1"}',
        "event 1,200 “Too cheap”",
    ),
    (
        "bookmark BookmarkChanged 1",
        '{"previous_title":"Too cheap","title":"Wrong price","previous_note":"Ask Ann.","note":"Asked."}',
        "“Too cheap” → “Wrong price”",
    ),
    ("bookmark BookmarkChanged 1", '{"previous_title":"Odd","title":"Odd","note":"Why?"}', "“Odd”: the note"),
    ("bookmark BookmarkRemoved 1", '{"title":"Wrong price","note":"Asked."}', "“Wrong price”"),
    ("privacy PersonalDataProtected 1", "{}", "from here on"),
    ("privacy SubjectErased 1", '{"key":"AbC-_9"}', "key AbC-_9"),
    (
        "rule RuleSet 1",
        '{"name":"Too many","condition":"units > 9","severity":"error","category":"cart",'
        '"previous_condition":"units > 5","previous_severity":"info","previous_category":"tap"}',
        "“Too many”, error on cart: units > 9 (was units > 5)",
    ),
    (
        "rule RuleSet 1",
        '{"name":"Too many","condition":"units > 9","severity":"info"}',
        "“Too many”, info: units > 9",
    ),
    ("rule RuleRetired 1", '{"name":"Too many"}', "“Too many”"),
]
"""Category, type and schema version; data; summary. A row may be added, never changed: files hold it for ever."""

KINDS = {
    f"{category} {kind.__name__} {kind.schema_version}": (decider, kind)
    for category, decider in DECIDERS.items()
    for kind in decider.events
}


@pytest.mark.parametrize(("name", "data", "summary"), STORED)
def test_an_event_is_stored_so_for_ever_and_can_be_told_and_folded(name: str, data: str, summary: str) -> None:
    decider, kind = KINDS[name]
    event = msgspec.json.decode(data, type=kind)
    assert msgspec.json.encode(event).decode() == data
    assert decider.summary(event) == summary
    document = through_json(decider.document(decider.evolve(decider.initial, event)))
    assert document.keys() == decider.document(decider.initial).keys()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cart CartOpened 1", {"customer": "Ann\n" * 60, "location": "Leeds"}),
        ("cart NoteChanged 1", {"previous_note": "", "note": "Ring\ntwice.\n" * 80}),
        ("product ProductListed 1", {"sku": "a", "name": "Mug\n" * 50, "unit_price": 1, "currency": "GBP"}),
        ("product ProductRenamed 1", {"previous_name": "Mug\n" * 50, "name": "Jug\n" * 50}),
        ("bookmark BookmarkSet 1", {"position": 1, "title": "Odd\n" * 50}),
    ],
)
def test_somebody_s_long_text_is_told_in_one_short_line(name: str, data: dict[str, Json]) -> None:
    decider, kind = KINDS[name]
    told = decider.summary(msgspec.convert(data, kind))
    assert "…" in told
    assert len(told) < 180
    assert told.isprintable()


def test_every_field_of_every_event_is_pinned_above() -> None:
    pinned: dict[str, set[str]] = {}
    for name, data, _ in STORED:
        pinned.setdefault(name, set()).update(msgspec.json.decode(data))
    assert pinned == {name: set(kind.__struct_fields__) for name, (_, kind) in KINDS.items()}


@pytest.mark.parametrize(
    ("listed", "union"),
    [
        (CART.events, CartEvent),
        (CART.commands, CartCommand),
        (PRODUCT.events, ProductEvent),
        (PRODUCT.commands, ProductCommand),
        (BOOKMARK.events, BookmarkEvent),
        (BOOKMARK.commands, BookmarkCommand),
        (PRIVACY.events, PrivacyEvent),
        (PRIVACY.commands, PrivacyCommand),
        (RULE.events, RuleEvent),
        (RULE.commands, RuleCommand),
    ],
)
def test_a_decider_lists_the_whole_union(listed: tuple[type, ...], union: object) -> None:
    assert listed == get_args(union)


@pytest.mark.parametrize("category", DECIDERS)
def test_a_category_is_the_text_before_the_first_dash_of_its_streams(category: str) -> None:
    assert DECIDERS[category].category == category == category_of(f"{category}-1-2")


def test_what_never_happened_has_a_document_too() -> None:
    empty: dict[str, dict[str, Json]] = {
        "cart": {
            "status": "new",
            "customer": "",
            "location": "",
            "currency": "",
            "lines": [],
            "units": 0,
            "subtotal": 0,
            "coupon": None,
            "discount": 0,
            "total": 0,
            "note": "",
        },
        "product": {"sku": "", "name": "", "unit_price": 0, "currency": ""},
        "coupon": {"code": "", "percent": 0, "expires_at": 0},
        "bookmark": {"position": 0, "title": "", "note": "", "stream": ""},
        "privacy": {"is_protected": False, "erased": []},
        "rule": {"name": "", "condition": "", "severity": "", "category": "", "is_retired": False},
    }
    assert {category: decider.document(decider.initial) for category, decider in DECIDERS.items()} == empty


@pytest.mark.parametrize("category", DECIDERS)
def test_every_old_schema_version_has_an_upcaster_and_nothing_else_has(category: str) -> None:
    decider = DECIDERS[category]
    assert set(decider.upcasters) == {
        (kind.__name__, old) for kind in decider.events for old in range(1, kind.schema_version)
    }


def test_personal_are_texts_of_their_event_and_their_category_tells_whose_they_are() -> None:
    personal = {
        f"{category} {kind.__name__}": kind.personal
        for category, decider in DECIDERS.items()
        for kind in decider.events
        if kind.personal
    }
    assert personal == {"cart CartOpened": ("customer", "location"), "cart NoteChanged": ("previous_note", "note")}
    for _, kind in KINDS.values():
        assert {*kind.personal} <= {field.name for field in msgspec.structs.fields(kind) if field.type is str}
    assert CART.subject(Cart(customer="Ann")) == "Ann"
