"""Whole minor units, one rounding, no floats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.domain.money import DIGITS, MAX_DIGITS, formatted, minor_units, percentage
from explorer.errors import BadInput

CURRENCIES = ["GBP", *DIGITS]


@pytest.mark.parametrize(
    ("amount", "percent", "part"),
    [
        (0, 10, 0),
        (25, 10, 3),
        (24, 10, 2),
        (26, 10, 3),
        (1, 50, 1),
        (1, 49, 0),
        (1, 51, 1),
        (1_000, 0, 0),
        (999, 100, 999),
    ],
)
def test_a_percentage_is_rounded_half_up(amount: int, percent: int, part: int) -> None:
    assert percentage(amount, percent) == part


@given(st.integers(0, 2**53), st.integers(0, 100))
def test_a_percentage_is_never_more_than_half_a_unit_off_nor_more_than_the_whole(amount: int, percent: int) -> None:
    part = percentage(amount, percent)
    assert 0 <= part <= amount
    assert -50 < 100 * part - amount * percent <= 50


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("2.55", "GBP", 255),
        ("2.5", "GBP", 250),
        ("2", "GBP", 200),
        ("2.550", "GBP", 255),
        ("0.1", "GBP", 10),
        ("-0.05", "GBP", -5),
        ("1.005", "KWD", 1_005),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("9999999999999.99", "GBP", 999_999_999_999_999),
        ("-9999999999999.99", "GBP", -999_999_999_999_999),
        ("999999999999999", "JPY", 999_999_999_999_999),
        ("999999999999.999", "KWD", 999_999_999_999_999),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, amount: int) -> None:
    assert minor_units(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *((text, "GBP") for text in ("", "-", ".", ".5", "2.", "-2.", "2.555", "2.55X", "2.5.5", "1,000", "1e3", "٣")),
        ("+1", "GBP"),
        ("--1", "GBP"),
        (" 1", "GBP"),
        ("ten", "GBP"),
        ("NaN", "GBP"),
        ("1.5", "JPY"),
        ("500.", "JPY"),
        ("10000000000000.00", "GBP"),
        ("1000000000000000", "JPY"),
        ("9" * 5_000, "GBP"),
    ],
)
def test_what_is_no_amount_is_refused_in_words(text: str, currency: str) -> None:
    with pytest.raises(BadInput) as refusal:
        minor_units(text, currency)
    assert str(refusal.value) == f"{text!r} is not an amount in whole minor units of {currency}; write it like 2.55."


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (255, "GBP", "2.55"),
        (5, "GBP", "0.05"),
        (0, "GBP", "0.00"),
        (-5, "GBP", "-0.05"),
        (123_456_789, "GBP", "1,234,567.89"),
        (1_234, "JPY", "1,234"),
        (1_234, "KRW", "1,234"),
        (1_005, "KWD", "1.005"),
        (1_005, "BHD", "1.005"),
        (1_005, "TND", "1.005"),
        (1_234, "XPF", "1,234"),
    ],
)
def test_an_amount_is_written_with_its_currency_s_digits(amount: int, currency: str, text: str) -> None:
    assert formatted(amount, currency) == text


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from(CURRENCIES))
def test_what_is_written_is_read_back(amount: int, currency: str) -> None:
    assert minor_units(formatted(amount, currency).replace(",", ""), currency) == amount


def test_every_amount_that_is_read_is_an_integer_that_json_carries_exactly() -> None:
    assert 10**MAX_DIGITS - 1 < 2**53
