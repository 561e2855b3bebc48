"""What may stand at the caret: names, operators, and the values that there are."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from explorer.language.printing import as_value, quoted
from explorer.language.scanner import Kind, Token, tokens
from explorer.language.syntax import ENVELOPE, Dialect, NotUnderstood

MOST = 50
_PART = re.compile(r"""(?:"(?:[^"\\]|\\.)*|'(?:[^'\\]|\\.)*|[^\s()<>=!~,"']*)$""")
_SIGNS = ("==", "!=", "<", "<=", ">", ">=", "~", "in", "not in")
_OF_TEXTS = ("==", "!=", "~", "in", "not in")
_NUMBERS = ("position", "version", "schema", "time", "recorded")


class Known(NamedTuple):
    """What there is to be named. `paths` are those of data, such as `data.quantity`."""

    types: Sequence[str] = ()
    actors: Sequence[str] = ()
    streams: Sequence[str] = ()
    paths: Sequence[str] = ()


class Completion(NamedTuple):
    """What may stand in the place of the text from `start` to `end`, the likeliest first."""

    start: int
    end: int
    choices: tuple[str, ...]


def completion(text: str, caret: int, known: Known) -> Completion:
    """For a condition on events, by what stands before the caret; without choices where nothing is known to fit."""
    found = _PART.search(text, 0, caret)
    part = found[0] if found else ""
    start = caret - len(part)
    try:
        before = tokens(text[:start], Dialect.EVENTS)[:-1]
    except NotUnderstood:
        return Completion(start, caret, ())
    wanted = part.lower().lstrip("\"'")
    choices = [choice for choice in _choices(before, known, part) if _fits(choice, wanted)]
    return Completion(start, caret, tuple(dict.fromkeys(choices))[:MOST])


def is_name_alone(text: str, caret: int, known: Known) -> bool:
    """Whether the caret is behind a name of which it is not yet said what it must be: what is meant will only be known
    when more is written. A field of data that there is may stand alone.
    """
    try:
        found = tokens(text, Dialect.EVENTS)
    except NotUnderstood:
        return False
    last = next((at for at, token in enumerate(found) if _is_at(token, len(text[:caret].rstrip()))), None)
    if last is None or not _is_alone(found, last):
        return False
    first = last
    while first and found[first - 1].end == found[first].start and found[first - 1].kind in (Kind.WORD, Kind.ITEM):
        first -= 1
    if found[first].is_path:
        return text[found[first].start : found[last].end] not in known.paths
    return first == last and found[last].kind is Kind.WORD and found[last].text in ENVELOPE


def _is_at(token: Token, caret: int) -> bool:
    return token.start < caret <= token.end


def _is_alone(found: list[Token], at: int) -> bool:
    """Whether neither a sign of a comparison follows nor the token is the value of one."""
    after, next_but_one = found[at + 1], found[min(at + 2, len(found) - 1)]
    is_compared = after.keyword == "in" or (after.keyword == "not" and next_but_one.keyword == "in")
    is_joined = after.kind is Kind.SIGN and after.text not in ("(", ")", ",")
    return not (is_compared or is_joined) and _field_of_value(found[:at]) is None


def _fits(choice: str, wanted: str) -> bool:
    """Whether a choice goes on as what is typed begins; what is typed whole needs no choice."""
    said = choice.lower().strip('"')
    return said.startswith(wanted) and said != wanted


def _choices(before: list[Token], known: Known, part: str) -> Iterable[str]:
    field = _field_of_value(before)
    if field is not None:
        return _values(field, known, is_quoted=part.startswith(("'", '"')))
    if part.startswith(("'", '"')):
        return ()
    if before and _is_name(before, known):
        return _OF_TEXTS if before[-1].text not in _NUMBERS and before[-1].text in ENVELOPE else _SIGNS
    if before and _ends_condition(before):
        return ("and", "or", *_names(known)) if part else ("and", "or")
    return _names(known)


def _names(known: Known) -> Iterable[str]:
    return (*ENVELOPE, *known.paths, "not")


def _field_of_value(before: list[Token]) -> str | None:
    """The name whose value is wanted: behind `==`, or within the parentheses of an `in`."""
    if not before:
        return None
    if before[-1].is_sign("==", "=", "!=", "~", "!~", "<", "<=", ">", ">="):
        return before[-2].text if len(before) > 1 else ""
    if not before[-1].is_sign("(", ","):
        return None
    opening = next((at for at in range(len(before) - 1, -1, -1) if before[at].is_sign("(")), 0)
    if opening < 2 or before[opening - 1].keyword != "in":
        return None
    return before[opening - (3 if before[opening - 2].keyword == "not" else 2)].text


def _values(field: str, known: Known, *, is_quoted: bool) -> Iterable[str]:
    values = {"type": known.types, "actor": known.actors, "stream": known.streams}.get(field, ())
    if field == "category":
        values = tuple(dict.fromkeys(stream.partition("-")[0] for stream in known.streams))
    return (quoted(value) if is_quoted else as_value(value, Dialect.EVENTS) for value in values)


def _is_name(before: list[Token], known: Known) -> bool:
    """Whether a name that is to be compared stands last, and not the value of a comparison."""
    last = before[-1]
    is_known = last.text in ENVELOPE or last.text in known.paths or last.is_path or last.kind is Kind.ITEM
    return is_known and _field_of_value(before[:-1]) is None


def _ends_condition(before: list[Token]) -> bool:
    last = before[-1]
    return last.is_sign(")") or (last.kind is not Kind.SIGN and not last.keyword)
