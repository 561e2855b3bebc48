"""Text to a condition.

either     = both { "or" both }
both       = part { ["and"] part }
part       = { "not" } ( comparison | a path, a word or a text alone )
comparison = sum ( == != < <= > >= ~ !~ ) sum  |  sum ["not"] in ( sum, … )
sum        = product { ( + - ) product }
product    = value { ( * / ) value }
value      = "(" either or sum ")" | path | text | number | date | true | false | null | count( path )
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from explorer.language.naming import Naming
from explorer.language.numbers import number
from explorer.language.scanner import Kind, Token, tokens
from explorer.language.syntax import (
    ALWAYS,
    Among,
    And,
    Arithmetic,
    Comparison,
    Condition,
    Count,
    Dialect,
    Literal,
    Not,
    NotUnderstood,
    Operand,
    Or,
    Path,
    There,
    Word,
)

MOST_NESTED = 40
"""Parentheses and nots within one another."""
MOST_ARITHMETIC = 100
_CONDITIONS = (Comparison, Among, Word, There, Not, And, Or)
_CONSTANTS = {"true": True, "false": False, "null": None}
_MEANT = {"=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "==>": ">=", "!==": "!="}
_COMPARING = ("==", "=", "!=", "<", "<=", ">", ">=", "~", "!~")


class _Bare(NamedTuple):
    """A word, text or number of which only its place says whether it is a name, a value or sought."""

    token: Token


_Part: TypeAlias = Condition | Operand | _Bare
_Whole: TypeAlias = Callable[[tuple[Condition, ...]], Condition]


def parse(text: str, dialect: Dialect) -> Condition:
    """What a text says; of events, a blank one that all pass. Raises NotUnderstood."""
    try:
        return _parsed(text, dialect)
    except NotUnderstood as error:
        error.text = text
        raise


def _parsed(text: str, dialect: Dialect) -> Condition:
    found = tokens(text, dialect)
    if len(found) == 1:
        if dialect is Dialect.EVENTS:
            return ALWAYS
        raise NotUnderstood("Write a condition, such as total > 500.", 0, len(text))
    return _Parser(found, dialect).whole()


class _Parser:
    def __init__(self, found: list[Token], dialect: Dialect) -> None:
        self._tokens, self._at, self._dialect = found, 0, dialect
        self._nested = self._arithmetic = 0
        self._naming = Naming(dialect)

    def whole(self) -> Condition:
        start = self._token
        part = self._either()
        if self._token.kind is not Kind.END:
            raise self._wrong(self._token, self._astray(self._token, "an and, an or, or nothing more"))
        return self._condition(part, start)

    # Conditions

    def _either(self) -> _Part:
        return self._joined(self._both, lambda: self._took("or"), Or)

    def _both(self) -> _Part:
        return self._joined(self._part, lambda: self._took("and") or self._begins_part(), And)

    def _joined(
        self,
        inner: Callable[[], _Part],
        goes_on: Callable[[], bool],
        whole: Callable[[tuple[Condition, ...]], Condition],
    ) -> _Part:
        start = self._token
        first = inner()
        if not goes_on():
            return first
        parts = [self._condition(first, start)]
        while True:
            start = self._token
            parts.append(self._condition(inner(), start))
            if not goes_on():
                return whole(tuple(parts))

    def _begins_part(self) -> bool:
        token = self._token
        if token.kind is Kind.SIGN:
            return token.text == "("
        return token.kind not in (Kind.END, Kind.ITEM) and token.keyword in ("", "not")

    def _part(self) -> _Part:
        if self._token.keyword == "not":
            with_not = self._next()
            self._deeper(with_not)
            start = self._token
            part = Not(self._condition(self._part(), start))
            self._nested -= 1
            return part
        return self._comparison()

    def _comparison(self) -> _Part:
        start = self._token
        left = self._sum()
        token = self._token
        if token.is_sign(*_COMPARING):
            self._next()
            sign = "==" if token.text == "=" else token.text
            first = self._left(left, start)
            return Comparison(sign, first, self._value())
        if self._is_among():
            self._next()
            if token.keyword == "not":
                self._next()
            return Among(self._left(left, start), self._values(), token.keyword == "not")
        return left

    def _values(self) -> tuple[Operand, ...]:
        opening = self._token
        if not opening.is_sign("("):
            raise self._wrong(opening, "After in come values in parentheses, such as in (1, 2).")
        self._next()
        values = [self._value()]
        while self._token.is_sign(","):
            self._next()
            values.append(self._value())
        self._close(opening)
        return tuple(values)

    def _condition(self, part: _Part, start: Token) -> Condition:
        """A part that stands alone, as the condition that it is."""
        if isinstance(part, _CONDITIONS):
            return part
        if isinstance(part, Path):
            return There(part)
        if isinstance(part, _Bare) and self._dialect is Dialect.EVENTS:
            return Word(part.token.text)
        end = self._tokens[self._at - 1].end
        raise NotUnderstood("Compare this with something, as in total > 500.", start.start, max(start.end, end))

    # Values

    def _left(self, part: _Part, start: Token) -> Operand:
        return self._operand(part, start, is_name=True)

    def _value(self) -> Operand:
        start = self._token
        return self._operand(self._sum(), start, is_name=False)

    def _operand(self, part: _Part, start: Token, *, is_name: bool) -> Operand:
        if isinstance(part, _CONDITIONS):
            end = self._tokens[self._at - 1].end
            raise NotUnderstood("A condition has no value to compare; join it with and or or.", start.start, end)
        if not isinstance(part, _Bare):
            return part
        token = part.token
        if token.kind is Kind.WORD and token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text], token.start, token.end)
        if token.kind is Kind.WORD and is_name:
            return replace(self._naming.named(token), start=token.start, end=token.end)
        if token.kind is Kind.NUMBER:
            return Literal(number(token), token.start, token.end)
        return self._naming.moment(token) if token.kind is Kind.MOMENT else Literal(token.text, token.start, token.end)

    def _sum(self) -> _Part:
        return self._chain(self._product, "+", "-")

    def _product(self) -> _Part:
        return self._chain(self._atom, "*", "/")

    def _chain(self, inner: Callable[[], _Part], *signs: str) -> _Part:
        start = self._token
        part = inner()
        while self._token.is_sign(*signs):
            sign = self._next()
            self._arithmetic += 1
            if self._arithmetic > MOST_ARITHMETIC:
                raise self._wrong(sign, f"A condition may reckon {MOST_ARITHMETIC} times; make it shorter.")
            left = self._operand(part, start, is_name=True)
            right = self._token
            part = Arithmetic(sign.text, left, self._operand(inner(), right, is_name=True))
        return part

    def _atom(self) -> _Part:
        token = self._token
        if token.is_sign("("):
            return self._parenthesised()
        if token.kind in (Kind.WORD, Kind.NAME) and not token.keyword:
            if token.text == "count" and token.kind is Kind.WORD and self._tokens[self._at + 1].is_sign("("):
                return self._count()
            return self._named()
        if token.kind in (Kind.TEXT, Kind.NUMBER, Kind.MOMENT):
            return _Bare(self._next())
        raise self._wrong(token, self._astray(token, "a name or a value"))

    def _named(self) -> _Part:
        names = self._adjacent()
        if len(names) == 1 and names[0].text in _CONSTANTS and names[0].kind is Kind.WORD:
            return _Bare(names[0])
        path = self._naming.path(names)
        return _Bare(names[0]) if path is None else replace(path, start=names[0].start, end=names[-1].end)

    def _adjacent(self) -> list[Token]:
        """The tokens of one path: those that follow one another without a space."""
        found = [self._next()]
        if self._dialect is Dialect.EVENTS and found[0].kind is Kind.WORD and not self._naming.may_go_on(found[0]):
            return found
        while self._token.start == found[-1].end and self._token.kind in (Kind.WORD, Kind.NAME, Kind.ITEM):
            found.append(self._next())
        return found

    def _count(self) -> Operand:
        self._next()
        opening, start = self._next(), self._token
        part = self._named() if start.kind in (Kind.WORD, Kind.NAME) else None
        if isinstance(part, _Bare):
            part = self._naming.named(part.token)
        if not isinstance(part, Path):
            raise self._wrong(start, "Count the items at a path, as in count(lines).")
        self._close(opening)
        return Count(part)

    def _parenthesised(self) -> _Part:
        opening = self._next()
        self._deeper(opening)
        part = self._either()
        self._close(opening)
        self._nested -= 1
        return part

    def _is_among(self) -> bool:
        token = self._token
        return token.keyword == "in" or (token.keyword == "not" and self._tokens[self._at + 1].keyword == "in")

    # Tokens

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += token.kind is not Kind.END
        return token

    def _took(self, keyword: str) -> bool:
        is_there = self._token.keyword == keyword
        self._at += is_there
        return is_there

    def _is_within(self) -> bool:
        """Whether a parenthesis is open here."""
        before = self._tokens[: self._at]
        return sum(token.is_sign("(") - token.is_sign(")") for token in before) > 0

    def _close(self, opening: Token) -> None:
        if not self._token.is_sign(")"):
            if self._token.kind is Kind.END:
                raise self._wrong(opening, "This parenthesis is never closed; put a ) where it ends.")
            raise self._wrong(self._token, self._astray(self._token, "the ) that closes the parenthesis"))
        self._next()

    def _deeper(self, token: Token) -> None:
        self._nested += 1
        if self._nested > MOST_NESTED:
            raise self._wrong(token, f"Only {MOST_NESTED} parentheses and nots may be within one another; use fewer.")

    @staticmethod
    def _wrong(token: Token, reason: str) -> NotUnderstood:
        return NotUnderstood(reason, token.start, token.end)

    def _astray(self, token: Token, expected: str) -> str:
        """Why a token cannot stand where something else is expected."""
        if token.kind is Kind.END:
            return "Something is missing here: write a value, or take out what stands before."
        if token.is_sign(")") and self._is_within():
            return "Something is missing before this parenthesis: write a value there, or take out what stands before."
        if token.is_sign(")"):
            return "This parenthesis was never opened; take it out."
        if token.keyword:
            return f"{token.text} joins two conditions or begins one; write what it is about, or put it in quotes."
        before = self._tokens[max(0, self._at - 1)]
        is_joined = before is not token and before.end == token.start
        if is_joined and (meant := _MEANT.get(before.text + token.text)):
            return f"Write {meant} instead of {before.text}{token.text}."
        example = "data.quantity > 2" if self._dialect is Dialect.EVENTS else "total > 500"
        quotes = "quotes to seek it as text" if self._dialect is Dialect.EVENTS else "quotes if it is a text"
        shown = f"[{token.text}]" if token.kind is Kind.ITEM else token.text
        return f"In place of {shown}, {expected} is expected, as in {example}; put it in {quotes}."
