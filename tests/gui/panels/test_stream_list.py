"""The list of all streams, and the totals, on a real store."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester

from explorer.domain.cart import OpenCart
from explorer.gui.panels.stream_list import StreamList
from tests.gui.stage import Stage


@pytest.fixture
def listed(on: Stage) -> StreamList:
    streams = on.put(StreamList, 500, 500)
    on.open()
    return streams


def texts(streams: StreamList, column: int) -> list[str]:
    return [streams.rows.page.index(row, column).data() for row in range(streams.rows.page.rowCount())]


def test_streams_of_all_categories_are_listed_the_youngest_first(listed: StreamList) -> None:
    assert texts(listed, 0)[:2] == ["cart-none", "cart-lena"]
    assert texts(listed, 1)[-2:] == ["product", "product"]
    assert texts(listed, 2)[-1] == "1"


def test_a_stream_is_chosen_by_mouse_and_by_key_and_followed(on: Stage, listed: StreamList) -> None:
    place = listed.rows.visualRect(listed.rows.page.index(1, 0)).center()
    on.after(lambda: QTest.mouseClick(listed.rows.viewport(), Qt.MouseButton.LeftButton, pos=place))
    assert on.looking.question.stream == "cart-lena"
    on.after(lambda: QTest.keyClick(listed.rows, Qt.Key.Key_Up))
    assert on.looking.question.stream == "cart-none"
    on.after(lambda: on.looking.choose_stream("product-22423"))
    assert listed.rows.current_key() == "product-22423"
    on.after(lambda: on.looking.command("cart-new", OpenCart("New", "")))
    assert listed.rows.current_key() == "product-22423"
    assert texts(listed, 0)[0] == "cart-new"


def test_words_narrow_the_list_and_clear_widens_it(on: Stage, listed: StreamList) -> None:
    on.after(lambda: QTest.keyClicks(listed.search, "coupon"))
    assert texts(listed, 0) == ["coupon-OLD", "coupon-TEN"]
    on.after(lambda: QTest.keyClicks(listed.search, "x"))
    assert listed.empty.words.text() == "No stream that had begun matches “couponx”."
    on.after(lambda: QTest.mouseClick(listed.empty.button, Qt.MouseButton.LeftButton))
    assert len(texts(listed, 0)) == 9


def test_in_the_past_younger_streams_are_not_there(on: Stage, listed: StreamList) -> None:
    on.after(lambda: on.looking.go_to(3))
    assert texts(listed, 0) == ["product-21212", "product-85123", "product-22423"]
    on.after(lambda: on.looking.go_to(0))
    assert "by this moment" in listed.empty.words.text()


def test_the_model_and_the_names(listed: StreamList, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(listed.rows.page)  # pyright: ignore[reportUnknownMemberType]
    assert listed.rows.accessibleName() == "Streams"
    assert listed.search.accessibleName() == "Search streams"
