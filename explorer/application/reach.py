"""Between which positions all lies that a condition can hold of, where that is cheap to say."""

from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from explorer.application.session import Session
from explorer.language.syntax import And, Comparison, Condition, Literal, Moment, Path
from explorer.projections import queries
from explorer.store.filtering import span_of

EVERYWHERE = 2**62


class Reach(NamedTuple):
    """Positions, both included."""

    first: int = 1
    last: int = EVERYWHERE

    def within(self, other: "Reach") -> "Reach":
        return Reach(max(self.first, other.first), min(self.last, other.last))


def reach_of(session: Session, condition: Condition) -> Reach:
    """By what a condition says of positions, and of the time from which on."""
    parts = condition.parts if isinstance(condition, And) else (condition,)
    reach = Reach()
    for part in parts:
        match part:
            case Comparison(sign, Path("position", ()), Literal(Fraction() as number)):
                reach = reach.within(_of_position(sign, number))
            case Comparison(">" | ">=" | "==" as sign, Path("time", ()), Literal() | Moment() as value):
                if (span := span_of(value)) is not None:
                    reach = reach.within(_from(session, span.end if sign == ">" else span.start))
            case _:
                pass
    return reach


def _of_position(sign: str, number: Fraction) -> Reach:
    match sign:
        case "==":
            return Reach(ceil(number), floor(number))
        case ">" | ">=":
            return Reach(first=floor(number) + 1 if sign == ">" else ceil(number))
        case "<" | "<=":
            return Reach(last=ceil(number) - 1 if sign == "<" else floor(number))
        case _:
            return Reach()


def _from(session: Session, time: int) -> Reach:
    """An event of a time or later lies behind all positions whose time is earlier: that only rises."""
    with session.asking() as connection:
        return Reach(first=queries.position_at(connection, time - 1) + 1)
