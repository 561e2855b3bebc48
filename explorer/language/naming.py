"""Paths: what the names of a condition may be, and where they lead."""

import re
from difflib import get_close_matches

from explorer.language import moments
from explorer.language.scanner import Kind, Token, unescaped
from explorer.language.syntax import (
    DATA,
    ENVELOPE,
    EVENT,
    WAS,
    Dialect,
    Every,
    Keyed,
    Moment,
    Name,
    NotUnderstood,
    Path,
    Place,
    Step,
)

NEAR = 0.7
"""How alike names are, of at most 1, of which one may be the other mistyped."""
_INDEX = re.compile(r"\s*(-?\d{1,9})\s*", re.ASCII)
_KEYED = re.compile(r"""\s*(?:`((?:[^`\\]|\\.)*)`|([^\s=`"']+))\s*==?\s*(.*?)\s*""", re.DOTALL)
_QUOTED = re.compile(r"""(["'])(.*)\1""", re.DOTALL)


class Naming:
    """What names mean in a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._is_states = dialect is Dialect.STATES

    def may_go_on(self, token: Token) -> bool:
        """Whether a word may begin a path of several tokens."""
        return self._is_states or token.is_path

    def path(self, names: list[Token]) -> Path | None:
        """The path that adjacent tokens make; None for a word of which its place must say what it is."""
        first = names[0]
        if not self._is_states:
            return self._of_event(names) if first.is_path or first.kind is Kind.NAME else None
        steps = _steps(names)
        root = steps[0].name if isinstance(steps[0], Name) and first.kind is Kind.WORD else ""
        if root == WAS:
            if len(steps) == 1:
                raise _wrong(first, "Name a field of the state before, as in was.total.")
            return Path(WAS, steps[1:])
        return self._of_its_event(first, steps, names[-1]) if root == EVENT else Path("", steps)

    def named(self, token: Token) -> Path:
        """The path that a single word is on the left of a comparison."""
        if self._is_states:
            path = self.path([token])
            assert path is not None
            return path
        if token.text in ENVELOPE:
            return Path(token.text)
        near = get_close_matches(token.text.lower(), ENVELOPE, 1, NEAR)
        names = f"{near[0]}, or data.{token.text}" if near else f"data.{token.text}"
        raise _wrong(token, f"Events have no {token.text}: is it {names}? Put it in quotes if you seek it as text.")

    def moment(self, token: Token) -> Moment:
        if moments.moment(token.text) is None:
            raise _wrong(token, "There is no such date or time; write one like 2011-01-05 or 2011-01-05T09:00Z.")
        return Moment(token.text)

    def _of_event(self, names: list[Token]) -> Path:
        if names[0].kind is Kind.NAME:
            raise _wrong(names[0], f"Say where `{names[0].text}` is, as in data.`{names[0].text}`.")
        return Path(DATA, _steps(names)[1:])

    def _of_its_event(self, first: Token, steps: tuple[Step, ...], last: Token) -> Path:
        field = steps[1].name if len(steps) > 1 and isinstance(steps[1], Name) else ""
        if field == DATA:
            return Path(f"{EVENT}.{DATA}", steps[2:])
        if field not in ENVELOPE or len(steps) > 2:
            raise NotUnderstood(
                f"Of the event there are {', '.join(ENVELOPE)}, and data.…, as in event.actor.", first.start, last.end
            )
        return Path(f"{EVENT}.{field}")


def _steps(names: list[Token]) -> tuple[Step, ...]:
    """The steps of a path; between names stands a dot."""
    steps: list[Step] = []
    is_open = True  # a name may come
    for token in names:
        if token.kind is Kind.ITEM:
            if is_open:
                raise _wrong(token, "Before [ comes the name of a list, as in lines[0].")
            steps.append(_item(token))
        elif token.kind is Kind.NAME:
            if not is_open:
                raise _wrong(token, "Put a dot before this name.")
            steps.append(Name(token.text))
            is_open = False
        else:
            is_open = _add_names(token, steps, is_open=is_open)
    if is_open:
        raise _wrong(names[-1], "Behind the dot a name is missing.")
    return tuple(steps)


def _add_names(token: Token, steps: list[Step], *, is_open: bool) -> bool:
    """Adds the names of a word with dots; returns whether it ends with one."""
    pieces = token.text.split(".")
    if not pieces[0] and is_open:
        raise _wrong(token, "Before a dot a name is missing.")
    if pieces[0] and not is_open:
        raise _wrong(token, "Put a dot before this name.")
    for index, piece in enumerate(pieces):
        if piece:
            if not steps and piece[0].isdecimal():
                raise _wrong(token, "This is neither a number nor a name; put a name like this in `backquotes`.")
            steps.append(Name(piece))
        elif 0 < index < len(pieces) - 1:
            raise _wrong(token, "Between two dots a name is missing.")
    return not pieces[-1]


def _item(token: Token) -> Step:
    text = token.text
    if text.strip() == "*":
        return Every()
    if index := _INDEX.fullmatch(text):
        return Place(int(index[1]))
    if keyed := _KEYED.fullmatch(text):
        name = unescaped(keyed[1]) if keyed[1] is not None else keyed[2]
        quoted = _QUOTED.fullmatch(keyed[3])
        if name:
            return Keyed(name, unescaped(quoted[2]) if quoted else keyed[3])
    raise _wrong(token, "Say which item: [0] is the first, [*] any, [sku=22423] the one whose sku is 22423.")


def _wrong(token: Token, reason: str) -> NotUnderstood:
    return NotUnderstood(reason, token.start, token.end)
