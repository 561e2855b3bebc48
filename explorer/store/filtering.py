"""A condition on events as SQL: whatever passes is found, and what is found surely passes as far as SQL can say so.

Each condition becomes two: what may pass and what must. Where SQL cannot tell (data that is read otherwise than it is
stored, arithmetic, `[*]`, texts with NUL) all may and nothing must, also under a `not`, which exchanges the two; what
may and not must is looked at by whoever asks. Values are bound, never written.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple, TypeAlias

from explorer.language import moments
from explorer.language.moments import Span
from explorer.language.syntax import (
    DATA,
    Among,
    And,
    Comparison,
    Condition,
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
from explorer.store.engine import lowered
from explorer.store.seeking import occurring

MOST_PARTS = 200
"""Comparisons that are written as SQL; what more there is, is looked at by whoever asks."""
MOST_STARS = 4
_BIGGEST = 2**63 - 1
_JSON = "CASE WHEN json_valid(CAST(data AS TEXT)) THEN CAST(data AS TEXT) END"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXTS = {"type": "type", "actor": "actor", "stream": "stream", "reason": "reason", "origin": "origin"}
_NUMBERS = {"position": "position", "version": "version", "schema": "schema_version"}
_TIMES = {"time": "occurred_at", "recorded": "recorded_at"}
_IDS = {"id": "id", "correlation": "correlation_id", "causation": "causation_id"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_ORDERS = {"==": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Sql(NamedTuple):
    """A condition with `?` for each of `values`; its value is 0 or 1."""

    text: str
    values: tuple[Any, ...] = ()


class Sieve(NamedTuple):
    """All that passes `may`; whatever passes `must` passes."""

    may: Sql
    must: Sql

    @property
    def is_exact(self) -> bool:
        return self.may == self.must


Otherwise: TypeAlias = tuple[str, int | None]
"""A type of events whose data is read otherwise than it is stored, all of them or those of one schema version."""

_YES, _NO = Sql("1"), Sql("0")
_UNKNOWN = Sieve(_YES, _NO)
_NEVER = Sieve(_NO, _NO)


def sieve(condition: Condition, otherwise: Sequence[Otherwise] = ()) -> Sieve:
    """The SQL of a condition on events."""
    return _Sieves(otherwise).of(condition)


class _Sieves:
    def __init__(self, otherwise: Sequence[Otherwise]) -> None:
        self._left = MOST_PARTS
        clauses = [_otherwise(one) for one in otherwise]
        self._otherwise = _joined("OR", clauses) if clauses else _NO

    def of(self, condition: Condition) -> Sieve:
        match condition:
            case Not(part):
                may, must = self.of(part)
                return Sieve(_negated(must), _negated(may))
            case And(parts):
                return _all("AND", [self.of(part) for part in parts], _YES)
            case Or(parts):
                return _all("OR", [self.of(part) for part in parts], _NO)
            case Among(left, values, is_negated):
                equal = Or(tuple(Comparison("==", left, value) for value in values))
                return self.of(Not(equal) if is_negated else equal)
            case Comparison("!=", left, right):
                return self.of(Not(Comparison("==", left, right)))
            case Comparison("!~", left, right):
                return self.of(Not(Comparison("~", left, right)))
            case _:
                self._left -= 1
                return self._single(condition) if self._left >= 0 else _UNKNOWN

    def _single(self, condition: Comparison | Word | There) -> Sieve:
        match condition:
            case Word(text):
                found = Sql(*occurring(text))
                return Sieve(found, found)
            case There(path):
                return self._there(path)
            case Comparison(sign, Path() as path, (Literal() | Moment()) as value):
                return self._compared(sign, path, value)
            case Comparison(sign, (Literal() | Moment()) as value, Path() as path) if sign in _TURNED:
                return self._compared(_TURNED[sign], path, value)
            case _:
                return _UNKNOWN

    def _compared(self, sign: str, path: Path, value: Literal | Moment) -> Sieve:
        if isinstance(value, Literal) and isinstance(value.value, str) and "\0" in value.value:
            return _UNKNOWN
        if path.root == DATA:
            return self._of_data(sign, path, value)
        for columns, make in ((_TEXTS, _text), (_NUMBERS, _whole), (_TIMES, _time), (_IDS, _id)):
            if path.root in columns:
                return make(sign, Sql(columns[path.root]), value)
        return _category(sign, value)

    def _of_data(self, sign: str, path: Path, value: Literal | Moment) -> Sieve:
        place = _json_path(path)
        if place is None or isinstance(value, Moment):
            return _UNKNOWN
        inner = Sql(f"json_extract({_JSON}, ?)", (place,))
        match value.value:
            case str():
                return self._read(_within(_is(place, "text"), _text(sign, inner, value)))
            case bool() | None as constant:
                name = "null" if constant is None else "true" if constant else "false"
                found = _is(place, name)
                return self._read(Sieve(found, found) if sign == "==" else _NEVER)
            case Fraction():
                found = _within(_is(place, "integer"), _whole(sign, inner, value))
                # A number with decimals is kept by no writer of ours, and SQLite rounds it.
                return self._read(found._replace(may=_joined("OR", [found.may, _is(place, "real")])))

    def _there(self, path: Path) -> Sieve:
        place = _json_path(path)
        if place is None:
            return _UNKNOWN
        value = f"json_extract({_JSON}, ?)"
        found = _joined("OR", [
            _is(place, "true"),
            _joined("AND", [_is(place, "integer"), _is_true(f"{value} <> 0", (place,))]),
            _joined("AND", [_is(place, "text"), _is_true(f"{value} <> ''", (place,))]),
            _joined("AND", [_is(place, "array"), _is_true(f"{value} <> '[]'", (place,))]),
            _joined("AND", [_is(place, "object"), _is_true(f"{value} <> '{{}}'", (place,))]),
        ])  # fmt: skip
        return self._read(Sieve(_joined("OR", [found, _is(place, "real")]), found))

    def _read(self, stored: Sieve) -> Sieve:
        """What the data says as it is read, by what it says as it is stored."""
        if self._otherwise == _NO:
            return stored
        return Sieve(
            _joined("OR", [stored.may, self._otherwise]), _joined("AND", [stored.must, _negated(self._otherwise)])
        )


# Columns


def _text(sign: str, column: Sql, value: Literal | Moment) -> Sieve:
    if not isinstance(value, Literal) or not isinstance(value.value, str):
        return _NEVER
    if sign == "~":
        return _like(column, value.value)
    return _exact(f"{column.text} {_ORDERS[sign]} ?", (*column.values, value.value))


def _like(column: Sql, pattern: str) -> Sieve:
    if pattern.count("*") > MOST_STARS or len(pattern) > 1_000:
        return _UNKNOWN  # SQLite tries every way in which stars can be filled
    fits = f"lower({column.text}) GLOB ?"
    values = (*column.values, lowered(pattern).replace("[", "[[]"), *column.values)
    # GLOB sees a text up to its first NUL.
    return Sieve(_is_true(f"{fits} OR instr({column.text}, char(0)) > 0", values),
                 _is_true(f"{fits} AND instr({column.text}, char(0)) = 0", values))  # fmt: skip


def _whole(sign: str, column: Sql, value: Literal | Moment) -> Sieve:
    number = value.value if isinstance(value, Literal) else None
    if not isinstance(number, Fraction) or sign == "~":
        return _NEVER
    if abs(number) >= _BIGGEST:
        return _UNKNOWN
    if sign == "==" and number.denominator != 1:
        return _NEVER
    bound = ceil(number) if sign in ("<", ">=") else floor(number)
    return _exact(f"{column.text} {_ORDERS[sign]} ?", (*column.values, bound))


def span_of(value: Operand) -> Span | None:
    """The time that a literal says; None for what says none."""
    if isinstance(value, Moment):
        return moments.moment(value.text)
    return moments.moment(value.value) if isinstance(value, Literal) and isinstance(value.value, str) else None


def _time(sign: str, column: Sql, value: Literal | Moment) -> Sieve:
    span = span_of(value)
    if span is None or sign == "~":
        return _NEVER
    name, (start, end) = column.text, span
    if sign == "==":
        return _exact(f"{name} >= ? AND {name} < ?", (start, end))
    order, bound = {"<": ("<", start), "<=": ("<", end), ">": (">=", end), ">=": (">=", start)}[sign]
    return _exact(f"{name} {order} ?", (bound,))


def _id(sign: str, column: Sql, value: Literal | Moment) -> Sieve:
    said = value.value if isinstance(value, Literal) else ""
    if said is None:
        return _exact(f"{column.text} IS NULL") if sign == "==" else _NEVER
    if sign == "==" and isinstance(said, str) and (id_ := _id_of(said)):
        return _exact(f"{column.text} = ?", (id_,))
    return _UNKNOWN


def _id_of(text: str) -> bytes | None:
    found = re.fullmatch(r"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})", text)
    return bytes.fromhex("".join(found.groups())) if found else None


def _category(sign: str, value: Literal | Moment) -> Sieve:
    text = value.value if isinstance(value, Literal) else None
    if sign != "==" or not isinstance(text, str):
        return _UNKNOWN
    if "-" in text:
        return _NEVER
    return _exact("stream = ? OR (stream >= ? AND stream < ?)", (text, f"{text}-", f"{text}."))


# Data


def _json_path(path: Path) -> str | None:
    """The path as SQLite writes it; None for one that it cannot say, and for an event's beside its data."""
    if path.root != DATA or not path.steps or not isinstance(path.steps[0], Name):
        return None
    text = "$"
    for step in path.steps:
        if isinstance(step, Name) and _PLAIN.fullmatch(step.name):
            text += f'."{step.name}"'
        elif isinstance(step, Place):
            text += f"[{step.index}]" if step.index >= 0 else f"[#{step.index}]"
        else:
            return None
    return text


def _is(place: str, kind: str) -> Sql:
    """Whether a value of one of JSON's kinds stands in a place of the data."""
    return _is_true(f"json_type({_JSON}, ?) = '{kind}'", (place,))


def _within(kind: Sql, found: Sieve) -> Sieve:
    return Sieve(_joined("AND", [kind, found.may]), _joined("AND", [kind, found.must]))


def _otherwise(one: Otherwise) -> Sql:
    type_, version = one
    if version is None:
        return _is_true("type = ?", (type_,))
    return _is_true("type = ? AND schema_version = ?", (type_, version))


# Joining


def _exact(text: str, values: tuple[Any, ...] = ()) -> Sieve:
    both = _is_true(text, values)
    return Sieve(both, both)


def _is_true(text: str, values: tuple[Any, ...]) -> Sql:
    """Two-valued: of what is not there, SQL says neither yes nor no."""
    return Sql(f"(({text}) IS TRUE)", values)


def _negated(sql: Sql) -> Sql:
    if sql in (_YES, _NO):
        return _NO if sql == _YES else _YES
    return Sql(f"NOT {sql.text}", sql.values)


def _all(sign: str, parts: Sequence[Sieve], none: Sql) -> Sieve:
    if not parts:
        return Sieve(none, none)
    return Sieve(_joined(sign, [part.may for part in parts]), _joined(sign, [part.must for part in parts]))


def _joined(sign: str, parts: Sequence[Sql]) -> Sql:
    """All parts, in a tree that is as deep as it must be: SQLite takes no deep ones."""
    neutral, strong = (_YES, _NO) if sign == "AND" else (_NO, _YES)
    if strong in parts:
        return strong
    found = [part for part in parts if part != neutral]
    return _tree(sign, found) if found else neutral


def _tree(sign: str, parts: Sequence[Sql]) -> Sql:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    left, right = _tree(sign, parts[:middle]), _tree(sign, parts[middle:])
    return Sql(f"({left.text} {sign} {right.text})", left.values + right.values)
