"""Numbers as they are written, exact."""

from fractions import Fraction

from explorer.language.scanner import Token
from explorer.language.syntax import NotUnderstood

MOST_DIGITS = 1_000


def number(token: Token) -> Fraction:
    """The number that a token says. Raises NotUnderstood."""
    if len(token.text) > MOST_DIGITS:
        raise NotUnderstood(f"A number may have {MOST_DIGITS:,} digits; shorten it.", token.start, token.end)
    return Fraction(token.text)


def written(value: Fraction) -> str:
    """A number whose decimals end, as it is written."""
    digits, scaled = 0, value
    while scaled.denominator != 1:
        digits, scaled = digits + 1, scaled * 10
    if not digits:
        return str(scaled.numerator)
    whole = str(abs(scaled.numerator)).rjust(digits + 1, "0")
    return f"{'-' if value < 0 else ''}{whole[:-digits]}.{whole[-digits:]}"
