"""The SQL of conditions: values are bound, trees are flat, and what SQL cannot say is left to whoever asks."""

import pytest

from explorer.language.parser import parse
from explorer.language.syntax import Dialect
from explorer.store.filtering import MOST_PARTS, Sieve, sieve


def of(text: str, *otherwise: tuple[str, int | None]) -> Sieve:
    return sieve(parse(text, Dialect.EVENTS), otherwise)


@pytest.mark.parametrize(
    "text",
    ["", "mug", "type == A", "not actor < b", "data.sku == 'x'", "data.sku != true", "time >= 2011-01-05", "id == null",
     "category == cart", "position in (1, 2)", "type == 5", "version > 1.5", "data.sku == null and not data.sku == ''"],
)  # fmt: skip
def test_what_sql_says_exactly(text: str) -> None:
    assert of(text).is_exact


@pytest.mark.parametrize(
    "text",
    ["data.a + 1 == 2", "data.a[*] == 1", "data.a[b=1] == 1", "count(data.a) > 1", "data.`a b` == 1", "type == '\\0'",
     "type ~ a*", "data.a > 1", "data.a == 2011-01-05", "data.a == data.b", "position > 99999999999999999999"],
)  # fmt: skip
def test_what_it_does_not_and_what_is_not_that(text: str) -> None:
    assert not of(text).is_exact
    assert not of(f"not ({text})").is_exact
    found, turned = of(text), of(f"not ({text})")
    assert turned.may.values == found.must.values
    assert turned.must.values == found.may.values


def test_nobody_s_text_is_written_into_the_sql() -> None:
    for text in ("actor == '\\'; DROP TABLE events'", '"\'; DROP"', "data.a == 'DROP'", "stream ~ 'DROP*'", "DROP"):
        found = of(text)
        assert "DROP" not in found.may.text + found.must.text
        assert found.may.text.count("?") == len(found.may.values)


def test_types_that_are_read_otherwise_may_pass_and_must_not() -> None:
    found = of("data.a == 'x'", ("ItemAdded", 1), ("CartOpened", None))
    assert {"ItemAdded", "CartOpened"} <= {*found.may.values} & {*found.must.values}
    assert not found.is_exact
    assert of("type == 'x'", ("ItemAdded", 1)).is_exact


def test_a_long_condition_is_a_flat_tree_of_so_many_parts() -> None:
    found = of(" or ".join(f"actor == a{number}" for number in range(MOST_PARTS)))
    depth = deepest = 0
    for sign in found.may.text:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    assert deepest < 20
    assert len(found.may.values) == MOST_PARTS
    longer = of(" and ".join(f"actor == a{number}" for number in range(MOST_PARTS + 1)))
    assert (len(longer.may.values), longer.must.text) == (MOST_PARTS, "0")
