"""A filter is its text; and what SQL and Python find together is what Python finds alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from explorer.application import word_search
from explorer.application.conditions import EventCondition
from explorer.application.event_list import event_page, matching
from explorer.application.filtering import EventFilter, sieve_of, words
from explorer.application.handle import handle
from explorer.application.privacy import protect
from explorer.application.session import Session
from explorer.domain.cart import OpenCart
from explorer.domain.event import Json, Metadata, NewEvent
from explorer.language.parser import parse
from explorer.language.printing import printed
from explorer.language.syntax import ALWAYS, Condition, Dialect, NotUnderstood
from tests.application.shop import ANN, NOW, SECOND, Clock, note, open_cart, opened, record, spoil, stock
from tests.language.strategies import conditions

EVENTS = Dialect.EVENTS
ODD = [
    "",
    "Ann",
    "ann",
    "é",
    "É",
    "a\0b",
    "\0",
    'say "hi"',
    "c:\\cups",
    "100 %_?",
    "[x]",
    "*",
    "\n",
    "茶碗 🍵",
    "-",
    "A-b",
]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Whatever events may be: old ones, encrypted ones, odd ones, ones that cannot be read."""
    with pytest.MonkeyPatch.context() as patch, opened(tmp_path_factory.mktemp("log"), Clock()) as session:
        patch.setattr(word_search, "STRETCH", 24)
        stock(session)
        open_cart(session)
        protect(session, Metadata("office"))
        open_cart(session, "cart-2", mugs=3)
        handle(session, "cart-3", OpenCart("Jane Doe", "Leeds"), Metadata("Jane", "phone"))
        old: dict[str, Json] = {"sku": "pen", "quantity": 7, "unit_price": 25}
        record(session, "cart-2", NewEvent("ItemAdded", old, ANN, schema_version=1, occurred_at=NOW - SECOND))
        record(session, "parcel-1", NewEvent("ItemAdded", old, ANN, schema_version=1))
        values: list[Json] = [
            *ODD, 0, 1, -5, 2**53 - 1, 1 - 2**53, True, False, None, [], {}, [1, 2], {"a": "b"}, [{"sku": "1", "a": 5}],
            "2011-01-05", "2011-01-05T09:00Z", "5",
        ]  # fmt: skip
        for place, value in enumerate(values):
            text = ODD[place % len(ODD)]
            about = Metadata(text or "x", ODD[-place % len(ODD)], None, None, text)
            inner: dict[str, Json] = {
                "quantity": value,
                "lines": [value, {"sku": value}],
                "unit price": value,
                "": value,
            }
            record(session, f"parcel-{text}", NewEvent(f"T{text}", inner, about, occurred_at=NOW + place * SECOND))
        record(session, "-", note({}))
        record(session, "parcel-2", note({"quantity": 3}))
        spoil(session.path, session.store.head().size)
        session.catch_up()
        yield session


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_search, "STRETCH", 24)


def _over(text: str) -> st.SearchStrategy[Condition]:
    return st.just(parse(text, EVENTS))


NAMED = st.one_of(
    *map(
        _over,
        [
            "data.quantity > 1", "data.quantity <= 1.5", "data.quantity == 9007199254740991", "not data.quantity",
            "data.quantity == -5 or data.quantity != true", "data.quantity == null", "data.lines[1].sku ~ '*a*'",
            "data.quantity ~ '[x]'", "data.quantity ~ 'a?b'", "data.lines[-1].sku < 'b'", "data.currency == GBP",
            "data.quantity * 2 > 5", "data.lines[*].sku == 1", "data.customer == 'Jane Doe'", "not data.customer",
            "category == parcel", "category != ''", "category ~ p*", "time > 2026-01-01",
            "time == '2026-01-01T00:00:03'",
            "schema == 1", "id ~ *", "correlation == null", "causation != null", "position > 20 and position <= 30.5",
            "time >= 2026-01-01T00:00:10 and type ~ T*", "data.quantity == 2011-01-05", "data.quantity in (5, '5')",
            "data[0] == 1", "data.quantity > 99999999999999999999", "count(data.lines) == 2", "reason == phone",
            "actor ~ '*\\0*'", "actor == 'a\\0b'", "data.quantity == 'a\\0b'", "data.quantity[0] == 1",
            "stream > parcel",
            "origin == '[x]'", "origin ~ '[x]'", "Jane", "not jane", "'\\0'", "data", "quantity", "version > 1",
            "type < T",
        ],
    )
)  # fmt: skip


def _joined(sign: str, one: Condition, other: Condition) -> Condition:
    return parse(f"({printed(one, EVENTS)}) {sign} ({printed(other, EVENTS)})", EVENTS)


CONDITIONS = st.recursive(
    NAMED | conditions(EVENTS, 2),
    lambda part: st.builds(_joined, st.sampled_from(["and", "or not", "and not", "or"]), part, part),
    max_leaves=4,
)


def plainly(session: Session, text: str) -> list[int]:
    condition = EventCondition.parse(text)
    return [one.position for one in session.store.records(0, 1_000) if condition.passes(one, session.store.codec)]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITIONS)
@example(ALWAYS)
def test_what_is_found_by_sql_and_looked_at_is_what_python_finds(log: Session, condition: Condition) -> None:
    text, head = printed(condition, EVENTS), log.store.head().size
    expected = plainly(log, text)
    wanted = EventFilter.parse(text)
    assert [one.position for one in matching(log, wanted, 0, head)] == expected
    assert [row.position for row in event_page(log, wanted, 1, 1_000, head).rows] == expected
    sieve = sieve_of(wanted.where, log.store.codec)
    found = log.store.search(sieve, 0, head, type_=wanted.type, actor=wanted.actor)
    assert {position for position, is_sure in found if is_sure} - {*plainly(log, wanted.where)} == set()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITIONS, st.sampled_from(["cart-2", "parcel-a\0b", "parcel-Ann"]))
def test_so_it_is_within_a_stream(log: Session, condition: Condition, stream: str) -> None:
    wanted, head = EventFilter(stream, where=printed(condition, EVENTS)), log.store.head().size
    own = {one.position for one in log.store.stream_records(stream)}
    expected = [position for position in plainly(log, wanted.where) if position in own]
    assert [one.position for one in matching(log, wanted, 0, head)] == expected


@pytest.mark.parametrize(
    ("text", "is_exact"),
    [
        ("mug or not (type >= Item and actor != ann)", True),
        ("data.quantity > 5", False),
        ("time >= 2011-01-05 and position < 5", True),
        ("data.a * 2 > 5", False),
    ],
)
def test_what_sql_can_say_alone(log: Session, text: str, is_exact: bool) -> None:
    assert sieve_of(text, log.store.codec).is_exact is is_exact


def test_only_what_is_read_otherwise_than_it_is_stored_is_looked_at(log: Session) -> None:
    found = log.store.search(sieve_of("data.quantity > 5", log.store.codec), 0, 1_000)
    doubtful = [position for position, is_sure in found if not is_sure]
    types = {one.type for one in log.store.records_at(doubtful)}
    assert types
    assert types <= {"ItemAdded", *(type_ for type_, _ in log.store.codec.read_otherwise())}
    assert any(is_sure for _, is_sure in found)


@pytest.mark.parametrize("text", [" ".join(["a"] * 3_000), " or ".join(["data.a == 1"] * 600), "not " * 30 + "x"])
def test_long_conditions_are_sought_too(log: Session, text: str) -> None:
    assert [one.position for one in matching(log, EventFilter.parse(text), 0, 40)] == [
        position for position in plainly(log, text) if position <= 40
    ]


# The text.


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", EventFilter()),
        ("mug", EventFilter(where="mug")),
        ("gift  wrap", EventFilter(where="gift wrap")),
        ("type == ItemAdded", EventFilter(type="ItemAdded")),
        ("actor=ann mug stream='cart-1'", EventFilter("cart-1", None, "ann", "mug")),
        ("type == A and type == B", EventFilter(type="A", where="type == B")),
        ("type == A and type == A", EventFilter(type="A")),
        ("type == A or mug", EventFilter(where="type == A or mug")),
        ("(type == A or mug) and actor == ann", EventFilter(actor="ann", where="type == A or mug")),
        ("not stream == x", EventFilter(where="not stream == x")),
        ("type == 5", EventFilter(where="type == 5")),
    ],
)
def test_what_has_an_index_is_kept_apart(text: str, wanted: EventFilter) -> None:
    assert EventFilter.parse(text) == wanted
    assert EventFilter.parse(wanted.text) == wanted


FIELDS = st.none() | st.sampled_from(ODD)


@given(FIELDS, FIELDS, FIELDS, st.just(ALWAYS) | conditions(EVENTS))
def test_a_filter_is_its_text(stream: Any, type_: Any, actor: Any, condition: Condition) -> None:
    wanted = EventFilter.parse(EventFilter(stream, type_, actor, printed(condition, EVENTS)).text)
    assert EventFilter.parse(wanted.text) == wanted


def test_one_more_condition() -> None:
    wanted = EventFilter.parse("red or blue").and_also("data.quantity > 2").and_also("actor == ann")
    assert wanted == EventFilter(actor="ann", where="(red or blue) and data.quantity > 2")
    assert EventFilter().and_also("mug") == EventFilter(where="mug")


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_words_of_any_kind_are_words(text: str) -> None:
    assert EventFilter.parse(words(text)).where == words(text)


def test_what_is_not_understood_is_said() -> None:
    with pytest.raises(NotUnderstood):
        EventFilter.parse("kind == x")
