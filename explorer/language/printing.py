"""A condition as text that says the same."""

import re
from fractions import Fraction

from explorer.language.numbers import written
from explorer.language.scanner import KEYWORDS, Kind, tokens
from explorer.language.syntax import (
    DATA,
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
    NotUnderstood,
    Operand,
    Or,
    Path,
    Place,
    Step,
    There,
    Word,
)

_PLAIN = re.compile(r"[^\W\d](?:\w|-(?=[^\W\d]))*")
_KEY = re.compile(r"[^\s\]\"'`=]+")
_SIGNS = ("+", "-", "*", "/")
_CONSTANTS = ("true", "false", "null")
_LETTERS = {"\n": r"\n", "\t": r"\t", "\r": r"\r", "\0": r"\0", "\\": r"\\", '"': r"\""}


def quoted(text: str) -> str:
    """A text in quotes."""
    return '"' + "".join(_LETTERS.get(sign, sign) for sign in text) + '"'


def as_word(text: str) -> str:
    """A text as it is sought alone, in quotes where it would be read otherwise."""
    if text[:1] in _SIGNS or text == "":
        return quoted(text)
    try:
        found = tokens(text, Dialect.EVENTS)
    except NotUnderstood:
        return quoted(text)
    is_one = len(found) == 2 and (found[0].start, found[0].end) == (0, len(text))
    is_read = is_one and found[0].kind in (Kind.WORD, Kind.NUMBER, Kind.MOMENT)
    return text if is_read and not found[0].keyword and not found[0].is_path else quoted(text)


def as_value(text: str, dialect: Dialect) -> str:
    """A text as it stands on the right of a comparison; what begins like a number is in quotes, wherever it stands."""
    is_word = dialect is Dialect.EVENTS and text not in _CONSTANTS and not text[:1].isdecimal()
    return as_word(text) if is_word else quoted(text)


def printed(condition: Condition, dialect: Dialect) -> str:
    return _Printer(dialect).condition(condition)


def printed_operand(operand: Operand, dialect: Dialect) -> str:
    return _Printer(dialect).operand(operand)


class _Printer:
    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def condition(self, condition: Condition) -> str:
        match condition:
            case Comparison(sign, left, right):
                return f"{self._sum(left, is_left=True)} {sign} {self._sum(right)}"
            case Among(left, values, is_negated):
                listed = ", ".join(self._sum(value) for value in values)
                return f"{self._sum(left, is_left=True)} {'not ' if is_negated else ''}in ({listed})"
            case Word(text):
                return as_word(text)
            case There(path):
                return self.path(path)
            case Not(part):
                return f"not {self._inner(part, And, Or)}"
            case And(parts):
                return self._all(parts)
            case Or(parts):
                return " or ".join(self._inner(part, Or) for part in parts)

    def operand(self, operand: Operand) -> str:
        """What is compared, as it stands on the left."""
        return self._sum(operand, is_left=True)

    def _all(self, parts: tuple[Condition, ...]) -> str:
        """Words stand beside one another as they are typed."""
        text = ""
        for before, part in zip((None, *parts), parts, strict=False):
            both = isinstance(before, Word) and isinstance(part, Word)
            text += ("" if before is None else " " if both else " and ") + self._inner(part, And, Or)
        return text

    def _inner(self, part: Condition, *kinds: type[Condition]) -> str:
        return f"({self.condition(part)})" if isinstance(part, kinds) else self.condition(part)

    def _sum(self, operand: Operand, *, is_left: bool = False) -> str:
        match operand:
            case Arithmetic(sign, left, right):
                return f"{self._term(left, sign)} {sign} {self._term(right, sign, is_right=True)}"
            case Literal(str() as text):
                return quoted(text) if is_left else as_value(text, self._dialect)
            case _:
                return self._value(operand)

    def _term(self, operand: Operand, sign: str, *, is_right: bool = False) -> str:
        if isinstance(operand, Arithmetic):
            is_tighter = sign in "+-" and operand.sign in "*/"
            is_bare = is_tighter or (not is_right and not (sign in "*/" and operand.sign in "+-"))
            return self._sum(operand) if is_bare else f"({self._sum(operand)})"
        return self._value(operand)

    def _value(self, operand: Operand) -> str:
        match operand:
            case Path():
                return self.path(operand)
            case Count(path):
                return f"count({self.path(path)})"
            case Moment(text):
                return text
            case Literal(Fraction() as value):
                return written(value)
            case Literal(str() as text):
                return quoted(text)
            case Literal(value):
                return "null" if value is None else "true" if value else "false"
            case _:
                return f"({self._sum(operand)})"

    def path(self, path: Path) -> str:
        """A path as it is written."""
        text = path.root
        for step in path.steps:
            text += self._step(step, is_first=not text)
        return text

    def _step(self, step: Step, *, is_first: bool) -> str:
        match step:
            case Name(name):
                is_plain = _PLAIN.fullmatch(name) and not (is_first and _is_taken(name))
                shown = name if is_plain else _backquoted(name)
                return shown if is_first else f".{shown}"
            case Place(index):
                return f"[{index}]"
            case Every():
                return "[*]"
            case Keyed(name, value):
                key = value if _KEY.fullmatch(value) else quoted(value)
                return f"[{name if _KEY.fullmatch(name) else _backquoted(name)}={key}]"


def _backquoted(name: str) -> str:
    return "`" + "".join("\\" + sign if sign in "`\\" else sign for sign in name) + "`"


def _is_taken(name: str) -> bool:
    return name.lower() in KEYWORDS or name in (*_CONSTANTS, WAS, EVENT, DATA, "count")
