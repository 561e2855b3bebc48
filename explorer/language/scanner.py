"""Text to tokens, each with its offsets.

Events are sought by words, which may have any signs: among them a word ends only at a space, a bracket, a comma, a
quote or the sign of a comparison. In paths and in states `+ * /` end it too, and so does `-` before a digit.
"""

import re
from enum import Enum
from typing import NamedTuple

from explorer.language import moments
from explorer.language.syntax import Dialect, NotUnderstood

MOST_TEXT = 10_000
KEYWORDS = frozenset({"and", "or", "not", "in"})


class Kind(Enum):
    WORD = "word"
    NAME = "name in backquotes"
    TEXT = "quoted text"
    NUMBER = "number"
    MOMENT = "date"
    ITEM = "item in brackets"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """`text` is what it says: for quoted text and names without quotes and escapes, for items without brackets."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The word in small letters if it is one of the language's own; else empty."""
        small = self.text.lower()
        return small if self.kind is Kind.WORD and small in KEYWORDS else ""

    @property
    def is_path(self) -> bool:
        return self.kind is Kind.WORD and (self.text.startswith((".", "data.")) or self.text == "data")

    def is_sign(self, *signs: str) -> bool:
        return self.kind is Kind.SIGN and self.text in signs


_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|' + r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_NAME = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL)
_ITEM = re.compile(r"""\[((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[^\]"'`])*)\]""", re.DOTALL)
_SIGN = re.compile(r"==|!=|<=|>=|!~|[<>=~(),]")
_ENDS = r"""(?=[\s()\[\],<>=!~"`]|$)"""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?![\w.])", re.ASCII)
_NUMBER_ALONE = re.compile(rf"-?\d+(?:\.\d+)?(?:{_ENDS}|(?=[*+/]data\b))", re.ASCII)
_MOMENT = re.compile(moments.PATTERN + r"(?![\w.:-])", re.ASCII)
_MOMENT_ALONE = re.compile(moments.PATTERN + _ENDS, re.ASCII)
_PATH_WORD = re.compile(r"[.\w](?:[\w.]|-(?=[^\W\d]))*")
_DATA_WORD = re.compile(r"data(?=[.\[\s]|$|[<>=!~),])(?:[\w.]|-(?=[^\W\d]))*|\.(?:[\w.]|-(?=[^\W\d]))*")
_ANY_WORD = re.compile(r"""[^\s()\[\],<>=!~"'`][^\s()\[\],<>=!~"`]*""")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def tokens(text: str, dialect: Dialect) -> list[Token]:
    """All tokens and an END. Raises NotUnderstood."""
    if len(text) > MOST_TEXT:
        raise NotUnderstood(f"A condition may have {MOST_TEXT:,} characters; shorten it.", MOST_TEXT, len(text))
    if broken := _SURROGATE.search(text):
        raise NotUnderstood("This is half of a character; take it out.", *broken.span())
    found: list[Token] = []
    offset = _end(_SPACE, text, 0)
    while offset < len(text):
        token = _token(text, offset, dialect, found[-1] if found else None)
        found.append(token)
        offset = _end(_SPACE, text, token.end)
    return [*found, Token(Kind.END, "", len(text), len(text))]


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: _LETTERS.get(found[1], found[1]), text)


def _end(pattern: "re.Pattern[str]", text: str, offset: int) -> int:
    found = pattern.match(text, offset)
    return found.end() if found else offset


def _token(text: str, offset: int, dialect: Dialect, last: Token | None) -> Token:
    sign = text[offset]
    is_joined = last is not None and last.end == offset
    if sign in "\"'`[":
        return _enclosed(text, offset, sign)
    if (found := _SIGN.match(text, offset)) is not None:
        return Token(Kind.SIGN, found[0], *found.span())
    if sign in "+*/-" and _is_arithmetic(text, offset, dialect, last, is_joined=is_joined):
        return Token(Kind.SIGN, sign, offset, offset + 1)
    return _word(text, offset, dialect, is_joined=_goes_on(last, dialect, is_joined=is_joined))


def _enclosed(text: str, offset: int, sign: str) -> Token:
    pattern, kind = {"`": (_NAME, Kind.NAME), "[": (_ITEM, Kind.ITEM)}.get(sign, (_QUOTED, Kind.TEXT))
    found = pattern.match(text, offset)
    if found is None:
        closing = "]" if sign == "[" else sign
        raise NotUnderstood(f"This {sign} is never closed; put a {closing} where it ends.", offset, len(text))
    inner = next((group for group in found.groups() if group is not None), "")
    return Token(kind, inner if kind is Kind.ITEM else unescaped(inner), *found.span())


def _is_arithmetic(text: str, offset: int, dialect: Dialect, last: Token | None, *, is_joined: bool) -> bool:
    """Whether one of + - * / stands between two values, and is not part of a word or number."""
    ends_value = last is not None and _ends_value(last, dialect)
    if text[offset] == "-" and _NUMBER.match(text, offset):
        return ends_value
    if dialect is Dialect.STATES:
        return True
    return (is_joined and ends_value) or text[offset + 1 : offset + 2].isspace()


def _ends_value(last: Token, dialect: Dialect) -> bool:
    if last.kind is Kind.WORD:
        return not last.keyword and (dialect is Dialect.STATES or last.is_path)
    return last.is_sign(")") or last.kind in (Kind.NAME, Kind.NUMBER, Kind.MOMENT, Kind.ITEM, Kind.TEXT)


def _goes_on(last: Token | None, dialect: Dialect, *, is_joined: bool) -> bool:
    """Whether a value or an arithmetic sign stands directly before, so that what comes is no word of its own."""
    return is_joined and last is not None and (last.is_sign("+", "-", "*", "/") or _ends_value(last, dialect))


def _word(text: str, offset: int, dialect: Dialect, *, is_joined: bool) -> Token:
    is_alone = dialect is Dialect.EVENTS
    for pattern, kind in (
        (_MOMENT_ALONE if is_alone else _MOMENT, Kind.MOMENT),
        (_NUMBER_ALONE if is_alone and not is_joined else _NUMBER, Kind.NUMBER),
        (_DATA_WORD if is_alone else _PATH_WORD, Kind.WORD),
    ):
        if kind is Kind.WORD and is_alone and text[offset] == "." and not is_joined:
            continue
        if (found := pattern.match(text, offset)) is not None:
            return Token(kind, found[0], *found.span())
    if is_alone and (found := _ANY_WORD.match(text, offset)) is not None:
        return Token(Kind.WORD, found[0], *found.span())
    raise NotUnderstood(
        f"{text[offset]} means nothing here; put a name that has it in `backquotes` and a text in quotes.",
        offset, offset + 1,
    )  # fmt: skip
