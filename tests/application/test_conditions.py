"""Conditions on real events and states."""

from uuid import UUID

import pytest

from explorer.application.conditions import EventCondition, StateCondition
from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import BadInput
from explorer.language.syntax import NotUnderstood
from explorer.store.codec import Record
from tests.application.shop import NOW, note, record, spoil

WORK = UUID(int=7)


@pytest.fixture
def old(session: Session) -> Record:
    """An ItemAdded of schema version 1, from before it had a currency."""
    about = Metadata("Ann", "phone call", WORK, None, "till 3")
    data = {"sku": "MUG-1", "quantity": 2, "unit_price": 399}
    record(session, "cart-1", NewEvent("CartOpened", {"customer": "Jane", "location": "Leeds"}, about))
    record(
        session, "cart-1", NewEvent("ItemAdded", {**data}, about, schema_version=1, occurred_at=NOW - 86_400_000_000)
    )
    return session.store.records(1)[0]


@pytest.mark.parametrize(
    "text",
    [
        "", "mug-1", "MUG", "call not shop", "type == ItemAdded and data.quantity > 1", 'actor in (Ann, "Bob")',
        "stream ~ CART-?", "category == cart", "reason == 'phone call'", "origin == 'till 3'", "position == 2",
        "time == 2025-12-31", "time < 2026-01-01 and recorded >= '2026-01-01'", "version > 1", "schema == 1",
        "correlation == '00000000-0000-0000-0000-000000000007'", "causation == null", "id ~ '*-*-*-*-*'",
        "data.currency", "not data.nothing", "data.quantity * data.unit_price == 798", "not Leeds",
    ],
)  # fmt: skip
def test_what_holds_of_an_event(session: Session, old: Record, text: str) -> None:
    assert EventCondition.parse(text).passes(old, session.store.codec)


@pytest.mark.parametrize(
    "text", ["till", "Ünknown", "type == itemadded", "data.quantity > 2", "actor == Bob", "time > 2025-12-31"]
)
def test_what_does_not_hold_of_an_event(session: Session, old: Record, text: str) -> None:
    assert not EventCondition.parse(text).passes(old, session.store.codec)


def test_the_data_of_an_event_that_cannot_be_read_has_no_fields(session: Session) -> None:
    record(session, "parcel-1", note({"text": "spoilt"}))
    spoil(session.path, 1)
    (spoilt,) = session.store.records()
    assert EventCondition.parse("data.text != x and not data.text and spoilt").passes(spoilt, session.store.codec)


def test_words_are_sought_as_json_writes_them(session: Session) -> None:
    record(session, "parcel-\0", note({"text": 'a "quoted"\nline\0'}))
    (record_,) = session.store.records()
    for word in ('"\\"QUOTED\\""', '"\\n"', "'\\0'", '"parcel-\\0"', '""'):
        assert EventCondition.parse(word).passes(record_, session.store.codec), word
    assert not EventCondition.parse('"line\\n"').passes(record_, session.store.codec)


def test_a_state_its_event_and_the_one_before(session: Session, old: Record) -> None:
    fell = StateCondition.parse("total <= was.total / 2 and event.actor == 'Ann' and event.data.currency == 'GBP'")
    assert fell.holds({"total": 5}, {"total": 10}, old, session.store.codec)
    assert not fell.holds({"total": 6}, {"total": 10}, old, session.store.codec)
    assert not fell.holds({"total": 5}, {"total": 10}, old), "as it is stored it has no currency"
    assert not fell.holds({"total": 5}, {"total": 10})
    assert fell.text.startswith("total <= was")


def test_a_state_condition_says_whether_it_stays_true() -> None:
    assert StateCondition.parse("total > 500").is_rising_in({"total"})
    assert not StateCondition.parse("total < 500").is_rising_in({"total"})


def test_what_is_no_condition_is_bad_input() -> None:
    with pytest.raises(BadInput) as caught:
        EventCondition.parse("type == ItemAdded and kind == x")
    assert isinstance(caught.value, NotUnderstood)
    assert (caught.value.start, caught.value.end) == (22, 26)
