"""Conditions that stay true once they are: those may be sought by bisection."""

from collections.abc import Collection

from explorer.language.syntax import EVENT, And, Comparison, Condition, Count, Literal, Name, Operand, Or, Path

ALWAYS = frozenset({f"{EVENT}.version", f"{EVENT}.position"})
"""Of the event, what rises with each event of a stream."""


def is_rising_in(condition: Condition, fields: Collection[str]) -> bool:
    """Whether a condition on a state, once true, stays true, given that the number fields of these paths never fall."""
    match condition:
        case And(parts) | Or(parts):
            return bool(parts) and all(is_rising_in(part, fields) for part in parts)
        case Comparison(">" | ">=", left, right):
            return _is_field(left, fields) and _is_constant(right)
        case Comparison("<" | "<=", left, right):
            return _is_field(right, fields) and _is_constant(left)
        case _:
            return False


def _is_field(operand: Operand, fields: Collection[str]) -> bool:
    if isinstance(operand, Count):
        return _is_field(operand.path, fields)
    if not isinstance(operand, Path):
        return False
    if operand.root:
        return operand.root in ALWAYS
    names = [step.name for step in operand.steps if isinstance(step, Name)]
    return len(names) == len(operand.steps) and ".".join(names) in fields


def _is_constant(operand: Operand) -> bool:
    return isinstance(operand, Literal) and not isinstance(operand.value, str | bool | None)
