"""What is understood, as what, and what is said of the rest."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.language.mentioning import paths_in
from explorer.language.parser import parse
from explorer.language.printing import as_value, printed
from explorer.language.syntax import (
    ALWAYS,
    Among,
    And,
    Comparison,
    Condition,
    Dialect,
    Literal,
    Moment,
    Name,
    Not,
    NotUnderstood,
    Or,
    Path,
    There,
    Word,
)
from tests.language.strategies import NASTY, conditions

EVENTS, STATES = Dialect.EVENTS, Dialect.STATES


def data(*names: str) -> Path:
    return Path("data", tuple(map(Name, names)))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", ALWAYS),
        (" mug ", Word("mug")),
        ("type", Word("type")),
        ("22423", Word("22423")),
        ("2011-01-05", Word("2011-01-05")),
        ("O'Brien's", Word("O'Brien's")),
        ("24/7", Word("24/7")),
        ("(3-pack)", Word("3-pack")),
        ("not (24/7)", Not(Word("24/7"))),
        ("data.no==2024-001", Comparison("==", data("no"), Literal("2024-001"))),
        ("data.no in (2024-001,2024-002)", Among(data("no"), (Literal("2024-001"), Literal("2024-002")))),
        ('type == ("ItemAdded")', Comparison("==", Path("type"), Literal("ItemAdded"))),
        ("actor in ((ann), (bob))", Among(Path("actor"), (Literal("ann"), Literal("bob")))),
        ("data.quantity == (2)", Comparison("==", data("quantity"), Literal(Fraction(2)))),
        ("-5", Word("-5")),
        ("true", Word("true")),
        ('"and so on"', Word("and so on")),
        ("red mug", And((Word("red"), Word("mug")))),
        ("red or mug", Or((Word("red"), Word("mug")))),
        ("not (red)", Not(Word("red"))),
        ("(red) not mug", And((Word("red"), Not(Word("mug"))))),
        ("data.note", There(data("note"))),
        ("type == ItemAdded", Comparison("==", Path("type"), Literal("ItemAdded"))),
        ("type=ItemAdded", Comparison("==", Path("type"), Literal("ItemAdded"))),
        ("actor == type", Comparison("==", Path("actor"), Literal("type"))),
        ("stream ~ cart-*", Comparison("~", Path("stream"), Literal("cart-*"))),
        ("time >= 2011-01-05", Comparison(">=", Path("time"), Moment("2011-01-05"))),
        ("data.to > data.from", Comparison(">", data("to"), data("from"))),
        ("data.`unit price` == null", Comparison("==", data("unit price"), Literal(None))),
        ("actor not in (ann, 'bob')", Among(Path("actor"), (Literal("ann"), Literal("bob")), is_negated=True)),
        ("NOT actor = x AND y", And((Not(Comparison("==", Path("actor"), Literal("x"))), Word("y")))),
    ],
)
def test_what_is_said_of_events(text: str, condition: Condition) -> None:
    assert parse(text, EVENTS) == condition


@pytest.mark.parametrize(
    "text",
    [
        "total > 500",
        "lines[sku=22423].quantity >= 10",
        'lines[sku="]"].quantity >= 10',
        "lines[*].quantity == 1.5",
        "lines[-1].sku == \"22423\"",
        "total <= was.total / 2",
        "(a + b) * 2 - c / -4 > count(lines)",
        'event.actor == "ann" and not (status == "open" or note)',
        "event.data.quantity > 5 or event.time < 2011-01-05T09:00Z",
        "unit-price != `was` - 1",
    ],
)  # fmt: skip
def test_what_is_printed_as_it_is_written(text: str) -> None:
    assert printed(parse(text, STATES), STATES) == text


def test_arithmetic_needs_no_spaces_next_to_data() -> None:
    assert parse("data.a*2>data.b-1", EVENTS) == parse("data.a * 2 > data.b - 1", EVENTS)
    assert parse("a*2>b-1", STATES) == parse("a * 2 > b - 1", STATES)


@pytest.mark.parametrize("dialect", Dialect)
@given(drawn=st.data())
def test_a_condition_is_read_back_as_it_is_printed(dialect: Dialect, drawn: st.DataObject) -> None:
    condition = drawn.draw(conditions(dialect))
    text = printed(condition, dialect)
    assert parse(text, dialect) == condition
    assert printed(parse(text, dialect), dialect) == text


@given(texts=st.lists(NASTY, min_size=1, max_size=3).map(tuple))
def test_texts_like_numbers_are_read_back_wherever_they_stand(texts: tuple[str, ...]) -> None:
    literals = tuple(map(Literal, texts))
    for condition in (
        Among(data("no"), literals),
        Comparison("==", data("no"), literals[0]),
        And((*map(Word, texts), Word("red"))),
        Not(Or((*map(Word, texts), Word("red")))),
    ):
        assert parse(printed(condition, EVENTS), EVENTS) == condition
    for sign in ("==", " == ", "==("):
        text = f"data.no{sign}{as_value(texts[0], EVENTS)}{')' if '(' in sign else ''}"
        assert parse(text, EVENTS) == Comparison("==", data("no"), literals[0])


PIECES = st.sampled_from([*"()[]`\"'.,=<>~!+-*/ ", "and ", "or ", "not ", "in ", "data.", "was.", "event.", "count(",
                          "type", "x", "1", "2011-01-05", "[*]", "[a=1]", "== "])  # fmt: skip


@pytest.mark.parametrize("dialect", Dialect)
@given(text=st.text() | st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_understood_or_the_wrong_part_is_named(dialect: Dialect, text: str) -> None:
    try:
        condition = parse(text, dialect)
    except NotUnderstood as error:
        wrong = error
    else:
        assert parse(printed(condition, dialect), dialect) == condition
        return
    assert 0 <= wrong.start <= wrong.end <= len(text)
    assert str(wrong).endswith(".")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('type == "Item', '"Item'),
        ("kind == x", "kind"),
        ("type == ItemAdded and", ""),
        ("(red or mug", "("),
        ("red)", ")"),
        ("actor in ann", "ann"),
        ("time > 2011-02-30", "2011-02-30"),
        ("or x", "or"),
        ("data.a..b == 1", "data.a..b"),
        ("data.lines[?] == 1", "[?]"),
        ("red and or blue", "or"),
        ("5 + 5", "5 + 5"),
        ("not " * 50 + "x", "not"),
        ("(" * 5_000, "("),
        ("data.x == 1" + " + 1" * 200, "+"),
        ("data.x == " + "1" * 2_000, "1" * 2_000),
    ],
)
def test_the_wrong_part_is_marked(text: str, part: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse(text, EVENTS)
    assert text[caught.value.start : caught.value.end] == part


@pytest.mark.parametrize("text", ["actor in ()", "actor in (ann, bob,)", "(data.x == )", "not ()", "count()"])
def test_a_parenthesis_that_was_opened_lacks_a_value(text: str) -> None:
    with pytest.raises(NotUnderstood, match=r"missing before this|Count the items") as caught:
        parse(text, EVENTS)
    assert text[caught.value.start : caught.value.end] == ")"


@pytest.mark.parametrize("text", ["", " ", "total", "500", "was == 1", "event.nothing == 1", "1x > 2", "'a'"])
def test_a_state_needs_a_condition(text: str) -> None:
    if text == "total":
        assert parse(text, STATES) == There(Path("", (Name("total"),)))
        return
    with pytest.raises(NotUnderstood):
        parse(text, STATES)


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="10,000"):
        parse("x" * 10_001, EVENTS)


@pytest.mark.parametrize(
    ("text", "dialect", "wrong", "reason"),
    [
        ('actr == "ann"', EVENTS, "actr", "Events have no actr: is it actor, or data.actr? "),
        ("Tpye == x", EVENTS, "Tpye", "Events have no Tpye: is it type, or data.Tpye? "),
        ("quantity > 2", EVENTS, "quantity", "Events have no quantity: is it data.quantity? "),
        ("> 5", STATES, ">", "In place of >, a name or a value is expected, as in total > 500; "),
        ("total > > 5", STATES, ">", "In place of >, a name or a value is expected, "),
        ("total > 5 > 3", STATES, ">", "In place of >, an and, an or, or nothing more is expected, "),
        ("(total > 5 < 3)", STATES, "<", "In place of <, the ) that closes the parenthesis is expected, "),
        ("type == == x", EVENTS, "==", "In place of ==, a name or a value is expected, as in data.quantity > 2; "),
        ("total => 5", STATES, ">", "Write >= instead of =>."),
        ("total <> 5", STATES, ">", "Write != instead of <>."),
        ("type === x", EVENTS, "=", "Write == instead of ===."),
    ],
)
def test_what_is_expected_instead_is_said(text: str, dialect: Dialect, wrong: str, reason: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        parse(text, dialect)
    assert str(caught.value).startswith(reason)
    assert text[caught.value.start : caught.value.end] == wrong


def test_paths_and_values_know_their_places() -> None:
    text = "was.total + lines[sku=1].`unit price` > 5.00"
    condition = parse(text, STATES)
    assert isinstance(condition, Comparison)
    assert isinstance(condition.right, Literal)
    assert text[condition.right.start : condition.right.end] == "5.00"
    assert [text[path.start : path.end] for path in paths_in(condition)] == ["was.total", "lines[sku=1].`unit price`"]
