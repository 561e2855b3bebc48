"""Money is whole minor units (pence, cents) and a currency code; never a float.

The one rounding: a percentage is rounded half up to the next whole minor unit, so 10 % of 0.25 is 0.03.
"""

from collections.abc import Mapping

from explorer.errors import BadInput

_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
DIGITS: Mapping[str, int] = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3)}
"""Digits after the point (ISO 4217) where they are not 2."""

MONEY = frozenset({"unit_price", "line_total", "subtotal", "discount", "total"})
"""Fields that are money wherever their document names a currency."""

MAX_DIGITS = 15
"""What JSON carries exactly."""


def percentage(amount: int, percent: int) -> int:
    """`percent` (0 to 100) of a non-negative amount, both whole, rounded half up."""
    return (amount * percent + 50) // 100


def minor_units(text: str, currency: str) -> int:
    """`"2.55"` GBP is 255. Raises BadInput if the text is no amount or finer than the currency's smallest coin."""
    digits = DIGITS.get(currency, 2)
    sign = -1 if text.startswith("-") else 1
    whole, point, fraction = text.removeprefix("-").partition(".")
    kept, rest = fraction[:digits], fraction[digits:]
    number = whole + kept.ljust(digits, "0")
    is_number = number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS
    if not (whole and is_number) or (point and not fraction) or rest.strip("0"):
        raise BadInput(f"{text!r} is not an amount in whole minor units of {currency}; write it like 2.55.")
    return sign * int(number)


def formatted(amount: int, currency: str) -> str:
    """255 GBP is `2.55`, with a thousands separator and without the currency's name."""
    digits = DIGITS.get(currency, 2)
    sign = "-" if amount < 0 else ""
    whole, fraction = divmod(abs(amount), 10**digits)
    return f"{sign}{whole:,}" + (f".{fraction:0{digits}d}" if digits else "")
