"""Random conditions, as the parser makes them."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from explorer.language.syntax import (
    DATA,
    ENVELOPE,
    EVENT,
    WAS,
    Among,
    And,
    Arithmetic,
    Comparison,
    Condition,
    Count,
    Dialect,
    Every,
    Keyed,
    Literal,
    Moment,
    Name,
    Not,
    Operand,
    Or,
    Path,
    Place,
    There,
    Word,
)

ODD = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
NAMES = (
    st.sampled_from(["quantity", "sku", "lines", "unit price", "was", "not", "1", "true", "a-b", "`", "ü", "¹"]) | ODD
)
NASTY = st.text("0123457-+/*.,'\"\\ ()=ade", max_size=8)
"""What is half a number, half a word, or reckoned."""
TEXTS = (
    st.sampled_from(["ItemAdded", "cart-1", "data.x", "and", "true", "5", "2011-01-05", "", "*", "a*b", "'"])
    | ODD
    | NASTY
)
NUMBERS = st.integers(-(10**20), 10**20) | st.integers(-9, 9)
DECIMALS = st.builds(Fraction, NUMBERS, st.sampled_from([1, 2, 10, 1000]))
MOMENTS = st.sampled_from(["2011-01-05", "2011-01-05T09:00", "2011-01-05T09:00:01.5Z", "1969-12-31T23:59:59+01:00"])
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~", "!~"])


def _steps(least: int) -> st.SearchStrategy[tuple[Any, ...]]:
    step = (
        st.builds(Name, NAMES)
        | st.builds(Place, st.integers(-3, 3))
        | st.builds(Every)
        | st.builds(Keyed, ODD.filter(bool), TEXTS)
    )
    return st.lists(step, min_size=least, max_size=3).map(tuple)


def paths(dialect: Dialect) -> st.SearchStrategy[Path]:
    if dialect is Dialect.EVENTS:
        return st.sampled_from(ENVELOPE).map(Path) | st.builds(Path, st.just(DATA), _steps(0))
    named = st.tuples(st.builds(Name, NAMES), _steps(0)).map(lambda parts: (parts[0], *parts[1]))
    return (
        st.builds(Path, st.just(""), named)
        | st.builds(Path, st.just(WAS), named)
        | st.sampled_from(ENVELOPE).map(lambda name: Path(f"{EVENT}.{name}"))
        | st.builds(Path, st.just(f"{EVENT}.{DATA}"), _steps(0))
    )


def standing_alone(dialect: Dialect) -> st.SearchStrategy[Path]:
    """Paths that are no words where they stand alone or on the right."""
    return paths(dialect).filter(lambda path: dialect is Dialect.STATES or path.root == DATA)


def operands(dialect: Dialect, found: st.SearchStrategy[Path]) -> st.SearchStrategy[Operand]:
    constants = st.builds(Literal, TEXTS | DECIMALS | st.booleans() | st.none()) | st.builds(Moment, MOMENTS)
    simple: st.SearchStrategy[Operand] = found | constants | st.builds(Count, paths(dialect))
    inner: st.SearchStrategy[Operand] = paths(dialect) | constants
    whole = st.recursive(inner, lambda part: st.builds(Arithmetic, st.sampled_from("+-*/"), part, part), max_leaves=4)
    return simple | whole.filter(lambda operand: isinstance(operand, Arithmetic))


def conditions(dialect: Dialect, leaves: int = 6) -> st.SearchStrategy[Condition]:
    lefts = operands(dialect, paths(dialect))
    rights = operands(dialect, standing_alone(dialect))
    single: st.SearchStrategy[Condition] = (
        st.builds(Comparison, SIGNS, lefts, rights)
        | st.builds(Among, lefts, st.lists(rights, min_size=1, max_size=3).map(tuple), st.booleans())
        | st.builds(There, standing_alone(dialect))
    )
    if dialect is Dialect.EVENTS:
        single |= st.builds(Word, TEXTS)
    return st.recursive(
        single,
        lambda part: (
            st.builds(Not, part)
            | st.builds(And, st.lists(part, min_size=2, max_size=3).map(tuple))
            | st.builds(Or, st.lists(part, min_size=2, max_size=3).map(tuple))
        ),
        max_leaves=leaves,
    )
