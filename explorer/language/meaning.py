"""What a condition means: a predicate that answers for whatever there is, and never fails.

There are two answers. What is missing, or of another kind, compares as false; `!=` is `not ==`. A path with several
values holds if one of them does; where both sides have several, the first of each are compared.
"""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from operator import ge, gt, le, lt
from typing import Any, TypeAlias, TypeVar, cast

from explorer.language import moments
from explorer.language.moments import Span
from explorer.language.syntax import (
    Among,
    And,
    Arithmetic,
    Comparison,
    Condition,
    Count,
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
    Step,
    There,
    Word,
)

MOST = 100
"""Values of each side that are compared where both have several."""

T = TypeVar("T")
Look: TypeAlias = Callable[[T, str], object]
"""The value of a path's root, or NOTHING."""
Occurs: TypeAlias = Callable[[T, str], bool]
Holds: TypeAlias = Callable[[T], bool]
Values: TypeAlias = Callable[[T], Sequence[Any]]


class Nothing:
    """Stands for a value that is not there."""


NOTHING = Nothing()
_CAPITALS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def meaning(condition: Condition, look: Look[T], occurs: Occurs[T]) -> Holds[T]:
    """The predicate, given what the roots of paths are and whether a word occurs."""
    return _Meaning(look, occurs).holds(condition)


class _Meaning:
    def __init__(self, look: Look[Any], occurs: Occurs[Any]) -> None:
        self._look, self._occurs = look, occurs

    def holds(self, condition: Condition) -> Holds[Any]:
        match condition:
            case Comparison():
                return self._compared(condition)
            case Among(left, values, is_negated):
                equal = Or(tuple(Comparison("==", left, value) for value in values))
                return self.holds(Not(equal) if is_negated else equal)
            case Word(text):
                occurs = self._occurs
                return lambda subject: occurs(subject, text)
            case There(path):
                reached = self._reached(path)
                return lambda subject: any(map(_is_something, reached(subject)))
            case _:
                return self._joined(condition)

    def _joined(self, condition: "Not | And | Or") -> Holds[Any]:
        if isinstance(condition, Not):
            part = self.holds(condition.part)
            return lambda subject: not part(subject)
        parts = [self.holds(part) for part in condition.parts]
        if isinstance(condition, And):
            return lambda subject: all(part(subject) for part in parts)
        return lambda subject: any(part(subject) for part in parts)

    def _compared(self, comparison: Comparison) -> Holds[Any]:
        lefts, rights = self._values(comparison.left), self._values(comparison.right)
        is_negated = comparison.sign in ("!=", "!~")
        test = _TESTS[comparison.sign]

        def holds(subject: Any) -> bool:
            left, right = lefts(subject), rights(subject)
            if len(left) > 1 and len(right) > 1:
                left, right = left[:MOST], right[:MOST]
            return any(test(one, other) for one in left for other in right) is not is_negated

        return holds

    def _values(self, operand: Operand) -> Values[Any]:
        match operand:
            case Path():
                return self._reached(operand)
            case Literal(value):
                constant = (value,)
                return lambda _: constant
            case Moment(text):
                span = (moments.moment(text),)
                return lambda _: span
            case Count(path):
                return self._counted(path)
            case Arithmetic(sign, left, right):
                return _reckoned(sign, self._values(left), self._values(right))

    def _reached(self, path: Path) -> Values[Any]:
        look, root, steps = self._look, path.root, [_STEPS[type(step)](step) for step in path.steps]

        def values(subject: Any) -> Sequence[Any]:
            value = look(subject, root)
            found = [] if value is NOTHING else [value]
            for step in steps:
                found = [inner for value in found for inner in step(value)]
            return found

        return values

    def _counted(self, path: Path) -> Values[Any]:
        reached = self._reached(path)
        if any(isinstance(step, Every | Keyed) for step in path.steps):
            return lambda subject: (len(reached(subject)),)
        return lambda subject: (sum(map(_size, reached(subject))),)


# Steps of a path


def _by_name(step: Any) -> Callable[[Any], Sequence[Any]]:
    name = cast("Name", step).name

    def inner(value: Any) -> Sequence[Any]:
        if not isinstance(value, dict):
            return ()
        fields = cast("dict[str, Any]", value)
        return (fields[name],) if name in fields else ()

    return inner


def _by_place(step: Any) -> Callable[[Any], Sequence[Any]]:
    index = cast("Place", step).index

    def inner(value: Any) -> Sequence[Any]:
        if not isinstance(value, list):
            return ()
        items = cast("list[Any]", value)
        return (items[index],) if -len(items) <= index < len(items) else ()

    return inner


def _every(_: Any) -> Callable[[Any], Sequence[Any]]:
    def inner(value: Any) -> Sequence[Any]:
        if isinstance(value, dict):
            return [*cast("dict[str, Any]", value).values()]
        return cast("list[Any]", value) if isinstance(value, list) else ()

    return inner


def _keyed(step: Any) -> Callable[[Any], Sequence[Any]]:
    name, wanted = cast("Keyed", step).name, cast("Keyed", step).value

    def inner(value: Any) -> Sequence[Any]:
        if not isinstance(value, list):
            return ()
        return [item for item in cast("list[Any]", value) if says(item, name, wanted)]

    return inner


def says(item: Any, name: str, wanted: str) -> bool:
    """Whether an object's field has a value that is written so: what `[name=wanted]` asks of an item."""
    value = cast("dict[str, Any]", item).get(name) if isinstance(item, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to write endless digits, and nobody wrote so many.
        return value.bit_length() < 4_000 and str(value) == wanted
    return isinstance(value, str) and value == wanted


_STEPS: dict[type[Step], Callable[[Any], Callable[[Any], Sequence[Any]]]] = {
    Name: _by_name,
    Place: _by_place,
    Every: _every,
    Keyed: _keyed,
}


def _is_something(value: Any) -> bool:
    return value is not None and (isinstance(value, Span) or bool(value))


def _size(value: Any) -> int:
    if isinstance(value, dict | list):
        return len(cast("list[Any]", value))
    return 0 if value is None else 1


# Values


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int | Fraction) and not isinstance(value, bool)


def _reckoned(sign: str, lefts: Values[Any], rights: Values[Any]) -> Values[Any]:
    def values(subject: Any) -> Sequence[Any]:
        left = [Fraction(value) for value in lefts(subject) if _is_number(value)]
        right = [Fraction(value) for value in rights(subject) if _is_number(value)]
        if len(left) > 1 and len(right) > 1:
            return ()
        found = [_reckon(sign, one, other) for one in left for other in right]
        return [value for value in found if value is not None]

    return values


def _reckon(sign: str, left: Fraction, right: Fraction) -> Fraction | None:
    if sign == "/":
        return left / right if right else None
    if sign == "*":
        return left * right
    return left + right if sign == "+" else left - right


def _are_equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, bool):
        return left is right
    if _is_number(left):
        return _is_number(right) and left == right
    if left is None:
        return right is None
    one, other = _spans(left, right)
    return one is not None and other is not None and one.start < other.end and other.start < one.end


def _ordered(test: Callable[[Any, Any], bool], spans: Callable[[Span, Span], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        if type(left) is str and type(right) is str:
            return test(left, right)
        if _is_number(left):
            return _is_number(right) and test(left, right)
        one, other = _spans(left, right)
        return one is not None and other is not None and spans(one, other)

    return holds


def _spans(left: Any, right: Any) -> tuple[Span | None, Span | None]:
    """Both as spans of time, where one is and the other is one or is written as one."""
    if isinstance(left, Span):
        return left, right if isinstance(right, Span) else _written(right)
    return (_written(left), right) if isinstance(right, Span) else (None, None)


def _written(value: Any) -> Span | None:
    return moments.moment(value) if type(value) is str else None


def _is_like(left: Any, right: Any) -> bool:
    return type(left) is str and type(right) is str and _glob(right)(left)


@lru_cache(maxsize=256)
def _glob(pattern: str) -> Callable[[str], bool]:
    """Whether a text is as a pattern says: * any signs, ? one. In time that grows with the text, not with the stars."""
    first, *others = [_run(run) for run in pattern.translate(_CAPITALS).split("*")]

    def matches(text: str) -> bool:
        text = text.translate(_CAPITALS)
        if not others:
            return first.fullmatch(text) is not None
        if (found := first.match(text)) is None:
            return False
        end = found.end()
        for run in others[:-1]:
            if (found := run.search(text, end)) is None:
                return False
            end = found.end()
        rest = len(text) - lengths[-1]
        return rest >= end and others[-1].match(text, rest) is not None

    lengths = [len(run) for run in pattern.split("*")]
    return matches


def _run(text: str) -> "re.Pattern[str]":
    return re.compile("".join("." if sign == "?" else re.escape(sign) for sign in text), re.DOTALL)


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _are_equal,
    "!=": _are_equal,
    "~": _is_like,
    "!~": _is_like,
    "<": _ordered(lt, lambda one, other: one.end <= other.start),
    "<=": _ordered(le, lambda one, other: one.start < other.end),
    ">": _ordered(gt, lambda one, other: one.start >= other.end),
    ">=": _ordered(ge, lambda one, other: one.end > other.start),
}
