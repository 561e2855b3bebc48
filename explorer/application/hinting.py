"""What somebody may not know who writes a condition on states: that money is in minor units, and that no state has a
field of that name.

Nothing is refused for a name: who writes it may know what is to come.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from fractions import Fraction
from typing import NamedTuple

from explorer.application.conditions import StateCondition
from explorer.application.finding import FOREVER, Where
from explorer.application.session import Session
from explorer.domain.decider import AnyDecider
from explorer.domain.event import Json, category_of
from explorer.domain.money import DIGITS, MONEY, formatted
from explorer.domain.schemaless import SCHEMALESS
from explorer.errors import Damaged
from explorer.language.mentioning import paths_in
from explorer.language.naming import NEAR
from explorer.language.numbers import written
from explorer.language.printing import printed_operand
from explorer.language.syntax import (
    DATA,
    EVENT,
    WAS,
    Among,
    And,
    Arithmetic,
    Comparison,
    Condition,
    Dialect,
    Literal,
    Name,
    Not,
    NotUnderstood,
    Operand,
    Or,
    Path,
)
from explorer.projections import queries

SEEN = 500
"""Of streams without a decider, the newest events whose fields are known."""
MOST = 3
"""Comparisons and currencies of which a hint tells, and doubts."""
LISTED = 12
"""Names that a doubt lists."""
FIELDS = "fields"
"""Where the state of a stream without a decider has what its events said."""
_CURRENCY, _PREVIOUS = "currency", "previous_"
_WORDS = {"==": "exactly", "!=": "not", "<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class States(NamedTuple):
    """What states have: the fields at the top, by category ("": of a stream that has no decider), those of `seen` below
    `fields` where there is none; and the currencies in which there is money.
    """

    tops: Mapping[str, frozenset[str]] = {}
    seen: frozenset[str] = frozenset()
    currencies: tuple[str, ...] = ()

    def is_money(self, path: Path) -> bool:
        names = [step.name for step in path.steps if isinstance(step, Name)]
        if not names or names[-1].removeprefix(_PREVIOUS) not in MONEY:
            return False
        with_money = [tops for tops in self.tops.values() if _CURRENCY in tops]
        if path.root == f"{EVENT}.{DATA}":
            return bool(with_money)
        return path.root in {"", WAS} and any(names[0] in tops for tops in with_money)

    @property
    def names(self) -> frozenset[str]:
        return frozenset[str]().union(*self.tops.values())


class Doubt(NamedTuple):
    """A field that no state has, and where in the text it stands."""

    words: str
    start: int
    end: int


def states_of(session: Session, where: Where | None = None) -> States:
    """What the states of a store have, or those somewhere in it."""
    deciders, where = session.store.codec.deciders, where or Where()
    with session.asking() as connection:
        totals = queries.totals(connection, FOREVER)
    currencies = tuple(sorted(filter(None, totals))) or _named_of_late(session)
    category = category_of(where.stream) if where.stream else where.category
    if category:
        known = deciders.get(category, SCHEMALESS)
        return States({category if category in deciders else "": _tops(known)}, _seen(session, where), currencies)
    tops = {name: _tops(decider) for name, decider in deciders.items()}
    return States({**tops, "": _tops(SCHEMALESS)}, _seen(session, where), currencies)


def understood(text: str, states: States) -> StateCondition:
    """The condition that somebody writes. Raises NotUnderstood, also for an amount of money with decimals."""
    condition = StateCondition.parse(text)
    for one in _amounts(condition.condition, states):
        said = text[one.value.start : one.value.end]
        if "." in said:
            error = NotUnderstood(_in_minor_units(said, states), one.value.start, one.value.end)
            error.text = text
            raise error
    return condition


def money_hint(condition: Condition, states: States) -> str:
    """What the amounts in a condition are in their currencies; empty where it has none."""
    said = [_said(one, states) for one in _amounts(condition, states)]
    more = f" (and {len(said) - MOST} more)" if len(said) > MOST else ""
    return f"Money in minor units: {'; '.join(said[:MOST])}{more}" if said else ""


def amount_hint(name: str, value: Json, currency: str) -> str:
    """What a number is that somebody gives as the value of a field; empty where it is no amount of money."""
    is_money = name.rpartition(".")[2].removeprefix(_PREVIOUS) in MONEY
    if not currency or not is_money or isinstance(value, bool) or not isinstance(value, int):
        return ""
    return f"Money in minor units: {value} is {_amount(Fraction(value), currency)}"


def doubts(condition: Condition, states: States) -> list[Doubt]:
    """The fields in a condition that no state has, each with the one that may be meant."""
    found: dict[str, Doubt] = {}
    for path in paths_in(condition):
        name = _unknown(path, states)
        if name and name not in found:
            found[name] = Doubt(_doubtful(name, states), path.start, path.end)
    return list(found.values())[:MOST]


# Money


class _Amount(NamedTuple):
    """A number with which money is compared: `path sign value`."""

    path: Operand
    sign: str
    value: Literal


def _amounts(condition: Condition, states: States) -> Iterator[_Amount]:
    match condition:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _amounts(part, states)
        case Not(part):
            yield from _amounts(part, states)
        case Comparison(sign, left, right):
            yield from _compared(left, sign, right, states)
            yield from _compared(right, _TURNED.get(sign, sign), left, states)
        case Among(left, values, is_negated):
            for value in values:
                yield from _compared(left, "!=" if is_negated else "==", value, states)
        case _:
            return


def _compared(left: Operand, sign: str, right: Operand, states: States) -> Iterator[_Amount]:
    if isinstance(right, Literal) and isinstance(right.value, Fraction) and sign in _WORDS and _has_money(left, states):
        yield _Amount(left, sign, right)


def _has_money(operand: Operand, states: States) -> bool:
    """Whether what is reckoned is an amount of money."""
    match operand:
        case Path():
            return states.is_money(operand)
        case Arithmetic("+" | "-", left, right):
            return _has_money(left, states) or _has_money(right, states)
        case Arithmetic("*", left, right):
            return _has_money(left, states) != _has_money(right, states)
        case Arithmetic(_, left, right):
            return _has_money(left, states) and not _has_money(right, states)
        case _:
            return False


def _said(one: _Amount, states: States) -> str:
    assert isinstance(one.value.value, Fraction)
    number = one.value.value
    amounts = [_amount(number, currency) for currency in states.currencies[:MOST] or ("",)]
    comparison = f"{printed_operand(one.path, Dialect.STATES)} {one.sign} {written(number)}"
    return f"{comparison} is {_WORDS[one.sign]} {' or '.join(amounts)}"


def _amount(number: Fraction, currency: str) -> str:
    # A part of a minor unit is not lost, it only is none: the language compares it exactly.
    return f"{formatted(int(number), currency)} {currency}".rstrip()


def _in_minor_units(said: str, states: States) -> str:
    digits = DIGITS.get(states.currencies[0], 2) if states.currencies else 2
    minor = Fraction(said) * 10**digits
    if minor.denominator != 1:
        return f"Money is in minor units: write a whole number, such as {int(minor)} for {formatted(int(minor), '')}."
    return f"Money is in minor units: write {minor} for {said}."


# Names


def _tops(decider: AnyDecider) -> frozenset[str]:
    return frozenset(decider.document(decider.initial))


def _named_of_late(session: Session) -> tuple[str, ...]:
    """The currencies that the newest events name: for a cache that is yet to be built."""
    store = session.store
    found: set[str] = set()
    for record in store.records(max(0, store.head().size - SEEN), SEEN):
        with suppress(Damaged):
            currency = store.codec.data(record)[1].get(_CURRENCY)
            found.update({currency} if isinstance(currency, str) and currency else ())
    return tuple(sorted(found))


def _seen(session: Session, where: Where) -> frozenset[str]:
    """The fields of the newest events of streams that have no decider."""
    store = session.store
    if where.stream is not None:
        version = store.version_of(where.stream)
        records = store.stream_records(where.stream, max(1, version - SEEN + 1), version)
    else:
        records = store.records(max(0, store.head().size - SEEN), SEEN)
    found: set[str] = set()
    for record in records:
        category = category_of(record.stream)
        if category not in store.codec.deciders and where.category in {"", category}:
            try:
                data = store.codec.data(record)[1]
            except Damaged:
                continue  # it has no fields, as everywhere
            found.update(data)
    return frozenset(found)


def _unknown(path: Path, states: States) -> str:
    """The name by which a path into states leads nowhere; empty where it may lead somewhere."""
    names = [step.name if isinstance(step, Name) else "" for step in path.steps]
    if path.root not in {"", WAS} or not names or not names[0] or not states.tops:
        return ""
    if names[0] not in states.names:
        return names[0]
    is_below = len(names) > 1 and names[0] == FIELDS and bool(names[1])
    return f"{FIELDS}.{names[1]}" if is_below and states.seen and names[1] not in states.seen else ""


def _doubtful(name: str, states: States) -> str:
    below = {f"{FIELDS}.{one}" for one in states.seen}
    if f"{FIELDS}.{name}" in below:
        return f"No state has a field {name}: is it {FIELDS}.{name}?"
    near = _nearest(name, states.names | below) or _nearest(f"{FIELDS}.{name}", below)
    who = "No state seen" if name.startswith(f"{FIELDS}.") else "No state"
    if near:
        return f"{who} has a field {name}: is it {near}?"
    there = sorted(below if name.startswith(f"{FIELDS}.") else states.names)
    more = ", …" if len(there) > LISTED else ""
    return f"{who} has a field {name}; there are {', '.join(there[:LISTED])}{more}."


def _nearest(name: str, names: Iterable[str]) -> str:
    return next(iter(get_close_matches(name, sorted(names), 1, NEAR)), "")
