"""Event text on a screen."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from explorer.application.history import ABSENT, Value
from explorer.gui.panels.plain import plain, short_stream, shown, tip, whole_stream


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Ünïcode – “fine” 🎁", "Ünïcode – “fine” 🎁"),
        ("a\x00b\tc\nd\x7f", "a␀b␉c␊d␡"),
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("\u2066x\u2069\u200b\ufeff", "[U+2066]x[U+2069][U+200B][U+FEFF]"),
        ("شكرا", "شكرا"),
        ("<b>", "<b>"),
    ],
)
def test_nothing_is_hidden(text: str, seen: str) -> None:
    assert plain(text) == seen


def test_very_long_text_is_cut() -> None:
    assert len(plain("x" * 1_000_000)) < 3_000


@pytest.mark.parametrize(
    ("stream", "short"),
    [
        ("cart-018f3c7a-0000-7000-8000-00000000abcd", "cart …abcd"),
        ("cart-536365", "cart 536365"),
        ("lonely", "lonely"),
        ("cart-", "cart "),
        ("a-\x00", "a ␀"),
    ],
)
def test_short_names_of_streams(stream: str, short: str) -> None:
    assert short_stream(stream) == short


def test_values() -> None:
    assert shown(1_275, "lines[sku=1].unit_price", "GBP") == "12.75"
    assert shown(1_275, "lines[sku=1].unit_price") == "1,275"
    assert shown(1_275, "quantity", "GBP") == "1,275"
    values: tuple[Value, ...] = (None, True, False, "", ABSENT, [], [1], {})
    assert [shown(value) for value in values] == [
        "none", "true", "false", "“”", "–", "0 items", "1 item", "{}",
    ]  # fmt: skip
    item: Value = {"sku": "22423", "line_total": 25, "quantity": 5, "unit_price": 5}
    assert shown(item, "lines[sku=22423]", "GBP") == "quantity 5, unit_price 0.05, line_total 0.25"
    assert shown(item, "lines[line=2]") == "quantity 5, unit_price 5, sku 22423, line_total 25"
    assert shown({"sku": "22423"}, "lines[sku=22423]") == "sku 22423"
    assert shown({"code": "TEN", "total": 5}, "coupon", "GBP") == "code TEN, total 0.05"


def test_a_tooltip_is_no_markup() -> None:
    assert "<b>" not in tip("<b>bold</b>\nsecond line")


def test_the_name_of_a_stream_is_not_broken_over_two_lines(qapp: QApplication) -> None:
    name = whole_stream("cart-018f0000-9f3a")
    assert name.replace("\u2060", "").replace("\u00a0", " ") == short_stream("cart-018f0000-9f3a") == "cart …9f3a"
    metrics = QFontMetrics(qapp.font())
    room = QRect(0, 0, metrics.horizontalAdvance("becomes true in cart …"), 1_000)
    wrapped = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), f"becomes true in {name}")
    assert wrapped.width() < metrics.horizontalAdvance("becomes true in cart")
    assert metrics.horizontalAdvance(name) == metrics.horizontalAdvance("cart …9f3a")
